package consumer_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// The barrier: "a refusal acknowledged before an intent was acknowledged always
// vetoes it" (package consumer; I1). In 10,000 rounds somebody refuses, and after
// the acknowledgement an intent is produced: the one at any moment of the
// worker's round, the other at any moment from then on, the next round included.
// Not one is approved.
func TestARefusalBeforeAnIntentAlwaysVetoesIt(t *testing.T) {
	type moment struct {
		op    string
		after bool
	}
	var moments []moment
	for _, op := range []string{opFetchIntents, opSignalBounds, opFetchSignals, opLoad, opCommit, opProduce, opGroupCommit} {
		moments = append(moments, moment{op, false}, moment{op, true})
	}
	for _, atOnce := range []int{20, 1000} { // with a backlog that is committed in between, and without
		t.Run(fmt.Sprintf("%d a fetch", atOnce), func(t *testing.T) {
			log, c := newFakeLog(), newClock(noon)
			log.atOnce = atOnce
			p := newFakeProcess(log, memstate.New())
			ctx, stop := context.WithTimeout(context.Background(), patience)
			defer stop()

			// A sweep plays pairs of moments, each for a person of its own: first
			// every pair alone, when no other signal may have the worker read on,
			// then all at once.
			type round struct {
				person       string
				refuse, want moment
				refused      bool
			}
			var pairs []round
			for _, a := range moments {
				for _, b := range moments {
					pairs = append(pairs, round{refuse: a, want: b})
				}
			}
			alone, all := 0, 26
			if atOnce == 1000 {
				alone = len(pairs)
			}
			sweeps := alone + all
			var open []round
			sweep, rounds := 0, 0
			happens := func(now moment) {
				if len(open) == 0 && sweep < sweeps {
					open = append(open, pairs...)
					if sweep < alone {
						open = append(open[:0], pairs[sweep])
					}
					for i := range open {
						open[i].person = fmt.Sprintf("p%d-%d", sweep, i)
					}
					// Somebody has to make the worker take all of its steps.
					if open[0].refuse.op == opFetchSignals {
						log.publish(signal(fmt.Sprint(sweep), "other", "conversation", noon, "channel:call"))
					}
					log.publish(intent(fmt.Sprint(sweep), "other", "email", "receipt", noon))
					sweep, rounds = sweep+1, rounds+len(open)
				}
				var left []round
				for _, r := range open {
					if now == r.refuse && !r.refused {
						log.publish(signal("no", r.person, "refusal", noon))
						r.refused = true
					}
					if now == r.want && r.refused {
						log.publish(intent("e", r.person, "email", "marketing", noon))
						continue
					}
					left = append(left, r)
				}
				open = left
			}
			p.before = func(op string) { happens(moment{op, false}) }
			p.after = func(op string) { happens(moment{op, true}) }
			p.idle = func() {
				if len(open) == 0 && sweep == sweeps && log.size(governor.Vetoed)+log.size(governor.Approved) >= rounds+sweeps {
					stop()
				}
			}
			cons, err := consumer.New(config(p, c, nil))
			if err != nil {
				t.Fatal(err)
			}
			if err := cons.Run(ctx); err != nil {
				t.Error(err)
			}
			if n := log.size(governor.Vetoed); n != rounds || rounds < 5000 {
				t.Errorf("%d vetoes in %d rounds", n, rounds)
			}
			if n := log.size(governor.Approved); n != sweeps { // the receipts
				t.Errorf("%d people were approved who had said no", n-sweeps)
			}
			checkInvariants(t, log)
		})
	}
}
