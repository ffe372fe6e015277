package api

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// home is the partition of a person, and how many there are.
func (c *call) home(id rules.PersonID) (partition, partitions int32, err error) {
	n, err := c.Log.Partitions(c.ctx)
	if err != nil {
		return 0, 0, unavailable("Kafka does not answer: try again", err)
	}
	return c.PartitionOf([]byte(id), n), n, nil
}

// The pause between two looks at how far a partition has come.
const (
	firstPause = 2 * time.Millisecond
	mostPause  = 100 * time.Millisecond
)

// abreast waits until the memory of the partition has heard all signals that were
// acknowledged by now, and returns how far it is. A memory that is lost, or is being
// made anew, is none: what it lacks may be a no.
func (c *call) abreast(partition int32) (state.Mark, error) {
	end, err := c.Log.SignalsEnd(c.ctx, partition)
	if err != nil {
		return state.Mark{}, unavailable("Kafka does not answer: try again", err)
	}
	var last state.Totals
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		told, err := c.Memory.Totals(c.ctx, []int32{partition}, nil)
		switch {
		case err == nil && len(told) == 1:
			last = told[0]
		case err == nil:
			return state.Mark{}, fmt.Errorf("the memory answered about %d partitions, not one", len(told))
		case c.ctx.Err() == nil:
			return state.Mark{}, unavailable("the memory does not answer: try again", err)
		}
		if last.Known && !last.Mark.Restoring && last.Mark.Signals >= end {
			return last.Mark, nil
		}
		select {
		case <-time.After(pause):
		case <-c.ctx.Done():
			return state.Mark{}, unavailable("the partition of this person has not heard everything that was said by now: see /v1/health, and try again",
				fmt.Errorf("partition %d: heard its signals up to offset %d of %d, known %v, restoring %v: %w",
					partition, last.Mark.Signals, end, last.Known, last.Mark.Restoring, ErrNoAnswer))
		}
	}
}
