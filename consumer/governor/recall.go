package governor

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Recalled is a decision that the log holds and the memory may lack.
type Recalled struct {
	Decision schemas.Decision
	Intent   *rules.Intent // as it was read; nil where its record is not kept any more
	Revoked  bool          // it was taken back since
	Leaked   bool          // a no came after a worker had taken it, and that was told
}

// Recalling begins, or ends, a time in which the log is read: signals are heard as
// ever, decisions are recalled, and nothing that is due is decided.
func (g *Governor) Recalling(on bool) { g.recalling = on }

// Rebuilding begins, or ends, a time in which a lost memory is made anew: decisions
// are recalled (Recalling), what stands is there already, and nothing is judged
// again. Afterwards JudgeAgain is to be called for everybody who has something out.
func (g *Governor) Rebuilding(on bool) { g.recalling, g.rebuilding = on, on }

// JudgeAgain takes back what is out to the person and would be vetoed now.
func (g *Governor) JudgeAgain(id rules.PersonID) { g.rejudge(g.person(id), Source{}, "") }

// replay gives the person's log what a signal says that their standing has heard
// already, and the log, in a rebuild, not yet. Of two signals with one id the first
// counts, as far as the person stays in memory.
func (g *Governor) replay(p *person, s *state.Signal, before fares) {
	if !g.rebuilding || slices.Contains(p.replayed, s.ID) {
		return
	}
	p.replayed = append(p.replayed, s.ID)
	state.ReplaySignal(g.policy, &p.Person, s, g.now)
	g.count(p.name(), p, before)
}

// RecallRevocation makes the memory know that an approval was taken back. One that
// it knows of changes nothing.
func (g *Governor) RecallRevocation(id rules.PersonID, decision rules.DecisionID) {
	p := g.people[id]
	if p == nil {
		return
	}
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Decision == decision && !c.Fate.Has(rules.WasRevoked) {
			state.Revoke(c)
			g.plan(g.person(id))
		}
	}
}

// Recall makes the memory know a decision that was found in the log. It is not
// decided again, for it may have been acted on; and nothing is emitted, for the
// world knows. One that the memory has already changes nothing.
//
// Where the intent is not kept any more, what the decision says of it has to do.
func (g *Governor) Recall(r *Recalled) {
	d := &r.Decision
	g.now = max(g.now, rules.Instant(d.Decided))
	if d.Original != "" {
		return // a duplicate or a conflict left no other trace
	}
	p := g.person(rules.PersonID(d.Person))
	if p.Erased != 0 && rules.Instant(d.Decided) <= p.Erased {
		p.Spent.Add(rules.IntentID(d.Intent)) // forgotten since, at the person's wish
		return
	}
	in := p.recalled(r)
	if p.decided(rules.DecisionID(d.ID)) {
		return
	}
	decision := rules.Decision{Verdict: rules.Verdict(d.Verdict), NotAfter: rules.Instant(d.NotAfter)}
	for _, e := range d.Evidence {
		decision.Count(rules.Evidence{Rule: e.Rule, Used: e.Used, Limit: e.Limit, Waived: e.Waived, Shadow: e.Shadow})
	}
	var items []rules.IntentID
	for _, item := range d.Items {
		items = append(items, rules.IntentID(item))
	}
	state.ApplyDecision(g.policy, &p.Person, in, rules.DecisionID(d.ID), &decision, items, rules.Instant(d.Decided))
	g.plan(p)
	if decision.Verdict != rules.Approved {
		return
	}
	c := &p.Contacts[len(p.Contacts)-1]
	if r.Revoked {
		state.Revoke(c)
	}
	if r.Leaked {
		c.Fate |= rules.Leaked
	}
	g.goesOut(c.Address, c.Campaign, in.Person, c.NotAfter)
	g.wantCampaign(c.Campaign)
	if p.away {
		g.tellContact(p, Source{}, c)
	}
}

// recalled is the intent of a recalled decision. A notice that the memory still
// holds is held no longer.
func (p *person) recalled(r *Recalled) *rules.Intent {
	id := rules.IntentID(r.Decision.Intent)
	if i := slices.IndexFunc(p.Held, func(h rules.Held) bool { return h.Decision == rules.DecisionID(r.Decision.ID) }); i >= 0 {
		in := p.Held[i].Intent
		p.Held = slices.Delete(p.Held, i, i+1)
		return &in
	}
	if r.Intent != nil {
		return r.Intent
	}
	d := &r.Decision
	return &rules.Intent{
		ID: id, Person: rules.PersonID(d.Person), Channel: rules.Channel(d.Channel), Purpose: rules.Purpose(d.Purpose),
		Campaign: rules.Campaign(d.Campaign), Subject: rules.Subject(d.Subject), Brand: rules.Brand(d.Brand),
		Engine: d.Engine, Mode: rules.ModeManual, At: rules.Instant(d.Decided),
	}
}

// decided says whether the memory has the decision.
func (p *person) decided(id rules.DecisionID) bool {
	return slices.ContainsFunc(p.Contacts, func(c rules.Contact) bool { return c.Decision == id }) ||
		slices.ContainsFunc(p.Known.All(), func(k rules.Known) bool { return k.Decision == id })
}
