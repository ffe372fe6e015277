package rules

import "time"

// rule is one reason to say no.
type rule interface {
	about() *meta

	// free is the first instant, at or after at, at which the rule does not
	// object to the intent if nothing else happens; Never where no passing of
	// time helps. The rule objects at an instant if it is not free then. Free
	// is exact: the rule objects at every instant from at to just before it.
	free(q *question, at Instant) Instant

	// detail says in one sentence, to a person, why the rule objects at now.
	detail(q *question) string
}

// counter is a rule that counts contacts, and can say how many it counted and
// how many it allows.
type counter interface {
	count(q *question) (used, limit int, binds bool)
}

// edger is a rule that will object again at a known time of day. Approvals do
// not live past it.
type edger interface {
	// edge is the first instant after at at which the rule objects; Never if
	// it knows none. It is only asked of a rule that is free at at.
	edge(q *question, at Instant) Instant
}

// meta is what every rule has.
type meta struct {
	reason Reason
	name   string   // the rule's name in the policy, or of the core
	line   Position // where the policy says so; the zero value for the core

	// counting rules are left aside when an approval is judged again because
	// of a signal: it was counted already.
	counting bool

	// momentary rules speak about the moment of asking only; earliest leaves
	// them aside (staleness, the waits of notices).
	momentary bool
}

func (m *meta) about() *meta { return m }

// question is one intent put to one person's memory under one policy.
type question struct {
	policy   *Policy
	who      *Person
	in       *Intent
	declared Class // of the purpose
	class    Class // as judged and counted
	role     Role
	zones    []*time.Location // the intent's and the person's, or the number's, or the default; all of them must allow
	now      Instant
}

func (p *Policy) ask(who *Person, in *Intent, now Instant) question {
	spec := p.purpose(in.Purpose)
	q := question{policy: p, who: who, in: in, declared: spec.Class, role: spec.Role, now: now}
	q.class = judged(spec.Class, in.Promotes)
	switch {
	case len(in.Zones) > 0 && len(who.Zones) > 0:
		q.zones = append(append(make([]*time.Location, 0, len(in.Zones)+len(who.Zones)), in.Zones...), who.Zones...)
	case len(in.Zones) > 0:
		q.zones = in.Zones
	case len(who.Zones) > 0:
		q.zones = who.Zones
	case len(in.NumberZones) > 0:
		q.zones = in.NumberZones
	default:
		q.zones = p.zones
	}
	return q
}

// judged is the class that a purpose is judged and counted as: an ask is a
// solicitation, and so is whatever sells, but what the law demands and the
// confirmation.
func judged(declared Class, promotes bool) Class {
	if declared == Ask || (promotes && declared != Legal && declared != Confirmation) {
		return Solicitation
	}
	return declared
}

// mayAskFor says whether the intent may be asking for a consent to the purpose:
// it is a consent request whose subject does not name another purpose.
func (q *question) mayAskFor(purpose Purpose) bool {
	if q.role != ConsentRequest {
		return false
	}
	named := Purpose(q.in.Subject)
	_, other := q.policy.purposes[named]
	return !other || named == purpose
}
