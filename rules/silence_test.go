package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "Silence starts at the at of the first unanswered delivered solicitation …
// silence from exactly 90×24 h on; for winback silence.winback instead." It is
// final: only a human act ends it.
func TestSilence(t *testing.T) {
	who := with(delivered(noon, to("mail", "marketing", campaign("a"))))
	closes(t, house(t), who, to("mail", "marketing"), rules.Silence, noon.Add(90*day), 0)
	closes(t, house(t), who, to("mail", "winback"), rules.SilenceWinback, noon.Add(90*day), 0)
	closes(t, house(t), who, to("mail", "permission_prompt"), rules.Silence, noon.Add(90*day), 0)
	final(t, ask(house(t), who, to("mail", "marketing"), noon.Add(10_000*day)), rules.Silence)

	later := noon.Add(91 * day)
	approved(t, ask(house(t), who, to("mail", "service"), later))
	approved(t, ask(house(t), who, to("mail", "collection"), later))
	approved(t, ask(house(t), who, to("mail", "receipt"), later))
	vetoed(t, ask(house(t), who, to("mail", "service", promotes), later), rules.Silence)

	t.Run("the first one counts", func(t *testing.T) {
		who := with(delivered(noon, to("mail", "marketing", campaign("a"))), delivered(noon.Add(day), to("mail", "marketing", campaign("b"))))
		closes(t, house(t), who, to("mail", "marketing"), rules.Silence, noon.Add(90*day), 0)
	})
	t.Run("delivered late, the clock starts with what was delivered first", func(t *testing.T) {
		who := with(delivered(noon, to("mail", "marketing", campaign("a"))), delivered(noon.Add(day), to("mail", "marketing", campaign("b"))))
		who.Contacts[0].Delivered = noon.Add(2 * day)
		closes(t, house(t), who, to("mail", "marketing"), rules.Silence, noon.Add(91*day), 0)
	})
	t.Run("a human act ends it", func(t *testing.T) {
		for act, silent := range map[rules.Instant]bool{noon - 1: true, noon: false, noon.Add(80 * day): false} {
			who.HumanAct = act
			if d := ask(house(t), who, to("mail", "marketing"), later); silent {
				final(t, d, rules.Silence)
			} else {
				approved(t, d)
			}
		}
	})
	t.Run("what was never delivered is no silence", func(t *testing.T) {
		approved(t, ask(house(t), with(sent(noon, rules.WasRedeemed|rules.Happened, to("email", "marketing"))), to("mail", "marketing"), later))
	})
	t.Run("nor is a service notice, or a wrong number", func(t *testing.T) {
		approved(t, ask(house(t), with(delivered(noon, to("mail", "service"))), to("mail", "marketing"), later))
		wrong := delivered(noon, to("mail", "marketing", campaign("a")))
		wrong.Fate |= rules.WrongNumber
		approved(t, ask(house(t), with(wrong), to("mail", "marketing"), later))
	})
}

// earliest looks ahead: what would be free on day 90 but is silent by then is
// free never.
func TestSilenceComesBeforeTheEarliest(t *testing.T) {
	who := with(delivered(noon, to("mail", "marketing", campaign("a"))))
	// 21:00 on day 89: the sms opens at 09:00 on day 90, three hours before the silence …
	night := noon.Add(89*day + 9*hour)
	d := ask(house(t), who, to("sms", "marketing"), night)
	vetoed(t, d, rules.QuietHours)
	if want := noon.Add(90*day - 3*hour); d.Earliest != want {
		t.Errorf("earliest %s, want %s", d.Earliest, want)
	}
	// … but where it opens at 09:00 in New York, 13:00 UTC, that is too late.
	d = ask(house(t), who, to("sms", "marketing", zones("America/New_York")), night.Add(4*hour))
	final(t, d, rules.QuietHours)
	if d.Objections[0].Earliest != noon.Add(90*day+hour) {
		t.Errorf("the hours alone open at %s", d.Objections[0].Earliest)
	}
}

// "silence.streak: solicitations of the campaign that count since the last human
// act, delivered or not: at 3 the next is vetoed."
func TestStreak(t *testing.T) {
	streak := func(fates ...rules.Fate) *rules.Person {
		who := nobody()
		for i, f := range fates {
			// Thirty days apart, so that no cap binds.
			who.Contacts = append(who.Contacts, sent(noon.Add(time.Duration(i)*30*day), f, to("mail", "marketing")))
		}
		return who
	}
	now := noon.Add(70 * day)
	approved(t, ask(house(t), streak(rules.WasRedeemed, rules.Happened), to("mail", "marketing"), now))
	three := streak(rules.WasRedeemed, rules.Happened, rules.WasRedeemed)
	final(t, ask(house(t), three, to("mail", "marketing"), now), rules.SilenceStreak)
	final(t, ask(house(t), three, to("mail", "survey"), now), rules.SilenceStreak) // of the campaign, whatever the purpose
	approved(t, ask(house(t), three, to("mail", "marketing", campaign("summer")), now))
	approved(t, ask(house(t), three, to("mail", "service"), now))
	approved(t, ask(house(t), streak(rules.WasRedeemed, rules.NotSent, rules.WasRedeemed), to("mail", "marketing"), now))

	t.Run("a human act begins anew", func(t *testing.T) {
		three.HumanAct = noon - 1
		final(t, ask(house(t), three, to("mail", "marketing"), now), rules.SilenceStreak)
		three.HumanAct = noon
		approved(t, ask(house(t), three, to("mail", "marketing"), now))
	})
	t.Run("the third is still out, and may expire", func(t *testing.T) {
		who := streak(rules.WasRedeemed, rules.WasRedeemed, 0)
		opens(t, house(t), who, to("mail", "marketing"), rules.SilenceStreak, noon.Add(60*day+15*minute))
	})
	t.Run("evidence", func(t *testing.T) {
		three.HumanAct = 0
		d := ask(house(t), three, to("mail", "marketing"), now)
		if want := "3 contacts of this campaign were not answered, and that is an answer"; d.Objections[0].Detail != want {
			t.Errorf("got %q", d.Objections[0].Detail)
		}
		for _, e := range d.Evidence() {
			if e.Rule == string(rules.SilenceStreak) && (e.Used != 3 || e.Limit != 3) {
				t.Errorf("evidence %v", e)
			}
		}
	})
}

// After how long is told, of several rules the strictest; one on trial leaves nobody in
// silence.
func TestAfterHowLongSilenceIsAnAnswer(t *testing.T) {
	several := bare(t, func(s *rules.Spec) {
		s.Silence = &rules.SpanRule{Within: 90 * day}
		s.Beside = []*rules.Spec{
			{Silence: &rules.SpanRule{Within: 60 * day}}, {Silence: &rules.SpanRule{Within: 70 * day}}, {Silence: &rules.SpanRule{Within: 30 * day, Terms: rules.Terms{Shadow: true}}},
		}
	})
	for _, c := range []struct {
		policy *rules.Policy
		want   time.Duration
	}{{house(t), 90 * day}, {several, 60 * day}, {bare(t, func(*rules.Spec) {}), 0}} {
		if got := c.policy.Silent(); got != c.want {
			t.Errorf("%s: after %s, want %s", c.policy.Name(), got, c.want)
		}
	}
}
