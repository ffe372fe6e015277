package governor

import (
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// vetoRates counts what is decided. The counts move in the same step as the people,
// and what they come to is emitted with the decisions.
type vetoRates struct {
	state.Rates
	over    []rate // what the world was not told yet of minutes that are over, in their order
	counted bool   // since they were taken
}

// rate is how many decisions of a sort there were in a minute.
type rate struct {
	minute rules.Instant
	sort   state.Sort
	count  int64
}

// untold adds what the world was not told yet of the minute.
func (r *vetoRates) untold(list []rate) []rate {
	for _, s := range r.Untold() {
		list = append(list, rate{r.Minute, s, r.Counts[s].Count})
	}
	return list
}

// RememberRates takes in what the store keeps of this partition's rates, in place of
// what there is.
func (g *Governor) RememberRates(b []byte) error {
	kept, err := state.DecodeRates(b)
	if err != nil {
		return fmt.Errorf("remember the rates: %w", err)
	}
	g.vetoRates = vetoRates{Rates: kept}
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
	g.vetoRates.over = nil
}

// countRate counts a decision that is made now.
func (g *Governor) countRate(at rules.Instant, s state.Sort) {
	g.countIn(state.CountedIn(at, g.policy.Hash()), s)
}

// countIn counts a decision in the minute, or in the latest if that is later.
func (g *Governor) countIn(minute rules.Instant, s state.Sort) {
	r := &g.vetoRates
	if minute > r.Minute {
		r.over = r.untold(r.over)
	}
	r.Count(minute, s)
	r.counted = true
}

// TakeRates returns the rates for the store, which the batch of that number is to
// keep, and the records that tell what has changed since it was told: all of it, or
// else only of the minutes that are over. It returns nothing where the store has them
// already, and nothing is to be told.
func (g *Governor) TakeRates(partition int32, batch int64, all bool) (kept []byte, told []Output) {
	r := &g.vetoRates
	tell := r.over
	if all {
		tell = r.untold(tell)
	}
	if len(tell) == 0 && !r.counted {
		return nil, nil
	}
	for i := range tell {
		told = append(told, g.rateOf(partition, &tell[i]))
	}
	if all {
		for _, n := range r.Counts {
			n.Untold = false
		}
	}
	r.Batch, r.over, r.counted = batch, nil, false
	return state.EncodeRates(&r.Rates), told
}

// rateOf is the record that tells one count.
func (g *Governor) rateOf(partition int32, c *rate) Output {
	out := schemas.VetoRate{
		Minute: schemas.Time(c.minute), Partition: partition,
		Campaign: string(c.sort.Campaign), Channel: string(c.sort.Channel), Purpose: string(c.sort.Purpose), Engine: c.sort.Engine,
		Verdict: schemas.Verdict(c.sort.Verdict), Reason: string(c.sort.Reason),
		Count: c.count,
	}
	return Output{Topic: VetoRates, Person: rules.PersonID(out.Key()), At: g.now, Value: out.AppendJSON(nil)}
}
