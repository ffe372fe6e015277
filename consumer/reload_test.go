package consumer_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// edition is the test policy with another hash, and another wait for notices.
func edition(t testing.TB, hash string, wait time.Duration) *rules.Policy {
	t.Helper()
	p, problems := rules.Compile(&rules.Spec{
		Name: "test", Hash: hash,
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}, {Name: "reminder", Class: rules.Service}},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms", Silent: true}, {Name: "call"}, {Name: "push"}},
		Notices:  &rules.NoticeSpec{Wait: wait, Repeat: 24 * time.Hour},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// decisions are those of a partition, in the order of their decision.
func decisions(t testing.TB, l *fakeLog, partition int32) []schemas.Decision {
	t.Helper()
	var all []schemas.Decision
	for _, topic := range []string{governor.Approved, governor.Vetoed} {
		for _, r := range l.records(consumer.Slot{Topic: topic, Partition: partition}) {
			d, err := schemas.DecodeDecision(r.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
		}
	}
	return all
}

// A policy may change under load. "Every decision names the hash it was made with";
// a batch is made under one; and in no partition comes an older one after a newer.
func TestAPolicyMayChangeUnderLoad(t *testing.T) {
	c := newTown(t)
	var current atomic.Pointer[rules.Policy]
	editions := []*rules.Policy{edition(t, "h0", time.Hour), edition(t, "h1", time.Hour), edition(t, "h2", time.Hour)}
	current.Store(editions[0])
	w := &watcher{}
	p := newFakeProcess(c.log, c.store, 0, 1, 2, 3)
	cfg := c.config(p, w)
	cfg.Policy = current.Load
	c.log.atOnce = 7
	r := start(t, cfg, p)

	decided := func(hash string) (n int) {
		for p := range int32(partitions) {
			for _, d := range decisions(t, c.log, p) {
				if hash == "" || d.Policy == hash {
					n++
				}
			}
		}
		return n
	}
	const each = 200
	published := 0
	for i, e := range editions {
		for n := range each {
			c.publish(intent(fmt.Sprintf("i%d-%d", i, n), fmt.Sprint("p", n), "email", "marketing", noon))
			published++
			if n == each/2 {
				current.Store(e)
			}
		}
		until(t, "it is adopted", func() bool { return decided(e.Hash()) > 0 })
	}
	until(t, "all is decided", func() bool { return decided("") == published })
	r.stop()
	r.wait()

	seen := make(map[string]bool)
	for p := range int32(partitions) {
		hashOf := make(map[string]string) // a batch has one
		for _, topic := range []string{governor.Approved, governor.Vetoed} {
			before := ""
			for _, rec := range c.log.records(consumer.Slot{Topic: topic, Partition: p}) {
				d, err := schemas.DecodeDecision(rec.Value)
				if err != nil {
					t.Fatal(err)
				}
				e := entry{}
				for _, h := range rec.Headers {
					e.headers = append(e.headers, [2]string{h.Key, string(h.Value)})
				}
				batch, _ := e.header("governor_batch")
				if other, known := hashOf[batch]; known && other != d.Policy {
					t.Errorf("partition %d batch %s is decided under %s and %s", p, batch, other, d.Policy)
				}
				hashOf[batch] = d.Policy
				if d.Policy < before {
					t.Errorf("partition %d: %s after %s", p, d.Policy, before)
				}
				before = d.Policy
				seen[d.Policy] = true
			}
		}
	}
	if len(seen) != len(editions) {
		t.Errorf("decided under %v", seen)
	}
}

// Who waits is due when the policy that holds says so: where it changed under the
// worker, and where another process goes on with another.
func TestWhoWaitsIsDueUnderTheNewPolicy(t *testing.T) {
	for name, restart := range map[string]bool{"while it runs": false, "while nobody runs": true} {
		t.Run(name, func(t *testing.T) {
			const people = 2500 // more than one piece
			log, c, store := newFakeLog(), newClock(noon), memstate.New()
			var current atomic.Pointer[rules.Policy]
			current.Store(edition(t, "h0", time.Hour))
			run := func() (*fakeProcess, *running) {
				p := newFakeProcess(log, store)
				cfg := config(p, c, nil)
				cfg.Policy = current.Load
				cfg.MaxPeople = 10
				return p, start(t, cfg, p)
			}
			for i := range people {
				log.publish(intent("i", fmt.Sprint("p", i), "email", "reminder", noon, "subject:s"))
			}
			p, r := run()
			until(t, "all are held", func() bool {
				log.mu.Lock()
				defer log.mu.Unlock()
				return log.committed[slot(governor.Intents)] == people
			})
			if restart {
				p.kill()
				r.wait()
			}
			current.Store(edition(t, "h1", 5*time.Minute))
			if restart {
				// The first dies while it plans.
				doomed, r := func() (*fakeProcess, *running) {
					p := newFakeProcess(log, store)
					dyingAt(p, 2)
					cfg := config(p, c, nil)
					cfg.Policy = current.Load
					return p, start(t, cfg, p)
				}()
				<-doomed.died
				r.wait()
				run()
			}
			log.publish(intent("j", "zoe", "email", "marketing", noon))
			until(t, "zoe is answered", func() bool { return log.size(governor.Approved) == 1 })
			c.pass(5*time.Minute - time.Millisecond)
			time.Sleep(20 * time.Millisecond)
			if n := log.size(governor.Approved); n != 1 {
				t.Errorf("%d decisions before they are due", n-1)
			}
			c.pass(time.Millisecond)
			until(t, "all are decided", func() bool { return log.size(governor.Approved) == people+1 })
			for _, d := range decisions(t, log, 0) {
				if d.Policy != "h1" {
					t.Fatalf("%s is decided under %s", d.Intent, d.Policy)
				}
			}
		})
	}
}
