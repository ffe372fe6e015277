package refuse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
)

// Log is the log, as it is needed here.
type Log interface {
	// Partitions is how many there are, and PartitionOf where a key is, of so many.
	Partitions(ctx context.Context) (int32, error)
	PartitionOf(key []byte, partitions int32) int32

	// Append MUST return nil only when all replicas in sync have the record.
	Append(ctx context.Context, topic string, partition int32, record consumer.Record) error

	// Audit writes down what was said, and returns when it is acknowledged.
	Audit(ctx context.Context, s leave.Said) error

	// Bounds, Read and Follow read a partition.
	Bounds(ctx context.Context, topic string, partition int32) (first, end int64, err error)
	Read(ctx context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error
	Follow(ctx context.Context, topic string, partition int32, from int64, visit func(*consumer.Record) (enough bool, err error)) error
}

// Fate is what became of the refusal for one person.
type Fate struct {
	Person       rules.PersonID `json:"person"`
	Signal       rules.SignalID `json:"signal"` // the same again changes nothing
	Partition    int32          `json:"partition"`
	At           string         `json:"at"`
	Acknowledged bool           `json:"acknowledged"` // by all replicas in sync: it counts
	Audited      bool           `json:"audited"`
	Stands       bool           `json:"stands"`           // contact.standing has it
	Lifted       bool           `json:"lifted,omitempty"` // the signal was heard before, and a later yes covers it
	Other        bool           `json:"other,omitempty"`  // the signal was heard before, and refused something else
	Error        string         `json:"error,omitempty"`
}

// Good says whether there is nothing more to do.
func (f *Fate) Good(waited bool) bool {
	return f.Acknowledged && f.Audited && !f.Lifted && !f.Other && (f.Stands || !waited)
}

// Refusals brings wishes to the log.
type Refusals struct {
	Log   Log
	Clock func() time.Time
	Wait  time.Duration // for contact.standing to have them; 0: nothing is waited for

	// Told hears how many are done, of all that are to be done; one call at a time. It may
	// be nil.
	Told func(done, all int)
}

// workers is how many records are on their way at a time.
const workers = 64

// Refuse brings a wish that was checked to the log, and says what became of it, in the
// order of the people. The error is about all of it; what went wrong for one person is
// said of them.
func (r *Refusals) Refuse(ctx context.Context, w *Wish) ([]Fate, error) {
	n, err := r.Log.Partitions(ctx)
	if err != nil {
		return nil, err
	}
	if w.ID == "" {
		w.ID = NewID()
	}
	fates := make([]Fate, len(w.People))
	next := make(chan int)
	var working sync.WaitGroup
	var counting sync.Mutex
	done := 0
	for range min(workers, len(w.People)) {
		working.Go(func() {
			for i := range next {
				r.one(ctx, w, &fates[i], n, w.People[i])
				counting.Lock()
				done++
				if r.Told != nil {
					r.Told(done, len(fates))
				}
				counting.Unlock()
			}
		})
	}
	for i := range fates {
		next <- i
	}
	close(next)
	working.Wait()
	if r.Wait > 0 {
		r.await(ctx, w, fates)
	}
	return fates, nil
}

// one appends the refusal of one person, and writes that down.
func (r *Refusals) one(ctx context.Context, w *Wish, f *Fate, partitions int32, person rules.PersonID) {
	at := rules.At(r.Clock())
	id, value := w.signal(person, at)
	*f = Fate{Person: person, Signal: id, Partition: r.Log.PartitionOf([]byte(person), partitions), At: at.String()}
	record := consumer.Record{Key: []byte(person), Value: value}
	for _, h := range [...]consumer.Header{{Key: HeaderReason, Value: []byte(w.Reason)}, {Key: HeaderBy, Value: []byte(w.By)}} {
		if len(h.Value) > 0 {
			record.Headers = append(record.Headers, h)
		}
	}
	err := ctx.Err()
	if err == nil {
		err = r.Log.Append(ctx, governor.Signals, f.Partition, record)
	}
	f.Acknowledged = err == nil
	// Whoever interrupts has said no all the same.
	audit := r.Log.Audit(context.WithoutCancel(ctx), leave.Said{By: w.By, Action: leave.Refuse, Person: string(person), Signal: string(id), Stored: f.Acknowledged})
	f.Audited = audit == nil
	switch {
	case err != nil:
		f.Error = errors.Join(errUnknown, err).Error()
	case audit != nil:
		f.Error = fmt.Errorf("it is acknowledged, but not the record of %s: repeat it with the same --id: %w", "contact.audit", audit).Error()
	}
}

var errUnknown = errors.New("it was not acknowledged, so nobody knows whether it counts: repeat it with the same --id until it is")
