// Package repeats finds the records of a topic that were there before: whoever adds up
// what governors wrote must count each once.
package repeats

import (
	"strconv"

	"github.com/contactgovernor/governor/consumer"
)

// Seen knows how far the batches of each slot were read. A governor that lost its
// partition may repeat a batch, byte for byte and under the same number, behind what its
// successor wrote; nothing else ever goes back in a slot. So a number is enough to know
// whether a record is a repeat, however long ago it was there. The zero value has seen
// nothing.
type Seen struct{ last map[consumer.Slot]place }

// place is that of a record in the batches of its partition.
type place struct{ batch, index int64 }

// Before says whether the record was in the slot before, and remembers it. One that no
// governor wrote has no place, and is new.
func (s *Seen) Before(slot consumer.Slot, record *consumer.Record) bool {
	at, ok := placeOf(record)
	if !ok {
		return false
	}
	last, seen := s.last[slot]
	if seen && (at.batch < last.batch || at.batch == last.batch && at.index <= last.index) {
		return true
	}
	if s.last == nil {
		s.last = make(map[consumer.Slot]place)
	}
	s.last[slot] = at
	return false
}

// Forget is for a slot that was made anew.
func (s *Seen) Forget(slot consumer.Slot) { delete(s.last, slot) }

func placeOf(record *consumer.Record) (p place, ok bool) {
	found := 0
	for _, h := range record.Headers {
		var into *int64
		switch h.Key {
		case consumer.HeaderBatch:
			into = &p.batch
		case consumer.HeaderIndex:
			into = &p.index
		default:
			continue
		}
		n, err := strconv.ParseInt(string(h.Value), 10, 64)
		if err != nil {
			return place{}, false
		}
		*into = n
		found++
	}
	return p, found == 2
}
