package consumer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// lifeOfAna is the story that the tests of faults and crashes tell: caps that
// are reached, a no, a yes from the settings, the same id twice, other content
// under it, notices that wait for each other and a cause that goes away, an
// approval that is taken back, poison among all that, and weeks that pass.
func lifeOfAna() story {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	day := 24 * time.Hour
	return story{
		{at(0), []input{
			intent("e1", "ana", "email", "marketing", at(0)),
			intent("s1", "ana", "sms", "marketing", at(0)),
			intent("s2", "ana", "sms", "marketing", at(0)), // the second today
			intent("e1", "ben", "email", "marketing", at(0)),
		}},
		{at(time.Minute), []input{
			signal("q1", "ana", "redeem", at(0), "intent:e1", "worker:w1"),
			signal("q2", "ana", "redeem", at(0), "intent:e1", "worker:w2"), // another has it
			signal("q3", "ana", "redeem", at(0), "intent:e1", "worker:w1"), // the answer was lost
			signal("o1", "ana", "outcome", at(0), "intent:e1", "result:delivered"),
			signal("o2", "ana", "outcome", at(0), "intent:s1", "result:sent"),
			intent("e1", "ana", "email", "marketing", at(0)),              // again
			intent("e1", "ben", "email", "marketing", at(0), "subject:x"), // other content
			poison(governor.Intents, "ana", `{"id":`),
			intent("e2", "ana", "email", "marketing", at(time.Minute)),
		}},
		{at(2 * time.Minute), []input{
			intent("e3", "ana", "email", "marketing", at(0)), // over both caps
			intent("r1", "ana", "email", "receipt", at(0)),
			intent("n1", "ana", "email", "reminder", at(0), "subject:domain"),
			intent("n1", "cem", "push", "reminder", at(0), "subject:toll"),
		}},
		{at(3 * time.Minute), []input{
			signal("no1", "ben", "refusal", at(3*time.Minute)), // takes e1 back
			signal("q4", "ben", "redeem", at(3*time.Minute), "intent:e1", "worker:w1"),
			signal("q5", "ana", "redeem", at(3*time.Minute), "intent:e2", "worker:w1"),
			signal("no0", "ana", "refusal", at(3*time.Minute), "subject:other"),
			intent("e2", "ben", "email", "marketing", at(3*time.Minute)),
			intent("n2", "cem", "push", "reminder", at(0), "subject:toll"),
			intent("n3", "dia", "push", "reminder", at(0), "subject:parcel"),
		}},
		{at(5 * time.Minute), []input{
			signal("g1", "dia", "resolved", at(5*time.Minute), "subject:parcel"),
			signal("yes0", "ben", "consent", at(5*time.Minute), "source:settings"),
			intent("e0", "ben", "email", "marketing", at(5*time.Minute)),
			poison(governor.Signals, "dia", `{"id":"x1","person":"dia","type":"engagement"}`),
		}},
		{at(6 * time.Minute), []input{
			signal("q6", "ben", "redeem", at(6*time.Minute), "intent:e0", "worker:w3"),
		}},
		{at(7 * time.Minute), []input{
			signal("no3", "ben", "refusal", at(7*time.Minute), "channel:email"), // e0 may be under way
			signal("q7", "ben", "redeem", at(7*time.Minute), "intent:e0", "worker:w3"),
		}},
		{at(18 * time.Minute), nil},                  // the notices are due
		{at(18*time.Minute + time.Millisecond), nil}, // …
		{at(day), []input{
			signal("yes1", "ben", "consent", at(day), "source:settings"),
			intent("s3", "ana", "sms", "marketing", at(day)),
			intent("s1", "ben", "sms", "marketing", at(day)),
			signal("no2", "cem", "refusal", at(day), "channel:sms"),
			intent("s1", "cem", "sms", "marketing", at(day)),
			intent("n4", "cem", "push", "reminder", at(day), "subject:toll"),
			intent("e9", "cem", "email", "marketing", at(day)),
		}},
		{at(2 * day), []input{
			poison(governor.Signals, "ana", `{"id":"no9","person":"ana","type":"refusal","at":"yesterday"}`), // doubt is a no
			intent("e4", "ana", "email", "marketing", at(2*day)),
			intent("old", "ben", "email", "marketing", at(-2*day)),
		}},
		{at(8 * day), []input{
			intent("e5", "ana", "email", "marketing", at(8*day)),
			intent("e3", "ben", "email", "marketing", at(8*day)),
			intent("e4", "ben", "email", "marketing", at(8*day)),
			signal("era", "cem", "erasure", at(8*day)),
			intent("s10", "cem", "sms", "marketing", at(8*day)),
		}},
	}
}

// undisturbed plays a story without a fault. It returns what came out and the
// I/O steps that it took.
func undisturbed(t *testing.T, s story) (want map[string][]string, steps []string) {
	t.Helper()
	st := newStage(s, memstate.New())
	p := st.enter(func(op string, _, _ int) fate {
		steps = append(steps, op)
		return goesWell
	})
	if !st.play(t, p, nil) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)
	want, repeats := st.log.history(true).outputs()
	if repeats > 0 {
		t.Fatalf("%d records were written twice without any need", repeats)
	}
	return want, steps
}

// The story is worth telling: all that can happen to an intent happens in it.
func TestTheStoryHasEverythingInIt(t *testing.T) {
	st := newStage(lifeOfAna(), memstate.New())
	st.play(t, st.enter(nil), nil)
	reasons := make(map[string]int)
	h := st.log.history(true)
	report(t, h.check())
	for _, topic := range []string{"contact.approved", "contact.vetoed", "contact.revoked"} {
		for _, e := range h.topics[topic] {
			m := e.message()
			reasons[topic+" "+m.Reason]++
			if len(m.Items) > 1 {
				reasons["items"]++
			}
		}
	}
	for _, want := range []string{
		"contact.approved ", "contact.vetoed cap.sms", "contact.vetoed cap.any", "contact.vetoed duplicate", "contact.vetoed intent.conflict",
		"contact.vetoed refused.state", "contact.vetoed coalesced", "contact.vetoed moot", "contact.vetoed stale", "contact.vetoed refused.tombstone",
		"contact.revoked refused.state", "items",
	} {
		if reasons[want] == 0 {
			t.Errorf("nothing in the story is %q: %v", want, reasons)
		}
	}
	if n := len(st.log.records(slot(governor.DeadLetter))); n != 3 {
		t.Errorf("%d dead letters, not 3", n)
	}
}

// "A crash at any point loses nothing and counts nothing twice" (package
// consumer): the process dies at every single I/O step of the story, before the
// step, after it, and with half of what it produced landed. Whoever goes on
// writes, byte for byte, what would have been written without the crash, headers of traces
// included.
func TestCrashAtEveryStep(t *testing.T) {
	s := traced(lifeOfAna())
	want, steps := undisturbed(t, s)
	for n, op := range steps {
		for _, how := range []fate{dies, diesLate, diesInPart} {
			if how == diesInPart && op != opProduce {
				continue // has no parts
			}
			st := newStage(s, memstate.New())
			doomed := st.enter(func(_ string, _, at int) fate {
				if at == n+1 {
					return how
				}
				return goesWell
			})
			if over := st.play(t, doomed, nil); !over {
				over = st.play(t, st.enter(nil), nil)
				if !over {
					t.Fatalf("step %d: the story was not taken up again", n)
				}
			}
			sameStory(t, fmt.Sprintf("crash at step %d of %d, %s, fate %d", n+1, len(steps), op, how), st, want)
			if t.Failed() {
				return
			}
		}
	}
}

// Whoever takes over may die as well, at any step of finding out what landed.
func TestCrashWhileRecovering(t *testing.T) {
	s := lifeOfAna()[:5]
	want, steps := undisturbed(t, s)
	for n, op := range steps {
		if op != opCommit && op != opProduce {
			continue // it changes nothing, and leaves nothing to find out
		}
		for again := 1; again <= 16; again++ {
			st := newStage(s, memstate.New())
			hows := []fate{diesInPart, []fate{dies, diesLate, diesInPart}[again%3]}
			for i, at := range []int{n + 1, again} {
				st.play(t, st.enter(func(_ string, _, step int) fate {
					if step == at {
						return hows[i]
					}
					return goesWell
				}), nil)
			}
			if !st.over && !st.play(t, st.enter(nil), nil) {
				t.Fatalf("steps %d and %d: the story was not taken up again", n, again)
			}
			sameStory(t, fmt.Sprintf("crash at step %d, %s, and at step %d after it", n+1, op, again), st, want)
			if t.Failed() {
				return
			}
		}
	}
}

// sameStory wants what came out to be what would have come out without a fault,
// exact repeats aside.
func sameStory(t *testing.T, what string, st *stage, want map[string][]string) {
	t.Helper()
	h := st.log.history(true)
	got, repeats := h.outputs()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: other records than without it (-want +got):\n%s", what, diff)
	}
	if repeats > 0 || t.Failed() { // else it is, record for record, what was checked before
		report(t, h.check())
	}
}
