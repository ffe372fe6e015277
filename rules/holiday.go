package rules

import "time"

// holiday closes channels on some days of the year, from midnight to midnight
// where the person is.
type holiday struct {
	meta
	binds Selector
	days  []HolidayDay
	life  Instant // of approvals: no edge farther ahead matters
}

func (r *holiday) binding(q *question) bool { return !q.class.Exempt() && r.binds.asked(q) }

func (r *holiday) free(q *question, at Instant) Instant {
	if !r.binding(q) {
		return at
	}
	return q.agree(at, r.over)
}

// over is the end of the holidays that the instant is within, if it is.
func (r *holiday) over(p *place, at Instant) Instant {
	for start := at; at-start <= reach; {
		today := p.day(at)
		if !r.on(today) {
			return at
		}
		at = p.midnight(today + 1)
	}
	return Never // every day of the year
}

// edge is the midnight at which the next holiday begins.
func (r *holiday) edge(q *question, at Instant) Instant {
	edge := Never
	if !r.binding(q) {
		return edge
	}
	for i := range q.places {
		p := &q.places[i]
		for day := p.day(at) + 1; ; day++ {
			midnight := p.midnight(day)
			if midnight > at+r.life {
				break
			}
			if r.on(day) {
				edge = min(edge, midnight)
				break
			}
		}
	}
	return edge
}

func (r *holiday) on(day int64) bool {
	d := date(day)
	for i := range r.days {
		h := &r.days[i]
		switch {
		case h.Easter:
			for _, year := range []int{d.Year - 1, d.Year, d.Year + 1} { // it may be far from Easter
				if easter(year)+int64(h.Offset) == day {
					return true
				}
			}
		case h.Date.Month == d.Month && h.Date.Day == d.Day && (h.Date.Year == 0 || h.Date.Year == d.Year):
			return true
		}
	}
	return false
}

func (r *holiday) detail(q *question) string {
	return "it is a holiday where the person may be: " + q.clock()
}

// easter is Easter Sunday of the year, as days since 1970-01-01 (the anonymous
// Gregorian computus, as in Meeus, Astronomical Algorithms, ch. 8).
func easter(year int) int64 {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return Date{year, time.Month(month), day}.days()
}

func (c *compiler) holiday(s *HolidaySpec) {
	c.selector(s.Binds, s.Line)
	if len(s.Days) == 0 {
		c.wrong(s.Line, "holidays without a day close nothing: write at least one, for example 12-25")
	}
	for i, d := range s.Days {
		if !d.Easter && !d.Date.exists() {
			c.wrong(d.Line, "there is no such day: write 12-25, 2026-12-25 or easter+1")
		}
		for _, other := range s.Days[:i] {
			if d.Easter == other.Easter && d.Offset == other.Offset && d.Date == other.Date {
				c.wrong(d.Line, "this day is there twice, first at line %d: keep one", other.Line.Line)
			}
		}
	}
	c.add(&s.Terms, &holiday{
		meta: c.meta(QuietHoliday, string(QuietHoliday), &s.Terms), binds: s.Binds, days: s.Days,
		life: Instant(c.policy.life.Milliseconds()),
	})
}

// exists says whether there is such a day, in its year or, without one, in a leap
// year.
func (d Date) exists() bool {
	year := d.Year
	if year == 0 {
		year = 2000
	}
	t := time.Date(year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return t.Month() == d.Month && t.Day() == d.Day
}
