package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/redisstate"
)

// planted is a fault in the governors' parts, and what the checker must say of it
// within so many seeds.
type planted struct {
	name   string
	plant  plant
	caught string // the beginning of a breach
	within int
}

// faultyParts are all that are planted.
func faultyParts() []planted {
	return []planted{
		{"a store that takes a batch from anybody", plant{store: anybodys, only: []string{"a governor falls asleep", "the coordinators move"}}, "I4", 4},
		{"a store that loses one person of a batch", plant{store: leaky}, "I", 4},
		{"a store that hides its clock", plant{store: clockless, only: []string{"a clock jumps", "a governor is killed"}}, "time", 4},
		{"a store that forgets the outbox", plant{store: boxless, only: []string{"answers of Redis get lost", "a topic takes nothing for a while"}}, "I5", 4},
		{"a store that forgets the rates", plant{store: rateless, only: []string{"a governor is killed", "a governor falls asleep"}}, "rates", 4},
		{"a Redis that forgets what stands for a person", plant{memory: forgets}, "I1", 4},
		{"a writer that drops a record", plant{writer: drops}, "I5", 4},
		{"a writer that says that all is well", plant{writer: flatters, only: []string{"a topic takes nothing for a while"}}, "I5", 4},
		{"a log that tells of the end of the signals too late", plant{log: lags}, "I1", 4},
		{"a log that does not show what was written", plant{log: blind, only: []string{"Redis loses its tail", "Redis is emptied"}}, "I4", 4},
		{"a log that skips a record", plant{log: skips}, "I5", 4},
	}
}

// A check that cannot fail shows nothing: each fault that is planted in the stack is
// caught, by the invariant that it breaks.
func TestPlantedFaultsAreCaught(t *testing.T) {
	if racing {
		t.Skip("it is the checker that is tested here, in one goroutine")
	}
	for _, p := range faultyParts() {
		t.Run(strings.ReplaceAll(p.name, " ", "-"), func(t *testing.T) {
			for seed := range uint64(p.within) {
				o := simulate(t, seed, 90*time.Second, p.plant)
				for _, b := range o.breaches {
					if strings.HasPrefix(b, p.caught) {
						t.Logf("caught by seed %d: %.200s", seed, b)
						return
					}
				}
				t.Logf("seed %d: %.300q %s", seed, o.breaches, o.stuck)
			}
			t.Errorf("not caught by %d seeds", p.within)
		})
	}
}

// What is no fault that anybody outside could see is none: a batch that was reported
// as kept, and was not, is found out and mended from the log.
func TestABatchThatWasNotKeptIsMended(t *testing.T) {
	if racing {
		t.Skip("it is tested without the race detector")
	}
	o := simulate(t, 1, 2*time.Minute, plant{store: boastful})
	for _, wrong := range o.wrong() {
		t.Error(wrong)
	}
}

// What is not promised, so that nobody thinks it is: while an emission of somebody who
// died is on its way into the log, Redis must not lose the batch. Kafka would have to
// fence the dead for that. If this is not seen any more, lose need not wait.
func TestALateEmissionOfABatchThatRedisLostIsBeyondUs(t *testing.T) {
	if setting(t, "GOVERNOR_SIMULATION_BEYOND", 0) == 0 {
		t.Skip("GOVERNOR_SIMULATION_BEYOND=1 shows it")
	}
	for seed := range uint64(20) {
		o := simulate(t, seed, 4*time.Minute, plant{only: []string{"a governor is killed while it emits", "Redis loses its tail"}, beyond: true})
		for _, b := range o.breaches {
			t.Logf("seed %d: %.500s", seed, b)
		}
		if len(o.breaches) > 0 {
			return
		}
	}
	t.Error("not seen in 20 seeds")
}

// every is true each nth time.
func every(n int64) func() bool {
	var count atomic.Int64
	return func() bool { return count.Add(1)%n == 0 }
}

// faulty is a store that does something else on commit or when it is acquired.
type faulty struct {
	*redisstate.Store
	commit  func(ctx context.Context, partition int32, b *state.Batch) error
	acquire func(h *state.Holding)
}

func (f *faulty) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	if f.commit == nil {
		return f.Store.Commit(ctx, partition, b)
	}
	return f.commit(ctx, partition, b)
}

func (f *faulty) Acquire(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	h, err := f.Store.Acquire(ctx, partition, owner)
	if f.acquire != nil {
		f.acquire(&h)
	}
	return h, err
}

func anybodys(s *redisstate.Store, client *redis.Client) state.Store {
	return &faulty{Store: s, commit: func(ctx context.Context, partition int32, b *state.Batch) error {
		before := b.Mark.Batch - 1 - b.Skips
		if err := client.HSet(ctx, fmt.Sprintf("{p%d}:meta", partition), "owner", b.Owner, "batch", before).Err(); err != nil {
			return err
		}
		return s.Commit(ctx, partition, b)
	}}
}

func leaky(s *redisstate.Store, _ *redis.Client) state.Store {
	now := every(10)
	return &faulty{Store: s, commit: func(ctx context.Context, partition int32, b *state.Batch) error {
		if less := *b; len(b.People) > 0 && now() {
			less.People = b.People[1:]
			b = &less
		}
		return s.Commit(ctx, partition, b)
	}}
}

func clockless(s *redisstate.Store, _ *redis.Client) state.Store { return struct{ state.Store }{s} }

func boxless(s *redisstate.Store, _ *redis.Client) state.Store {
	return &faulty{Store: s, acquire: func(h *state.Holding) { h.Outbox = nil }}
}

func rateless(s *redisstate.Store, _ *redis.Client) state.Store {
	return &faulty{Store: s, acquire: func(h *state.Holding) { h.Rates = nil }}
}

func boastful(s *redisstate.Store, _ *redis.Client) state.Store {
	now := every(20)
	return &faulty{Store: s, commit: func(ctx context.Context, partition int32, b *state.Batch) error {
		if now() {
			return nil
		}
		return s.Commit(ctx, partition, b)
	}}
}

func forgets(w *world) {
	chance := rand.New(rand.NewPCG(7, 7))
	for w.sleep(5 * time.Second) {
		person := rules.PersonID(fmt.Sprint("p", chance.IntN(people)))
		w.memory.client.Del(context.Background(), fmt.Sprintf("{p%d}:no:%s", home([]byte(person)), person))
	}
}

// faultyWriter does something else.
type faultyWriter struct {
	consumer.Writer
	produce func(ctx context.Context, batch []consumer.Append) error
}

func (f *faultyWriter) Produce(ctx context.Context, batch []consumer.Append) error {
	return f.produce(ctx, batch)
}

func drops(w consumer.Writer) consumer.Writer {
	return &faultyWriter{w, func(ctx context.Context, batch []consumer.Append) error {
		for i := range batch {
			if batch[i].Topic == governor.Vetoed && len(batch[i].Records) > 5 {
				batch[i].Records = batch[i].Records[1:]
			}
		}
		return w.Produce(ctx, batch)
	}}
}

func flatters(w consumer.Writer) consumer.Writer {
	return &faultyWriter{w, func(ctx context.Context, batch []consumer.Append) error {
		_ = w.Produce(ctx, batch)
		return nil
	}}
}

// faultyLog does something else.
type faultyLog struct {
	consumer.Reader
	fetched func(slot consumer.Slot, f *consumer.Fetched)
	bounds  func(slot consumer.Slot, first, stable int64) (int64, int64)
}

func (f *faultyLog) Fetch(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	got, err := f.Reader.Fetch(ctx, slot, from, maxWait)
	if err == nil && f.fetched != nil {
		f.fetched(slot, &got)
	}
	return got, err
}

func (f *faultyLog) Bounds(ctx context.Context, slot consumer.Slot) (first, stable int64, err error) {
	first, stable, err = f.Reader.Bounds(ctx, slot)
	if err == nil && f.bounds != nil {
		first, stable = f.bounds(slot, first, stable)
	}
	return first, stable, err
}

func lags(r consumer.Reader) consumer.Reader {
	type seen struct {
		end int64
		at  time.Time
	}
	var mu sync.Mutex
	last := make(map[consumer.Slot]seen)
	return &faultyLog{Reader: r, bounds: func(slot consumer.Slot, first, stable int64) (int64, int64) {
		if slot.Topic != governor.Signals {
			return first, stable
		}
		mu.Lock()
		defer mu.Unlock()
		if s, known := last[slot]; known && time.Since(s.at) < 3*time.Second {
			return first, s.end
		}
		last[slot] = seen{stable, time.Now()}
		return first, stable
	}}
}

func blind(r consumer.Reader) consumer.Reader {
	return &faultyLog{Reader: r, bounds: func(slot consumer.Slot, first, stable int64) (int64, int64) {
		if slot.Topic == governor.Signals || slot.Topic == governor.Intents {
			return first, stable
		}
		return stable, stable
	}}
}

func skips(r consumer.Reader) consumer.Reader {
	now := every(20)
	return &faultyLog{Reader: r, fetched: func(slot consumer.Slot, f *consumer.Fetched) {
		if slot.Topic == governor.Intents && len(f.Records) > 1 && now() {
			f.Records = f.Records[1:]
		}
	}}
}
