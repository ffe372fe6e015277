package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "No predictive call to the person for 72 h from the outcome's at
// (abandon.cooldown)." A human may dial, and predictive rules exempt nobody.
func TestAbandonCooldown(t *testing.T) {
	who := &rules.Person{Abandoned: noon}
	opens(t, house(t), who, to("call", "marketing", mode(rules.ModePredictive)), rules.AbandonCooldown, noon.Add(72*hour))
	for _, purpose := range []rules.Purpose{"service", "collection", "receipt", "legal"} {
		vetoed(t, ask(house(t), who, to("call", purpose, mode(rules.ModePredictive)), noon.Add(hour)), rules.AbandonCooldown)
	}
	for _, m := range []rules.Mode{rules.ModeManual, rules.ModePreview, rules.ModePrerecorded} {
		approved(t, ask(house(t), who, to("call", "marketing", mode(m)), noon.Add(hour)))
	}
	approved(t, ask(house(t), nobody(), to("call", "marketing", mode(rules.ModePredictive)), noon))
}

// rated is a policy with one abandon rate, called tsr.
func rated(t *testing.T, most int, period rules.Window) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		s.AbandonRates = []rules.RateSpec{{Terms: rules.Terms{Line: line(3), Cites: "16 CFR 310.4(b)(4)"}, Name: "tsr", Most: most, Period: period}}
	})
}

var thirtyDays = rules.Window{Kind: rules.Successive, Length: 30 * day}

// predictive is a call of a dialer, whose campaign fares so until an instant.
func predictive(abandoned, answered int, until rules.Instant) rules.Intent {
	in := to("call", "marketing", mode(rules.ModePredictive))
	in.Rates = []rules.Rate{{Rule: "abandon.rate.other", Until: until, Answered: 1, Abandoned: 1}, {Rule: "abandon.rate.tsr", Until: until, Answered: answered, Abandoned: abandoned}}
	return in
}

// "abandon.rate: … strictly over 3 %: predictive calls are vetoed until the period
// ends." Exactly 3 % passes.
func TestAbandonRate(t *testing.T) {
	p, ends := rated(t, 30, thirtyDays), noon.Add(10*day)
	for _, c := range []struct {
		abandoned, answered int
		over                bool
	}{
		{0, 0, false}, {0, 1, false}, {3, 100, false}, {4, 100, true}, {3, 99, true}, {30, 1000, false}, {31, 1000, true}, {30, 999, true},
		{2, 67, false}, {2, 66, true}, {1, 33, true}, {1, 34, false}, {1, 1, true}, {3_000_000, 100_000_000, false}, {3_000_001, 100_000_000, true},
	} {
		if in := predictive(c.abandoned, c.answered, ends); c.over {
			opens(t, p, nobody(), in, rules.AbandonRate, ends)
		} else {
			approved(t, ask(p, nobody(), in, noon))
		}
		if t.Failed() {
			t.Fatalf("%d of %d", c.abandoned, c.answered)
		}
	}
	for purpose := range classes {
		if _, declared := p.Class(purpose); declared && purpose != "confirmation" {
			in := predictive(4, 100, ends)
			in.Purpose = purpose // predictive rules exempt nobody
			vetoed(t, ask(p, nobody(), in, noon), rules.AbandonRate)
		}
	}
	for _, m := range []rules.Mode{rules.ModeManual, rules.ModePreview, rules.ModePrerecorded} {
		in := predictive(4, 100, ends)
		in.Mode = m // a human may dial
		approved(t, ask(p, nobody(), in, noon))
	}
	unknown := predictive(4, 100, ends)
	unknown.Rates = unknown.Rates[:1] // nobody was called yet
	approved(t, ask(p, nobody(), unknown, noon))
}

// The bound is the policy's: "no 3 % allowance" is 0, and nobody can be over 100 %.
func TestAbandonRatesOfOtherBounds(t *testing.T) {
	ends := noon.Add(day)
	for _, c := range []struct {
		most, abandoned, answered int
		told                      string // "" passes
	}{
		{0, 0, 100, ""}, {0, 1, 100_000, "1 of 100000 answered calls of this campaign were abandoned, more than 0%; a human may dial"},
		{50, 5, 100, ""}, {50, 6, 100, "6 of 100 answered calls of this campaign were abandoned, more than 5%; a human may dial"},
		{25, 25, 1000, ""}, {25, 26, 1000, "26 of 1000 answered calls of this campaign were abandoned, more than 2.5%; a human may dial"},
		{1000, 1, 1, ""},
	} {
		p := rated(t, c.most, thirtyDays)
		d := ask(p, nobody(), predictive(c.abandoned, c.answered, ends), noon)
		if c.told == "" {
			approved(t, d)
			continue
		}
		vetoed(t, d, rules.AbandonRate)
		if o := d.Objections[0]; o.Detail != c.told || o.Rule != "abandon.rate.tsr" || o.Line != line(3) || o.Cites != "16 CFR 310.4(b)(4)" {
			t.Errorf("the objection is %+v, want %q", o, c.told)
		}
	}
}

// Several rates stand side by side; each goes by its own, and a policy names them
// for the governor to take, those on trial too.
func TestSeveralAbandonRates(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.AbandonRates = []rules.RateSpec{
			{Name: "tsr", Most: 30, Period: thirtyDays}, {Name: "uk", Most: 30, Period: rules.Window{Kind: rules.CalendarDays, Days: 1}},
			{Terms: rules.Terms{Shadow: true}, Name: "none", Most: 0, Period: thirtyDays},
		}
	})
	in := to("call", "marketing", mode(rules.ModePredictive))
	for _, r := range p.Rates() {
		in.Rates = append(in.Rates, rules.Rate{Rule: r.Rule, Until: noon.Add(day), Answered: 100, Abandoned: 3})
	}
	if len(in.Rates) != 3 {
		t.Fatalf("there are %d rates to take", len(in.Rates))
	}
	d := ask(p, nobody(), in, noon)
	approved(t, d)
	if got := names(d.Shadow); len(got) != 1 || got[0] != "abandon.rate.none" {
		t.Errorf("on trial %v", got)
	}
	in.Rates[1].Abandoned, in.Rates[1].Until = 4, noon.Add(5*hour)
	opens(t, p, nobody(), in, rules.AbandonRate, noon.Add(5*hour))
	in.Rates[0].Abandoned = 4
	vetoed(t, ask(p, nobody(), in, noon), rules.AbandonRate, rules.AbandonRate)
	if d := ask(p, nobody(), in, noon); d.Earliest != noon.Add(day) {
		t.Errorf("earliest %s", d.Earliest)
	}
}

// A rate is no count of the person's contacts: an approval is taken back when the
// campaign fares worse.
func TestAnAbandonRateTakesBack(t *testing.T) {
	in := predictive(4, 100, noon.Add(day))
	if o, objects := rules.Rejudge(rated(t, 30, thirtyDays), nobody(), &in, noon); !objects || o.Reason != rules.AbandonRate {
		t.Errorf("judged again: %v %t", o, objects)
	}
}

// "Each in the period of its outcome's at, in successive periods of 30×24 h from the
// campaign's first approved call", or in days, weeks and months where the policy is
// at home: one millisecond either side of each edge, on both nights on which the
// clocks change.
func TestPeriodsOfAnAbandonRate(t *testing.T) {
	daily := rules.Window{Kind: rules.CalendarDays, Days: 1}
	weekly, monthly := rules.Window{Kind: rules.CalendarWeek}, rules.Window{Kind: rules.CalendarMonth}
	for _, c := range []struct {
		zone         string
		period       rules.Window
		begins, ends string
	}{
		{"UTC", thirtyDays, "2026-05-04T12:00:00Z", "2026-06-03T12:00:00Z"},
		{"America/New_York", thirtyDays, "2026-10-31T12:00:00Z", "2026-11-30T12:00:00Z"}, // 30×24 h, whatever the clocks do
		{"UTC", thirtyDays, "2026-04-04T12:00:00Z", "2026-05-04T12:00:00Z"},              // before the first
		{"UTC", daily, "2026-05-04T00:00:00Z", "2026-05-05T00:00:00Z"},
		{"America/New_York", daily, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"America/New_York", daily, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"Europe/Berlin", daily, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Australia/Lord_Howe", daily, "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{"Atlantic/Azores", daily, "2026-10-25T01:00:00Z", "2026-10-26T01:00:00Z"}, // midnight comes twice
		{"Atlantic/Azores", daily, "2026-10-24T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"UTC", weekly, "2026-05-04T00:00:00Z", "2026-05-11T00:00:00Z"},
		{"America/New_York", weekly, "2026-03-02T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"Europe/Berlin", weekly, "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Australia/Lord_Howe", weekly, "2026-03-30T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{"UTC", monthly, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"America/New_York", monthly, "2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"},
		{"Europe/Berlin", monthly, "2026-12-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{"Australia/Lord_Howe", monthly, "2026-04-01T00:00:00+11:00", "2026-05-01T00:00:00+10:30"},
	} {
		p := bare(t, func(s *rules.Spec) {
			s.Zones = []rules.ZoneSpec{{Zone: zone(c.zone)}, {Zone: zone("Asia/Tokyo")}} // the first counts
			s.AbandonRates = []rules.RateSpec{{Name: "x", Most: 30, Period: c.period}}
		})
		rate, begins, ends := p.Rates()[0], at(c.begins), at(c.ends)
		first := begins
		for _, when := range []rules.Instant{begins, begins + 1, begins.Add(day / 2), ends - 1} {
			if start, end := rate.Holds(first, when); start != begins || end != ends {
				t.Errorf("%s %s: %s is in [%s, %s), want [%s, %s)", c.zone, c.period, when, start, end, begins, ends)
			}
			if c.period == thirtyDays { // whichever period was the first
				if start, end := rate.Holds(first.Add(60*day), when); start != begins || end != ends {
					t.Errorf("from %s on %s is in [%s, %s)", first.Add(60*day), when, start, end)
				}
			}
		}
		if _, end := rate.Holds(first, begins-1); end != begins {
			t.Errorf("%s %s: what is before ends %s", c.zone, c.period, end)
		}
		if start, _ := rate.Holds(first, ends); start != ends {
			t.Errorf("%s %s: what is after begins %s", c.zone, c.period, start)
		}
	}
}

// Of a policy that names no zone the days are those of UTC.
func TestPeriodsOfAnAbandonRateByDefault(t *testing.T) {
	rate := rated(t, 30, rules.Window{Kind: rules.CalendarDays, Days: 1}).Rates()[0]
	start, end := rate.Holds(0, noon)
	if start.Time() != time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC) || end.Sub(start) != day || rate.Rule != "abandon.rate.tsr" {
		t.Errorf("%s holds [%s, %s)", rate.Rule, start, end)
	}
}
