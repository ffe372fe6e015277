package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "All rules run; all objections are reported; the order in contract.md picks the
// first": one intent against which nearly everything speaks at once.
func TestEveryObjectionInTheOrderOfTheContract(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.ConsentRequired = []rules.ConsentSpec{{Binds: rules.Selector{Channels: []rules.Channel{"call"}}}}
		s.Notices = &rules.NoticeSpec{Wait: minute, Repeat: hour}
		s.Abandoned = &rules.SpanRule{Within: 72 * hour}
		s.OneChannel = &rules.SpanRule{Within: 24 * hour}
		s.Gaps = []rules.GapSpec{{Least: 4 * hour}}
		s.Caps = []rules.CapSpec{{Name: "b", Most: 1, In: rules.Window{Length: 24 * hour}}, {Name: "a", Most: 2, In: rules.Window{Kind: rules.Ever}}}
		s.Hours = []rules.HoursSpec{{Open: []rules.OpenSpec{daily(9*hour, 10*hour)}}}
		s.Streak = &rules.StreakSpec{Most: 1}
		s.Silence = &rules.SpanRule{Within: 90 * day}
		s.SameMessage = &rules.SpanRule{Within: 24 * hour}
	})
	who := with(
		delivered(noon.Add(-91*day), to("email", "marketing", message("old"))),
		sent(noon.Add(-hour), rules.WasRedeemed, to("sms", "marketing", message("m"))),
	)
	who.Noes = []rules.No{
		{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a"}, At: noon}, {Kind: rules.Cancelled, At: noon},
		{Kind: rules.Cancelled, At: noon, Erased: true}, refusal(noon, rules.Scope{Subject: "s"}),
		refusal(noon, rules.Scope{Subject: "s", Channel: "sms"}), refusal(noon, rules.Scope{}),
	}
	who.Numbers = []rules.Number{{Address: "a", At: noon, Reassigned: true}}
	who.Cases = []rules.Case{{At: noon, Open: true}}
	who.Quiet = []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 11 * hour, To: 13 * hour}}
	who.Budget = []rules.Budget{{Max: 1, Per: 24 * hour}}
	who.Abandoned = noon.Add(-hour)
	in := to("call", "marketing", mode(rules.ModePredictive), message("m"), subject("s"), address("a"),
		made(noon.Add(-73*hour)), notBefore(noon.Add(hour)))

	d := ask(p, who, in, noon)
	final(t, d, rules.SameContent,
		rules.RefusedTombstone, rules.RefusedState, rules.RefusedChannelHop, rules.RefusedSubject, rules.RefusedCancellation, rules.RefusedAddress,
		rules.ConsentRequired, rules.ConsentVoid, rules.Inhibited, rules.Silence, rules.SilenceStreak,
		rules.NotYet, rules.QuietHours, rules.QuietPerson, "cap.b", "cap.a", rules.BudgetPerson, rules.MinGap, rules.ChannelBlast,
		rules.AbandonCooldown, rules.Stale)

	// Each says from when on it would not object by itself, where time helps.
	for reason, want := range map[rules.Reason]rules.Instant{
		rules.SameContent: noon.Add(23 * hour), rules.NotYet: noon.Add(hour), rules.QuietHours: noon.Add(21 * hour),
		rules.QuietPerson: noon.Add(hour), "cap.b": noon.Add(23 * hour), "cap.a": 0, rules.BudgetPerson: noon.Add(23 * hour),
		rules.MinGap: noon.Add(3 * hour), rules.ChannelBlast: noon.Add(23 * hour), rules.AbandonCooldown: noon.Add(71 * hour),
		rules.Stale: 0, rules.RefusedState: 0, rules.Silence: 0, rules.SilenceStreak: 0,
	} {
		i := slices.Index(reasons(d), reason)
		if got := d.Objections[i].Earliest; got != want {
			t.Errorf("%s: earliest %s, want %s", reason, got, want)
		}
	}
}

// "earliest is the first instant at which none of them would object", where
// several answers push each other on.
func TestEarliestOfSeveral(t *testing.T) {
	for _, c := range []struct {
		what string
		who  *rules.Person
		in   rules.Intent
		when rules.Instant
		want rules.Instant
	}{
		{"the cap opens at night, so the morning after",
			with(sent(at("2026-05-04T19:59:00Z").Add(-22*hour), rules.WasRedeemed, to("sms", "marketing", campaign("a")))),
			to("sms", "marketing", zones("Asia/Tokyo")), at("2026-05-04T10:00:00Z"), at("2026-05-05T00:00:00Z")},
		{"the gap opens within the hours, the day's cap after them",
			with(sent(noon, rules.WasRedeemed, to("call", "service", campaign("a")))),
			to("call", "service"), noon.Add(hour), noon.Add(24 * hour)},
		{"a campaign's end of blast at 21:00",
			with(sent(at("2026-05-03T21:00:00Z"), rules.WasRedeemed, to("email", "marketing"))),
			to("push", "marketing"), noon, at("2026-05-05T09:00:00Z")},
		{"the budget opens in the person's quiet",
			&rules.Person{
				Contacts: []rules.Contact{sent(noon, rules.WasRedeemed, to("email", "service"))},
				Budget:   []rules.Budget{{Max: 1, Per: 10 * hour}},
				Quiet:    []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 21 * hour, To: 8 * hour}},
			},
			to("email", "marketing"), noon.Add(hour), at("2026-05-05T08:00:00Z")},
		{"not before the quiet begins",
			&rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 21 * hour, To: 8 * hour}}},
			to("email", "marketing", notBefore(at("2026-05-04T22:00:00Z"))), noon, at("2026-05-05T08:00:00Z")},
		{"an approval that is out expires, and the older one leaves later",
			with(sent(noon.Add(-100*hour), rules.WasRedeemed, to("email", "marketing", campaign("a"))), sent(noon, 0, to("email", "marketing", campaign("a")))),
			to("email", "marketing"), noon.Add(minute), noon.Add(15 * minute)},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := ask(house(t), c.who, c.in, c.when)
			if d.Earliest != c.want {
				t.Errorf("earliest %s, want %s (%v)", d.Earliest, c.want, d.Objections)
			}
			if d := ask(house(t), c.who, c.in, c.want-1); d.Verdict != rules.Vetoed {
				t.Error("nothing objects a millisecond before")
			}
			approved(t, ask(house(t), c.who, c.in, c.want))
		})
	}
}

// One reason that time does not mend is enough, and the others still tell theirs.
func TestOneFinalReasonIsFinal(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("sms", "marketing")))
	who.Cases = []rules.Case{{Open: true, At: noon}}
	final(t, ask(house(t), who, to("sms", "marketing"), noon.Add(hour)), rules.Inhibited, "cap.sms")
}

// A wait beyond all bounds is told as never, rather than searched for.
func TestBeyondTheHorizon(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")))
	who.Budget = []rules.Budget{{Max: 1, Per: 100_000 * hour}} // eleven years
	final(t, ask(house(t), who, to("email", "marketing"), noon), rules.BudgetPerson)
}

// "of others Decide makes a solicitation": a purpose that the policy does not
// declare, or no longer does, gets the strictest reading and not the widest way.
func TestUndeclaredPurposeIsASolicitation(t *testing.T) {
	in := to("email", "rebranded")
	who := &rules.Person{Cases: []rules.Case{{At: noon, Open: true}}}
	final(t, ask(house(t), who, in, noon), rules.Inhibited)
	if class := house(t).Judged(&in); class != rules.Solicitation {
		t.Errorf("it would be counted as %q", class)
	}
	if _, declared := house(t).Class("rebranded"); declared {
		t.Error("the house declares it")
	}
	t.Run("an approval of a purpose that was renamed since", func(t *testing.T) {
		who := with(sent(noon, 0, to("email", "marketing")))
		who.Contacts[0].Purpose = "rebranded"
		who.Cases = []rules.Case{{At: noon, Open: true}}
		if got, _ := rejudged(house(t), who, noon.Add(minute)); got != rules.Inhibited {
			t.Errorf("got %q", got)
		}
	})
}

// Every policy has the core, even one that chose no rule at all.
func TestTheCoreHoldsUnderEveryPolicy(t *testing.T) {
	p := bare(t, func(*rules.Spec) {})
	in := to("email", "marketing", made(noon))
	d := ask(p, nobody(), in, noon)
	approved(t, d)
	if d.NotAfter != noon.Add(15*minute) || len(d.Evidence()) != 0 {
		t.Errorf("approval %+v", d)
	}
	night := at("2026-05-04T03:00:00Z")
	many := nobody()
	for range 50 {
		many.Contacts = append(many.Contacts, delivered(noon.Add(-91*day), to("sms", "marketing")))
	}
	approved(t, ask(p, many, to("sms", "marketing"), night)) // a pack alone has only its own rules

	final(t, ask(p, &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}}, in, noon), rules.RefusedState)
	final(t, ask(p, nobody(), to("email", "confirmation"), noon), rules.ConfirmLate)
	final(t, ask(p, nobody(), in, noon.Add(72*hour)), rules.Stale)
	final(t, ask(p, &rules.Person{Known: rules.KnownOf(rules.Known{Intent: "i", Content: in.Fingerprint(), Decision: "d", At: noon})}, in, noon), rules.Duplicate)
}
