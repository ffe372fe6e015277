package state_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Reply words, the whole text, letter case and punctuation aside …"
func TestReplies(t *testing.T) {
	channel := &rules.Scope{Channel: "sms"}
	for _, c := range []struct {
		text    string
		refuses *rules.Scope
		agrees  bool
	}{
		{"stop", channel, false}, {"STOP", channel, false}, {"Stop!", channel, false}, {" stop. ", channel, false}, {"...STOP...", channel, false},
		{"stopall", channel, false}, {"Stop all", channel, false}, {"stop-all", channel, false}, {"STOP\nALL", channel, false},
		{"quit", channel, false}, {"End", channel, false}, {"revoke", channel, false},
		{"opt out", channel, false}, {"opt-out", channel, false}, {"OptOut", channel, false}, {"cancel", channel, false}, {"Unsubscribe", channel, false},
		{"“STOP”", channel, false}, {"stop 🙏", channel, false},

		{"STOP 12345", &rules.Scope{Channel: "sms", Subject: "12345"}, false},
		{"stop: 7", &rules.Scope{Channel: "sms", Subject: "7"}, false},
		{"stop 007", &rules.Scope{Channel: "sms", Subject: "007"}, false},

		{"please stop texting me", channel, false}, {"Please STOP texting me!!", channel, false}, // the phrase list
		{"please stop by the shop", nil, false}, {"stop by the shop", nil, false}, {"don't stop", nil, false},
		{"st op", nil, false}, {"stop 12a", nil, false},

		// Where the semantics are silent the reading that protects the person wins.
		{"S.T.O.P.", channel, false}, {"s t o p", channel, false}, {"STOP STOP", channel, false}, {"stop, end!", channel, false},
		{"stop12345", &rules.Scope{Channel: "sms", Subject: "12345"}, false}, {"stop 12 345", channel, false},
		{"ends", nil, false}, {"the end", nil, false}, {"", nil, false}, {"?!", nil, false}, {"yes", nil, false},

		{"START", nil, true}, {"unstop", nil, true}, {"Start.", nil, true}, {"yes, please", nil, true}, // the phrase list
		{"start now", nil, false}, {"do not start", nil, false},
	} {
		a := newAda(t)
		a.hears(hours(1), state.Signal{ID: "s", Type: state.Reply, Text: c.text, Scope: rules.Scope{Channel: "sms"}})
		var noes []rules.No
		if c.refuses != nil {
			noes = []rules.No{{Kind: rules.Refused, Scope: *c.refuses, At: hours(1), Signal: "s"}}
		}
		want(t, "noes by "+c.text, a.Noes, noes)
		want(t, "opt-out by "+c.text, a.OptOut != 0, c.refuses != nil)
		want(t, "sign of life by "+c.text, a.HumanAct != 0, c.refuses == nil)
		var yes []rules.Consent
		if c.agrees { // "are a consent for that channel and brand with the reply as evidence"
			yes = []rules.Consent{{Scope: rules.Scope{Channel: "sms"}, At: hours(1), Effective: true, Evidence: "reply: " + c.text, Signal: "s"}}
		}
		want(t, "yes by "+c.text, a.Consents, yes)
	}
}

// "refusal of that channel (and of the brand, if the reply names one) … A reply's
// address binds nobody else."
func TestAReplyBindsChannelAndBrandOnly(t *testing.T) {
	scope := rules.Scope{Channel: "sms", Brand: "b", Address: "+49", Subject: "loan", Purpose: "marketing"}
	a := newAda(t)
	a.hears(hours(1), state.Signal{ID: "1", Type: state.Reply, Text: "stop", Scope: scope})
	a.hears(hours(1), state.Signal{ID: "2", Type: state.Reply, Text: "stop 12", Scope: scope})
	a.hears(hours(1), state.Signal{ID: "3", Type: state.Reply, Text: "start", Scope: scope})
	want(t, "noes", a.Noes, []rules.No{
		{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms", Brand: "b"}, At: hours(1), Signal: "1"},
		{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms", Subject: "12"}, At: hours(1), Signal: "2"}, // under every brand
	})
	want(t, "yes", a.Consents[0].Scope, rules.Scope{Channel: "sms", Brand: "b"})
}

// "Automatic replies are nothing."
func TestAnAutomaticReplyIsNothing(t *testing.T) {
	for _, text := range []string{"stop", "START", "I am out of office"} {
		a := newAda(t)
		a.hears(hours(1), state.Signal{ID: "1", Type: state.Reply, Text: text, Auto: true, Scope: rules.Scope{Channel: "sms"}})
		want(t, "noes, yeses", len(a.Noes)+len(a.Consents), 0)
		want(t, "sign of life, opt-out", []rules.Instant{a.HumanAct, a.OptOut}, []rules.Instant{0, 0})
	}
}

// "One since the last opt-out (refusal or opt-out reply, an unreadable one too;
// not complaint, cancellation or `opted_out`)".
func TestWhatIsAnOptOut(t *testing.T) {
	for name, c := range map[string]struct {
		signal state.Signal
		optOut bool
	}{
		"refusal":      {state.Signal{Type: state.Refusal}, true},
		"reply":        {state.Signal{Type: state.Reply, Text: "stop"}, true},
		"complaint":    {state.Signal{Type: state.Complaint}, false},
		"cancellation": {state.Signal{Type: state.Cancellation}, false},
		"opted_out":    {state.Signal{Type: state.Outcome, Intent: "i1", Result: state.OptedOut}, false},
	} {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms"})
		c.signal.ID, c.signal.At = "s", hours(1)
		a.arrives(hours(3), c.signal)
		var at rules.Instant
		if c.optOut {
			at = hours(3) // "less than 5 minutes after the opt-out's arrival"
		}
		want(t, name, a.OptOut, at)
	}
}
