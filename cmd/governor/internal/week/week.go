// Package week tells in which hours of one week a policy lets anybody be
// contacted.
//
// It does not read the policy: it puts an intent to a person of whom nothing is
// known before the decision itself, at every instant at which the answer may
// change, and writes down what it hears. So what clocks do in the nights in which
// they change, holidays, and rules that begin or end within the week are as they
// will be.
package week

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Question asks for a week.
type Question struct {
	Policy *rules.Policy
	Zones  []*time.Location // where the person may be; all of them must allow. At least one: its calendar is the week's
	From   time.Time        // the first day: midnight of it, in the first of the zones
}

// Week is seven days under a policy.
type Week struct {
	Policy string   `json:"policy"`
	Hash   string   `json:"hash"`
	Zones  []string `json:"zones"`
	From   string   `json:"from"` // the first day, as the first of the zones has it
	Hours  []Hours  `json:"hours"`
	Always []Always `json:"always,omitempty"`

	days  []day
	zones []*time.Location
}

// Hours are when some kinds of contact are open, in order and without a gap.
type Hours struct {
	Of    []Kinds `json:"of"`
	Spans []Span  `json:"spans"`
}

// Span is a time in which nothing changes.
type Span struct {
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to"`
	Open    bool           `json:"open"`
	Reasons []rules.Reason `json:"reasons,omitempty"` // why it is closed
	Trial   []rules.Reason `json:"trial,omitempty"`   // rules on trial that would close it
}

// Always is what stops some kinds of contact at every hour of the week, and for
// other causes than the hour.
type Always struct {
	Of     []Kinds      `json:"of"`
	Reason rules.Reason `json:"reason"`
	Why    string       `json:"why"`
	Trial  bool         `json:"trial,omitempty"` // it is on trial, and stops nothing
}

// Of asks the policy for the week.
func Of(q *Question) *Week {
	w := &Week{Policy: q.Policy.Name(), Hash: q.Policy.Hash(), From: q.From.Format(time.DateOnly), zones: q.Zones}
	for _, z := range q.Zones {
		w.Zones = append(w.Zones, z.String())
	}
	for i := range 7 {
		w.days = append(w.days, dayOf(q.From, i))
	}
	kinds := kindsOf(q.Policy)
	hours, always, spans := groups[string]{}, groups[cause]{}, map[string][]Span{}
	for _, k := range kinds {
		t := watch(q, k, w.days[0].start, w.days[6].end)
		for _, c := range t.always {
			always.add(c, k)
		}
		hours.add(t.key(), k)
		spans[t.key()] = t.spans
	}
	for _, key := range hours.order {
		w.Hours = append(w.Hours, Hours{Of: gather(hours.of[key], kinds), Spans: zoned(spans[key], q.Zones[0])})
	}
	slices.SortStableFunc(w.Hours, func(a, b Hours) int { return cmp.Compare(len(b.Spans), len(a.Spans)) })
	for _, c := range always.order {
		w.Always = append(w.Always, Always{Of: gather(always.of[c], kinds), Reason: c.reason, Why: c.why, Trial: c.trial})
	}
	return w
}

// groups put together the kinds that have something in common, in the order in
// which they came.
type groups[K comparable] struct {
	order []K
	of    map[K][]kind
}

func (g *groups[K]) add(key K, k kind) {
	if g.of == nil {
		g.of = make(map[K][]kind)
	}
	if g.of[key] == nil {
		g.order = append(g.order, key)
	}
	g.of[key] = append(g.of[key], k)
}

// zoned are the spans with the clocks of the zone.
func zoned(spans []Span, z *time.Location) []Span {
	for i := range spans {
		spans[i].From, spans[i].To = spans[i].From.In(z), spans[i].To.In(z)
	}
	return spans
}

// reasons are the codes, with commas.
func reasons(codes []rules.Reason) string {
	text := make([]string, len(codes))
	for i, c := range codes {
		text[i] = string(c)
	}
	return strings.Join(text, ", ")
}
