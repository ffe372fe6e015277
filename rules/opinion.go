package rules

// Opinion is what one rule has to say about an intent, whether it objects or not.
type Opinion struct {
	Objection // Detail and Earliest only where it objects

	Objects    bool
	Shadow     bool // it is on trial: nothing follows from its objection
	Unverified bool
	Counts     bool // it counts contacts, and binds the intent
	Evidence   Evidence
}

// Opinions asks every rule of the policy about an intent, in the order in which
// the first reason is chosen, those on trial last. What the policy does not speak of,
// campaigns that were registered otherwise, it tells only where that matters. It is what Decide asks, told in
// full; of a known id, about which no rule is asked, it tells what they would say.
func Opinions(p *Policy, who *Person, in *Intent, now Instant) []Opinion {
	q := p.ask(who, in, now)
	defer q.done()
	var all []Opinion
	for i := range p.rules {
		if o := p.rules[i].opinion(q); o.Objects || o.Counts || !p.rules[i].tacit {
			all = append(all, o)
		}
	}
	for i := range p.shadows {
		o := p.shadows[i].opinion(q)
		o.Shadow = true
		all = append(all, o)
	}
	return all
}

func (e *entry) opinion(q *question) Opinion {
	o := Opinion{Unverified: e.unverified}
	o.Reason, o.Rule, o.Line, o.Cites = e.reason, e.name, e.line, e.cites
	if e.counter != nil {
		t := e.tally(q, q.now)
		o.Counts = t.binds
		o.Evidence = Evidence{Rule: e.name, Used: t.used, Limit: t.limit, Waived: t.waived, Shadow: e.shadow}
	}
	if free := e.free(q, q.now); free != q.now {
		o.Objects = true
		o.Objection = e.object(q, free)
	}
	return o
}
