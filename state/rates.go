package state

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Rates counts what a partition decided, by minute and by sort. The zero value has
// counted nothing. It is about nobody in particular.
//
// Minutes do not go back: a notice that is decided as of an instant before the last
// decision counts in the minute of that. So one minute is all there is to keep.
//
// Where a policy goes by the clock of the events (rules.ByEvent), a thousand minutes
// may pass in a second, and a count for each would be one for each decision. What it
// decides on one day, in UTC, counts in the first minute of that.
type Rates struct {
	// Batch is the last batch whose decisions are counted. What the log has of later
	// ones is not.
	Batch int64

	Minute rules.Instant  // when the latest began that anything was decided in
	Counts map[Sort]*Made // what fell in it, of each sort
}

// Made is how many decisions there were of a sort.
type Made struct {
	Count int64

	// Untold says that the world was not told this count yet. It is at the latest with
	// the first batch of the next minute.
	Untold bool
}

// Sort is what decisions are counted by.
type Sort struct {
	Campaign rules.Campaign
	Channel  rules.Channel
	Purpose  rules.Purpose
	Engine   string
	Verdict  rules.Verdict
	Reason   rules.Reason // the first; "" on approval
}

// MostSorts bounds how many sorts of decisions are told apart in one minute. What
// comes beyond is counted under ManySorts, in place of its campaign and engine: both
// are what engines like to write.
const (
	MostSorts = 500
	ManySorts = "*"
)

// MinuteOf is when the minute began that an instant is in.
func MinuteOf(at rules.Instant) rules.Instant {
	return at - at%rules.Instant(time.Minute/time.Millisecond)
}

// CountedIn is when the minute began in which a decision of that instant counts, if
// none before it was later. The hash is of the policy that it was made by.
func CountedIn(at rules.Instant, hash string) rules.Instant {
	if rules.EventHash(hash) {
		return at - at%rules.Instant(24*time.Hour/time.Millisecond)
	}
	return MinuteOf(at)
}

// Count counts one decision in a minute (CountedIn), and says under which sort. Of a
// minute that is over then, nothing is kept.
func (r *Rates) Count(minute rules.Instant, s Sort) Sort {
	if minute > r.Minute || r.Counts == nil {
		r.Minute, r.Counts = max(minute, r.Minute), make(map[Sort]*Made)
	}
	n := r.Counts[s]
	if n == nil && len(r.Counts) >= MostSorts {
		s.Campaign, s.Engine = ManySorts, ManySorts
		n = r.Counts[s]
	}
	if n == nil {
		n = new(Made)
		r.Counts[s] = n
	}
	n.Count, n.Untold = n.Count+1, true
	return s
}

// Untold are the sorts whose count the world was not told yet, in their order.
func (r *Rates) Untold() []Sort {
	var list []Sort
	for s, n := range r.Counts {
		if n.Untold {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, CompareSorts)
	return list
}

// CompareSorts puts sorts in one order.
func CompareSorts(a, b Sort) int {
	return cmp.Or(
		strings.Compare(string(a.Campaign), string(b.Campaign)), strings.Compare(string(a.Channel), string(b.Channel)),
		strings.Compare(string(a.Purpose), string(b.Purpose)), strings.Compare(a.Engine, b.Engine),
		strings.Compare(string(a.Verdict), string(b.Verdict)), strings.Compare(string(a.Reason), string(b.Reason)),
	)
}

// ratesVersion is the first byte of what EncodeRates writes. In version 1 everything
// was told.
const ratesVersion = 2

// EncodeRates packs the rates; equal ones have equal bytes.
func EncodeRates(r *Rates) []byte {
	w := packer{b: []byte{ratesVersion}}
	w.uint(uint64(r.Batch))
	w.instant(r.Minute)
	w.uint(uint64(len(r.Counts)))
	for _, s := range slices.SortedFunc(maps.Keys(r.Counts), CompareSorts) {
		for _, word := range [...]string{string(s.Campaign), string(s.Channel), string(s.Purpose), s.Engine, string(s.Verdict), string(s.Reason)} {
			w.string(word)
		}
		w.uint(uint64(r.Counts[s].Count))
		w.bool(r.Counts[s].Untold)
	}
	return w.b
}

// DecodeRates reads what EncodeRates packed. No bytes are the zero value.
func DecodeRates(b []byte) (Rates, error) {
	if len(b) == 0 {
		return Rates{}, nil
	}
	if b[0] == 0 || b[0] > ratesVersion {
		return Rates{}, fmt.Errorf("the rates have version %d: %w", b[0], ErrSpoilt)
	}
	in := unpack(b[1:])
	r := Rates{Batch: int64(in.uint()), Counts: make(map[Sort]*Made)}
	r.Minute = in.instant()
	for range in.length() {
		s := Sort{
			Campaign: rules.Campaign(in.string()), Channel: rules.Channel(in.string()), Purpose: rules.Purpose(in.string()),
			Engine: in.string(), Verdict: rules.Verdict(in.string()), Reason: rules.Reason(in.string()),
		}
		r.Counts[s] = &Made{Count: int64(in.uint()), Untold: b[0] > 1 && in.bool()}
	}
	if in.err != nil || len(in.b) > 0 {
		return Rates{}, fmt.Errorf("the rates: %w", ErrSpoilt)
	}
	return r, nil
}
