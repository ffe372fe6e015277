package consumer

import (
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
)

// NoPartition stands where a report is about the group and not about a partition.
const NoPartition int32 = -1

// Observer hears what the workers do, for logs and metrics. Its methods are
// called from many goroutines and must not block.
type Observer interface {
	// Acquired: the partition is ours, and its memory is where the log is.
	Acquired(partition int32, epoch int64)

	// Committed: one batch is remembered and emitted.
	Committed(partition int32, b BatchReport)

	// Held: the partition decides nothing since then, and why. It is called
	// again with every further attempt. NoPartition is the group that cannot be
	// joined.
	Held(partition int32, why error, since time.Time)

	// Rebuilding: the memory of the partition was lost, and is being made anew from
	// the log. Nothing is decided meanwhile.
	Rebuilding(partition int32, p Progress)

	// Resumed: a held partition decides again.
	Resumed(partition int32, after time.Duration)

	// Released: the partition is no longer ours.
	Released(partition int32)
}

// BatchReport is what one batch did.
type BatchReport struct {
	Intents     int // records read
	Signals     int
	Emitted     map[string]int // records by topic, as the contract names them
	DeadLetters int
	governor.Counts
	Quieted []time.Duration // of each approval that a signal took back: from the signal's append to the revocation's
	Ignored int             // fields that no message has
	Took    time.Duration   // from having the records until they were emitted
}

// silent observes nothing.
type silent struct{}

func (silent) Acquired(int32, int64)        {}
func (silent) Committed(int32, BatchReport) {}
func (silent) Held(int32, error, time.Time) {}
func (silent) Rebuilding(int32, Progress)   {}
func (silent) Resumed(int32, time.Duration) {}
func (silent) Released(int32)               {}
