package governor

import (
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Moment is what the rules are asked when an intent is judged: all that its
// decision is made of. It shares nothing with the governor.
type Moment struct {
	Person   rules.Person
	Intent   rules.Intent
	Now      rules.Instant
	Decision rules.DecisionID // the id that the decision carries
}

// Consult is what the rules would be asked about the intent now. Nothing is
// decided, and nothing changes. Whoever the intent involves must have been
// remembered.
func (g *Governor) Consult(src Source, in *rules.Intent) (Moment, error) {
	s, p, err := g.aside(in.Person)
	if err != nil {
		return Moment{}, err
	}
	asked := *in
	s.beside(p, &asked)
	id := p.DecisionID(in.Person, in.ID, src.String)
	return Moment{Person: p.Person.Person, Intent: asked, Now: s.now, Decision: id}, nil
}

// ConsultHeld is what the rules will be asked about an intent that waits, when its
// group is due and if nothing else happens until then; false if it does not wait.
// Nothing is decided, and nothing changes. The person must have been remembered.
func (g *Governor) ConsultHeld(person rules.PersonID, id rules.IntentID) (Moment, bool, error) {
	s, p, err := g.aside(person)
	if err != nil {
		return Moment{}, false, err
	}
	for len(p.Held) > 0 {
		due, group := s.policy.NextDue(&p.Person.Person)
		s.now = max(s.now, due)
		if i := slices.IndexFunc(group, func(i int) bool { return p.Held[i].Intent.ID == id }); i < 0 {
			s.judgeGroup(p, group) // what is due before it may count against it
			continue
		}
		held := state.ReleaseGroup(&p.Person, group)
		if held[0].Arbitrated() {
			rules.Ranked(held)
		}
		i := slices.IndexFunc(held, func(h rules.Held) bool { return h.Intent.ID == id })
		if held[0].Arbitrated() {
			s.judgeRound(p, held[:i]) // what is more urgent is judged before it
		}
		h := held[i]
		s.beside(p, &h.Intent)
		return Moment{Person: p.Person.Person, Intent: h.Intent, Now: s.now, Decision: h.Decision}, true, nil
	}
	return Moment{}, false, nil
}

// NextDue is when somebody is on the agenda next, if anybody is.
func (g *Governor) NextDue() (rules.Instant, bool) {
	next, waits := g.waiting.next(rules.Never)
	return next.at, waits
}

// aside is a copy of the governor that knows one person only, and that person: what
// it decides is known to nobody.
func (g *Governor) aside(id rules.PersonID) (*Governor, *person, error) {
	s := *g
	s.people, s.touched, s.waiting, s.out, s.recalling = make(map[rules.PersonID]*person), nil, agenda{}, nil, false
	s.vetoRates = vetoRates{}
	s.addresses, s.registry = addresses{known: g.addresses.known}, registry{known: g.registry.known} // which nobody changes who only decides
	if p := g.people[id]; p != nil {
		standing, err := state.EncodeStanding(id, &p.Person)
		if err != nil {
			return nil, nil, fmt.Errorf("copy a person: %w", err)
		}
		if err := s.Remember(id, state.Memory{Standing: standing, Log: state.EncodeLog(&p.Person)}); err != nil {
			return nil, nil, err
		}
	}
	return &s, s.person(id), nil
}
