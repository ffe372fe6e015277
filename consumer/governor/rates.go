package governor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// vetoRates counts what is decided. The counts move in the same step as the people,
// and what they come to is emitted with the decisions.
type vetoRates struct {
	state.Rates
	changed map[rate]struct{} // since they were taken
}

// rate is one of the counts.
type rate struct {
	minute rules.Instant
	sort   state.Sort
}

// RememberRates takes in what the store keeps of this partition's rates, in place of
// what there is.
func (g *Governor) RememberRates(b []byte) error {
	kept, err := state.DecodeRates(b)
	if err != nil {
		return fmt.Errorf("remember the rates: %w", err)
	}
	g.vetoRates = vetoRates{Rates: kept, changed: make(map[rate]struct{})}
	return nil
}

// RecallRate counts a decision that was found in the log, where its batch is later
// than what is counted. Of a decision that stands there twice it is to be called once.
func (g *Governor) RecallRate(d *schemas.Decision, batch int64) {
	if batch > g.vetoRates.Batch {
		g.countRate(rules.Instant(d.Decided), state.Sort{
			Campaign: rules.Campaign(d.Campaign), Channel: rules.Channel(d.Channel), Purpose: rules.Purpose(d.Purpose),
			Engine: d.Engine, Verdict: rules.Verdict(d.Verdict), Reason: rules.Reason(d.Reason),
		})
	}
}

// ForgetRates drops the minutes before the one of that instant: nothing is to be told
// of them any more.
func (g *Governor) ForgetRates(at rules.Instant) {
	r := &g.vetoRates
	r.Forget(at)
	maps.DeleteFunc(r.changed, func(c rate, _ struct{}) bool { return r.Minutes[c.minute] == nil })
}

// countRate counts a decision.
func (g *Governor) countRate(at rules.Instant, s state.Sort) {
	if g.vetoRates.changed == nil {
		g.vetoRates.changed = make(map[rate]struct{})
	}
	minute, as := g.vetoRates.Count(at, s)
	g.vetoRates.changed[rate{minute, as}] = struct{}{}
}

// TakeRates returns the rates for the store, which the batch of that number is to
// keep, and the records that tell what has changed since the last time. It returns
// nothing where nothing has.
func (g *Governor) TakeRates(partition int32, batch int64) (kept []byte, told []Output) {
	r := &g.vetoRates
	if len(r.changed) == 0 {
		return nil, nil
	}
	changed := slices.SortedFunc(maps.Keys(r.changed), func(a, b rate) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), state.CompareSorts(a.sort, b.sort))
	})
	for _, c := range changed {
		told = append(told, g.rateOf(partition, c))
	}
	clear(r.changed)
	r.Forget(g.now)
	r.Batch = batch
	return state.EncodeRates(&r.Rates), told
}

// rateOf is the record that tells one count.
func (g *Governor) rateOf(partition int32, c rate) Output {
	out := schemas.VetoRate{
		Minute: schemas.Time(c.minute), Partition: partition,
		Campaign: string(c.sort.Campaign), Channel: string(c.sort.Channel), Purpose: string(c.sort.Purpose), Engine: c.sort.Engine,
		Verdict: schemas.Verdict(c.sort.Verdict), Reason: string(c.sort.Reason),
		Count: g.vetoRates.Minutes[c.minute][c.sort],
	}
	return Output{Topic: VetoRates, Person: rules.PersonID(out.Key()), At: g.now, Value: out.AppendJSON(nil)}
}
