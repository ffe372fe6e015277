package consumer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state/memstate"
)

// A lost memory is made anew from a log that lacks no signal that was not heard by
// then: else a no may have been there. The partition holds, and says so.
func TestALogWithoutSignalsThatNobodyHeardIsNotEnoughForALostMemory(t *testing.T) {
	for name, lose := range map[string]func(*fakeLog){
		"deleted":     func(l *fakeLog) { l.first[slot(governor.Signals)] = 2 },
		"made anew":   func(l *fakeLog) { delete(l.slots, slot(governor.Signals)) },
		"and retried": func(l *fakeLog) { l.slots[slot(governor.Signals)] = l.slots[slot(governor.Signals)][:1] },
	} {
		t.Run(name, func(t *testing.T) {
			log, c, w := newFakeLog(), newClock(noon), &watcher{}
			first := newFakeProcess(log, memstate.New())
			log.publish(signal("s", "ben", "conversation", noon, "channel:call"))
			log.publish(intent("i0", "ben", "email", "marketing", noon))
			r := start(t, config(first, c, nil), first)
			until(t, "it decides", func() bool { return log.size(governor.Approved) == 1 })
			log.publish(signal("no", "ana", "refusal", noon))
			log.publish(intent("i1", "ana", "email", "marketing", noon))
			until(t, "it decides", func() bool { return log.size(governor.Vetoed) == 1 })
			first.kill()
			r.wait()

			log.mu.Lock()
			lose(log)
			log.mu.Unlock()
			log.publish(intent("i2", "ana", "email", "marketing", noon))
			second := newFakeProcess(log, memstate.New()) // everything is lost
			start(t, config(second, c, w), second)
			until(t, "it holds", func() bool { return w.count("held") > 2 })
			if !errors.Is(w.why(), consumer.ErrMemoryLost) {
				t.Errorf("it said: %v", w.why())
			}
			if n := log.size(governor.Approved); n != 1 {
				t.Errorf("%d approvals", n)
			}
		})
	}
}

// dyingAt is a process that dies at its n-th commit.
func dyingAt(p *fakeProcess, n int) {
	p.decide = func(op string, nth, _ int) fate {
		if op == opCommit && nth == n {
			return dies
		}
		return goesWell
	}
}

// A repair of many people is saved in pieces. Whoever dies between two of them is
// followed by one who recalls all of it again: nobody gets a second text message
// within the day.
func TestDyingBetweenThePiecesOfARepair(t *testing.T) {
	const people = 2500
	log, c := newFakeLog(), newClock(noon)
	for i := range people {
		log.publish(intent("i", fmt.Sprint("p", i), "sms", "marketing", noon))
	}
	first := newFakeProcess(log, memstate.New())
	r := start(t, config(first, c, nil), first)
	until(t, "all are approved", func() bool { return log.size(governor.Approved) == people })
	first.kill()
	r.wait()

	store := memstate.New() // everything is lost
	second := newFakeProcess(log, store)
	dyingAt(second, 2)
	r = start(t, config(second, c, nil), second)
	<-second.died
	r.wait()

	c.pass(time.Minute)
	for i := range people {
		log.publish(intent("j", fmt.Sprint("p", i), "sms", "marketing", noon))
	}
	third := newFakeProcess(log, store)
	start(t, config(third, c, nil), third)
	until(t, "all are answered", func() bool { return log.size(governor.Approved)+log.size(governor.Vetoed) >= 2*people })
	if n := log.size(governor.Approved); n != people {
		t.Errorf("%d approvals for %d people who may get one", n, people)
	}
}

// The same where the store went back, and what was lost is the decisions on
// notices that it holds: none goes out twice.
func TestDyingBetweenThePiecesOfARepairOfNotices(t *testing.T) {
	const people = 2500
	log, c, store := newFakeLog(), newClock(noon), newForgetfulStore()
	for i := range people {
		log.publish(intent("i", fmt.Sprint("p", i), "email", "reminder", noon, "subject:s"))
	}
	noted := func(n int64) func() bool {
		return func() bool {
			log.mu.Lock()
			defer log.mu.Unlock()
			return log.committed[slot(governor.Intents)] == n
		}
	}
	first := newFakeProcess(log, store)
	r := start(t, config(first, c, nil), first)
	until(t, "all are held", noted(people))
	kept := store.size()
	c.pass(time.Hour)
	until(t, "all went out", func() bool { return log.size(governor.Approved) == people })
	first.kill()
	r.wait()

	store.backTo(kept)
	second := newFakeProcess(log, store)
	dyingAt(second, 2)
	r = start(t, config(second, c, nil), second)
	<-second.died
	r.wait()

	log.publish(intent("z", "zoe", "email", "marketing", noon))
	c.pass(time.Minute)
	third := newFakeProcess(log, store)
	start(t, config(third, c, nil), third)
	until(t, "zoe is answered", noted(people+1))
	if n := log.size(governor.Approved); n != people+1 {
		t.Errorf("%d approvals for %d notices and zoe", n, people)
	}
}

// Whoever dies anywhere in a rebuild of many is followed by one who makes it whole.
func TestDyingAnywhereInARebuild(t *testing.T) {
	const people = 1500
	log, c, store := newFakeLog(), newClock(noon), memstate.New()
	for i := range people {
		person := fmt.Sprint("p", i)
		log.publish(signal(fmt.Sprint("s", i), person, "conversation", noon, "channel:call"), intent("i", person, "sms", "marketing", noon))
	}
	first := newFakeProcess(log, store)
	r := start(t, config(first, c, nil), first)
	until(t, "all are approved", func() bool { return log.size(governor.Approved) == people })
	until(t, "all is remembered", whole(t, store, log))
	r.stop()
	r.wait()
	everybody := make([]rules.PersonID, people)
	for i := range everybody {
		everybody[i] = rules.PersonID(fmt.Sprint("p", i))
	}
	want := remembered(t, store, c.now(), everybody...)

	lost := memstate.New()
	for n, over := 1, false; !over; n++ {
		p := newFakeProcess(log, lost)
		dyingAt(p, n)
		r := start(t, config(p, c, nil), p)
		until(t, "it died or is whole", func() bool {
			select {
			case <-p.died:
				return true
			default:
				over = whole(t, lost, log)()
				return over
			}
		})
		r.stop()
		r.wait()
	}
	if diff := cmp.Diff(want, remembered(t, lost, c.now(), everybody...)); diff != "" {
		t.Errorf("it is remembered otherwise (-before +after):\n%.2000s", diff)
	}
	if n := log.size(governor.Approved); n != people {
		t.Errorf("%d approvals for %d people", n, people)
	}
}
