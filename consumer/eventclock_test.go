package consumer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state/memstate"
)

// pastPolicy is the policy of the tests, for the past. Nobody redeems anything, so
// that an approval counts for as long as the longest window, and is not stale by then.
var pastPolicy = sync.OnceValue(func() *rules.Policy {
	s := testSpec()
	s.Clock, s.ApprovalLife, s.MaxAge = rules.ByEvent, rules.Span{Of: 7 * 24 * time.Hour}, rules.Span{Of: 8 * 24 * time.Hour}
	return compiled(s)
})

func past(cfg *consumer.Config) { cfg.Policy = consumer.Always(pastPolicy()) }

// cramped has no room for more than one person, so that what is due in the middle of a
// batch is decided, and committed, in pieces.
func cramped(cfg *consumer.Config) { past(cfg); cfg.MaxPeople = 1 }

// today is when the past is told, years later.
var today = noon.Add(3 * 365 * 24 * time.Hour)

// aMonth is what was asked for in thirty days, told in one breath: ana twice a day,
// ben to the millisecond, notices to cem that wait for each other, and an intent that
// comes later than its time. Dia had said no.
func aMonth() story {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	const half, week = 12 * time.Hour, 7 * 24 * time.Hour
	month := []input{
		intent("b0", "ben", "email", "marketing", at(0)),
		intent("b1", "ben", "email", "marketing", at(0)),
		intent("d0", "dia", "email", "marketing", at(0)),
	}
	for i := range 60 {
		now := time.Duration(i) * half
		switch i {
		case 3:
			month = append(month, intent("n1", "cem", "push", "reminder", at(now-10*time.Minute), "subject:toll"),
				intent("n2", "cem", "push", "reminder", at(now-time.Minute), "subject:toll"))
		case 7:
			for _, who := range []string{"gil", "hal", "ida", "jon"} {
				month = append(month, intent("w1", who, "push", "reminder", at(now-10*time.Minute), "subject:parcel"))
			}
		case 14:
			month = append(month, intent("b2", "ben", "email", "marketing", at(week-time.Millisecond)), intent("b3", "ben", "email", "marketing", at(week)))
		case 20:
			month = append(month, intent("b4", "ben", "sms", "marketing", at(now)), intent("b5", "ben", "sms", "marketing", at(now-time.Hour)))
		}
		month = append(month, intent(fmt.Sprintf("a%d", i), "ana", "email", "marketing", at(now)))
	}
	after := at(31 * 24 * time.Hour)
	return story{
		{today, []input{signal("no1", "dia", "refusal", at(-time.Hour))}},
		{today, month},
		{today.Add(time.Hour), []input{signal("no2", "eva", "refusal", after)}},
		{today.Add(time.Hour), []input{
			intent("e1", "eva", "email", "marketing", after),
			intent("f1", "fay", "email", "marketing", after.Add(-time.Hour)), // time does not go back
			intent("a60", "ana", "email", "marketing", after),
		}},
	}
}

// answers lists what was decided as "intent reason decided", approvals and vetoes each in
// their order.
func answers(l *fakeLog) (out []string) {
	return slices.Concat(decided(l, governor.Approved), decided(l, governor.Vetoed))
}

// Thirty days that pass in one batch are thirty days: what was approved a week ago,
// to the millisecond, counts no more, and a notice waits a quarter of an hour.
func TestAMonthInOneBreath(t *testing.T) {
	st := newStage(aMonth(), memstate.New())
	if !st.play(t, st.enter(nil), nil, past) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)
	want := map[string]string{
		"b0": " 0s", "b1": " 0s", "b2": "cap.email 167h59m59.999s", "b3": " 168h0m0s", "b4": " 240h0m0s", "b5": "cap.sms 240h0m0s",
		"d0": "refused.state 0s", "e1": "refused.state 744h0m0s", "f1": " 744h0m0s", "a60": "cap.email 744h0m0s",
		"n1": " 36h5m0s", "n2": "coalesced 36h5m0s",
	}
	for i := range 60 {
		reason := "cap.email"
		if i%14 < 2 {
			reason = "" // a week later to the instant, they are gone
		}
		want[fmt.Sprintf("a%d", i)] = fmt.Sprintf("%s %s", reason, time.Duration(i)*12*time.Hour)
	}
	want["w1"] = " 84h5m0s" // of each of four
	got := map[string]string{}
	for _, line := range answers(st.log) {
		id, what, _ := strings.Cut(line, " ")
		got[id] = what
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(st.log.records(slot(governor.VetoRates))); n > 100 {
		t.Errorf("%d rates for a month; a count a day is enough", n)
	}
}

// What is decided for the past is decided as replay decides it.
func TestAMonthIsWhatReplaySays(t *testing.T) {
	s := aMonth()
	st := newStage(s, memstate.New())
	st.play(t, st.enter(nil), nil, past)

	var lines, out bytes.Buffer
	for _, ph := range s {
		for _, in := range ph.in {
			fmt.Fprintf(&lines, `{"arrived":%q,"topic":%q,"value":%s}`+"\n", stamp(ph.at), in.topic, in.Value)
		}
	}
	r, err := replay.New(t.Context(), pastPolicy(), memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context(), &lines); err != nil {
		t.Fatal(err)
	}
	var approved, vetoed []string
	for line := range strings.Lines(out.String()) {
		var w struct {
			Topic string
			Value struct {
				Intent, Reason string
				Decided        time.Time
			}
		}
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s %s %s", w.Value.Intent, w.Value.Reason, w.Value.Decided.Sub(noon))
		switch w.Topic {
		case governor.Approved:
			approved = append(approved, text)
		case governor.Vetoed:
			vetoed = append(vetoed, text)
		}
	}
	if diff := cmp.Diff(slices.Concat(approved, vetoed), answers(st.log)); diff != "" {
		t.Errorf("(-replay +governor):\n%s", diff)
	}
}

// The process dies at every step of the month that brings something or changes it, and
// whoever goes on writes, byte for byte, what would have been written: the past has no
// other clock than itself.
func TestCrashInTheMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	whole := crashEverywhere(t, past, sameStory)
	// Where the next fetch begins in the middle of the last, the numbers of batches and
	// the counts in between are others.
	pieces := crashEverywhere(t, cramped, func(t *testing.T, what string, st *stage, want map[string][]string) {
		t.Helper()
		h := st.log.history(true)
		report(t, h.check())
		got, _ := h.outputs()
		for _, of := range []map[string][]string{want, got} {
			delete(of, governor.VetoRates)
		}
		if diff := cmp.Diff(substance(want), substance(got)); diff != "" {
			t.Errorf("%s: other records than without it (-want +got):\n%s", what, diff)
		}
	})
	if pieces <= whole {
		t.Errorf("%d steps with room for one person, %d with room for all: nothing was decided in pieces", pieces, whole)
	}
}

// upTo is how much of the month is fetched at once: as far as the notices to four
// people, which are due in the middle of the next batch.
const upTo = 16

// crashEverywhere says how many steps there were.
func crashEverywhere(t *testing.T, under func(*consumer.Config), same func(*testing.T, string, *stage, map[string][]string)) int {
	t.Helper()
	s := aMonth()
	var steps []string
	whole := newStage(s, memstate.New())
	whole.log.atOnce = upTo
	whole.play(t, whole.enter(func(op string, _, _ int) fate {
		steps = append(steps, op)
		return goesWell
	}), nil, under)
	want, repeats := whole.log.history(true).outputs()
	if repeats > 0 {
		t.Fatalf("%d records were written twice without any need", repeats)
	}
	for n, op := range steps {
		if !slices.Contains([]string{opAcquire, opFetchIntents, opFetchSignals, opLoad, opCommit, opProduce}, op) {
			continue
		}
		for _, how := range []fate{dies, diesLate, diesInPart} {
			if how == diesInPart && op != opProduce {
				continue // has no parts
			}
			st := newStage(s, memstate.New())
			st.log.atOnce = upTo
			doomed := st.enter(func(_ string, _, at int) fate {
				if at == n+1 {
					return how
				}
				return goesWell
			})
			if !st.play(t, doomed, nil, under) {
				st.clock.pass(time.Hour) // it is later by every other clock
				if !st.play(t, st.enter(nil), nil, under) {
					t.Fatalf("step %d: the story was not taken up again", n)
				}
			}
			same(t, fmt.Sprintf("crash at step %d of %d, %s, fate %d", n+1, len(steps), op, how), st, want)
			if t.Failed() {
				return len(steps)
			}
		}
	}
	return len(steps)
}

// A memory that lost its last batches, or everything, years after the month: it is
// repaired from the log, and its times are those of the log.
func TestAMonthThatWasForgotten(t *testing.T) {
	s := aMonth()
	tell := func(st *stage, store *forgetfulStore, kept int, restart bool) {
		forgot := kept < 0
		next := func() *fakeProcess {
			p := st.enter(nil)
			inner := p.idle
			p.idle = func() {
				if st.next == 3 && st.asked >= 2 && !forgot {
					forgot = true
					store.backTo(kept)
					if restart {
						p.kill()
						return
					}
				}
				inner()
			}
			return p
		}
		st.log.atOnce = upTo
		for !st.play(t, next(), nil, past) {
		}
	}
	whole := newForgetfulStore()
	st := newStage(s[:3], whole)
	tell(st, whole, -1, false)
	batches := whole.size()
	if batches < 4 {
		t.Fatalf("%d batches in a month", batches)
	}
	st = newStage(s, newForgetfulStore())
	tell(st, st.store.(*forgetfulStore), -1, false)
	want, _ := st.log.history(true).outputs()
	for kept := range batches {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d of %d batches left, restart %v", kept, batches, restart), func(t *testing.T) {
				store := newForgetfulStore()
				st := newStage(s, store)
				tell(st, store, kept, restart)
				sameSubstance(t, st, want)
			})
		}
	}
}
