package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "One since the last opt-out (refusal or opt-out reply, an unreadable one too;
// not complaint, cancellation or opted_out)."
func TestWhatMayBeConfirmed(t *testing.T) {
	for what, c := range map[string]struct {
		signal state.Signal
		may    bool
	}{
		"a refusal":           {refusalOf(rules.Scope{Channel: "email"}), true},
		"STOP":                {state.Signal{Type: state.Reply, Text: "STOP", Scope: rules.Scope{Channel: "sms"}}, true},
		"STOP 1":              {state.Signal{Type: state.Reply, Text: "STOP 1", Scope: rules.Scope{Channel: "sms"}}, true},
		"START":               {state.Signal{Type: state.Reply, Text: "START", Scope: rules.Scope{Channel: "sms"}}, false},
		"a complaint":         {state.Signal{Type: state.Complaint}, false},
		"a cancellation":      {state.Signal{Type: state.Cancellation}, false},
		"a provider's word":   {outcome("i0", state.OptedOut), false},
		"a refusal, long ago": {state.Signal{Type: state.Refusal, At: noon.Add(-day)}, true}, // from its arrival
	} {
		w := newWorld(t)
		w.ask(noon.Add(-minute), to("i0", "email", "receipt"))
		w.hear(noon, c.signal)
		d := w.ask(noon.Add(5*minute-ms), to("i1", "sms", "confirmation"))
		if c.may {
			approved(t, d)
			vetoed(t, w.ask(noon.Add(5*minute-ms), to("i2", "sms", "confirmation")), rules.ConfirmOnce)
		} else {
			vetoed(t, d, rules.ConfirmLate)
		}
		if t.Failed() {
			t.Fatal(what)
		}
	}
}

// "Less than 5 minutes after the opt-out's arrival", whatever its own at.
func TestConfirmationCountsFromTheArrival(t *testing.T) {
	for _, s := range []state.Signal{refusalOf(rules.Scope{}), {Type: state.Reply, Text: "stop", Scope: rules.Scope{Channel: "sms"}}} {
		w := newWorld(t)
		s.At = noon.Add(-hour)
		w.hear(noon, s)
		d := w.ask(noon.Add(4*minute), to("i1", "sms", "confirmation"))
		approved(t, d)
		if rules.Instant(d.NotAfter) != noon.Add(5*minute) {
			t.Errorf("it lives until %s", rules.Instant(d.NotAfter))
		}
	}
}
