package consumer_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/contactgovernor/governor/state/memstate"
)

// Every I/O step of a worker fails, at its first, second and third occasion:
// before it took effect, after it took effect, with a part of it landed, and by
// hanging until the partition is lost. Then all is well again, and what comes
// out is what would have come out anyway; the hold was visible, and so was its
// end (I5, I7, I14; package consumer, "a crash at any point …").
func TestEveryStepFailingAndFailingAfterItTookEffect(t *testing.T) {
	s := lifeOfAna()
	want, _ := undisturbed(t, s)
	steps := []string{
		opOpenWriter, opAcquire, opOutputBounds, opReadBack, opFetchIntents, opSignalBounds, opFetchSignals,
		opLoad, opCommit, opProduce, opGroupCommit,
	}
	fates := []struct {
		name string
		fate fate
	}{
		{"fails", fails}, {"took effect and fails", failsLate}, {"half of every slot", landsInPart}, {"one slot of all", landsLast}, {"hangs", hangs},
	}
	for _, op := range steps {
		for _, f := range fates {
			if (f.fate == landsInPart || f.fate == landsLast) && op != opProduce {
				continue // has no parts
			}
			for nth := 1; nth <= 3; nth++ {
				t.Run(fmt.Sprintf("%s/%s/%d", op, f.name, nth), func(t *testing.T) {
					st := newStage(s, memstate.New())
					struck := false
					p := st.enter(func(is string, at, _ int) fate {
						switch {
						case is == op && at == nth:
							struck = true
							return f.fate
						case is == opProduce && at <= 3 && slices.Contains([]string{opOpenWriter, opAcquire, opReadBack}, op):
							return landsInPart // so that there is something to acquire again, and to read back
						}
						return goesWell
					})
					w := &watcher{}
					if !st.play(t, p, w) {
						t.Fatal("the story has no end")
					}
					if !struck {
						t.Fatal("the story has no such step: the test shows nothing")
					}
					sameStory(t, op, st, want)
					held, resumed := w.count("held"), w.count("resumed")
					switch {
					case op == opGroupCommit && held+resumed > 0:
						t.Errorf("lag is for the eye: nothing should be held for it, but %v", w.events)
					case op != opGroupCommit && f.fate != hangs && (held == 0 || resumed == 0 || w.last("held", "resumed") != "resumed"):
						t.Errorf("held %d times and resumed %d times: %v", held, resumed, w.events)
					case f.fate != hangs && op != opGroupCommit && !errors.Is(w.why(), errInjected):
						t.Errorf("the observer heard %v as the cause", w.why())
					}
					if f.fate == hangs && w.count("released") < 2 {
						t.Errorf("a step that hung until the generation ended did not release the partition: %v", w.events)
					}
				})
			}
		}
	}
}

// A fault that lasts is one hold: since when does not move, the pauses grow, and
// nobody hears that the partition decides again while it does not
// (Observer.Resumed: "a held partition decides again").
func TestALastingFaultIsOneHold(t *testing.T) {
	for _, op := range []string{opAcquire, opFetchIntents, opSignalBounds, opLoad, opCommit, opProduce} {
		t.Run(op, func(t *testing.T) {
			st := newStage(lifeOfAna()[:3], memstate.New())
			w := &watcher{}
			p := st.enter(func(is string, at, _ int) fate {
				if is == op && at >= 2 && at < 12 {
					st.clock.pass(1) // so that a hold that begins anew is told from one that goes on
					return fails
				}
				return goesWell
			})
			if op == opAcquire { // which happens again only after something else failed
				decide := p.decide
				p.decide = func(is string, at, n int) fate {
					if is == opProduce && at == 1 {
						return fails
					}
					return decide(is, at, n)
				}
			}
			if !st.play(t, p, w) {
				t.Fatal("the story has no end")
			}
			checkInvariants(t, st.log)
			if n := w.count("resumed"); n != 1 {
				t.Errorf("one fault that lasted, but the partition is said to decide again %d times: %v", n, w.events)
			}
			for _, since := range w.since {
				if !since.Equal(w.since[0]) {
					t.Errorf("held since %v, then since %v: an alert on the time held would never fire", w.since[0], since)
					break
				}
			}
		})
	}
}
