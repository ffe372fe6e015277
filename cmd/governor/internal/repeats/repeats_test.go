package repeats_test

import (
	"strconv"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/repeats"
	"github.com/contactgovernor/governor/consumer"
)

func record(batch, index int) *consumer.Record {
	return &consumer.Record{Headers: []consumer.Header{
		{Key: consumer.HeaderBatch, Value: strconv.AppendInt(nil, int64(batch), 10)}, {Key: "other", Value: []byte("x")},
		{Key: consumer.HeaderIndex, Value: strconv.AppendInt(nil, int64(index), 10)},
	}}
}

// "A zombie can at worst repeat a batch byte for byte" (design.md): a part of a batch
// that landed, all of it again, then an old one, and what is new between them.
func TestWhatWasThereBeforeIsFound(t *testing.T) {
	var seen repeats.Seen
	slot := consumer.Slot{Topic: "t"}
	for i, r := range []struct {
		batch, index int
		before       bool
	}{{7, 0, false}, {7, 2, false}, {7, 0, true}, {7, 2, true}, {7, 3, false}, {9, 1, false}, {7, 3, true}, {8, 0, true}, {9, 2, false}, {10, 0, false}} {
		if got := seen.Before(slot, record(r.batch, r.index)); got != r.before {
			t.Errorf("record %d, place %d of batch %d: was there before: %v", i, r.index, r.batch, got)
		}
	}
	if seen.Before(consumer.Slot{Topic: "t", Partition: 1}, record(1, 0)) {
		t.Error("another partition has batches of its own")
	}
	for range 2 {
		if seen.Before(slot, &consumer.Record{}) {
			t.Error("what no governor wrote has no place")
		}
	}
	seen.Forget(slot)
	if seen.Before(slot, record(1, 0)) {
		t.Error("a slot that was made anew begins again")
	}
}
