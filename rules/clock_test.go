package rules

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Wall-clock arithmetic against the clock on the wall. It is tested from within,
// since a rule that is wrong by an hour on one night of a year is found by asking
// for every minute of it, not by telling stories.

// habits are places whose clocks do everything that clocks did since 1980: half
// and quarter hours, midnights that are skipped or come twice, a minute past
// midnight (St. John's), a summer time that is minus an hour of winter (Dublin),
// a pause for Ramadan (Casablanca), a day that never was (Apia, Kwajalein).
func habits() []string {
	return []string{
		"UTC", "Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "America/New_York", "America/Los_Angeles", "America/St_Johns",
		"America/Santiago", "America/Havana", "America/Sao_Paulo", "America/Asuncion", "America/Caracas", "America/Scoresbysund", "Atlantic/Azores",
		"Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Gaza", "Asia/Pyongyang", "Asia/Kolkata",
		"Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Kwajalein", "Antarctica/Troll",
	}
}

func drawPlace(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom(habits()).Draw(t, "place"))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// drawDay is a day from 1980 to 2037, and often one around which the clocks change.
func drawDay(t *rapid.T, loc *time.Location) int64 {
	day := int64(rapid.IntRange(3653, 24836).Draw(t, "day"))
	if rapid.Bool().Draw(t, "near a change") {
		_, change := time.Unix(day*86400, 0).In(loc).ZoneBounds()
		if !change.IsZero() && change.Year() < 2038 {
			day = change.Unix()/86400 + int64(rapid.IntRange(-2, 2).Draw(t, "off"))
		}
	}
	return day
}

// looked is when the clocks show so many minutes past midnight of the day, found by
// looking at them every minute: the later of two instants ("a local time that does
// not exist or exists twice resolves to the later instant"), and of a time that
// they skip the instant at which they would have shown it, had they not.
func looked(loc *time.Location, day int64, minutes int) Instant {
	want := time.Unix(day*86400+int64(minutes)*60, 0).UTC()
	var shown, skipped time.Time
	before := time.Duration(0)
	for t := want.Add(-15 * time.Hour); t.Before(want.Add(15 * time.Hour)); t = t.Add(time.Minute) {
		_, east := t.In(loc).Zone()
		ahead := t.Add(time.Duration(east) * time.Second).Sub(want)
		switch {
		case ahead == 0:
			shown = t
		case before < 0 && ahead > 0:
			skipped = t.Add(-time.Minute - before)
		}
		before = ahead
	}
	if shown.IsZero() {
		shown = skipped
	}
	return At(shown)
}

// The clocks of a place show what they show, whether the place was made nearby and
// knows how they are, or has to look at them.
func TestWallAgreesWithTheClocks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		loc := drawPlace(r)
		day := drawDay(r, loc)
		minutes := rapid.IntRange(0, minutesPerDay).Draw(r, "minutes")
		want := looked(loc, day, minutes)
		made := want.Add(time.Duration(rapid.IntRange(-40*24, 40*24).Draw(r, "made hours from it")) * time.Hour)
		for _, p := range []place{locate(loc, made), locate(loc, want), {loc: loc, since: Never, until: Never}} {
			if got := p.wall(day, minutes); got != want {
				r.Fatalf("%s of %v at %s is %s, want %s", time.Duration(minutes)*time.Minute, date(day), loc, got, want)
			}
		}
	})
}

// The day of an instant is the one on the calendar; where clocks show midnight
// twice it begins at the later.
func TestDayAgreesWithTheCalendar(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		loc := drawPlace(r)
		when := looked(loc, drawDay(r, loc), 0) + Instant(rapid.IntRange(-1, 1).Draw(r, "ms"))
		made := when.Add(time.Duration(rapid.IntRange(-40*24, 40*24).Draw(r, "made hours from it")) * time.Hour)
		y, m, d := when.Time().In(loc).Date()
		on := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		if when < looked(loc, on.Unix()/86400, 0) {
			on = on.AddDate(0, 0, -1)
		}
		want := Date{on.Year(), on.Month(), on.Day()}
		for _, p := range []place{locate(loc, made), locate(loc, when), {loc: loc, since: Never, until: Never}} {
			day := p.day(when)
			if got := date(day); got != want || got.days() != day {
				r.Fatalf("%s at %s is on %v, want %v", when, loc, got, want)
			}
			if got, want := weekday(day), on.Weekday(); got != want {
				r.Fatalf("%s at %s is a %s, want %s", when, loc, got, want)
			}
		}
	})
}

// Days before 1970 are days as well: a zone may be far enough east of it.
func TestDaysBeforeTheEpoch(t *testing.T) {
	for _, d := range []Date{{1969, 12, 31}, {1969, 12, 28}, {1900, 3, 1}, {1600, 2, 29}} {
		day := d.days()
		when := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		if date(day) != d || weekday(day) != when.Weekday() {
			t.Errorf("%v is %v, a %s", d, date(day), weekday(day))
		}
		p := locate(time.UTC, 0)
		if p.day(At(when)) != day || p.day(At(when)-1) != day-1 {
			t.Errorf("%v does not begin at midnight", d)
		}
	}
}

// A midnight that comes twice: the day begins with the second, and what lies between
// them is the end of the day before.
func TestADayBeginsAtTheLaterMidnight(t *testing.T) {
	for _, c := range []struct {
		zone, first, second string
		day                 Date
	}{
		{"Atlantic/Azores", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", Date{2026, 10, 25}},
		{"America/Havana", "2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z", Date{2026, 11, 1}},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(s string) Instant {
			when, err := time.Parse(time.RFC3339, s)
			if err != nil {
				t.Fatal(err)
			}
			return At(when)
		}
		p, before := locate(loc, at(c.first)), c.day.days()-1
		if got := p.midnight(c.day.days()); got != at(c.second) {
			t.Errorf("%s: midnight is %s", c.zone, got)
		}
		for when, want := range map[Instant]int64{at(c.first) - 1: before, at(c.first): before, at(c.second) - 1: before, at(c.second): before + 1} {
			if got := p.day(when); got != want {
				t.Errorf("%s: %s is on %v, want %v", c.zone, when, date(got), date(want))
			}
		}
	}
}

// Easter Sundays as they were celebrated, or will be, the earliest and the latest
// there can be among them (U.S. Census Bureau, "Easter Dates from 1600 to 2099").
func TestEaster(t *testing.T) {
	for _, want := range []Date{
		{1818, 3, 22}, {1900, 4, 15}, {1943, 4, 25}, {1954, 4, 18}, {1961, 4, 2}, {1970, 3, 29}, {1981, 4, 19}, {2000, 4, 23}, {2008, 3, 23},
		{2011, 4, 24}, {2016, 3, 27}, {2019, 4, 21}, {2024, 3, 31}, {2025, 4, 20}, {2026, 4, 5}, {2027, 3, 28}, {2028, 4, 16}, {2029, 4, 1},
		{2030, 4, 21}, {2035, 3, 25}, {2038, 4, 25}, {2049, 4, 18}, {2076, 4, 19}, {2099, 4, 12},
	} {
		if got := date(easter(want.Year)); got != want {
			t.Errorf("Easter of %d is on %v, want %v", want.Year, got, want)
		}
	}
	// "The Sunday following the full moon on or after 21 March": always a Sunday from 22 March to 25 April.
	for year := 1583; year < 4100; year++ {
		day := easter(year)
		if weekday(day) != time.Sunday || day < (Date{year, 3, 22}).days() || day > (Date{year, 4, 25}).days() {
			t.Errorf("Easter of %d is %v, a %s", year, date(day), weekday(day))
		}
	}
}
