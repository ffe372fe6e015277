package rules_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

// own is a policy with a cap of nine in 24 hours, called any, and a rule of its own.
func own(t *testing.T, vetoes func(*rules.CustomFacts) (bool, error)) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "any", Most: 9, In: rules.Window{Length: 24 * hour}}}
		s.Custom = []rules.CustomSpec{{
			Terms: rules.Terms{Line: line(7), Cites: "our own promise"}, Name: "nightly",
			Binds: rules.Selector{Channels: []rules.Channel{"email", "push"}}, Vetoes: vetoes,
		}}
	})
}

// "Custom rules in CEL over the intent and the person's counts": here it is any
// function of them. It binds what it selects, and points to its line.
func TestARuleOfThePolicysOwn(t *testing.T) {
	p := own(t, func(f *rules.CustomFacts) (bool, error) { return f.Intent.Priority < 10 && f.Counts["any"] > 1, nil })
	who := with(sent(noon, rules.WasRedeemed, to("push", "service")), sent(noon.Add(hour), rules.WasRedeemed, to("sms", "legal")))
	in := to("push", "marketing")
	opens(t, p, who, in, "custom.nightly", noon.Add(24*hour)) // then the first of the two leaves the cap's window
	approved(t, ask(p, who, to("sms", "marketing"), noon.Add(2*hour)))
	approved(t, ask(p, with(who.Contacts[0]), in, noon.Add(2*hour)))
	in.Priority = 10
	approved(t, ask(p, who, in, noon.Add(2*hour)))
	in.Priority = 9
	d := ask(p, who, in, noon.Add(2*hour))
	want := []rules.Objection{{
		Reason: "custom.nightly", Rule: "custom.nightly", Detail: "the policy's own rule says no",
		Earliest: noon.Add(24 * hour), Line: line(7), Cites: "our own promise",
	}}
	if diff := cmp.Diff(want, d.Objections); diff != "" {
		t.Error(diff)
	}
}

// What it may look at: the intent, its class as judged, how many contacts each cap
// counts "whether it binds this intent or not", how many count at all, and whether
// the person is silent.
func TestWhatARuleOfThePolicysOwnMayLookAt(t *testing.T) {
	var seen []rules.CustomFacts
	p := bare(t, func(s *rules.Spec) {
		calls := rules.Selector{Channels: []rules.Channel{"call"}}
		s.Caps = []rules.CapSpec{
			{Name: "any", Most: 9, In: rules.Window{Length: 24 * hour}}, {Name: "calls", Most: 9, In: rules.Window{Kind: rules.Ever}, Binds: calls, Counts: calls},
			{Name: "tried", Most: 0, In: rules.Window{Length: hour}, Terms: rules.Terms{Shadow: true}},
		}
		s.Custom = []rules.CustomSpec{{Name: "x", Vetoes: func(f *rules.CustomFacts) (bool, error) {
			seen = append(seen, *f)
			return false, nil
		}}}
	})
	given := sent(noon.Add(-30*minute), rules.NotSent, to("email", "service"))
	who := with(delivered(noon.Add(-2*day), to("call", "marketing")), sent(noon.Add(-hour+ms), rules.WasRedeemed, to("email", "legal")), given)
	in := to("email", "permission_prompt")
	approved(t, ask(p, who, in, noon))
	want := rules.CustomFacts{Class: rules.Solicitation, Counts: map[string]int{"any": 1, "calls": 1, "tried": 1}, Contacts: 2, Silent: true}
	got := seen[0]
	if got.Intent.ID != in.ID {
		t.Errorf("it looks at the intent %q", got.Intent.ID)
	}
	got.Intent = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	who.HumanAct = noon
	approved(t, ask(p, who, in, noon))
	if seen[1].Silent {
		t.Error("a person who acted since is silent")
	}
}

// "An error in one vetoes", says so, and is a no for as long as it lasts: where it
// comes of a count it ends when the count does.
func TestARuleThatFailsIsANoWhileItFails(t *testing.T) {
	p := own(t, func(f *rules.CustomFacts) (bool, error) {
		if f.Counts["any"] == 1 {
			return false, errors.New("no such key: segment")
		}
		return false, nil
	})
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")))
	opens(t, p, who, to("email", "service"), "custom.nightly", noon.Add(24*hour))
	d := ask(p, who, to("email", "service"), noon)
	if got := d.Objections[0].Detail; got != "the rule failed, so it is a no: no such key: segment" {
		t.Errorf("it says %q", got)
	}

	always := own(t, func(*rules.CustomFacts) (bool, error) { return false, errors.New("no such key: segment") })
	final(t, ask(always, who, to("email", "service"), noon), "custom.nightly")
	final(t, ask(always, nobody(), to("email", "service"), noon), "custom.nightly")
}

// "Earliest is exact": it is looked for at every instant at which a count goes down,
// in order, whether a contact leaves a window or expires; a rule may say yes in
// between only.
func TestARuleOfThePolicysOwnOpensWhenACountDoes(t *testing.T) {
	two := func(f *rules.CustomFacts) (bool, error) { return f.Counts["any"] != 1, nil }
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")), sent(noon.Add(2*hour), 0, to("email", "service")), sent(noon.Add(3*hour), rules.WasRedeemed, to("email", "service")))
	opens(t, own(t, two), who, to("email", "service"), "custom.nightly", noon.Add(24*hour))
	expires := with(sent(noon, rules.WasRedeemed, to("email", "service")), sent(noon.Add(hour), 0, to("email", "service")))
	opens(t, own(t, two), expires, to("email", "service"), "custom.nightly", noon.Add(hour+15*minute))
	// One left, then none: the count is one from the one leaving to the other, and never again.
	closes(t, own(t, two), who, to("email", "service"), "custom.nightly", noon.Add(27*hour), 0)

	forever := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "ever", Most: 9, In: rules.Window{Kind: rules.Ever}}}
		s.Custom = []rules.CustomSpec{{Name: "x", Vetoes: func(f *rules.CustomFacts) (bool, error) { return f.Counts["ever"] > 0, nil }}}
	})
	final(t, ask(forever, who, to("email", "service"), noon.Add(4*hour)), "custom.x")
}

// "Every signal re-judges the person's unredeemed approvals by all rules but the
// counting ones": a rule of the policy's own counts, and looks at the priority,
// which no contact remembers. An approval is not taken back because it counts itself.
func TestARuleOfThePolicysOwnTakesNothingBack(t *testing.T) {
	p := own(t, func(f *rules.CustomFacts) (bool, error) { return f.Intent.Priority < 10 && f.Counts["any"] > 0, nil })
	in := to("push", "marketing")
	approved(t, ask(p, nobody(), in, noon))
	urgent := with(sent(noon.Add(-hour), rules.WasRedeemed, in), sent(noon, 0, in))
	for _, who := range []*rules.Person{with(sent(noon, 0, in)), urgent} {
		if reason, objects := rejudged(p, who, noon.Add(minute)); objects {
			t.Errorf("any signal takes the approval back: %s", reason)
		}
	}
}

// Several of them object side by side, in the order of the policy, after what is
// wrong with the campaign and before what came too late.
func TestRulesOfThePolicysOwnInOrder(t *testing.T) {
	no := func(*rules.CustomFacts) (bool, error) { return true, nil }
	p := bare(t, func(s *rules.Spec) {
		s.Custom = []rules.CustomSpec{{Name: "b", Vetoes: no}, {Name: "a", Vetoes: no}}
		s.Registered = new(rules.TermsRule)
	})
	d := ask(p, nobody(), to("email", "marketing", made(noon)), noon.Add(72*hour))
	if want := []rules.Reason{rules.CampaignUnfit, "custom.b", "custom.a", rules.Stale}; !slices.Equal(reasons(d), want) {
		t.Errorf("got %v, want %v", reasons(d), want)
	}
}
