package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// from and until are terms of a rule: its first day of force, and its last.
func from(y int, m time.Month, d int) rules.Terms {
	return rules.Terms{From: rules.Date{Year: y, Month: m, Day: d}}
}

func until(y int, m time.Month, d int) rules.Terms {
	return rules.Terms{Until: rules.Date{Year: y, Month: m, Day: d}}
}

// demanding is a policy that demands a consent, under these terms.
func demanding(t *testing.T, terms rules.Terms) *rules.Policy {
	return bare(t, func(s *rules.Spec) { s.ConsentRequired = []rules.ConsentSpec{{Terms: terms}} })
}

// "from: first day of force, local to the person · until: last day of force,
// inclusive": from midnight to midnight, in three zones, on both nights on which the
// clocks change, and where midnight is skipped or comes twice.
func TestTheFirstAndTheLastDayOfARule(t *testing.T) {
	for _, c := range []struct {
		zone         string
		day          rules.Date
		begins, ends string
	}{
		{"America/New_York", rules.Date{Year: 2026, Month: 3, Day: 8}, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"America/New_York", rules.Date{Year: 2026, Month: 11, Day: 1}, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"Europe/Berlin", rules.Date{Year: 2026, Month: 3, Day: 29}, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", rules.Date{Year: 2026, Month: 10, Day: 25}, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Australia/Lord_Howe", rules.Date{Year: 2026, Month: 4, Day: 5}, "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{"Australia/Lord_Howe", rules.Date{Year: 2026, Month: 10, Day: 4}, "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{"America/Havana", rules.Date{Year: 2026, Month: 3, Day: 8}, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"Atlantic/Azores", rules.Date{Year: 2026, Month: 10, Day: 25}, "2026-10-25T01:00:00Z", "2026-10-26T01:00:00Z"},
	} {
		t.Run(c.zone+" "+c.begins[:10], func(t *testing.T) {
			in, begins, ends := to("email", "service", zones(c.zone)), at(c.begins), at(c.ends)
			closes(t, demanding(t, rules.Terms{From: c.day}), nobody(), in, rules.ConsentRequired, begins, 0)
			opens(t, demanding(t, rules.Terms{Until: c.day}), nobody(), in, rules.ConsentRequired, ends)
			that := demanding(t, rules.Terms{From: c.day, Until: c.day})
			closes(t, that, nobody(), in, rules.ConsentRequired, begins, ends)
			opens(t, that, nobody(), in, rules.ConsentRequired, ends)
		})
	}
}

// "Where several places are possible it is in force while it is in any of them."
func TestTheDaysOfARuleInTwoPlaces(t *testing.T) {
	in := to("email", "service", zones("America/New_York", "Asia/Tokyo"))
	p := demanding(t, rules.Terms{From: rules.Date{Year: 2026, Month: 8, Day: 11}, Until: rules.Date{Year: 2026, Month: 8, Day: 12}})
	ends := at("2026-08-13T00:00:00-04:00")
	closes(t, p, nobody(), in, rules.ConsentRequired, at("2026-08-11T00:00:00+09:00"), ends)
	opens(t, p, nobody(), in, rules.ConsentRequired, ends)
}

// An approval does not live into a rule that objects: one that comes into force at
// midnight, or closes soon after. One that will not object ends nothing, nor does one
// that counts, nor one that is over by then.
func TestApprovalsAtTheEdgeOfADatedRule(t *testing.T) {
	in := to("email", "service")
	midnight := at("2026-08-11T00:00:00Z")
	all := [7]bool{true, true, true, true, true, true, true}
	hours := func(terms rules.Terms, from, to time.Duration) *rules.Policy {
		return bare(t, func(s *rules.Spec) {
			s.Hours = []rules.HoursSpec{{Terms: terms, Open: []rules.OpenSpec{{Days: all, From: from, To: to}}}}
		})
	}
	agreed := agreed(rules.Scope{})
	for _, c := range []struct {
		what string
		p    *rules.Policy
		who  *rules.Person
		now  rules.Instant
		want rules.Instant
	}{
		{"a consent is demanded from midnight on", demanding(t, from(2026, 8, 11)), nobody(), midnight.Add(-5 * minute), midnight},
		{"the last millisecond", demanding(t, from(2026, 8, 11)), nobody(), midnight - 1, midnight},
		{"far from it", demanding(t, from(2026, 8, 11)), nobody(), midnight.Add(-15 * minute), midnight},
		{"farther from it", demanding(t, from(2026, 8, 11)), nobody(), midnight.Add(-15*minute) - 1, midnight - 1},
		{"who has given it", demanding(t, from(2026, 8, 11)), agreed, midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"who has given it, since", demanding(t, from(2026, 8, 10)), agreed, midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"it was demanded until midnight", demanding(t, until(2026, 8, 10)), nobody(), midnight, midnight.Add(15 * minute)},
		{"it was demanded until yesterday", demanding(t, until(2026, 8, 9)), nobody(), midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"hours come into force, and it is outside", hours(from(2026, 8, 11), 9*hour, 20*hour), nobody(), midnight.Add(-5 * minute), midnight},
		{"hours come into force, and close soon after", hours(from(2026, 8, 11), 0, 5*minute), nobody(), midnight.Add(-5 * minute), midnight.Add(5 * minute)},
		{"hours come into force, and it is inside", hours(from(2026, 8, 11), 0, 20*hour), nobody(), midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"hours in force close", hours(from(2026, 8, 10), 0, 12*hour), nobody(), at("2026-08-10T11:55:00Z"), at("2026-08-10T12:00:00Z")},
		{"hours that are no longer in force then close", hours(until(2026, 8, 10), 12*hour, 24*hour), nobody(), midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"hours that close on their last day", hours(until(2026, 8, 10), 12*hour, 24*hour-minute), nobody(), midnight.Add(-5 * minute), midnight.Add(-minute)},
		{"hours that were in force", hours(until(2026, 8, 9), 9*hour, 20*hour), nobody(), midnight.Add(-5 * minute), midnight.Add(10 * minute)},
		{"a cap comes into force that is full", bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{Terms: from(2026, 8, 11), Name: "x", In: rules.Window{Length: hour}}}
		}), nobody(), midnight.Add(-5 * minute), midnight.Add(10 * minute)},
	} {
		d := ask(c.p, c.who, in, c.now)
		approved(t, d)
		if d.NotAfter != c.want {
			t.Errorf("%s: it lives until %s, want %s", c.what, d.NotAfter, c.want)
		}
	}
	call := to("call", "service", mode(rules.ModePredictive))
	p := bare(t, func(s *rules.Spec) { s.Abandoned = &rules.SpanRule{Terms: from(2026, 8, 11), Within: 72 * hour} })
	if d := ask(p, &rules.Person{Abandoned: midnight.Add(-hour)}, call, midnight.Add(-5*minute)); d.NotAfter != midnight {
		t.Errorf("a person who was hung up on: it lives until %s", d.NotAfter)
	}
}

// A cap that comes into force counts what went before, and says what it counts only
// while it is in force. It opens when its window does or its last day is over.
func TestACapBetweenTwoDays(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{
			Terms: rules.Terms{From: rules.Date{Year: 2026, Month: 5, Day: 5}, Until: rules.Date{Year: 2026, Month: 5, Day: 6}, Cites: "a decree"},
			Name:  "x", Most: 1, In: rules.Window{Length: 48 * hour},
		}}
	})
	in := to("email", "service")
	for when, want := range map[string]int{"2026-05-04T23:59:59Z": 0, "2026-05-05T00:00:00Z": 1, "2026-05-06T23:59:59Z": 1, "2026-05-07T00:00:00Z": 0} {
		if got := evidence(ask(p, nobody(), in, at(when))); len(got) != want {
			t.Errorf("at %s the evidence is %v", when, got)
		}
	}
	who := with(sent(noon, rules.WasRedeemed, in)) // on the 4th
	closes(t, p, who, in, "cap.x", at("2026-05-05T00:00:00Z"), noon.Add(48*hour))
	opens(t, p, who, in, "cap.x", noon.Add(48*hour))
	late := with(sent(noon.Add(day), rules.WasRedeemed, in))
	opens(t, p, late, in, "cap.x", at("2026-05-07T00:00:00Z"))
	if d := ask(p, late, in, noon.Add(day)); d.Objections[0].Cites != "a decree" || d.Objections[0].Earliest != at("2026-05-07T00:00:00Z") {
		t.Errorf("the objection is %+v", d.Objections[0])
	}
}

// What objects for good does so until its last day, and no longer.
func TestAFinalRuleUntilADay(t *testing.T) {
	silent := with(delivered(noon.Add(-100*day), to("mail", "marketing")))
	for name, p := range map[rules.Reason]*rules.Policy{
		rules.Silence: bare(t, func(s *rules.Spec) { s.Silence = &rules.SpanRule{Terms: until(2026, 5, 4), Within: 90 * day} }),
		"cap.none": bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{Terms: until(2026, 5, 4), Name: "none", In: rules.Window{Kind: rules.Ever}}}
		}),
		rules.CampaignUnfit: bare(t, func(s *rules.Spec) { s.Registered = &rules.TermsRule{Terms: until(2026, 5, 4)} }),
	} {
		opens(t, p, silent, to("email", "marketing"), name, at("2026-05-05T00:00:00Z"))
	}
}

// A rule on trial has days too.
func TestADatedRuleOnTrial(t *testing.T) {
	terms := from(2026, 5, 5)
	terms.Shadow = true
	p := demanding(t, terms)
	for when, trial := range map[rules.Instant]int{at("2026-05-05T00:00:00Z") - 1: 0, at("2026-05-05T00:00:00Z"): 1} {
		d := ask(p, nobody(), to("email", "marketing"), when)
		approved(t, d)
		if len(d.Shadow) != trial || d.NotAfter != when.Add(15*minute) {
			t.Errorf("at %s: on trial %v, until %s", when, d.Shadow, d.NotAfter)
		}
	}
}
