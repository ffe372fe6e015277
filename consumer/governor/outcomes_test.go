package governor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// results are all words that the contract has for what became of a contact.
var results = []state.Result{
	state.Sent, state.Delivered, state.Answered, state.Conversed, state.NoAnswer, state.Busy, state.Voicemail, state.RinglessVoicemail,
	state.Abandoned, state.HoldTimeout, state.Bounced, state.WrongNumber, state.NotSent, state.OptedOut,
}

// Every pair of outcomes in either order, seen through a cap of one a day and the
// gap of four hours: "given back by not_sent, by opted_out …; busy counts toward
// the gap and nothing else; wrong_number uncounts …. 'It happened' (any other
// result) beats not_sent, opted_out and busy in whatever order; wrong_number
// beats all."
func TestOutcomesInPairs(t *testing.T) {
	given := map[state.Result]bool{state.NotSent: true, state.OptedOut: true, state.Busy: true}
	for _, first := range results {
		for _, second := range results {
			w := newWorld(t)
			call := to("i1", "call", "service")
			approved(t, w.ask(noon, call))
			w.hear(noon.Add(minute), outcome("i1", first))
			w.hear(noon.Add(2*minute), outcome("i1", second))

			wrong := first == state.WrongNumber || second == state.WrongNumber
			counts := !wrong && (!given[first] || !given[second])
			pauses := counts || (!wrong && (first == state.Busy || second == state.Busy))
			// A confirmation, since opted_out refuses the rest.
			w.hear(noon.Add(hour), refusalOf(rules.Scope{Channel: "push"}))
			again := to("i2", "call", "confirmation")
			again.Campaign = "other"
			d := w.ask(noon.Add(hour), again)
			var got []rules.Reason
			for _, r := range d.Reasons {
				got = append(got, rules.Reason(r.Reason))
			}
			var want []rules.Reason
			if counts {
				want = append(want, "cap.call.day")
			}
			if pauses {
				want = append(want, rules.MinGap)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, then %s: objections %v, want %v", first, second, got, want)
			}
		}
	}
}

// "wrong_number uncounts every contact of this person at that address (without an
// address: that one)", and only from then on is the address refused.
func TestWrongNumberUncounts(t *testing.T) {
	for _, addr := range []rules.Address{"", "+1555"} {
		w := newWorld(t)
		for i := range 3 {
			in := to(rules.IntentID(fmt.Sprint("i", i)), "mail", "marketing")
			in.Campaign, in.Address = rules.Campaign(fmt.Sprint("c", i)), addr
			approved(t, w.ask(noon.Add(time.Duration(i)*day), in))
			w.redeem(noon.Add(time.Duration(i)*day), in.ID)
		}
		now := noon.Add(3 * day)
		vetoed(t, w.ask(now, to("j", "mail", "marketing")), "cap.any")
		w.hear(now, outcome("i1", state.WrongNumber))
		approved(t, w.ask(now, to("k", "mail", "marketing")))
		second := w.ask(now.Add(ms), to("l", "mail", "survey"))
		if addr == "" { // one of three was uncounted, and k took its place
			vetoed(t, second, "cap.any")
		} else {
			approved(t, second)
			there := to("m", "mail", "receipt")
			there.Address = addr
			vetoed(t, w.ask(now.Add(2*ms), there), rules.RefusedAddress)
		}
	}
}

// A cooldown runs "from the outcome's at", the latest of several.
func TestCooldownFromTheOutcomesTime(t *testing.T) {
	w := newWorld(t)
	predictive := func(id rules.IntentID) rules.Intent { // of campaigns of their own, whose share it is not
		in := to(id, "call", "receipt")
		in.Mode, in.Campaign = rules.ModePredictive, rules.Campaign(id)
		return in
	}
	w.ask(noon, predictive("i1"))
	abandoned := outcome("i1", state.Abandoned)
	abandoned.At = noon.Add(minute)
	w.hear(noon.Add(5*hour), abandoned)
	earlier := outcome("i1", state.HoldTimeout)
	earlier.At = noon
	w.hear(noon.Add(6*hour), earlier)
	d := w.ask(noon.Add(72*hour+minute-ms), predictive("i2"))
	vetoed(t, d, rules.AbandonCooldown)
	other := predictive("i3")
	other.Campaign = "summer" // of whose calls none was abandoned
	approved(t, w.ask(noon.Add(72*hour+minute), other))
}
