package governor_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Every signal re-judges the person's unredeemed approvals": each kind of signal
// that takes one back, with the code that a veto would carry now, and each kind
// that does not (the counting rules among them).
func TestWhatTakesAnApprovalBack(t *testing.T) {
	plain := to("i1", "email", "marketing")
	plain.Brand, plain.Subject, plain.Address = "acme", "plan", "a"
	ask := to("i1", "push", "permission_prompt")
	reask := to("i1", "email", "consent_request")
	receipt := to("i1", "email", "receipt")
	receipt.Address = "a"
	predictive := to("i1", "call", "marketing")
	predictive.Mode = rules.ModePredictive
	sms := to("i1", "sms", "marketing")
	brand := rules.Scope{Brand: "acme"}

	for _, c := range []struct {
		what   string
		in     rules.Intent
		signal state.Signal
		want   rules.Reason // "" leaves it
	}{
		{"a refusal", plain, refusalOf(rules.Scope{}), rules.RefusedState},
		{"a refusal of the channel", plain, refusalOf(rules.Scope{Channel: "email"}), rules.RefusedState},
		{"a refusal of another channel", plain, refusalOf(rules.Scope{Channel: "sms"}), ""},
		{"a refusal of the subject", plain, refusalOf(rules.Scope{Subject: "plan"}), rules.RefusedSubject},
		{"a refusal of the subject elsewhere", plain, refusalOf(rules.Scope{Subject: "plan", Channel: "sms"}), rules.RefusedChannelHop},
		{"a refusal of the address", plain, refusalOf(rules.Scope{Address: "a"}), rules.RefusedAddress},
		{"a refusal of an ask", ask, refusalOf(rules.Scope{}), rules.RefusedReprompt},
		{"a refusal of what is asked for", reask, refusalOf(rules.Scope{Purpose: "marketing"}), rules.RefusedReask},
		{"a refusal, of what is exempt", receipt, refusalOf(rules.Scope{}), ""},
		{"STOP", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "Stop!"}, rules.RefusedState},
		{"STOP by a machine", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "Stop!", Auto: true}, ""},
		{"other words", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "thanks"}, ""},
		{"a cancellation", plain, state.Signal{Type: state.Cancellation, Scope: brand}, rules.RefusedCancellation},
		{"a complaint", plain, state.Signal{Type: state.Complaint, Scope: brand}, rules.RefusedState},
		{"a case", plain, state.Signal{Type: state.CaseOpened, Scope: brand}, rules.Inhibited},
		{"a case of another brand", plain, state.Signal{Type: state.CaseOpened, Scope: rules.Scope{Brand: "zeta"}}, ""},
		{"a reassigned address", receipt, state.Signal{Type: state.AddressOf, Status: state.Reassigned, Scope: rules.Scope{Address: "a"}}, rules.ConsentVoid},
		{"an assigned address", receipt, state.Signal{Type: state.AddressOf, Status: state.Assigned, Scope: rules.Scope{Address: "a"}}, ""},
		{"a removed address", receipt, state.Signal{Type: state.AddressOf, Status: state.Removed, Scope: rules.Scope{Address: "a"}}, ""},
		{"a bounce of another at the address", receipt, outcome("other", state.Bounced), rules.RefusedAddress},
		{"a wrong number of another at the address", receipt, outcome("other", state.WrongNumber), rules.RefusedAddress},
		{"the provider's opt-out of another", plain, outcome("other", state.OptedOut), rules.RefusedState},
		{"another's abandoned call", predictive, outcome("other", state.Abandoned), rules.AbandonCooldown},
		{"another's hold that timed out", predictive, outcome("other", state.HoldTimeout), rules.AbandonCooldown},
		{"quiet", plain, state.Signal{Type: state.Preference, HasQuiet: true, Quiet: []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 12 * hour, To: 13 * hour}}}, rules.QuietPerson},
		{"a zone where it is night", sms, state.Signal{Type: state.Preference, HasZones: true, Zones: []*time.Location{tokyo()}}, rules.QuietHours},
		{"erasure", receipt, state.Signal{Type: state.Erasure}, rules.RefusedTombstone},

		{"a budget of none: counting", plain, state.Signal{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 0, Per: hour}}}, ""},
		{"a sale", plain, state.Signal{Type: state.Engagement, Human: true}, ""},
		{"a consent", plain, state.Signal{Type: state.Consent, Source: state.SourceSettings}, ""},
		{"a talk", plain, state.Signal{Type: state.Conversation}, ""},
		{"another's delivery", plain, outcome("other", state.Delivered), ""},
		{"what became of nobody knows what", plain, outcome("unheard", state.OptedOut), ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(t)
			other := to("other", c.in.Channel, "legal")
			other.Address, other.Campaign = c.in.Address, "law"
			approved(t, w.ask(noon.Add(-hour), other))
			w.redeem(noon.Add(-hour), "other")
			approved(t, w.ask(noon, c.in))
			w.hear(noon.Add(minute), c.signal)

			var want []rules.Reason
			answer := state.Redeemed
			if c.want != "" {
				want, answer = []rules.Reason{c.want}, state.Revoked
			}
			if got := w.revocations("i1"); !slices.Equal(got, want) {
				t.Errorf("revoked for %v, want %v", got, want)
			}
			if c.signal.Type == state.Erasure {
				answer = state.NotApproved // the approval is forgotten as well
			}
			if got := w.redeem(noon.Add(2*minute), "i1"); got != answer {
				t.Errorf("redeem says %q, want %q", got, answer)
			}
			if w.revocations("other") != nil {
				t.Error("what was redeemed is revoked")
			}
		})
	}

	t.Run("an unreadable refusal", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.unreadable(noon.Add(minute), "p")
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedState}) {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("silence that comes to be known", func(t *testing.T) {
		w := newWorld(t)
		old := to("old", "mail", "marketing")
		old.Campaign = "old"
		w.ask(noon.Add(-90*day), old)
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		late := outcome("old", state.Delivered)
		late.At = noon.Add(-90 * day)
		w.hear(noon.Add(minute), late)
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.Silence}) {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("what expired is not revoked", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.hear(noon.Add(15*minute), refusalOf(rules.Scope{}))
		if got := w.revocations("i1"); got != nil {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("nor twice", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		w.hear(noon.Add(2*minute), refusalOf(rules.Scope{Channel: "email"}))
		if got := w.revocations("i1"); len(got) != 1 {
			t.Errorf("revoked for %v", got)
		}
	})
}

func tokyo() *time.Location {
	loc, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		panic(err)
	}
	return loc
}

// "… and its reservation given back": the slot is free at once.
func TestARevokedApprovalIsGivenBack(t *testing.T) {
	w := newWorld(t)
	first := to("i1", "sms", "marketing")
	first.Brand = "acme"
	approved(t, w.ask(noon, first))
	vetoed(t, w.ask(noon.Add(minute), to("i2", "sms", "marketing")), "cap.sms")
	w.hear(noon.Add(2*minute), refusalOf(rules.Scope{Brand: "acme"}))
	approved(t, w.ask(noon.Add(2*minute), to("i3", "sms", "marketing")))
}

// Redeem answers in their order: not_approved, already_redeemed (also after an
// outcome), revoked, expired; "redeeming exactly then is expired".
func TestRedeem(t *testing.T) {
	for _, c := range []struct {
		what string
		then func(*world)
		when rules.Instant
		want state.RedeemAnswer
	}{
		{"unheard", func(*world) {}, noon, state.NotApproved},
		{"vetoed", func(w *world) { w.ask(noon, to("i1", "email", "confirmation")) }, noon, state.NotApproved},
		{"held", func(w *world) { w.ask(noon, toll("i1", "x")) }, noon.Add(minute), state.NotApproved},
		{"approved", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon, state.Redeemed},
		{"a millisecond before the end", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon.Add(15*minute - ms), state.Redeemed},
		{"exactly at the end", func(w *world) { w.ask(noon, to("i1", "email", "marketing")) }, noon.Add(15 * minute), state.Expired},
		{"twice", func(w *world) { w.ask(noon, to("i1", "email", "marketing")); w.redeem(noon, "i1") }, noon, state.AlreadyRedeemed},
		{"twice, and late", func(w *world) { w.ask(noon, to("i1", "email", "marketing")); w.redeem(noon, "i1") }, noon.Add(hour), state.AlreadyRedeemed},
		{"revoked, and late", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		}, noon.Add(hour), state.Revoked},
		{"revoked, and an outcome came", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
			w.hear(noon.Add(2*minute), outcome("i1", state.Sent))
		}, noon.Add(3 * minute), state.AlreadyRedeemed},
		{"redeemed, and refused since", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.redeem(noon, "i1")
			w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		}, noon.Add(2 * minute), state.AlreadyRedeemed},
		{"a duplicate since", func(w *world) {
			w.ask(noon, to("i1", "email", "marketing"))
			w.ask(noon.Add(minute), to("i1", "email", "marketing"))
		}, noon.Add(2 * minute), state.Redeemed},
	} {
		w := newWorld(t)
		c.then(w)
		if got := w.redeem(c.when, "i1"); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	// "Any outcome ends an approval's life."
	for _, r := range results {
		w := newWorld(t)
		w.ask(noon, to("i1", "email", "marketing"))
		w.hear(noon, outcome("i1", r))
		if got := w.redeem(noon, "i1"); got != state.AlreadyRedeemed {
			t.Errorf("after %s: %q", r, got)
		}
	}
}

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

// "A signal id seen before changes nothing, whatever it says", nor is anything
// judged again because of it.
func TestASignalIsHeardOnce(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, state.Signal{ID: "s", Type: state.Conversation})
	approved(t, w.ask(noon.Add(minute), to("i1", "email", "marketing")))
	again := refusalOf(rules.Scope{})
	again.ID = "s"
	w.hear(noon.Add(2*minute), again)
	erase := state.Signal{ID: "s", Type: state.Erasure}
	w.hear(noon.Add(3*minute), erase)
	if got := w.revocations("i1"); got != nil {
		t.Errorf("revoked for %v", got)
	}
	approved(t, w.ask(noon.Add(4*minute), to("i2", "email", "marketing")))
}

// Lifting, by the words of the wire: which consents lift a STOP, and that START
// does for its channel and brand.
func TestWhatLiftsAStop(t *testing.T) {
	reply := func(text string, b rules.Brand) state.Signal {
		return state.Signal{Type: state.Reply, Text: text, Scope: rules.Scope{Channel: "sms", Brand: b}}
	}
	for _, c := range []struct {
		what   string
		signal state.Signal
		lifts  bool
	}{
		{"settings", state.Signal{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: "sms"}}, true},
		{"evidence", state.Signal{Type: state.Consent, Source: "agent", Evidence: "recording 17"}, true},
		{"an agent's word", state.Signal{Type: state.Consent, Source: "agent"}, false},
		{"an import", state.Signal{Type: state.Consent, Source: "import"}, false},
		{"another channel's", state.Signal{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: "email"}}, false},
		{"START", reply("START", ""), true},
		{"START of the brand", reply("unstop.", "acme"), true},
		{"START of another brand", reply("START", "zeta"), false},
		{"a purchase", state.Signal{Type: state.Engagement, Human: true}, false},
		{"a talk", state.Signal{Type: state.Conversation}, false},
		{"earlier", state.Signal{Type: state.Consent, Source: "settings", At: noon - 1}, false},
		{"at the same time", state.Signal{Type: state.Consent, Source: "settings", At: noon}, false},
		{"a millisecond later", state.Signal{Type: state.Consent, Source: "settings", At: noon + 1}, true},
	} {
		w := newWorld(t)
		w.hear(noon, reply("stop", ""))
		w.hear(noon.Add(hour), c.signal)
		in := to("i1", "sms", "marketing")
		in.Brand = "acme"
		if d := w.ask(noon.Add(2*hour), in); c.lifts {
			approved(t, d)
		} else {
			vetoed(t, d, rules.RefusedState)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// "An intent's or signal's at … up to that it is taken as now": a consent that is
// dated ahead lifts no refusal that comes after it.
func TestASignalAheadIsTakenAsNow(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(20 * hour)})
	w.hear(noon.Add(hour), refusalOf(rules.Scope{}))
	vetoed(t, w.ask(noon.Add(2*hour), to("i1", "email", "marketing")), rules.RefusedState)
}

// "An unreadable refusal … refuses everything from its arrival; a later consent
// that lifts lifts it", and it may be confirmed once.
func TestAnUnreadableRefusal(t *testing.T) {
	w := newWorld(t)
	w.unreadable(noon, "p")
	vetoed(t, w.ask(noon, to("i1", "email", "marketing")), rules.RefusedState)
	vetoed(t, w.ask(noon, to("i2", "call", "collection")), rules.RefusedState)
	approved(t, w.ask(noon.Add(minute), to("i3", "sms", "confirmation")))
	w.hear(noon.Add(2*minute), state.Signal{Type: state.Consent, Source: "settings", At: noon})
	vetoed(t, w.ask(noon.Add(3*minute), to("i4", "email", "marketing")), rules.RefusedState)
	w.hear(noon.Add(4*minute), state.Signal{Type: state.Consent, Source: "settings"})
	approved(t, w.ask(noon.Add(5*minute), to("i5", "email", "marketing")))
}

// "One since the last opt-out (refusal or opt-out reply, an unreadable one too;
// not complaint, cancellation or opted_out)."
func TestWhatMayBeConfirmed(t *testing.T) {
	for what, c := range map[string]struct {
		signal state.Signal
		may    bool
	}{
		"a refusal":           {refusalOf(rules.Scope{Channel: "email"}), true},
		"STOP":                {state.Signal{Type: state.Reply, Text: "STOP", Scope: rules.Scope{Channel: "sms"}}, true},
		"STOP 1":              {state.Signal{Type: state.Reply, Text: "STOP 1", Scope: rules.Scope{Channel: "sms"}}, true},
		"START":               {state.Signal{Type: state.Reply, Text: "START", Scope: rules.Scope{Channel: "sms"}}, false},
		"a complaint":         {state.Signal{Type: state.Complaint}, false},
		"a cancellation":      {state.Signal{Type: state.Cancellation}, false},
		"a provider's word":   {outcome("i0", state.OptedOut), false},
		"a refusal, long ago": {state.Signal{Type: state.Refusal, At: noon.Add(-day)}, true}, // from its arrival
	} {
		w := newWorld(t)
		w.ask(noon.Add(-minute), to("i0", "email", "receipt"))
		w.hear(noon, c.signal)
		d := w.ask(noon.Add(5*minute-ms), to("i1", "sms", "confirmation"))
		if c.may {
			approved(t, d)
			vetoed(t, w.ask(noon.Add(5*minute-ms), to("i2", "sms", "confirmation")), rules.ConfirmOnce)
		} else {
			vetoed(t, d, rules.ConfirmLate)
		}
		if t.Failed() {
			t.Fatal(what)
		}
	}
}

// "Erasure keeps every no (then refused.tombstone), revokes what is out and vetoes
// what is held with that code, forgets the rest, consents and intent ids too (so
// what a consent had lifted stands again). It is no refusal by itself."
func TestErasure(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, refusalOf(rules.Scope{Channel: "sms"}))
	w.hear(noon.Add(minute), state.Signal{Type: state.Consent, Source: "settings"})
	w.hear(noon.Add(minute), state.Signal{Type: state.CaseOpened, Scope: rules.Scope{Brand: "acme"}})
	w.hear(noon.Add(minute), state.Signal{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 1, Per: hour}}})
	first := w.ask(noon.Add(2*minute), to("i1", "sms", "marketing"))
	approved(t, first)
	w.redeem(noon.Add(2*minute), "i1")
	held(t, w.ask(noon.Add(3*minute), toll("i2", "acct9")))
	approved(t, w.ask(noon.Add(4*minute), to("i3", "email", "receipt")))

	w.hear(noon.Add(5*minute), state.Signal{ID: "erase", Type: state.Erasure})
	vetoed(t, w.decision("i2"), rules.RefusedTombstone)
	if d := w.decision("i2"); !d.Final || rules.Instant(d.Decided) != noon.Add(5*minute) {
		t.Errorf("the held one: %+v", d)
	}
	if got := w.revocations("i3"); !slices.Equal(got, []rules.Reason{rules.RefusedTombstone}) {
		t.Errorf("what was out is revoked for %v", got)
	}
	if got := w.revocations("i1"); got != nil {
		t.Errorf("what was taken is revoked for %v", got)
	}
	w.until(noon.Add(hour))
	if n := len(w.decisions(0)); n != 3 {
		t.Errorf("%d decisions; the held one was decided twice", n)
	}
	if log := w.memory["p"].Standing; slices.ContainsFunc([]string{"consents", "cases", "budget", "settings"}, func(s string) bool {
		return bytes.Contains(log, []byte(s))
	}) {
		t.Errorf("not forgotten: %s", log)
	}

	later := noon.Add(2 * hour)
	vetoed(t, w.ask(later, to("i4", "sms", "marketing")), rules.RefusedTombstone)
	other := to("i5", "email", "marketing")
	other.Brand = "acme"
	approved(t, w.ask(later, other)) // the case is forgotten, and erasure refuses nothing by itself
	again := w.ask(later, to("i1", "sms", "marketing"))
	vetoed(t, again, rules.RefusedTombstone) // its id is forgotten: no duplicate
	if again.ID == first.ID {
		t.Error("two decisions share an id")
	}
	// A yes from before, published once more, lifts nothing: its id was heard.
	w.hear(later, state.Signal{ID: "s1", Type: state.Consent, Source: "settings"})
	vetoed(t, w.ask(later, to("i6", "sms", "marketing")), rules.RefusedTombstone)
	// A new one does.
	w.hear(later, state.Signal{ID: "anew", Type: state.Consent, Source: "settings"})
	last := to("i7", "sms", "marketing")
	last.Campaign = "summer"
	approved(t, w.ask(later, last))
}

// A no that was said before erasure and one said after it stand side by side; and
// ids stay spent however often a person is erased.
func TestErasedTwice(t *testing.T) {
	w := newWorld(t)
	first := w.ask(noon, to("i1", "email", "marketing"))
	w.hear(noon.Add(minute), refusalOf(rules.Scope{Channel: "email"}))
	for i := range 2 {
		w.hear(noon.Add(time.Duration(i+2)*minute), state.Signal{Type: state.Erasure})
	}
	again := w.ask(noon.Add(hour), to("i1", "email", "marketing"))
	vetoed(t, again, rules.RefusedTombstone)
	if again.ID == first.ID || len(again.Reasons) != 1 {
		t.Errorf("asked again: %+v", again)
	}
	w.hear(noon.Add(2*hour), refusalOf(rules.Scope{Channel: "email"}))
	d := w.ask(noon.Add(3*hour), to("i2", "email", "marketing"))
	vetoed(t, d, rules.RefusedTombstone)
	if len(d.Reasons) != 2 || d.Reasons[1].Reason != string(rules.RefusedState) {
		t.Errorf("a no said since is not told: %+v", d.Reasons)
	}
}

// "Each by its own at": of two refusals of one scope the later counts, in whatever
// order they are heard, and a consent between them lifts nothing.
func TestTheLaterOfTwoRefusalsCounts(t *testing.T) {
	for _, times := range [][2]rules.Instant{{noon, noon.Add(2 * hour)}, {noon.Add(2 * hour), noon}} {
		w := newWorld(t)
		for _, when := range times {
			no := refusalOf(rules.Scope{Channel: "email"})
			no.At = when
			w.hear(noon.Add(3*hour), no)
		}
		w.hear(noon.Add(4*hour), state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(hour)})
		vetoed(t, w.ask(noon.Add(5*hour), to("i1", "email", "marketing")), rules.RefusedState)
		w.hear(noon.Add(6*hour), state.Signal{Type: state.Consent, Source: "settings", At: noon.Add(2*hour + ms)})
		approved(t, w.ask(noon.Add(7*hour), to("i2", "email", "marketing")))
	}
}

// "Less than 5 minutes after the opt-out's arrival", whatever its own at.
func TestConfirmationCountsFromTheArrival(t *testing.T) {
	for _, s := range []state.Signal{refusalOf(rules.Scope{}), {Type: state.Reply, Text: "stop", Scope: rules.Scope{Channel: "sms"}}} {
		w := newWorld(t)
		s.At = noon.Add(-hour)
		w.hear(noon, s)
		d := w.ask(noon.Add(4*minute), to("i1", "sms", "confirmation"))
		approved(t, d)
		if rules.Instant(d.NotAfter) != noon.Add(5*minute) {
			t.Errorf("it lives until %s", rules.Instant(d.NotAfter))
		}
	}
}

// Cases: "the subject only pairs opening with closing; the latest at wins, a tie
// is open."
func TestCases(t *testing.T) {
	word := func(k state.SignalType, when rules.Instant, s rules.Subject) state.Signal {
		return state.Signal{Type: k, At: when, Scope: rules.Scope{Brand: "acme", Subject: s}}
	}
	in := to("i1", "email", "marketing")
	in.Brand = "acme"
	for _, c := range []struct {
		what  string
		words []state.Signal
		open  bool
	}{
		{"opened", []state.Signal{word(state.CaseOpened, noon, "x")}, true},
		{"closed later", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "x")}, false},
		{"heard the other way round", []state.Signal{word(state.CaseClosed, noon+1, "x"), word(state.CaseOpened, noon, "x")}, false},
		{"a tie", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon, "x")}, true},
		{"a tie the other way round", []state.Signal{word(state.CaseClosed, noon, "x"), word(state.CaseOpened, noon, "x")}, true},
		{"another one closed", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "y")}, true},
		{"opened again", []state.Signal{word(state.CaseOpened, noon, "x"), word(state.CaseClosed, noon+1, "x"), word(state.CaseOpened, noon+2, "x")}, true},
		{"only closed", []state.Signal{word(state.CaseClosed, noon, "x")}, false},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), in); c.open {
			vetoed(t, d, rules.Inhibited)
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// Addresses: "reassigned (latest at wins, over assigned on a tie) … removed:
// nothing."
func TestAddresses(t *testing.T) {
	word := func(s state.AddressStatus, when rules.Instant) state.Signal {
		return state.Signal{Type: state.AddressOf, Status: s, At: when, Scope: rules.Scope{Address: "a"}}
	}
	in := to("i1", "email", "receipt")
	in.Address = "a"
	for _, c := range []struct {
		what  string
		words []state.Signal
		void  bool
	}{
		{"assigned", []state.Signal{word(state.Assigned, noon)}, false},
		{"reassigned", []state.Signal{word(state.Reassigned, noon)}, true},
		{"removed", []state.Signal{word(state.Removed, noon)}, false},
		{"reassigned, then removed", []state.Signal{word(state.Reassigned, noon), word(state.Removed, noon+1)}, true},
		{"reassigned, then assigned", []state.Signal{word(state.Reassigned, noon), word(state.Assigned, noon+1)}, false},
		{"heard the other way round", []state.Signal{word(state.Assigned, noon+1), word(state.Reassigned, noon)}, false},
		{"a tie", []state.Signal{word(state.Reassigned, noon), word(state.Assigned, noon)}, true},
		{"a tie the other way round", []state.Signal{word(state.Assigned, noon), word(state.Reassigned, noon)}, true},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), in); c.void {
			vetoed(t, d, rules.ConsentVoid)
		} else {
			approved(t, d)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}

// "A later preference replaces its own fields only", later by its at.
func TestPreferences(t *testing.T) {
	budget := func(when rules.Instant, most int) state.Signal {
		return state.Signal{Type: state.Preference, At: when, HasBudget: true, Budget: []rules.Budget{{Max: most, Per: day}}}
	}
	quiet := state.Signal{Type: state.Preference, At: noon + 5, HasQuiet: true, Quiet: []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 12 * hour, To: 13 * hour}}}
	none := state.Signal{Type: state.Preference, At: noon + 6, HasBudget: true}
	late := noon.Add(-day)
	for _, c := range []struct {
		what  string
		words []state.Signal
		want  rules.Reason
	}{
		{"a budget", []state.Signal{budget(noon, 0)}, rules.BudgetPerson},
		{"a later one", []state.Signal{budget(noon, 0), budget(noon+1, 5)}, ""},
		{"heard the other way round", []state.Signal{budget(noon+1, 5), budget(noon, 0)}, ""},
		{"quiet besides", []state.Signal{budget(noon, 0), quiet}, rules.QuietPerson},
		{"none any more", []state.Signal{budget(noon, 0), none}, ""},
		{"an old one, of another field", []state.Signal{budget(noon, 0), {Type: state.Preference, At: late, HasZones: true}}, rules.BudgetPerson},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), to("i1", "email", "marketing")); c.want == "" {
			approved(t, d)
		} else {
			vetoed(t, d, c.want)
		}
		if t.Failed() {
			t.Fatal(c.what)
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
