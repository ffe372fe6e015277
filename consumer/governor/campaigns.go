package governor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// campaigns is how the calls of campaigns fare, which an abandon rate goes by. It
// is the one thing that a decision about a person takes from all others: each
// partition counts its own calls, in the same step as the people, and whoever
// decides adds up what all of them counted.
//
// Who decides a predictive call while others count cannot be late in the favour
// of whoever calls:
//
//   - An outcome that was acknowledged before the intent was is counted, in
//     whatever partition it is: the worker waits until every partition has heard
//     its signals up to where they ended after the intents were fetched. It goes
//     on hearing its own meanwhile, so that two who wait for each other get on.
//   - One that was acknowledged later may be counted as well: what is read may be
//     newer than what was waited for, never older.
//   - Approvals add to no total, so that many at once cannot outrun them.
//   - A partition whose memory is lost, or is being made anew, has no totals: the
//     worker waits. So it does if one is seen to have gone back.
//   - Periods begin with the campaign's first approved call. Who decides the first
//     one here asks the others for theirs. Two that do so at the same time each take
//     their own for the first, until they hear of the other's (Elsewhere). Before
//     the first period is half over each is made to (Unsettled), and till then
//     there is one period only.
//   - What became of the calls of a person with records in several partitions is
//     counted where it was said; only who says two things of one call in two of them
//     may have it counted twice.
//   - A zombie counts nothing: its step is refused. A step that is repeated after
//     a crash is made of the memory before it.
//   - A memory that is recalled counts again what its people hear again, and in
//     the same steps as they are saved. When the first call was the approvals say.
//
// What is judged again because of a signal goes by what was counted so far; from
// other partitions that may be late.
type campaigns struct {
	own    map[rules.Campaign]*state.Tally
	others map[rules.Campaign]*state.Tally // what the other partitions have, added up

	changed map[rules.Campaign]bool // since the last Totals
	pending map[rules.PersonID][]addition
	open    map[rules.Campaign]bool // those that are not settled
}

// addition is what a person's call added to the tally of its campaign.
type addition struct {
	campaign rules.Campaign
	state.Count
}

// overFor is how long after its end a period is kept: another partition may not
// be so far yet.
const overFor = 24 * time.Hour

// RememberTotals takes in what the store keeps of this partition's campaigns.
func (g *Governor) RememberTotals(totals []state.Total) error {
	for _, total := range totals {
		t, err := state.DecodeTally(total.Tally)
		if err != nil {
			return fmt.Errorf("remember the totals of a campaign: %w", err)
		}
		*g.calls.tally(total.Campaign) = t
		if t.Settled {
			delete(g.calls.open, total.Campaign)
		}
	}
	return nil
}

// Totals are the changes of what campaigns add up to since they were asked for
// last, as if what happened to the rest of the people had not happened yet: those
// whose changes are saved later.
func (g *Governor) Totals(rest []state.Change) ([]state.Total, error) {
	later := make(map[rules.PersonID][]addition)
	for i := range rest {
		who := g.graves.whose(rest[i].Person)
		if added := g.calls.pending[who]; added != nil {
			later[who] = added
		}
	}
	g.calls.pending = later
	var out []state.Total
	for campaign := range g.calls.changed {
		own := g.calls.own[campaign]
		own.Forget(g.now.Add(-overFor))
		t, whole := own.Clone(), true
		for _, added := range later {
			for _, a := range added {
				if a.campaign == campaign {
					t.Add(a.minus())
					whole = false
				}
			}
		}
		t.Forget(g.now.Add(-overFor))
		b, err := state.EncodeTally(&t)
		if err != nil {
			return nil, err
		}
		out = append(out, state.Total{Campaign: campaign, Tally: b})
		if whole {
			delete(g.calls.changed, campaign)
		}
	}
	slices.SortFunc(out, func(a, b state.Total) int { return cmp.Compare(a.Campaign, b.Campaign) })
	return out, nil
}

// Rated says whether the governor must have been told what the other partitions
// have of the intent's campaign (Elsewhere) before it decides the intent: that
// depends on it, or it may be the first call here.
func (g *Governor) Rated(in *rules.Intent) bool {
	if in.Channel != rules.ChannelCall || len(g.policy.Rates()) == 0 {
		return false
	}
	own := g.calls.own[in.Campaign]
	return in.Mode == rules.ModePredictive || own == nil || own.First == 0
}

// Rejudged lists the campaigns by which approvals are judged again when any of
// the people, who are remembered, says something.
func (g *Governor) Rejudged(people ...rules.PersonID) []rules.Campaign {
	if len(g.policy.Rates()) == 0 {
		return nil
	}
	seen := make(map[rules.Campaign]bool)
	for _, id := range people {
		p := g.people[id]
		if p == nil {
			continue
		}
		for i := range p.Contacts {
			if c := &p.Contacts[i]; c.Channel == rules.ChannelCall && c.Mode == rules.ModePredictive && g.isOut(c) {
				seen[c.Campaign] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Unsettled lists the campaigns of which it should be found out, now, whether
// their first call was approved elsewhere: their first period is half over.
func (g *Governor) Unsettled(now rules.Instant) []rules.Campaign {
	due := make(map[rules.Campaign]bool)
	for campaign := range g.calls.open {
		if g.settles(g.calls.own[campaign].First, now) {
			due[campaign] = true
		}
	}
	return slices.Sorted(maps.Keys(due))
}

// settles says whether half of the first period is over. Whoever approved a call
// at the same time has told the world by then.
func (g *Governor) settles(first, now rules.Instant) bool {
	if first == 0 {
		return false
	}
	for i := range g.policy.Rates() {
		if start, end := g.policy.Rates()[i].Holds(first, first); now >= first.Add(end.Sub(start)/2) {
			return true
		}
	}
	return false
}

// Elsewhere tells what the other partitions have of a campaign. Whole says that
// all of them told it.
func (g *Governor) Elsewhere(campaign rules.Campaign, tallies []state.Tally, whole bool) {
	own := g.calls.own[campaign]
	sum := &state.Tally{}
	if own != nil {
		sum.First = own.First
	}
	for i := range tallies {
		sum.First = earlier(sum.First, tallies[i].First)
	}
	if own != nil {
		g.begin(campaign, own, sum.First)
		if whole && !own.Settled && g.settles(own.First, g.now) {
			own.Settled = true
			delete(g.calls.open, campaign)
			g.calls.changed[campaign] = true
		}
	}
	for i := range tallies {
		for _, c := range tallies[i].Counts {
			sum.Add(g.rebased(c, sum.First))
		}
	}
	if g.calls.others == nil {
		g.calls.others = make(map[rules.Campaign]*state.Tally)
	}
	g.calls.others[campaign] = sum
}

// Called notes that a call of the campaign was approved, and returns when the first
// was, as far as is known here; 0 where nobody counts.
func (g *Governor) Called(campaign rules.Campaign, at rules.Instant) rules.Instant {
	if len(g.policy.Rates()) == 0 {
		return 0
	}
	own := g.calls.tally(campaign)
	if others := g.calls.others[campaign]; others != nil {
		at = earlier(at, others.First)
	}
	g.begin(campaign, own, earlier(own.First, at))
	return own.First
}

// begin notes when the campaign's first call was approved. What was counted in
// periods since a later one is counted in those since this.
func (g *Governor) begin(campaign rules.Campaign, own *state.Tally, first rules.Instant) {
	if own.First == first {
		return
	}
	g.rebase(own, first)
	if others := g.calls.others[campaign]; others != nil && first < others.First {
		g.rebase(others, first)
	}
	for _, added := range g.calls.pending {
		for i := range added {
			if added[i].campaign == campaign {
				added[i].Count = g.rebased(added[i].Count, first)
			}
		}
	}
	g.calls.changed[campaign] = true
}

// rebase counts what was counted in periods since one first call in those since
// another.
func (g *Governor) rebase(t *state.Tally, first rules.Instant) {
	counts := t.Counts
	t.First, t.Counts = first, nil
	for _, c := range counts {
		t.Add(g.rebased(c, first))
	}
}

// rebased is the count in the period, since the campaign's first call, that its
// own began in.
func (g *Governor) rebased(c state.Count, first rules.Instant) state.Count {
	for i := range g.policy.Rates() {
		if r := &g.policy.Rates()[i]; r.Rule == c.Rule {
			c.From, c.Until = r.Holds(first, c.From)
		}
	}
	return c
}

// fares is how the calls to a person fared, by their decisions.
type fares map[rules.DecisionID]fare

type fare struct {
	at        rules.Instant
	abandoned bool
}

// fares notes how the calls to the person fared so far, so that what an event
// changes about that can be counted.
func (g *Governor) fares(p *person) fares {
	if len(g.policy.Rates()) == 0 {
		return nil
	}
	var out fares
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Channel == rules.ChannelCall {
			if out == nil {
				out = make(fares)
			}
			at, abandoned := c.Fared()
			out[c.Decision] = fare{at, abandoned}
		}
	}
	return out
}

// count adds up what an event said of the calls to the person. A call of which it
// was said that it was answered, and now that it was abandoned, moves.
func (g *Governor) count(id rules.PersonID, p *person, before fares) {
	if len(before) == 0 {
		return
	}
	for i := range p.Contacts {
		c := &p.Contacts[i]
		was, ours := before[c.Decision]
		at, abandoned := c.Fared()
		if now := (fare{at, abandoned}); !ours || now == was {
			continue
		}
		own := g.calls.tally(c.Campaign)
		g.begin(c.Campaign, own, earlier(own.First, c.At))
		if was.at != 0 {
			g.add(id, c.Campaign, own, was, -1)
		}
		g.add(id, c.Campaign, own, fare{at, abandoned}, 1)
	}
}

// add counts a call, or takes it off, under every rate.
func (g *Governor) add(id rules.PersonID, campaign rules.Campaign, own *state.Tally, f fare, n int) {
	for i := range g.policy.Rates() {
		r := &g.policy.Rates()[i]
		a := addition{campaign, state.Count{Rule: r.Rule, Answered: n}}
		if f.abandoned {
			a.Abandoned = n
		}
		// An outcome from before the first call is a matter of clocks.
		a.From, a.Until = r.Holds(own.First, max(f.at, own.First))
		if a.Until.Add(overFor) <= g.now {
			continue // nobody will ask about it
		}
		own.Add(a.Count)
		g.calls.changed[campaign] = true
		if g.calls.pending == nil {
			g.calls.pending = make(map[rules.PersonID][]addition)
		}
		g.calls.pending[id] = append(g.calls.pending[id], a)
	}
}

func (a addition) minus() state.Count {
	a.Answered, a.Abandoned = -a.Answered, -a.Abandoned
	return a.Count
}

// rates is how the intent's campaign fares, under each rate of the policy. While
// the governor recalls nobody knows: the other partitions are where they are, and
// this one is not there yet.
func (g *Governor) rates(in *rules.Intent) []rules.Rate {
	if in.Channel != rules.ChannelCall || in.Mode != rules.ModePredictive || g.recalling {
		return nil
	}
	var own, others state.Tally
	if t := g.calls.own[in.Campaign]; t != nil {
		own = *t
	}
	if t := g.calls.others[in.Campaign]; t != nil {
		others = *t
	}
	first := earlier(own.First, others.First)
	if first == 0 {
		return nil // nobody was called yet
	}
	rates := make([]rules.Rate, 0, len(g.policy.Rates()))
	for i := range g.policy.Rates() {
		r := &g.policy.Rates()[i]
		start, end := r.Holds(first, g.now)
		here, there := own.Find(r.Rule, start), others.Find(r.Rule, start)
		rates = append(rates, rules.Rate{
			Rule: r.Rule, Until: end, Answered: here.Answered + there.Answered, Abandoned: here.Abandoned + there.Abandoned,
		})
	}
	return rates
}

// tally is the campaign's own, which is about to change.
func (c *campaigns) tally(campaign rules.Campaign) *state.Tally {
	t := c.own[campaign]
	if t == nil {
		if c.own == nil {
			c.own, c.changed, c.open = make(map[rules.Campaign]*state.Tally), make(map[rules.Campaign]bool), make(map[rules.Campaign]bool)
		}
		t = &state.Tally{}
		c.own[campaign], c.open[campaign] = t, true
	}
	return t
}

// earlier is the earlier of two instants, of which either may be absent.
func earlier(a, b rules.Instant) rules.Instant {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
