package governor

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// arbitrate holds an intent that would be approved and take the last slot of a cap
// for which somebody more urgent may come; false if the decision stands. What comes
// when too many are held for one person is not.
func (g *Governor) arbitrate(p *person, src Source, in *rules.Intent, id rules.DecisionID, d *rules.Decision) bool {
	slots, by := g.policy.Contests(&p.Person.Person, in, g.now, d)
	if slots == nil || len(p.Held) >= mostHeld {
		return false
	}
	h := rules.Held{Intent: *in, Arrived: g.now, Decision: id, Source: src.Offset, Trace: src.Trace, Slots: slots, By: by}
	h.Intent.NumberZones, h.Intent.AddressNoes, h.Intent.Rates, h.Intent.Registered = nil, nil, nil, nil // it is judged by what is known then
	state.Hold(&p.Person, h)
	g.plan(p)
	return true
}

// judgeRound answers what waited together for the last slot of a cap, the most urgent
// first, for good.
func (g *Governor) judgeRound(p *person, held []rules.Held) {
	rules.Ranked(held)
	var round ranked
	for i := range held {
		h := &held[i]
		d := g.judgeRanked(p, h, &round)
		g.settle(p, sourceOf(h), &h.Intent, h.Decision, &d, nil)
	}
}

// judgeRanked is the decision on the next of a round.
func (g *Governor) judgeRanked(p *person, h *rules.Held, round *ranked) rules.Decision {
	g.beside(p, &h.Intent)
	d := rules.Decide(g.policy, &p.Person.Person, &h.Intent, g.now)
	g.policy.Outrank(&p.Person.Person, &h.Intent, g.now, &d, round.above(h.Intent.Priority))
	if d.Verdict == rules.Approved {
		round.approve(h)
	}
	return d
}

// ranked is what was approved so far in a round, in the order of priority.
type ranked struct {
	decisions  []rules.DecisionID
	priorities []int
}

func (r *ranked) approve(h *rules.Held) {
	r.decisions, r.priorities = append(r.decisions, h.Decision), append(r.priorities, h.Intent.Priority)
}

// above lists what was approved of a higher priority than the given one.
func (r *ranked) above(priority int) []rules.DecisionID {
	for i, p := range r.priorities {
		if p <= priority {
			return r.decisions[:i]
		}
	}
	return r.decisions
}

// RatedDue lists the campaigns by which calls of the people that wait, unjudged, are
// decided when they are due (Rated). The people must have been remembered.
func (g *Governor) RatedDue(people ...rules.PersonID) []rules.Campaign {
	var campaigns []rules.Campaign
	for _, id := range people {
		p := g.people[id]
		if p == nil {
			continue
		}
		for i := range p.Held {
			if in := &p.Held[i].Intent; g.Rated(in) && !slices.Contains(campaigns, in.Campaign) {
				campaigns = append(campaigns, in.Campaign)
			}
		}
	}
	return campaigns
}
