package health

import (
	"errors"
	"slices"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/state"
)

// Class is what kind of thing holds a partition: of a closed list, so that it can
// be counted. The words for people are Hold.Why.
type Class string

// The classes of holds.
const (
	Kafka  Class = "kafka"  // the log does not answer, or not with what was there
	Redis  Class = "redis"  // the memory does not answer
	Clocks Class = "clocks" // this machine's clock and that of Redis disagree
	Fenced Class = "fenced" // another governor took the partition
	Memory Class = "memory" // the memory answers, and is not what it was
	Other  Class = "other"
)

// Classes are all there are.
func Classes() []Class { return []Class{Kafka, Redis, Clocks, Fenced, Memory, Other} }

// ClassOf says what kind of thing went wrong. What is wrong with the memory is told
// from who was asked for it: a Redis may be well that has forgotten.
func ClassOf(why error) Class {
	for _, known := range []struct {
		err error
		is  Class
	}{
		{state.ErrFenced, Fenced},
		{consumer.ErrClocks, Clocks},
		{consumer.ErrMemoryLost, Memory}, {state.ErrMoved, Memory}, {state.ErrLogVersion, Memory}, {state.ErrSpoilt, Memory}, {consumer.ErrPartitions, Memory},
	} {
		if errors.Is(why, known.err) {
			return known.is
		}
	}
	if f := (*fault)(nil); errors.As(why, &f) && slices.Contains(Classes(), f.of) {
		return f.of
	}
	return Other
}

// Blame notes on an error who was asked when it came; its words stay as they are.
// No error stays none.
func Blame(of Class, err error) error {
	if err == nil {
		return nil
	}
	return &fault{of: of, err: err}
}

// fault is an error of somebody.
type fault struct {
	of  Class
	err error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }
