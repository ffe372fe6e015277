package governor_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// recalled is a world whose memory is made anew from what another emitted: each
// decision after the signals that it was made behind.
func (w *world) recalled(t *testing.T, intents map[rules.IntentID]rules.Intent, signals []arrival) *world {
	t.Helper()
	again := newWorld(t)
	again.policy, again.g = w.policy, governor.New(w.policy, w.find)
	again.g.Recalling(true)
	revoked := map[string]bool{}
	for _, o := range w.out {
		if o.Topic == governor.Revoked {
			r, err := schemas.DecodeRevocation(o.Value)
			if err != nil {
				t.Fatal(err)
			}
			revoked[r.Decision] = true
		}
	}
	heard := 0
	hear := func(to int) {
		for ; heard < to; heard++ {
			s := signals[heard].signal
			again.hear(signals[heard].at, s)
		}
	}
	for _, d := range w.decisions(0) {
		hear(int(d.Signals))
		in := intents[rules.IntentID(d.Intent)]
		again.remember(again.g.Involves(&in)...)
		again.g.Recall(&governor.Recalled{Decision: d, Intent: &in, Revoked: revoked[d.ID]})
		again.take()
	}
	hear(len(signals))
	again.g.Recalling(false)
	return again
}

type arrival struct {
	at     rules.Instant
	signal state.Signal
}

// A memory that is recalled from the log is the memory that there was: of merged
// records, of addresses, and of what was approved because a consent had set a cap
// aside.
func TestAMemoryOfMergedRecordsIsRecalled(t *testing.T) {
	p, problems := rules.Compile(&rules.Spec{
		Name:     "test",
		Purposes: []rules.PurposeSpec{{Name: "collection", Class: rules.Collection}, {Name: "service", Class: rules.Service}},
		Channels: []rules.ChannelSpec{{Name: "call", Silent: true}, {Name: "sms"}},
		Caps: []rules.CapSpec{{
			Name: "week", Most: 1, In: rules.Window{Kind: rules.Rolling, Length: 7 * day}, Per: []rules.Key{rules.PerSubject},
			Waiver: &rules.WaiverSpec{For: rules.Window{Kind: rules.Rolling, Length: 7 * day}},
		}},
		Notices: &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: day},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w := newWorld(t)
	w.policy, w.g = p, governor.New(p, w.find)
	intents := map[rules.IntentID]rules.Intent{}
	var signals []arrival
	ask := func(when rules.Instant, person rules.PersonID, id rules.IntentID, channel rules.Channel, purpose rules.Purpose) *schemas.Decision {
		in := there(of(person, to(id, channel, purpose)))
		if in.At = when; person != "z" { // whose is judged at once
			in.Subject = "loan"
		}
		intents[id] = in
		return w.ask(when, in)
	}
	hear := func(when rules.Instant, id rules.SignalID, s state.Signal) {
		s.ID, s.At = id, when
		signals = append(signals, arrival{when, s})
		w.hear(when, s)
	}
	approved(t, ask(noon, "p", "i1", "call", "collection"))
	hear(noon.Add(minute), "s1", merge("q", "p"))
	vetoed(t, ask(noon.Add(2*minute), "q", "i2", "call", "collection"), "cap.week")
	hear(noon.Add(3*minute), "s2", says("q", state.Signal{Type: state.Consent, Evidence: "a recording", Scope: rules.Scope{Channel: "call"}}))
	approved(t, ask(noon.Add(4*minute), "q", "i3", "call", "collection"))
	approved(t, ask(noon.Add(4*minute), "z", "i4", "sms", "collection"))
	held(t, ask(noon.Add(4*minute), "p", "i5", "sms", "service"))
	held(t, ask(noon.Add(5*minute), "q", "i6", "sms", "service"))
	hear(noon.Add(6*minute), "s3", says("x", refusalOf(rules.Scope{Channel: "sms", Purpose: "collection", Address: phone})))
	w.until(noon.Add(30 * minute))
	hear(noon.Add(hour), "s4", says("x", yes))

	again := w.recalled(t, intents, signals)
	if !slices.Equal(slices.Sorted(maps.Keys(again.memory)), slices.Sorted(maps.Keys(w.memory))) {
		t.Errorf("recalled are %v", slices.Sorted(maps.Keys(again.memory)))
	}
	for id, m := range w.memory {
		if got := again.memory[id]; !bytes.Equal(got.Standing, m.Standing) || !bytes.Equal(got.Log, m.Log) {
			t.Errorf("of %q is recalled\n%s\n%q\ninstead of\n%s\n%q", id, got.Standing, got.Log, m.Standing, m.Log)
		}
	}
	var who state.Person
	if err := state.DecodeLog(again.memory["q"].Log, &who, w.find); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(who.Contacts, func(c rules.Contact) bool { return c.Intent == "i3" }); i < 0 || !slices.Equal(who.Contacts[i].Waived, []string{"cap.week"}) {
		t.Errorf("waived was %+v", who.Contacts)
	}
}
