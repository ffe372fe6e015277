package consumer_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// "Whoever lost a partition without knowing it can at worst repeat a batch byte
// for byte" (package consumer). Ada commits a batch, and falls asleep before she
// emits it. Bea takes over, emits Ada's batch, hears a no, and vetoes. Then Ada
// wakes.
func TestAZombieAtWorstRepeatsItself(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fate  fate // of what Ada was about to produce
		knows bool // that she lost the partition
	}{
		{"she knows, and her request was on its way all the time", failsLate, true},
		{"she knows, and half of it was", landsInPart, true},
		{"she knows, and nothing had left", goesWell, true},
		{"she does not know, and all of it lands", goesWell, false},
		{"she does not know, and half of it lands", landsInPart, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			log, store, c := newFakeLog(), memstate.New(), newClock(noon)
			log.publish(
				intent("e1", "ana", "email", "marketing", noon),
				intent("e1", "ben", "email", "marketing", noon),
				poison(governor.Intents, "ana", "?"),
			)
			ada := newFakeProcess(log, store)
			ada.once = true
			asleep, wake := make(chan struct{}), make(chan struct{})
			var woken, acquired atomic.Int32
			ada.decide = func(op string, nth, _ int) fate {
				if op == opProduce && nth == 1 {
					return tc.fate
				}
				return goesWell
			}
			ada.before = func(op string) {
				switch {
				case op == opProduce && woken.Load() == 0:
					close(asleep)
					<-wake
					woken.Store(1)
				case op == opAcquire && woken.Load() == 1:
					acquired.Add(1)
				}
			}
			running := start(t, config(ada, c, nil), ada)
			<-asleep
			if tc.knows {
				ada.endGeneration()
			}

			bea := newFakeProcess(log, store)
			c.pass(time.Second)
			log.publish(signal("no", "ana", "refusal", c.now()))
			log.publish(intent("e2", "ana", "email", "marketing", c.now()), intent("e2", "ben", "email", "marketing", c.now()))
			start(t, config(bea, c, nil), bea)
			vetoed := func(n int) func() bool {
				return func() bool { return log.size(governor.Vetoed) >= n }
			}
			until(t, "Bea vetoes", vetoed(1))
			before, _ := log.history(true).outputs()

			close(wake)
			if tc.knows {
				until(t, "Ada is idle", func() bool { return ada.gen.ctx.Err() != nil })
			}
			// What comes while both are there is decided once.
			log.publish(intent("e3", "ana", "email", "marketing", c.now()))
			until(t, "the next intent is vetoed", vetoed(2))
			if tc.fate != goesWell {
				ada.endGeneration() // an error of any other kind may be anybody's: she tries again until the group says no
			}
			until(t, "Ada stops", func() bool { return ada.gen.ctx.Err() != nil })
			running.stop()
			running.wait()

			checkInvariants(t, log)
			after, _ := log.history(true).outputs()
			for topic, was := range before {
				if diff := cmp.Diff(was, after[topic][:len(was)]); diff != "" {
					t.Errorf("%s is not what it was (-before +after she woke):\n%s", topic, diff)
				}
			}
			for topic, is := range after {
				if strings.HasSuffix(topic, "approved") && len(is) != len(before[topic]) {
					t.Errorf("after she woke there is a new approval: %v", is)
				}
			}
			if n := acquired.Load(); n > 0 && tc.fate == goesWell {
				t.Errorf("Ada took the partition back %d times: whoever is fenced has lost it, and must go through the group", n)
			}
		})
	}
}
