package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// closedOn is a policy that is closed on these days.
func closedOn(t *testing.T, days ...rules.HolidayDay) *rules.Policy {
	return bare(t, func(s *rules.Spec) { s.Holidays = []rules.HolidaySpec{{Terms: rules.Terms{Line: line(8)}, Days: days}} })
}

func yearly(m time.Month, d int) rules.HolidayDay {
	return rules.HolidayDay{Date: rules.Date{Month: m, Day: d}}
}

func easterPlus(days int) rules.HolidayDay { return rules.HolidayDay{Easter: true, Offset: days} }

// A holiday is closed "from midnight to midnight where the person is", every year or
// in one, and so many days from Easter.
func TestHolidays(t *testing.T) {
	in := to("email", "service")
	for _, c := range []struct {
		what         string
		day          rules.HolidayDay
		begins, ends string
	}{
		{"Christmas", yearly(12, 25), "2026-12-25", "2026-12-26"},
		{"Christmas, the year after", yearly(12, 25), "2027-12-25", "2027-12-26"},
		{"New Year", yearly(1, 1), "2027-01-01", "2027-01-02"},
		{"a leap day", yearly(2, 29), "2028-02-29", "2028-03-01"},
		{"one Christmas Eve", rules.HolidayDay{Date: rules.Date{Year: 2026, Month: 12, Day: 24}}, "2026-12-24", "2026-12-25"},
		{"Easter", easterPlus(0), "2026-04-05", "2026-04-06"},
		{"Easter Monday", easterPlus(1), "2027-03-29", "2027-03-30"},
		{"Good Friday", easterPlus(-2), "2027-03-26", "2027-03-27"},
		{"Ascension", easterPlus(39), "2026-05-14", "2026-05-15"},
		{"Whit Monday", easterPlus(50), "2026-05-25", "2026-05-26"},
		{"days before Easter that are in the year before", easterPlus(-100), "2026-12-18", "2026-12-19"}, // of 2027
		{"days after Easter that are in the year after", easterPlus(300), "2027-01-30", "2027-01-31"},    // of 2026
	} {
		t.Run(c.what, func(t *testing.T) {
			p := closedOn(t, c.day)
			begins, ends := at(c.begins+"T00:00:00Z"), at(c.ends+"T00:00:00Z")
			closes(t, p, nobody(), in, rules.QuietHoliday, begins, ends)
			opens(t, p, nobody(), in, rules.QuietHoliday, ends)
		})
	}
	approved(t, ask(closedOn(t, rules.HolidayDay{Date: rules.Date{Year: 2026, Month: 12, Day: 24}}), nobody(), in, at("2027-12-24T12:00:00Z")))
	approved(t, ask(closedOn(t, yearly(2, 29)), nobody(), in, at("2027-03-01T12:00:00Z")))
}

// On both nights on which the clocks change, where midnight is skipped or comes
// twice, and in two places at once, of which any may have the holiday still.
func TestHolidaysWhereThePersonIs(t *testing.T) {
	for _, c := range []struct {
		zones        []string
		day          rules.HolidayDay
		begins, ends string
	}{
		{[]string{"America/New_York"}, yearly(3, 8), "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{[]string{"America/New_York"}, yearly(11, 1), "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{[]string{"Europe/Berlin"}, yearly(3, 29), "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{[]string{"Europe/Berlin"}, yearly(10, 25), "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{[]string{"Australia/Lord_Howe"}, easterPlus(0), "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{[]string{"Australia/Lord_Howe"}, yearly(10, 4), "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{[]string{"America/Havana"}, yearly(3, 8), "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"},
		{[]string{"Atlantic/Azores"}, yearly(10, 25), "2026-10-25T00:00:00-01:00", "2026-10-26T00:00:00-01:00"},
		{[]string{"Atlantic/Azores"}, yearly(10, 24), "2026-10-24T00:00:00Z", "2026-10-25T00:00:00-01:00"},
		{[]string{"America/Los_Angeles", "America/New_York"}, yearly(7, 4), "2026-07-04T00:00:00-04:00", "2026-07-05T00:00:00-07:00"},
		{[]string{"Pacific/Kiritimati", "Pacific/Pago_Pago"}, yearly(1, 1), "2027-01-01T00:00:00+14:00", "2027-01-02T00:00:00+14:00"}, // an hour before the latter begins it
	} {
		p, in := closedOn(t, c.day), to("email", "service", zones(c.zones...))
		closes(t, p, nobody(), in, rules.QuietHoliday, at(c.begins), at(c.ends))
		opens(t, p, nobody(), in, rules.QuietHoliday, at(c.ends))
		if t.Failed() {
			t.Fatal(c)
		}
	}
}

// An approval ends with the day before, whichever of the places has the holiday
// first; where midnight comes twice, with the second.
func TestApprovalsEndWhereAHolidayBegins(t *testing.T) {
	for _, c := range []struct {
		zones    []string
		day      rules.HolidayDay
		midnight rules.Instant
	}{
		{[]string{"UTC"}, yearly(12, 25), at("2026-12-25T00:00:00Z")},
		{[]string{"America/Los_Angeles", "America/New_York"}, yearly(7, 4), at("2026-07-04T00:00:00-04:00")},
		{[]string{"Atlantic/Azores"}, yearly(10, 25), at("2026-10-25T01:00:00Z")},
		{[]string{"Pacific/Kiritimati", "Pacific/Pago_Pago"}, yearly(1, 1), at("2027-01-01T00:00:00-11:00")}, // in the former it is over
	} {
		p, in := closedOn(t, c.day), to("email", "service", zones(c.zones...))
		for back, want := range map[time.Duration]rules.Instant{
			ms: c.midnight, 5 * minute: c.midnight, 15*minute - ms: c.midnight, 15 * minute: c.midnight, 15*minute + ms: c.midnight - 1, 59 * minute: c.midnight.Add(-44 * minute),
		} {
			if d := ask(p, nobody(), in, c.midnight.Add(-back)); d.NotAfter != want {
				t.Errorf("%v: %s before it the approval lives until %s, want %s", c.zones, back, d.NotAfter, want)
			}
		}
	}
	long := bare(t, func(s *rules.Spec) {
		s.ApprovalLife = rules.Span{Of: 72 * hour}
		s.Holidays = []rules.HolidaySpec{{Days: []rules.HolidayDay{yearly(12, 25)}}}
	})
	if d := ask(long, nobody(), to("email", "service"), at("2026-12-22T12:00:00Z")); d.NotAfter != at("2026-12-25T00:00:00Z") {
		t.Errorf("an approval of three days lives until %s", d.NotAfter)
	}
}

// Holidays in a row are one; a year of them is never over.
func TestHolidaysInARow(t *testing.T) {
	in := to("email", "service")
	p := closedOn(t, yearly(12, 25), yearly(12, 26), yearly(12, 24))
	closes(t, p, nobody(), in, rules.QuietHoliday, at("2026-12-24T00:00:00Z"), at("2026-12-27T00:00:00Z"))

	var year []rules.HolidayDay
	for d := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2028; d = d.AddDate(0, 0, 1) {
		year = append(year, yearly(d.Month(), d.Day()))
	}
	final(t, ask(closedOn(t, year...), nobody(), in, noon), rules.QuietHoliday)
}

// They bind what they select, of every class but the exempt, and say what time it is
// where the person may be.
func TestWhomHolidaysBind(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Holidays = []rules.HolidaySpec{{
			Terms: rules.Terms{Line: line(8), Cites: "a law"}, Binds: rules.Selector{Channels: []rules.Channel{"call"}}, Days: []rules.HolidayDay{yearly(5, 4)},
		}}
	})
	for _, purpose := range []rules.Purpose{"marketing", "permission_prompt", "service", "collection"} {
		vetoed(t, ask(p, nobody(), to("call", purpose), noon), rules.QuietHoliday)
		approved(t, ask(p, nobody(), to("email", purpose), noon))
	}
	for _, purpose := range []rules.Purpose{"receipt", "legal"} {
		approved(t, ask(p, nobody(), to("call", purpose), noon))
		if d := ask(p, nobody(), to("call", purpose), at("2026-05-03T23:59:00Z")); d.NotAfter != at("2026-05-04T00:14:00Z") {
			t.Errorf("%s lives until %s", purpose, d.NotAfter)
		}
	}
	vetoed(t, ask(p, nobody(), to("call", "receipt", promotes), noon), rules.QuietHoliday)
	o := ask(p, nobody(), to("call", "service", zones("Europe/Berlin")), noon).Objections[0]
	if o.Detail != "it is a holiday where the person may be: Mon 14:00 (Europe/Berlin)" || o.Line != line(8) || o.Cites != "a law" || o.Rule != "quiet.holiday" {
		t.Errorf("the objection is %+v", o)
	}
}
