package rules

import "fmt"

// budget is the person's own limit. It binds everything but what is exempt and
// service, which still counts toward it.
type budget struct {
	meta
}

func (r *budget) free(q *question, at Instant) Instant {
	if q.class.Exempt() || q.class == Service {
		return at
	}
	free := at
	for i := range q.who.Budget {
		if b := &q.who.Budget[i]; b.Channel == "" || b.Channel == q.in.Channel {
			free = max(free, b.free(q, at))
		}
	}
	return free
}

func (b *Budget) free(q *question, at Instant) Instant {
	used := 0
	for c := range recent(q.who, b.Per, at) {
		if b.counts(c) && c.CountsAt(at) {
			used++
		}
	}
	if used < b.Max {
		return at
	}
	return freeBelow(b.Max, at, func(add func(Instant)) {
		for c, leaves := range recent(q.who, b.Per, at) {
			if b.counts(c) {
				add(min(leaves, c.countsUntil()))
			}
		}
	})
}

func (b *Budget) counts(c *Contact) bool {
	return !c.Class.Exempt() && (b.Channel == "" || b.Channel == c.Channel)
}

func (r *budget) detail(q *question) string {
	var full *Budget
	for i := range q.who.Budget {
		b := &q.who.Budget[i]
		if (b.Channel == "" || b.Channel == q.in.Channel) && b.free(q, q.now) != q.now {
			full = b
		}
	}
	return fmt.Sprintf("the person wants %d at most in %s", full.Max, span(full.Per))
}
