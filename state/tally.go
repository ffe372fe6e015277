package state

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/rules"
)

// Tally is what the calls of one campaign add up to, as far as one partition
// knows. It is about nobody in particular.
type Tally struct {
	// First is when the campaign's first call was approved, as far as is known
	// here; 0 if none was. It never becomes later.
	First rules.Instant

	// Settled says that First is that of all partitions.
	Settled bool

	Counts []Count // by rule, then by period
}

// Count is how the calls of one period fared.
type Count struct {
	Rule      string        // whose period it is (rules.RatePeriod)
	From      rules.Instant // the period: half-open
	Until     rules.Instant
	Answered  int // of a contact that moved to another partition this one may have less than none
	Abandoned int // of those that were answered
}

// Find is the count of a rule's period; the zero value if there is none.
func (t *Tally) Find(rule string, from rules.Instant) Count {
	if i, ok := t.search(rule, from); ok {
		return t.Counts[i]
	}
	return Count{}
}

// Add adds to the count of its rule and period. One that comes to nothing is left
// out.
func (t *Tally) Add(c Count) {
	i, ok := t.search(c.Rule, c.From)
	if !ok {
		t.Counts = slices.Insert(t.Counts, i, Count{Rule: c.Rule, From: c.From, Until: c.Until})
	}
	n := &t.Counts[i]
	n.Answered += c.Answered
	n.Abandoned += c.Abandoned
	if n.Answered == 0 && n.Abandoned == 0 {
		t.Counts = slices.Delete(t.Counts, i, i+1)
	}
}

func (t *Tally) search(rule string, from rules.Instant) (int, bool) {
	return slices.BinarySearchFunc(t.Counts, Count{Rule: rule, From: from}, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.From, b.From))
	})
}

// Forget drops the counts of periods that were over by then.
func (t *Tally) Forget(by rules.Instant) {
	t.Counts = slices.DeleteFunc(t.Counts, func(c Count) bool { return c.Until <= by })
}

// Clone shares nothing with the tally.
func (t *Tally) Clone() Tally {
	out := *t
	out.Counts = slices.Clone(t.Counts)
	return out
}

// tally is how a Tally is written: JSON that an operator can read.
type tally struct {
	First   string       `json:"first,omitempty"`
	Settled bool         `json:"settled,omitzero"`
	Counts  []tallyCount `json:"counts,omitempty"`
}

type tallyCount struct {
	Rule      string `json:"rule"`
	From      string `json:"from"`
	Until     string `json:"until"`
	Answered  int    `json:"answered"`
	Abandoned int    `json:"abandoned"`
}

// EncodeTally writes a tally, deterministically; nil if nothing is in it.
func EncodeTally(t *Tally) ([]byte, error) {
	if t.First == 0 && len(t.Counts) == 0 {
		return nil, nil
	}
	out := tally{First: text(t.First), Settled: t.Settled}
	for _, c := range t.Counts {
		out.Counts = append(out.Counts, tallyCount{c.Rule, text(c.From), text(c.Until), c.Answered, c.Abandoned})
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode a tally: %w", err)
	}
	return b, nil
}

// DecodeTally reads what EncodeTally wrote. No bytes are a tally of nothing.
func DecodeTally(b []byte) (Tally, error) {
	if len(b) == 0 {
		return Tally{}, nil
	}
	var in tally
	// As with what stands for a person: better to stop than to write back without
	// what a later version knows.
	if err := json.Unmarshal(b, &in, json.RejectUnknownMembers(true)); err != nil {
		return Tally{}, fmt.Errorf("decode a tally: %w", err)
	}
	var r reading
	t := Tally{First: r.instant(in.First), Settled: in.Settled}
	for _, c := range in.Counts {
		t.Counts = append(t.Counts, Count{c.Rule, r.instant(c.From), r.instant(c.Until), c.Answered, c.Abandoned})
	}
	if r.err != nil {
		return Tally{}, fmt.Errorf("decode a tally: %w", r.err)
	}
	return t, nil
}
