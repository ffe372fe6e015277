package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "Several policies: the strictest of all" (semantics.md), also of what a policy
// has one of, where the terms differ: none can stand for the others.
func TestSeveralPoliciesBesideEachOther(t *testing.T) {
	june := rules.Date{Year: 2026, Month: 6, Day: 1}
	p := bare(t, func(s *rules.Spec) {
		s.Silence = &rules.SpanRule{Within: 90 * day}
		s.Beside = []*rules.Spec{
			{Silence: &rules.SpanRule{Within: 60 * day, Terms: rules.Terms{Shadow: true}}},
			{
				Silence:     &rules.SpanRule{Within: 30 * day, Terms: rules.Terms{From: june}},
				Streak:      &rules.StreakSpec{Most: 9},
				SameMessage: &rules.SpanRule{Within: day},
				OneChannel:  &rules.SpanRule{Within: day},
				Abandoned:   &rules.SpanRule{Within: day},
				Caps:        []rules.CapSpec{{Name: "unread", In: rules.Window{Length: day}}},
			},
		}
	})
	first := at("2026-03-01T12:00:00Z")
	who := &rules.Person{Contacts: []rules.Contact{{Intent: "i0", At: first, Delivered: first, Class: rules.Solicitation, Channel: "email", Campaign: "c", Fate: rules.Happened}}}
	for _, c := range []struct {
		after        time.Duration
		verdict      rules.Verdict
		objections   int
		onTrial      int
		says, policy string
	}{
		{60*day - ms, rules.Approved, 0, 0, "it is April", ""},
		{60 * day, rules.Approved, 0, 1, "the rule on trial would have said no", ""},
		{90 * day, rules.Vetoed, 1, 1, "it is 30 May: the one of 90 days", ""},
		{92 * day, rules.Vetoed, 2, 1, "it is June: the one of 30 days as well", ""},
	} {
		now := first.Add(c.after)
		in := to("email", "marketing", made(now))
		d := rules.Decide(p, who, &in, now)
		if d.Verdict != c.verdict || len(d.Objections) != c.objections || len(d.Shadow) != c.onTrial {
			t.Errorf("after %s (%s): %s, %v, on trial %v", c.after, c.says, d.Verdict, d.Objections, d.Shadow)
		}
	}
}

// A policy that lets only its own campaigns through lets no campaign through that
// another one registers.
func TestRegisteredWithAnother(t *testing.T) {
	way := rules.WaySpec{Steps: 1, Label: "Unsubscribe"}
	register := func(name rules.Campaign, line int) rules.CampaignSpec {
		return rules.CampaignSpec{
			Name: name, Ends: rules.Date{Year: 2027, Month: 1, Day: 1}, MostAttempts: 9, WayIn: way, WayOut: way,
			Line: rules.Position{File: "p.yaml", Line: line, Column: 1},
		}
	}
	p := bare(t, func(s *rules.Spec) {
		s.Campaigns = []rules.CampaignSpec{register("spring", 1), register("summer", 2)}
		s.Beside = []*rules.Spec{{Campaigns: s.Campaigns[:1], Registered: &rules.TermsRule{}}}
	})
	for name, want := range map[rules.Campaign]rules.Reason{"spring": "", "summer": rules.CampaignUnfit, "winter": rules.CampaignUnfit} {
		in := to("email", "marketing", made(noon), campaign(name))
		if d := rules.Decide(p, nobody(), &in, noon); d.Reason() != want {
			t.Errorf("%s: %q, want %q", name, d.Reason(), want)
		}
	}
}

// A rate goes by the calendar of its own policy, whatever the zones of others.
func TestRateInItsOwnZone(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Zones = []rules.ZoneSpec{{Zone: zone("Europe/Berlin")}, {Zone: zone("America/Toronto")}}
		daily := rules.Window{Kind: rules.CalendarDays, Days: 1}
		s.AbandonRates = []rules.RateSpec{{Name: "a", Period: daily}, {Name: "b", Period: daily, Zone: zone("America/Toronto")}}
	})
	want := []rules.Instant{at("2026-05-04T00:00:00+02:00"), at("2026-05-04T00:00:00-04:00")}
	for i, r := range p.Rates() {
		if start, end := r.Holds(noon, noon); start != want[i] || end != want[i].Add(day) {
			t.Errorf("%s goes from %s to %s", r.Rule, start, end)
		}
	}
}
