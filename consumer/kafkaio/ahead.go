package kafkaio

import (
	"context"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// ahead is a fetch that was begun before its records were asked for. Its slot's
// buffers are its own until they are.
type ahead struct {
	from   int64
	buffer *slotBuffer
	stop   context.CancelFunc
	done   chan struct{} // closed when the rest is there
	got    consumer.Fetched
	err    error
}

var _ consumer.Waiter = (*Reader)(nil)

// Wait implements consumer.Waiter. It fetches from both places at once, and keeps what
// came for the next Fetch from there; of a place where nothing has come yet the fetch
// goes on, until ctx ends or its time is over.
func (r *Reader) Wait(ctx context.Context, maxWait time.Duration, one, other consumer.Place) {
	a, b := r.begin(ctx, one, maxWait), r.begin(ctx, other, maxWait)
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	for {
		select {
		case <-a.over():
			if a.brought() {
				return
			}
			a = r.again(ctx, one, maxWait, a)
		case <-b.over():
			if b.brought() {
				return
			}
			b = r.again(ctx, other, maxWait, b)
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// again begins anew where nothing came in time, or nil where something is wrong: that
// can wait for the next Wait.
func (r *Reader) again(ctx context.Context, p consumer.Place, maxWait time.Duration, a *ahead) *ahead {
	if a.err != nil {
		return nil
	}
	return r.begin(ctx, p, maxWait)
}

// over is closed when it is done; it never is of nil.
func (a *ahead) over() <-chan struct{} {
	if a == nil {
		return nil
	}
	return a.done
}

// brought says, of one that is done, whether there is something to ask for. What went
// wrong is not: nobody may ever ask for it, and whoever waits would wait no more.
func (a *ahead) brought() bool { return a.err == nil && a.got.Next > a.from }

// spent says whether it is done and brought nothing.
func (a *ahead) spent() bool {
	select {
	case <-a.done:
		return !a.brought()
	default:
		return false
	}
}

// begin begins a fetch from the place, unless one is under way or has brought something.
func (r *Reader) begin(ctx context.Context, p consumer.Place, maxWait time.Duration) *ahead {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.begun[p.Slot]; a != nil {
		if a.from == p.From && !a.spent() {
			return a
		}
		a.stop() // the slot is read from elsewhere now
	}
	ctx, stop := context.WithCancel(ctx)
	end := context.AfterFunc(r.client.closed, stop)
	a := &ahead{from: p.From, buffer: r.takeLocked(p.Slot), stop: stop, done: make(chan struct{})}
	r.begun[p.Slot] = a
	r.client.begun.Go(func() {
		defer stop()
		defer end()
		defer close(a.done)
		if a.err = ctx.Err(); a.err == nil {
			a.got, a.err = r.fetchFrom(ctx, a.buffer, p.Slot, p.From, maxWait)
		}
	})
	return a
}

// fetched hands out what was begun, if it is from there, and waits for it up to
// maxWait. It is false where nothing was begun, or where what was begun brought
// nothing and there is time to ask again. What does not come in time goes on.
func (r *Reader) fetched(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error, bool) {
	r.mu.Lock()
	a := r.begun[slot]
	r.mu.Unlock()
	if a == nil {
		return consumer.Fetched{}, nil, false
	}
	if a.from == from && !a.wait(ctx, maxWait) {
		return consumer.Fetched{Next: from, Stable: from}, ctx.Err(), true
	}
	r.mu.Lock()
	delete(r.begun, slot)
	r.mu.Unlock()
	if a.from != from {
		a.stop()
		return consumer.Fetched{}, nil, false
	}
	r.give(slot, a.buffer)
	if a.err == nil && a.got.Next == from && maxWait > 0 {
		return consumer.Fetched{}, nil, false
	}
	return a.got, a.err, true
}

// wait says whether it is done within the time.
func (a *ahead) wait(ctx context.Context, most time.Duration) bool {
	select {
	case <-a.done:
		return true
	default:
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-a.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
