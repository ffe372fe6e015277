package rules

import (
	"fmt"
	"slices"
)

// pause keeps away for a while after a conversation with the person (12 CFR
// 1006.14(b)(2)(i)(B)): whoever has been reached has been reached.
type pause struct {
	meta
	binds  Selector
	lasts  Window
	per    []Key
	waiver *WaiverSpec
}

func (r *pause) free(q *question, at Instant) Instant {
	if !r.binds.asked(q) || at < r.waiver.until(q, at) {
		return at
	}
	free := at
	for i := range q.who.Talks {
		if t := &q.who.Talks[i]; r.minds(q, t) {
			free = max(free, r.lasts.leaves(q, t.At, t.At))
		}
	}
	return free
}

// edge is when a consent that sets the pause aside is fresh no longer, if it still
// lasts then.
func (r *pause) edge(q *question, at Instant) Instant {
	if until := r.waiver.until(q, at); at < until && r.free(q, until) != until {
		return until
	}
	return Never
}

func (r *pause) minds(q *question, t *Talk) bool {
	return (!slices.Contains(r.per, PerSubject) || t.about(q.in.Subject)) &&
		(!slices.Contains(r.per, PerChannel) || t.Channel == q.in.Channel)
}

func (r *pause) detail(q *question) string {
	last := Instant(0)
	for i := range q.who.Talks {
		if t := &q.who.Talks[i]; r.minds(q, t) {
			last = max(last, t.At)
		}
	}
	return fmt.Sprintf("somebody talked with the person on %s, and then nobody does for %s", last.Time().Format("2006-01-02"), r.lasts)
}

func (c *compiler) pause(s *PauseSpec) {
	c.selector(s.Binds, s.Line)
	c.window(s.For, s.Line, Rolling, CalendarDays)
	c.keys(s.Per, s.Line, PerSubject, PerChannel)
	c.waiver(s.Waiver, s.Line)
	c.add(&s.Terms, &pause{
		meta:  c.meta(capPrefix+Reason(s.Name), string(capPrefix)+s.Name, &s.Terms),
		binds: s.Binds, lasts: s.For, per: s.Per, waiver: s.Waiver,
	})
}
