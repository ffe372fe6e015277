package rules

import "time"

// A day has more or less than 24 hours where clocks change, and a time of day
// may come twice or not at all. Here is the one place that knows.

// wall is the instant at which the clocks of a place show so many minutes past
// midnight of the given day. A time that does not exist, or exists twice, is
// the later instant.
func wall(loc *time.Location, year int, month time.Month, day, minutes int) Instant {
	// As if it were UTC, then corrected by the offsets that hold a day before
	// and a day after: around a change of clocks these are the two that matter.
	naive := time.Date(year, month, day, 0, minutes, 0, 0, time.UTC)
	before, after := offset(loc, naive.Add(-24*time.Hour)), offset(loc, naive.Add(24*time.Hour))
	if before == after {
		return At(naive.Add(-before))
	}
	first, second := naive.Add(-before), naive.Add(-after)
	if first.After(second) {
		first, second = second, first
	}
	// Of two that both show the time (it comes twice) the later; of two that
	// both do not (it is skipped) the later as well; else the one that does.
	if shows(loc, first, naive) && !shows(loc, second, naive) {
		return At(first)
	}
	return At(second)
}

func offset(loc *time.Location, t time.Time) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

func shows(loc *time.Location, t, naive time.Time) bool {
	return t.Add(offset(loc, t)).Equal(naive)
}

const minutesPerDay = 24 * 60

// weekSpan is a stretch of the week in local minutes: from minute from of the
// day with the given weekday until minute to, counted from the same midnight
// (beyond 1440 it ends on the next day).
type weekSpan struct {
	day      time.Weekday
	from, to int
}

// on is the span as instants, where it starts on the given local day.
func (s weekSpan) on(loc *time.Location, year int, month time.Month, day int) (start, end Instant) {
	return wall(loc, year, month, day, s.from), wall(loc, year, month, day+s.to/minutesPerDay, s.to%minutesPerDay)
}

// inside finds the span that holds the instant, if one does, and where that
// ends; spans that touch count as one.
func inside(spans []weekSpan, loc *time.Location, at Instant) (end Instant, in bool) {
	for start := at; at.Sub(start) <= 8*24*time.Hour; {
		next, ok := insideOne(spans, loc, at)
		if !ok {
			return at, in
		}
		at, in = next, true
	}
	return Never, true // the whole week, round and round
}

func insideOne(spans []weekSpan, loc *time.Location, at Instant) (end Instant, in bool) {
	local := at.Time().In(loc)
	for back := range 2 { // it may have started yesterday
		// Counted in days of the calendar: yesterday may not have known this time of day.
		year, month, day := local.Date()
		year, month, day = time.Date(year, month, day-back, 0, 0, 0, 0, time.UTC).Date()
		weekday := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
		for _, s := range spans {
			if s.day != weekday {
				continue
			}
			if start, stop := s.on(loc, year, month, day); start <= at && at < stop {
				end, in = max(end, stop), true
			}
		}
	}
	return end, in
}

// upcoming is the first instant after at at which a span starts; Never if the
// week has none.
func upcoming(spans []weekSpan, loc *time.Location, at Instant) Instant {
	local := at.Time().In(loc)
	next := Never
	for ahead := range 9 { // a week, and a day on either side for what the clocks do
		year, month, day := local.Date()
		date := time.Date(year, month, day+ahead, 0, 0, 0, 0, time.UTC)
		for _, s := range spans {
			if s.day != date.Weekday() {
				continue
			}
			if start, _ := s.on(loc, date.Year(), date.Month(), date.Day()); start > at {
				next = min(next, start)
			}
		}
	}
	return next
}
