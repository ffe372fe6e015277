package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// forgetfulStore is a store that can be put back to an earlier batch, as a
// failover or an old snapshot would do, or lose everything.
type forgetfulStore struct {
	mu      sync.Mutex
	now     *memstate.Store
	batches []state.Batch
}

func newForgetfulStore() *forgetfulStore { return &forgetfulStore{now: memstate.New()} }

func (s *forgetfulStore) store() *memstate.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *forgetfulStore) Acquire(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	return s.store().Acquire(ctx, partition, owner)
}

func (s *forgetfulStore) Load(ctx context.Context, partition int32, people []rules.PersonID) ([]state.Memory, error) {
	return s.store().Load(ctx, partition, people)
}

func (s *forgetfulStore) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	return s.store().Totals(ctx, partitions, campaigns)
}

func (s *forgetfulStore) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.now.Commit(ctx, partition, b)
	if err == nil {
		for len(s.batches) > 0 && s.batches[len(s.batches)-1].Mark.Batch >= b.Mark.Batch {
			s.batches = s.batches[:len(s.batches)-1] // numbers may be skipped, but never come again
		}
		s.batches = append(s.batches, *b)
		last := &s.batches[len(s.batches)-1]
		last.Outbox = cloneBytes(b.Outbox)
		last.People = append([]state.Change(nil), b.People...)
		for i := range last.People {
			last.People[i].Memory.Log = cloneBytes(b.People[i].Memory.Log)
		}
		last.Waiting = append([]state.Waiting(nil), b.Waiting...)
		last.Totals = append([]state.Total(nil), b.Totals...)
	}
	return err
}

// backTo is the store as it was after n batches.
func (s *forgetfulStore) backTo(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = memstate.New()
	for _, b := range s.batches[:n] {
		if _, err := s.now.Acquire(context.Background(), 0, b.Owner); err != nil {
			panic(err)
		}
		if err := s.now.Commit(context.Background(), 0, &b); err != nil {
			panic(err)
		}
	}
}

func (s *forgetfulStore) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.batches)
}

// "A Redis that lost its tail, or everything, is noticed by its watermark and
// repaired from the log" (design). The store loses everything, or its last
// batches, behind a worker's back or while nobody is there. What the log says was
// decided is recalled and not decided again, and the story ends as if nothing had
// been.
func TestAStoreThatForgetsIsRepairedFromTheLog(t *testing.T) {
	s := lifeOfAna()
	want, _ := undisturbed(t, s)
	const when = 9 // phases have been told when it forgets
	whole := newForgetfulStore()
	st := newStage(s[:when], whole)
	st.play(t, st.enter(nil), nil)
	batches := whole.size()
	if batches < when-2 {
		t.Fatalf("%d batches in %d phases", batches, when)
	}
	for kept := range batches {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d of %d batches left, restart %v", kept, batches, restart), func(t *testing.T) {
				store := newForgetfulStore()
				st := newStage(s, store)
				forgot := false
				var w watcher
				tell := func() *fakeProcess {
					p := st.enter(nil)
					inner := p.idle
					p.idle = func() {
						if st.next == when && st.asked >= 2 && !forgot {
							forgot = true
							store.backTo(kept)
							if restart {
								p.kill()
								return
							}
						}
						inner()
					}
					p.before = func(op string) {
						if op == opFetchIntents {
							st.asked++
						}
					}
					return p
				}
				for !st.play(t, tell(), &w) {
				}
				sameSubstance(t, st, want)
			})
		}
	}
}

// sameSubstance wants every answer, revocation and dead letter to be there once,
// with the bytes that it has without a fault, and the same to stand for everybody
// in the end. The numbers of batches differ, and what stands may be told again.
func sameSubstance(t *testing.T, st *stage, want map[string][]string) {
	t.Helper()
	h := st.log.history(true)
	report(t, h.check())
	got, _ := h.outputs()
	if diff := cmp.Diff(substance(want), substance(got)); diff != "" {
		t.Errorf("other records than without it (-want +got):\n%s", diff)
	}
}

func substance(outputs map[string][]string) map[string][]string {
	numbers := regexp.MustCompile(` (governor_(batch|index|signals)|ce_id)=\S+`)
	out := make(map[string][]string)
	for topic, lines := range outputs {
		last := make(map[string]string) // of the standings, by person
		for _, line := range lines {
			line = numbers.ReplaceAllString(line, "")
			if person, _, _ := strings.Cut(line, " "); topic == governor.Standing {
				line, _, _ = strings.Cut(line, " ce_")
				last[person] = line
			} else {
				out[topic] = append(out[topic], line)
			}
		}
		for _, line := range last {
			out[topic] = append(out[topic], line)
		}
		slices.Sort(out[topic])
	}
	return out
}

// Retention, or a topic that was made anew, has taken what the worker has not
// read: that is held and told, and never skipped (ErrOutOfRange).
func TestWhatIsNoLongerThereIsNotSkipped(t *testing.T) {
	for _, topic := range []string{governor.Intents, governor.Signals} {
		t.Run(topic, func(t *testing.T) {
			log, store, c, w := newFakeLog(), memstate.New(), newClock(noon), &watcher{}
			log.publish(signal("s0", "ana", "conversation", noon, "channel:call"), intent("i0", "ana", "email", "marketing", noon))
			first := newFakeProcess(log, store)
			running := start(t, config(first, c, nil), first)
			until(t, "it decides", func() bool { return log.size(governor.Approved) == 1 })
			first.kill()
			running.wait()

			log.publish(signal("no", "ana", "refusal", noon), intent("i1", "ana", "email", "marketing", noon), intent("i2", "ana", "email", "marketing", noon))
			log.publish(signal("s1", "ana", "conversation", noon, "channel:call"))
			log.mu.Lock()
			log.first[slot(topic)] = 2
			log.mu.Unlock()
			second := newFakeProcess(log, store)
			start(t, config(second, c, w), second)
			until(t, "it holds", func() bool { return w.count("held") > 3 })
			if !errors.Is(w.why(), consumer.ErrOutOfRange) {
				t.Errorf("it said: %v", w.why())
			}
			if n := log.size(governor.Approved); n != 1 {
				t.Errorf("%d approvals", n)
			}
		})
	}
}

// The first governor of a deployment meets topics that have been there for long:
// what retention took before it began is nobody's loss.
func TestBeginningOnOldTopics(t *testing.T) {
	log, c, w := newFakeLog(), newClock(noon), &watcher{}
	log.publish(intent("i0", "ana", "email", "marketing", noon), signal("s0", "ana", "conversation", noon, "channel:call"))
	log.publish(intent("i1", "ana", "email", "marketing", noon), signal("no", "ben", "refusal", noon))
	log.first[slot(governor.Intents)], log.first[slot(governor.Signals)] = 1, 1
	p := newFakeProcess(log, memstate.New())
	start(t, config(p, c, w), p)
	until(t, "it decides or holds", func() bool { return log.size(governor.Approved) == 1 || w.count("held") > 3 })
	if why := w.why(); why != nil {
		t.Errorf("it holds: %v", why)
	}
}

// "Run … lets every worker finish the batch that it has under way": who is told
// to stop in the middle of a batch emits it, commits it, and only then leaves; on
// every partition.
func TestAStopFinishesTheBatch(t *testing.T) {
	log, c := newFakeLog(), newClock(noon)
	store := memstate.New()
	p := newFakeProcess(log, store, 0, 1, 2)
	var stopping sync.WaitGroup
	stopping.Add(3)
	slow := make(chan struct{})
	p.before = func(op string) {
		if op == opProduce {
			stopping.Done()
			<-slow
		}
	}
	for n := range int32(3) {
		in := intent("i", fmt.Sprint("p", n), "email", "marketing", noon)
		log.append(consumer.Slot{Topic: in.topic, Partition: n}, in.Record)
	}
	cfg := config(p, c, nil)
	cfg.Partitions = 3
	running := start(t, cfg, p)
	stopping.Wait() // every partition is between its commit and its emission
	running.stop()
	time.Sleep(10 * time.Millisecond) // whoever does not wait is gone by now; it decides nothing
	close(slow)
	running.wait()
	if running.err != nil {
		t.Errorf("Run: %v", running.err)
	}
	for n := range int32(3) {
		if _, end := log.bounds(consumer.Slot{Topic: governor.Approved, Partition: n}); end != 1 {
			t.Errorf("partition %d: %d approvals, not the one that was under way", n, end)
		}
		if got := log.committed[consumer.Slot{Topic: governor.Intents, Partition: n}]; got != 1 {
			t.Errorf("partition %d: the group's offset is %d", n, got)
		}
	}
}

// A worker that hangs does not keep the process from ending: Grace is over at
// some time.
func TestAStopDoesNotWaitForEver(t *testing.T) {
	log, c := newFakeLog(), newClock(noon)
	p := newFakeProcess(log, memstate.New())
	hung := make(chan struct{})
	p.decide = func(op string, _, _ int) fate {
		if op == opCommit {
			close(hung)
			return stalls // ends with the generation, that is when the group is left
		}
		return goesWell
	}
	log.publish(intent("i", "ana", "email", "marketing", noon))
	cfg := config(p, c, nil)
	cfg.Grace = 10 * time.Millisecond
	running := start(t, cfg, p)
	<-hung
	running.stop()
	running.wait()
}

// A configuration that lacks something says what (consumer.New).
func TestIncompleteConfiguration(t *testing.T) {
	_, err := consumer.New(consumer.Config{})
	if !errors.Is(err, consumer.ErrConfig) {
		t.Errorf("New: %v", err)
	}
	p := newFakeProcess(newFakeLog(), memstate.New())
	cfg := config(p, newClock(noon), nil)
	cfg.Group = nil
	c, err := consumer.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if err := c.Run(t.Context()); !errors.Is(err, consumer.ErrConfig) {
		t.Errorf("Run: %v", err)
	}
}

// The checker is checked: each of these bugs, put into a good history, is found,
// under its own name.
func TestTheCheckerFindsSeededBugs(t *testing.T) {
	good := func() *history {
		st := newStage(lifeOfAna(), memstate.New())
		st.play(t, st.enter(nil), nil)
		return st.log.history(true)
	}
	if found := good().check(); len(found) > 0 {
		t.Fatalf("a good history: %v", found)
	}
	find := func(h *history, topic, what string) *entry {
		for i, e := range h.topics[topic] {
			if strings.Contains(string(e.value), what) {
				return &h.topics[topic][i]
			}
		}
		t.Fatalf("no %s in %s", what, topic)
		return nil
	}
	alter := func(e *entry, from, to string) {
		e.value = []byte(strings.Replace(string(e.value), from, to, 1))
		e.ready()
	}
	for name, tc := range map[string]struct {
		seed func(h *history)
		want string
	}{
		"an approval was lost": {func(h *history) { h.topics["contact.approved"] = h.topics["contact.approved"][1:] }, "I5 lost-intent"},
		"a copy differs": {func(h *history) {
			e := h.topics["contact.approved"][0]
			alter(&e, `"verdict"`, ` "verdict"`)
			h.topics["contact.approved"] = append(h.topics["contact.approved"], e)
		}, "I4 divergent"},
		"decided twice": {func(h *history) {
			e := h.topics["contact.approved"][0]
			e.decode()
			alter(&e, e.decoded.ID, "d-other")
			h.topics["contact.approved"] = append(h.topics["contact.approved"], e)
		}, "I4 duplicate"},
		"approved after a no": {func(h *history) {
			e := *find(h, "contact.vetoed", `"reason":"refused.state"`)
			h.topics["contact.approved"] = append(h.topics["contact.approved"], e)
		}, "I1 approval-after-refusal"},
		"over the cap": {func(h *history) {
			e := *find(h, "contact.vetoed", `"reason":"cap.sms"`)
			e.offset = 1000
			h.topics["contact.approved"] = append(h.topics["contact.approved"], e)
		}, "I3 cap-exceeded"},
		"a dead letter was touched": {func(h *history) { h.topics["contact.deadletter"][0].value = []byte("{}") }, "I12 altered"},
		"a dead letter of a good record": {func(h *history) {
			for i := range h.topics["contact.intents"] {
				h.topics["contact.intents"][i].poison = false
			}
		}, "I12 wronged"},
		"a batch out of order": {func(h *history) {
			a := h.topics["contact.approved"]
			a[0], a[len(a)-1] = a[len(a)-1], a[0]
		}, "order"},
		"time goes back": {func(h *history) {
			v := h.topics["contact.vetoed"]
			alter(&v[len(v)-1], "2026-05-1", "2026-04-1")
		}, "time"},
	} {
		t.Run(name, func(t *testing.T) {
			h := good()
			tc.seed(h)
			found := h.check()
			for _, v := range found {
				if strings.HasPrefix(v, tc.want) {
					return
				}
			}
			t.Errorf("wanted %q, found %v", tc.want, found)
		})
	}
}
