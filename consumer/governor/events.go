package governor

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// mostHeld bounds how much waits for one person, so that the ids of a group fit into
// one record. What comes beyond is judged at once, by itself.
const mostHeld = 1000

// Advance moves the present to at. What was due by then happens first, each at
// its own instant. The present does not go back.
//
// It stops, and says false, before somebody whom the governor does not remember:
// that person's memory is to be brought (DueBy, Remember), and then it goes on.
// While the governor recalls, nothing is due: the log knows what was decided.
func (g *Governor) Advance(at rules.Instant) bool {
	for !g.recalling {
		next, due := g.waiting.next(at)
		if !due {
			break
		}
		if g.people[next.person] == nil {
			return false
		}
		p := g.person(next.person)
		g.unlist(p, next.person)
		// The agenda may be older than the policy: what is not due stays held.
		if due, group := g.policy.NextDue(&p.Person.Person); due <= at {
			g.now = max(g.now, due)
			g.judgeGroup(p, group)
		}
		g.plan(p)
	}
	g.now = max(g.now, at)
	return true
}

// Intent answers an intent at the present: with a decision, or by holding it until
// its group is due, where its id is new and it is a notice, or where it would be
// approved and take the last slot of a cap that waits for whoever is more urgent.
func (g *Governor) Intent(src Source, in *rules.Intent) {
	p := g.person(in.Person)
	id := p.DecisionID(in.Person, in.ID, src.String)
	stopped := p.away && !g.policy.Judged(in).Exempt()
	if !stopped && g.policy.IsNotice(in) && !p.Knows(in.ID, g.now) && len(p.Held) < mostHeld {
		state.Hold(&p.Person, rules.Held{Intent: *in, Arrived: g.now, Decision: id, Source: src.Offset, Trace: src.Trace})
		g.plan(p)
		return
	}
	g.beside(p, in)
	d := rules.Decide(g.policy, &p.Person.Person, in, g.now)
	if stopped {
		vetoAway(&d)
	}
	if g.arbitrate(p, src, in, id, &d) {
		return
	}
	g.settle(p, src, in, id, &d, nil)
	if p.away && d.Verdict == rules.Approved {
		g.tellContact(p, src, &p.Contacts[len(p.Contacts)-1])
	}
}

// settle makes a decision known: to the person's memory and to the world.
func (g *Governor) settle(p *person, src Source, in *rules.Intent, id rules.DecisionID, d *rules.Decision, items []rules.IntentID) {
	state.ApplyDecision(g.policy, &p.Person, in, id, d, items, g.now)
	g.decision(src, in, id, d, items, g.now)
	if d.Verdict == rules.Approved {
		g.goesOut(in.Address, in.Campaign, in.Person, d.NotAfter)
	}
	if len(p.Held) > 0 {
		g.plan(p)
	}
}

// judgeGroup answers what is held and judged together (Policy.NextDue): a round of
// those who wait for a last slot, or notices about a subject. Of these the first to
// which no rule objects speaks for all of them; if there is none, each has its own
// veto.
func (g *Governor) judgeGroup(p *person, group []int) {
	held := state.ReleaseGroup(&p.Person, group)
	if held[0].Arbitrated() {
		g.judgeRound(p, held)
		return
	}
	var items []rules.IntentID
	for i := range held {
		if id := held[i].Intent.ID; !slices.Contains(items, id) { // two records may each have the same id
			items = append(items, id)
		}
	}
	if len(items) == 1 {
		items = nil // it speaks for itself
	}
	decisions := make([]rules.Decision, len(held))
	carrier := -1
	for i := range held {
		g.beside(p, &held[i].Intent)
		decisions[i] = rules.Decide(g.policy, &p.Person.Person, &held[i].Intent, g.now)
		if decisions[i].Verdict == rules.Approved {
			carrier = i
			break
		}
	}
	for i := range held {
		h := &held[i]
		src := sourceOf(h)
		switch {
		case i == carrier:
			g.settle(p, src, &h.Intent, h.Decision, &decisions[i], items)
		case carrier >= 0:
			g.veto(p, src, h, rules.Coalesced, "another notice about the same subject speaks for this one")
		default:
			g.settle(p, src, &h.Intent, h.Decision, &decisions[i], nil)
		}
	}
}

// veto answers a held notice that is not judged by the rules any more.
func (g *Governor) veto(p *person, src Source, h *rules.Held, reason rules.Reason, detail string) {
	d := rules.Decision{Verdict: rules.Vetoed, Objections: []rules.Objection{{Reason: reason, Rule: string(reason), Detail: detail}}}
	g.settle(p, src, &h.Intent, h.Decision, &d, nil)
}

// Signal hears a signal at the present, and judges again what is out to the
// person, or, where it is about an address or a campaign, to whomever it concerns. One that was
// heard before changes nothing.
func (g *Governor) Signal(src Source, s *state.Signal) {
	switch s.Type {
	case state.ToldRecord:
		if g.here(s.Person) { // else it came to the wrong place
			g.hearRecord(src, s)
		}
	case state.ToldAddress:
		g.hearAddress(src, s)
	case state.ToldCampaign:
		g.hearCampaign(src, s)
	case state.Redemption:
		g.answer(src, s)
	default:
		g.signal(g.person(s.Person), src, s, false)
	}
}

// signal hears what was said on a record of the person, in this partition or, told
// from there, in another. What became of calls is counted where it was said, if the
// call is known there, and else where it was approved.
func (g *Governor) signal(p *person, src Source, s *state.Signal, told bool) {
	switch {
	case p.HasHeard(s.ID):
	case s.Type == state.Erasure && min(s.At, g.now) > p.Erased:
		g.takeBackAll(p, src, s.ID, rules.Never)
	case s.Type == state.Merge:
		p = g.join(p, src, s)
	}
	before := g.fares(p)
	if told {
		before = before.here(p)
	}
	denied := contradictions(p, s)
	if !state.ApplySignal(g.policy, &p.Person, s, g.now) {
		g.replay(p, s, before)
		return
	}
	g.counts.Contradicted += contradictions(p, s) - denied
	g.count(p.name(), p, before)
	if p.away {
		g.tellSignal(p, src, s.Raw)
	}
	if s.Type == state.Resolved {
		g.moot(p, src, s)
	}
	g.rejudge(p, src, s.ID)
	g.author(p, src, s.ID)
}

// Unreadable hears a refusal that could not be read but for whose it is.
// Nobody knows what it refused, so it is everything.
func (g *Governor) Unreadable(src Source, id rules.PersonID) {
	if state.IsNobody(id) {
		return // nobody's: a key that is garbage
	}
	p := g.person(id)
	state.RefuseEverything(&p.Person, id, g.now)
	if p.away {
		shared, err := state.EncodeShared("", &p.Person)
		g.tellRecord(p, src, p.home(), schemas.Told{Standing: shared}, err)
	}
	g.rejudge(p, src, "")
}

// rejudge takes back every approval that is out and would be vetoed now. In a
// rebuild nothing is: what stands is that of the end, and what was taken back then
// the log says.
func (g *Governor) rejudge(p *person, src Source, signal rules.SignalID) {
	if g.rebuilding {
		return
	}
	g.rejudgeThose(p, src, signal, func(*rules.Contact) bool { return true })
}

// rejudgeThose takes back what is out of some of the person's contacts and would be
// vetoed now. What a worker took already cannot be taken back: it leaks.
func (g *Governor) rejudgeThose(p *person, src Source, signal rules.SignalID, those func(*rules.Contact) bool) {
	for i := range p.Contacts {
		c := &p.Contacts[i]
		out := g.isOut(c)
		if !out && !g.mayLeak(c) || !those(c) {
			continue
		}
		reason := g.judgeAgain(p, c)
		switch {
		case reason == "":
		case out:
			g.touchPerson(p)
			g.takeBack(p, src, c, reason, signal)
		default:
			g.touchPerson(p)
			g.leak(p, src, c, reason, signal)
		}
	}
	if len(p.Held) > 0 {
		g.plan(p) // what was taken back is not waited for
	}
}

// judgeAgain is why an approval would be vetoed now, "" if it would not.
func (g *Governor) judgeAgain(p *person, c *rules.Contact) rules.Reason {
	in := c.AsIntent(p.whose(c))
	g.beside(p, &in)
	o, _ := rules.Rejudge(g.policy, &p.Person.Person, &in, g.now)
	return o.Reason
}

// isOut says whether an approval could be redeemed now.
func (g *Governor) isOut(c *rules.Contact) bool { return c.Pending() && g.now < c.NotAfter }

func (g *Governor) takeBack(p *person, src Source, c *rules.Contact, reason rules.Reason, signal rules.SignalID) {
	state.Revoke(c)
	g.revocation(src, p.whose(c), c, reason, signal)
	if p.away {
		g.tellContact(p, src, c)
	}
}

// moot ends what is about a cause that is gone: held notices at once, an
// approved one if nobody took it yet.
func (g *Governor) moot(p *person, src Source, s *state.Signal) {
	held := state.Release(&p.Person, s.Scope.Subject)
	for i := range held {
		g.veto(p, sourceOf(&held[i]), &held[i], rules.Moot, "the cause is gone")
	}
	g.plan(p)
	for i := range p.Contacts {
		c := &p.Contacts[i]
		if c.IsNotice() && c.Subject == s.Scope.Subject && g.isOut(c) {
			g.takeBack(p, src, c, rules.Moot, s.ID)
		}
	}
}

// takeBackAll ends everything that is out or held since no later than the given
// instant, for a person who asked to be forgotten.
func (g *Governor) takeBackAll(p *person, src Source, signal rules.SignalID, until rules.Instant) {
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.At <= until && g.isOut(c) {
			g.takeBack(p, src, c, rules.RefusedTombstone, signal)
		}
	}
	for i := range p.Held {
		h := &p.Held[i]
		if h.Arrived > until {
			continue
		}
		d := rules.Decision{Verdict: rules.Vetoed, Objections: []rules.Objection{{
			Reason: rules.RefusedTombstone, Rule: string(rules.RefusedTombstone), Detail: "the person asked to be forgotten",
		}}}
		g.decision(sourceOf(h), &h.Intent, h.Decision, &d, nil, g.now)
	}
	g.waiting.put(p.name(), rules.Never)
}
