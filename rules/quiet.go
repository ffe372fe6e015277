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

func (r *hours) binding(q *question) bool {
	return !q.class.Exempt() && r.binds.matches(q.class, q.in.Channel)
}

func (r *hours) free(q *question, at Instant) Instant {
	if !r.binding(q) {
		return at
	}
	return agree(q, at, func(loc *time.Location, at Instant) Instant {
		if _, open := inside(r.open, loc, at); open {
			return at
		}
		return upcoming(r.open, loc, at)
	})
}

// edge is when the first of the zones closes.
func (r *hours) edge(q *question, at Instant) Instant {
	edge := Never
	if r.binding(q) {
		for _, loc := range q.zones {
			end, _ := inside(r.open, loc, at)
			edge = min(edge, end)
		}
	}
	return edge
}

func (r *hours) detail(q *question) string {
	return fmt.Sprintf("it is %s where the person may be, outside the hours of this channel", q.clock())
}

// personQuiet keeps the times that the person named as inconvenient, on every
// channel.
type personQuiet struct {
	meta
}

func (r *personQuiet) free(q *question, at Instant) Instant {
	if q.class.Exempt() || len(q.who.Quiet) == 0 {
		return at
	}
	spans := q.who.quietSpans()
	return agree(q, at, func(loc *time.Location, at Instant) Instant {
		end, _ := inside(spans, loc, at)
		return end
	})
}

// edge is when the next of the named times begins.
func (r *personQuiet) edge(q *question, at Instant) Instant {
	edge := Never
	if q.class.Exempt() || len(q.who.Quiet) == 0 {
		return edge
	}
	spans := q.who.quietSpans()
	for _, loc := range q.zones {
		edge = min(edge, upcoming(spans, loc, at))
	}
	return edge
}

func (r *personQuiet) detail(q *question) string {
	return fmt.Sprintf("it is %s where the person may be, a time that the person asked to be left alone", q.clock())
}

func (p *Person) quietSpans() []weekSpan {
	var spans []weekSpan
	for _, s := range p.Quiet {
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

// reach bounds how far ahead zones are looked for that agree. Hours that never
// meet in a year, with all that clocks do in it, never meet.
const reach = 400 * 24 * 60 * 60 * 1000

// agree is the first instant, at or after at, that suits every zone of the
// question; Never if none within reach does.
func agree(q *question, at Instant, free func(*time.Location, Instant) Instant) Instant {
	for start := at; at-start <= reach; {
		next := at
		for _, loc := range q.zones {
			next = max(next, free(loc, next))
		}
		if next == at {
			return at
		}
		at = next
	}
	return Never
}

// clock tells the time in every zone of the question.
func (q *question) clock() string {
	out := ""
	for i, loc := range q.zones {
		if i > 0 {
			out += " / "
		}
		out += q.now.Time().In(loc).Format("Mon 15:04") + " (" + loc.String() + ")"
	}
	return out
}
