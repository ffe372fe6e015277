package governor_test

import (
	"slices"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Four unpaid tolls with one cause are one notice": held unjudged, due 15
// minutes after the first, to the millisecond, over channels, campaigns and
// classes. "The first to which no rule objects carries items with every id, its
// own included, and the others are vetoed coalesced, final."
func TestFourTollsAreOneNotice(t *testing.T) {
	w := newWorld(t)
	second, third := toll("i2", "acct9"), toll("i3", "acct9")
	second.Channel, second.Campaign, third.Purpose = "sms", "summer", "payment_reminder"
	held(t, w.ask(noon, toll("i1", "acct9")))
	held(t, w.ask(noon.Add(4*minute), second))
	held(t, w.ask(noon.Add(8*minute), third))
	held(t, w.ask(noon.Add(15*minute-ms), toll("i4", "acct9")))
	w.until(noon.Add(15*minute - ms))
	if w.decision("i1") != nil {
		t.Fatal("it was decided a millisecond too early")
	}
	// What is due is decided at its own instant, however late somebody looks.
	w.until(noon.Add(3 * hour))

	approved(t, w.decision("i1"))
	d := w.decision("i1")
	if !slices.Equal(d.Items, []string{"i1", "i2", "i3", "i4"}) || rules.Instant(d.Decided) != noon.Add(15*minute) ||
		rules.Instant(d.NotAfter) != noon.Add(30*minute) {
		t.Errorf("the notice is %+v", d)
	}
	for _, id := range []rules.IntentID{"i2", "i3", "i4"} {
		d := w.decision(id)
		vetoed(t, d, rules.Coalesced)
		if !d.Final || d.Earliest != 0 || rules.Instant(d.Decided) != noon.Add(15*minute) {
			t.Errorf("%s: %+v", id, d)
		}
	}
}

// "What arrives at exactly that instant opens the next one", and that is due 24 h
// after the notice that went out.
func TestTheFifthTollWaitsForTomorrow(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "acct9"))
	held(t, w.ask(noon.Add(15*minute), toll("i2", "acct9")))
	d := w.decision("i1")
	approved(t, d)
	if len(d.Items) > 1 {
		t.Errorf("what came at exactly the due instant is in it: %v", d.Items)
	}
	if got := w.redeem(noon.Add(15*minute), "i1"); got != state.Redeemed {
		t.Fatal(got)
	}
	w.until(noon.Add(24*hour + 15*minute - ms))
	held(t, w.decision("i2"))
	w.until(noon.Add(24*hour + 15*minute))
	approved(t, w.decision("i2"))
	if got := w.decision("i2").Decided; rules.Instant(got) != noon.Add(24*hour+15*minute) {
		t.Errorf("decided at %s", rules.Instant(got))
	}
}

// "24 h after the last counted notice": one that nobody took was given back, and
// the next need not wait for it; one that was revoked or not sent neither.
func TestWhoWaitsForWhatNeverWent(t *testing.T) {
	for what, c := range map[string]struct {
		then func(*world)
		due  rules.Instant
	}{
		"it expires":     {func(*world) {}, noon.Add(31 * minute)},
		"it is not sent": {func(w *world) { w.hear(noon.Add(20*minute), outcome("i1", state.NotSent)) }, noon.Add(31 * minute)},
		"it is revoked":  {func(w *world) { w.hear(noon.Add(25*minute), refusalOf(rules.Scope{Address: "a"})) }, noon.Add(31 * minute)},
		"it is taken":    {func(w *world) { w.redeem(noon.Add(20*minute), "i1") }, noon.Add(24*hour + 15*minute)},
		"it is taken, then not": {func(w *world) {
			w.redeem(noon.Add(20*minute), "i1")
			w.hear(noon.Add(2*hour), outcome("i1", state.NotSent))
		}, noon.Add(2 * hour)},
		"it is sent": {func(w *world) { w.hear(noon.Add(20*minute), outcome("i1", state.Sent)) }, noon.Add(24*hour + 15*minute)},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			first := toll("i1", "acct9")
			first.Address = "a"
			w.ask(noon, first)
			second := toll("i2", "acct9")
			second.Address = "b"
			held(t, w.ask(noon.Add(16*minute), second))
			c.then(w)
			for when := w.g.Now(); when <= noon.Add(48*hour); when = when.Add(hour) {
				w.until(when) // little by little, so that nobody is found due by chance
			}
			approved(t, w.decision("i2"))
			if got := rules.Instant(w.decision("i2").Decided); got != c.due {
				t.Errorf("decided at %s, want %s", got, c.due)
			}
		})
	}
}

// "When due it is judged at that instant, in order of arrival (a refusal in
// between counts then): the first to which no rule objects carries items with
// every id, its own included, and the others are vetoed coalesced, final": also
// those to which a rule objects and that came before.
func TestTheFirstToWhichNoRuleObjectsCarriesAll(t *testing.T) {
	w := newWorld(t)
	bySMS := toll("i1", "acct9")
	bySMS.Channel = "sms"
	w.ask(noon, bySMS)
	w.ask(noon.Add(minute), toll("i2", "acct9"))
	w.ask(noon.Add(2*minute), toll("i3", "acct9"))
	w.hear(noon.Add(5*minute), refusalOf(rules.Scope{Channel: "sms"}))
	w.until(noon.Add(hour))
	approved(t, w.decision("i2"))
	if got := w.decision("i2").Items; !slices.Equal(got, []string{"i1", "i2", "i3"}) {
		t.Errorf("it carries %v", got)
	}
	for _, id := range []rules.IntentID{"i1", "i3"} {
		vetoed(t, w.decision(id), rules.Coalesced)
		if !w.decision(id).Final {
			t.Errorf("%s is not final: it would be asked again, though it went out", id)
		}
	}
}

// "If rules object to every one, each is vetoed with its own reasons."
func TestIfRulesObjectToEveryOne(t *testing.T) {
	w := newWorld(t)
	bySMS, byPush := toll("i1", "acct9"), toll("i2", "acct9")
	bySMS.Channel, byPush.Channel = "sms", "push"
	evening := at("2026-05-04T19:50:00Z")
	w.ask(evening, bySMS)
	w.ask(evening.Add(minute), byPush)
	w.hear(evening.Add(2*minute), refusalOf(rules.Scope{Channel: "push"}))
	w.until(evening.Add(hour))
	vetoed(t, w.decision("i1"), rules.QuietHours)
	if got := rules.Instant(w.decision("i1").Earliest); got != at("2026-05-05T09:00:00Z") {
		t.Errorf("earliest %s", got)
	}
	vetoed(t, w.decision("i2"), rules.RefusedState)
}

// Groups are by person and subject: two of one person have times of their own.
func TestGroupsOfOnePerson(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "acct9"))
	w.ask(noon.Add(5*minute), toll("i2", "parcel"))
	other := toll("i3", "acct9")
	other.Person = "q"
	w.ask(noon.Add(6*minute), other)
	w.until(noon.Add(hour))
	for id, when := range map[rules.IntentID]rules.Instant{"i1": noon.Add(15 * minute), "i2": noon.Add(20 * minute), "i3": noon.Add(21 * minute)} {
		d := w.decision(id)
		approved(t, d)
		if rules.Instant(d.Decided) != when || len(d.Items) > 1 {
			t.Errorf("%s decided at %s with %v", id, rules.Instant(d.Decided), d.Items)
		}
	}
	// In the order of their instants.
	var order []string
	for _, d := range w.decisions(0) {
		order = append(order, d.Intent)
	}
	if !slices.Equal(order, []string{"i1", "i2", "i3"}) {
		t.Errorf("decided in the order %v", order)
	}
}

// "It is redeemed under the id that carries it; an outcome that names any item is
// about the whole approval."
func TestANoticeIsOneContact(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "acct9"))
	w.ask(noon.Add(minute), toll("i2", "acct9"))
	w.until(noon.Add(15 * minute))
	if got := w.redeem(noon.Add(16*minute), "i2"); got != state.NotApproved {
		t.Errorf("under the id of another item: %q", got)
	}
	w.hear(noon.Add(17*minute), outcome("i2", state.Delivered))
	if got := w.redeem(noon.Add(18*minute), "i1"); got != state.AlreadyRedeemed {
		t.Errorf("after an outcome that names an item: %q", got)
	}
}

// An id that was coalesced may be asked again after 24 h. An outcome that names it
// then is about the contact of its own, not about the notice of the day before.
func TestAnItemAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.ask(noon, toll("i1", "acct9"))
	w.ask(noon.Add(minute), toll("i2", "acct9"))
	w.until(noon.Add(15 * minute))
	w.redeem(noon.Add(15*minute), "i1")
	w.ask(noon.Add(30*hour), toll("i2", "acct9"))
	w.until(noon.Add(30*hour + 15*minute))
	approved(t, w.decision("i2"))
	w.hear(noon.Add(30*hour+16*minute), outcome("i2", state.Sent))
	if got := w.redeem(noon.Add(30*hour+17*minute), "i2"); got != state.AlreadyRedeemed {
		t.Errorf("after its own outcome: %q", got)
	}
}

// "resolved vetoes the held ones moot, final, at once, and revokes an unredeemed
// approval", and what concerns another subject goes on.
func TestResolved(t *testing.T) {
	resolved := state.Signal{Type: state.Resolved, Scope: rules.Scope{Subject: "acct9"}}

	w := newWorld(t)
	w.ask(noon, toll("i1", "acct9"))
	w.ask(noon.Add(minute), toll("i2", "acct9"))
	w.ask(noon.Add(2*minute), toll("i3", "parcel"))
	w.hear(noon.Add(13*minute), resolved)
	for _, id := range []rules.IntentID{"i1", "i2"} {
		vetoed(t, w.decision(id), rules.Moot)
		if d := w.decision(id); !d.Final || rules.Instant(d.Decided) != noon.Add(13*minute) {
			t.Errorf("%s: %+v", id, d)
		}
	}
	held(t, w.decision("i3"))
	w.until(noon.Add(17 * minute))
	approved(t, w.decision("i3"))

	w.hear(noon.Add(18*minute), resolved)
	if w.revocations("i3") != nil {
		t.Error("another subject's approval was taken back")
	}
	w.ask(noon.Add(20*minute), toll("i4", "acct9"))
	w.until(noon.Add(35 * minute))
	approved(t, w.decision("i4"))
	w.hear(noon.Add(36*minute), resolved)
	if got := w.revocations("i4"); !slices.Equal(got, []rules.Reason{rules.Moot}) {
		t.Errorf("revoked for %v", got)
	}
	if got := w.redeem(noon.Add(37*minute), "i4"); got != state.Revoked {
		t.Errorf("redeem says %q", got)
	}

	t.Run("who took it has it", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, toll("i1", "acct9"))
		w.redeem(noon.Add(15*minute), "i1")
		w.hear(noon.Add(16*minute), resolved)
		if got := w.revocations("i1"); got != nil {
			t.Errorf("a redeemed approval was revoked for %v", got)
		}
	})
}

// A duplicate of a held notice is answered at once and names the decision that
// the first will carry; the first is not disturbed.
func TestDuplicateOfAHeldNotice(t *testing.T) {
	w := newWorld(t)
	held(t, w.ask(noon, toll("i1", "acct9")))
	dup := w.ask(noon.Add(minute), toll("i1", "acct9"))
	vetoed(t, dup, rules.Duplicate)
	conflict := w.ask(noon.Add(2*minute), toll("i1", "parcel"))
	vetoed(t, conflict, rules.Conflict)
	w.until(noon.Add(15 * minute))
	d := w.decision("i1")
	approved(t, d)
	if dup.Original != d.ID || conflict.Original != d.ID || dup.ID == d.ID || conflict.ID == d.ID || dup.ID == conflict.ID {
		t.Errorf("decisions %s, %s of %s, %s of %s", d.ID, dup.ID, dup.Original, conflict.ID, conflict.Original)
	}
}

// A call is never held, nor what has no subject, nor what sells.
func TestWhatIsNotHeld(t *testing.T) {
	w := newWorld(t)
	call, plain, sells := toll("i1", "acct9"), toll("i2", ""), toll("i3", "acct9")
	call.Channel, sells.Promotes = "call", true
	approved(t, w.ask(noon, call))
	approved(t, w.ask(noon, plain))
	approved(t, w.ask(noon, sells))
}

func refusalOf(s rules.Scope) state.Signal { return state.Signal{Type: state.Refusal, Scope: s} }
