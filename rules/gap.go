package rules

import (
	"fmt"
	"time"
)

// gap keeps contacts apart: the next comes no sooner than so long after the
// last. A busy line counts here, though nowhere else.
type gap struct {
	meta
	least  time.Duration
	binds  Selector
	counts Selector
}

func (r *gap) free(q *question, at Instant) Instant {
	if !r.binds.matches(q.class, q.in.Channel) {
		return at
	}
	free := at
	for c, over := range within(q.who, rolling(r.least), at) {
		if r.counts.matches(c.Class, c.Channel) {
			free = max(free, min(over, c.pausesUntil()))
		}
	}
	return free
}

func (r *gap) detail(*question) string {
	return fmt.Sprintf("the last one is less than %s ago", span(r.least))
}

// blast keeps a campaign to one channel at a time.
type blast struct {
	meta
	within time.Duration
}

func (r *blast) free(q *question, at Instant) Instant {
	if q.class != Solicitation {
		return at
	}
	free := at
	for c, over := range within(q.who, rolling(r.within), at) {
		if c.Class == Solicitation && c.Campaign == q.in.Campaign && c.Channel != q.in.Channel {
			free = max(free, min(over, c.countsUntil()))
		}
	}
	return free
}

func (r *blast) detail(*question) string {
	return fmt.Sprintf("this campaign reached the person on another channel within the last %s", span(r.within))
}
