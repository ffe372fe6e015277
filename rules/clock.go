package rules

import "time"

// A day has more or less than 24 hours where clocks change, and a time of day
// may come twice or not at all. Here is the one place that knows.

// place is where a person may be: a zone, with its distance from UTC around the
// time of a question, so that the clocks of most days need no looking up.
type place struct {
	loc          *time.Location
	east         Instant // what local clocks are ahead of UTC …
	since, until Instant // … in all of [since, until), and for days around
}

// margin is how far from an instant wall times are asked for that belong to it.
const margin = 10 * msPerDay

// locate is the zone as a place, for questions at the instant or not much later.
func locate(loc *time.Location, at Instant) place {
	local := time.UnixMilli(int64(at)).In(loc)
	start, end := local.ZoneBounds()
	_, seconds := local.Zone()
	p := place{loc: loc, east: Instant(seconds) * 1000, since: -Never, until: Never}
	if !start.IsZero() {
		p.since = At(start) + margin
	}
	if !end.IsZero() {
		p.until = At(end) - margin
	}
	return p
}

// steady says whether the clocks are as they were when the place was made, at the
// instant and for days before and after.
func (p *place) steady(at Instant) bool { return p.since <= at && at < p.until }

// day is the local day of the instant, as days since 1970-01-01. It begins at its
// midnight, and at the later one where clocks show midnight twice.
func (p *place) day(at Instant) int64 {
	if p.steady(at) {
		return floorDiv(int64(at+p.east), msPerDay)
	}
	day := floorDiv(int64(at+offset(p.loc, at)), msPerDay)
	if at < p.midnight(day) {
		day--
	}
	return day
}

// wall is the instant at which the clocks of the place show so many minutes past
// midnight of the day. A time that does not exist, or exists twice, is the later
// instant.
func (p *place) wall(day int64, minutes int) Instant {
	// As if it were UTC, then corrected by the offsets that hold a day before
	// and a day after: around a change of clocks these are the two that matter.
	naive := Instant(day*msPerDay + int64(minutes)*msPerMinute)
	if p.steady(naive) {
		return naive - p.east
	}
	before, after := offset(p.loc, naive-msPerDay), offset(p.loc, naive+msPerDay)
	first, second := min(naive-before, naive-after), max(naive-before, naive-after)
	// Of two that both show the time (it comes twice) the later; of two that
	// both do not (it is skipped) the later as well; else the one that does.
	if p.shows(first, naive) && !p.shows(second, naive) {
		return first
	}
	return second
}

// midnight is when the day begins.
func (p *place) midnight(day int64) Instant { return p.wall(day, 0) }

func (p *place) shows(at, naive Instant) bool { return at+offset(p.loc, at) == naive }

func offset(loc *time.Location, at Instant) Instant {
	_, seconds := time.UnixMilli(int64(at)).In(loc).Zone()
	return Instant(seconds) * 1000
}

const (
	minutesPerDay = 24 * 60
	msPerMinute   = 60 * 1000
	msPerDay      = minutesPerDay * msPerMinute
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekday is the day of the week of a day since 1970-01-01, which was a Thursday.
func weekday(day int64) time.Weekday { return time.Weekday((day%7 + 7 + int64(time.Thursday)) % 7) }

// date is the day of the calendar of a day since 1970-01-01.
func date(day int64) Date {
	y, m, d := time.Unix(day*24*60*60, 0).UTC().Date()
	return Date{y, m, d}
}

// days is the day since 1970-01-01 of a day of the calendar.
func (d Date) days() int64 {
	return floorDiv(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).UnixMilli(), msPerDay)
}

// weekSpan is a stretch of the week in local minutes: from minute from of the
// day with the given weekday until minute to, counted from the same midnight
// (beyond 1440 it ends on the next day).
type weekSpan struct {
	day      time.Weekday
	from, to int
}

// on is the span as instants, where it starts on the given local day.
func (s weekSpan) on(p *place, day int64) (start, end Instant) {
	return p.wall(day, s.from), p.wall(day+int64(s.to/minutesPerDay), s.to%minutesPerDay)
}

// inside finds the span that holds the instant, if one does, and where that
// ends; spans that touch count as one.
func inside(spans []weekSpan, p *place, at Instant) (end Instant, in bool) {
	for start := at; at-start <= 8*msPerDay; {
		next, ok := insideOne(spans, p, at)
		if !ok {
			return at, in
		}
		at, in = next, true
	}
	return Never, true // the whole week, round and round
}

func insideOne(spans []weekSpan, p *place, at Instant) (end Instant, in bool) {
	today := p.day(at)
	for back := range int64(2) { // it may have started yesterday
		name := weekday(today - back)
		for _, s := range spans {
			if s.day != name {
				continue
			}
			if start, stop := s.on(p, today-back); start <= at && at < stop {
				end, in = max(end, stop), true
			}
		}
	}
	return end, in
}

// upcoming is the first instant after at at which a span starts; Never if the
// week has none.
func upcoming(spans []weekSpan, p *place, at Instant) Instant {
	today := p.day(at)
	next := Never
	for ahead := range int64(9) { // a week, and a day on either side for what the clocks do
		if ahead > 2 && next <= at+Instant(ahead-2)*msPerDay { // no later day can begin before it
			break
		}
		name := weekday(today + ahead)
		for _, s := range spans {
			if s.day != name {
				continue
			}
			if start, _ := s.on(p, today+ahead); start > at {
				next = min(next, start)
			}
		}
	}
	return next
}
