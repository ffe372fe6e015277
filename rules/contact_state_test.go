package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "It happened" beats not_sent, opted_out and busy in whatever order; wrong_number beats
// all; and exactly at its end an approval is over.
func TestWhatBecameOfAContact(t *testing.T) {
	const end = rules.Instant(1000)
	for want, c := range map[rules.ContactState]rules.Contact{
		rules.StateApproved:    {},
		rules.StateRedeemed:    {Fate: rules.WasRedeemed},
		rules.StateRevoked:     {Fate: rules.WasRevoked},
		rules.StateNotSent:     {Fate: rules.NotSent | rules.WasRedeemed},
		rules.StateOptedOut:    {Fate: rules.OptedOut | rules.NotSent},
		rules.StateBusy:        {Fate: rules.Busy | rules.OptedOut},
		rules.StateHappened:    {Fate: rules.Happened | rules.Busy, Delivered: 1, Channel: rules.ChannelCall},
		rules.StateDelivered:   {Fate: rules.Happened | rules.NotSent, Delivered: 1, Channel: "email"},
		rules.StateWrongNumber: {Fate: rules.WrongNumber | rules.Happened},
	} {
		c.NotAfter = end
		if got := c.State(end - 1); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := (&rules.Contact{NotAfter: end}).State(end); got != rules.StateExpired {
		t.Errorf("at its end it is %s", got)
	}
}

// Who has it is the worker that took it, until something is heard of it; nobody in
// particular never is.
func TestWhoseAContactIs(t *testing.T) {
	c := rules.Contact{Fate: rules.WasRedeemed, Worker: 7}
	if !c.TakenBy(7) || c.TakenBy(8) {
		t.Error("it is the other's")
	}
	c.Fate |= rules.NotSent
	if c.TakenBy(7) || (&rules.Contact{Fate: rules.WasRedeemed}).TakenBy(0) {
		t.Error("it is over, or nobody's")
	}
}
