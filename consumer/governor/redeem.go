package governor

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// A worker asks just before it contacts the person, by a signal. It is answered in
// the order of the log: every no that was acknowledged before the question is heard
// before it, so there is no race that a no could lose.

// Answer is what a worker hears.
type Answer struct {
	Says     state.RedeemAnswer
	Decision rules.DecisionID // the approval; "" where there is none
	NotAfter rules.Instant    // of a yes: the contact is to begin before this
	Again    bool             // of a yes: the same worker had it before
}

// Redeem answers a worker that is about to contact the person; token is its own, for
// this one contact, or "". What would be vetoed by now is taken back first. Whoever
// took the approval, and asks again because the answer was lost, hears yes again; but
// not after a no: what protects the person is more than to say the same twice.
func (g *Governor) Redeem(id rules.PersonID, intent rules.IntentID, token string) Answer {
	p, worker := g.person(id), state.HashWorker(token)
	if !g.rebuilding {
		g.rejudgeThose(p, Source{}, "", func(c *rules.Contact) bool { return c.Intent == intent })
	}
	i := slices.IndexFunc(p.Contacts, func(c rules.Contact) bool { return c.Intent == intent })
	if i < 0 {
		return Answer{Says: state.NotApproved}
	}
	c := &p.Contacts[i]
	again := c.TakenBy(worker)
	r := Answer{Decision: c.Decision, Says: state.Redeem(g.policy, &p.Person, intent, worker, g.now)}
	if again && r.Says == state.Redeemed {
		r.Says = state.RedeemAnswer(g.judgeAgain(p, c)) // no reason is a yes
	}
	if r.Says == state.Redeemed {
		r.NotAfter, r.Again = c.NotAfter, again
		if !again {
			g.counts.Redeemed++
		}
		if p.away && !again {
			g.tellContact(p, Source{}, c)
		}
	}
	g.plan(p)
	return r
}

// answer answers a question of the log. Where a lost memory is made anew nobody is
// told: what was answered then the log says, and what it does not say nobody heard.
func (g *Governor) answer(src Source, s *state.Signal) {
	r := g.Redeem(s.Person, s.Intent, s.Worker)
	if g.rebuilding {
		return
	}
	out := schemas.Redemption{
		ID: string(s.ID), Intent: string(s.Intent), Decision: string(r.Decision), Person: string(s.Person), Worker: s.Worker,
		OK: r.Says == state.Redeemed, Reason: string(r.Says), NotAfter: schemas.Time(r.NotAfter), Again: r.Again,
		Answered: schemas.Time(g.now),
	}
	g.emit(Output{Topic: Redemption, Person: s.Person, ID: out.ID, At: g.now, Value: out.AppendJSON(nil), Source: src})
}

// RecallAnswer makes the memory know an answer that was found in the log: it was
// acted on, so nothing is answered anew.
func (g *Governor) RecallAnswer(r *schemas.Redemption) {
	g.now = max(g.now, rules.Instant(r.Answered))
	if !r.OK {
		return
	}
	p := g.person(rules.PersonID(r.Person))
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Decision == rules.DecisionID(r.Decision) && !c.Fate.Has(rules.WasRedeemed) {
			state.Take(g.policy, c, state.HashWorker(r.Worker), rules.Instant(r.Answered))
			if p.away {
				g.tellContact(p, Source{}, c)
			}
			g.plan(p)
		}
	}
}

// mayLeak says whether the contact may be under way: a worker took the approval, its
// life is not over, and nothing was heard of it.
func (g *Governor) mayLeak(c *rules.Contact) bool {
	return c.Underway() && !c.Fate.Has(rules.Leaked|rules.Elsewhere) && g.now < c.NotAfter
}

// leak tells that a contact may have happened after the no.
func (g *Governor) leak(p *person, src Source, c *rules.Contact, reason rules.Reason, signal rules.SignalID) {
	c.Fate |= rules.Leaked
	out := schemas.Leak{
		ID: "l" + string(c.Decision), Decision: string(c.Decision), Intent: string(c.Intent), Person: string(p.whose(c)),
		Reason: string(reason), Signal: string(signal), Redeemed: schemas.Time(c.Redeemed), Refused: schemas.Time(g.now),
	}
	g.emit(Output{Topic: Leaked, Person: p.whose(c), ID: out.ID, At: g.now, Value: out.AppendJSON(nil), Source: src})
	if p.away {
		g.tellContact(p, src, c)
	}
}

// RecallLeak makes the memory know that a leak was told. One that it knows of changes
// nothing.
func (g *Governor) RecallLeak(id rules.PersonID, decision rules.DecisionID) {
	p := g.people[id]
	if p == nil {
		return
	}
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Decision == decision && !c.Fate.Has(rules.Leaked) {
			c.Fate |= rules.Leaked
			g.touchPerson(g.person(id))
		}
	}
}

// Counts is what happened that no record of the log counts by itself.
type Counts struct {
	Redeemed     int // answers that were yes, and not again
	Contradicted int // contacts of which it was said that they happened, and that they did not; the first counts
}

// Counts is what happened since the last call.
func (g *Governor) Counts() Counts {
	c := g.counts
	g.counts = Counts{}
	return c
}

// contradictions counts those of the person's contacts, where the signal is an outcome.
func contradictions(p *person, s *state.Signal) (n int) {
	if s.Type != state.Outcome {
		return 0
	}
	for i := range p.Contacts {
		if p.Contacts[i].Contradicted() {
			n++
		}
	}
	return n
}
