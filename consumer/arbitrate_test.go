package consumer_test

import (
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
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// arbitrates is a policy under which the last of two contacts a day goes to the most
// urgent of those who come within five minutes; or under which the last slots of other
// caps wait.
func arbitrates(t testing.TB, caps ...rules.CapSpec) func(*consumer.Config) {
	t.Helper()
	if caps == nil {
		caps = []rules.CapSpec{{Name: "any", Most: 2, In: rules.Window{Length: 24 * time.Hour}, Binds: on(), Counts: on(), Arbitrate: 5 * time.Minute}}
	}
	p, problems := rules.Compile(&rules.Spec{
		Name: "urgent", Hash: "urgenthash",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation}, {Name: "reminder", Class: rules.Service}, {Name: "receipt", Class: rules.ByPerson},
		},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}, {Name: "push"}},
		Caps:     caps,
		Notices:  &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: 24 * time.Hour},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return func(c *consumer.Config) { c.Policy = consumer.Always(p) }
}

// on are solicitations on a channel, or any.
func on(channels ...rules.Channel) rules.Selector {
	return rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: channels}
}

// ranked is an intent of a priority.
func ranked(id, person, channel string, priority int, at time.Time) input {
	in := intent(id, person, channel, "marketing", at)
	in.Value = []byte(strings.TrimSuffix(string(in.Value), "}") + fmt.Sprintf(`,"priority":%d}`, priority))
	return in
}

// contest is a story in which some wait for a last slot: one is refused meanwhile, one
// comes twice, somebody asks to be forgotten; and what comes at the end of the window
// comes too late.
func contest() story {
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	return story{
		{at(0), []input{ranked("a1", "ana", "email", 10, at(0)), ranked("b1", "ben", "email", 10, at(0)), ranked("c1", "cem", "email", 10, at(0))}},
		{at(time.Minute), []input{
			ranked("a2", "ana", "email", 50, at(time.Minute)), ranked("b2", "ben", "sms", 20, at(time.Minute)), ranked("c2", "cem", "sms", 20, at(time.Minute)),
		}},
		{at(2 * time.Minute), []input{ranked("a3", "ana", "sms", 90, at(2*time.Minute)), ranked("a2", "ana", "email", 50, at(time.Minute))}},
		{at(3 * time.Minute), []input{
			ranked("a4", "ana", "push", 99, at(3*time.Minute)), signal("no", "ana", "refusal", at(3*time.Minute), "channel:push"),
			signal("era", "cem", "erasure", at(3*time.Minute)),
		}},
		{at(6 * time.Minute), []input{ranked("a5", "ana", "email", 100, at(6*time.Minute)), signal("q", "ana", "redeem", at(6*time.Minute), "intent:a3", "worker:w")}},
		{at(time.Hour), []input{ranked("b3", "ben", "email", 1, at(time.Hour))}},
	}
}

// endings is what became of every intent: its verdict, why, and when.
func endings(t testing.TB, l *fakeLog) []string {
	t.Helper()
	var all []string
	for _, d := range decisions(t, l, 0) {
		says := string(d.Verdict)
		if d.Verdict == schemas.Vetoed {
			says = d.Reason
		}
		all = append(all, fmt.Sprintf("%s %s +%s", d.Intent, says, rules.Instant(d.Decided).Time().Sub(noon)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// "Timers survive a crash": the process dies at every single I/O step of the story, and
// whoever goes on writes, byte for byte, what would have been written without that.
func TestTheLastSlotThroughACrashAtEveryStep(t *testing.T) {
	var steps []string
	st := newStage(contest(), memstate.New())
	if !st.play(t, st.enter(func(op string, _, _ int) fate { steps = append(steps, op); return goesWell }), nil, arbitrates(t)) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)
	want, _ := st.log.history(true).outputs()
	if diff := cmp.Diff([]string{
		"a1 approved +0s", "a2 duplicate +2m0s", "a2 outranked +6m0s", "a3 approved +6m0s", "a4 refused.state +3m0s", "a5 cap.any +6m0s",
		"b1 approved +0s", "b2 approved +6m0s", "b3 approved +1h0m0s",
		"c1 approved +0s", "c2 refused.tombstone +3m0s",
	}, endings(t, st.log)); diff != "" {
		t.Errorf("the story ends otherwise (-want +got):\n%s", diff)
	}
	for n, op := range steps {
		for _, how := range []fate{dies, diesLate, diesInPart} {
			if how == diesInPart && op != opProduce {
				continue
			}
			st := newStage(contest(), memstate.New())
			doomed := st.enter(func(_ string, _, at int) fate {
				if at == n+1 {
					return how
				}
				return goesWell
			})
			if over := st.play(t, doomed, nil, arbitrates(t)); !over && !st.play(t, st.enter(nil), nil, arbitrates(t)) {
				t.Fatalf("step %d: the story was not taken up again", n)
			}
			sameStory(t, fmt.Sprintf("crash at step %d of %d, %s, fate %d", n+1, len(steps), op, how), st, want)
			if t.Failed() {
				return
			}
		}
	}
}

// The store lost everything while some wait. The log has no answer to them, so they
// are read again and wait again, with the same ids; those that were answered are not.
func TestTheLastSlotThroughARebuild(t *testing.T) {
	for phases := 1; phases <= len(contest()); phases++ {
		t.Run(fmt.Sprint(phases), func(t *testing.T) {
			st := newStage(contest()[:phases], memstate.New())
			if !st.play(t, st.enter(nil), nil, arbitrates(t)) {
				t.Fatal("the story has no end")
			}
			before := decisions(t, st.log, 0)
			lost := memstate.New()
			p := newFakeProcess(st.log, lost)
			cfg := config(p, st.clock, nil)
			arbitrates(t)(&cfg)
			start(t, cfg, p)
			until(t, "it is rebuilt", whole(t, lost, st.log))
			st.clock.pass(10 * time.Minute)
			asked := 0
			for _, ph := range contest()[:phases] {
				for _, in := range ph.in {
					if in.topic == governor.Intents {
						asked++
					}
				}
			}
			until(t, "everybody has an answer", func() bool { return len(decisions(t, st.log, 0)) >= asked })
			all := decisions(t, st.log, 0)
			seen := map[string]bool{}
			for _, d := range all {
				if seen[d.ID] {
					t.Errorf("%s is decided again", d.Intent)
				}
				seen[d.ID] = true
			}
			for _, d := range before {
				if !seen[d.ID] {
					t.Errorf("the decision on %s is gone", d.Intent)
				}
			}
			if len(all) != asked {
				t.Errorf("%d answers to %d intents", len(all), asked)
			}
			best := map[int]string{2: "a2", 3: "a3", 4: "a3", 5: "a3", 6: "a3"}[phases]
			for _, d := range all {
				if d.Person == "ana" && d.Intent != "a1" && (d.Verdict == schemas.Approved) != (d.Intent == best) {
					t.Errorf("%s is %s %s", d.Intent, d.Verdict, d.Reason)
				}
			}
		})
	}
}

// Any story comes out the same, whoever dies in it at whatever step, as often as may
// be, where last slots wait.
func TestAnyStoryWhereLastSlotsWait(t *testing.T) {
	week := 7 * 24 * time.Hour // the caps are those of testPolicy, which the checker knows
	pressure := rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Service, rules.Collection}}
	policy := arbitrates(t,
		rules.CapSpec{Name: "any", Most: 3, In: rules.Window{Length: week}, Binds: on(), Counts: pressure, Arbitrate: 20 * time.Minute},
		rules.CapSpec{Name: "email", Most: 2, In: rules.Window{Length: week}, Binds: on("email"), Counts: on("email"), Arbitrate: 5 * time.Minute},
		rules.CapSpec{Name: "sms", Most: 1, In: rules.Window{Length: 24 * time.Hour}, Binds: on("sms"), Counts: on("sms"), Arbitrate: 10 * time.Minute})
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		for _, ph := range s {
			for i := range ph.in {
				if in := &ph.in[i]; in.topic == governor.Intents && !in.poison {
					in.Value = fmt.Appendf(in.Value[:len(in.Value)-1], `,"priority":%d}`, rapid.IntRange(0, 3).Draw(rt, "priority"))
				}
			}
		}
		st := newStage(s, memstate.New())
		if !st.play(t, st.enter(nil), nil, policy) {
			rt.Fatal("the story has no end")
		}
		for _, v := range st.log.history(true).check() {
			rt.Error(v)
		}
		want, _ := st.log.history(true).outputs()
		calms := rapid.SliceOfN(rapid.IntRange(1, 40), 1, 8).Draw(rt, "steps between deaths")
		fates := rapid.SliceOfN(rapid.SampledFrom([]fate{fails, failsLate, landsInPart, dies, diesLate, diesInPart}), len(calms), len(calms)).Draw(rt, "deaths")
		st = newStage(s, memstate.New())
		next, since := 0, 0
		decide := func(string, int, int) fate {
			if next == len(calms) {
				return goesWell
			}
			if since++; since < calms[next] {
				return goesWell
			}
			next, since = next+1, 0
			return fates[next-1]
		}
		for !st.play(t, st.enter(decide), nil, policy) {
		}
		h := st.log.history(true)
		for _, v := range h.check() {
			rt.Error(v)
		}
		got, _ := h.outputs()
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("other records than without (-want +got):\n%s", diff)
		}
	})
}

// A call that waited is decided by how its campaign fares in all partitions when it is
// due, also by a governor that was not there when it came.
func TestACallThatWaitedGoesByAllPartitions(t *testing.T) {
	c := newTown(t)
	p, problems := rules.Compile(&rules.Spec{
		Name: "calls", Hash: "callshash",
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}}, Channels: []rules.ChannelSpec{{Name: "call", Silent: true}},
		AbandonRates: []rules.RateSpec{{Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 30 * 24 * time.Hour}}},
		Caps:         []rules.CapSpec{{Name: "day", Most: 1, In: rules.Window{Length: 24 * time.Hour}, Arbitrate: 5 * time.Minute}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	run := func(of ...int32) (*fakeProcess, *running) {
		f := newFakeProcess(c.log, c.store, of...)
		cfg := c.config(f, nil)
		cfg.Policy = consumer.Always(p)
		return f, start(t, cfg, f)
	}
	run(1, 2, 3)
	first, running := run(0)
	there, here := c.person(1, 0), c.person(0, 0)
	c.publish(c.call("m1", there, "spring", "manual"))
	until(t, "it waits", func() bool { return c.read(there) })
	c.clock.pass(5 * time.Minute)
	c.answered("m1", "")
	c.publish(c.call("c1", here, "spring", "predictive"))
	until(t, "it waits", func() bool { return c.read(here) })
	first.kill()
	running.wait()
	c.publish(c.outcome("m1", there, "abandoned"))
	until(t, "it is counted", func() bool { answered, abandoned := c.tally("spring"); return answered == 1 && abandoned == 1 })
	c.clock.pass(5 * time.Minute)
	run(0)
	c.answered("c1", string(rules.AbandonRate))
}

// read says whether all intents of the person's partition were read.
func (c *town) read(person string) bool {
	slot := consumer.Slot{Topic: governor.Intents, Partition: home([]byte(person))}
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	return c.log.committed[slot] == int64(len(c.log.slots[slot]))
}
