package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Redeem answers in their order: not_approved, already_redeemed (also after an
// outcome), revoked, expired; "redeeming exactly then is expired".
func TestRedeem(t *testing.T) {
	for _, c := range []struct {
		what string
		then func(*world)
		when rules.Instant
		want state.RedeemAnswer
	}{
		{"unheard", func(*world) {}, noon, state.NotApproved},
		{"vetoed", func(w *world) { w.ask(noon, to("i1", "email", "confirmation")) }, noon, state.NotApproved},
		{"held", func(w *world) { w.ask(noon, toll("i1", "x")) }, noon.Add(minute), state.NotApproved},
		{"approved", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon, state.Redeemed},
		{"a millisecond before the end", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon.Add(15*minute - ms), state.Redeemed},
		{"exactly at the end", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon.Add(15 * minute), state.Expired},
		{"twice", func(w *world) { w.ask(noon, to("i1", "email", "marketing")); w.redeem(noon, "i1") }, noon, state.AlreadyRedeemed},
		{"twice, and late", func(w *world) { w.ask(noon, to("i1", "email", "marketing")); w.redeem(noon, "i1") }, noon.Add(hour), state.AlreadyRedeemed},
		{"revoked, and late", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		}, noon.Add(hour), state.Revoked},
		{"revoked, and an outcome came", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
			w.hear(noon.Add(2*minute), outcome("i1", state.Sent))
		}, noon.Add(3 * minute), state.AlreadyRedeemed},
		{"redeemed, and refused since", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.redeem(noon, "i1")
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		}, noon.Add(2 * minute), state.AlreadyRedeemed},
		{"a duplicate since", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.ask(noon.Add(minute), to("i1", "email", "marketing"))
		}, noon.Add(2 * minute), state.Redeemed},
	} {
		w := newWorld(t)
		c.then(w)
		if got := w.redeem(c.when, "i1"); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	// "Any outcome ends an approval's life."
	for _, r := range results {
		w := newWorld(t)
		w.ask(noon, to("i1", "email", "marketing"))
		w.hear(noon, outcome("i1", r))
		if got := w.redeem(noon, "i1"); got != state.AlreadyRedeemed {
			t.Errorf("after %s: %q", r, got)
		}
	}
}
