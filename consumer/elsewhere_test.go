package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// callPolicy stops the predictive calls of a campaign of whose answered calls more
// than 3 % were abandoned, and does nothing else.
var callPolicy = sync.OnceValue(func() *rules.Policy {
	p, problems := rules.Compile(&rules.Spec{
		Name: "calls", Hash: "callshash",
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "call", Silent: true}},
		AbandonRates: []rules.RateSpec{
			{Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 30 * 24 * time.Hour}},
		},
	})
	if len(problems) > 0 {
		panic(fmt.Sprint(problems))
	}
	return p
})

// town is a log of several partitions with people in each.
type town struct {
	t     testing.TB
	log   *fakeLog
	clock *clock
	store state.Store
	said  int
}

func newTown(t testing.TB) *town {
	return &town{t: t, log: newFakeLog(), clock: newClock(noon), store: memstate.New()}
}

// person is the nth person who is at home in the partition.
func (c *town) person(partition int32, n int) string {
	return c.crowd(partition, n+1)[n]
}

// crowd are the first n people who are at home in the partition.
func (c *town) crowd(partition int32, n int) (people []string) {
	for i := 0; len(people) < n; i++ {
		if name := fmt.Sprint("p", i); home([]byte(name)) == partition {
			people = append(people, name)
		}
	}
	return people
}

// run starts a process that has the partitions.
func (c *town) run(of ...int32) (*fakeProcess, *running, *watcher) {
	c.t.Helper()
	p, w := newFakeProcess(c.log, c.store, of...), &watcher{}
	return p, start(c.t, c.config(p, w), p), w
}

func (c *town) config(p *fakeProcess, o consumer.Observer) consumer.Config {
	cfg := config(p, c.clock, o)
	cfg.Policy, cfg.Partitions, cfg.PartitionOf = consumer.Always(callPolicy()), partitions, home
	return cfg
}

// publish appends records where their people are at home.
func (c *town) publish(in ...input) {
	for _, r := range in {
		c.log.append(consumer.Slot{Topic: r.topic, Partition: home(r.Key)}, r.Record)
	}
}

func (c *town) call(id, person, campaign, mode string) input {
	in := intent(id, person, "call", "marketing", c.clock.now(), "mode:"+mode)
	in.Value = fmt.Appendf(nil, `{"id":%q,"person":%q,"channel":"call","purpose":"marketing","campaign":%q,"mode":%q,"at":%q}`,
		id, person, campaign, mode, stamp(c.clock.now()))
	return in
}

func (c *town) outcome(of, person, result string) input {
	c.said++
	return signal(fmt.Sprint("o", c.said), person, "outcome", c.clock.now(), "intent:"+of, "result:"+result)
}

// answers are the reasons that an intent got; "" is an approval.
func (c *town) answers(id string) (reasons []string) {
	for _, topic := range []string{governor.Approved, governor.Vetoed} {
		for p := range int32(partitions) {
			for _, r := range c.log.records(consumer.Slot{Topic: topic, Partition: p}) {
				e := entry{value: r.Value}
				e.decode()
				if e.decoded.Intent == id && e.decoded.Original == "" && !slices.Contains(reasons, e.decoded.Reason) {
					reasons = append(reasons, e.decoded.Reason)
				}
			}
		}
	}
	return reasons
}

// answered waits for the answer to an intent.
func (c *town) answered(id, want string) {
	c.t.Helper()
	until(c.t, id+" is answered", func() bool { return len(c.answers(id)) > 0 })
	if got := c.answers(id); len(got) > 1 || got[0] != want {
		c.t.Errorf("%s is answered %q, want %q", id, got, want)
	}
}

// tally is what all partitions counted of a campaign in the present period.
func (c *town) tally(campaign string) (answered, abandoned int) {
	c.t.Helper()
	told, err := c.store.Totals(c.t.Context(), []int32{0, 1, 2, 3}, []rules.Campaign{rules.Campaign(campaign)})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, one := range told {
		if !one.Known {
			continue
		}
		tally, err := state.DecodeTally(one.Tallies[0])
		if err != nil {
			c.t.Fatal(err)
		}
		for _, n := range tally.Counts {
			answered += n.Answered
			abandoned += n.Abandoned
		}
	}
	return answered, abandoned
}

// "An outcome that was acknowledged before the intent was is counted, in whatever
// partition it is" (package governor, campaigns): from every partition to every
// other, with two processes that have half of the partitions each.
func TestAnOutcomeElsewhereIsCountedBeforeTheNextIntent(t *testing.T) {
	c := newTown(t)
	c.run(0, 1)
	c.run(2, 3)
	for from := range int32(partitions) {
		for to := range int32(partitions) {
			campaign := fmt.Sprintf("c%d%d", from, to)
			victim, next := c.person(from, int(to)), c.person(to, 10+int(from))
			c.publish(c.call("a"+campaign, victim, campaign, "manual"))
			c.answered("a"+campaign, "")
			c.publish(c.outcome("a"+campaign, victim, "abandoned"))
			c.publish(c.call("b"+campaign, next, campaign, "predictive"), c.call("m"+campaign, next, campaign, "manual"))
			c.answered("b"+campaign, "abandon.rate")
			c.answered("m"+campaign, "")
		}
	}
}

// While another partition has not heard what was said there, a predictive call
// waits; what is said here is heard all the same, and takes back what is out.
func TestAPredictiveCallWaitsForTheOthers(t *testing.T) {
	c := newTown(t)
	slow, _, _ := c.run(0)
	c.run(1, 2, 3)
	victim, next, other := c.person(0, 0), c.person(1, 0), c.person(1, 1)
	c.publish(c.call("a", victim, "spring", "manual"), c.call("out", other, "autumn", "manual"))
	c.answered("a", "")
	c.answered("out", "")

	deaf := make(chan struct{})
	slow.mu.Lock()
	slow.decide = func(op string, _, _ int) fate {
		select {
		case <-deaf:
			return goesWell
		default:
			return fails
		}
	}
	slow.mu.Unlock()
	c.publish(c.outcome("a", victim, "abandoned"))
	c.publish(c.call("b", next, "spring", "predictive"))
	c.publish(signal("no", other, "refusal", noon))
	until(t, "the refusal took effect", func() bool {
		_, end := c.log.bounds(consumer.Slot{Topic: governor.Revoked, Partition: 1})
		return end == 1
	})
	if got := c.answers("b"); len(got) > 0 {
		t.Errorf("decided, while the other partition is deaf: %q", got)
	}
	close(deaf)
	c.answered("b", "abandon.rate")
}

// Whose turn does not come within the patience is held, and says which partition
// it waits for; and a governor that is told to stop does not wait.
func TestAWaitForTheOthersHasAnEnd(t *testing.T) {
	c := newTown(t)
	p, w := newFakeProcess(c.log, c.store, 1, 2, 3), &watcher{} // nobody has partition 0
	cfg := c.config(p, w)
	cfg.Patience = 20 * time.Millisecond
	r := start(t, cfg, p)
	c.publish(c.call("b", c.person(1, 0), "spring", "predictive"))
	until(t, "it is held", func() bool { return w.count("held") > 1 })
	if why := w.why(); !errors.Is(why, consumer.ErrBehind) || why.Error()[:12] != "partition 0 " {
		t.Errorf("it says %v", why)
	}
	r.stop()
	r.wait()

	q := newFakeProcess(c.log, c.store, 1, 2, 3)
	cfg = c.config(q, w)
	cfg.Patience, cfg.Grace = time.Hour, time.Hour
	waiting := make(chan struct{})
	var once sync.Once
	q.after = func(op string) {
		if op == opTotals {
			once.Do(func() { close(waiting) })
		}
	}
	r = start(t, cfg, q)
	<-waiting
	r.stop()
	r.wait()
	if got := c.answers("b"); len(got) > 0 {
		t.Errorf("decided: %q", got)
	}
}

// All partitions count and decide at once: nobody waits for ever, and each call is
// counted once.
func TestAllCountAndDecideAtOnce(t *testing.T) {
	const rounds = 25
	c := newTown(t)
	c.run(0, 1)
	c.run(2, 3)
	var all sync.WaitGroup
	for p := range int32(partitions) {
		all.Go(func() {
			for n := range rounds {
				who, id := c.person(p, n), fmt.Sprintf("%d-%d", p, n)
				c.publish(c.call("m"+id, who, "spring", "manual"), c.call("p"+id, who, "spring", "predictive"))
				until(t, "it is answered", func() bool { return len(c.answers("m"+id)) > 0 })
				c.publish(signal("a"+id, who, "outcome", noon, "intent:m"+id, "result:answered"))
				c.publish(signal("b"+id, who, "outcome", noon, "intent:m"+id, "result:abandoned"))
				until(t, "it is answered", func() bool { return len(c.answers("p"+id)) > 0 })
			}
		})
	}
	all.Wait()
	until(t, "all is counted", func() bool { answered, _ := c.tally("spring"); return answered == partitions*rounds })
	if answered, abandoned := c.tally("spring"); abandoned > answered {
		t.Errorf("%d of %d calls were abandoned", abandoned, answered)
	}
}

// A store that lost everything, or a part of it, has the same totals again when the
// log was read: each partition's own, in the periods that they were counted in.
func TestTotalsAreMadeAnewFromTheLog(t *testing.T) {
	c := newTown(t)
	_, r, _ := c.run(0, 1, 2, 3)
	day := 24 * time.Hour
	// The first call is in partition 0; partition 1 calls 20 days later.
	a, b, next := c.person(0, 0), c.person(1, 0), c.person(2, 0)
	c.publish(c.call("a", a, "spring", "manual"))
	c.answered("a", "")
	c.clock.pass(20 * day)
	c.publish(c.call("b", b, "spring", "manual"))
	c.answered("b", "")
	c.clock.pass(9 * day)
	c.publish(c.outcome("a", a, "answered"), c.outcome("b", b, "answered"), c.outcome("b", b, "abandoned"))
	c.publish(c.call("p1", next, "spring", "predictive"))
	c.answered("p1", "abandon.rate")
	r.stop()
	r.wait()

	c.store = memstate.New() // everything is lost
	_, r, _ = c.run(0, 1, 2, 3)
	c.publish(c.call("p2", c.person(2, 1), "spring", "predictive"), c.call("p3", c.person(3, 1), "spring", "predictive"))
	c.answered("p2", "abandon.rate")
	c.answered("p3", "abandon.rate")
	if answered, abandoned := c.tally("spring"); answered != 2 || abandoned != 1 {
		t.Errorf("%d of %d were abandoned", abandoned, answered)
	}
	told, err := c.store.Totals(t.Context(), []int32{1}, []rules.Campaign{"spring"})
	if err != nil {
		t.Fatal(err)
	}
	tally, err := state.DecodeTally(told[0].Tallies[0])
	if err != nil || tally.First != rules.At(noon) {
		t.Errorf("partition 1 takes %s for the first call, %v", tally.First, err)
	}
	c.clock.set(noon.Add(30*day - time.Millisecond))
	c.publish(c.call("p4", c.person(2, 2), "spring", "predictive"))
	c.answered("p4", "abandon.rate")
	c.clock.set(noon.Add(30 * day))
	c.publish(c.call("p5", c.person(2, 3), "spring", "predictive"))
	c.answered("p5", "")
	r.stop()
	r.wait()
}

// A repair of many people is saved in pieces. Whoever dies between two of them is
// followed by one who counts each call once all the same.
func TestDyingBetweenThePiecesOfARepairCountsOnce(t *testing.T) {
	const people = 2500
	c := newTown(t)
	_, r, _ := c.run(0, 1, 2, 3)
	var calls, outcomes []input
	for n, who := range c.crowd(0, people) {
		calls = append(calls, c.call("i", who, "spring", "manual"))
		outcomes = append(outcomes, signal(fmt.Sprint("o", n), who, "outcome", noon, "intent:i", "result:"+[]string{"answered", "abandoned"}[n%2]))
	}
	c.publish(calls...)
	until(t, "all are approved", func() bool { return c.log.size(governor.Approved) == people })
	c.publish(outcomes...)
	c.publish(calls[0]) // a duplicate: to recall the answer, all outcomes are heard again
	all := func() bool { answered, _ := c.tally("spring"); return answered == people }
	until(t, "all are counted", all)
	r.stop()
	r.wait()

	for dies := 1; dies <= 3; dies++ {
		c.store = memstate.New()
		doomed := newFakeProcess(c.log, c.store, 0)
		dyingAt(doomed, dies)
		r := start(t, c.config(doomed, nil), doomed)
		<-doomed.died
		r.wait()
		_, r, _ = c.run(0, 1, 2, 3)
		until(t, "all are counted", all)
		r.stop()
		r.wait()
		if answered, abandoned := c.tally("spring"); answered != people || abandoned != people/2 {
			t.Errorf("died at commit %d: %d of %d were abandoned", dies, abandoned, answered)
		}
	}
}

// A partition of which less is known than before has lost something: nobody
// decides by it until it is repaired.
func TestAPartitionThatWentBackIsNotBelieved(t *testing.T) {
	c := newTown(t)
	store := &backward{Store: c.store}
	c.store = store
	_, r, _ := c.run(0)
	c.run(1, 2, 3)
	victim := c.person(0, 0)
	c.publish(c.call("a", victim, "spring", "manual"))
	c.answered("a", "")
	c.publish(c.outcome("a", victim, "abandoned"))
	c.publish(c.call("b", c.person(1, 0), "spring", "predictive"))
	c.answered("b", "abandon.rate")
	r.stop()
	r.wait()

	store.mu.Lock()
	store.back = true
	store.mu.Unlock()
	c.publish(c.call("c", c.person(1, 1), "spring", "predictive"))
	time.Sleep(20 * time.Millisecond)
	if got := c.answers("c"); len(got) > 0 {
		t.Errorf("decided by a partition that went back: %q", got)
	}
	store.mu.Lock()
	store.back = false
	store.mu.Unlock()
	c.answered("c", "abandon.rate")
}

// backward is a store that tells of partition 0 as it was at its first batch.
type backward struct {
	state.Store
	mu   sync.Mutex
	back bool
}

func (s *backward) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	out, err := s.Store.Totals(ctx, partitions, campaigns)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range out {
		if s.back && partitions[i] == 0 {
			out[i].Mark.Batch = 1
			clear(out[i].Tallies)
		}
	}
	return out, err
}

// Whatever is said in whatever partition, and whichever steps fail: no predictive
// call is approved that comes after more than 3 % of those answered were abandoned,
// and each call is counted once.
func TestNoPredictiveCallOutrunsTheShare(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newTown(t)
		every := rapid.IntRange(3, 60).Draw(rt, "steps between faults")
		fates := rapid.SliceOfN(rapid.SampledFrom([]fate{fails, failsLate, landsInPart, hangs}), 1, 10).Draw(rt, "faults")
		var processes []*running
		for _, of := range [][]int32{{0, 1}, {2, 3}} {
			p := newFakeProcess(c.log, c.store, of...)
			p.decide = func(_ string, _, n int) fate {
				if n%every == 0 && n/every <= len(fates) {
					return fates[n/every-1]
				}
				return goesWell
			}
			processes = append(processes, start(t, c.config(p, nil), p))
		}
		type order struct{ answered, abandoned int }
		over := make(map[string]bool) // predictive calls that came too late
		var asked []string
		var manual []string
		whose := make(map[string]string)
		var said order
		n := 0
		for range rapid.IntRange(1, 40).Draw(rt, "records") {
			n++
			who := c.person(rapid.Int32Range(0, partitions-1).Draw(rt, "partition"), n)
			id := fmt.Sprint("i", n)
			switch kind := rapid.IntRange(0, 3).Draw(rt, "kind"); {
			case kind == 0 || len(manual) == 0:
				c.publish(c.call(id, who, "spring", "manual"))
				until(t, "it is approved", func() bool { return len(c.answers(id)) > 0 })
				manual = append(manual, id)
				whose[id] = who
			case kind < 3:
				id := manual[len(manual)-1]
				manual = manual[:len(manual)-1]
				// Who is not answered yet may be answered by the time of a decision, so
				// only what cannot make up for it comes after the first abandoned call.
				result := "abandoned"
				if said.abandoned == 0 {
					result = rapid.SampledFrom([]string{"answered", "conversation", "abandoned", "hold_timeout"}).Draw(rt, "result")
				}
				said.answered++
				if result == "abandoned" || result == "hold_timeout" {
					said.abandoned++
				}
				c.publish(c.outcome(id, whose[id], result))
			default:
				c.publish(c.call(id, who, "spring", "predictive"))
				asked = append(asked, id)
				over[id] = said.abandoned*100 > 3*said.answered
			}
		}
		for _, id := range asked {
			until(t, id+" is answered", func() bool { return len(c.answers(id)) > 0 })
			if got := c.answers(id); len(got) != 1 || over[id] && got[0] != "abandon.rate" {
				rt.Errorf("%s is answered %q, and the share was too large: %t", id, got, over[id])
			}
		}
		until(t, "all is counted", func() bool { answered, _ := c.tally("spring"); return answered >= said.answered })
		for _, r := range processes {
			r.stop()
			r.wait()
		}
		if answered, abandoned := c.tally("spring"); answered != said.answered || abandoned != said.abandoned {
			rt.Errorf("counted %d of %d, want %d of %d", abandoned, answered, said.abandoned, said.answered)
		}
	})
}
