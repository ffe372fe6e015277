package consumer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// rememberedPerson is what a store keeps of one person.
type rememberedPerson struct {
	Standing string
	Log      state.Person
}

// remembered is what a store keeps of the people of partition 0. What is over is
// left out: a person is pruned when something happens to them. So is since when a
// notice waits: one that is not decided waits anew.
func remembered(t testing.TB, store state.Store, now time.Time, people ...rules.PersonID) map[rules.PersonID]*rememberedPerson {
	t.Helper()
	memories, err := store.Load(context.Background(), 0, people)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[rules.PersonID]*rememberedPerson)
	for i, id := range people {
		var p state.Person
		if err := state.DecodeLog(memories[i].Log, &p, &zones.Finder{}); err != nil {
			t.Fatal(err)
		}
		p.Prune(testPolicy(), rules.At(now))
		for i := range p.Held {
			p.Held[i].Arrived = 0
		}
		if strings.Contains(string(memories[i].Standing), `"erased"`) { // in the same instant is before or after: the id is spent at least
			for _, k := range p.Known.All() {
				p.Spent.Add(k.Intent)
			}
			p.Known = rules.KnownIDs{}
		}
		slices.Sort(p.Spent.Hashes)
		p.Spent.Hashes = slices.Compact(p.Spent.Hashes)
		out[id] = &rememberedPerson{string(memories[i].Standing), p}
	}
	return out
}

// whole says whether the store's memory of partition 0 is where the log ends.
func whole(t testing.TB, store state.Store, log *fakeLog) func() bool {
	return func() bool {
		told, err := store.Totals(context.Background(), []int32{0}, nil)
		if err != nil {
			t.Error(err)
			return true
		}
		mark := told[0].Mark
		return told[0].Known && !mark.Restoring &&
			mark.Signals == int64(log.size(governor.Signals)) && mark.Intents == int64(log.size(governor.Intents))
	}
}

// rebuilt is a new store, made from nothing but the log.
func rebuilt(t testing.TB, log *fakeLog, c *clock, change ...func(*consumer.Config)) state.Store {
	t.Helper()
	store := memstate.New()
	p := newFakeProcess(log, store)
	w := &watcher{}
	cfg := config(p, c, w)
	for _, f := range change {
		f(&cfg)
	}
	r := start(t, cfg, p)
	until(t, "it is rebuilt", func() bool { return whole(t, store, log)() || w.count("held") > 3 })
	if why := w.why(); why != nil {
		t.Fatalf("it is held: %v", why)
	}
	r.stop()
	r.wait()
	return store
}

// "Afterwards Redis holds the same people as before (compared key by key)" (issue 5).
// And nothing is said twice: a rebuild that finds everything emits nothing.
func TestARebuiltMemoryIsTheSame(t *testing.T) {
	for phases := 1; phases <= len(lifeOfAna()); phases++ {
		t.Run(fmt.Sprint(phases), func(t *testing.T) {
			store := memstate.New()
			st := newStage(lifeOfAna()[:phases], store)
			if !st.play(t, st.enter(nil), nil) {
				t.Fatal("the story has no end")
			}
			everybody := []rules.PersonID{"ana", "ben", "cem", "dia"}
			want := remembered(t, store, st.clock.now(), everybody...)
			before, _ := st.log.history(true).outputs()
			got := remembered(t, rebuilt(t, st.log, st.clock), st.clock.now(), everybody...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
			}
			after, _ := st.log.history(true).outputs()
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("it says something (-before +after):\n%s", diff)
			}
		})
	}
}

// The same of any story, whatever may be kept in memory at once.
func TestAnyMemoryIsRebuiltTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		store := memstate.New()
		st := newStage(s, store)
		if !st.play(t, st.enter(nil), nil) {
			rt.Fatal("the story has no end")
		}
		var everybody []rules.PersonID
		for _, in := range []string{governor.Intents, governor.Signals} {
			for _, r := range st.log.records(slot(in)) {
				if id := rules.PersonID(r.Key); !slices.Contains(everybody, id) && id != "" {
					everybody = append(everybody, id)
				}
			}
		}
		want := remembered(t, store, st.clock.now(), everybody...)
		most := rapid.SampledFrom([]int{1, 2, 1000}).Draw(rt, "people in memory")
		got := remembered(t, rebuilt(t, st.log, st.clock, func(c *consumer.Config) { c.MaxPeople = most }), st.clock.now(), everybody...)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
		}
	})
}

// Signals are kept for as long as the policy remembers, and a no has no end: after
// years, when retention took the refusal, contact.standing still has it.
func TestANoOutlivesTheLog(t *testing.T) {
	log, c, store := newFakeLog(), newClock(noon), memstate.New()
	first := newFakeProcess(log, store)
	log.publish(
		signal("no", "ana", "refusal", noon), intent("i0", "ben", "email", "marketing", noon),
		signal("there", "cem", "refusal", noon, "channel:sms", "address:+15550100"), intent("i1", "dia", "email", "marketing", noon),
	)
	r := start(t, config(first, c, nil), first)
	until(t, "it is heard", whole(t, store, log))
	c.pass(500 * 24 * time.Hour)
	log.publish(signal("s", "ben", "conversation", c.now(), "channel:call"), intent("i2", "ben", "email", "marketing", c.now()))
	until(t, "it is decided", whole(t, store, log))
	r.stop()
	r.wait()
	people := []rules.PersonID{"ana", "ben", "cem", state.AddressID("+15550100")}
	without := func(store state.Store) map[rules.PersonID]*rememberedPerson { // ids whose decisions are not kept any more
		all := remembered(t, store, c.now(), people...)
		for _, who := range all {
			who.Log.Spent = rules.Spent{}
		}
		return all
	}
	want := without(store)

	log.mu.Lock()
	for topic, first := range map[string]int64{governor.Signals: 2, governor.Intents: 2, governor.Approved: 2} {
		log.first[slot(topic)] = first
	}
	log.mu.Unlock()
	lost := rebuilt(t, log, c)
	if diff := cmp.Diff(want, without(lost)); diff != "" {
		t.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
	}

	log.publish(intent("i3", "ana", "email", "marketing", c.now()), intent("i4", "eve", "sms", "marketing", c.now(), "address:+15550100"))
	third := newFakeProcess(log, lost)
	start(t, config(third, c, nil), third)
	until(t, "they are vetoed", func() bool { return log.size(governor.Vetoed) == 2 })
	for _, d := range decisions(t, log, 0) {
		if d.Verdict == schemas.Vetoed && d.Reason != string(rules.RefusedState) && d.Reason != string(rules.RefusedAddress) {
			t.Errorf("%s was vetoed for %s", d.Intent, d.Reason)
		}
	}
}
