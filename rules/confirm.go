package rules

import (
	"fmt"
	"time"
)

// The one confirmation of an opt-out: once, in time, and without promotion
// (47 CFR 64.1200(a)(12)). None of the three takes an approval back that was
// given, so they count as counting.

type confirmOnce struct{ meta }

func (r *confirmOnce) free(q *question, at Instant) Instant {
	if q.class != Confirmation {
		return at
	}
	free := at
	for i := range q.who.Contacts {
		if c := &q.who.Contacts[i]; c.Class == Confirmation && c.At >= q.who.OptOut {
			free = max(free, c.countsUntil())
		}
	}
	return free
}

func (r *confirmOnce) detail(*question) string {
	return "this opt-out was confirmed before, and one confirmation is all there is"
}

type confirmLate struct {
	meta
	within time.Duration
}

func (r *confirmLate) free(q *question, at Instant) Instant {
	if q.class != Confirmation || (q.who.OptOut != 0 && at < q.who.OptOut.Add(r.within)) {
		return at
	}
	return Never
}

// edge is when the time for confirming ends.
func (r *confirmLate) edge(q *question, _ Instant) Instant {
	if q.class != Confirmation {
		return Never
	}
	return q.who.OptOut.Add(r.within)
}

func (r *confirmLate) detail(*question) string {
	return fmt.Sprintf("there is no opt-out of the last %s to confirm", span(r.within))
}

type confirmPromo struct{ meta }

func (r *confirmPromo) free(q *question, at Instant) Instant {
	if q.class == Confirmation && q.in.Promotes {
		return Never
	}
	return at
}

func (r *confirmPromo) detail(*question) string { return "a confirmation of an opt-out does not sell" }
