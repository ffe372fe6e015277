package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Florida and France, as their texts have it. Regulation F has a file of its own.

var phone = rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"call"}}

// "More than three commercial telephone solicitation phone calls from any number to a
// person over a 24-hour period on the same subject matter or issue, regardless of the
// phone number used to make the call", and none "before 8 a.m. or after 8 p.m. local
// time in the called person's time zone" (Fla. Stat. 501.616(6)).
func TestFlorida(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Zones = []rules.ZoneSpec{{Zone: zone("America/New_York")}, {Zone: zone("America/Chicago")}}
		s.Hours = []rules.HoursSpec{{Binds: phone, Open: []rules.OpenSpec{daily(8*hour, 20*hour)}}}
		s.Caps = []rules.CapSpec{{Name: "florida.day", Most: 3, In: rules.Window{Length: 24 * hour}, Binds: phone, Counts: phone, Per: []rules.Key{rules.PerSubject}}}
	})
	in := to("call", "marketing", subject("solar roofs"))
	called := func(times ...string) *rules.Person {
		who := nobody()
		for i, when := range times {
			c := sent(newYork(when), rules.WasRedeemed, in)
			c.Campaign, c.Brand, c.Address = []rules.Campaign{"a", "b", "c"}[i], []rules.Brand{"x", "y", "z"}[i], []rules.Address{"1", "2", "3"}[i]
			who.Contacts = append(who.Contacts, c)
		}
		return who
	}
	three := called("05-04T10:00", "05-04T12:00", "05-04T19:30")
	opens(t, p, three, in, "cap.florida.day", newYork("05-05T10:00"))
	vetoed(t, ask(p, three, in, newYork("05-04T19:31")), "cap.florida.day")
	approved(t, ask(p, three, to("call", "marketing", subject("windows")), newYork("05-04T19:31")))
	approved(t, ask(p, three, to("call", "service", subject("solar roofs")), newYork("05-04T21:31")))
	approved(t, ask(p, called("05-04T10:00", "05-04T12:00"), in, newYork("05-04T19:31")))

	t.Run("of whom nothing is known may live in the west of the panhandle", func(t *testing.T) {
		opens(t, p, nobody(), in, rules.QuietHours, newYork("05-05T09:00"))
		closes(t, p, nobody(), in, rules.QuietHours, newYork("05-05T20:00"), newYork("05-06T09:00"))
		tampa := to("call", "marketing", zones("America/New_York"))
		opens(t, p, nobody(), tampa, rules.QuietHours, newYork("05-05T08:00"))
		closes(t, p, nobody(), tampa, rules.QuietHours, newYork("05-05T20:00"), newYork("05-06T08:00"))
	})
	t.Run("the window ends at night, and the hours begin in the morning", func(t *testing.T) {
		late := called("05-04T19:57", "05-04T19:58", "05-04T19:59")
		d := ask(p, late, in, newYork("05-05T19:56"))
		vetoed(t, d, "cap.florida.day")
		if d.Earliest != newYork("05-05T19:57") {
			t.Errorf("earliest %s", d.Earliest)
		}
		early := called("05-04T09:00", "05-04T09:01", "05-04T09:02")
		if d := ask(p, early, in, newYork("05-05T08:30")); d.Earliest != newYork("05-05T09:00") {
			t.Errorf("earliest %s", d.Earliest)
		}
	})
}

// france is telephone solicitation there; the trader is the brand.
func france(t *testing.T) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		s.Zones = []rules.ZoneSpec{{Zone: zone("Europe/Paris")}}
		weekdays := func(from, to time.Duration) rules.OpenSpec {
			return rules.OpenSpec{Days: [7]bool{false, true, true, true, true, true, false}, From: from, To: to}
		}
		s.Hours = []rules.HoursSpec{{Binds: phone, Open: []rules.OpenSpec{weekdays(10*hour, 13*hour), weekdays(14*hour, 20*hour)}}}
		s.Holidays = []rules.HolidaySpec{{Binds: phone, Days: []rules.HolidayDay{
			yearly(1, 1), easterPlus(1), yearly(5, 1), yearly(5, 8), easterPlus(39), easterPlus(50), yearly(7, 14), yearly(8, 15), yearly(11, 1), yearly(11, 11), yearly(12, 25),
		}}}
		s.Caps = []rules.CapSpec{{
			Name: "trader.month", Most: 4, In: rules.Window{Kind: rules.CalendarDays, Days: 30}, Binds: phone, Counts: phone, Per: []rules.Key{rules.PerBrand},
		}}
		s.ConsentRequired = []rules.ConsentSpec{{Terms: from(2026, 8, 11), Binds: phone}}
	})
}

// paris is an instant there, in the summer of 2026.
func paris(s string) rules.Instant { return at("2026-" + s + ":00+02:00") }

// "Que du lundi au vendredi … et … seulement de 10 heures à 13 heures et de 14 heures
// à 20 heures", "sauf lorsque ces jours sont fériés" (D. 223-9 al. 1).
func TestFranceHoursAndHolidays(t *testing.T) {
	in := to("call", "marketing", brand("acme"))
	for _, c := range []struct{ what, closes, opens string }{
		{"a night", "2026-05-04T20:00:00+02:00", "2026-05-05T10:00:00+02:00"},
		{"lunch", "2026-05-04T13:00:00+02:00", "2026-05-04T14:00:00+02:00"},
		{"a weekend", "2026-05-29T20:00:00+02:00", "2026-06-01T10:00:00+02:00"},
		{"Easter", "2026-04-03T20:00:00+02:00", "2026-04-07T10:00:00+02:00"},
		{"Labour Day, a Friday", "2026-04-30T20:00:00+02:00", "2026-05-04T10:00:00+02:00"},
		{"8 May", "2026-05-07T20:00:00+02:00", "2026-05-11T10:00:00+02:00"},
		{"Ascension, a Thursday", "2026-05-13T20:00:00+02:00", "2026-05-15T10:00:00+02:00"},
		{"Whitsun", "2026-05-22T20:00:00+02:00", "2026-05-26T10:00:00+02:00"},
		{"14 July", "2026-07-13T20:00:00+02:00", "2026-07-15T10:00:00+02:00"},
		{"the Sunday on which the clocks change", "2026-03-27T20:00:00+01:00", "2026-03-30T10:00:00+02:00"},
	} {
		closes(t, france(t), nobody(), in, rules.QuietHours, at(c.closes), at(c.opens))
		// On a holiday, or a Sunday before one, the morning is closed for two reasons.
		d := ask(france(t), nobody(), in, at(c.opens)-1)
		if d.Verdict != rules.Vetoed || d.Earliest != at(c.opens) {
			t.Errorf("%s: 1 ms before it opens: %s, earliest %s", c.what, d.Verdict, d.Earliest)
		}
		approved(t, ask(france(t), nobody(), in, at(c.opens)))
		if d := ask(france(t), nobody(), in, at(c.closes).Add(-minute)); d.NotAfter != at(c.closes) {
			t.Errorf("%s: a minute before it closes the approval lives until %s", c.what, d.NotAfter)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
	vetoed(t, ask(france(t), nobody(), in, paris("05-14T11:00")), rules.QuietHoliday)
	vetoed(t, ask(france(t), nobody(), in, paris("05-25T13:30")), rules.QuietHours, rules.QuietHoliday)
	agreed := agreed(rules.Scope{})
	for closed, opened := range map[string]string{"2026-11-10T20:00:00+01:00": "2026-11-12T10:00:00+01:00", "2026-12-24T20:00:00+01:00": "2026-12-28T10:00:00+01:00", "2026-12-31T20:00:00+01:00": "2027-01-04T10:00:00+01:00", "2027-03-26T20:00:00+01:00": "2027-03-30T10:00:00+02:00"} {
		closes(t, france(t), agreed, in, rules.QuietHours, at(closed), at(opened))
	}
}

// "Plus de quatre fois au cours d'une période de trente jours calendaires", by one
// trader (D. 223-9 al. 3).
func TestFranceFourTimesInThirtyDays(t *testing.T) {
	in := to("call", "marketing", brand("acme"))
	who := nobody()
	for _, day := range []string{"05-04T19:00", "05-05T11:00", "05-06T11:00", "05-07T11:00"} {
		who.Contacts = append(who.Contacts, sent(paris(day), rules.WasRedeemed, in))
	}
	d := ask(france(t), who, in, paris("06-02T19:00"))
	vetoed(t, d, "cap.trader.month")
	if d.Objections[0].Earliest != paris("06-03T00:00") || d.Earliest != paris("06-03T10:00") {
		t.Errorf("the cap opens %s, and the first call is at %s", d.Objections[0].Earliest, d.Earliest)
	}
	approved(t, ask(france(t), who, in, paris("06-03T10:00")))
	approved(t, ask(france(t), who, to("call", "marketing", brand("zeta")), paris("06-02T19:00")))
	approved(t, ask(france(t), with(who.Contacts[1:]...), in, paris("06-02T19:00")))
}

// "Il est interdit de démarcher par téléphone … un consommateur qui n'a pas exprimé
// préalablement son consentement", from 11 August 2026 on (L. 223-1, loi 2025-594):
// whoever could be called on the evening before may be called the next day only if
// they agreed, and is told so the moment the telephones fall silent.
func TestFranceFromTheEleventhOfAugustOn(t *testing.T) {
	in := to("call", "marketing", brand("acme"))
	d := ask(france(t), nobody(), in, paris("08-10T19:59"))
	approved(t, d)
	if d.NotAfter != paris("08-10T20:00") {
		t.Errorf("it lives until %s", d.NotAfter)
	}
	final(t, ask(france(t), nobody(), in, paris("08-10T20:00")), rules.QuietHours)
	final(t, ask(france(t), nobody(), in, paris("08-11T00:00")-1), rules.QuietHours)
	final(t, ask(france(t), nobody(), in, paris("08-11T00:00")), rules.ConsentRequired, rules.QuietHours)
	final(t, ask(france(t), nobody(), in, paris("08-11T10:00")), rules.ConsentRequired)
	approved(t, ask(france(t), agreed(rules.Scope{Channel: "call", Brand: "acme"}), in, paris("08-11T10:00")))
	final(t, ask(france(t), agreed(rules.Scope{Channel: "call", Brand: "zeta"}), in, paris("08-11T10:00")), rules.ConsentRequired)
	approved(t, ask(france(t), nobody(), to("call", "service", brand("acme")), paris("08-11T10:00")))
	approved(t, ask(france(t), nobody(), to("email", "marketing", brand("acme")), paris("08-11T10:00")))
}
