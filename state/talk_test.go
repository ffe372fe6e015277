package state_test

import (
	"fmt"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// A conversation is remembered by its channel and subject, whoever began it: as a
// signal, or as what became of a contact. Of each kind the latest is enough, in
// whatever order they are heard.
func TestConversations(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call", Purpose: "collection", Subject: "loan"})
	talk := func(subject rules.Subject) state.Signal {
		return state.Signal{ID: rules.SignalID(fmt.Sprint(len(a.Heard))), Type: state.Conversation, Scope: rules.Scope{Channel: "call", Subject: subject}}
	}
	a.hears(hours(3), talk("card"))
	a.hears(hours(2), talk("card"))
	a.hears(hours(2), outcome("i1", state.Conversed))
	a.hears(hours(4), outcome("i1", state.Answered)) // nobody talked
	a.arrives(hours(5), state.Signal{ID: "ahead", Type: state.Conversation, At: hours(9), Scope: rules.Scope{Channel: "chat"}})
	want(t, "talks", a.Talks, []rules.Talk{
		{Channel: "call", Subject: "card", At: hours(3)}, {Channel: "call", Subject: "loan", At: hours(2)}, {Channel: "chat", At: hours(5)},
	})
	a.hears(hours(6), state.Signal{ID: "forget", Type: state.Erasure})
	want(t, "talks of who is forgotten", a.Talks, nil)
}

// "A reply_to naming the person's own reply or conversation": what a machine wrote
// is nothing to answer, and neither is a no.
func TestWhatMayBeAnswered(t *testing.T) {
	a := newAda(t)
	reply := func(id rules.SignalID, text string, auto bool) state.Signal {
		return state.Signal{ID: id, Type: state.Reply, Text: text, Auto: auto, Scope: rules.Scope{Channel: "sms"}}
	}
	a.hears(hours(3), reply("question", "how much is it?", false))
	a.hears(hours(2), reply("earlier", "hello", false))
	a.hears(hours(4), reply("machine", "out of office", true))
	a.hears(hours(5), reply("no", "stop", false))
	a.hears(hours(6), reply("yes", "start", false))
	a.hears(hours(7), state.Signal{ID: "talk", Type: state.Conversation, Scope: rules.Scope{Channel: "call", Subject: "loan"}})
	want(t, "asked", a.Asked, []rules.Request{
		{Signal: "earlier", Channel: "sms", At: hours(2)}, {Signal: "question", Channel: "sms", At: hours(3)},
		{Signal: "yes", Channel: "sms", At: hours(6)}, {Signal: "talk", Channel: "call", At: hours(7)},
	})
	a.hears(hours(8), state.Signal{ID: "forget", Type: state.Erasure})
	want(t, "what who is forgotten asked", a.Asked, nil)
}

// What may be answered is bounded: the latest is kept.
func TestTheLatestMayBeAnswered(t *testing.T) {
	a := newAda(t)
	for i := range 200 {
		a.hears(hours(i), state.Signal{ID: rules.SignalID(fmt.Sprint("s", i)), Type: state.Reply, Text: "well", Scope: rules.Scope{Channel: "sms"}})
	}
	want(t, "kept", len(a.Asked), 64)
	want(t, "the first of it", a.Asked[0].Signal, "s136")
	want(t, "the last", a.Asked[63].Signal, "s199")
}

// What an approval answers, and which caps were waived for it, is remembered.
func TestAContactKnowsWhatItAnswers(t *testing.T) {
	a := newAda(t)
	c := a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms", ReplyTo: "question"})
	want(t, "answers", c.ReplyTo, "question")
	in := c.AsIntent("ada")
	want(t, "judged again it answers the same", in.ReplyTo, "question")
}

// Talks are remembered as long as the policy looks back.
func TestTalksAreForgottenInTime(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "s1", Type: state.Conversation, Scope: rules.Scope{Channel: "call"}})
	pruned(a, days(400)-1)
	want(t, "within", len(a.Talks), 1)
	pruned(a, days(400))
	want(t, "after", len(a.Talks), 0)
}

// Of a person who said more than can be kept, what the talks were about is
// forgotten: they may have been about anything.
func TestCondensedTalks(t *testing.T) {
	a := newAda(t)
	for i, subject := range []rules.Subject{"a", "b", "c"} {
		a.hears(hours(3-i), state.Signal{ID: rules.SignalID(subject), Type: state.Conversation, Scope: rules.Scope{Channel: "call", Subject: subject}})
	}
	a.hears(hours(1), state.Signal{ID: "chat", Type: state.Conversation, Scope: rules.Scope{Channel: "chat", Subject: "a"}})
	a.Condense()
	want(t, "talks", a.Talks, []rules.Talk{{Channel: "chat", At: hours(1)}, {Channel: "call", At: hours(3)}})
}
