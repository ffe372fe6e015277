package rules_test

import (
	"reflect"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// Every pair of words on a contact's fate, said in either order: a fate is a
// set, so the order cannot matter, and what counts follows from the sentence
// "'It happened' beats not_sent, opted_out and busy in whatever order;
// wrong_number beats all", with "given back by not_sent, by opted_out, and by
// expiry without redemption", and "unknown counts as sent".
func TestFatesInPairs(t *testing.T) {
	words := []rules.Fate{0, rules.WasRedeemed, rules.WasRevoked, rules.Happened, rules.NotSent, rules.OptedOut, rules.Busy, rules.WrongNumber}
	for _, first := range words {
		for _, second := range words {
			c := sent(noon, 0, to("email", "marketing"))
			c.Fate |= first
			c.Fate |= second

			has := func(w rules.Fate) bool { return first == w || second == w }
			counts, expires := true, false
			switch {
			case has(rules.WrongNumber):
				counts = false
			case has(rules.Happened):
			case has(rules.NotSent), has(rules.OptedOut), has(rules.Busy):
				counts = false
			case has(rules.WasRedeemed): // nobody said what became of it
			case has(rules.WasRevoked):
				counts = false
			default:
				expires = true
			}
			if got := c.CountsAt(c.NotAfter - 1); got != counts {
				t.Errorf("%b and %b: counts %t, want %t", first, second, got, counts)
			}
			if got := c.CountsAt(c.NotAfter); got != (counts && !expires) {
				t.Errorf("%b and %b at the end of its life: counts %t", first, second, got)
			}
			outcome := has(rules.Happened) || has(rules.NotSent) || has(rules.OptedOut) || has(rules.Busy) || has(rules.WrongNumber)
			if got, want := c.Taken(), outcome || has(rules.WasRedeemed); got != want {
				t.Errorf("%b and %b: taken %t: any outcome ends an approval's life", first, second, got)
			}
			if got, want := c.Pending(), !outcome && !has(rules.WasRedeemed) && !has(rules.WasRevoked); got != want {
				t.Errorf("%b and %b: pending %t", first, second, got)
			}
		}
	}
}

// "busy counts toward the gap", with whatever else was said but wrong_number.
func TestBusyAndTheGap(t *testing.T) {
	for fate, paused := range map[rules.Fate]bool{
		rules.Busy:                     true,
		rules.Busy | rules.NotSent:     true,
		rules.Busy | rules.WasRevoked:  true,
		rules.Busy | rules.Happened:    true,
		rules.Busy | rules.WrongNumber: false,
		rules.NotSent:                  false,
		rules.OptedOut:                 false,
		rules.WrongNumber:              false,
		rules.WasRevoked:               false,
	} {
		d := ask(widely(t), with(sent(noon, fate, to("call", "service"))), to("call", "service"), noon.Add(4*hour-ms))
		if paused {
			vetoed(t, d, rules.MinGap)
		} else {
			approved(t, d)
		}
	}
}

// A notice carries its own id and those that it coalesced, nothing else.
func TestCarries(t *testing.T) {
	c := rules.Contact{Intent: "a", Items: []rules.IntentID{"a", "b"}}
	for id, want := range map[rules.IntentID]bool{"a": true, "b": true, "c": false, "": false} {
		if c.Carries(id) != want {
			t.Errorf("carries %q: %t", id, !want)
		}
	}
}

// "each call once, … each in the period of its outcome's at": a call of which both
// was said was abandoned, and counts then.
func TestHowACallFared(t *testing.T) {
	for _, c := range []struct {
		said      rules.Contact
		at        rules.Instant
		abandoned bool
	}{
		{rules.Contact{}, 0, false},
		{rules.Contact{Answered: noon}, noon, false},
		{rules.Contact{Abandoned: noon}, noon, true},
		{rules.Contact{Answered: noon, Abandoned: noon + 1}, noon + 1, true},
	} {
		if at, abandoned := c.said.Fared(); at != c.at || abandoned != c.abandoned {
			t.Errorf("%+v fared: at %s, abandoned %t", c.said, at, abandoned)
		}
	}
}

// What another memory of a contact knows is added; where it was approved stays.
func TestAContactLearns(t *testing.T) {
	c := rules.Contact{Fate: rules.WasRedeemed, Redeemed: noon, Answered: noon.Add(2)}
	other := rules.Contact{Fate: rules.Happened | rules.Elsewhere, Redeemed: noon.Add(1), Delivered: noon.Add(3), Answered: noon.Add(1)}
	if c.Learn(&other) {
		t.Error("the other should stay in its place")
	}
	want := rules.Contact{Fate: rules.WasRedeemed | rules.Happened, Redeemed: noon, Delivered: noon.Add(3), Answered: noon.Add(1)}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("it knows %+v, want %+v", c, want)
	}
	there := rules.Contact{Fate: rules.Elsewhere, NotAfter: noon.Add(minute)}
	if there.Pending() || !there.CountsAt(noon) {
		t.Error("what is out elsewhere cannot be redeemed here, and counts")
	}
}

// Underway is what a worker took and nothing was heard of; contradicted is what is
// said to have happened and not to have happened.
func TestWhatIsUnderwayAndWhatIsContradicted(t *testing.T) {
	for _, c := range []struct {
		fate                   rules.Fate
		underway, contradicted bool
	}{
		{0, false, false},
		{rules.WasRedeemed, true, false},
		{rules.WasRedeemed | rules.WasRevoked, true, false},
		{rules.WasRedeemed | rules.Happened, false, false},
		{rules.WasRedeemed | rules.NotSent, false, false},
		{rules.Happened | rules.NotSent, false, true},
		{rules.Happened | rules.OptedOut, false, true},
		{rules.WasRedeemed | rules.Happened | rules.Busy, false, true},
		{rules.Happened | rules.WrongNumber, false, false},
		{rules.NotSent | rules.Busy, false, false},
	} {
		contact := rules.Contact{Fate: c.fate}
		if contact.Underway() != c.underway || contact.Contradicted() != c.contradicted {
			t.Errorf("%b: underway %t, contradicted %t", c.fate, contact.Underway(), contact.Contradicted())
		}
	}
}
