package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// once is a policy that allows so many contacts in a window.
func once(t *testing.T, most int, in rules.Window) *rules.Policy {
	return bare(t, func(s *rules.Spec) { s.Caps = []rules.CapSpec{{Name: "x", Most: most, In: in}} })
}

// "Calendar (day, week, month in the person's zone)": one millisecond either side of
// each window, in three zones with every kind of summer time, on both nights on
// which the clocks change. A week is from Monday to Sunday.
func TestWindowsOfTheCalendar(t *testing.T) {
	const day, week, month = rules.CalendarDays, rules.CalendarWeek, rules.CalendarMonth
	for _, c := range []struct {
		zone         string
		kind         rules.WindowKind
		begins, ends string
	}{
		{"America/New_York", day, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"}, // 23 hours
		{"America/New_York", day, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}, // 25 hours
		{"America/New_York", week, "2026-03-02T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"America/New_York", week, "2026-10-26T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"America/New_York", month, "2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"},
		{"America/New_York", month, "2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"},
		{"Europe/Berlin", day, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", day, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", week, "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", week, "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", month, "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"},
		{"Europe/Berlin", month, "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{"Australia/Lord_Howe", day, "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"}, // 24 and a half
		{"Australia/Lord_Howe", day, "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{"Australia/Lord_Howe", week, "2026-03-30T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{"Australia/Lord_Howe", week, "2026-09-28T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{"Australia/Lord_Howe", month, "2026-04-01T00:00:00+11:00", "2026-05-01T00:00:00+10:30"},
		{"Australia/Lord_Howe", month, "2026-10-01T00:00:00+10:30", "2026-11-01T00:00:00+11:00"},
		{"America/Havana", day, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},  // it begins at 01:00
		{"America/Havana", day, "2026-10-31T04:00:00Z", "2026-11-01T05:00:00Z"},  // it ends at the second midnight
		{"Atlantic/Azores", day, "2026-10-25T01:00:00Z", "2026-10-26T01:00:00Z"}, // it begins at the second
		{"UTC", month, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},           // of 29 days
		{"UTC", month, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"UTC", week, "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"},
		{"Pacific/Kiritimati", week, "2026-05-03T10:00:00Z", "2026-05-10T10:00:00Z"}, // Monday comes first there
	} {
		w := rules.Window{Kind: c.kind}
		if c.kind == day {
			w.Days = 1
		}
		t.Run(c.zone+" "+w.String()+" "+c.begins[:10], func(t *testing.T) {
			p, in, begins, ends := once(t, 1, w), to("email", "service", zones(c.zone)), at(c.begins), at(c.ends)
			for _, when := range []rules.Instant{begins, begins + 1, ends - 1} {
				opens(t, p, with(sent(when, rules.WasRedeemed, in)), in, "cap.x", ends)
			}
			opens(t, p, with(sent(begins-1, rules.WasRedeemed, in)), in, "cap.x", begins)
			final := sent(ends, rules.WasRedeemed, in)
			vetoed(t, ask(p, with(final), in, ends), "cap.x") // in the next
		})
	}
}

// "The day of the contact is day 1": seven calendar days slide from day to day, not
// from instant to instant.
func TestCalendarDaysSlide(t *testing.T) {
	p := once(t, 2, rules.Window{Kind: rules.CalendarDays, Days: 7})
	for _, c := range []struct{ zone, first, second, opens, then string }{
		{"America/New_York", "2026-03-06T23:59:59-05:00", "2026-03-07T00:00:00-05:00", "2026-03-13T00:00:00-04:00", "2026-03-14T00:00:00-04:00"},
		{"Europe/Berlin", "2026-10-24T00:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-31T00:00:00+01:00", "2026-11-01T00:00:00+01:00"},
		{"Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "2026-10-04T23:59:59+11:00", "2026-10-10T00:00:00+11:00", "2026-10-11T00:00:00+11:00"},
	} {
		in := to("email", "service", zones(c.zone))
		who := with(sent(at(c.first), rules.WasRedeemed, in), sent(at(c.second), rules.WasRedeemed, in))
		opens(t, p, who, in, "cap.x", at(c.opens))
		who = with(who.Contacts[0], who.Contacts[1], sent(at(c.opens), rules.WasRedeemed, in))
		opens(t, p, who, in, "cap.x", at(c.then))
	}
}

// "Those of the calendar are local to the person; where several zones are possible
// a contact counts as long as it does in any."
func TestWindowsOfTheCalendarInTwoPlaces(t *testing.T) {
	both := to("email", "service", zones("America/New_York", "Europe/Berlin"))
	for _, c := range []struct {
		in          rules.Window
		sent, opens string
	}{
		{rules.Window{Kind: rules.CalendarDays, Days: 1}, "2026-05-04T12:00:00Z", "2026-05-05T00:00:00-04:00"},
		{rules.Window{Kind: rules.CalendarDays, Days: 1}, "2026-05-04T23:00:00Z", "2026-05-06T00:00:00+02:00"}, // in Berlin it was tomorrow
		{rules.Window{Kind: rules.CalendarWeek}, "2026-05-10T21:59:59Z", "2026-05-11T00:00:00-04:00"},
		{rules.Window{Kind: rules.CalendarWeek}, "2026-05-10T22:00:00Z", "2026-05-18T00:00:00+02:00"},
		{rules.Window{Kind: rules.CalendarMonth}, "2026-05-31T21:59:59Z", "2026-06-01T00:00:00-04:00"},
		{rules.Window{Kind: rules.CalendarMonth}, "2026-05-31T22:00:00Z", "2026-07-01T00:00:00+02:00"},
	} {
		opens(t, once(t, 1, c.in), with(sent(at(c.sent), rules.WasRedeemed, both)), both, "cap.x", at(c.opens))
	}
}

// "Successive 30-day" windows: one after the other, from the first contact counted
// on. Two on day 29 do not stand in the way of two on day 30.
func TestSuccessivePeriods(t *testing.T) {
	p := once(t, 2, rules.Window{Kind: rules.Successive, Length: 30 * day})
	in := to("email", "service")
	redeemed := func(days ...time.Duration) *rules.Person {
		var all []rules.Contact
		for _, d := range days {
			all = append(all, sent(noon.Add(d*day), rules.WasRedeemed, in))
		}
		return with(all...)
	}
	opens(t, p, redeemed(0, 1), in, "cap.x", noon.Add(30*day))
	opens(t, p, redeemed(0, 29), in, "cap.x", noon.Add(30*day))
	approved(t, ask(p, redeemed(0, 29, 29), in, noon.Add(30*day)))
	approved(t, ask(p, redeemed(0, 29, 29, 30), in, noon.Add(30*day)))
	opens(t, p, redeemed(0, 29, 29, 30, 31), in, "cap.x", noon.Add(60*day))
	opens(t, p, redeemed(0, 700, 701), in, "cap.x", noon.Add(720*day)) // not from day 700 on
	approved(t, ask(p, nobody(), in, noon))

	t.Run("whatever became of the first", func(t *testing.T) {
		for _, fate := range []rules.Fate{rules.NotSent, rules.WrongNumber, rules.WasRevoked, 0} {
			who := redeemed(0, 20, 21)
			who.Contacts[0].Fate = fate
			opens(t, p, who, in, "cap.x", noon.Add(30*day))
		}
	})
	t.Run("but only with what the cap counts", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{
				Name: "x", Most: 2, In: rules.Window{Kind: rules.Successive, Length: 30 * day}, Per: []rules.Key{rules.PerSubject},
				Counts: rules.Selector{Channels: []rules.Channel{"email"}},
			}}
		})
		in := to("email", "service", subject("rent"))
		who := with(
			sent(noon.Add(-20*day), rules.WasRedeemed, to("sms", "service", subject("rent"))), sent(noon.Add(-10*day), rules.WasRedeemed, to("email", "service")),
			sent(noon, rules.WasRedeemed, in), sent(noon.Add(day), rules.WasRedeemed, in),
		)
		opens(t, p, who, in, "cap.x", noon.Add(30*day))
	})
}

// Periods keep their beginning: the first contact of them is not forgotten, even if
// one before it was waived and was none.
func TestSuccessivePeriodsKeepTheirBeginning(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{
			Name: "x", Most: 1, In: rules.Window{Kind: rules.Successive, Length: 30 * day}, Waiver: &rules.WaiverSpec{For: rules.Window{Length: day}},
		}}
	})
	in := to("email", "service")
	waived := sent(noon.Add(-hour), rules.WasRedeemed, in)
	waived.Waived = []string{"cap.x"}
	who := with(waived, sent(noon, rules.WasRedeemed, in), sent(noon.Add(395*day), rules.WasRedeemed, in))
	opens(t, p, who, in, "cap.x", noon.Add(420*day))

	for i, forgotten := range []bool{true, false, true} {
		if got := p.Forgets(who, &who.Contacts[i], noon.Add(800*day)); got != forgotten {
			t.Errorf("contact %d is forgotten: %t", i, got)
		}
	}
	t.Run("that of every subject", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{Name: "x", Most: 1, In: rules.Window{Kind: rules.Successive, Length: 30 * day}, Per: []rules.Key{rules.PerSubject}}}
		})
		other := to("email", "service", subject("rent"))
		who := with(sent(noon, rules.WasRedeemed, in), sent(noon.Add(day), rules.WasRedeemed, other), sent(noon.Add(2*day), rules.WasRedeemed, other))
		for i, forgotten := range []bool{false, false, true} {
			if got := p.Forgets(who, &who.Contacts[i], noon.Add(500*day)); got != forgotten {
				t.Errorf("contact %d is forgotten: %t", i, got)
			}
		}
	})
}

// A cap of successive periods over one channel has other periods than one over all,
// so neither makes the other meaningless.
func TestSuccessivePeriodsOfTwoCaps(t *testing.T) {
	w := rules.Window{Kind: rules.Successive, Length: 30 * day}
	mail := rules.Selector{Channels: []rules.Channel{"email"}}
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "any", Most: 2, In: w}, {Name: "email", Most: 2, In: w, Binds: mail, Counts: mail}}
	})
	// The first text on day 0, two mails on days 20 and 21: on day 31 the period of any is new, that of e-mail is not.
	who := with(
		sent(noon, rules.WasRedeemed, to("sms", "service")), sent(noon.Add(20*day), rules.WasRedeemed, to("email", "service")),
		sent(noon.Add(21*day), rules.WasRedeemed, to("email", "service")),
	)
	opens(t, p, who, to("email", "service"), "cap.email", noon.Add(50*day))
	vetoed(t, ask(p, who, to("email", "service"), noon.Add(30*day-ms)), "cap.any", "cap.email")
}

// A policy remembers as far back as its windows look.
func TestMemoryOfWindowsOfTheCalendar(t *testing.T) {
	for _, c := range []struct {
		in   rules.Window
		want time.Duration
	}{
		{rules.Window{Kind: rules.CalendarDays, Days: 7}, 400 * day},
		{rules.Window{Kind: rules.CalendarMonth}, 400 * day},
		{rules.Window{Kind: rules.Ever}, 400 * day}, // what it counts for ever it keeps by itself
		{rules.Window{Kind: rules.CalendarDays, Days: 500}, 501 * day},
		{rules.Window{Kind: rules.Successive, Length: 500 * day}, 500 * day},
	} {
		p := once(t, 1, c.in)
		if got := p.Memory(); got != c.want {
			t.Errorf("with %s it remembers %s, want %s", c.in, got, c.want)
		}
	}
}
