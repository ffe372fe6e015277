package consumer_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
	"github.com/contactgovernor/governor/state/sealed"
)

// opened is a store that can be looked into, as a Redis can.
type opened struct {
	state.Store
	mu     sync.Mutex
	people map[rules.PersonID]state.Memory
	rest   string
}

func (o *opened) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	err := o.Store.Commit(ctx, partition, b)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range b.People {
		m := o.people[c.Person]
		if c.SetStanding {
			m.Standing = slices.Clone(c.Memory.Standing)
		}
		if c.SetLog {
			m.Log = slices.Clone(c.Memory.Log)
		}
		if o.people[c.Person] = m; len(m.Standing)+len(m.Log) == 0 {
			delete(o.people, c.Person)
		}
	}
	o.rest = fmt.Sprintf("%q %q", b.Waiting, b.Outbox)
	return nil
}

// text is all that is in it.
func (o *opened) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("%q %s", o.people, o.rest)
}

// hiding is a store with these keys, and what is beneath it.
func hiding(t testing.TB, mode string, numbers ...int) (state.Store, *sealed.Keys, *opened) {
	t.Helper()
	var file strings.Builder
	for _, n := range numbers {
		file.WriteString(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fmt.Sprintf("secret %d ", n), 4))) + "\n")
	}
	o := sealed.Options{Hashed: mode == "hashed"}
	if len(numbers) > 0 {
		var err error
		if o.Keys, err = sealed.ParseKeys([]byte(file.String())); err != nil {
			t.Fatal(err)
		}
	}
	inner := &opened{Store: memstate.New(), people: make(map[rules.PersonID]state.Memory)}
	store, err := sealed.New(inner, o)
	if err != nil {
		t.Fatal(err)
	}
	return store, o.Keys, inner
}

// governing lets a consumer work on the log until it has done all of it.
func governing(t testing.TB, log *fakeLog, c *clock, store state.Store, keys *sealed.Keys, change ...func(*consumer.Config)) {
	t.Helper()
	p := newFakeProcess(log, store)
	w := &watcher{}
	cfg := config(p, c, w)
	cfg.Keys = keys
	for _, f := range change {
		f(&cfg)
	}
	r := start(t, cfg, p)
	until(t, "all is done", func() bool { return whole(t, store, log)() || w.count("held") > 3 })
	if why := w.why(); why != nil {
		t.Fatalf("it is held: %v", why)
	}
	r.stop()
	r.wait()
}

// onStanding is what contact.standing has after compaction, by key.
func onStanding(log *fakeLog) map[string]string {
	all := make(map[string]string)
	for _, r := range log.records(slot(governor.Standing)) {
		if all[string(r.Key)] = string(r.Value); r.Value == nil {
			delete(all, string(r.Key))
		}
	}
	return all
}

// reasons are why the intents were vetoed, by their ids.
func reasons(t testing.TB, log *fakeLog) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, d := range decisions(t, log, 0) {
		if all[d.Intent] = d.Reason; d.Verdict == schemas.Approved {
			all[d.Intent] = "approved"
		}
	}
	return all
}

// forgotten is what ana says, who has another record and an address: no, and then
// that she be forgotten.
func forgotten() []input {
	return []input{
		signal("s1", "canary-ana", "refusal", noon, "channel:sms", "address:+canary-1555"),
		signal("s2", "canary-ana", "refusal", noon, "channel:email"),
		signal("s3", "canary-bea", "merge", noon, "into:canary-ana"),
		intent("i1", "canary-ana", "call", "marketing", noon),
		signal("s4", "canary-ana", "erasure", noon.Add(time.Minute)),
		signal("s5", "cem", "refusal", noon, "channel:email"),
	}
}

// "Erasure leaves a keyed hash with the no, and nothing else" (design.md): neither in
// the store nor on contact.standing, compacted, is a word of who it was; and the no is
// there, for each of the person's records and for others at the address, also when
// the store is lost, also when a new key was put before the old one.
func TestErasureLeavesAKeyedHashWithTheNo(t *testing.T) {
	for _, mode := range []string{"plain", "hashed"} {
		t.Run(mode, func(t *testing.T) {
			log, c := newFakeLog(), newClock(noon.Add(time.Minute))
			store, keys, inner := hiding(t, mode, 1)
			log.publish(forgotten()...)
			governing(t, log, c, store, keys)
			log.publish(intent("i2", "cem", "email", "marketing", noon)) // the last output is about her no more
			governing(t, log, c, store, keys)
			nowhere := func() {
				t.Helper()
				if all := fmt.Sprintf("%q", onStanding(log)); strings.Contains(all, "canary") {
					t.Errorf("contact.standing has %s", all)
				}
				if all := inner.text(); strings.Contains(all, "canary") {
					t.Errorf("the store has %s", all)
				}
			}
			nowhere()
			if told := onStanding(log); len(told) != 4 || told["cem"] == "" {
				t.Errorf("contact.standing has not ana, bea, the address and cem: %q", slices.Collect(maps.Keys(told)))
			}
			again := func(round int) {
				t.Helper()
				n := func(id string) string { return fmt.Sprint(id, round) }
				log.publish(
					intent(n("a"), "canary-ana", "email", "marketing", noon), intent(n("b"), "canary-bea", "email", "marketing", noon),
					intent(n("c"), "dia", "sms", "marketing", noon, "address:+canary-1555"), intent(n("d"), "cem", "email", "marketing", noon),
				)
				governing(t, log, c, store, keys)
				got := reasons(t, log)
				for id, want := range map[string]rules.Reason{"a": rules.RefusedTombstone, "b": rules.RefusedTombstone, "c": rules.RefusedTombstone, "d": rules.RefusedState} {
					if got[n(id)] != string(want) {
						t.Errorf("round %d: %s was answered %q, want %s", round, id, got[n(id)], want)
					}
				}
			}
			again(1)

			store, keys, inner = hiding(t, mode, 1) // all is lost
			governing(t, log, c, store, keys)
			again(2)

			before := onStanding(log)
			store, keys, inner = hiding(t, mode, 2, 1) // and again, and there is another key
			governing(t, log, c, store, keys)
			again(3)
			log.publish(signal("s6", "canary-bea", "refusal", noon, "channel:push"), signal("s7", "cem", "conversation", noon, "channel:call"))
			governing(t, log, c, store, keys)
			after := onStanding(log)
			for key := range before {
				if _, same := after[key]; same && sealed.IsTombstone(rules.PersonID(key)) && key != string(addressName(t, 1)) {
					t.Errorf("%q is still under the old key", key)
				}
			}
			log.publish(intent("x1", "canary-ana", "push", "marketing", noon), intent("x2", "eve", "email", "receipt", noon))
			governing(t, log, c, store, keys)
			if got := reasons(t, log)["x1"]; got != string(rules.RefusedState) {
				t.Errorf("what one record refused after it was buried, the other does not know: %s", got)
			}
			log.publish(intent("x3", "cem", "email", "marketing", noon))
			governing(t, log, c, store, keys)
			if told := fmt.Sprintf("%q", onStanding(log)); strings.Contains(told, "canary") {
				t.Errorf("contact.standing has %s", told)
			}
		})
	}
}

// addressName is the name of ana's address under the numbered key.
func addressName(t testing.TB, number int) rules.PersonID {
	_, keys, _ := hiding(t, "plain", number)
	return keys.Tombstone(state.AddressID("+canary-1555"))
}

// Without the key nobody can tell who was erased. So nothing is decided without it,
// neither over the store nor over the log.
func TestNothingIsDecidedWithoutTheKeyOfTheErased(t *testing.T) {
	log, c := newFakeLog(), newClock(noon.Add(time.Minute))
	store, keys, inner := hiding(t, "plain", 1)
	log.publish(forgotten()...)
	governing(t, log, c, store, keys)
	log.publish(intent("a", "canary-ana", "email", "marketing", noon))
	_, other, _ := hiding(t, "plain", 2)
	for what, o := range map[string]sealed.Options{"no key": {}, "another key": {Keys: other}} {
		for where, beneath := range map[string]state.Store{"the store": inner, "the log": memstate.New()} {
			store, err := sealed.New(beneath, o)
			if err != nil {
				t.Fatal(err)
			}
			p, w := newFakeProcess(log, store), &watcher{}
			cfg := config(p, c, w)
			cfg.Keys = o.Keys
			r := start(t, cfg, p)
			until(t, "it is held", func() bool { return w.count("held") > 3 })
			r.stop()
			r.wait()
			if why := fmt.Sprint(w.why()); !strings.Contains(why, sealed.ErrKeyMissing.Error()) || strings.Contains(why, "canary") {
				t.Errorf("%s, over %s: %s", what, where, why)
			}
		}
	}
	if got := reasons(t, log)["a"]; got != "" {
		t.Errorf("it was decided: %s", got)
	}
	governing(t, log, c, store, keys)
	if got := reasons(t, log)["a"]; got != string(rules.RefusedTombstone) {
		t.Errorf("with the key it is %q", got)
	}
}

// Whoever was erased when there was no key is buried when the memory is made anew
// with one (governor rebuild).
func TestARebuildBuriesWhoWasErasedBefore(t *testing.T) {
	log, c := newFakeLog(), newClock(noon.Add(time.Minute))
	store, _, _ := hiding(t, "plain")
	log.publish(forgotten()...)
	governing(t, log, c, store, nil)
	if all := onStanding(log); all["canary-ana"] == "" || all["canary-bea"] == "" {
		t.Fatalf("without a key they are buried: %q", all)
	}
	store, keys, _ := hiding(t, "plain", 1)
	governing(t, log, c, store, keys)
	if all := onStanding(log); all["canary-ana"]+all["canary-bea"] != "" || all[string(keys.Tombstone("canary-ana"))] == "" {
		t.Errorf("contact.standing has %q", all)
	}
	log.publish(intent("a", "canary-bea", "email", "marketing", noon))
	governing(t, log, c, store, keys)
	if got := reasons(t, log)["a"]; got != string(rules.RefusedTombstone) {
		t.Errorf("it is %q", got)
	}
}

// "Afterwards Redis holds the same people as before" (issue 5), hidden or not, and
// wherever the first governor died.
func TestAHiddenMemoryIsRebuiltTheSame(t *testing.T) {
	everybody := []rules.PersonID{"ana", "ben", "cem", "dia"}
	for _, mode := range []string{"plain", "hashed"} {
		store, keys, _ := hiding(t, mode, 2, 1)
		st := newStage(lifeOfAna(), store)
		with := func(c *consumer.Config) { c.Keys = keys }
		for n := 3; ; n += 7 {
			p := st.enter(nil)
			dyingAt(p, n)
			if st.play(t, p, nil, with) {
				break
			}
		}
		want := remembered(t, store, st.clock.now(), everybody...)
		if !strings.Contains(want["cem"].Standing, `"erased"`) {
			t.Fatal("nobody is erased in the story any more: this test proves nothing")
		}
		before := onStanding(st.log)
		if before["cem"] != "" || before[string(keys.Tombstone("cem"))] == "" {
			t.Errorf("%s: contact.standing has %q", mode, before)
		}
		anew, _, inner := hiding(t, mode, 2, 1)
		governing(t, st.log, st.clock, anew, keys)
		if diff := gocmp.Diff(want, remembered(t, anew, st.clock.now(), everybody...)); diff != "" {
			t.Errorf("%s: it is remembered otherwise (-before +after):\n%s", mode, diff)
		}
		if diff := gocmp.Diff(before, onStanding(st.log)); diff != "" {
			t.Errorf("%s: something else stands (-before +after):\n%s", mode, diff)
		}
		if mode == "hashed" && strings.Contains(inner.text(), `"ana"`) {
			t.Errorf("the store has %s", inner.text())
		}
	}
}

// The same of any story, whatever may be kept in memory at once.
func TestAnyHiddenMemoryIsRebuiltTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mode := rapid.SampledFrom([]string{"plain", "hashed"}).Draw(rt, "mode")
		store, keys, _ := hiding(t, mode, 1)
		s := withErasures(rt)
		st := newStage(s, store)
		most := rapid.SampledFrom([]int{1, 2, 1000}).Draw(rt, "people in memory")
		with := func(c *consumer.Config) { c.Keys, c.MaxPeople = keys, most }
		if !st.play(t, st.enter(nil), nil, with) {
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
		before := onStanding(st.log)
		anew, _, _ := hiding(t, mode, 1)
		governing(t, st.log, st.clock, anew, keys, with)
		if diff := gocmp.Diff(want, remembered(t, anew, st.clock.now(), everybody...)); diff != "" {
			rt.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
		}
		if diff := gocmp.Diff(before, onStanding(st.log)); diff != "" {
			rt.Errorf("something else stands (-before +after):\n%s", diff)
		}
	})
}

// withErasures draws a story in which some are forgotten on the way, in instants of their
// own.
func withErasures(rt *rapid.T) story {
	var s story
	for i, ph := range drawStory(rt) {
		ph.at = ph.at.Add(time.Duration(i) * time.Hour)
		for n := range ph.in {
			ph.in[n].Time = ph.at
		}
		then := ph.at.Add(time.Minute)
		person := rapid.SampledFrom([]string{"ana", "ben"}).Draw(rt, "who")
		said := map[string][]input{
			"erasure": {signal(fmt.Sprint("era", i), person, "erasure", then)},
			"address": {signal(fmt.Sprint("there", i), person, "refusal", then, "channel:sms", "address:+1555")},
		}[rapid.SampledFrom([]string{"erasure", "address", "nothing"}).Draw(rt, "says")]
		s = append(s, ph, phase{at: then, in: said})
	}
	return s
}

// What holds for one story of the erased holds for any: with the steps of the worker
// failing and its process dying at random, everything stands in the end as it would
// without that, and nobody who was erased stands under their id.
func TestErasureUnderAnyFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := withErasures(rt)
		mode := rapid.SampledFrom([]string{"plain", "hashed"}).Draw(rt, "mode")
		tell := func(decide func(op string, nth, n int) fate) (*stage, *opened) {
			store, keys, inner := hiding(t, mode, 2, 1)
			st := newStage(s, store)
			for !st.play(t, st.enter(decide), nil, func(c *consumer.Config) { c.Keys = keys }) {
			}
			return st, inner
		}
		calm, quiet := tell(nil)
		calms := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 20).Draw(rt, "steps between faults")
		fates := rapid.SliceOfN(rapid.SampledFrom([]fate{fails, failsLate, landsInPart, landsLast, hangs, dies, diesLate, diesInPart}), len(calms), len(calms)).Draw(rt, "faults")
		next, since := 0, 0
		st, inner := tell(func(string, int, int) fate {
			if next == len(calms) {
				return goesWell
			}
			if since++; since < calms[next] {
				return goesWell
			}
			next, since = next+1, 0
			return fates[next-1]
		})
		if diff := gocmp.Diff(onStanding(calm.log), onStanding(st.log)); diff != "" {
			rt.Errorf("something else stands (-calm +faults):\n%s", diff)
		}
		if diff := gocmp.Diff(slices.Sorted(maps.Keys(quiet.people)), slices.Sorted(maps.Keys(inner.people))); diff != "" {
			rt.Errorf("others are kept (-calm +faults):\n%s", diff)
		}
	})
}
