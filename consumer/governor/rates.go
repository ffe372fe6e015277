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
	changed map[rate]int64 // since they were taken
}

// rate is what is counted.
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
	g.vetoRates = vetoRates{Rates: kept}
	if kept.Behind {
		g.vetoRates.changed = make(map[rate]int64, len(kept.Counts))
		for s, n := range kept.Counts {
			g.vetoRates.changed[rate{kept.Minute, s}] = n
		}
	}
	return nil
}

// RecallRate counts a decision that was found in the log, where its batch is later
// than what is counted, in the minute in which it counted when it was made, by
// whichever policy. Of a decision that stands there twice it is to be called once.
func (g *Governor) RecallRate(d *schemas.Decision, batch int64) {
	if batch > g.vetoRates.Batch {
		g.countIn(state.CountedIn(rules.Instant(d.Decided), d.Policy), state.Sort{
			Campaign: rules.Campaign(d.Campaign), Channel: rules.Channel(d.Channel), Purpose: rules.Purpose(d.Purpose),
			Engine: d.Engine, Verdict: rules.Verdict(d.Verdict), Reason: rules.Reason(d.Reason),
		})
	}
}

// KeepRates leaves only the minute that is counted: of those before nothing is to be
// told any more.
func (g *Governor) KeepRates() {
	r := &g.vetoRates
	maps.DeleteFunc(r.changed, func(c rate, _ int64) bool { return c.minute < r.Minute })
}

// countRate counts a decision that is made now.
func (g *Governor) countRate(at rules.Instant, s state.Sort) {
	g.countIn(state.CountedIn(at, g.policy.Hash()), s)
}

// countIn counts a decision in the minute, or in the latest if that is later.
func (g *Governor) countIn(minute rules.Instant, s state.Sort) {
	r := &g.vetoRates
	if r.changed == nil {
		r.changed = make(map[rate]int64)
	}
	as := r.Count(minute, s)
	r.changed[rate{r.Minute, as}] = r.Counts[as]
}

// TakeRates returns the rates for the store, which the batch of that number is to
// keep, and the records that tell what has changed since it was told: all of it, or
// else only of the minutes that are over. It returns nothing where nothing has.
func (g *Governor) TakeRates(partition int32, batch int64, all bool) (kept []byte, told []Output) {
	r := &g.vetoRates
	if len(r.changed) == 0 {
		return nil, nil
	}
	var changed []rate
	for c := range r.changed {
		if all || c.minute < r.Minute {
			changed = append(changed, c)
		}
	}
	slices.SortFunc(changed, func(a, b rate) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), state.CompareSorts(a.sort, b.sort))
	})
	for _, c := range changed {
		told = append(told, g.rateOf(partition, c, r.changed[c]))
		delete(r.changed, c)
	}
	r.Batch, r.Behind = batch, len(r.changed) > 0
	return state.EncodeRates(&r.Rates), told
}

// rateOf is the record that tells one count.
func (g *Governor) rateOf(partition int32, c rate, count int64) Output {
	out := schemas.VetoRate{
		Minute: schemas.Time(c.minute), Partition: partition,
		Campaign: string(c.sort.Campaign), Channel: string(c.sort.Channel), Purpose: string(c.sort.Purpose), Engine: c.sort.Engine,
		Verdict: schemas.Verdict(c.sort.Verdict), Reason: string(c.sort.Reason),
		Count: count,
	}
	return Output{Topic: VetoRates, Person: rules.PersonID(out.Key()), At: g.now, Value: out.AppendJSON(nil)}
}
