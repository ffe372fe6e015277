package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// registered is a policy that registers the campaign "spring", and what the test
// changes about it.
func registered(t *testing.T, change func(*rules.CampaignSpec)) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		spring := wayOut("Unsubscribe")
		change(spring)
		s.Campaigns = []rules.CampaignSpec{*spring}
	})
}

func fit(*rules.CampaignSpec) {}

// "campaign.unfit": a way out that is longer than the way in, or begs. It is final,
// leaves the exempt alone, and other campaigns.
func TestAnUnfitCampaign(t *testing.T) {
	in := to("email", "marketing")
	for told, change := range map[string]func(*rules.CampaignSpec){
		"the campaign's way out takes 2 steps and its way in 1: make the way out as short": func(c *rules.CampaignSpec) { c.WayOut.Steps = 2 },
		`the campaign's way out is called "Please don't go", which pleads with the person, threatens, or asks again: call it only what it is, for example "Unsubscribe" or "No, thanks"`: func(c *rules.CampaignSpec) {
			c.WayOut.Label = "Please don't go"
		},
		`the campaign's way out takes 3 steps and its way in 1: make the way out as short; way out has no label: call it what it is, for example "Unsubscribe"`: func(c *rules.CampaignSpec) {
			c.WayOut = rules.WaySpec{Steps: 3}
		},
	} {
		p := registered(t, change)
		d := ask(p, nobody(), in, noon)
		final(t, d, rules.CampaignUnfit)
		if o := d.Objections[0]; o.Detail != told || o.Rule != "campaign.unfit" {
			t.Errorf("it says %q of %s, want %q", o.Detail, o.Rule, told)
		}
		final(t, ask(p, nobody(), to("email", "service"), noon), rules.CampaignUnfit)
		approved(t, ask(p, nobody(), to("email", "receipt"), noon))
		approved(t, ask(p, nobody(), to("email", "legal"), noon))
		approved(t, ask(p, nobody(), to("email", "marketing", campaign("summer")), noon))
		if reason, _ := rejudged(p, with(sent(noon, 0, in)), noon.Add(minute)); reason != rules.CampaignUnfit {
			t.Errorf("an approval that is out, judged again: %q", reason)
		}
	}
	approved(t, ask(registered(t, fit), nobody(), in, noon))
	approved(t, ask(registered(t, func(c *rules.CampaignSpec) { c.WayIn.Steps = 2 }), nobody(), in, noon)) // shorter is fine
}

// "A campaign that is not registered passes; … a policy may demand registration."
func TestOnlyRegisteredCampaigns(t *testing.T) {
	terms := rules.Terms{Line: line(9), Cites: "our own promise"}
	p := bare(t, func(s *rules.Spec) {
		s.Registered = &rules.TermsRule{Terms: terms}
		s.Campaigns = []rules.CampaignSpec{*wayOut("Unsubscribe")}
	})
	approved(t, ask(p, nobody(), to("email", "marketing"), noon))
	d := ask(p, nobody(), to("email", "marketing", campaign("summer")), noon)
	final(t, d, rules.CampaignUnfit)
	const told = "the campaign is not registered, and only registered ones may run: name its end, its way in and its way out in the policy"
	if o := d.Objections[0]; o.Detail != told || o.Rule != "registered_only" || o.Line != line(9) || o.Cites != "our own promise" {
		t.Errorf("the objection is %+v", o)
	}
	approved(t, ask(p, nobody(), to("email", "receipt", campaign("summer")), noon))
	t.Run("an unfit one is told once", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.Registered = new(rules.TermsRule)
			s.Campaigns = []rules.CampaignSpec{*wayOut("Please don't go")}
		})
		final(t, ask(p, nobody(), to("email", "marketing"), noon), rules.CampaignUnfit)
	})
	t.Run("of none", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) { s.Registered = new(rules.TermsRule) })
		final(t, ask(p, nobody(), to("email", "marketing"), noon), rules.CampaignUnfit)
		approved(t, ask(p, nobody(), to("email", "legal"), noon))
	})
	t.Run("on trial", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) { s.Registered = &rules.TermsRule{Terms: rules.Terms{Shadow: true}} })
		d := ask(p, nobody(), to("email", "marketing"), noon)
		approved(t, d)
		if got := names(d.Shadow); !slices.Equal(got, []string{"registered_only"}) {
			t.Errorf("on trial: %v", got)
		}
	})
}

// "campaign.ended": the last day is the last, to its midnight where it ends first of
// the places where the person may be; an approval ends with it.
func TestACampaignEnds(t *testing.T) {
	for _, c := range []struct {
		zones []string
		last  rules.Date
		ends  string
	}{
		{[]string{"UTC"}, rules.Date{Year: 2026, Month: 6, Day: 30}, "2026-07-01T00:00:00Z"},
		{[]string{"America/New_York"}, rules.Date{Year: 2026, Month: 3, Day: 8}, "2026-03-09T00:00:00-04:00"},
		{[]string{"America/New_York"}, rules.Date{Year: 2026, Month: 11, Day: 1}, "2026-11-02T00:00:00-05:00"},
		{[]string{"Europe/Berlin"}, rules.Date{Year: 2026, Month: 3, Day: 28}, "2026-03-29T00:00:00+01:00"},
		{[]string{"Europe/Berlin"}, rules.Date{Year: 2026, Month: 12, Day: 31}, "2027-01-01T00:00:00+01:00"},
		{[]string{"Australia/Lord_Howe"}, rules.Date{Year: 2026, Month: 4, Day: 5}, "2026-04-06T00:00:00+10:30"},
		{[]string{"Atlantic/Azores"}, rules.Date{Year: 2026, Month: 10, Day: 24}, "2026-10-25T01:00:00Z"},
		{[]string{"America/New_York", "Asia/Tokyo"}, rules.Date{Year: 2026, Month: 6, Day: 30}, "2026-07-01T00:00:00+09:00"},
		{[]string{"Asia/Tokyo", "America/New_York"}, rules.Date{Year: 2026, Month: 6, Day: 30}, "2026-07-01T00:00:00+09:00"},
	} {
		p := registered(t, func(r *rules.CampaignSpec) { r.Ends = c.last })
		in, ends := to("email", "marketing", zones(c.zones...)), at(c.ends)
		closes(t, p, nobody(), in, rules.CampaignEnded, ends, 0)
		for back, want := range map[time.Duration]rules.Instant{ms: ends, 15*minute - ms: ends, 15 * minute: ends, 15*minute + ms: ends - 1} {
			if d := ask(p, nobody(), in, ends.Add(-back)); d.NotAfter != want {
				t.Errorf("%v: %s before its end the approval lives until %s, want %s", c.zones, back, d.NotAfter, want)
			}
		}
		exempt := to("email", "receipt", zones(c.zones...))
		approved(t, ask(p, nobody(), exempt, ends))
		if d := ask(p, nobody(), exempt, ends-1); d.NotAfter != ends.Add(15*minute)-1 {
			t.Errorf("a receipt lives until %s", d.NotAfter)
		}
		other := to("email", "marketing", campaign("summer"), zones(c.zones...))
		approved(t, ask(p, nobody(), other, ends))
		if t.Failed() {
			t.Fatal(c)
		}
	}
	p := registered(t, fit)
	d := ask(p, nobody(), to("email", "marketing"), at("2026-07-01T00:00:00Z"))
	if o := d.Objections[0]; o.Detail != "the campaign's last day was 2026-06-30" || o.Rule != "campaign.ended" {
		t.Errorf("the objection is %+v", o)
	}
	if reason, _ := rejudged(p, with(sent(at("2026-06-30T23:59:00Z"), 0, to("email", "marketing"))), at("2026-07-01T00:00:00Z")); reason != rules.CampaignEnded {
		t.Errorf("judged again: %q", reason)
	}
}

// A campaign that says when to rest comes to a person so often, and no more: all its
// contacts count that are not exempt, for as long as it lasts.
func TestACampaignIsOverForAPerson(t *testing.T) {
	p := registered(t, func(c *rules.CampaignSpec) { c.Ends = rules.Date{Year: 2036, Month: 1, Day: 1} })
	in := to("email", "marketing")
	who := with(
		sent(noon.Add(-900*day), rules.WasRedeemed, in), sent(noon.Add(-800*day), rules.WasRedeemed, to("call", "service")), sent(noon.Add(-700*day), rules.WasRedeemed, to("email", "receipt")),
		sent(noon.Add(-600*day), rules.WasRedeemed, to("email", "marketing", campaign("summer"))), sent(noon.Add(-500*day), rules.NotSent, in),
	)
	d := ask(p, who, in, noon)
	approved(t, d)
	if got := evidence(d); !slices.Equal(got, []rules.Evidence{{Rule: "campaign.ended.attempts", Used: 2, Limit: 3}}) {
		t.Errorf("evidence %v", got)
	}
	full := with(append(slices.Clone(who.Contacts), sent(noon.Add(-hour), rules.WasRedeemed, to("sms", "collection")))...)
	d = ask(p, full, in, noon)
	final(t, d, rules.CampaignEnded)
	if o := d.Objections[0]; o.Detail != "the campaign came to this person 3 times, and that is its end" || o.Rule != "campaign.ended.attempts" {
		t.Errorf("the objection is %+v", o)
	}
	approved(t, ask(p, full, to("email", "receipt"), noon))
	approved(t, ask(p, full, to("email", "marketing", campaign("summer")), noon))

	out := with(append(slices.Clone(who.Contacts), sent(noon, 0, in))...)
	opens(t, p, out, in, rules.CampaignEnded, noon.Add(15*minute))
	if reason, objects := rejudged(p, out, noon.Add(minute)); objects {
		t.Errorf("an approval is taken back because it counts itself: %s", reason)
	}
	for i, forgotten := range []bool{false, false, false, true, false} { // what is of the campaign is kept
		out.HumanAct = noon
		if got := p.Forgets(out, &out.Contacts[i], noon); got != forgotten {
			t.Errorf("contact %d is forgotten: %t", i, got)
		}
	}
}

// "killed: true": stopped at once and for good, and what is out is taken back.
func TestAKilledCampaign(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		summer, autumn := *wayOut("Unsubscribe"), *wayOut("Unsubscribe")
		summer.Name, autumn.Name, summer.Killed = "summer", "autumn", true
		s.Campaigns = []rules.CampaignSpec{*wayOut("Unsubscribe"), summer, autumn}
	})
	in := to("email", "marketing", campaign("summer"))
	d := ask(p, nobody(), in, noon)
	final(t, d, rules.CampaignKilled)
	if d.Objections[0].Detail != "the campaign was stopped by its owner" {
		t.Errorf("it says %q", d.Objections[0].Detail)
	}
	if reason, _ := rejudged(p, with(sent(noon, 0, in)), noon.Add(minute)); reason != rules.CampaignKilled {
		t.Errorf("judged again: %q", reason)
	}
	for _, other := range []rules.Campaign{"spring", "autumn", "winter"} {
		approved(t, ask(p, nobody(), to("email", "marketing", campaign(other)), noon))
	}
	approved(t, ask(p, nobody(), to("email", "legal", campaign("summer")), noon))
	vetoed(t, ask(p, nobody(), to("email", "receipt", campaign("summer"), promotes), noon), rules.CampaignKilled)
}

// All that is wrong with one is told, in the order of the contract.
func TestAllThatIsWrongWithACampaign(t *testing.T) {
	p := registered(t, func(c *rules.CampaignSpec) { c.Killed, c.MostAttempts, c.WayOut.Steps = true, 1, 2 })
	late := at("2026-07-01T00:00:00Z")
	final(t, ask(p, with(sent(noon, rules.WasRedeemed, to("email", "marketing"))), to("email", "marketing"), late),
		rules.CampaignUnfit, rules.CampaignEnded, rules.CampaignEnded, rules.CampaignKilled)
}

// said is an intent of a campaign of which that was said otherwise than in the policy.
func said(in rules.Intent, what rules.Registration) rules.Intent {
	in.Registered = &what
	return in
}

// What was said of a campaign otherwise than in the policy holds as if the policy said
// it, and where both say something both do.
func TestACampaignThatIsNotInThePolicy(t *testing.T) {
	last := rules.Date{Year: 2026, Month: 6, Day: 30}
	usual := rules.Registration{Ends: last, MostAttempts: 3}
	in, late := to("email", "marketing"), at("2026-07-01T00:00:00Z")
	change := func(f func(*rules.Registration)) rules.Intent {
		r := usual
		f(&r)
		return said(in, r)
	}
	killed := change(func(r *rules.Registration) { r.Killed = true })
	unfit := change(func(r *rules.Registration) { r.Unfit = "way out is a maze" })
	often := with(sent(noon.Add(-3*day), rules.WasRedeemed, in), sent(noon.Add(-2*day), rules.WasRedeemed, in), sent(noon.Add(-day), rules.WasRedeemed, in))
	for name, p := range map[string]*rules.Policy{
		"no campaign": bare(t, func(*rules.Spec) {}),
		"another": bare(t, func(s *rules.Spec) {
			c := wayOut("Unsubscribe")
			c.Name = "summer"
			s.Campaigns = []rules.CampaignSpec{*c}
		}),
		"the same, laxer": registered(t, func(c *rules.CampaignSpec) { c.Ends.Year, c.MostAttempts = 2027, 4 }),
	} {
		t.Run(name, func(t *testing.T) {
			approved(t, ask(p, nobody(), said(in, usual), noon))
			for reason, d := range map[rules.Reason]rules.Decision{
				rules.CampaignKilled: ask(p, nobody(), killed, noon),
				rules.CampaignUnfit:  ask(p, nobody(), unfit, noon),
				rules.CampaignEnded:  ask(p, often, said(in, usual), noon),
			} {
				final(t, d, reason)
			}
			closes(t, p, nobody(), said(in, usual), rules.CampaignEnded, late, 0)
			if d := ask(p, nobody(), said(in, usual), late-1); d.NotAfter != late {
				t.Errorf("right before its end the approval lives until %s", d.NotAfter)
			}
			for _, exempt := range []rules.Intent{said(to("email", "receipt"), *killed.Registered), said(to("email", "legal"), *unfit.Registered)} {
				approved(t, ask(p, often, exempt, late))
			}
			if d := ask(p, nobody(), unfit, noon); d.Objections[0].Detail != "the campaign's way out is a maze" {
				t.Errorf("it says %q", d.Objections[0].Detail)
			}
			if d := ask(p, nobody(), said(in, usual), late); d.Objections[0].Detail != "the campaign's last day was 2026-06-30" {
				t.Errorf("it says %q", d.Objections[0].Detail)
			}
			out := killed
			out.At = noon
			if o, objects := rules.Rejudge(p, nobody(), &out, noon); !objects || o.Reason != rules.CampaignKilled {
				t.Errorf("judged again: %+v", o)
			}
		})
	}
	t.Run("the policy is stricter", func(t *testing.T) {
		p := registered(t, func(c *rules.CampaignSpec) {
			c.Ends, c.MostAttempts = rules.Date{Year: 2026, Month: 5, Day: 31}, 1
		})
		end := at("2026-06-01T00:00:00Z")
		closes(t, p, nobody(), said(in, usual), rules.CampaignEnded, end, 0)
		final(t, ask(p, with(often.Contacts[0]), said(in, usual), noon), rules.CampaignEnded)
		stopped := registered(t, func(c *rules.CampaignSpec) { c.Killed, c.WayOut.Steps = true, 2 })
		final(t, ask(stopped, nobody(), said(in, usual), noon), rules.CampaignUnfit, rules.CampaignKilled)
		if d := ask(stopped, nobody(), unfit, noon); strings.Contains(d.Objections[0].Detail, "maze") {
			t.Errorf("the policy's own words come second: %q", d.Objections[0].Detail)
		}
	})
	t.Run("a policy that demands registration", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) { s.Registered = new(rules.TermsRule) })
		approved(t, ask(p, nobody(), said(in, usual), noon))
		final(t, ask(p, nobody(), said(in, rules.Registration{Killed: true}), noon), rules.CampaignUnfit, rules.CampaignKilled)
		final(t, ask(p, nobody(), unfit, noon), rules.CampaignUnfit)
	})
}

// What a campaign says of itself is judged like one in the policy.
func TestRegister(t *testing.T) {
	spec := wayOut("Please don't go")
	spec.WayOut.Steps, spec.Killed = 2, true
	got := rules.Register(spec)
	if got.Ends != spec.Ends || got.MostAttempts != spec.MostAttempts || !got.Killed || got.Unfit != strings.Join(rules.Fitness(spec), "; ") || got.Unfit == "" {
		t.Errorf("it is %+v", got)
	}
	if fit := rules.Register(wayOut("Unsubscribe")); fit.Unfit != "" {
		t.Errorf("a fit one is %+v", fit)
	}
}

// A policy that speaks of no campaign is told without their rules, but where they have
// something to say.
func TestRulesThatThePolicyDoesNotSpeakOf(t *testing.T) {
	p := bare(t, func(*rules.Spec) {})
	in := to("email", "marketing")
	told := func(in rules.Intent) (list []string) {
		for _, o := range rules.Opinions(p, nobody(), &in, noon) {
			if strings.HasPrefix(o.Rule, "campaign.") {
				list = append(list, o.Rule)
			}
		}
		return list
	}
	for _, c := range []struct {
		in   rules.Intent
		want []string
	}{
		{in, nil},
		{said(in, rules.Registration{Killed: true}), []string{"campaign.killed"}},
		{said(in, rules.Registration{Ends: rules.Date{Year: 2026, Month: 6, Day: 30}, MostAttempts: 3}), []string{"campaign.ended.attempts"}},
	} {
		if got := told(c.in); !slices.Equal(got, c.want) {
			t.Errorf("told are %v, want %v", got, c.want)
		}
	}
}
