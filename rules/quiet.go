package rules

import (
	"fmt"
	"time"
)

// hours allows contacts on some channels only at some hours of the week, local
// to the person. Where several zones are possible all of them must be open.
type hours struct {
	meta
	binds Selector
	open  []weekSpan
}

func (r *hours) binding(q *question) bool { return !q.class.Exempt() && r.binds.asked(q) }

func (r *hours) free(q *question, at Instant) Instant {
	if !r.binding(q) {
		return at
	}
	return q.agree(at, r.opens)
}

// opens is the first instant, at or after at, at which it is open in the place.
func (r *hours) opens(p *place, at Instant) Instant {
	if _, open := inside(r.open, p, at); open {
		return at
	}
	return upcoming(r.open, p, at)
}

// edge is when the first of the places closes.
func (r *hours) edge(q *question, at Instant) Instant {
	edge := Never
	if r.binding(q) {
		for i := range q.places {
			end, _ := inside(r.open, &q.places[i], at)
			edge = min(edge, end)
		}
	}
	return edge
}

func (r *hours) detail(q *question) string {
	return fmt.Sprintf("it is %s where the person may be, outside the hours of this channel", q.clock())
}

func (c *compiler) hours(s *HoursSpec) {
	c.selector(s.Binds, s.Line)
	r := &hours{meta: c.meta(QuietHours, string(QuietHours), &s.Terms), binds: s.Binds}
	for _, o := range s.Open {
		if o.From < 0 || o.To > 24*time.Hour || o.From >= o.To {
			c.wrong(o.Line, "hours must open before they close, within one day: write 09:00-20:00, and two spans for a night")
			continue
		}
		for day, on := range o.Days {
			if !on {
				continue
			}
			next := weekSpan{time.Weekday(day), int(o.From / time.Minute), int(o.To / time.Minute)}
			for _, other := range r.open {
				if other.day == next.day && other.from < next.to && next.from < other.to {
					c.wrong(o.Line, "these hours overlap others on %s: join them", next.day)
				}
			}
			r.open = append(r.open, next)
		}
	}
	if len(r.open) == 0 {
		c.wrong(s.Line, "hours that never open forbid the channel for good: write at least one span")
	}
	c.add(&s.Terms, r)
}

// personQuiet keeps the times that the person named as inconvenient, on every
// channel.
type personQuiet struct {
	meta
}

func (r *personQuiet) free(q *question, at Instant) Instant {
	if q.class.Exempt() || len(q.quiet) == 0 {
		return at
	}
	return q.agree(at, q.leftAlone)
}

// leftAlone is the end of what the person named, if the instant is within it.
func (q *question) leftAlone(p *place, at Instant) Instant {
	end, _ := inside(q.quiet, p, at)
	return end
}

// edge is when the next of the named times begins.
func (r *personQuiet) edge(q *question, at Instant) Instant {
	edge := Never
	if q.class.Exempt() || len(q.quiet) == 0 {
		return edge
	}
	for i := range q.places {
		edge = min(edge, upcoming(q.quiet, &q.places[i], at))
	}
	return edge
}

func (r *personQuiet) detail(q *question) string {
	return fmt.Sprintf("it is %s where the person may be, a time that the person asked to be left alone", q.clock())
}

// quietSpans appends what the person named.
func (p *Person) quietSpans(spans []weekSpan) []weekSpan {
	for i := range p.Quiet {
		s := &p.Quiet[i]
		from, to := int(s.From/time.Minute), int(s.To/time.Minute)
		if to <= from {
			to += minutesPerDay
		}
		for day, on := range s.Days {
			if on {
				spans = append(spans, weekSpan{time.Weekday(day), from, to})
			}
		}
	}
	return spans
}

// reach bounds how far ahead places are looked for that agree. Hours that never
// meet in a year, with all that clocks do in it, never meet.
const reach = 400 * msPerDay

// agree is the first instant, at or after at, that suits every place of the
// question; Never if none within reach does.
func (q *question) agree(at Instant, free func(*place, Instant) Instant) Instant {
	for start := at; at-start <= reach; {
		next := at
		for i := range q.places {
			next = max(next, free(&q.places[i], next))
		}
		if next == at {
			return at
		}
		at = next
	}
	return Never
}

// clock tells the time in every place of the question.
func (q *question) clock() string {
	out := ""
	for i, p := range q.places {
		if i > 0 {
			out += " / "
		}
		out += q.now.Time().In(p.loc).Format("Mon 15:04") + " (" + p.loc.String() + ")"
	}
	return out
}
