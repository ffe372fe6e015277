package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "72 h after at: stale, final", to the millisecond, under the policy's own
// max_age too.
func TestMaxAge(t *testing.T) {
	closes(t, house(t), nobody(), to("email", "marketing", made(noon)), rules.Stale, noon.Add(72*hour), 0)
	for _, purpose := range []rules.Purpose{"receipt", "legal", "service"} { // nobody is exempt
		final(t, ask(house(t), nobody(), to("email", purpose, made(noon)), noon.Add(72*hour)), rules.Stale)
	}
	p := bare(t, func(s *rules.Spec) { s.MaxAge = rules.Span{Of: hour} })
	closes(t, p, nobody(), to("email", "marketing", made(noon)), rules.Stale, noon.Add(hour), 0)
}

// "Exactly at not_after … stale, final", and an approval before it ends there.
func TestTheIntentsOwnEnd(t *testing.T) {
	in := to("email", "marketing", notAfter(noon))
	closes(t, house(t), nobody(), in, rules.Stale, noon, 0)
	if d := ask(house(t), nobody(), in, noon.Add(-14*minute)); d.NotAfter != noon {
		t.Errorf("14 minutes before, the approval lives until %s", d.NotAfter)
	}
	if d := ask(house(t), nobody(), in, noon.Add(-16*minute)); d.NotAfter != noon.Add(-minute) {
		t.Errorf("16 minutes before, the approval lives until %s", d.NotAfter)
	}
	old := ask(house(t), nobody(), to("email", "marketing", made(noon)), noon.Add(73*hour))
	ended := ask(house(t), nobody(), in, noon)
	if old.Objections[0].Detail == ended.Objections[0].Detail {
		t.Errorf("age and end are told alike: %q", old.Objections[0].Detail)
	}
}

// "not_before in the future: not_yet (with the reasons of time, before
// quiet.hours), earliest accordingly."
func TestNotYet(t *testing.T) {
	opens(t, house(t), nobody(), to("email", "receipt", notBefore(noon)), rules.NotYet, noon)

	night := at("2026-05-04T03:00:00Z")
	d := ask(house(t), nobody(), to("sms", "marketing", notBefore(night.Add(2*hour))), night)
	vetoed(t, d, rules.NotYet, rules.QuietHours)
	if d.Earliest != at("2026-05-04T09:00:00Z") {
		t.Errorf("earliest %s", d.Earliest)
	}
	d = ask(house(t), nobody(), to("sms", "marketing", notBefore(at("2026-05-04T21:00:00Z"))), noon)
	vetoed(t, d, rules.NotYet)
	if d.Earliest != at("2026-05-05T09:00:00Z") {
		t.Errorf("earliest %s", d.Earliest)
	}
}

// "earliest … leaves staleness … aside": a later instant is named although the
// intent itself would be stale by then.
func TestEarliestLeavesStalenessAside(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "marketing", campaign("a"))), sent(noon+1, rules.WasRedeemed, to("email", "marketing", campaign("b"))))
	d := ask(house(t), who, to("email", "marketing", notAfter(noon.Add(day))), noon.Add(hour))
	vetoed(t, d, "cap.email")
	if d.Earliest != noon.Add(168*hour) {
		t.Errorf("earliest %s", d.Earliest)
	}
}

// "Approvals of 15 minutes" by default, and as long as the policy says.
func TestApprovalLife(t *testing.T) {
	for of, want := range map[rules.Span]rules.Instant{
		{}:           noon.Add(15 * minute),
		{Of: minute}: noon.Add(minute),
		{Of: hour, Line: rules.Position{Line: 3}}: noon.Add(hour),
	} {
		p := bare(t, func(s *rules.Spec) { s.ApprovalLife = of })
		if d := ask(p, nobody(), to("email", "marketing"), noon); d.NotAfter != want {
			t.Errorf("%v: until %s, want %s", of, d.NotAfter, want)
		}
	}
}
