package deadletters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// Log is the log, as it is needed here.
type Log interface {
	// Partitions is how many there are, and PartitionOf where a key is, of so many.
	Partitions(ctx context.Context) (int32, error)
	PartitionOf(key []byte, partitions int32) int32

	// Append MUST return nil only when all replicas in sync have the record.
	Append(ctx context.Context, topic string, partition int32, record consumer.Record) error

	// Audit writes down what was done, and returns when it is acknowledged.
	Audit(ctx context.Context, s leave.Said) error

	// Bounds and Read read a partition, the records as they were written.
	Bounds(ctx context.Context, topic string, partition int32) (first, end int64, err error)
	Read(ctx context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error

	// Plain makes of a record what the governor reads: of one that a schema registry
	// framed, JSON. What cannot be turned stays as it is.
	Plain(ctx context.Context, topic string, r *consumer.Record) error
}

// Box is where the dead letters are.
type Box struct {
	Log    Log
	Policy *rules.Policy // by which it is seen whether a letter would be read now
	Clock  func() time.Time
	Told   func(done, all int64) // hears how many records were read; it may be nil
}

// ErrNone says that there is no such letter.
var ErrNone = errors.New("there is no such dead letter")

// Each visits all letters that are kept, partition by partition, the oldest first.
func (b *Box) Each(ctx context.Context, visit func(*Letter) error) error {
	n, err := b.Log.Partitions(ctx)
	if err != nil {
		return err
	}
	first, end := make([]int64, n), make([]int64, n)
	var all, done int64
	for p := range n {
		if first[p], end[p], err = b.Log.Bounds(ctx, governor.DeadLetter, p); err != nil {
			return err
		}
		all += end[p] - first[p]
	}
	for p := range n {
		if err := b.Log.Read(ctx, governor.DeadLetter, p, first[p], end[p], func(r *consumer.Record) error {
			done++
			b.tell(done, all)
			l, err := b.open(ctx, r, p, n)
			if err != nil {
				return err
			}
			return visit(l)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (b *Box) open(ctx context.Context, r *consumer.Record, partition, partitions int32) (*Letter, error) {
	plain := *r
	if err := b.Log.Plain(ctx, governor.DeadLetter, &plain); err != nil {
		return nil, err
	}
	l := Open(r, plain.Value, partition, partitions, b.Log.PartitionOf)
	return &l, nil
}

func (b *Box) tell(done, all int64) {
	if b.Told != nil {
		b.Told(done, all)
	}
}

// Get finds the letter at a place; ErrNone where there is none.
func (b *Box) Get(ctx context.Context, at Place) (*Letter, error) {
	n, err := b.Log.Partitions(ctx)
	if err != nil {
		return nil, err
	}
	if at.Partition >= n {
		return nil, fmt.Errorf("%w as %s: the partitions are 0 to %d", ErrNone, at, n-1)
	}
	first, end, err := b.Log.Bounds(ctx, governor.DeadLetter, at.Partition)
	if err != nil {
		return nil, err
	}
	if at.Offset < first || at.Offset >= end {
		return nil, fmt.Errorf("%w as %s: of partition %d the letters before %d are not kept any more, and those from %d on are not written yet", ErrNone, at, at.Partition, first, end)
	}
	var found *Letter
	err = b.Log.Read(ctx, governor.DeadLetter, at.Partition, at.Offset, at.Offset+1, func(r *consumer.Record) error {
		if r.Offset == at.Offset {
			found, err = b.open(ctx, r, at.Partition, n)
			return err
		}
		return nil
	})
	if err == nil && found == nil {
		err = fmt.Errorf("%w as %s: nothing is at that offset", ErrNone, at)
	}
	return found, err
}

// whole is the letter with all that it was: of one that was cut, what its source still
// has.
func (b *Box) whole(ctx context.Context, l *Letter) (*Letter, error) {
	if !l.Cut() {
		return l, nil
	}
	first, end, err := b.Log.Bounds(ctx, l.From.Topic, l.From.Partition)
	if err != nil {
		return nil, err
	}
	if l.From.Offset < first || l.From.Offset >= end {
		return nil, fmt.Errorf("the letter has only the beginning of it, and %s does not have it any more: ask its sender to send it again", l.From)
	}
	out := *l
	err = b.Log.Read(ctx, l.From.Topic, l.From.Partition, l.From.Offset, l.From.Offset+1, func(r *consumer.Record) error {
		if r.Offset == l.From.Offset {
			out.Key, out.Value, out.Plain, out.Headers, out.Bytes = clone(r.Key), clone(r.Value), clone(r.Value), nil, 0
			for _, h := range r.Headers {
				out.Headers = append(out.Headers, consumer.Header{Key: h.Key, Value: clone(h.Value)})
			}
		}
		return nil
	})
	if err == nil && out.Cut() {
		err = fmt.Errorf("the letter has only the beginning of it, and nothing is at %s any more", l.From)
	}
	return &out, err
}

// Reads says what would become of a record of a topic now: an error is what is wrong with
// it. It is the strict decoder that says so, and the worker's check that everything about
// a person is under the person's key. Of an intent that would be read, and is too old to
// do any good, note says so.
func (b *Box) Reads(ctx context.Context, topic string, r *consumer.Record) (note string, err error) {
	plain := *r
	if err := b.Log.Plain(ctx, topic, &plain); err != nil {
		return "", err
	}
	value, err := unwrap(&plain)
	if err != nil {
		return "", err
	}
	reader, now := governor.Reader{Policy: b.Policy, Zones: &zones.Finder{}}, rules.At(b.Clock())
	var person rules.PersonID
	if topic == governor.Intents {
		in, _, err := reader.Intent(value, now)
		if err != nil {
			return "", err
		}
		person = in.Person
		if d := rules.Decide(b.Policy, &rules.Person{}, &in, now); d.Reason() == rules.Stale {
			note = "it would be vetoed, " + string(rules.Stale) + ": " + d.Objections[0].Detail
		}
	} else {
		s, _, err := reader.Signal(value, now)
		if err != nil {
			return "", err
		}
		if told(r) && governor.Tells(s.Type) {
			return "", nil // it is where its teller put it
		}
		person = s.Person
	}
	switch {
	case len(r.Key) == 0:
		return "", errors.New("the record has no key: write --key, the id of the person")
	case string(r.Key) != string(person):
		return "", errors.New("person is not the record's key: write --key with the person, or --set person=… with the key, whichever is right")
	}
	return note, nil
}

// told says whether one partition told it another.
func told(r *consumer.Record) bool {
	for _, h := range r.Headers {
		if h.Key == consumer.HeaderFrom && len(h.Value) > 0 {
			return true
		}
	}
	return false
}
