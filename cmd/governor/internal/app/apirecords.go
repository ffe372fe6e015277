package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/rules"
)

// find looks for records of people in one slot, among the latest so many. The reader
// is nobody else's meanwhile.
func find(ctx context.Context, reader consumer.Reader, slot consumer.Slot, people []rules.PersonID, most int64) (found []api.Record, whole bool, err error) {
	first, end, err := reader.Bounds(ctx, slot)
	if err != nil {
		return nil, false, err
	}
	next := max(first, end-most)
	whole = next == first
	for next < end {
		got, err := reader.Fetch(ctx, slot, next, 0)
		if errors.Is(err, consumer.ErrOutOfRange) && whole { // retention passed us just now
			if next, _, err = reader.Bounds(ctx, slot); err == nil {
				continue
			}
		}
		if err != nil {
			return nil, false, err
		}
		if got.Next <= next {
			return nil, false, fmt.Errorf("%s/%d ends at %d, and nothing is there from %d on", slot.Topic, slot.Partition, end, next)
		}
		for i := range got.Records {
			r := &got.Records[i]
			if r.Offset < end && slices.ContainsFunc(people, func(id rules.PersonID) bool { return string(id) == string(r.Key) }) {
				found = append(found, api.Record{Offset: r.Offset, Time: r.Time, Value: bytes.Clone(r.Value)})
			}
		}
		next = got.Next
	}
	return found, whole, nil
}
