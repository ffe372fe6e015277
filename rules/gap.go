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
	if !r.binds.asked(q) {
		return at
	}
	free := at
	for c, over := range recent(q.who, r.least, at) {
		if r.counts.made(q.policy, c) {
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
	for c, over := range recent(q.who, r.within, at) {
		if c.Class == Solicitation && c.Campaign == q.in.Campaign && c.Channel != q.in.Channel {
			free = max(free, min(over, c.countsUntil()))
		}
	}
	return free
}

func (r *blast) detail(*question) string {
	return fmt.Sprintf("this campaign reached the person on another channel within the last %s", span(r.within))
}

func (c *compiler) gap(s *GapSpec) {
	c.positive(s.Least, s.Line)
	c.selector(s.Binds, s.Line)
	c.selector(s.Counts, s.Line)
	m := c.meta(MinGap, string(MinGap), &s.Terms)
	m.counting = true
	c.add(&s.Terms, &gap{m, s.Least, s.Binds, s.Counts})
}
