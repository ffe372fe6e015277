package state_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Redeem answers, in this order: `not_approved` (no approval: vetoed, held,
// coalesced, unknown), `already_redeemed` (also after an outcome), `revoked`,
// `expired`."
func TestRedeemAnswersInItsOrder(t *testing.T) {
	edge := hours(0).Add(15 * time.Minute)
	for _, c := range []struct {
		name    string
		befalls func(a *ada, c *rules.Contact)
		at      rules.Instant
		answer  state.RedeemAnswer
	}{
		{"in time", nil, edge - 1, state.Redeemed},
		{"exactly at its end", nil, edge, state.Expired}, // "Redeeming exactly then is `expired`."
		{"revoked", revoke, hours(0), state.Revoked},
		{"revoked and expired", revoke, edge, state.Revoked},
		{"taken", take, hours(0), state.AlreadyRedeemed},
		{"taken and expired", take, edge, state.AlreadyRedeemed},
		{"taken and revoked", func(a *ada, c *rules.Contact) { take(a, c); revoke(a, c) }, edge, state.AlreadyRedeemed},
		{"after an outcome", func(a *ada, _ *rules.Contact) { a.hears(hours(0), outcome("i1", state.NotSent)) }, hours(0), state.AlreadyRedeemed},
	} {
		a := newAda(t)
		contact := a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms"})
		if c.befalls != nil {
			c.befalls(a, contact)
		}
		want(t, c.name, state.Redeem(a.policy, &a.Person, "i1", 0, c.at), c.answer)
	}
}

func revoke(_ *ada, c *rules.Contact) { state.Revoke(c) }
func take(a *ada, _ *rules.Contact)   { state.Redeem(a.policy, &a.Person, "i1", 0, hours(0)) }

func TestOnlyAnApprovalCanBeRedeemed(t *testing.T) {
	a := newAda(t)
	veto := rules.Decision{Verdict: rules.Vetoed}
	state.ApplyDecision(a.policy, &a.Person, &rules.Intent{ID: "vetoed"}, "d1", &veto, nil, hours(0))
	state.Hold(&a.Person, rules.Held{Intent: rules.Intent{ID: "held", Subject: "toll"}})
	notice := rules.Intent{ID: "notice", Channel: "email", Purpose: "service", Subject: "toll"}
	yes := rules.Decision{Verdict: rules.Approved, NotAfter: hours(1)}
	state.ApplyDecision(a.policy, &a.Person, &notice, "d2", &yes, []rules.IntentID{"item", "notice"}, hours(0))
	for _, id := range []rules.IntentID{"unknown", "vetoed", "held", "item", ""} {
		want(t, string(id), state.Redeem(a.policy, &a.Person, id, 0, hours(0)), state.NotApproved)
	}
	want(t, "the one that carries the items", state.Redeem(a.policy, &a.Person, "notice", 0, hours(0)), state.Redeemed)
}

// "the same id … `duplicate` …, the first decision stands": a duplicate and a
// conflict leave no trace; "A veto costs nothing" but that its id is known.
func TestWhatADecisionLeaves(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "sms", Campaign: "spring"})
	before := a.Person
	duplicate := rules.Decision{Verdict: rules.Vetoed, Original: "d-1"}
	state.ApplyDecision(a.policy, &a.Person, &rules.Intent{ID: "i1"}, "d-2", &duplicate, nil, hours(1))
	want(t, "after a duplicate", a.Person, before)

	in := rules.Intent{ID: "i2", Channel: "sms"}
	state.ApplyDecision(a.policy, &a.Person, &in, "d-3", &rules.Decision{Verdict: rules.Vetoed}, nil, hours(1))
	want(t, "contacts", len(a.Contacts), 1)
	want(t, "known", a.Known.All(), []rules.Known{{Intent: "i2", Content: in.Fingerprint(), Decision: "d-3", At: hours(1)}})
}

// "`contains_promotion` turns anything but `legal` and `confirmation` into a
// solicitation", and as that it is counted.
func TestAContactIsKeptAsItWasJudged(t *testing.T) {
	a := newAda(t)
	for _, c := range []struct {
		purpose  rules.Purpose
		promotes bool
		class    rules.Class
	}{
		{"service", false, rules.Service}, {"service", true, rules.Solicitation}, {"receipt", true, rules.Solicitation},
		{"legal", true, rules.Legal}, {"confirmation", true, rules.Confirmation}, {"consent_request", false, rules.Solicitation},
		{"of a policy that is gone", false, rules.Solicitation},
	} {
		got := a.approve(hours(0), rules.Intent{ID: rules.IntentID(c.purpose), Channel: "email", Purpose: c.purpose, Promotes: c.promotes})
		want(t, string(c.purpose), got.Class, c.class)
	}
}

// A group of notices is person and subject; it is released in order of arrival,
// and the others wait on.
func TestAGroupIsReleasedInOrder(t *testing.T) {
	var p state.Person
	for _, h := range []rules.Held{
		{Intent: rules.Intent{ID: "1", Subject: "toll"}}, {Intent: rules.Intent{ID: "2", Subject: "rent"}},
		{Intent: rules.Intent{ID: "3", Subject: "toll"}}, {Intent: rules.Intent{ID: "4", Subject: "toll"}},
	} {
		state.Hold(&p, h)
	}
	ids := func(held []rules.Held) (out []rules.IntentID) {
		for _, h := range held {
			out = append(out, h.Intent.ID)
		}
		return out
	}
	want(t, "released", ids(state.Release(&p, "toll")), []rules.IntentID{"1", "3", "4"})
	want(t, "waiting", ids(p.Held), []rules.IntentID{"2"})
	want(t, "released again", ids(state.Release(&p, "toll")), nil)
}

// What was approved on a record of the person in another partition is redeemed there.
func TestAnApprovalElsewhereIsNotRedeemedHere(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"}).Fate |= rules.Elsewhere
	want(t, "redeemed", state.Redeem(a.policy, &a.Person, "i1", 0, hours(0)), state.NotApproved)
}
