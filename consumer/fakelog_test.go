package consumer_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// fakeLog is a log in memory. It loses nothing and fails nothing: what goes
// wrong goes wrong in the process (fakeProcess) between it and the worker.
//
// It is stricter than a broker where a broker would let a mistake pass: what a
// fetch returned is scribbled over by the next fetch of the same slot.
type fakeLog struct {
	mu        sync.Mutex
	slots     map[consumer.Slot][]logged
	committed map[consumer.Slot]int64 // the group's offsets
	first     map[consumer.Slot]int64 // what retention has left; 0 where it took nothing
	order     int64                   // of appends, over all slots
	appended  chan struct{}           // closed and made anew by every append
	atOnce    int                     // most records of one fetch
	largest   int                     // most bytes of one record; 0: any
	poison    map[string]bool         // positions of records that nobody can read
}

// logged is a record, and when it was appended in relation to all others.
type logged struct {
	consumer.Record
	order int64
}

func newFakeLog() *fakeLog {
	return &fakeLog{
		slots: make(map[consumer.Slot][]logged), committed: make(map[consumer.Slot]int64),
		first: make(map[consumer.Slot]int64), poison: make(map[string]bool), appended: make(chan struct{}), atOnce: 1000,
	}
}

// append adds records to a slot, copied, and returns the offset of the first.
func (l *fakeLog) append(slot consumer.Slot, records ...consumer.Record) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := int64(len(l.slots[slot]))
	for _, r := range records {
		r = cloneRecord(r)
		r.Offset = int64(len(l.slots[slot]))
		l.order++
		l.slots[slot] = append(l.slots[slot], logged{r, l.order})
	}
	close(l.appended)
	l.appended = make(chan struct{})
	return from
}

// read returns up to atOnce records from an offset on, and the end.
func (l *fakeLog) read(slot consumer.Slot, from int64) ([]consumer.Record, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.slots[slot]
	if from < l.first[slot] || from > int64(len(all)) {
		return nil, 0, fmt.Errorf("%s/%d at %d: %w", slot.Topic, slot.Partition, from, consumer.ErrOutOfRange)
	}
	var out []consumer.Record
	for _, r := range all[from:min(int(from)+l.atOnce, len(all))] {
		out = append(out, cloneRecord(r.Record))
	}
	return out, int64(len(all)), nil
}

// wait returns when something was appended after the call, or ctx or the time
// ended.
func (l *fakeLog) wait(ctx context.Context, most time.Duration) {
	l.mu.Lock()
	appended := l.appended
	l.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-appended:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (l *fakeLog) bounds(slot consumer.Slot) (first, end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first[slot], int64(len(l.slots[slot]))
}

func (l *fakeLog) records(slot consumer.Slot) []logged {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.slots[slot])
}

// size is how many records there are on a topic's partition 0.
func (l *fakeLog) size(topic string) int {
	_, end := l.bounds(slot(topic))
	return int(end)
}

func (l *fakeLog) commit(next map[consumer.Slot]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for slot, offset := range next {
		l.committed[slot] = max(l.committed[slot], offset)
	}
}

func cloneRecord(r consumer.Record) consumer.Record {
	r.Key, r.Value = cloneBytes(r.Key), cloneBytes(r.Value)
	headers := make([]consumer.Header, 0, len(r.Headers))
	for _, h := range r.Headers {
		headers = append(headers, consumer.Header{Key: h.Key, Value: cloneBytes(h.Value)})
	}
	r.Headers = headers
	return r
}

// cloneBytes keeps nil apart from empty.
func cloneBytes(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// scribble overwrites what a fetch returned.
func scribble(records []consumer.Record) {
	for _, r := range records {
		clear(r.Key)
		clear(r.Value)
		for _, h := range r.Headers {
			clear(h.Value)
		}
	}
}
