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

// counter is a rule that counts contacts. It objects to an intent that it binds
// exactly if it counts as many as it allows or more, and nothing waives it.
type counter interface {
	tally(q *question, at Instant) tally
}

// tally is what a counter counted. The zero value is of a rule that does not
// bind the intent.
type tally struct {
	used, limit int
	binds       bool
	waived      bool // a consent sets the rule aside
}

func (t tally) objects() bool { return t.binds && !t.waived && t.used >= t.limit }

// edger is a rule that will object again at a known time of day. Approvals do
// not live past it.
type edger interface {
	// edge is the first instant after at at which the rule objects; Never if
	// it knows none. It is only asked of a rule that is free at at.
	edge(q *question, at Instant) Instant
}

// keeper is a rule that looks at contacts that are older than every window.
type keeper interface {
	keeps(p *Policy, who *Person, c *Contact) bool
}

// meta is what every rule has.
type meta struct {
	reason     Reason
	name       string   // the rule's name in the policy, or of the core
	line       Position // where the policy says so; the zero value for the core
	cites      string
	unverified bool

	// counting rules are left aside when an approval is judged again because
	// of a signal: it was counted already.
	counting bool

	// momentary rules speak about the moment of asking only; earliest leaves
	// them aside (staleness, the waits of notices).
	momentary bool

	// tacit rules are told of only where they have something to say: the policy
	// does not speak of them.
	tacit bool
}

func (m *meta) about() *meta { return m }

// entry is a rule of a policy, with what it can do beside objecting.
type entry struct {
	rule
	*meta
	counter // nil where it does not count
	edger   // nil where it knows no edge
	shadow  bool
}

func newEntry(r rule) entry {
	e := entry{rule: r, meta: r.about()}
	e.counter, _ = r.(counter)
	e.edger, _ = r.(edger)
	return e
}

// question is one intent put to one person's memory under one policy.
type question struct {
	policy   *Policy
	who      *Person
	in       *Intent
	declared Class // of the purpose
	class    Class // as judged and counted
	role     Role
	now      Instant

	places []place    // the intent's and the person's, or the number's, or the default; all of them must allow
	quiet  []weekSpan // when the person wants to be left alone
	noes   []standingAgainst
}

// ask puts a question. It is one of a pool, so that deciding costs no memory:
// done gives it back.
func (p *Policy) ask(who *Person, in *Intent, now Instant) *question {
	q, _ := p.questions.Get().(*question)
	if q == nil {
		q = new(question)
	}
	spec := p.purpose(in.Purpose)
	q.policy, q.who, q.in, q.now = p, who, in, now
	q.declared, q.role = spec.Class, spec.Role
	q.class = judged(spec.Class, in.Promotes)
	q.places, q.quiet = q.places[:0], q.quiet[:0]
	switch {
	case len(in.Zones)+len(who.Zones) > 0:
		q.locate(in.Zones)
		q.locate(who.Zones)
	case len(in.NumberZones) > 0:
		q.locate(in.NumberZones)
	default:
		q.locate(p.zones)
	}
	q.quiet = who.quietSpans(q.quiet)
	q.noes = q.standing(q.noes[:0])
	return q
}

func (q *question) locate(zones []*time.Location) {
	for _, loc := range zones {
		q.places = append(q.places, locate(loc, q.now))
	}
}

// done gives the question back; nothing of it may be used any more.
func (q *question) done() {
	q.who, q.in = nil, nil
	clear(q.noes)
	q.policy.questions.Put(q)
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
