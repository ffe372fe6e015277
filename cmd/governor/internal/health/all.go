package health

import (
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// All tells several observers the same, one after the other in their order. One that
// is nil hears nothing.
func All(observers ...consumer.Observer) consumer.Observer {
	return all(slices.DeleteFunc(slices.Clone(observers), func(o consumer.Observer) bool { return o == nil }))
}

type all []consumer.Observer

func (a all) Acquired(partition int32, epoch int64) {
	for _, o := range a {
		o.Acquired(partition, epoch)
	}
}

func (a all) Committed(partition int32, b consumer.BatchReport) {
	for _, o := range a {
		o.Committed(partition, b)
	}
}

func (a all) Held(partition int32, why error, since time.Time) {
	for _, o := range a {
		o.Held(partition, why, since)
	}
}

func (a all) Resumed(partition int32, after time.Duration) {
	for _, o := range a {
		o.Resumed(partition, after)
	}
}

func (a all) Released(partition int32) {
	for _, o := range a {
		o.Released(partition)
	}
}
