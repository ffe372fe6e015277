package state_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func outcome(intent rules.IntentID, r state.Result) state.Signal {
	return state.Signal{ID: rules.SignalID(intent) + "/" + rules.SignalID(r), Type: state.Outcome, Intent: intent, Result: r}
}

// "It is given back by `not_sent`, by `opted_out` …; `busy` counts toward the gap
// and nothing else; `wrong_number` uncounts …. "It happened" (any other result)
// beats `not_sent`, `opted_out` and `busy` in whatever order; `wrong_number` beats
// all."
func TestWhatAContactCountsAsInWhateverOrderItsOutcomesCome(t *testing.T) {
	gives := map[state.Result]bool{state.NotSent: true, state.OptedOut: true, state.Busy: true}
	all := []state.Result{
		state.Sent, state.Delivered, state.Answered, state.Conversed, state.NoAnswer, state.Busy, state.Voicemail, state.RinglessVoicemail,
		state.Abandoned, state.HoldTimeout, state.Bounced, state.WrongNumber, state.NotSent, state.OptedOut,
	}
	counts := func(said ...state.Result) bool {
		if slices.Contains(said, state.WrongNumber) {
			return false
		}
		return slices.ContainsFunc(said, func(r state.Result) bool { return !gives[r] })
	}
	check := func(said ...state.Result) {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms", Address: "+49"})
		for _, r := range said {
			a.hears(hours(1), outcome("i1", r))
		}
		if got := a.Contacts[0].CountsAt(hours(2)); got != counts(said...) {
			t.Errorf("after %v it counts: %t", said, got)
		}
		if answer := state.Redeem(a.policy, &a.Person, "i1", 0, hours(0)); answer != state.AlreadyRedeemed {
			t.Errorf("after %v it is redeemed with %q", said, answer) // "Any outcome ends an approval's life"
		}
	}
	for _, first := range all {
		check(first)
		for _, second := range all {
			if first == second {
				continue
			}
			check(first, second)
			for _, third := range all {
				if third != first && third != second {
					check(first, second, third)
				}
			}
		}
	}
}

// "unknown counts as sent" (design.md), until its approval expires unredeemed.
func TestWhatNobodySaidCountsUntilItExpires(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms"})
	a.approve(hours(0), rules.Intent{ID: "i2", Channel: "sms"})
	want(t, "redeemed", state.Redeem(a.policy, &a.Person, "i1", 0, hours(0)), state.Redeemed)
	want(t, "counts after its expiry", a.Contacts[0].CountsAt(hours(9)), true)
	want(t, "unredeemed, before its expiry", a.Contacts[1].CountsAt(hours(0).Add(15*time.Minute)-1), true)
	want(t, "unredeemed, at its expiry", a.Contacts[1].CountsAt(hours(0).Add(15*time.Minute)), false)
}

// "`wrong_number` uncounts every contact of this person at that address (without
// an address: that one)", and "`bounced` and `wrong_number` make that address
// `refused.address` …; intents without an address are untouched."
func TestAWrongNumberWasNeverThisPerson(t *testing.T) {
	a := newAda(t)
	for i, address := range []rules.Address{"+49", "+49", "+44", ""} {
		id := rules.IntentID(fmt.Sprintf("i%d", i))
		a.approve(hours(i), rules.Intent{ID: id, Channel: "call", Address: address})
		a.hears(hours(i), outcome(id, state.NoAnswer))
	}
	a.hears(hours(5), outcome("i1", state.WrongNumber))
	var counts []bool
	for i := range a.Contacts {
		counts = append(counts, a.Contacts[i].CountsAt(hours(6)))
	}
	want(t, "what counts", counts, []bool{false, false, true, true})
	want(t, "at the address", a.vetoed(hours(6), rules.Intent{ID: "n1", Channel: "call", Address: "+49"}), rules.RefusedAddress)
	want(t, "without an address", a.vetoed(hours(6), rules.Intent{ID: "n2", Channel: "call"}), "")

	a.hears(hours(7), outcome("i3", state.WrongNumber))
	want(t, "that one", []bool{a.Contacts[2].CountsAt(hours(8)), a.Contacts[3].CountsAt(hours(8))}, []bool{true, false})
	want(t, "noes", len(a.Noes), 1)

	// "It never touches bounces, wrong numbers": no consent lifts them.
	a.hears(hours(9), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, Scope: rules.Scope{Address: "+49"}})
	want(t, "after a consent", a.vetoed(hours(10), rules.Intent{ID: "n3", Channel: "call", Address: "+49"}), rules.RefusedAddress)
	want(t, "by law", a.vetoed(hours(10), rules.Intent{ID: "n4", Channel: "call", Address: "+49", Purpose: "legal"}), "")
}

// "`bounced` and `wrong_number` make that address `refused.address`."
func TestABounceEndsAnAddress(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email", Address: "ada@x"})
	a.approve(hours(0), rules.Intent{ID: "i2", Channel: "email"})
	a.hears(hours(1), outcome("i1", state.Bounced))
	a.hears(hours(1), outcome("i2", state.Bounced))
	want(t, "noes", a.Noes, []rules.No{{Kind: rules.Unreachable, Scope: rules.Scope{Address: "ada@x"}, At: hours(1), Signal: "i1/bounced"}})
	want(t, "it counts", a.Contacts[0].CountsAt(hours(2)), true)
	want(t, "it did not reach her", a.Contacts[0].Delivered, 0)
}

// "Provider's `opted_out`: refuses the channel, and gives the reservation back."
func TestAProvidersOptOutRefusesTheChannel(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms", Address: "+49", Brand: "b"})
	a.hears(hours(1), outcome("i1", state.OptedOut))
	want(t, "another address and brand", a.vetoed(hours(2), rules.Intent{ID: "n", Channel: "sms", Address: "+44"}), rules.RefusedState)
	want(t, "another channel", a.vetoed(hours(2), rules.Intent{ID: "n", Channel: "email"}), "")
	want(t, "it counts", a.Contacts[0].CountsAt(hours(1)), false)
}

// "Silence starts at the `at` of the first unanswered `delivered` solicitation;
// `mail` and `call` report no delivery, so `sent` or the redemption counts there."
func TestWhenAContactReachedThePerson(t *testing.T) {
	for name, c := range map[string]struct {
		channel rules.Channel
		said    []state.Result // at the hours 1, 2 …
		reached rules.Instant
	}{
		"e-mail sent":                 {"email", []state.Result{state.Sent}, 0},
		"e-mail sent, delivered":      {"email", []state.Result{state.Sent, state.Delivered}, hours(2)},
		"sms not sent":                {"sms", []state.Result{state.NotSent}, 0},
		"letter sent":                 {"mail", []state.Result{state.Sent}, hours(1)},
		"letter sent, came back":      {"mail", []state.Result{state.Sent, state.Bounced}, hours(1)},
		"letter came back":            {"mail", []state.Result{state.Bounced}, 0},
		"call to a voicemail":         {"call", []state.Result{state.Voicemail}, hours(1)},
		"call to nobody":              {"call", []state.Result{state.NoAnswer}, hours(1)},
		"call to a busy line":         {"call", []state.Result{state.Busy}, 0},
		"call not made":               {"call", []state.Result{state.NotSent}, 0},
		"call, busy and then nobody":  {"call", []state.Result{state.Busy, state.NoAnswer}, hours(2)},
		"call, two results":           {"call", []state.Result{state.NoAnswer, state.Abandoned}, hours(1)},
		"e-mail delivered twice":      {"email", []state.Result{state.Delivered, state.Sent}, hours(1)},
		"e-mail, answered by a human": {"email", []state.Result{state.Answered}, 0},
	} {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: c.channel})
		for i, r := range c.said {
			a.hears(hours(i+1), outcome("i1", r))
		}
		want(t, name, a.Contacts[0].Delivered, c.reached)
	}
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call"})
	a.approve(hours(0), rules.Intent{ID: "i2", Channel: "sms"})
	a.hears(hours(0), state.Signal{ID: "x", Type: state.Conversation})
	state.Redeem(a.policy, &a.Person, "i1", 0, hours(0)+5)
	state.Redeem(a.policy, &a.Person, "i2", 0, hours(0)+5)
	want(t, "a redeemed call", a.Contacts[0].Delivered, hours(0)+5)
	want(t, "a redeemed sms", a.Contacts[1].Delivered, 0)
	want(t, "silence", a.SilentSince(), hours(0)+5)
}

// The earliest word counts, in whatever order the words come.
func TestTheEarliestDeliveryCounts(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"})
	for i, hour := range []int{5, 3, 4} {
		a.arrives(hours(9), state.Signal{ID: rules.SignalID(fmt.Sprint(i)), Type: state.Outcome, Intent: "i1", Result: state.Delivered, At: hours(hour)})
	}
	want(t, "delivered", a.Contacts[0].Delivered, hours(3))
}

// "Abandoned: `abandoned` or `hold_timeout`. No predictive call to the person for
// 72 h from the outcome's `at`": the latest counts.
func TestAbandoned(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call"})
	a.approve(hours(0), rules.Intent{ID: "i2", Channel: "call"})
	a.hears(hours(4), outcome("i2", state.HoldTimeout))
	s := outcome("i1", state.Abandoned)
	s.At = hours(2)
	a.arrives(hours(5), s)
	want(t, "abandoned", a.Abandoned, hours(4))
	want(t, "it is no human act", a.HumanAct, 0)
}

// "an outcome that names any item is about the whole approval"; an outcome may
// name the decision in place of the intent.
func TestAnOutcomeFindsItsContact(t *testing.T) {
	a := newAda(t)
	notice := rules.Intent{ID: "n2", Person: "ada", Channel: "email", Purpose: "service", Subject: "toll"}
	state.ApplyDecision(a.policy, &a.Person, &notice, "d-n2", &rules.Decision{Verdict: rules.Approved, NotAfter: hours(1)}, []rules.IntentID{"n1", "n2", "n3"}, hours(0))
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"})
	decision := a.Contacts[1].Decision

	a.hears(hours(1), outcome("n3", state.Delivered))
	a.hears(hours(2), state.Signal{ID: "s", Type: state.Outcome, Decision: decision, Result: state.Delivered})
	a.hears(hours(3), outcome("nobody", state.Bounced))
	a.hears(hours(3), state.Signal{ID: "t", Type: state.Outcome, Result: state.Bounced})
	want(t, "delivered", []rules.Instant{a.Contacts[0].Delivered, a.Contacts[1].Delivered}, []rules.Instant{hours(1), hours(2)})
	want(t, "noes", a.Noes, nil)
}

// "abandoned ÷ (answered + conversation + abandoned + hold_timeout), each call
// once …, each in the period of its outcome's at": of several words on a call the
// earliest says when, and one that says that nobody was there wins, in whatever
// order they come.
func TestHowACallFaredInWhateverOrderItsOutcomesCome(t *testing.T) {
	type word struct {
		result state.Result
		at     rules.Instant
	}
	for _, c := range []struct {
		said      []word
		at        rules.Instant
		abandoned bool
	}{
		{[]word{{state.NoAnswer, hours(1)}, {state.Voicemail, hours(2)}}, 0, false},
		{[]word{{state.Answered, hours(2)}, {state.Conversed, hours(3)}, {state.WrongNumber, hours(1)}}, hours(2), false},
		{[]word{{state.Answered, hours(1)}, {state.Abandoned, hours(3)}, {state.HoldTimeout, hours(2)}}, hours(2), true},
		{[]word{{state.Abandoned, hours(3)}, {state.Conversed, hours(1)}}, hours(3), true},
	} {
		for first := range c.said {
			for _, channel := range []rules.Channel{"call", "email"} {
				a := newAda(t)
				a.approve(hours(0), rules.Intent{ID: "i1", Channel: channel})
				for i := range c.said {
					w := c.said[(first+i)%len(c.said)]
					s := outcome("i1", w.result)
					s.At = w.at
					a.arrives(hours(9), s)
				}
				wantAt, wantAbandoned := c.at, c.abandoned
				if channel != "call" {
					wantAt, wantAbandoned = 0, false
				}
				if at, abandoned := a.Contacts[0].Fared(); at != wantAt || abandoned != wantAbandoned {
					t.Errorf("%v on %s: at %s, abandoned %t", c.said, channel, at, abandoned)
				}
			}
		}
	}
}
