package governor_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

const (
	ms     = time.Millisecond
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// A world drives a governor the way every driver does: it remembers whom an event
// or the agenda names, lets time pass, tells the event, takes what happened and
// keeps the memory, encoded, as a store does.
type world struct {
	t      testing.TB
	policy *rules.Policy
	find   *zones.Finder
	g      *governor.Governor

	// here says whose place the governor's partition is, if it is not the only one.
	here func(rules.PersonID) bool

	// between says what happens to the governor between two events.
	between mood

	memory  map[rules.PersonID]state.Memory
	waiting map[rules.PersonID]rules.Instant
	totals  map[rules.Campaign][]byte
	offset  int64
	heard   int64
	out     []governor.Output
}

type mood int

const (
	remembers mood = iota // nothing
	forgets               // it drops everybody
	dies                  // another one takes over, from the store
)

func newWorld(t testing.TB) *world {
	t.Helper()
	p, err := house()
	if err != nil {
		t.Fatal(err)
	}
	find := &zones.Finder{}
	return &world{
		t: t, policy: p, find: find, g: governor.New(p, find),
		memory: make(map[rules.PersonID]state.Memory), waiting: make(map[rules.PersonID]rules.Instant),
		totals: make(map[rules.Campaign][]byte),
	}
}

var house = sync.OnceValues(func() (*rules.Policy, error) { return policyfile.Load("no-means-no") })

func at(s string) rules.Instant {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return rules.At(t)
}

// noon is a Monday at noon, UTC.
var noon = at("2026-05-04T12:00:00Z")

// until lets time pass.
func (w *world) until(when rules.Instant) {
	w.t.Helper()
	w.remember(w.g.DueBy(when, math.MaxInt)...)
	w.g.Advance(when)
	w.take()
}

func (w *world) event(when rules.Instant, people func() []rules.PersonID, tell func(governor.Source)) {
	w.t.Helper()
	w.until(when)
	w.bring(people)
	w.offset++
	tell(governor.Source{Topic: governor.Intents, Offset: w.offset})
	w.take()
}

// ask is an intent that was made when it arrives, if it does not say otherwise.
// It says what was decided, and nil where it is held.
func (w *world) ask(when rules.Instant, in rules.Intent) *schemas.Decision {
	w.t.Helper()
	if in.At == 0 {
		in.At = when
	}
	before := len(w.out)
	w.event(when, func() []rules.PersonID { return w.g.Involves(&in) }, func(src governor.Source) { w.g.Intent(src, &in) })
	for _, d := range w.decisions(before) {
		if d.Intent == string(in.ID) {
			return &d
		}
	}
	return nil
}

// hear is a signal, said when it arrives, if it does not say otherwise.
func (w *world) hear(when rules.Instant, s state.Signal) {
	w.t.Helper()
	if s.Person == "" {
		s.Person = "p"
	}
	if s.At == 0 {
		s.At = when
	}
	if s.ID == "" {
		s.ID = rules.SignalID(fmt.Sprint("s", w.offset))
	}
	w.event(when, func() []rules.PersonID { return w.g.Concerns(&s) }, func(src governor.Source) {
		src.Topic = governor.Signals
		w.heard++
		w.g.HeardTo(w.heard)
		w.g.Signal(src, &s)
	})
}

func (w *world) unreadable(when rules.Instant, person rules.PersonID) {
	w.t.Helper()
	w.event(when, func() []rules.PersonID { return []rules.PersonID{person} }, func(src governor.Source) { w.g.Unreadable(src, person) })
}

func (w *world) redeem(when rules.Instant, id rules.IntentID) (answer state.RedeemAnswer) {
	w.t.Helper()
	return w.redeemFor(when, "p", id)
}

func (w *world) redeemFor(when rules.Instant, person rules.PersonID, id rules.IntentID) (answer state.RedeemAnswer) {
	w.t.Helper()
	w.event(when, func() []rules.PersonID { return []rules.PersonID{person} }, func(governor.Source) { answer = w.g.Redeem(person, id, "").Says })
	return answer
}

func (w *world) remember(people ...rules.PersonID) {
	w.t.Helper()
	w.bring(func() []rules.PersonID { return people })
}

func (w *world) bring(people func() []rules.PersonID) {
	w.t.Helper()
	for missing := w.g.Missing(people()...); len(missing) > 0; missing = w.g.Missing(people()...) {
		for _, id := range missing {
			if err := w.g.Remember(id, w.memory[id]); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) take() {
	w.t.Helper()
	changes, waiting, out, err := w.g.Take()
	if err != nil {
		w.t.Fatal(err)
	}
	w.out = append(w.out, out...)
	for _, c := range changes {
		m := w.memory[c.Person]
		if c.SetStanding {
			m.Standing = slices.Clone(c.Memory.Standing)
		}
		if c.SetLog {
			m.Log = slices.Clone(c.Memory.Log)
		}
		w.memory[c.Person] = m
	}
	totals, err := w.g.Totals(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, total := range totals {
		w.totals[total.Campaign] = total.Tally
	}
	for _, x := range waiting {
		if w.waiting[x.Person] = x.Due; x.Due == 0 {
			delete(w.waiting, x.Person)
		}
	}
	switch w.between {
	case forgets:
		w.g.Forget(0)
		if n := w.g.Remembered(); n != 0 {
			w.t.Fatalf("%d people are remembered after Forget", n)
		}
	case dies:
		now := w.g.Now()
		w.g = governor.New(w.policy, w.find)
		w.g.Here(w.here)
		for id, due := range w.waiting {
			w.g.Await(state.Waiting{Person: id, Due: due})
		}
		for campaign, tally := range w.totals {
			if err := w.g.RememberTotals([]state.Total{{Campaign: campaign, Tally: tally}}); err != nil {
				w.t.Fatal(err)
			}
		}
		w.g.HeardTo(w.heard)
		w.remember(w.g.DueBy(now, math.MaxInt)...)
		w.g.Advance(now)
	}
}

// decisions are those that came out, from the given output on.
func (w *world) decisions(from int) []schemas.Decision {
	w.t.Helper()
	var list []schemas.Decision
	for _, o := range w.out[from:] {
		if o.Topic != governor.Approved && o.Topic != governor.Vetoed {
			continue
		}
		d, err := schemas.DecodeDecision(o.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		if o.ID != d.ID || string(o.Person) != d.Person || rules.Instant(d.Decided) != o.At || (o.Topic == governor.Approved) != (d.Verdict == schemas.Approved) {
			w.t.Errorf("the output %+v is not about its decision", o)
		}
		list = append(list, d)
	}
	return list
}

// decision is the latest one on the intent.
func (w *world) decision(id rules.IntentID) *schemas.Decision {
	w.t.Helper()
	all := w.decisions(0)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Intent == string(id) {
			return &all[i]
		}
	}
	return nil
}

// revocations are the reasons for which the approval of the intent was taken
// back.
func (w *world) revocations(id rules.IntentID) []rules.Reason {
	w.t.Helper()
	var list []rules.Reason
	for _, o := range w.out {
		if o.Topic != governor.Revoked {
			continue
		}
		r, err := schemas.DecodeRevocation(o.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		if r.Intent == string(id) {
			list = append(list, rules.Reason(r.Reason))
		}
	}
	return list
}

// approved, vetoed and held want what they say of a decision.
func approved(t testing.TB, d *schemas.Decision) {
	t.Helper()
	if d == nil || d.Verdict != schemas.Approved {
		t.Errorf("got %+v, want an approval", d)
	}
}

func vetoed(t testing.TB, d *schemas.Decision, reason rules.Reason) {
	t.Helper()
	if d == nil || d.Verdict != schemas.Vetoed || d.Reason != string(reason) {
		t.Errorf("got %+v, want a veto for %s", d, reason)
	}
}

func held(t testing.TB, d *schemas.Decision) {
	t.Helper()
	if d != nil {
		t.Errorf("got %+v, want it held", d)
	}
}

// to is an intent to the person "p" of the campaign "spring".
func to(id rules.IntentID, channel rules.Channel, purpose rules.Purpose) rules.Intent {
	return rules.Intent{ID: id, Person: "p", Channel: channel, Purpose: purpose, Campaign: "spring", Mode: rules.ModeManual}
}

// toll is a notice about the subject.
func toll(id rules.IntentID, s rules.Subject) rules.Intent {
	in := to(id, "email", "service")
	in.Subject = s
	return in
}

// outcome is what became of a contact.
func outcome(id rules.IntentID, r state.Result) state.Signal {
	return state.Signal{Type: state.Outcome, Intent: id, Result: r}
}
