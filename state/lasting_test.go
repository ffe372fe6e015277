package state_test

import (
	"fmt"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "`mail` and `call` report no delivery, so `sent` or the redemption counts
// there": a busy line is neither, in whatever order the words come.
func TestABusyLineIsNoDelivery(t *testing.T) {
	for _, r := range []state.Result{state.Busy, state.NotSent, state.OptedOut, state.WrongNumber} {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call"})
		a.arrives(hours(5), state.Signal{ID: "1", Type: state.Outcome, Intent: "i1", Result: state.NoAnswer, At: hours(3)})
		a.arrives(hours(5), state.Signal{ID: "2", Type: state.Outcome, Intent: "i1", Result: r, At: hours(1)})
		want(t, string(r), a.Contacts[0].Delivered, hours(3))
	}
}

// "Every signal re-judges the person's unredeemed approvals …: what would now be
// vetoed is revoked with that code": so an approval that is out to a wrong number
// must still be there to be revoked.
func TestAnApprovalThatIsOutToAWrongNumberCanBeRevoked(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call", Address: "+49"})
	a.approve(hours(0), rules.Intent{ID: "i2", Channel: "sms", Address: "+49"})
	a.hears(hours(0), outcome("i1", state.WrongNumber))
	in := a.Contacts[1].AsIntent("ada")
	o, objects := rules.Rejudge(a.policy, &a.Person.Person, &in, hours(0))
	want(t, "it would be vetoed", o.Reason, rules.RefusedAddress)
	want(t, "and is out", objects && a.Contacts[1].Pending(), true)
}

// A day that nobody knows must not silently vanish from the person's quiet.
func TestAnUnknownDayIsAnError(t *testing.T) {
	var p state.Person
	if err := state.DecodeStanding([]byte(`{"person":"ada","quiet":[{"days":["monday"],"from":"9h","to":"10h"}],"quiet_at":"2026-11-01T00:00:00Z"}`), &p, nil); err == nil {
		t.Errorf("taken as %+v", p.Quiet)
	}
}

func TestAFieldThatNobodyKnowsIsAnError(t *testing.T) {
	var p state.Person
	if err := state.DecodeStanding([]byte(`{"person":"ada","prohibitions":[{"at":"2026-11-01T00:00:00Z"}]}`), &p, nil); err == nil {
		t.Error("a no that a later version wrote is dropped, and the next commit removes it")
	}
}

// A consent that is published once more after its id was forgotten lifts what an
// erasure had made stand again.
func TestAnOldYesAfterAnErasureLiftsNothing(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "no", Type: state.Refusal})
	yes := state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, At: hours(1)}
	a.arrives(hours(1), yes)
	a.hears(hours(2), state.Signal{ID: "erase", Type: state.Erasure})
	a.Prune(a.policy, days(401))
	state.ApplySignal(a.policy, &a.Person, &yes, days(401))
	want(t, "reason", a.vetoed(days(402), rules.Intent{ID: "i", Channel: "email"}), rules.RefusedTombstone)
}

// An outcome after the contact was forgotten.
func TestAnAbandonedCallThatWasForgottenStillCoolsDown(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call", Address: "+49"})
	a.hears(hours(1), state.Signal{ID: "erase", Type: state.Erasure})
	a.hears(hours(2), outcome("i1", state.Abandoned))
	want(t, "abandoned", a.Abandoned, hours(2))
}

// "`bounced` and `wrong_number` make that address `refused.address` … (exempt
// classes too, except `legal`)", and a consent "never touches bounces, wrong
// numbers"; "intents of every class to [a reassigned address] are consent.void".
func TestCondensingWeakensNoNo(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email", Address: "ada@x"})
	a.hears(hours(1), outcome("i1", state.Bounced))
	a.hears(hours(1), state.Signal{ID: "n", Type: state.AddressOf, Scope: rules.Scope{Address: "+49"}, Status: state.Reassigned})
	a.hears(hours(2), state.Signal{ID: "r", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	a.Condense()
	want(t, "a receipt to the address that bounced", a.vetoed(hours(3), rules.Intent{ID: "n1", Channel: "email", Purpose: "receipt", Address: "ada@x"}), rules.RefusedAddress)
	want(t, "a receipt to somebody else's number", a.vetoed(hours(3), rules.Intent{ID: "n2", Channel: "call", Purpose: "receipt", Address: "+49"}), rules.ConsentVoid)
	a.hears(hours(4), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	want(t, "after a yes", a.vetoed(hours(5), rules.Intent{ID: "n3", Channel: "email", Address: "ada@x"}), rules.RefusedAddress)
}

// "A signal id seen before changes nothing, whatever it says": 512 signals later
// the same refusal, published once more, opens the time for a confirmation anew,
// and a yes from before an erasure lifts what stands.
func TestASignalHeardLongAgoChangesNothing(t *testing.T) {
	a := newAda(t)
	no := state.Signal{ID: "no", Type: state.Refusal, At: hours(0)}
	yes := state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, At: hours(1)}
	a.arrives(hours(0), no)
	a.arrives(hours(1), yes)
	a.hears(hours(2), state.Signal{ID: "erase", Type: state.Erasure})
	for i := range 600 {
		a.hears(hours(3), state.Signal{ID: rules.SignalID(fmt.Sprint(i)), Type: state.Engagement})
	}
	a.Prune(a.policy, hours(4))
	state.ApplySignal(a.policy, &a.Person, &yes, hours(5))
	want(t, "reason", a.vetoed(hours(5), rules.Intent{ID: "i", Channel: "email"}), rules.RefusedTombstone)
	state.ApplySignal(a.policy, &a.Person, &no, hours(5))
	want(t, "opt-out", a.OptOut, 0)
}
