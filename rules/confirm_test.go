package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "One since the last opt-out …, less than 5 minutes after the opt-out's
// arrival": confirm.late from 5 minutes on. "Its approval ends with the 5 minutes
// at the latest."
func TestConfirmationInTime(t *testing.T) {
	who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}, OptOut: noon}
	in := to("sms", "confirmation")
	closes(t, house(t), who, in, rules.ConfirmLate, noon.Add(5*minute), 0)
	for _, when := range []rules.Instant{noon, noon.Add(4 * minute), noon.Add(5*minute - ms)} {
		if d := ask(house(t), who, in, when); d.NotAfter != noon.Add(5*minute) {
			t.Errorf("asked at %s the approval lives until %s", when, d.NotAfter)
		}
	}
	t.Run("without an opt-out there is nothing to confirm", func(t *testing.T) {
		final(t, ask(house(t), nobody(), in, noon), rules.ConfirmLate)
	})
	t.Run("who may be late", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) { s.Confirmation = rules.Span{Of: minute} })
		closes(t, p, who, in, rules.ConfirmLate, noon.Add(minute), 0)
	})
	t.Run("other approvals do not end with it", func(t *testing.T) {
		if d := ask(house(t), who, to("sms", "receipt"), noon); d.NotAfter != noon.Add(15*minute) {
			t.Errorf("a receipt lives until %s", d.NotAfter)
		}
	})
}

// "confirm.once for a second": one since the last opt-out; a later opt-out may be
// confirmed again; one that was given back did not happen.
func TestConfirmOnce(t *testing.T) {
	in := to("sms", "confirmation")
	confirmed := func(fate rules.Fate, optOut rules.Instant) *rules.Person {
		who := with(sent(noon.Add(minute), fate, in))
		who.OptOut = optOut
		return who
	}
	final(t, ask(house(t), confirmed(rules.WasRedeemed, noon), in, noon.Add(2*minute)), rules.ConfirmOnce)
	final(t, ask(house(t), confirmed(rules.WasRedeemed, noon.Add(minute)), in, noon.Add(2*minute)), rules.ConfirmOnce)
	approved(t, ask(house(t), confirmed(rules.WasRedeemed, noon.Add(minute+ms)), in, noon.Add(2*minute)))
	approved(t, ask(house(t), confirmed(rules.WasRedeemed|rules.NotSent, noon), in, noon.Add(2*minute)))
	final(t, ask(house(t), confirmed(rules.WasRedeemed, noon), in, noon.Add(5*minute)), rules.ConfirmOnce, rules.ConfirmLate)

	t.Run("another class is no confirmation", func(t *testing.T) {
		who := with(sent(noon.Add(minute), rules.WasRedeemed, to("sms", "receipt")))
		who.OptOut = noon
		approved(t, ask(house(t), who, in, noon.Add(2*minute)))
		approved(t, ask(house(t), confirmed(rules.WasRedeemed, noon), to("sms", "receipt"), noon.Add(2*minute)))
	})
	t.Run("one that is out blocks until it expires", func(t *testing.T) {
		// It would expire with the time for confirming, so in fact for good.
		who := confirmed(0, noon)
		who.Contacts[0].NotAfter = noon.Add(5 * minute)
		final(t, ask(house(t), who, in, noon.Add(2*minute)), rules.ConfirmOnce)
		// Ended sooner by its own not_after, it leaves room.
		who.Contacts[0].NotAfter = noon.Add(3 * minute)
		opens(t, house(t), who, in, rules.ConfirmOnce, noon.Add(3*minute))
	})
}

// "confirm.promo with contains_promotion", and then it still is a confirmation:
// exempt from the refusal that it confirms.
func TestConfirmationDoesNotSell(t *testing.T) {
	who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}, OptOut: noon}
	final(t, ask(house(t), who, to("sms", "confirmation", promotes), noon), rules.ConfirmPromo)
	final(t, ask(house(t), nobody(), to("sms", "confirmation", promotes), noon), rules.ConfirmLate, rules.ConfirmPromo)
}
