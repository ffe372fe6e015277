package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "A signal id seen before changes nothing, whatever it says", nor is anything
// judged again because of it.
func TestASignalIsHeardOnce(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, state.Signal{ID: "s", Type: state.Conversation})
	approved(t, w.ask(noon.Add(minute), to("i1", "email", "marketing")))
	again := refusalOf(rules.Scope{})
	again.ID = "s"
	w.hear(noon.Add(2*minute), again)
	erase := state.Signal{ID: "s", Type: state.Erasure}
	w.hear(noon.Add(3*minute), erase)
	if got := w.revocations("i1"); got != nil {
		t.Errorf("revoked for %v", got)
	}
	approved(t, w.ask(noon.Add(4*minute), to("i2", "email", "marketing")))
}

// "An intent's or signal's at … up to that it is taken as now": a consent that is
// dated ahead lifts no refusal that comes after it.
func TestASignalAheadIsTakenAsNow(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(20 * hour)})
	w.hear(noon.Add(hour), refusalOf(rules.Scope{}))
	vetoed(t, w.ask(noon.Add(2*hour), to("i1", "email", "marketing")), rules.RefusedState)
}
