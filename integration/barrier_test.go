//go:build integration

package integration

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// "A refusal acknowledged before an intent was acknowledged always vetoes it" (design.md, the barrier). 10,000 people say
// no, and as soon as that is acknowledged an engine asks. Not one approval. Some people in between say nothing, and are
// approved: the governor is not merely refusing everybody.
func TestARefusalAcknowledgedJustBeforeAnIntentAlwaysVetoesIt(t *testing.T) {
	const (
		rounds  = 10_000
		engines = 50
	)
	p := newPlace(t)
	startGovernor(t, p.config())
	client := p.kafka.client(t)
	silent := func(n int) bool { return n%101 == 0 }

	var work sync.WaitGroup
	for engine := range engines {
		work.Go(func() {
			for n := engine; n < rounds+rounds/100; n += engines {
				person := fmt.Sprintf("barrier-%d", n)
				if !silent(n) {
					no := signal{ID: "s-" + person, Person: person, Type: "refusal", At: stamp(time.Now()), Channel: "email", Source: "test"}
					if err := client.ProduceSync(t.Context(), p.record(t, "contact.signals", person, no)).FirstErr(); err != nil {
						t.Error(err)
						return
					}
				}
				in := p.record(t, "contact.intents", person, marketing("i-"+person, person, "email", "c"))
				if err := client.ProduceSync(t.Context(), in).FirstErr(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()

	all := rounds + rounds/100
	waitFor(t, "every intent to be decided", func() bool { return p.decidedSoFar(t) >= all })
	answers := first(p.decisions(t))
	for n := range all {
		person := fmt.Sprintf("barrier-%d", n)
		d := answers["i-"+person]
		switch {
		case silent(n) && d.Verdict != "approved":
			t.Errorf("%s said nothing, and was vetoed: %s", person, d.Reason)
		case !silent(n) && (d.Verdict != "vetoed" || d.Reason != "refused.state"):
			t.Errorf("%s said no before: %s %s", person, d.Verdict, d.Reason)
		}
	}
}
