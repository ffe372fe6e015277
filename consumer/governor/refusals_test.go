package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Lifting, by the words of the wire: which consents lift a STOP, and that START
// does for its channel and brand.
func TestWhatLiftsAStop(t *testing.T) {
	reply := func(text string, b rules.Brand) state.Signal {
		return state.Signal{Type: state.Reply, Text: text, Scope: rules.Scope{Channel: "sms", Brand: b}}
	}
	for _, c := range []struct {
		what   string
		signal state.Signal
		lifts  bool
	}{
		{"settings", state.Signal{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: "sms"}}, true},
		{"evidence", state.Signal{Type: state.Consent, Source: "agent", Evidence: "recording 17"}, true},
		{"an agent's word", state.Signal{Type: state.Consent, Source: "agent"}, false},
		{"an import", state.Signal{Type: state.Consent, Source: "import"}, false},
		{"another channel's", state.Signal{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: "email"}}, false},
		{"START", reply("START", ""), true},
		{"START of the brand", reply("unstop.", "acme"), true},
		{"START of another brand", reply("START", "zeta"), false},
		{"a purchase", state.Signal{Type: state.Engagement, Human: true}, false},
		{"a talk", state.Signal{Type: state.Conversation}, false},
		{"earlier", state.Signal{Type: state.Consent, Source: "settings", At: noon - 1}, false},
		{"at the same time", state.Signal{Type: state.Consent, Source: "settings", At: noon}, false},
		{"a millisecond later", state.Signal{Type: state.Consent, Source: "settings", At: noon + 1}, true},
	} {
		w := newWorld(t)
		w.hear(noon, reply("stop", ""))
		w.hear(noon.Add(hour), c.signal)
		in := to("i1", "sms", "marketing")
		in.Brand = "acme"
		if d := w.ask(noon.Add(2*hour), in); c.lifts {
			approved(t, d)
		} else {
			vetoed(t, d, rules.RefusedState)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// "An unreadable refusal … refuses everything from its arrival; a later consent
// that lifts lifts it", and it may be confirmed once.
func TestAnUnreadableRefusal(t *testing.T) {
	w := newWorld(t)
	w.unreadable(noon, "p")
	vetoed(t, w.ask(noon, to("i1", "email", "marketing")), rules.RefusedState)
	vetoed(t, w.ask(noon, to("i2", "call", "collection")), rules.RefusedState)
	approved(t, w.ask(noon.Add(minute), to("i3", "sms", "confirmation")))
	w.hear(noon.Add(2*minute), state.Signal{Type: state.Consent, Source: "settings", At: noon})
	vetoed(t, w.ask(noon.Add(3*minute), to("i4", "email", "marketing")), rules.RefusedState)
	w.hear(noon.Add(4*minute), state.Signal{Type: state.Consent, Source: "settings"})
	approved(t, w.ask(noon.Add(5*minute), to("i5", "email", "marketing")))
}

// "Each by its own at": of two refusals of one scope the later counts, in whatever
// order they are heard, and a consent between them lifts nothing.
func TestTheLaterOfTwoRefusalsCounts(t *testing.T) {
	for _, times := range [][2]rules.Instant{{noon, noon.Add(2 * hour)}, {noon.Add(2 * hour), noon}} {
		w := newWorld(t)
		for _, when := range times {
			no := refusalOf(rules.Scope{Channel: "email"})
			no.At = when
			w.hear(noon.Add(3*hour), no)
		}
		w.hear(noon.Add(4*hour), state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(hour)})
		vetoed(t, w.ask(noon.Add(5*hour), to("i1", "email", "marketing")), rules.RefusedState)
		w.hear(noon.Add(6*hour), state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(2*hour + ms)})
		approved(t, w.ask(noon.Add(7*hour), to("i2", "email", "marketing")))
	}
}
