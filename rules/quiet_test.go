package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "Calls, sms and push only 09:00–20:00 person-local", on ordinary days and on
// both nights on which the clocks of a place change: the hours follow the clocks
// on the wall. Approvals end with them: "the edge of quiet hours … whichever is
// first".
func TestHoursFollowTheClocksOnTheWall(t *testing.T) {
	for _, c := range []struct {
		zone        string
		open, close string
	}{
		{"UTC", "2026-05-04T09:00:00Z", "2026-05-04T20:00:00Z"},
		{"America/New_York", "2026-03-07T09:00:00-05:00", "2026-03-07T20:00:00-05:00"}, // the day before
		{"America/New_York", "2026-03-08T09:00:00-04:00", "2026-03-08T20:00:00-04:00"}, // 23 hours
		{"America/New_York", "2026-10-31T09:00:00-04:00", "2026-10-31T20:00:00-04:00"},
		{"America/New_York", "2026-11-01T09:00:00-05:00", "2026-11-01T20:00:00-05:00"}, // 25 hours
		{"Europe/Berlin", "2026-03-29T09:00:00+02:00", "2026-03-29T20:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25T09:00:00+01:00", "2026-10-25T20:00:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-05T09:00:00+10:30", "2026-04-05T20:00:00+10:30"}, // half an hour longer
		{"Australia/Lord_Howe", "2026-10-04T09:00:00+11:00", "2026-10-04T20:00:00+11:00"},
		{"Asia/Kathmandu", "2026-05-04T09:00:00+05:45", "2026-05-04T20:00:00+05:45"},
	} {
		t.Run(c.zone+" "+c.open[:10], func(t *testing.T) {
			in, open, close := to("sms", "service", zones(c.zone)), at(c.open), at(c.close)
			opens(t, house(t), nobody(), in, rules.QuietHours, open)
			next := at(c.open).Time().In(zone(c.zone)).AddDate(0, 0, 1)
			closes(t, house(t), nobody(), in, rules.QuietHours, close, rules.At(next))

			for back, want := range map[time.Duration]time.Duration{
				15*minute + ms: 15 * minute, 15 * minute: 15 * minute, 15*minute - ms: 15*minute - ms, ms: ms,
			} {
				if d := ask(house(t), nobody(), in, close.Add(-back)); d.NotAfter != close.Add(-back).Add(want) {
					t.Errorf("%s before the edge the approval lives until %s", back, d.NotAfter)
				}
			}
		})
	}
}

// "Calls, sms and push" of every class but the exempt; other channels have no
// hours.
func TestWhomHoursBind(t *testing.T) {
	night := at("2026-05-04T03:00:00Z")
	for _, channel := range []rules.Channel{"call", "sms", "push"} {
		for _, purpose := range []rules.Purpose{"marketing", "permission_prompt", "service", "collection"} {
			vetoed(t, ask(house(t), nobody(), to(channel, purpose), night), rules.QuietHours)
		}
		for _, purpose := range []rules.Purpose{"receipt", "legal"} {
			approved(t, ask(house(t), nobody(), to(channel, purpose), night))
		}
		approved(t, ask(house(t), &rules.Person{OptOut: night}, to(channel, "confirmation"), night))
	}
	for _, channel := range []rules.Channel{"email", "mail", "in_app", "chat"} {
		approved(t, ask(house(t), nobody(), to(channel, "marketing"), night))
	}
	if d := ask(house(t), nobody(), to("email", "marketing"), night); d.NotAfter != night.Add(15*minute) {
		t.Errorf("an e-mail has no hours, but its approval ends %s", d.NotAfter)
	}
}

// open is a policy whose channels are open at these hours.
func open(t *testing.T, hours ...rules.OpenSpec) *rules.Policy {
	return bare(t, func(s *rules.Spec) { s.Hours = []rules.HoursSpec{{Open: hours}} })
}

func daily(from, to time.Duration) rules.OpenSpec {
	return rules.OpenSpec{Days: [7]bool{true, true, true, true, true, true, true}, From: from, To: to}
}

func on(d time.Weekday, from, to time.Duration) rules.OpenSpec {
	o := rules.OpenSpec{From: from, To: to}
	o.Days[d] = true
	return o
}

// Hours until 24:00 and hours from 00:00 touch: an approval does not end at
// midnight, where the next span begins.
func TestHoursThatTouchAtMidnight(t *testing.T) {
	p := open(t, daily(0, 6*hour), daily(20*hour, 24*hour))
	in := to("sms", "service")
	midnight := at("2026-05-05T00:00:00Z")
	if d := ask(p, nobody(), in, midnight.Add(-minute)); d.NotAfter != midnight.Add(14*minute) {
		t.Errorf("a minute before midnight the approval lives until %s", d.NotAfter)
	}
	closes(t, p, nobody(), in, rules.QuietHours, midnight.Add(6*hour), midnight.Add(20*hour))
	opens(t, p, nobody(), in, rules.QuietHours, midnight.Add(20*hour))
	if d := ask(p, nobody(), in, midnight.Add(6*hour-minute)); d.NotAfter != midnight.Add(6*hour) {
		t.Errorf("a minute before the edge the approval lives until %s", d.NotAfter)
	}

	t.Run("within a day they touch as well", func(t *testing.T) {
		p := open(t, daily(9*hour, 12*hour), daily(12*hour, 15*hour))
		if d := ask(p, nobody(), in, noon.Add(-minute)); d.NotAfter != noon.Add(14*minute) {
			t.Errorf("a minute before noon the approval lives until %s", d.NotAfter)
		}
		closes(t, p, nobody(), in, rules.QuietHours, noon.Add(3*hour), noon.Add(21*hour))
	})
}

// On some days only: a week of waiting, and not a day more.
func TestHoursOnOneDayOfTheWeek(t *testing.T) {
	p := open(t, on(time.Monday, 9*hour, 17*hour))
	closes(t, p, nobody(), to("sms", "service"), rules.QuietHours, noon.Add(5*hour), noon.Add(7*day-3*hour))
	opens(t, p, nobody(), to("sms", "service"), rules.QuietHours, noon.Add(7*day-3*hour))
}

// Always open is always open, and asking whether it is does not take for ever.
func TestHoursAroundTheClock(t *testing.T) {
	p := open(t, daily(0, 24*hour))
	d := ask(p, nobody(), to("sms", "service"), noon)
	approved(t, d)
	if d.NotAfter != noon.Add(15*minute) {
		t.Errorf("the approval lives until %s", d.NotAfter)
	}
}

// "A local time that does not exist or exists twice resolves to the later
// instant."
func TestTimesThatDoNotExistOrExistTwice(t *testing.T) {
	in := func(zone string) rules.Intent { return to("sms", "service", zones(zone)) }
	for _, c := range []struct {
		what, zone string
		from, to   time.Duration
		opens      string
		closes     string
	}{
		{"opens at 02:30, which is skipped", "America/New_York", 150 * minute, 12 * hour, "2026-03-08T03:30:00-04:00", "2026-03-08T12:00:00-04:00"},
		{"closes at 02:30, which is skipped", "America/New_York", 1 * hour, 150 * minute, "2026-03-08T01:00:00-05:00", "2026-03-08T03:30:00-04:00"},
		{"opens at 01:30, which comes twice", "America/New_York", 90 * minute, 12 * hour, "2026-11-01T01:30:00-05:00", "2026-11-01T12:00:00-05:00"},
		{"closes at 01:30, which comes twice", "America/New_York", 30 * minute, 90 * minute, "2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-05:00"},
		{"opens at 02:30, which is skipped", "Europe/Berlin", 150 * minute, 12 * hour, "2026-03-29T03:30:00+02:00", "2026-03-29T12:00:00+02:00"},
		{"opens at 02:30, which comes twice", "Europe/Berlin", 150 * minute, 12 * hour, "2026-10-25T02:30:00+01:00", "2026-10-25T12:00:00+01:00"},
		{"opens at 02:15, which is skipped", "Australia/Lord_Howe", 135 * minute, 12 * hour, "2026-10-04T02:45:00+11:00", "2026-10-04T12:00:00+11:00"},
		{"opens at 01:45, which comes twice", "Australia/Lord_Howe", 105 * minute, 12 * hour, "2026-04-05T01:45:00+10:30", "2026-04-05T12:00:00+10:30"},
		{"opens at midnight, which is skipped", "America/Havana", 0, 12 * hour, "2026-03-08T01:00:00-04:00", "2026-03-08T12:00:00-04:00"},
		{"closes at midnight, which is skipped", "America/Havana", 20 * hour, 24 * hour, "2026-03-07T20:00:00-05:00", "2026-03-08T01:00:00-04:00"},
	} {
		t.Run(c.zone+" "+c.what, func(t *testing.T) {
			p := open(t, daily(c.from, c.to))
			opens(t, p, nobody(), in(c.zone), rules.QuietHours, at(c.opens))
			approved(t, ask(p, nobody(), in(c.zone), at(c.closes)-1))
			vetoed(t, ask(p, nobody(), in(c.zone), at(c.closes)), rules.QuietHours)
		})
	}
}

// "An instant is allowed only if it is in every zone that the intent names and in
// every zone known of the person; then of the number; then the default."
func TestEveryZoneMustAllow(t *testing.T) {
	// 09–20 in Berlin (summer) is 07–18 UTC, in New York 13–24 UTC: together 13–18.
	both := to("sms", "service", zones("Europe/Berlin", "America/New_York"))
	opens(t, house(t), nobody(), both, rules.QuietHours, at("2026-05-04T13:00:00Z"))
	closes(t, house(t), nobody(), both, rules.QuietHours, at("2026-05-04T18:00:00Z"), at("2026-05-05T13:00:00Z"))

	t.Run("the intent's and the person's", func(t *testing.T) {
		who := &rules.Person{Zones: []*time.Location{zone("America/New_York")}}
		in := to("sms", "service", zones("Europe/Berlin"))
		opens(t, house(t), who, in, rules.QuietHours, at("2026-05-04T13:00:00Z"))
		closes(t, house(t), who, in, rules.QuietHours, at("2026-05-04T18:00:00Z"), at("2026-05-05T13:00:00Z"))
	})
	t.Run("the person's alone, and the number counts no more", func(t *testing.T) {
		who := &rules.Person{Zones: []*time.Location{zone("America/New_York")}}
		in := to("sms", "service")
		in.NumberZones = []*time.Location{zone("Asia/Tokyo")}
		opens(t, house(t), who, in, rules.QuietHours, at("2026-05-04T13:00:00Z"))
	})
	t.Run("the number's, where nothing better is known", func(t *testing.T) {
		in := to("sms", "service")
		in.NumberZones = []*time.Location{zone("Asia/Tokyo")}
		opens(t, house(t), nobody(), in, rules.QuietHours, at("2026-05-04T00:00:00Z"))
		in.Zones = []*time.Location{zone("Europe/Berlin")}
		opens(t, house(t), nobody(), in, rules.QuietHours, at("2026-05-04T07:00:00Z"))
	})
	t.Run("the default", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.Zones = []rules.ZoneSpec{{Zone: zone("America/New_York")}, {Zone: zone("America/Los_Angeles")}}
			s.Hours = []rules.HoursSpec{{Open: []rules.OpenSpec{daily(9*hour, 20*hour)}}}
		})
		opens(t, p, nobody(), to("sms", "service"), rules.QuietHours, at("2026-05-04T16:00:00Z"))
		closes(t, p, nobody(), to("sms", "service"), rules.QuietHours, at("2026-05-05T00:00:00Z"), at("2026-05-05T16:00:00Z"))
	})
	t.Run("the approval ends where the first of them closes", func(t *testing.T) {
		d := ask(house(t), nobody(), both, at("2026-05-04T17:55:00Z"))
		if d.NotAfter != at("2026-05-04T18:00:00Z") {
			t.Errorf("it lives until %s", d.NotAfter)
		}
	})
	t.Run("two that agree on some days only", func(t *testing.T) {
		p := open(t, on(time.Monday, 9*hour, 12*hour))
		in := to("sms", "service", zones("UTC", "Asia/Kolkata")) // Monday 09:00 UTC is 14:30 there, never both
		final(t, ask(p, nobody(), in, noon), rules.QuietHours)
	})
}

// Two zones whose hours share no minute of the day, nor ever will: no passing of
// time helps. Where they come to share one when the clocks change, it does.
func TestZonesThatNeverAgree(t *testing.T) {
	in := to("sms", "service", zones("UTC", "Pacific/Auckland"))
	d := ask(house(t), nobody(), in, noon)
	final(t, d, rules.QuietHours)
	if d.Objections[0].Earliest != 0 {
		t.Errorf("the hours promise %s", d.Objections[0].Earliest)
	}

	// In winter New York closes at 01:00 UTC, an hour after Tokyo opens; in summer just then.
	in = to("sms", "service", zones("America/New_York", "Asia/Tokyo"))
	opens(t, house(t), nobody(), in, rules.QuietHours, at("2026-11-02T00:00:00Z"))
	if d := ask(house(t), nobody(), in, noon); d.Earliest != at("2026-11-02T00:00:00Z") {
		t.Errorf("half a year before: earliest %s", d.Earliest)
	}
}

// Hours that never come are answered with never, and not looked for without end:
// whoever chose the zones must not hold up everybody else in the partition.
// (What it costs is BenchmarkDecide's business.)
func TestHoursThatNeverComeAreFinal(t *testing.T) {
	apart := ask(house(t), nobody(), to("sms", "service", zones("UTC", "Pacific/Auckland")), noon)
	vetoed(t, apart, rules.QuietHours)
	if !apart.Final() {
		t.Errorf("UTC and Auckland share office hours at %s", apart.Earliest)
	}
	always := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{true, true, true, true, true, true, true}}}}
	quiet := ask(house(t), always, to("email", "service"), noon)
	vetoed(t, quiet, rules.QuietPerson)
	if !quiet.Final() {
		t.Errorf("a person who is quiet all week may be contacted at %s", quiet.Earliest)
	}
	if around := ask(open(t, daily(0, 24*hour)), nobody(), to("sms", "service"), noon); around.Verdict != rules.Approved {
		t.Errorf("hours around the clock: %v", around.Objections)
	}
}

// "Preference quiet: days of mon…sun naming the day it starts, from–to local,
// half-open, may cross midnight, all channels."
func TestPersonsOwnQuiet(t *testing.T) {
	tuesdays := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{time.Tuesday: true}, From: 22 * hour, To: 7 * hour}}}
	in := to("email", "service")
	tuesday := at("2026-05-05T00:00:00Z")
	closes(t, house(t), tuesdays, in, rules.QuietPerson, tuesday.Add(22*hour), tuesday.Add(31*hour))
	opens(t, house(t), tuesdays, in, rules.QuietPerson, tuesday.Add(31*hour))
	approved(t, ask(house(t), tuesdays, in, tuesday.Add(hour)))    // Monday's night is not named
	approved(t, ask(house(t), tuesdays, in, tuesday.Add(47*hour))) // nor is Wednesday's

	t.Run("the approval ends where it begins", func(t *testing.T) {
		for back, want := range map[time.Duration]time.Duration{15*minute + ms: 15 * minute, 10 * minute: 10 * minute, ms: ms} {
			begins := tuesday.Add(22 * hour)
			if d := ask(house(t), tuesdays, in, begins.Add(-back)); d.NotAfter != begins.Add(-back).Add(want) {
				t.Errorf("%s before, it lives until %s", back, d.NotAfter)
			}
		}
	})
	t.Run("exempt classes are exempt", func(t *testing.T) {
		for _, purpose := range []rules.Purpose{"receipt", "legal"} {
			d := ask(house(t), tuesdays, to("email", purpose), tuesday.Add(23*hour))
			approved(t, d)
			if d := ask(house(t), tuesdays, to("email", purpose), tuesday.Add(22*hour-minute)); d.NotAfter != tuesday.Add(22*hour+14*minute) {
				t.Errorf("%s lives until %s", purpose, d.NotAfter)
			}
		}
	})
	t.Run("in every zone of the person", func(t *testing.T) {
		who := &rules.Person{Quiet: tuesdays.Quiet, Zones: []*time.Location{zone("Europe/Berlin"), zone("America/New_York")}}
		// The night begins in Berlin and ends in New York.
		closes(t, house(t), who, in, rules.QuietPerson, at("2026-05-05T22:00:00+02:00"), at("2026-05-06T07:00:00-04:00"))
		opens(t, house(t), who, in, rules.QuietPerson, at("2026-05-06T07:00:00-04:00"))
	})
	t.Run("from and to the same: the whole day", func(t *testing.T) {
		who := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{time.Tuesday: true}, From: 12 * hour, To: 12 * hour}}}
		closes(t, house(t), who, in, rules.QuietPerson, tuesday.Add(12*hour), tuesday.Add(36*hour))
	})
	t.Run("nights that touch days are one", func(t *testing.T) {
		who := &rules.Person{Quiet: []rules.QuietSpan{
			{Days: [7]bool{time.Tuesday: true}, From: 22 * hour, To: 7 * hour},
			{Days: [7]bool{time.Wednesday: true}, From: 7 * hour, To: 9 * hour},
			{Days: [7]bool{time.Wednesday: true}, From: 8 * hour, To: 8*hour + 30*minute},
		}}
		closes(t, house(t), who, in, rules.QuietPerson, tuesday.Add(22*hour), tuesday.Add(33*hour))
	})
	t.Run("the whole week is never", func(t *testing.T) {
		who := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{true, true, true, true, true, true, true}}}}
		final(t, ask(house(t), who, in, noon), rules.QuietPerson)
	})
}

// The night of a change of clocks is as long as the clocks on the wall say, and
// the night after one that skips midnight belongs to the day on which it began.
func TestPersonsOwnQuietWhenClocksChange(t *testing.T) {
	nightly := []rules.QuietSpan{{Days: [7]bool{true, true, true, true, true, true, true}, From: 22 * hour, To: 7 * hour}}
	for _, c := range []struct{ zone, from, to string }{
		{"America/New_York", "2026-03-07T22:00:00-05:00", "2026-03-08T07:00:00-04:00"}, // 8 hours
		{"America/New_York", "2026-10-31T22:00:00-04:00", "2026-11-01T07:00:00-05:00"}, // 10 hours
		{"Europe/Berlin", "2026-03-28T22:00:00+01:00", "2026-03-29T07:00:00+02:00"},
		{"Europe/Berlin", "2026-10-24T22:00:00+02:00", "2026-10-25T07:00:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-04T22:00:00+11:00", "2026-04-05T07:00:00+10:30"},
		{"Australia/Lord_Howe", "2026-10-03T22:00:00+10:30", "2026-10-04T07:00:00+11:00"},
		{"America/Havana", "2026-03-07T22:00:00-05:00", "2026-03-08T07:00:00-04:00"}, // midnight is skipped
		{"America/Havana", "2026-03-08T22:00:00-04:00", "2026-03-09T07:00:00-04:00"}, // the night after
		{"America/Santiago", "2026-09-06T22:00:00-03:00", "2026-09-07T07:00:00-03:00"},
		{"Africa/Cairo", "2026-04-24T22:00:00+03:00", "2026-04-25T07:00:00+03:00"},
	} {
		t.Run(c.zone+" "+c.from[:10], func(t *testing.T) {
			who := &rules.Person{Quiet: nightly, Zones: []*time.Location{zone(c.zone)}}
			in := to("email", "service")
			closes(t, house(t), who, in, rules.QuietPerson, at(c.from), at(c.to))
			opens(t, house(t), who, in, rules.QuietPerson, at(c.to))
			for when := at(c.from); when < at(c.to); when = when.Add(10 * minute) {
				if d := ask(house(t), who, in, when); d.Earliest != at(c.to) {
					t.Errorf("at %s: earliest %s", when.Time().In(zone(c.zone)), d.Earliest)
				}
			}
		})
	}
}

// Two kinds of quiet object side by side, and earliest satisfies both.
func TestBothKindsOfQuiet(t *testing.T) {
	who := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{time.Tuesday: true}, From: 8 * hour, To: 11 * hour}}}
	d := ask(house(t), who, to("sms", "service"), at("2026-05-05T08:30:00Z"))
	vetoed(t, d, rules.QuietHours, rules.QuietPerson)
	if d.Earliest != at("2026-05-05T11:00:00Z") {
		t.Errorf("earliest %s", d.Earliest)
	}
	// At 20:00 the hours close; when they open again the person's quiet is on.
	who.Quiet[0] = rules.QuietSpan{Days: [7]bool{time.Tuesday: true}, From: 6 * hour, To: 21 * hour}
	d = ask(house(t), who, to("sms", "service"), at("2026-05-04T20:00:00Z"))
	vetoed(t, d, rules.QuietHours)
	if d.Earliest != at("2026-05-06T09:00:00Z") {
		t.Errorf("earliest %s", d.Earliest)
	}
}

// The veto tells what time it is where the person may be.
func TestQuietInWords(t *testing.T) {
	who := &rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{true, true, true, true, true, true, true}, From: 0, To: 23 * hour}}}
	d := ask(house(t), who, to("sms", "service", zones("Europe/Berlin", "America/New_York")), at("2026-05-04T20:00:00Z"))
	for _, o := range d.Objections {
		if !strings.Contains(o.Detail, "Mon 22:00 (Europe/Berlin)") || !strings.Contains(o.Detail, "Mon 16:00 (America/New_York)") {
			t.Errorf("%s says %q", o.Reason, o.Detail)
		}
	}
}
