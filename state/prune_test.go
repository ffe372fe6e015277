package state_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func pruned(a *ada, now rules.Instant) (left []rules.IntentID) {
	a.Prune(a.policy, now)
	for _, c := range a.Contacts {
		left = append(left, c.Intent)
	}
	return left
}

// "Ids of approved intents stay known for at least 400 days, given back or not."
func TestAContactIsRememberedFor400Days(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "old", Channel: "email", Purpose: "service"})
	a.approve(hours(1), rules.Intent{ID: "given back", Channel: "email", Purpose: "service"})
	a.hears(hours(1), outcome("given back", state.NotSent))
	a.approve(hours(2), rules.Intent{ID: "new", Channel: "email", Purpose: "service"})
	want(t, "a millisecond before 400 days", pruned(a, days(400)-1), []rules.IntentID{"old", "given back", "new"})
	want(t, "after 400 days", pruned(a, days(400)), []rules.IntentID{"given back", "new"})
	want(t, "an hour later", pruned(a, days(400).Add(time.Hour)), []rules.IntentID{"new"})
	want(t, "at last", pruned(a, days(500)), nil)
	// And asked again, it gets a decision id that nobody had.
	if a.DecisionID("ada", "old", at("0/1")) == rules.DecisionFor("ada", "old") {
		t.Error("the decision id of a contact that was forgotten is used again")
	}
}

// What a cap counts for ever, and what a silence or a streak began with, is never
// forgotten.
func TestWhatCountsForEverIsKept(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "call", Channel: "call", Purpose: "service"})
	a.approve(hours(0), rules.Intent{ID: "mail", Channel: "email"})
	a.hears(hours(1), outcome("mail", state.Delivered))
	a.approve(hours(2), rules.Intent{ID: "undelivered", Channel: "email"})
	a.approve(hours(2), rules.Intent{ID: "notice", Channel: "email", Purpose: "service"})
	want(t, "unanswered", pruned(a, days(5000)), []rules.IntentID{"call", "mail", "undelivered"})
	want(t, "silence", a.SilentSince(), hours(1))

	a.hears(days(5000), state.Signal{ID: "s", Type: state.Conversation})
	want(t, "answered", pruned(a, days(5001)), []rules.IntentID{"call"})
}

// The person's own budget may look back further than the policy does.
func TestWhatTheBudgetCountsIsKept(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"})
	a.hears(hours(1), state.Signal{ID: "s", Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 1, Per: 1000 * 24 * time.Hour}}})
	want(t, "within", pruned(a, days(1000)-1), []rules.IntentID{"i1"})
	want(t, "after", pruned(a, days(1000)), nil)
}

// "those of vetoed ones (coalesced too) for 24 h, half-open; then they are judged
// anew", and get an id of their own.
func TestAVetoedIDIsKnownForADay(t *testing.T) {
	a := newAda(t)
	in := rules.Intent{ID: "i1", Channel: "email"}
	state.ApplyDecision(a.policy, &a.Person, &in, rules.DecisionFor("ada", "i1"), &rules.Decision{Verdict: rules.Vetoed}, nil, hours(0))
	a.Prune(a.policy, hours(24)-1)
	want(t, "within the day", a.Known.Len(), 1)
	a.Prune(a.policy, hours(24))
	want(t, "after it", a.Known.Len(), 0)
	want(t, "its decision id", a.DecisionID("ada", "i1", at("0/7")), rules.RepeatedDecisionFor("ada", "i1", "0/7"))
}

// No no and no yes is forgotten by the passing of time; what waits, waits.
func TestTimeForgetsNoNo(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "1", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	a.hears(hours(0), state.Signal{ID: "2", Type: state.Consent, Source: state.SourceSettings, Scope: rules.Scope{Channel: "email"}})
	a.hears(hours(0), state.Signal{ID: "3", Type: state.CaseOpened})
	a.hears(hours(0), state.Signal{ID: "4", Type: state.AddressOf, Status: state.Reassigned, Scope: rules.Scope{Address: "+49"}})
	state.Hold(&a.Person, rules.Held{Intent: rules.Intent{ID: "held"}, Arrived: hours(0)})
	before := a.Person.Person
	a.Prune(a.policy, days(100_000))
	want(t, "the person", a.Person.Person, before)
	want(t, "heard, for 400 days", a.Heard, nil)
}
