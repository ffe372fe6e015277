package governor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Human acts: engagement by a human, conversation (as signal or outcome),
// answered, a non-automatic reply that is no refusal, an effective consent, a
// preference. Never a refusal, never anything by a machine or unknown." Seen
// through a campaign with three unanswered contacts.
func TestHumanActs(t *testing.T) {
	for _, c := range []struct {
		what   string
		signal state.Signal
		act    bool
	}{
		{"nothing", state.Signal{Type: state.Resolved, Scope: rules.Scope{Subject: "x"}}, false},
		{"engagement by a human", state.Signal{Type: state.Engagement, Human: true}, true},
		{"engagement by a machine, or nobody knows", state.Signal{Type: state.Engagement}, false},
		{"conversation", state.Signal{Type: state.Conversation}, true},
		{"answered", outcome("i0", state.Answered), true},
		{"conversation as outcome", outcome("i0", state.Conversed), true},
		{"delivered", outcome("i0", state.Delivered), false},
		{"voicemail", outcome("i0", state.Voicemail), false},
		{"abandoned", outcome("i0", state.Abandoned), false},
		{"a reply", state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "mail"}, Text: "when?"}, true},
		{"an automatic reply", state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "mail"}, Text: "I am away", Auto: true}, false},
		{"STOP elsewhere", state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "STOP"}, false},
		{"STOP about a subject", state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "STOP 123"}, false},
		{"START", state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "START"}, true},
		{"a consent in the settings", state.Signal{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: "sms"}}, true},
		{"a consent with evidence", state.Signal{Type: state.Consent, Evidence: "call 17", Scope: rules.Scope{Channel: "sms"}}, true},
		{"a consent by import", state.Signal{Type: state.Consent, Source: "import"}, false},
		{"a preference", state.Signal{Type: state.Preference}, true},
		{"a refusal elsewhere", refusalOf(rules.Scope{Channel: "sms"}), false},
		{"a cancellation elsewhere", state.Signal{Type: state.Cancellation, Scope: rules.Scope{Brand: "zeta"}}, false},
		{"a complaint elsewhere", state.Signal{Type: state.Complaint, Scope: rules.Scope{Brand: "zeta"}}, false},
		{"a case", state.Signal{Type: state.CaseClosed}, false},
		{"an address", state.Signal{Type: state.AddressOf, Status: state.Assigned, Scope: rules.Scope{Address: "a"}}, false},
	} {
		w := newWorld(t)
		for i := range 3 {
			id := rules.IntentID(fmt.Sprint("i", i))
			approved(t, w.ask(noon.Add(time.Duration(i)*8*day), to(id, "mail", "marketing")))
			w.redeem(noon.Add(time.Duration(i)*8*day), id)
		}
		w.hear(noon.Add(25*day), c.signal)
		if d := w.ask(noon.Add(26*day), to("j", "mail", "marketing")); c.act {
			approved(t, d)
		} else {
			vetoed(t, d, rules.SilenceStreak)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// "Silence starts at the at of the first unanswered delivered solicitation; mail
// and call report no delivery, so sent or the redemption counts there." Seen 90
// days later.
func TestWhenSilenceStarts(t *testing.T) {
	for _, c := range []struct {
		channel rules.Channel
		redeem  bool
		result  state.Result
		said    time.Duration // after the approval
		silent  time.Duration // from then on 90 days; -1 never
	}{
		{"email", true, "", 0, -1},
		{"email", true, state.Sent, hour, -1},
		{"email", true, state.Delivered, hour, hour},
		{"mail", true, "", 0, 0},
		{"mail", true, state.NotSent, hour, -1},
		{"mail", false, state.Sent, hour, hour},
		{"mail", true, state.Sent, hour, 0},
		{"call", true, "", 0, 0},
		{"call", true, state.NoAnswer, hour, 0},
		{"call", false, state.Voicemail, hour, hour},
		{"call", true, state.Busy, hour, -1},
		{"call", true, state.Answered, hour, -1},
		{"call", true, state.WrongNumber, hour, -1},
	} {
		w := newWorld(t)
		approved(t, w.ask(noon, to("i1", c.channel, "marketing")))
		if c.redeem {
			w.redeem(noon, "i1")
		}
		if c.result != "" {
			w.hear(noon.Add(c.said), outcome("i1", c.result))
		}
		for i, when := range []rules.Instant{noon.Add(90*day + max(c.silent, 0) - ms), noon.Add(90*day + max(c.silent, 0))} {
			in := to(rules.IntentID(fmt.Sprint("j", i)), "mail", "survey")
			in.Campaign = "other"
			if d := w.ask(when, in); i == 1 && c.silent >= 0 {
				vetoed(t, d, rules.Silence)
			} else {
				approved(t, d)
			}
		}
		if t.Failed() {
			t.Fatalf("%+v", c)
		}
	}
}
