package rules

// horizon bounds the search for the earliest instant: what is free in ten years
// only is never free.
const horizon = 10 * 366 * 24 * 60 * 60 * 1000

// Decide answers one intent.
//
// A known id is answered as a duplicate or a conflict, and no rule is asked.
// Otherwise every rule is asked, so that every objection and all evidence is in
// the decision; the loop must not be short-circuited. If nothing objects the
// intent is approved.
//
// The person and the intent are only read. The purpose and the channel must be
// ones that the policy declares (Policy.Declares); of others Decide makes a
// solicitation.
func Decide(p *Policy, who *Person, in *Intent, now Instant) Decision {
	if d, known := again(who, in, now); known {
		return d
	}
	q := p.ask(who, in, now)
	d := Decision{Verdict: Approved}
	for _, r := range p.rules {
		if c, ok := r.(counter); ok {
			if used, limit, binds := c.count(&q); binds {
				d.Evidence = append(d.Evidence, Evidence{Rule: r.about().name, Used: used, Limit: limit})
			}
		}
		if free := r.free(&q, now); free != now {
			d.Objections = append(d.Objections, object(r, &q, free))
		}
	}
	if len(d.Objections) > 0 {
		d.Verdict = Vetoed
		d.Earliest = p.earliest(&q, d.Objections)
		return d
	}
	d.NotAfter = p.deadline(&q)
	return d
}

// Rejudge says whether an approval that is still out would be vetoed now, by
// all rules but the counting ones (it was counted already), and with which
// reason (semantics.md, "Taking back and redeeming").
func Rejudge(p *Policy, who *Person, person PersonID, c *Contact, now Instant) (Objection, bool) {
	in := c.intent(person)
	q := p.ask(who, &in, now)
	for _, r := range p.rules {
		if r.about().counting {
			continue
		}
		if free := r.free(&q, now); free != now {
			return object(r, &q, free), true
		}
	}
	return Objection{}, false
}

func object(r rule, q *question, free Instant) Objection {
	m := r.about()
	o := Objection{Reason: m.reason, Rule: m.name, Detail: r.detail(q), Line: m.line}
	if free != Never {
		o.Earliest = free
	}
	return o
}

// earliest is the first instant at which no rule would object, 0 if there is
// none: no rule is free before its own answer, so the search only has to go
// from answer to answer until all agree.
func (p *Policy) earliest(q *question, objections []Objection) Instant {
	for _, o := range objections {
		if o.Earliest == 0 {
			return 0
		}
	}
	for at := q.now; at-q.now <= horizon; {
		next := at
		for _, r := range p.rules {
			if !r.about().momentary {
				next = max(next, r.free(q, next))
			}
		}
		if next == at {
			return at
		}
		at = next
	}
	return 0
}

// deadline is the instant before which an approval must be redeemed: its life,
// the intent's own end, or the edge of the hours in which it is allowed,
// whichever is first.
func (p *Policy) deadline(q *question) Instant {
	end := q.now.Add(p.life)
	if q.in.NotAfter != 0 {
		end = min(end, q.in.NotAfter)
	}
	for _, r := range p.rules {
		if e, ok := r.(edger); ok {
			end = min(end, e.edge(q, q.now))
		}
	}
	return end
}
