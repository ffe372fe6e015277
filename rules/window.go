package rules

import (
	"fmt"
	"iter"
	"time"
)

// leaves is the instant from which on a contact made at the given one is no
// longer in the window: never sooner for a later contact. In a window of the
// calendar a contact stays as long as it would in any of the places. First is
// where successive periods begin.
func (w Window) leaves(q *question, first, made Instant) Instant {
	switch w.Kind {
	case Ever:
		return Never
	case Rolling:
		return made.Add(w.Length)
	case Successive:
		_, end := successive(w, first, made)
		return end
	}
	leaves := made
	for i := range q.places {
		p := &q.places[i]
		leaves = max(leaves, p.midnight(w.next(p.day(made))))
	}
	return leaves
}

// next is the first day on which a contact of the given day is no longer in a
// window of the calendar.
func (w Window) next(day int64) int64 {
	switch w.Kind {
	case CalendarWeek:
		return day + 7 - int64((weekday(day)+6)%7)
	case CalendarMonth:
		d := date(day)
		return Date{d.Year, d.Month + 1, 1}.days()
	}
	return day + int64(w.Days)
}

// first is the day on which the window of the calendar that ends with the day
// began.
func (w Window) first(day int64) int64 {
	switch w.Kind {
	case CalendarWeek:
		return day - int64((weekday(day)+6)%7)
	case CalendarMonth:
		d := date(day)
		return Date{d.Year, d.Month, 1}.days()
	}
	return day - int64(w.Days) + 1
}

// successive is the period that holds the instant, of those that began at first.
func successive(w Window, first, at Instant) (start, end Instant) {
	length := Instant(w.Length.Milliseconds())
	start = first + Instant(floorDiv(int64(at-first), int64(length)))*length
	return start, start + length
}

// span is how far back the window can look, at most.
func (w Window) span() time.Duration {
	const day = 24 * time.Hour
	switch w.Kind {
	case Ever:
		return 0
	case CalendarDays:
		return time.Duration(w.Days+1) * day // zones differ by a day
	case CalendarWeek:
		return 8 * day
	case CalendarMonth:
		return 32 * day
	}
	return w.Length
}

// String is the window the way a policy writes it.
func (w Window) String() string {
	switch w.Kind {
	case Ever:
		return "ever"
	case CalendarDays:
		if w.Days == 1 {
			return "a calendar day"
		}
		return fmt.Sprintf("%d calendar days", w.Days)
	case CalendarWeek:
		return "a calendar week"
	case CalendarMonth:
		return "a calendar month"
	case Successive:
		return "successive " + span(w.Length)
	}
	return span(w.Length)
}

// window checks a window of one of the kinds that the rule can have.
func (c *compiler) window(w Window, line Position, kinds ...WindowKind) {
	known := false
	for _, k := range kinds {
		known = known || k == w.Kind
	}
	switch {
	case !known:
		c.wrong(line, "this rule cannot count over %s", w)
	case w.Days != 0 && w.Kind != CalendarDays:
		c.wrong(line, "the window is %s and has days as well: keep one", w)
	case w.Kind == Rolling || w.Kind == Successive:
		c.positive(w.Length, line)
	case w.Length != 0:
		c.wrong(line, "the window is %s and has a length as well: keep one", w)
	case w.Kind == CalendarDays && (w.Days < 1 || w.Days > 1000):
		c.wrong(line, "a window has from 1 to 1000 calendar days, not %d", w.Days)
	default:
		c.policy.memory = max(c.policy.memory, w.span())
	}
}

// recent walks the person's contacts that are in the rolling window at the given
// instant, the latest first, with the instants at which they leave it. Contacts
// are in order, so the walk ends at the first that has left.
func recent(p *Person, length time.Duration, at Instant) iter.Seq2[*Contact, Instant] {
	return func(yield func(*Contact, Instant) bool) {
		for i := len(p.Contacts) - 1; i >= 0; i-- {
			c := &p.Contacts[i]
			leaves := c.At.Add(length)
			if leaves <= at || !yield(c, leaves) {
				return
			}
		}
	}
}
