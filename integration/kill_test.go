//go:build integration

package integration

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// "A crash at any point loses nothing and counts nothing twice" (design.md). The governor is killed ten times at random
// points under load. In the end every intent has exactly one decision id, no cap is exceeded, and none is lost.
func TestKilledTenTimesUnderLoadItLosesNothingAndCountsNothingTwice(t *testing.T) {
	const (
		kills  = 10
		people = 400
	)
	p := newPlace(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	// An engine that never stops asking, about many contacts for each person.
	intents := make(map[string]string) // and whom each is for
	load, enough := context.WithCancel(t.Context())
	client := p.kafka.client(t)
	var engine sync.WaitGroup
	stop := func() { enough(); engine.Wait() }
	t.Cleanup(stop)
	engine.Go(func() {
		channels := []string{"email", "sms", "push", "in_app", "chat"}
		for n := 0; load.Err() == nil; n++ {
			person := fmt.Sprintf("kill-%d", n%people)
			in := marketing(fmt.Sprintf("i%d", n), person, channels[n/people%len(channels)], fmt.Sprintf("c%d", n/people))
			client.Produce(context.WithoutCancel(load), p.record(t, "contact.intents", person, in), func(_ *kgo.Record, err error) {
				if err != nil {
					enough()
					t.Error(err)
				}
			})
			intents[in.ID] = person
			time.Sleep(time.Millisecond)
		}
		if err := client.Flush(context.WithoutCancel(load)); err != nil {
			t.Error(err)
		}
	})

	for range kills {
		before := p.decidedSoFar(t)
		g := startGovernor(t, p.config())
		waitFor(t, "the governor to decide again", func() bool { return p.decidedSoFar(t) > before })
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		g.Kill(t)
	}
	stop()
	g := startGovernor(t, p.config())
	waitFor(t, fmt.Sprintf("all %d intents to be decided", len(intents)), func() bool {
		return p.decidedSoFar(t) >= len(intents) && len(first(p.decisions(t))) >= len(intents)
	})
	g.Stop(t)

	checkOnce(t, p, intents)
	checkCaps(t, p)
	verified(t, p)
	t.Logf("%d intents, %d records of decisions after %d kills", len(intents), len(p.decisions(t)), kills)
}

// first keeps the first answer to each intent.
func first(all []decision) map[string]decision {
	out := make(map[string]decision)
	for _, d := range all {
		if _, again := out[d.Intent]; !again {
			out[d.Intent] = d
		}
	}
	return out
}

// checkOnce wants one decision id for each intent, and the same bytes wherever it stands.
func checkOnce(t *testing.T, p *place, intents map[string]string) {
	t.Helper()
	ids := make(map[string]string)
	for _, d := range p.decisions(t) {
		if person, known := intents[d.Intent]; !known || person != d.Person {
			t.Errorf("a decision on %s, which nobody asked for", d.Intent)
		}
		if id, again := ids[d.Intent]; again && id != d.ID {
			t.Errorf("%s has two decision ids: %s and %s", d.Intent, id, d.ID)
		}
		ids[d.Intent] = d.ID
	}
	for id := range intents {
		if ids[id] == "" {
			t.Errorf("%s was lost", id)
		}
	}
	bytesOf := make(map[string][]byte)
	for _, topic := range []string{"contact.approved", "contact.vetoed"} {
		for _, r := range p.read(t, topic) {
			id := ids[decided(t, r).Intent]
			if was, again := bytesOf[id]; again && !bytes.Equal(was, r.Value) {
				t.Errorf("decision %s stands there twice, with other bytes", id)
			}
			bytesOf[id] = r.Value
		}
	}
}

// checkCaps counts the approvals of each person. All were decided within the life of an approval, so all of them count.
func checkCaps(t *testing.T, p *place) {
	t.Helper()
	caps := map[string]int{"any": 3, "email": 2, "sms": 1, "push": 1}
	used := make(map[string]map[string]int)
	for _, d := range first(p.decisions(t)) {
		if d.Verdict != "approved" {
			continue
		}
		if used[d.Person] == nil {
			used[d.Person] = make(map[string]int)
		}
		used[d.Person]["any"]++
		used[d.Person][d.Channel]++
	}
	for person, counts := range used {
		for what, most := range caps {
			if counts[what] > most {
				t.Errorf("%s: %d approved under the cap %q of %d", person, counts[what], what, most)
			}
		}
	}
	if len(used) == 0 {
		t.Error("nothing was approved at all: the caps were not tried")
	}
}
