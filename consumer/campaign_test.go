package consumer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// said is what the HTTP API tells a partition of a campaign.
func said(id string, name rules.Campaign, at time.Time, c state.Campaign) input {
	value, err := state.EncodeCampaign(name, &c)
	if err != nil {
		panic(err)
	}
	key := state.CampaignID(name)
	told := schemas.Told{ID: id, Person: string(key), Type: schemas.ToldCampaign, At: schemas.TimeOf(at), Campaign: value}
	return input{topic: governor.Signals, Record: consumer.Record{
		Time: at, Key: []byte(key), Value: told.AppendJSON(nil), Headers: []consumer.Header{{Key: consumer.HeaderFrom, Value: []byte("api")}},
	}}
}

func killed(id string, name rules.Campaign, at time.Time) input {
	return said(id, name, at, state.Campaign{Killed: rules.At(at)})
}

func registered(id string, name rules.Campaign, at time.Time, most int) input {
	return said(id, name, at, state.Campaign{Registered: rules.At(at), Spec: rules.CampaignSpec{
		Ends: rules.Date{Year: 2030, Month: 1, Day: 1}, MostAttempts: most,
		WayIn: rules.WaySpec{Steps: 1, Label: "Subscribe"}, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"},
	}})
}

// everywhere appends a record to every partition, whatever its key.
func (c *town) everywhere(in input) {
	for p := range int32(partitions) {
		c.log.append(consumer.Slot{Topic: in.topic, Partition: p}, in.Record)
	}
}

// "Revocation: a … kill switch …": in every partition, whoever has it meanwhile, and
// for as long as anybody remembers. What was registered holds as long.
func TestACampaignInEveryPartition(t *testing.T) {
	c := newFamily(t)
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("out", p), c.person(p, 0), "sms", "marketing")
		c.answered(fmt.Sprint("out", p), "")
	}
	c.clock.pass(time.Minute)
	c.everywhere(killed("c-1", "spring", c.clock.now()))
	for p := range int32(partitions) {
		until(t, "what is out is taken back", func() bool { return slices.Equal(c.revoked(fmt.Sprint("out", p)), []string{"campaign.killed"}) })
	}
	c.told()
	c.restart()
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("next", p), c.person(p, 1), "email", "marketing")
		c.answered(fmt.Sprint("next", p), "campaign.killed")
	}
	c.everywhere(killed("c-2", "spring", c.clock.now())) // repeating it is safe
	c.everywhere(registered("c-3", "spring", c.clock.now(), 3))
	c.told()
	c.restart()
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("last", p), c.person(p, 1), "email", "marketing")
		c.answered(fmt.Sprint("last", p), "campaign.killed")
		for _, r := range c.log.records(consumer.Slot{Topic: governor.DeadLetter, Partition: p}) {
			t.Errorf("a dead letter: %s", r.Value)
		}
	}
}

// Whoever publishes what only the API tells, without its header, is not heard.
func TestOnlyTheAPITellsOfCampaigns(t *testing.T) {
	c := newFamily(t)
	forged := killed("c-1", "spring", noon)
	forged.Headers = nil
	c.everywhere(forged)
	buried := func() (n int) {
		for p := range int32(partitions) {
			n += len(c.log.records(consumer.Slot{Topic: governor.DeadLetter, Partition: p}))
		}
		return n
	}
	until(t, "the others have buried it", func() bool { return buried() >= partitions-1 })
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("i", p), c.person(p, 0), "email", "marketing")
	}
	// In the one partition where its key belongs it is a record like any other: who may
	// write to contact.signals may say anything there.
	vetoed := 0
	for p := range int32(partitions) {
		until(t, "it is answered", func() bool { return len(c.answers(fmt.Sprint("i", p))) > 0 })
		if c.answers(fmt.Sprint("i", p))[0] != "" {
			vetoed++
		}
	}
	if n := buried(); n != partitions-1 || vetoed > 1 {
		t.Errorf("%d dead letters, and it took effect in %d partitions", n, vetoed)
	}
}

// killing is a story in which campaigns are killed and registered, and workers ask.
func killing() story {
	at := func(d time.Duration, in ...func(time.Time) input) phase {
		ph := phase{at: noon.Add(d)}
		for _, f := range in {
			ph.in = append(ph.in, f(ph.at))
			ph.in[len(ph.in)-1].Time = ph.at
		}
		return ph
	}
	wants := func(id, person, channel string) func(time.Time) input {
		return func(at time.Time) input { return intent(id, person, channel, "marketing", at) }
	}
	asks := func(id, person, of string) func(time.Time) input {
		return func(at time.Time) input { return signal(id, person, "redeem", at, "intent:"+of, "worker:w1") }
	}
	return story{
		at(0, wants("i1", "ana", "email"), wants("i2", "ben", "sms"), wants("i3", "cem", "email"),
			func(at time.Time) input { return registered("c-1", "spring", at, 9) }),
		at(time.Minute, asks("q1", "cem", "i3")),
		at(2*time.Minute, func(at time.Time) input { return killed("c-2", "spring", at) }),
		at(3*time.Minute, asks("q2", "ana", "i1"), asks("q3", "ben", "i2"), wants("i4", "dia", "email")),
		at(4*time.Minute, func(at time.Time) input { return registered("c-3", "spring", at, 9) }, wants("i5", "eve", "email")),
	}
}

// Wherever the process dies, nobody hears yes after the kill, and whatever was out of
// the campaign is taken back: at once, or when a worker asks.
func TestAKillThroughACrashAtEveryStep(t *testing.T) {
	_, steps := undisturbed(t, killing())
	for n, op := range steps {
		for _, how := range []fate{dies, diesLate, diesInPart} {
			if how == diesInPart && op != opProduce {
				continue // has no parts
			}
			st := newStage(killing(), memstate.New())
			doomed := st.enter(func(_ string, _, at int) fate {
				if at == n+1 {
					return how
				}
				return goesWell
			})
			if !st.play(t, doomed, nil) && !st.play(t, st.enter(nil), nil) {
				t.Fatalf("step %d: the story was not taken up again", n)
			}
			h := st.log.history(true)
			report(t, h.check())
			got := make(map[string]string)
			for _, topic := range []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Leaked, governor.Redemption} {
				for _, e := range h.topics[topic] {
					m := e.message()
					got[topic+" "+m.Intent] = m.Reason
				}
			}
			for what, want := range map[string]string{
				"contact.revoked i1": "campaign.killed", "contact.revoked i2": "campaign.killed", "contact.redeemed i1": "revoked", "contact.redeemed i2": "revoked",
				"contact.redeemed i3": "", "contact.vetoed i4": "campaign.killed", "contact.vetoed i5": "campaign.killed",
			} {
				if reason, there := got[what]; !there || reason != want {
					t.Errorf("crash at step %d of %d, %s, fate %d: %s is %q (%t), want %q", n+1, len(steps), op, how, what, reason, there, want)
				}
			}
			if t.Failed() {
				return
			}
		}
	}
}

// A memory that is made anew from the log has what was said of campaigns, also when
// retention took the signals that said it.
func TestWhatWasSaidOfACampaignOutlivesTheLog(t *testing.T) {
	log, c, store := newFakeLog(), newClock(noon), memstate.New()
	first := newFakeProcess(log, store)
	log.publish(killed("c-1", "spring", noon), registered("c-2", "summer", noon, 3), signal("s", "ana", "conversation", noon, "channel:call"))
	r := start(t, config(first, c, nil), first)
	until(t, "it is heard", whole(t, store, log))
	c.pass(500 * 24 * time.Hour)
	r.stop()
	r.wait()
	campaigns := []rules.PersonID{state.CampaignID("spring"), state.CampaignID("summer")}
	want := remembered(t, store, c.now(), campaigns...)
	log.mu.Lock()
	log.first[slot(governor.Signals)] = 3
	log.mu.Unlock()
	lost := rebuilt(t, log, c)
	if diff := cmp.Diff(want, remembered(t, lost, c.now(), campaigns...)); diff != "" {
		t.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
	}
	log.publish(intent("i1", "ben", "email", "marketing", c.now()))
	again := newFakeProcess(log, lost)
	start(t, config(again, c, nil), again)
	until(t, "it is vetoed", func() bool { return log.size(governor.Vetoed) == 1 })
	if d := decisions(t, log, 0)[0]; d.Reason != string(rules.CampaignKilled) {
		t.Errorf("it was vetoed for %s", d.Reason)
	}
}

// The same of any story with kills and registrations in it, whatever may be kept in
// memory at once.
func TestAnyMemoryOfCampaignsIsRebuiltTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		for i := range s {
			for range rapid.IntRange(0, 2).Draw(rt, "words of campaigns") {
				in := killed("k", "spring", s[i].at)
				if rapid.IntRange(0, 2).Draw(rt, "kind") > 0 {
					name := rapid.SampledFrom([]rules.Campaign{"spring", "summer"}).Draw(rt, "campaign")
					in = registered("k", name, s[i].at, rapid.IntRange(1, 3).Draw(rt, "most"))
				}
				at := rapid.IntRange(0, len(s[i].in)).Draw(rt, "where")
				s[i].in = slices.Insert(s[i].in, at, in)
			}
		}
		store := memstate.New()
		st := newStage(s, store)
		if !st.play(t, st.enter(nil), nil) {
			rt.Fatal("the story has no end")
		}
		everybody := []rules.PersonID{"ana", "ben", state.CampaignID("spring"), state.CampaignID("summer")}
		want := remembered(t, store, st.clock.now(), everybody...)
		most := rapid.SampledFrom([]int{1, 2, 1000}).Draw(rt, "people in memory")
		got := remembered(t, rebuilt(t, st.log, st.clock, func(c *consumer.Config) { c.MaxPeople = most }), st.clock.now(), everybody...)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("it is remembered otherwise (-before +after):\n%s", diff)
		}
	})
}

// Intents, questions of workers and one kill in four partitions, in any order, with the
// steps of two processes failing at random: whoever asks behind the kill hears no, and
// whoever asks for more is vetoed.
func TestAKillUnderAnyFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := newNeighbours(t)
		decide := drawFaults(rt)
		_, one := n.process(decide, 0, 1)
		_, two := n.process(decide, 2, 3)
		var people []string
		for p := range int32(partitions) {
			people = append(people, n.crowd(p, 2)...)
		}
		count := rapid.IntRange(2, 16).Draw(rt, "records")
		kill := rapid.IntRange(0, count-1).Draw(rt, "the kill")
		for i := range count {
			person := rapid.SampledFrom(people).Draw(rt, "person")
			switch {
			case i == kill:
				n.everywhere(killed("c-1", "spring", n.clock.now()))
			case rapid.Bool().Draw(rt, "a worker asks"):
				n.publish(n.say(person, "redeem", fmt.Sprint("intent:i", rapid.IntRange(0, count).Draw(rt, "asked of"), person), "worker:w1"))
			default:
				n.publish(n.at(fmt.Sprint("i", i, person), person, "email", "x@example.org"))
			}
			if rapid.IntRange(0, 3).Draw(rt, "a pause") == 0 {
				n.settled()
			}
		}
		n.settled()
		for p := range int32(partitions) {
			behind := make(map[string]bool) // the questions behind the kill
			over := false
			for _, r := range n.log.records(consumer.Slot{Topic: governor.Signals, Partition: p}) {
				e := entry{value: r.Value}
				e.decode()
				over = over || string(r.Key) == string(state.CampaignID("spring"))
				behind[e.decoded.ID] = over
			}
			for _, r := range n.log.records(consumer.Slot{Topic: governor.Redemption, Partition: p}) {
				if answer, err := schemas.DecodeRedemption(r.Value); err != nil || answer.OK && behind[answer.ID] {
					rt.Errorf("behind the kill the answer is %s, %v", r.Value, err)
				}
			}
		}
		for _, person := range people {
			if got := n.probe(person, "email", "x@example.org"); got != "campaign.killed" {
				rt.Errorf("%s is answered %q", person, got)
			}
		}
		if b := n.buried(); b > 0 {
			rt.Errorf("%d dead letters", b)
		}
		one.stop()
		two.stop()
		one.wait()
		two.wait()
	})
}
