package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "A consent … lifts the refusals, cancellations and complaints that it covers,
// each by its own at: it must be later; a tie is a no." To the millisecond, for
// every kind of no.
func TestConsentMustBeLater(t *testing.T) {
	for kind, code := range map[rules.NoKind]rules.Reason{
		rules.Refused: rules.RefusedState, rules.Cancelled: rules.RefusedCancellation, rules.Complained: rules.RefusedState,
	} {
		who := &rules.Person{Noes: []rules.No{{Kind: kind, At: noon}}, Consents: make([]rules.Consent, 1)}
		for _, c := range []struct {
			said   rules.Instant
			lifted bool
		}{{noon - 1, false}, {noon, false}, {noon + 1, true}} {
			who.Consents[0] = consent(c.said, rules.Scope{})
			if d := ask(house(t), who, to("email", "marketing"), noon.Add(day)); c.lifted {
				approved(t, d)
			} else {
				final(t, d, code)
			}
		}
		t.Run("any other consent lifts nothing", func(t *testing.T) {
			who.Consents[0].Effective = false
			final(t, ask(house(t), who, to("email", "marketing"), noon.Add(day)), code)
		})
	}
}

// "It works for intents that it covers itself": every field of a consent named
// or absent, against intents that match each or do not, under a refusal of
// everything. "Yes to a subject on e-mail leaves the hop veto on sms."
func TestConsentScopeLattice(t *testing.T) {
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
			s.Address = "there"
		}
		who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}, Consents: []rules.Consent{consent(noon+1, s)}}
		for matching := range 32 {
			in := rules.Intent{ID: "i", Person: "p", Campaign: "c", Channel: "mail", Purpose: "survey"}
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
			if matching&16 != 0 {
				in.Address = "there"
			}
			if d := ask(house(t), who, in, noon.Add(day)); scoped&^matching == 0 { // every named field matches
				approved(t, d)
			} else {
				final(t, d, rules.RefusedState)
			}
			if t.Failed() {
				t.Fatalf("yes to %+v, intent %+v", s, in)
			}
		}
	}

	who := &rules.Person{
		Noes:     []rules.No{refusal(noon, rules.Scope{Subject: "renewal", Channel: "email"})},
		Consents: []rules.Consent{consent(noon+1, rules.Scope{Subject: "renewal", Channel: "email"})},
	}
	approved(t, ask(house(t), who, to("email", "marketing", subject("renewal")), noon.Add(day)))
	final(t, ask(house(t), who, to("sms", "marketing", subject("renewal")), noon.Add(day)), rules.RefusedChannelHop)
}

// Between many noes and yeses each no falls by a yes of its own that is later;
// the order in which they are kept does not matter.
func TestConsentsInAnyOrder(t *testing.T) {
	noes := []rules.No{refusal(noon, rules.Scope{Channel: "email"}), refusal(noon.Add(2*hour), rules.Scope{})}
	yes := []rules.Consent{consent(noon.Add(3*hour), rules.Scope{Channel: "email"}), consent(noon.Add(hour), rules.Scope{})}
	for range 2 {
		who := &rules.Person{Noes: noes, Consents: yes}
		approved(t, ask(house(t), who, to("email", "marketing"), noon.Add(day)))
		final(t, ask(house(t), who, to("sms", "marketing"), noon.Add(day)), rules.RefusedState)
		noes = []rules.No{noes[1], noes[0]}
		yes = []rules.Consent{yes[1], yes[0]}
	}
}

// A policy may demand consent: then an effective one that covers the intent must
// be there, whenever it was given; "any other consent is recorded" and none.
func TestConsentRequired(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.ConsentRequired = []rules.ConsentSpec{{Binds: rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"sms"}}}}
	})
	final(t, ask(p, nobody(), to("sms", "marketing"), noon), rules.ConsentRequired)
	final(t, ask(p, nobody(), to("sms", "consent_request"), noon), rules.ConsentRequired)
	approved(t, ask(p, nobody(), to("email", "marketing"), noon))
	approved(t, ask(p, nobody(), to("sms", "service"), noon))

	who := &rules.Person{Consents: []rules.Consent{{Scope: rules.Scope{Channel: "sms"}, At: noon}}}
	final(t, ask(p, who, to("sms", "marketing"), noon), rules.ConsentRequired)
	who.Consents[0].Effective = true
	approved(t, ask(p, who, to("sms", "marketing"), noon))

	t.Run("a later no ends it", func(t *testing.T) {
		who.Noes = []rules.No{refusal(noon, rules.Scope{Channel: "sms"})}
		final(t, ask(p, who, to("sms", "marketing"), noon), rules.RefusedState)
	})
}

// "address with reassigned …: intents of every class to it are consent.void until
// a later effective consent covers them."
func TestReassignedAddress(t *testing.T) {
	who := &rules.Person{Numbers: []rules.Number{{Address: "+1555", At: noon, Reassigned: true}}, OptOut: noon}
	for purpose := range classes {
		if purpose == "confirmation" {
			continue // asked below, while it is in time
		}
		final(t, ask(house(t), who, to("call", purpose, address("+1555")), noon.Add(hour)), rules.ConsentVoid)
		approved(t, ask(house(t), who, to("call", purpose, address("+1666")), noon.Add(hour)))
		approved(t, ask(house(t), who, to("call", purpose), noon.Add(hour)))
	}
	final(t, ask(house(t), who, to("sms", "confirmation", address("+1555")), noon), rules.ConsentVoid)

	for _, c := range []struct {
		yes  rules.Consent
		void bool
	}{
		{consent(noon-1, rules.Scope{}), true},
		{consent(noon, rules.Scope{}), true},
		{consent(noon+1, rules.Scope{}), false},
		{consent(noon+1, rules.Scope{Address: "+1555"}), false},
		{consent(noon+1, rules.Scope{Channel: "email"}), true},
		{rules.Consent{At: noon + 1}, true},
	} {
		who.Consents = []rules.Consent{c.yes}
		if d := ask(house(t), who, to("call", "receipt", address("+1555")), noon.Add(hour)); c.void {
			final(t, d, rules.ConsentVoid)
		} else {
			approved(t, d)
		}
	}

	who = &rules.Person{Numbers: []rules.Number{{Address: "+1555", At: noon, Reassigned: false}}}
	approved(t, ask(house(t), who, to("call", "marketing", address("+1555")), noon))
}

// "case_opened with a brand mutes that brand's solicitation (inhibited), without
// one all; the subject only pairs opening with closing." A consent never touches
// open cases.
func TestInhibited(t *testing.T) {
	open := func(b rules.Brand) *rules.Person {
		return &rules.Person{Cases: []rules.Case{{Subject: "x"}, {Subject: "late parcel", Brand: b, At: noon, Open: true}}}
	}
	final(t, ask(house(t), open("acme"), to("email", "marketing", brand("acme"), subject("shoes")), noon), rules.Inhibited)
	final(t, ask(house(t), open("acme"), to("email", "permission_prompt", brand("acme")), noon), rules.Inhibited)
	final(t, ask(house(t), open("acme"), to("email", "service", brand("acme"), promotes), noon), rules.Inhibited)
	approved(t, ask(house(t), open("acme"), to("email", "marketing", brand("zeta")), noon))
	approved(t, ask(house(t), open("acme"), to("email", "service", brand("acme")), noon))
	approved(t, ask(house(t), open("acme"), to("email", "collection", brand("acme")), noon))
	approved(t, ask(house(t), open("acme"), to("email", "legal", brand("acme")), noon))
	final(t, ask(house(t), open(""), to("email", "marketing", brand("zeta")), noon.Add(1000*day)), rules.Inhibited)

	who := open("acme")
	who.Consents = []rules.Consent{consent(noon.Add(hour), rules.Scope{})}
	final(t, ask(house(t), who, to("email", "marketing", brand("acme")), noon.Add(day)), rules.Inhibited)
	who.Cases[1].Open = false
	approved(t, ask(house(t), who, to("email", "marketing", brand("acme")), noon.Add(day)))
}
