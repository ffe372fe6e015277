package consumer

import (
	"context"
	"errors"
	"time"
)

// Slot names one partition of one topic.
type Slot struct {
	Topic     string
	Partition int32
}

// Header is one record header. Order and repetition are kept.
type Header struct {
	Key   string
	Value []byte
}

// Record is one record of the log.
//
// A Record that a Reader returned is a view into that reader's buffer: it is
// valid until the same reader fetches from the same slot again.
type Record struct {
	Offset  int64     // position in its slot; ignored on the way out
	Time    time.Time // the record's timestamp, to the millisecond
	Key     []byte    // nil where the record has none, which is not the empty key
	Value   []byte    // nil for a tombstone
	Headers []Header
}

// Fetched is what one fetch brought.
type Fetched struct {
	Records []Record // committed data records from the asked offset on, in order
	Next    int64    // where to go on: past aborted, control and compacted-away records too
	Stable  int64    // the end of what was committed when the broker answered
}

// ErrOutOfRange says that the asked offset is not in the slot: retention
// passed it, or the topic was lost and made anew. It is never healed by
// skipping; the partition worker holds and says so.
var ErrOutOfRange = errors.New("offset out of range")

// Reader reads slots of the log. It MUST hide aborted and control records and
// MUST be usable for several slots: one goroutine fetches from a slot, any number
// may ask for its bounds.
//
// Every error but ErrOutOfRange is transient: the caller holds and asks again.
type Reader interface {
	// Fetch returns committed records from offset from on. It waits up to
	// maxWait for the first and returns none, without an error, where none came.
	// One record larger than every limit still comes through, alone.
	Fetch(ctx context.Context, slot Slot, from int64, maxWait time.Duration) (Fetched, error)

	// Bounds returns the first offset that is kept and the end of what is
	// committed. The end never goes back, not through a change of leader
	// either: a record acknowledged before the call is below it. This is the
	// barrier's ground.
	Bounds(ctx context.Context, slot Slot) (first, stable int64, err error)
}

// Place is a position in a slot.
type Place struct {
	Slot
	From int64
}

// Waiter is a Reader that can wait at two places at once.
type Waiter interface {
	// Wait returns as soon as there is something at one of the places, or after
	// maxWait; what it is the next Fetch from there says. What
	// Fetch returned of these slots is not valid any more.
	Wait(ctx context.Context, maxWait time.Duration, one, other Place)
}

// Append is what to append to one slot, in order.
type Append struct {
	Slot
	Records []Record
}

// Writer appends to the log with acks from all in-sync replicas, idempotently:
// what it tries again by itself lands once. One goroutine may use it.
//
// Produce keeps nothing of what it is given: its memory is used again.
//
// After an error nothing is known about what landed: the caller reads the
// slots back before it appends anything more, with a new Writer.
type Writer interface {
	Produce(ctx context.Context, batch []Append) error
	Close()
}

// Generation is one term of group membership.
type Generation interface {
	// Partitions lists the partition numbers that this member works on.
	Partitions() []int32

	// Start runs fn in a goroutine. ctx ends when the generation does; the
	// next one begins only after every fn has returned. The first fn that
	// returns ends the generation.
	Start(fn func(ctx context.Context))

	// Commit stores group offsets (next to read). They serve the eye, as lag;
	// nobody resumes from them.
	Commit(ctx context.Context, next map[Slot]int64) error
}

// Membership joins the group, again and again.
type Membership interface {
	// Next waits for the next generation. It returns ctx's error when ctx
	// ends; any other error is transient and Next may be called again.
	Next(ctx context.Context) (Generation, error)

	// Close leaves the group, so that the others need not wait for a timeout.
	Close() error
}
