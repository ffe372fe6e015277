package rules

import (
	"fmt"
	"iter"
	"time"
)

// silence respects that unanswered is an answer: from exactly after on, counted
// from the first solicitation that reached the person and was not answered,
// nobody solicits. Only a human act ends it.
type silence struct {
	meta
	after   time.Duration
	winback bool // the rule for winning back, or for all the rest
}

func (r *silence) free(q *question, at Instant) Instant {
	if q.class != Solicitation || r.winback != (q.role == Winback) {
		return at
	}
	since := q.who.SilentSince()
	if since == 0 || at < since.Add(r.after) {
		return at
	}
	return Never
}

// Silent is after how long without an answer the policy leaves people in silence, 0
// where it never does. Of several such rules it is the strictest, whatever its dates.
func (p *Policy) Silent() (after time.Duration) {
	for i := range p.rules {
		if r, is := p.rules[i].rule.(*silence); is && !r.winback && (after == 0 || r.after < after) {
			after = r.after
		}
	}
	return after
}

func (r *silence) detail(q *question) string {
	return fmt.Sprintf("nothing was answered since %s, and %s of that is an answer", q.who.SilentSince(), span(r.after))
}

// SilentSince is when the first solicitation since the last human act reached
// the person; 0 if none did.
func (p *Person) SilentSince() Instant {
	since := Instant(0)
	for i := range p.Contacts {
		c := &p.Contacts[i]
		if c.Delivered > p.HumanAct && (since == 0 || c.Delivered < since) && c.Class == Solicitation && c.countsUntil() == Never {
			since = c.Delivered
		}
	}
	return since
}

// streak ends a campaign that nobody answers: after so many of its
// solicitations since the last human act, delivered or not, there is no next.
type streak struct {
	meta
	most int
}

func (r *streak) free(q *question, at Instant) Instant {
	if q.class != Solicitation {
		return at
	}
	return freeBelow(r.most, at, func(add func(Instant)) {
		for c := range q.who.unanswered(q.in.Campaign) {
			add(c.countsUntil())
		}
	})
}

func (r *streak) tally(q *question, at Instant) tally {
	if q.class != Solicitation {
		return tally{}
	}
	t := tally{limit: r.most, binds: true}
	for c := range q.who.unanswered(q.in.Campaign) {
		if c.CountsAt(at) {
			t.used++
		}
	}
	return t
}

// unanswered walks the campaign's solicitations since the last human act.
func (p *Person) unanswered(campaign Campaign) iter.Seq[*Contact] {
	return func(yield func(*Contact) bool) {
		for i := len(p.Contacts) - 1; i >= 0; i-- {
			c := &p.Contacts[i]
			if c.At <= p.HumanAct {
				return
			}
			if c.Class == Solicitation && c.Campaign == campaign && !yield(c) {
				return
			}
		}
	}
}

func (r *streak) detail(q *question) string {
	return fmt.Sprintf("%d contacts of this campaign were not answered, and that is an answer", r.tally(q, q.now).used)
}
