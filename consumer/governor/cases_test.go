package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Cases: "the subject only pairs opening with closing; the latest at wins, a tie
// is open."
func TestCases(t *testing.T) {
	word := func(k state.SignalType, when rules.Instant, s rules.Subject) state.Signal {
		return state.Signal{Type: k, At: when, Scope: rules.Scope{Brand: "acme", Subject: s}}
	}
	in := to("i1", "email", "marketing")
	in.Brand = "acme"
	for _, c := range []struct {
		what  string
		words []state.Signal
		open  bool
	}{
		{"opened", []state.Signal{word(state.CaseOpened, noon, "x")}, true},
		{"closed later", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "x")}, false},
		{"heard the other way round", []state.Signal{word(state.CaseClosed, noon+1, "x"), word(state.CaseOpened, noon, "x")}, false},
		{"a tie", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon, "x")}, true},
		{"a tie the other way round", []state.Signal{word(state.CaseClosed, noon, "x"), word(state.CaseOpened, noon, "x")}, true},
		{"another one closed", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "y")}, true},
		{"opened again", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "x"), word(state.CaseOpened, noon+2, "x")}, true},
		{"only closed", []state.Signal{word(state.CaseClosed, noon, "x")}, false},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), in); c.open {
			vetoed(t, d, rules.Inhibited)
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}
