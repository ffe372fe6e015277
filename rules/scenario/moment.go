package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// moment is a point in time as a line names it: one that is settled, or one that
// is so long before or after its event arrives.
type moment struct {
	at      rules.Instant
	own     bool // at is from the arrival of the event
	zone    *time.Location
	clocked bool // it was told by a clock, in the zone
}

// of is the moment for an event that arrives then.
func (m moment) of(arrived rules.Instant) rules.Instant {
	if m.own {
		return arrived + m.at
	}
	return m.at
}

// frame is what a time may lean on.
type frame struct {
	day  rules.Instant // a time without a date is on this day; 0 is none
	own  bool          // +15m is from the arrival of the event
	last rules.Instant // else +15m is from here; 0 is nowhere
}

// The first instant that is accepted on the wire, and the first that is not.
const (
	firstInstant rules.Instant = 946684800000
	lastInstant  rules.Instant = 253370764800000
)

const writeTime = "write for example Mon 2026-05-04 09:00, 2026-05-04T07:00:00.250Z, 09:15, +15m, 1ms before +24h or 168h after i1"

// moment reads a time.
func (w *words) moment(f frame) (moment, bool) {
	t, ok := w.next()
	if !ok {
		return moment{}, w.wrong(t, "a time is missing: %s", writeTime)
	}
	m, ok := w.momentAt(t, f)
	if ok && !m.own && (m.at < firstInstant || m.at >= lastInstant) {
		return moment{}, w.wrong(t, "this time is before 2000 or after 9998: write one that a clock could show")
	}
	return m, ok
}

func (w *words) momentAt(t token, f frame) (moment, bool) {
	if t.kind != word {
		return moment{}, w.wrong(t, "%s is no time: %s", t.named(), writeTime)
	}
	if d, ok := duration(t.text); ok {
		return w.around(t, d, f)
	}
	if sign := t.text[0]; sign == '+' || sign == '-' {
		return w.relative(t, sign, f)
	}
	if strings.Contains(t.text, "T") && t.text[0] >= '0' && t.text[0] <= '9' {
		at, err := time.Parse(time.RFC3339, t.text)
		if err != nil || at.Nanosecond()%int(time.Millisecond) != 0 {
			return moment{}, w.wrong(t, "%q is no time of RFC 3339 in whole milliseconds: write for example 2026-05-04T07:00:00.250Z", t.text)
		}
		return moment{at: rules.At(at)}, true
	}
	if at, ok := w.b.when[t.text]; ok {
		return moment{at: at}, true
	}
	if day, ok := weekday(t.text); ok {
		return w.dated(t, &day, f)
	}
	if isClock(t.text) || isDate(t.text) {
		return w.dated(t, nil, f)
	}
	return moment{}, w.wrong(t, "%q is no time, and nothing above has that name: %s", t.text, writeTime)
}

// relative reads +15m.
func (w *words) relative(t token, sign byte, f frame) (moment, bool) {
	d, ok := duration(t.text[1:])
	if t.text[1:] == "0" {
		d, ok = 0, true
	}
	if !ok {
		return moment{}, w.wrong(t, "%q is no length of time: write for example %c15m, with the units d (24h), h, m, s, ms", t.text, sign)
	}
	if sign == '-' {
		d = -d
	}
	if f.own {
		return moment{at: rules.Instant(d.Milliseconds()), own: true}, true
	}
	if f.last == 0 {
		return moment{}, w.wrong(t, "nothing happened yet that %s could be from: %s", t.text, writeTime)
	}
	return moment{at: f.last + rules.Instant(d.Milliseconds())}, true
}

// around reads what follows 1ms in: 1ms before Mon 2026-05-11 10:00.
func (w *words) around(t token, d time.Duration, f frame) (moment, bool) {
	side, ok := w.next()
	if !ok || !side.is("before") && !side.is("after") {
		return moment{}, w.wrong(t, "%s alone is no time: write +%s, or %s before or after something", t.text, t.text, t.text)
	}
	if side.is("before") {
		d = -d
	}
	what, ok := w.next()
	if !ok {
		return moment{}, w.wrong(side, "%s what? Write a time or the name of an intent or a signal", side.text)
	}
	m, ok := w.momentAt(what, f)
	m.at += rules.Instant(d.Milliseconds())
	m.clocked = false
	return m, ok
}

// dated reads Mon 2026-05-04 09:00 Europe/Berlin from its first word on. The day
// of the week may be left out, the date where it is that of the event before, the
// zone where the scenario has one.
func (w *words) dated(t token, day *time.Weekday, f frame) (moment, bool) {
	first, date := t, token{}
	if day != nil {
		t, _ = w.next()
	}
	if isDate(t.text) {
		date = t
		t, _ = w.next()
	} else if day != nil {
		return moment{}, w.wrong(first, "%s needs its date: write for example %s 2026-05-04 09:00", first.text, first.text)
	}
	if !isClock(t.text) {
		return moment{}, w.wrong(date, "a time of day must follow the date: write for example %s 09:00", date.text)
	}
	zone, ok := w.zoneOf(t)
	if !ok {
		return moment{}, false
	}
	var y, d int
	var m time.Month
	if date.text == "" {
		if f.day == 0 {
			return moment{}, w.wrong(t, "which day? Write for example Mon 2026-05-04 %s", t.text)
		}
		y, m, d = f.day.Time().In(zone).Date()
	} else {
		on, err := time.Parse(time.DateOnly, date.text)
		if err != nil {
			return moment{}, w.wrong(date, "%s is not in the calendar: write a day that is", date.text)
		}
		if day != nil && on.Weekday() != *day {
			return moment{}, w.wrong(first, "%s is a %s: write %[2]s, or another day", date.text, on.Format("Mon"))
		}
		y, m, d = on.Date()
	}
	at, problem := local(y, m, d, t.text, zone)
	if problem != "" {
		return moment{}, w.wrong(t, "%s", problem)
	}
	return moment{at: at, zone: zone, clocked: true}, true
}

// zoneOf reads the zone behind a time of day, if there is one.
func (w *words) zoneOf(clock token) (*time.Location, bool) {
	if t, ok := w.peek(); ok && t.kind == word && (t.text == "UTC" || strings.Contains(t.text, "/")) && !strings.HasSuffix(t.text, ":") {
		w.i++
		return w.zone(t)
	}
	if w.b.zone == nil {
		return nil, w.wrong(clock, "in which zone? Write it behind the time, or above, once: zone Europe/Berlin")
	}
	return w.b.zone, true
}

func (w *words) zone(t token) (*time.Location, bool) {
	loc, err := w.p.zones.Find(t.text)
	if err != nil {
		return nil, w.wrong(t, "%v", err)
	}
	return loc, true
}

// local is the instant that a clock in the zone shows; the problem, if there is
// none, or two.
func local(y int, m time.Month, d int, clock string, zone *time.Location) (rules.Instant, string) {
	tod, err := timeOfDay(clock)
	if err != nil {
		return 0, err.Error()
	}
	wall := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Add(tod)
	var found []time.Time
	// The offsets of the zone around that time: one, or two on the night of a change.
	for _, near := range []time.Duration{-36 * time.Hour, 36 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, is := at.In(zone).Zone(); is == offset && (len(found) == 0 || !found[0].Equal(at)) {
			found = append(found, at)
		}
	}
	switch len(found) {
	case 1:
		return rules.At(found[0]), ""
	case 2:
		return 0, fmt.Sprintf("%s is there twice on that day in %s, when the clocks go back: write %s or %s", clock, zone,
			found[0].In(zone).Format(time.RFC3339Nano), found[1].In(zone).Format(time.RFC3339Nano))
	}
	return 0, fmt.Sprintf("%s does not exist on that day in %s, when the clocks go forward: write another time", clock, zone)
}

func timeOfDay(clock string) (time.Duration, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, clock); err == nil && t.Nanosecond()%int(time.Millisecond) == 0 {
			return t.Sub(t.Truncate(24 * time.Hour)), nil
		}
	}
	return 0, fmt.Errorf("%s is no time of day: write one from 00:00 to 23:59:59.999", clock)
}

func isClock(s string) bool { return len(s) >= 5 && shaped(s[:5], "00:00") }
func isDate(s string) bool  { return shaped(s, "0000-00-00") }

// shaped says whether a text looks like the shape, in which 0 is any digit.
func shaped(s, shape string) bool {
	if len(s) != len(shape) {
		return false
	}
	for i := range len(s) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (shape[i] == '0') || !digit && s[i] != shape[i] {
			return false
		}
	}
	return true
}

func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if s == d.String()[:3] {
			return d, true
		}
	}
	return 0, false
}

// duration reads a length of time as policies write it: 15m, 1h30m, 250ms, and 7d
// for seven times 24 hours. It is in whole milliseconds.
func duration(s string) (time.Duration, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	var days time.Duration
	if whole, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(whole)
		if err != nil || n > 36_500 {
			return 0, false
		}
		days, s = time.Duration(n)*24*time.Hour, rest
		if s == "" {
			return days, true
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > math.MaxInt64/4 || d%time.Millisecond != 0 {
		return 0, false
	}
	return days + d, true
}
