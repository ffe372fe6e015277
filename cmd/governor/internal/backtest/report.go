package backtest

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Report is where two policies part over a recording.
type Report struct {
	Intents     int        `json:"intents"`
	A           Side       `json:"a"`
	B           Side       `json:"b"`
	OnlyB       Difference `json:"only_b"`       // approved under B, and not under A
	OnlyA       Difference `json:"only_a"`       // approved under A, and not under B
	OtherReason int        `json:"other_reason"` // vetoed under both, each for a reason of its own
	CarriedOut  bool       `json:"carried_out"`  // approvals of which nothing was heard were taken for carried out
}

// Side is what became of the intents under one policy.
type Side struct {
	Policy      string  `json:"policy"`
	Hash        string  `json:"hash"`
	Approved    int     `json:"approved"`
	Vetoed      int     `json:"vetoed"`
	DeadLetters int     `json:"dead_letters"`
	Waiting     int     `json:"waiting"`   // intents that wait when the recording ends
	Revoked     int     `json:"revoked"`   // of those approved
	VetoRate    float64 `json:"veto_rate"` // of those approved or vetoed
}

// Difference is what one policy approved alone. The rule, and the reasons of the
// example, are the other's.
type Difference struct {
	Count      int     `json:"count"`
	ByCampaign []Group `json:"by_campaign"`
	ByRule     []Group `json:"by_rule"`
	ByDay      []Group `json:"by_day"`
	cells      []cell
}

// Group is what has a campaign, a rule or a day in common.
type Group struct {
	Campaign string  `json:"campaign,omitempty"`
	Rule     *Rule   `json:"rule,omitempty"`
	Day      string  `json:"day,omitempty"` // of the arrival, UTC
	Count    int     `json:"count"`
	Example  Example `json:"example"` // the first
}

// Example is one intent.
type Example struct {
	Intent  string   `json:"intent"`
	Arrived string   `json:"arrived"`
	Reasons []string `json:"reasons"` // under the policy that did not approve it
}

// cell is what has all three in common.
type cell struct {
	where
	count   int
	example Example
}

type where struct {
	campaign string
	rule     Rule
	day      string
}

// tally counts by campaign, rule and day.
type tally struct{ cells map[where]*cell }

func newTally() *tally { return &tally{make(map[where]*cell)} }

// add counts an intent that the other side did not approve.
func (t *tally) add(in *intent, other *result) {
	w := where{in.campaign, other.rule, day(in.arrived)}
	c := t.cells[w]
	if c == nil {
		c = &cell{where: w, example: Example{in.id, in.arrived.String(), other.reasons}}
		t.cells[w] = c
	}
	c.count++
}

// sum is the tally, by each of the three.
func (t *tally) sum() Difference {
	cells := slices.SortedFunc(maps.Values(t.cells), func(a, b *cell) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.rule.Reason, b.rule.Reason), cmp.Compare(a.rule.Line, b.rule.Line))
	})
	var d Difference
	for _, c := range cells {
		d.Count += c.count
		d.cells = append(d.cells, *c)
	}
	most := func(a, b Group) int { return cmp.Compare(b.Count, a.Count) }
	d.ByCampaign = grouped(cells, func(w where) Group { return Group{Campaign: w.campaign} }, func(w where) string { return w.campaign })
	d.ByRule = grouped(cells, func(w where) Group { return Group{Rule: &w.rule} }, func(w where) string { return w.rule.String() })
	d.ByDay = grouped(cells, func(w where) Group { return Group{Day: w.day} }, func(w where) string { return w.day })
	slices.SortStableFunc(d.ByCampaign, most)
	slices.SortStableFunc(d.ByRule, most)
	return d
}

// grouped adds up the cells that have a key in common, in their order.
func grouped(cells []*cell, begin func(where) Group, key func(where) string) []Group {
	out := []Group{}
	at := map[string]int{}
	for _, c := range cells {
		k := key(c.where)
		i, there := at[k]
		if !there {
			i = len(out)
			at[k] = i
			g := begin(c.where)
			g.Example = c.example
			out = append(out, g)
		}
		out[i].Count += c.count
		if c.example.Arrived < out[i].Example.Arrived {
			out[i].Example = c.example
		}
	}
	return out
}

// WriteCSV writes a line for every campaign, rule and day at which the policies part.
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"approved_by", "campaign", "reason", "line", "day", "count", "example_intent", "example_arrived", "example_reasons"}); err != nil {
		return err
	}
	for _, d := range []struct {
		by string
		*Difference
	}{{"B", &r.OnlyB}, {"A", &r.OnlyA}} {
		for _, c := range d.cells {
			line := []string{d.by, c.campaign, c.rule.Reason, c.rule.Line, c.day, strconv.Itoa(c.count), c.example.Intent, c.example.Arrived, strings.Join(c.example.Reasons, "; ")}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
