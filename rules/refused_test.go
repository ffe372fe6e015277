package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// The whole lattice of a refusal: each of its five fields named or absent,
// against intents that match each field or do not, with the refused address,
// another one and none. What is expected comes from the sentences of
// semantics.md ("What a no covers"), written down here a second time:
//
//   - "With scope: what matches every named field; an empty string is an absent
//     field."
//   - "A refused subject is refused on every channel and at every address, also
//     under another campaign or brand."
//   - "An intent of the author without an address on that channel matches too."
//   - "names a subject → refused.subject on the refused channel,
//     refused.channel_hop on another channel or address; else names an address →
//     refused.address; else refused.state".
func TestRefusalScopeLattice(t *testing.T) {
	p := house(t)
	const there, elsewhere, unsaid = "there", "elsewhere", ""
	checked := 0
	for scoped := range 32 {
		var s rules.Scope
		if scoped&1 != 0 {
			s.Channel = "email"
		}
		if scoped&2 != 0 {
			s.Purpose = "marketing"
		}
		if scoped&4 != 0 {
			s.Subject = "renewal"
		}
		if scoped&8 != 0 {
			s.Brand = "acme"
		}
		if scoped&16 != 0 {
			s.Address = there
		}
		for matching := range 16 {
			for _, addr := range []rules.Address{there, elsewhere, unsaid} {
				in := rules.Intent{ID: "i", Person: "p", Campaign: "c", Channel: "mail", Purpose: "survey", Subject: "other", Brand: "zeta", Address: addr}
				if matching&1 != 0 {
					in.Channel = "email"
				}
				if matching&2 != 0 {
					in.Purpose = "marketing"
				}
				if matching&4 != 0 {
					in.Subject = "renewal"
				}
				if matching&8 != 0 {
					in.Brand = "acme"
				}

				var want rules.Reason
				channelFits := s.Channel == "" || in.Channel == "email"
				addressFits := s.Address == "" || addr != elsewhere
				brandFits := s.Brand == "" || in.Brand == "acme"
				switch {
				case s.Purpose != "" && in.Purpose != "marketing":
				case s.Subject != "" && in.Subject != "renewal":
				case s.Subject != "" && channelFits && addressFits:
					want = rules.RefusedSubject
				case s.Subject != "":
					want = rules.RefusedChannelHop
				case !channelFits || !addressFits || !brandFits:
				case s.Address != "":
					want = rules.RefusedAddress
				default:
					want = rules.RefusedState
				}

				who := &rules.Person{Noes: []rules.No{refusal(noon.Add(-400*day), s)}}
				d := ask(p, who, in, noon)
				if want == "" {
					approved(t, d)
				} else {
					final(t, d, want)
				}
				if t.Failed() {
					t.Fatalf("refused %+v, intent %+v: want %q", s, in, want)
				}
				checked++
			}
		}
	}
	if checked != 32*16*3 {
		t.Errorf("checked %d combinations", checked)
	}
}

// "A refusal without any scope: everything but the exempt."
func TestRefusalOfEverything(t *testing.T) {
	who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}, OptOut: noon}
	for _, purpose := range []rules.Purpose{"marketing", "winback", "survey", "onboarding", "newsletter", "collection", "payment_reminder", "service", "billing"} {
		final(t, ask(house(t), who, to("email", purpose), noon), rules.RefusedState)
	}
	for _, purpose := range []rules.Purpose{"receipt", "password_reset", "reply", "confirmation", "legal"} {
		approved(t, ask(house(t), who, to("email", purpose), noon))
	}
	t.Run("who sells is not exempt", func(t *testing.T) {
		final(t, ask(house(t), who, to("email", "receipt", promotes), noon), rules.RefusedState)
		approved(t, ask(house(t), who, to("email", "legal", promotes), noon))
	})
}

// "class ask → refused.reask (consent_request) or refused.reprompt (others)", and
// "a refused purpose also forbids asking for consent to it."
func TestAskingAgain(t *testing.T) {
	all := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}}
	final(t, ask(house(t), all, to("push", "permission_prompt"), noon), rules.RefusedReprompt)
	final(t, ask(house(t), all, to("push", "consent_request"), noon), rules.RefusedReask)

	marketing := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{Purpose: "marketing"})}}
	for _, c := range []struct {
		why  string
		in   rules.Intent
		want rules.Reason // "" approves
	}{
		{"it may be meant", to("email", "consent_request"), rules.RefusedReask},
		{"it is named", to("email", "consent_request", subject("marketing")), rules.RefusedReask},
		{"a subject that is no purpose says nothing", to("email", "consent_request", subject("spring sale")), rules.RefusedReask},
		{"another purpose is asked for", to("email", "consent_request", subject("survey")), ""},
		{"a prompt asks for no consent", to("email", "permission_prompt", subject("marketing")), ""},
		{"nobody asks", to("email", "survey", subject("marketing")), ""},
	} {
		if d := ask(house(t), marketing, c.in, noon); c.want == "" {
			approved(t, d)
		} else {
			final(t, d, c.want)
		}
		if t.Failed() {
			t.Fatal(c.why)
		}
	}

	t.Run("within the rest of the scope", func(t *testing.T) {
		who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{Purpose: "marketing", Channel: "email"})}}
		final(t, ask(house(t), who, to("email", "consent_request"), noon), rules.RefusedReask)
		approved(t, ask(house(t), who, to("sms", "consent_request"), noon))

		who = &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{Purpose: "marketing", Subject: "shoes"})}}
		final(t, ask(house(t), who, to("email", "consent_request", subject("shoes")), noon), rules.RefusedReask)
		final(t, ask(house(t), who, to("email", "consent_request", subject("marketing")), noon), rules.RefusedReask)
		approved(t, ask(house(t), who, to("email", "consent_request", subject("hats")), noon))
	})
}

// "Cancellation: all solicitation about the subject on all channels (without a
// subject: of the brand), and every winback of the brand; no brand: every brand."
func TestCancellation(t *testing.T) {
	cancelled := func(s rules.Scope) *rules.Person {
		return &rules.Person{Noes: []rules.No{{Kind: rules.Cancelled, Scope: s, At: noon}}}
	}
	for _, c := range []struct {
		scope rules.Scope
		in    rules.Intent
		no    bool
	}{
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("sms", "marketing", subject("plan"), brand("acme")), true},
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("email", "marketing", subject("plan"), brand("zeta")), true},
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("email", "marketing", subject("phone"), brand("acme")), false},
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("email", "winback", subject("phone"), brand("acme")), true},
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("email", "winback", subject("phone"), brand("zeta")), false},
		{rules.Scope{Subject: "plan", Brand: "acme"}, to("email", "winback", subject("plan"), brand("zeta")), true},
		{rules.Scope{Subject: "plan"}, to("call", "winback", brand("zeta")), true},
		{rules.Scope{Subject: "plan"}, to("call", "marketing", brand("zeta")), false},
		{rules.Scope{Brand: "acme"}, to("email", "marketing", subject("x"), brand("acme")), true},
		{rules.Scope{Brand: "acme"}, to("email", "winback", brand("acme")), true},
		{rules.Scope{Brand: "acme"}, to("email", "winback", brand("zeta")), false},
		{rules.Scope{Brand: "acme"}, to("email", "winback"), false}, // "" is a brand as well
		{rules.Scope{}, to("email", "marketing", brand("zeta")), true},
		{rules.Scope{}, to("email", "winback", brand("zeta")), true},
		{rules.Scope{}, to("email", "permission_prompt"), true}, // ask is judged as solicitation
		{rules.Scope{}, to("email", "service"), false},
		{rules.Scope{}, to("email", "service", promotes), true},
		{rules.Scope{}, to("email", "collection"), false},
		{rules.Scope{}, to("email", "receipt"), false},
	} {
		if d := ask(house(t), cancelled(c.scope), c.in, noon); c.no {
			final(t, d, rules.RefusedCancellation)
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatalf("cancelled %+v, intent %+v", c.scope, c.in)
		}
	}
}

// "Complaint: the brand's solicitation on every channel; no brand: every brand",
// under refused.state, or the codes of asking.
func TestComplaint(t *testing.T) {
	who := &rules.Person{Noes: []rules.No{{Kind: rules.Complained, Scope: rules.Scope{Channel: "email", Brand: "acme"}, At: noon}}}
	final(t, ask(house(t), who, to("email", "marketing", brand("acme")), noon), rules.RefusedState)
	final(t, ask(house(t), who, to("sms", "survey", brand("acme")), noon), rules.RefusedState)
	final(t, ask(house(t), who, to("sms", "consent_request", brand("acme")), noon), rules.RefusedReask)
	final(t, ask(house(t), who, to("sms", "permission_prompt", brand("acme")), noon), rules.RefusedReprompt)
	approved(t, ask(house(t), who, to("email", "marketing", brand("zeta")), noon))
	approved(t, ask(house(t), who, to("email", "service", brand("acme")), noon))

	who.Noes[0].Scope.Brand = ""
	final(t, ask(house(t), who, to("sms", "marketing", brand("zeta")), noon), rules.RefusedState)
}

// "bounced and wrong_number make that address refused.address for the person
// from then on (exempt classes too, except legal); intents without an address are
// untouched", and a consent "never touches bounces, wrong numbers".
func TestUnreachableAddress(t *testing.T) {
	who := &rules.Person{
		Noes:     []rules.No{{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a@x.example"}, At: noon}},
		Consents: []rules.Consent{consent(noon.Add(hour), rules.Scope{})},
		OptOut:   noon,
	}
	for _, purpose := range []rules.Purpose{"marketing", "service", "collection", "receipt", "confirmation", "permission_prompt", "consent_request", "winback"} {
		final(t, ask(house(t), who, to("email", purpose, address("a@x.example")), noon.Add(minute)), rules.RefusedAddress)
		approved(t, ask(house(t), who, to("email", purpose, address("b@x.example")), noon.Add(minute)))
		approved(t, ask(house(t), who, to("email", purpose), noon.Add(minute)))
	}
	approved(t, ask(house(t), who, to("email", "legal", address("a@x.example")), noon))
}

// "Erasure keeps every no (then refused.tombstone) … its code comes before all
// other refused.*", whatever the no was.
func TestTombstone(t *testing.T) {
	for _, no := range []rules.No{
		{Kind: rules.Refused}, {Kind: rules.Cancelled}, {Kind: rules.Complained},
		{Kind: rules.Refused, Scope: rules.Scope{Subject: "plan", Channel: "sms"}},
		{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a"}},
	} {
		no.At, no.Erased = noon, true
		who := &rules.Person{Noes: []rules.No{no}}
		for _, purpose := range []rules.Purpose{"marketing", "consent_request", "permission_prompt"} {
			final(t, ask(house(t), who, to("email", purpose, subject("plan"), address("a")), noon), rules.RefusedTombstone)
		}
	}
	who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{}), {Kind: rules.Cancelled, At: noon, Erased: true}}}
	final(t, ask(house(t), who, to("email", "marketing"), noon), rules.RefusedTombstone, rules.RefusedState)
}

// Noes stand side by side: each reports its own code, in the order of the
// contract, and lifting one lifts no other.
func TestEveryNoIsReported(t *testing.T) {
	who := &rules.Person{Noes: []rules.No{
		{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a"}, At: noon},
		{Kind: rules.Cancelled, Scope: rules.Scope{}, At: noon},
		refusal(noon, rules.Scope{Subject: "plan", Channel: "email"}),
		refusal(noon, rules.Scope{Subject: "plan", Channel: "sms"}),
		refusal(noon, rules.Scope{Channel: "email"}),
	}}
	in := to("email", "marketing", subject("plan"), address("a"))
	final(t, ask(house(t), who, in, noon),
		rules.RefusedState, rules.RefusedChannelHop, rules.RefusedSubject, rules.RefusedCancellation, rules.RefusedAddress)

	who.Consents = []rules.Consent{consent(noon.Add(ms), rules.Scope{})}
	final(t, ask(house(t), who, in, noon.Add(ms)), rules.RefusedAddress)
}

// "A refusal known at decision time wins, whatever the event times": one whose
// time lies behind, or at now, is a no all the same, for ever.
func TestANoIsAState(t *testing.T) {
	for _, when := range []rules.Instant{1, noon.Add(-10 * 366 * day), noon - 1, noon} {
		who := &rules.Person{Noes: []rules.No{refusal(when, rules.Scope{Channel: "email"})}}
		final(t, ask(house(t), who, to("email", "marketing"), noon), rules.RefusedState)
		final(t, ask(house(t), who, to("email", "marketing"), noon.Add(50*366*day)), rules.RefusedState)
	}
}

// A veto tells a person what was said, when, and about what, and never the
// address.
func TestRefusalInWords(t *testing.T) {
	scope := rules.Scope{Channel: "email", Purpose: "marketing", Subject: "plan", Brand: "acme", Address: "secret@x.example"}
	scoped := []string{"2026-05-04", "channel email", "purpose marketing", "subject plan", "brand acme", "one address"}
	for _, c := range []struct {
		no   rules.No
		want []string
	}{
		{rules.No{Kind: rules.Refused, Scope: scope}, append([]string{"said no"}, scoped...)},
		{rules.No{Kind: rules.Cancelled, Scope: scope}, append([]string{"cancelled"}, scoped...)},
		{rules.No{Kind: rules.Complained, Scope: scope}, append([]string{"complained"}, scoped...)},
		{rules.No{Kind: rules.Refused}, []string{"said no", "2026-05-04", "everything"}},
		{rules.No{Kind: rules.Refused, Erased: true}, []string{"said no", "forgotten", "everything"}},
		{rules.No{Kind: rules.Unreachable, Scope: rules.Scope{Address: scope.Address}}, []string{"bounced", "one address"}},
	} {
		c.no.At = noon
		d := ask(house(t), &rules.Person{Noes: []rules.No{c.no}}, to("email", "marketing", subject("plan"), brand("acme"), address(scope.Address)), noon)
		for _, want := range c.want {
			if !strings.Contains(d.Objections[0].Detail, want) {
				t.Errorf("%q does not say %q", d.Objections[0].Detail, want)
			}
		}
		if strings.Contains(fmt.Sprintf("%+v", d), "secret") {
			t.Errorf("the decision tells the address: %+v", d)
		}
	}
}
