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
// ones that the policy declares (Policy.Class, Policy.HasChannel); of others
// Decide makes a solicitation.
func Decide(p *Policy, who *Person, in *Intent, now Instant) Decision {
	if d, known := again(who, in, now); known {
		return d
	}
	q := p.ask(who, in, now)
	defer q.done()
	d := Decision{Verdict: Approved}
	for i := range p.rules {
		r := &p.rules[i]
		free := r.ask(q, &d)
		if free != now {
			d.Objections = append(d.Objections, r.object(q, free))
		}
	}
	for i := range p.shadows {
		r := &p.shadows[i]
		if free := r.ask(q, &d); free != now {
			d.Shadow = append(d.Shadow, r.object(q, free))
		}
	}
	if len(d.Objections) > 0 {
		d.Verdict = Vetoed
		d.Earliest = p.earliest(q, d.Objections)
		return d
	}
	d.NotAfter = p.deadline(q)
	return d
}

// ask is free at the present. A rule that counts is only asked when it will be
// free if it objects; what it counted goes into the decision.
func (e *entry) ask(q *question, d *Decision) Instant {
	if e.counter == nil {
		return e.free(q, q.now)
	}
	t := e.tally(q, q.now)
	if t.binds {
		d.Count(Evidence{Rule: e.name, Used: t.used, Limit: t.limit, Waived: t.waived, Shadow: e.shadow})
	}
	if !t.objects() {
		return q.now
	}
	return e.free(q, q.now)
}

// Rejudge says whether an approval that is still out would be vetoed now, by
// all rules but the counting ones (it was counted already), and with which
// reason (semantics.md, "Taking back and redeeming"). The intent is what was
// approved (Contact.AsIntent).
func Rejudge(p *Policy, who *Person, in *Intent, now Instant) (Objection, bool) {
	q := p.ask(who, in, now)
	defer q.done()
	for i := range p.rules {
		r := &p.rules[i]
		if r.counting {
			continue
		}
		if free := r.free(q, now); free != now {
			return r.object(q, free), true
		}
	}
	return Objection{}, false
}

func (e *entry) object(q *question, free Instant) Objection {
	o := Objection{Reason: e.reason, Rule: e.name, Detail: e.detail(q), Line: e.line, Cites: e.cites}
	if free != Never {
		o.Earliest = free
	}
	return o
}

// earliest is the first instant at which no rule would object, 0 if there is
// none: no rule is free before its own answer, so the search begins with those that
// are known, and only has to go from answer to answer until all agree.
func (p *Policy) earliest(q *question, objections []Objection) Instant {
	at := q.now
	for i := range objections {
		o := &objections[i]
		if o.Earliest == 0 {
			return 0
		}
		at = max(at, o.Earliest)
	}
	for at-q.now <= horizon {
		next := at
		for i := range p.rules {
			if r := &p.rules[i]; !r.momentary {
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
	return min(q.now.Add(p.life), p.end(q))
}

// end is until when the intent may be approved as things are: its own end, or the
// edge of the hours in which it is allowed; Never if nothing is in the way.
func (p *Policy) end(q *question) Instant {
	end := Never
	if q.in.NotAfter != 0 {
		end = q.in.NotAfter
	}
	for i := range p.rules {
		if r := &p.rules[i]; r.edger != nil {
			end = min(end, r.edge(q, q.now))
		}
	}
	return end
}
