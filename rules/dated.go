package rules

// dated is a rule that is in force only from one day to another, both included,
// local to the person. Where several places are possible it is in force while it
// is in any of them.
type dated struct {
	rule
	from, until Date
}

// force is the time in which the rule is in force: [start, end).
func (r *dated) force(q *question) (start, end Instant) {
	start, end = -Never, Never
	if r.from != (Date{}) {
		start = Never
		for i := range q.places {
			start = min(start, q.places[i].midnight(r.from.days()))
		}
	}
	if r.until != (Date{}) {
		end = -Never
		for i := range q.places {
			end = max(end, q.places[i].midnight(r.until.days()+1))
		}
	}
	return start, end
}

func (r *dated) free(q *question, at Instant) Instant {
	start, end := r.force(q)
	if at < start || at >= end {
		return at
	}
	return min(r.rule.free(q, at), end)
}

// edge is when the rule comes into force, if it would object then, or the edge of
// the rule itself while it is in force. One that counts has no edge: what it will
// count, it has counted when the contact was approved.
func (r *dated) edge(q *question, at Instant) Instant {
	start, end := r.force(q)
	if at >= end || r.about().counting {
		return Never
	}
	from := max(at, start)
	if from > at && r.rule.free(q, from) != from {
		return from
	}
	if e, ok := r.rule.(edger); ok {
		if edge := e.edge(q, from); edge < end {
			return edge
		}
	}
	return Never
}

// datedCounter is a dated rule that counts.
type datedCounter struct {
	dated
	counts counter
}

func (r *datedCounter) tally(q *question, at Instant) tally {
	if start, end := r.force(q); at < start || at >= end {
		return tally{}
	}
	return r.counts.tally(q, at)
}

// in puts a rule into the days in which its terms say it is in force.
func (t *Terms) in(r rule) rule {
	if t.From == (Date{}) && t.Until == (Date{}) {
		return r
	}
	d := dated{r, t.From, t.Until}
	if c, ok := r.(counter); ok {
		return &datedCounter{d, c}
	}
	return &d
}
