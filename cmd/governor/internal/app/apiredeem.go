package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/schemas"
)

// answers reads the answers to workers as they come, for all who wait for one of a
// partition at once. It reads only while somebody waits.
type answers struct {
	reader  consumer.Reader
	slot    func(partition int32) consumer.Slot
	poll    time.Duration // how long one fetch waits for records
	again   time.Duration // the pause after an error
	ctx     context.Context
	end     context.CancelFunc
	reading sync.WaitGroup

	mu    sync.Mutex
	tails map[int32]*tail
}

// tail is the end of one partition's answers, as it grows.
type tail struct {
	from    chan struct{} // closed when it is known where the end was
	failed  error         // why it is not; set before
	waiting map[string]chan schemas.Redemption
}

func newAnswers(reader consumer.Reader, slot func(int32) consumer.Slot) *answers {
	ctx, end := context.WithCancel(context.Background())
	return &answers{
		reader: reader, slot: slot, poll: 500 * time.Millisecond, again: 50 * time.Millisecond,
		ctx: ctx, end: end, tails: make(map[int32]*tail),
	}
}

// close ends all reading. Whoever waits goes on until its time is over.
func (a *answers) close() {
	a.mu.Lock()
	a.end() // whoever comes later begins nothing
	a.mu.Unlock()
	a.reading.Wait()
}

// expect begins to wait for the answer to a question that nobody has asked yet: from
// when it returns on, no answer of the partition is missed. Whoever expects leaves.
func (a *answers) expect(ctx context.Context, partition int32, id string) (<-chan schemas.Redemption, error) {
	answer := make(chan schemas.Redemption, 1)
	a.mu.Lock()
	t := a.tails[partition]
	if t == nil {
		if a.ctx.Err() != nil {
			a.mu.Unlock()
			return nil, errClosing
		}
		t = &tail{from: make(chan struct{}), waiting: make(map[string]chan schemas.Redemption)}
		a.tails[partition] = t
		a.reading.Go(func() { a.follow(partition, t) })
	}
	t.waiting[id] = answer
	a.mu.Unlock()
	select {
	case <-t.from:
		return answer, t.failed
	case <-ctx.Done():
		return nil, errors.Join(api.ErrNoAnswer, ctx.Err())
	}
}

// leave ends waiting.
func (a *answers) leave(partition int32, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.tails[partition]; t != nil {
		delete(t.waiting, id)
	}
}

// follow reads answers until nobody waits for one.
func (a *answers) follow(partition int32, t *tail) {
	slot := a.slot(partition)
	_, next, err := a.reader.Bounds(a.ctx, slot)
	t.failed = err
	close(t.from)
	for err == nil {
		if a.nobody(partition) {
			return
		}
		var got consumer.Fetched
		got, err = a.reader.Fetch(a.ctx, slot, next, a.poll)
		if err == nil {
			a.tell(t, got.Records)
			next = got.Next
			continue
		}
		// Nobody is told on a guess: who waits for what was missed hears nothing, which is a no.
		if errors.Is(err, consumer.ErrOutOfRange) {
			if _, next, err = a.reader.Bounds(a.ctx, slot); err == nil {
				continue
			}
		}
		err = a.pause()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tails, partition)
}

// pause waits before it is tried again; it fails at the end.
func (a *answers) pause() error {
	select {
	case <-time.After(a.again):
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}

// nobody ends reading if nobody waits any more.
func (a *answers) nobody(partition int32) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tails[partition].waiting) > 0 {
		return false
	}
	delete(a.tails, partition)
	return true
}

// tell gives answers to those who wait for them.
func (a *answers) tell(t *tail, records []consumer.Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range records {
		answer, err := schemas.DecodeRedemption(records[i].Value)
		if err != nil {
			continue // not ours
		}
		if to := t.waiting[answer.ID]; to != nil {
			delete(t.waiting, answer.ID)
			to <- answer
		}
	}
}
