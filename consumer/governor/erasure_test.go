package governor_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Erasure keeps every no (then refused.tombstone), revokes what is out and vetoes
// what is held with that code, forgets the rest, consents and intent ids too (so
// what a consent had lifted stands again). It is no refusal by itself."
func TestErasure(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, refusalOf(rules.Scope{Channel: "sms"}))
	w.hear(noon.Add(minute), state.Signal{Type: state.Consent, Source: "settings"})
	w.hear(noon.Add(minute), state.Signal{Type: state.CaseOpened, Scope: rules.Scope{Brand: "acme"}})
	w.hear(noon.Add(minute), state.Signal{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 1, Per: hour}}})
	first := w.ask(noon.Add(2*minute), to("i1", "sms", "marketing"))
	approved(t, first)
	w.redeem(noon.Add(2*minute), "i1")
	held(t, w.ask(noon.Add(3*minute), toll("i2", "acct9")))
	approved(t, w.ask(noon.Add(4*minute), to("i3", "email", "receipt")))

	w.hear(noon.Add(5*minute), state.Signal{ID: "erase", Type: state.Erasure})
	vetoed(t, w.decision("i2"), rules.RefusedTombstone)
	if d := w.decision("i2"); !d.Final || rules.Instant(d.Decided) != noon.Add(5*minute) {
		t.Errorf("the held one: %+v", d)
	}
	if got := w.revocations("i3"); !slices.Equal(got, []rules.Reason{rules.RefusedTombstone}) {
		t.Errorf("what was out is revoked for %v", got)
	}
	if got := w.revocations("i1"); got != nil {
		t.Errorf("what was taken is revoked for %v", got)
	}
	w.until(noon.Add(hour))
	if n := len(w.decisions(0)); n != 3 {
		t.Errorf("%d decisions; the held one was decided twice", n)
	}
	if log := w.memory["p"].Standing; slices.ContainsFunc([]string{"consents", "cases", "budget", "settings"}, func(s string) bool {
		return bytes.Contains(log, []byte(s))
	}) {
		t.Errorf("not forgotten: %s", log)
	}

	later := noon.Add(2 * hour)
	vetoed(t, w.ask(later, to("i4", "sms", "marketing")), rules.RefusedTombstone)
	other := to("i5", "email", "marketing")
	other.Brand = "acme"
	approved(t, w.ask(later, other)) // the case is forgotten, and erasure refuses nothing by itself
	again := w.ask(later, to("i1", "sms", "marketing"))
	vetoed(t, again, rules.RefusedTombstone) // its id is forgotten: no duplicate
	if again.ID == first.ID {
		t.Error("two decisions share an id")
	}
	// A yes from before, published once more, lifts nothing: its id was heard.
	w.hear(later, state.Signal{ID: "s1", Type: state.Consent, Source: "settings"})
	vetoed(t, w.ask(later, to("i6", "sms", "marketing")), rules.RefusedTombstone)
	// A new one does.
	w.hear(later, state.Signal{ID: "anew", Type: state.Consent, Source: "settings"})
	last := to("i7", "sms", "marketing")
	last.Campaign = "summer"
	approved(t, w.ask(later, last))
}

// A no that was said before erasure and one said after it stand side by side; and
// ids stay spent however often a person is erased.
func TestErasedTwice(t *testing.T) {
	w := newWorld(t)
	first := w.ask(noon, to("i1", "email", "marketing"))
	w.hear(noon.Add(minute), refusalOf(rules.Scope{Channel: "email"}))
	for i := range 2 {
		w.hear(noon.Add(time.Duration(i+2)*minute), state.Signal{Type: state.Erasure})
	}
	again := w.ask(noon.Add(hour), to("i1", "email", "marketing"))
	vetoed(t, again, rules.RefusedTombstone)
	if again.ID == first.ID || len(again.Reasons) != 1 {
		t.Errorf("asked again: %+v", again)
	}
	w.hear(noon.Add(2*hour), refusalOf(rules.Scope{Channel: "email"}))
	d := w.ask(noon.Add(3*hour), to("i2", "email", "marketing"))
	vetoed(t, d, rules.RefusedTombstone)
	if len(d.Reasons) != 2 || d.Reasons[1].Reason != string(rules.RefusedState) {
		t.Errorf("a no said since is not told: %+v", d.Reasons)
	}
}
