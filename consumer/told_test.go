package consumer_test

import (
	"context"
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

// plainPolicy has no rule but those that every policy has.
var plainPolicy = sync.OnceValue(func() *rules.Policy {
	p, problems := rules.Compile(&rules.Spec{
		Name: "plain", Hash: "plainhash",
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms", Silent: true}},
	})
	if len(problems) > 0 {
		panic(fmt.Sprint(problems))
	}
	return p
})

// neighbours are a town under the plain policy.
type neighbours struct {
	*town
	probes int
}

func newNeighbours(t testing.TB) *neighbours { return &neighbours{town: newTown(t)} }

func (n *neighbours) process(decide func(op string, nth, n int) fate, of ...int32) (*fakeProcess, *running) {
	n.t.Helper()
	p := newFakeProcess(n.log, n.store, of...)
	p.decide = decide
	cfg := n.config(p, nil)
	cfg.Policy = consumer.Always(plainPolicy())
	return p, start(n.t, cfg, p)
}

// settled waits until every partition has heard and answered all that is there, and
// nothing more comes of it.
func (n *neighbours) settled() {
	n.t.Helper()
	var quiet int
	var before string
	until(n.t, "all is heard", func() bool {
		told, err := n.store.Totals(n.t.Context(), []int32{0, 1, 2, 3}, nil)
		if err != nil {
			n.t.Fatal(err)
		}
		done, now := true, ""
		for p, one := range told {
			_, signals := n.log.bounds(consumer.Slot{Topic: governor.Signals, Partition: int32(p)})
			_, intents := n.log.bounds(consumer.Slot{Topic: governor.Intents, Partition: int32(p)})
			done = done && one.Mark.Signals == signals && one.Mark.Intents == intents
			now += fmt.Sprint(one.Mark.Batch, signals, " ")
			for _, topic := range outputTopics {
				_, end := n.log.bounds(consumer.Slot{Topic: topic, Partition: int32(p)})
				now += fmt.Sprint(end, " ")
			}
		}
		if quiet++; !done || now != before {
			quiet, before = 0, now
		}
		time.Sleep(time.Millisecond)
		return quiet > 5
	})
}

// at is an intent to the person at an address.
func (n *neighbours) at(id, person, channel, address string) input {
	in := intent(id, person, channel, "marketing", n.clock.now(), "address:"+address)
	in.Time = n.clock.now()
	return in
}

func (n *neighbours) say(person, kind string, more ...string) input {
	n.said++
	s := signal(fmt.Sprint("s", n.said), person, kind, n.clock.now(), more...)
	return s
}

// probe is the reason that an intent gets now.
func (n *neighbours) probe(person, channel, address string) string {
	n.t.Helper()
	n.probes++
	id := fmt.Sprint("probe", n.probes)
	n.publish(n.at(id, person, channel, address))
	until(n.t, id+" is answered", func() bool { return len(n.answers(id)) > 0 })
	return n.answers(id)[0]
}

// told are the records that partitions told others.
func (n *neighbours) told() (out []logged, where []int32) {
	for p := range int32(partitions) {
		for _, r := range n.log.records(consumer.Slot{Topic: governor.Signals, Partition: p}) {
			if slices.ContainsFunc(r.Headers, func(h consumer.Header) bool { return h.Key == consumer.HeaderFrom }) {
				out, where = append(out, r), append(where, p)
			}
		}
	}
	return out, where
}

func (n *neighbours) buried() (count int64) {
	for p := range int32(partitions) {
		_, end := n.log.bounds(consumer.Slot{Topic: governor.DeadLetter, Partition: p})
		count += end
	}
	return count
}

func (n *neighbours) revoked(person string) (reasons []string) {
	for _, r := range n.log.records(consumer.Slot{Topic: governor.Revoked, Partition: home([]byte(person))}) {
		e := entry{value: r.Value}
		e.decode()
		if e.decoded.Person == person && !slices.Contains(reasons, e.decoded.Reason) {
			reasons = append(reasons, e.decoded.Reason)
		}
	}
	return reasons
}

// streets is what happens in the tests of crashes: something is out at an address that
// ana refuses then; and cem, who said no to e-mail, turns out to be dia, who said no
// to sms. They live in four partitions.
type streets struct {
	*neighbours
	ana, ben, cem, dia string
}

func newStreets(t testing.TB) *streets {
	n := newNeighbours(t)
	return &streets{n, n.person(0, 0), n.person(1, 0), n.person(2, 0), n.person(3, 0)}
}

const shared = "+4930123456"

func (s *streets) begins() {
	s.publish(s.at("out", s.ben, "sms", shared))
	until(s.t, "it is out", func() bool { return len(s.answers("out")) > 0 })
	s.publish(
		s.say(s.ana, "refusal", "address:"+shared),
		s.say(s.cem, "refusal", "channel:email"),
		s.say(s.dia, "refusal", "channel:sms"),
	)
	s.publish(s.say(s.cem, "merge", "into:"+s.dia))
}

// ends wants everybody to know what they must.
func (s *streets) ends(what string) {
	s.t.Helper()
	s.settled()
	// Who has something out where is not known any more after a process died: then it
	// is taken back when ben says anything.
	s.publish(s.say(s.ben, "engagement", "kind:visit", "actor:machine"))
	s.settled()
	if got := s.revoked(s.ben); !slices.Equal(got, []string{"refused.address"}) {
		s.t.Errorf("%s: what was out at the address is taken back for %q", what, got)
	}
	for _, c := range []struct{ person, channel, address, want string }{
		{s.ben, "sms", shared, "refused.address"},
		{s.dia, "sms", shared, "refused.address"}, // and for the channel
		{s.ben, "sms", "+49301", ""},
		{s.dia, "email", "d@example.org", "refused.state"},
		{s.dia, "sms", "+49302", "refused.state"},
		{s.cem, "email", "c@example.org", "refused.state"},
		{s.ana, "email", "a@example.org", ""},
	} {
		if got := s.probe(c.person, c.channel, c.address); got != c.want && !(c.want == "refused.address" && got == "refused.state") {
			s.t.Errorf("%s: %s to %s at %s is answered %q, want %q", what, c.channel, c.person, c.address, got, c.want)
		}
	}
	if n := s.buried(); n > 0 {
		s.t.Errorf("%s: %d dead letters", what, n)
	}
}

// "What another partition must know travels as a record on contact.signals of that
// partition" (the plan of the house): it arrives, and whoever publishes nothing of
// the kind may look at it without harm.
func TestWhatOtherPartitionsMustKnowTheyAreTold(t *testing.T) {
	s := newStreets(t)
	s.process(nil, 0, 1)
	s.process(nil, 2, 3)
	s.begins()
	s.settled()
	if got := s.revoked(s.ben); !slices.Equal(got, []string{"refused.address"}) {
		t.Errorf("what was out at the address is taken back for %q", got)
	}
	s.ends("undisturbed")
	told, where := s.told()
	if len(told) < 5 {
		t.Fatalf("%d records were told", len(told))
	}
	seen := make(map[int32]bool)
	for i, r := range told {
		seen[where[i]] = true
		e := entry{value: r.Value}
		for _, h := range r.Headers {
			e.headers = append(e.headers, [2]string{h.Key, string(h.Value)})
		}
		from, _ := e.header(consumer.HeaderFrom)
		if from == fmt.Sprint(where[i]) {
			t.Errorf("partition %s tells itself %s", from, r.Value)
		}
		if kind, _ := e.header("ce_type"); kind != "contact.signal.v1" || e.number("governor_batch") < 1 {
			t.Errorf("it is told with %v", e.headers)
		}
	}
	if len(seen) != partitions-1 || seen[0] {
		t.Errorf("told to partitions %v, and it is ana's in which nobody has anything to do with it", seen)
	}
}

// The process dies at any step, before it, after it, or with half of what it produced
// landed, and another goes on: nothing that others must know is lost, however often it
// is told.
func TestACrashBeforeOthersAreTold(t *testing.T) {
	steps := func() int {
		s := newStreets(t)
		p, r := s.process(nil, 0, 1, 2, 3)
		s.begins()
		s.settled()
		p.kill()
		r.wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.nth[opCommit]
	}()
	for _, op := range []string{opCommit, opProduce} {
		for at := 1; at <= steps; at++ {
			for _, how := range []fate{dies, diesLate, diesInPart} {
				if how == diesInPart && op != opProduce {
					continue
				}
				s := newStreets(t)
				_, r := s.process(func(this string, nth, _ int) fate {
					if this == op && nth == at {
						return how
					}
					return goesWell
				}, 0, 1, 2, 3)
				done := make(chan struct{})
				go func() { // whoever waits for an answer may have to wait for the next process
					defer close(done)
					<-r.done
					s.process(nil, 0, 1, 2, 3)
				}()
				s.begins()
				time.Sleep(2 * time.Millisecond)
				r.stop() // if it lives
				<-done
				s.ends(fmt.Sprintf("died at %s %d, fate %d", op, at, how))
				if t.Failed() {
					return
				}
			}
		}
	}
}

// Every step fails now and then, with the process alive.
func TestFaultsWhileOthersAreTold(t *testing.T) {
	for _, how := range []fate{fails, failsLate, landsInPart, landsLast, hangs} {
		s := newStreets(t)
		decide := func(_ string, _, n int) fate {
			if n%7 == 6 && n < 400 {
				return how
			}
			return goesWell
		}
		s.process(decide, 0, 1)
		s.process(decide, 2, 3)
		s.begins()
		s.ends(fmt.Sprint("fate ", how))
	}
}

// What was told and is told once more, by a zombie or in a repair, changes nothing:
// nothing is emitted for it.
func TestWhatIsToldAgainChangesNothing(t *testing.T) {
	s := newStreets(t)
	s.process(nil, 0, 1, 2, 3)
	s.begins()
	s.settled()
	sizes := func() (n []int64) {
		for p := range int32(partitions) {
			for _, topic := range outputTopics {
				_, end := s.log.bounds(consumer.Slot{Topic: topic, Partition: p})
				n = append(n, end)
			}
		}
		return n
	}
	before := sizes()
	told, where := s.told()
	for i, r := range told {
		s.log.append(consumer.Slot{Topic: governor.Signals, Partition: where[i]}, r.Record)
	}
	s.settled()
	if after := sizes(); !slices.Equal(before, after) {
		t.Errorf("there were %v records, and now %v", before, after)
	}
	if again, _ := s.told(); len(again) != 2*len(told) {
		t.Errorf("%d records were told, and then %d", len(told), len(again)-len(told))
	}
	s.ends("told twice")
}

// A store that lost everything, or one partition of it, hears again what others told.
func TestWhatWasToldIsRecalled(t *testing.T) {
	for lost := range int32(partitions + 1) {
		s := newStreets(t)
		_, r := s.process(nil, 0, 1, 2, 3)
		s.begins()
		s.settled()
		r.stop()
		r.wait()
		s.store = &losing{Store: s.store, fresh: memstate.New(), lost: lost}
		if lost == partitions {
			s.store = memstate.New()
		}
		s.process(nil, 0, 1, 2, 3)
		s.ends(fmt.Sprint("lost ", lost))
	}
}

// losing is a store that lost one partition.
type losing struct {
	state.Store
	fresh *memstate.Store
	lost  int32
}

func (s *losing) of(partition int32) state.Store {
	if partition == s.lost {
		return s.fresh
	}
	return s.Store
}

func (s *losing) Acquire(ctx context.Context, p int32, owner string) (state.Holding, error) {
	return s.of(p).Acquire(ctx, p, owner)
}

func (s *losing) Load(ctx context.Context, p int32, people []rules.PersonID) ([]state.Memory, error) {
	return s.of(p).Load(ctx, p, people)
}

func (s *losing) Commit(ctx context.Context, p int32, b *state.Batch) error {
	return s.of(p).Commit(ctx, p, b)
}

func (s *losing) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) (out []state.Totals, err error) {
	for _, p := range partitions {
		one, err := s.of(p).Totals(ctx, []int32{p}, campaigns)
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	return out, nil
}

// Only what governors tell each other may be where its key does not belong, and only
// with the header that they write; everybody else's is a dead letter.
func TestOnlyGovernorsTellOtherPartitions(t *testing.T) {
	s := newStreets(t)
	s.process(nil, 0, 1, 2, 3)
	s.begins()
	s.settled()
	told, _ := s.told()
	elsewhere := consumer.Slot{Topic: governor.Signals, Partition: home([]byte(s.ana)) + 1}
	header := consumer.Header{Key: consumer.HeaderFrom, Value: []byte("0")}

	ordinary := signal("x1", s.ana, "refusal", noon, "channel:email").Record
	s.log.append(elsewhere, ordinary)
	ordinary.Headers = append(ordinary.Headers, header)
	s.log.append(elsewhere, ordinary)
	bare := told[0].Record
	bare.Headers = slices.DeleteFunc(slices.Clone(bare.Headers), func(h consumer.Header) bool { return h.Key == consumer.HeaderFrom })
	s.log.append(elsewhere, bare)
	s.settled()
	if n := s.buried(); n != 3 {
		t.Errorf("%d dead letters, want 3", n)
	}
	if got := s.probe(s.ana, "email", "a@example.org"); got != "" {
		t.Errorf("an ordinary refusal on the wrong partition took effect: %q", got)
	}
}

// Whoever says no wherever, to a channel or of an address, and whoever turns out to be
// whom, with the steps of two processes failing at random: in the end everybody is
// asked or left alone as one who knows all would have it.
func TestAnyStoryOverPartitions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := newNeighbours(t)
		decide := drawFaults(rt)
		_, one := n.process(decide, 0, 1)
		_, two := n.process(decide, 2, 3)

		var people []string
		for p := range int32(partitions) {
			people = append(people, n.crowd(p, 2)...)
		}
		addresses := []string{"+4930111111", "+4930222222"}
		who := func(label string) string { return rapid.SampledFrom(people).Draw(rt, label) }
		channels := []string{"email", "sms"}
		home := make(map[string]string) // of a record: into which it was merged, in the end
		for _, p := range people {
			home[p] = p
		}
		refused := make(map[string]bool)    // "person channel"
		closed := make(map[string][]string) // address → authors
		for range rapid.IntRange(1, 12).Draw(rt, "records") {
			switch person := who("person"); rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				channel := rapid.SampledFrom(channels).Draw(rt, "channel")
				n.publish(n.say(person, "refusal", "channel:"+channel))
				refused[person+" "+channel] = true
			case 1:
				address := rapid.SampledFrom(addresses).Draw(rt, "address")
				n.publish(n.say(person, "refusal", "address:"+address))
				closed[address] = append(closed[address], person)
			case 2:
				into := who("into")
				if into == person {
					continue
				}
				n.publish(n.say(person, "merge", "into:"+into))
				from, to := home[person], home[into]
				for p := range home {
					if home[p] == from {
						home[p] = to
					}
				}
			case 3:
				n.publish(n.at(fmt.Sprint("i", n.said, person), person, "sms", rapid.SampledFrom(addresses).Draw(rt, "address")))
			}
		}
		n.settled()
		for _, p := range people {
			for _, channel := range channels {
				want := false
				for _, other := range people {
					want = want || home[other] == home[p] && refused[other+" "+channel]
				}
				address := addresses[0]
				if channel == "email" {
					address = "x@example.org"
				}
				want = want || len(closed[address]) > 0
				got := n.probe(p, channel, address)
				if vetoed := got != "" && got != "state.unavailable"; vetoed != want && !(want && got == "state.unavailable") {
					rt.Errorf("%s to %s is answered %q, and should be refused: %t", channel, p, got, want)
				}
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
