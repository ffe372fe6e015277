package rules_test

import (
	"slices"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// waived is a cap of nothing at all, which a consent sets aside for so long.
func waived(t *testing.T, lasts rules.Window) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "x", Most: 0, In: rules.Window{Length: day}, Waiver: &rules.WaiverSpec{For: lasts}}}
		s.AnswerOnce = new(rules.TermsRule)
	})
}

// agreed is a person who gave a consent to the scope at noon.
func agreed(s rules.Scope) *rules.Person {
	return &rules.Person{Consents: []rules.Consent{consent(noon, s)}}
}

// A prior consent sets a cap aside from its instant on, for so long, by the clock or
// by the calendar, its own day being day 1. An approval counts, and so may outlive it.
func TestAConsentSetsACapAside(t *testing.T) {
	in := to("email", "service")
	clock, days := rules.Window{Length: 36 * hour}, rules.Window{Kind: rules.CalendarDays, Days: 7}
	closes(t, waived(t, clock), agreed(rules.Scope{}), in, "cap.x", noon.Add(36*hour), 0)
	closes(t, waived(t, days), agreed(rules.Scope{}), in, "cap.x", at("2026-05-11T00:00:00Z"), 0)
	tokyo := to("email", "service", zones("Asia/Tokyo", "America/New_York"))
	closes(t, waived(t, days), agreed(rules.Scope{}), tokyo, "cap.x", at("2026-05-11T00:00:00-04:00"), 0)
	final(t, ask(waived(t, clock), agreed(rules.Scope{}), in, noon-1), "cap.x")
	approved(t, ask(waived(t, clock), agreed(rules.Scope{}), in, noon))

	d := ask(waived(t, clock), agreed(rules.Scope{}), in, noon.Add(36*hour-ms))
	if d.NotAfter != noon.Add(36*hour+15*minute-ms) {
		t.Errorf("it lives until %s", d.NotAfter)
	}
	if got := evidence(d); !slices.Equal(got, []rules.Evidence{{Rule: "cap.x", Waived: true}}) || !slices.Equal(d.Waived(), []string{"cap.x"}) {
		t.Errorf("evidence %v, waived %v", got, d.Waived())
	}
	d = ask(waived(t, clock), nobody(), in, noon)
	if d.Waived() != nil {
		t.Errorf("nobody agreed, and it waives %v", d.Waived())
	}

	t.Run("of several the freshest", func(t *testing.T) {
		who := agreed(rules.Scope{})
		who.Consents = append(who.Consents, consent(noon.Add(hour), rules.Scope{}), consent(noon.Add(-hour), rules.Scope{}))
		closes(t, waived(t, clock), who, in, "cap.x", noon.Add(37*hour), 0)
	})
}

// It must be effective, and cover the intent itself.
func TestWhichConsentSetsACapAside(t *testing.T) {
	p := waived(t, rules.Window{Length: day})
	in := to("email", "service", subject("rent"), brand("acme"), address("a"))
	for scope, covers := range map[rules.Scope]bool{
		{Channel: "email"}: true, {Channel: "sms"}: false, {Subject: "rent"}: true, {Subject: "water"}: false, {Brand: "acme"}: true,
		{Brand: "zeta"}: false, {Address: "a"}: true, {Address: "b"}: false, {Purpose: "service"}: true, {Purpose: "collection"}: false,
	} {
		if d := ask(p, agreed(scope), in, noon.Add(hour)); covers != (d.Verdict == rules.Approved) {
			t.Errorf("yes to %+v: %s", scope, d.Verdict)
		}
	}
	who := agreed(rules.Scope{})
	who.Consents[0].Effective = false
	final(t, ask(p, who, in, noon.Add(hour)), "cap.x")
}

// "Ended by a conversation or a revocation", to the millisecond: a consent may be
// given in a conversation, and not in a refusal.
func TestWhatEndsAPriorConsent(t *testing.T) {
	p := waived(t, rules.Window{Length: day})
	for _, c := range []struct {
		what  string
		in    rules.Intent
		word  func(*rules.Person)
		ended bool
	}{
		{"a talk at the same instant", to("sms", "service"), func(w *rules.Person) { w.Talks = []rules.Talk{{At: noon}} }, false},
		{"a talk after it", to("sms", "service"), func(w *rules.Person) { w.Talks = []rules.Talk{{At: noon - 1}, {At: noon + 1}} }, true},
		{"a talk about something else", to("sms", "service", subject("rent")), func(w *rules.Person) { w.Talks = []rules.Talk{{Subject: "water", At: noon + 1}} }, false},
		{"a talk about the same", to("sms", "service", subject("rent")), func(w *rules.Person) { w.Talks = []rules.Talk{{Subject: "rent", At: noon + 1}} }, true},
		{"a talk about whatever the intent is about", to("sms", "service"), func(w *rules.Person) { w.Talks = []rules.Talk{{Subject: "rent", At: noon + 1}} }, true},
		{"a refusal before", to("sms", "receipt"), func(w *rules.Person) { w.Noes = []rules.No{refusal(noon-1, rules.Scope{})} }, false},
		{"a refusal at the same instant", to("sms", "receipt"), func(w *rules.Person) { w.Noes = []rules.No{refusal(noon, rules.Scope{})} }, true},
		{"a refusal after it", to("sms", "receipt"), func(w *rules.Person) { w.Noes = []rules.No{refusal(noon+1, rules.Scope{Channel: "sms"})} }, true},
		{"a refusal of something else", to("sms", "service"), func(w *rules.Person) { w.Noes = []rules.No{refusal(noon+1, rules.Scope{Channel: "call"})} }, false},
		{"a bounce", to("sms", "legal", address("a")), func(w *rules.Person) {
			w.Noes = []rules.No{{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a"}, At: noon + 1}}
		}, false},
		{"a complaint, of what it sells", to("sms", "service"), func(w *rules.Person) { w.Noes = []rules.No{{Kind: rules.Complained, At: noon + 1}} }, false},
	} {
		who := agreed(rules.Scope{})
		c.word(who)
		if d := ask(p, who, c.in, noon.Add(hour)); c.ended {
			final(t, d, "cap.x")
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// A consent that was revoked waives nothing, even for the one answer that a policy
// lets through the refusal.
func TestARevokedConsentWaivesNothing(t *testing.T) {
	p := waived(t, rules.Window{Kind: rules.CalendarDays, Days: 7})
	who := &rules.Person{
		Consents: []rules.Consent{consent(noon.Add(-3*hour), rules.Scope{Channel: "sms"})},
		Noes:     []rules.No{refusal(noon.Add(-2*hour), rules.Scope{Channel: "sms"})},
		Asked:    []rules.Request{{Signal: "q", Channel: "sms", At: noon.Add(-hour)}},
	}
	final(t, ask(p, who, to("sms", "collection", replyTo("q")), noon), "cap.x")
	who.Consents = append(who.Consents, consent(noon.Add(-hour), rules.Scope{Channel: "sms"}))
	approved(t, ask(p, who, to("sms", "collection", replyTo("q")), noon))
}

// "What is contacted under it does not count later either", toward the cap that was
// set aside, and toward that alone. A cap on trial is told what the same cap in force
// would say.
func TestWhatIsContactedUnderAConsentDoesNotCount(t *testing.T) {
	for _, shadow := range []bool{false, true} {
		p := bare(t, func(s *rules.Spec) {
			w := rules.Window{Length: 10 * day}
			s.Caps = []rules.CapSpec{
				{Terms: rules.Terms{Shadow: shadow}, Name: "x", Most: 1, In: w, Waiver: &rules.WaiverSpec{For: rules.Window{Length: day}}, Reserve: &rules.ReserveSpec{Slots: 1, Priority: 1}},
				{Name: "y", Most: 1, In: w, Binds: rules.Selector{Channels: []rules.Channel{"sms"}}},
			}
		})
		in := to("email", "service")
		who := agreed(rules.Scope{})
		d := ask(p, who, in, noon)
		approved(t, d)
		if want := []string{"cap.x", "cap.x.reserved"}; !slices.Equal(d.Waived(), want) || len(d.Shadow) > 0 {
			t.Errorf("shadow %t: waived %v, on trial %v", shadow, d.Waived(), d.Shadow)
		}
		c := sent(noon, rules.WasRedeemed, in)
		c.Waived = d.Waived()
		who.Contacts = []rules.Contact{c}
		in.Priority = 1
		later := ask(p, who, in, noon.Add(2*day))
		if len(later.Objections)+len(later.Shadow) > 0 {
			t.Errorf("shadow %t: what was contacted under the consent counts: %v %v", shadow, later.Objections, later.Shadow)
		}
		in.Channel = "sms"
		vetoed(t, ask(p, who, in, noon.Add(2*day)), "cap.y")

		who.Contacts[0].Waived = nil
		in.Channel = "email"
		later = ask(p, who, in, noon.Add(2*day))
		if told := names(append(later.Objections, later.Shadow...)); !slices.Equal(told, []string{"cap.x"}) {
			t.Errorf("shadow %t: contacted without it, and %v objects", shadow, told)
		}
	}
}
