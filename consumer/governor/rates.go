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
	changed map[rate]int64 // since they were told
	counted bool           // since they were taken
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
	for s := range kept.Untold {
		g.vetoRates.change(s)
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
	r.change(r.Count(minute, s))
	r.counted = true
}

// change says that the count of a sort is to be told.
func (r *vetoRates) change(s state.Sort) {
	if r.changed == nil {
		r.changed = make(map[rate]int64)
	}
	r.changed[rate{r.Minute, s}] = r.Counts[s]
}

// TakeRates returns the rates for the store, which the batch of that number is to
// keep, and the records that tell what has changed since it was told: all of it, or
// else only of the minutes that are over. It returns nothing where the store has them
// already, and nothing is to be told.
func (g *Governor) TakeRates(partition int32, batch int64, all bool) (kept []byte, told []Output) {
	r := &g.vetoRates
	var changed []rate
	for c := range r.changed {
		if all || c.minute < r.Minute {
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 && !r.counted {
		return nil, nil
	}
	slices.SortFunc(changed, func(a, b rate) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), state.CompareSorts(a.sort, b.sort))
	})
	for _, c := range changed {
		told = append(told, g.rateOf(partition, c, r.changed[c]))
		delete(r.changed, c)
	}
	r.Untold = make(map[state.Sort]bool, len(r.changed)) // of the latest minute
	for c := range r.changed {
		r.Untold[c.sort] = true
	}
	r.Batch, r.counted = batch, false
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
