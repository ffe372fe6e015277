package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Addresses: "reassigned (latest at wins, over assigned on a tie) … removed:
// nothing."
func TestAddresses(t *testing.T) {
	word := func(s state.AddressStatus, when rules.Instant) state.Signal {
		return state.Signal{Type: state.AddressOf, Status: s, At: when, Scope: rules.Scope{Address: "a"}}
	}
	in := to("i1", "email", "receipt")
	in.Address = "a"
	for _, c := range []struct {
		what  string
		words []state.Signal
		void  bool
	}{
		{"assigned", []state.Signal{word(state.Assigned, noon)}, false},
		{"reassigned", []state.Signal{word(state.Reassigned, noon)}, true},
		{"removed", []state.Signal{word(state.Removed, noon)}, false},
		{"reassigned, then removed", []state.Signal{word(state.Reassigned, noon), word(state.Removed, noon+1)}, true},
		{"reassigned, then assigned", []state.Signal{word(state.Reassigned, noon), word(state.Assigned, noon+1)}, false},
		{"heard the other way round", []state.Signal{word(state.Assigned, noon+1), word(state.Reassigned, noon)}, false},
		{"a tie", []state.Signal{word(state.Reassigned, noon), word(state.Assigned, noon)}, true},
		{"a tie the other way round", []state.Signal{word(state.Assigned, noon), word(state.Reassigned, noon)}, true},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), in); c.void {
			vetoed(t, d, rules.ConsentVoid)
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}
