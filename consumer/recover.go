package consumer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// ErrMemoryLost says that the store does not know a partition whose outputs are
// not empty: it forgot people, and with them perhaps a no. Nothing is decided
// until it is back.
var ErrMemoryLost = errors.New("the store has lost its memory of the partition: restore its data (nothing is decided meanwhile)")

// ErrMemoryBehind says that the log holds a batch that the store does not know:
// it was rolled back, by a failover or an old snapshot.
var ErrMemoryBehind = errors.New("the store is behind the log: it lost its last writes; restore its newest data (nothing is decided meanwhile)")

// recover acquires the partition's memory and brings the log to where it is.
//
// The store may be ahead of the log by one batch, the last: its owner died, or
// lost the partition, between committing and emitting. What of it has not
// landed is emitted now, byte for byte. The store must never be behind.
func (t *term) recover(ctx context.Context) error {
	held, err := t.cfg.Store.Acquire(ctx, t.partition, t.owner)
	if err != nil {
		return fmt.Errorf("acquire the partition: %w", err)
	}
	t.epoch, t.mark, t.heard = held.Epoch, held.Mark, held.Mark.Signals
	for _, w := range held.Waiting {
		t.governor.Await(w)
	}
	t.governor.HeardTo(t.heard)
	found, err := t.readBack(ctx)
	if err != nil {
		return err
	}
	switch {
	case !held.Known && found.used:
		return ErrMemoryLost
	case found.latest > t.mark.Batch:
		return fmt.Errorf("batch %d of the log against %d of the store: %w", found.latest, t.mark.Batch, ErrMemoryBehind)
	}
	pending, err := readOutbox(held.Outbox)
	if err != nil {
		return err
	}
	var missing []emission
	for i := range pending {
		if !found.landed[i] {
			missing = append(missing, pending[i])
		}
	}
	return t.emit(ctx, missing)
}

// landing is what was found in the outputs.
type landing struct {
	used   bool         // something was ever written to them
	latest int64        // the highest number of a batch
	landed map[int]bool // the places of the last batch's records
}

// readBack reads the outputs from where they ended before the last batch.
func (t *term) readBack(ctx context.Context) (landing, error) {
	found := landing{landed: make(map[int]bool)}
	for _, topic := range outputs() {
		slot := t.slot(topic)
		first, end, err := t.cfg.Log.Bounds(ctx, slot)
		if err != nil {
			return landing{}, fmt.Errorf("find the end of %s: %w", topic, err)
		}
		found.used = found.used || end > 0
		for at := max(first, t.mark.Tails[topic]); at < end; {
			f, err := t.cfg.Log.Fetch(ctx, slot, at, 0)
			if err != nil {
				return landing{}, fmt.Errorf("read %s back: %w", topic, err)
			}
			for i := range f.Records {
				found.note(&f.Records[i], t.mark.Batch)
			}
			if f.Next <= at {
				return landing{}, fmt.Errorf("read %s back: no progress at offset %d", topic, at)
			}
			at = f.Next
		}
	}
	return found, nil
}

func (l *landing) note(r *Record, last int64) {
	batch, index := number(r, HeaderBatch), number(r, HeaderIndex)
	l.latest = max(l.latest, batch)
	if batch == last {
		l.landed[int(index)] = true
	}
}

// number is a numeric header; -1 if it is not there, as in a record that
// somebody else wrote. The last of the name is ours: a dead letter has those that
// it came with before it.
func number(r *Record, header string) int64 {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == header {
			if n, err := strconv.ParseInt(string(r.Headers[i].Value), 10, 64); err == nil {
				return n
			}
		}
	}
	return -1
}
