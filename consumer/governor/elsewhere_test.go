package governor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// A cluster is several governors, each of a partition. What one tells another waits
// until it is delivered.
type cluster struct {
	t      testing.TB
	worlds []*world
	told   []int               // of each world, how many of its outputs were sent on
	queues [][]governor.Output // what waits for each
}

// newCluster is a cluster in which a person's partition is the digit at the end of
// their id.
func newCluster(t testing.TB, partitions int, between mood) *cluster {
	c := &cluster{t: t, told: make([]int, partitions), queues: make([][]governor.Output, partitions)}
	for i := range partitions {
		w := newWorld(t)
		w.between = between
		w.here = func(id rules.PersonID) bool { return c.place(id) == i }
		w.g.Here(w.here)
		c.worlds = append(c.worlds, w)
	}
	return c
}

func (c *cluster) place(id rules.PersonID) int {
	var place int
	if _, err := fmt.Sscanf(string(id[len(id)-1:]), "%d", &place); err != nil {
		c.t.Fatalf("%s is nowhere", id)
	}
	return place
}

func (c *cluster) world(id rules.PersonID) *world { return c.worlds[c.place(id)] }

// wire hears a record as it comes from the log.
func (w *world) wire(when rules.Instant, value []byte) {
	w.t.Helper()
	reader := governor.Reader{Policy: w.policy, Zones: w.find}
	s, _, err := reader.Signal(value, when)
	if err != nil {
		w.t.Fatalf("%s: %v", value, err)
	}
	w.event(when, func() []rules.PersonID { return w.g.Concerns(&s) }, func(src governor.Source) {
		src.Topic = governor.Signals
		w.heard++
		w.g.HeardTo(w.heard)
		w.g.Signal(src, &s)
	})
}

// says publishes a signal, said when it arrives, with the given fields besides.
func (c *cluster) says(when rules.Instant, person rules.PersonID, fields string) {
	c.t.Helper()
	w := c.world(person)
	w.wire(when, fmt.Appendf(nil, `{"id":"s%d-%d","person":"%s","at":"%s",%s}`, c.place(person), w.offset, person, when, fields))
	c.collect()
}

func (c *cluster) merge(when rules.Instant, one, into rules.PersonID) {
	c.t.Helper()
	c.says(when, one, fmt.Sprintf(`"type":"merge","into":"%s"`, into))
}

func (c *cluster) ask(when rules.Instant, in rules.Intent) *schemas.Decision {
	c.t.Helper()
	d := c.world(in.Person).ask(when, in)
	c.collect()
	return d
}

func (c *cluster) redeem(when rules.Instant, person rules.PersonID, id rules.IntentID) state.RedeemAnswer {
	c.t.Helper()
	answer := c.world(person).redeemFor(when, person, id)
	c.collect()
	return answer
}

// collect puts what was told since into the queues.
func (c *cluster) collect() {
	for i, w := range c.worlds {
		for _, o := range w.out[c.told[i]:] {
			switch {
			case o.Topic != governor.Signals:
			case !o.Everywhere:
				place := c.place(o.Person)
				if place == i {
					c.t.Fatalf("partition %d tells itself %s", i, o.Value)
				}
				c.queues[place] = append(c.queues[place], o)
			default:
				for other := range c.worlds {
					if other != i {
						c.queues[other] = append(c.queues[other], o)
					}
				}
			}
		}
		c.told[i] = len(w.out)
	}
}

// deliver lets everybody hear what they were told, and what follows from that.
func (c *cluster) deliver(when rules.Instant) {
	c.t.Helper()
	for n := 0; ; n++ {
		if n > 1000 {
			c.t.Fatal("they tell each other for ever")
		}
		quiet := true
		for i, w := range c.worlds {
			queue := c.queues[i]
			c.queues[i] = nil
			for _, o := range queue {
				w.wire(when, o.Value)
				quiet = false
			}
		}
		c.collect()
		if quiet {
			return
		}
	}
}

func (c *cluster) revocations(id rules.IntentID) (list []rules.Reason) {
	for _, w := range c.worlds {
		list = append(list, w.revocations(id)...)
	}
	return list
}

func inEveryMoodOfMany(t *testing.T, partitions int, story func(*testing.T, *cluster)) {
	t.Helper()
	for mood, name := range map[mood]string{remembers: "remembers", forgets: "forgets", dies: "dies"} {
		t.Run(name, func(t *testing.T) { story(t, newCluster(t, partitions, mood)) })
	}
}

const refuses = `"type":"refusal"`

// "Every no standing on either record stands on both", wherever the records are; and
// what is out under the one that was merged away is taken back at once, before anybody
// else knows.
func TestAMergeAcrossPartitions(t *testing.T) {
	inEveryMoodOfMany(t, 2, func(t *testing.T, c *cluster) {
		c.says(noon, "a0", refuses+`,"channel":"email"`)
		c.says(noon, "b1", refuses+`,"channel":"sms"`)
		approved(t, c.ask(noon, of("b1", to("i1", "email", "marketing"))))
		approved(t, c.ask(noon, of("b1", to("i2", "email", "receipt"))))
		approved(t, c.ask(noon, of("a0", to("i3", "sms", "marketing"))))
		held(t, c.ask(noon, of("b1", toll("i4", "x"))))
		c.merge(noon.Add(minute), "b1", "a0")

		if got := c.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.Unavailable}) {
			t.Errorf("what is out under the record that was merged away is revoked for %v", got)
		}
		if got := c.revocations("i2"); got != nil {
			t.Errorf("what is exempt is revoked for %v", got)
		}
		vetoed(t, c.world("b1").decision("i4"), rules.Unavailable)
		vetoed(t, c.ask(noon.Add(minute), of("b1", to("i5", "mail", "marketing"))), rules.Unavailable)
		approved(t, c.ask(noon.Add(minute), of("b1", to("i6", "mail", "receipt"))))

		c.deliver(noon.Add(2 * minute))
		if got := c.revocations("i3"); !slices.Equal(got, []rules.Reason{rules.RefusedState}) {
			t.Errorf("what is out at the home is revoked for %v", got)
		}
		vetoed(t, c.ask(noon.Add(3*minute), of("a0", to("i7", "email", "marketing"))), rules.RefusedState)
		vetoed(t, c.ask(noon.Add(3*minute), of("a0", to("i8", "sms", "marketing"))), rules.RefusedState)
		approved(t, c.ask(noon.Add(20*minute), of("a0", to("i9", "mail", "marketing"))))
		for _, person := range []rules.PersonID{"a0", "b1"} {
			standing := string(c.world(person).memory[person].Standing)
			if !strings.Contains(standing, `"channel":"email"`) || !strings.Contains(standing, `"channel":"sms"`) {
				t.Errorf("for %s stands %s", person, standing)
			}
		}
	})
}

// "Publish it under the record that this one was merged into": a notice that was held,
// under the same id.
func TestWhatWasHeldIsPublishedAtHome(t *testing.T) {
	c := newCluster(t, 2, remembers)
	held(t, c.ask(noon, of("b1", toll("i1", "x"))))
	c.merge(noon.Add(minute), "b1", "a0")
	c.deliver(noon.Add(2 * minute))
	held(t, c.ask(noon.Add(3*minute), of("a0", toll("i1", "x"))))
	c.world("a0").until(noon.Add(18 * minute))
	approved(t, c.world("a0").decision("i1"))
}

// Contacts of both count at the home, and what became of them is heard on any record.
func TestContactsAcrossPartitions(t *testing.T) {
	inEveryMoodOfMany(t, 2, func(t *testing.T, c *cluster) {
		send := func(person rules.PersonID, id rules.IntentID) {
			in := of(person, to(id, "mail", "marketing"))
			in.Campaign = rules.Campaign(id)
			approved(t, c.ask(noon, in))
			if got := c.redeem(noon, person, id); got != state.Redeemed {
				t.Errorf("redeemed: %q", got)
			}
		}
		send("a0", "i1")
		send("b1", "i2")
		send("b1", "i3")
		c.merge(noon.Add(minute), "b1", "a0")
		c.deliver(noon.Add(2 * minute))
		vetoed(t, c.ask(noon.Add(3*minute), of("a0", to("i4", "mail", "marketing"))), "cap.any")
		vetoed(t, c.ask(noon.Add(3*minute), of("a0", to("i2", "mail", "marketing"))), rules.Conflict)

		// What became of the one is said to the other, and the other way around.
		c.says(noon.Add(4*minute), "b1", `"type":"outcome","intent":"i1","result":"wrong_number"`)
		c.deliver(noon.Add(4 * minute))
		in := of("a0", to("i5", "mail", "marketing"))
		in.Campaign = "c5"
		approved(t, c.ask(noon.Add(5*minute), in))
		c.redeem(noon.Add(5*minute), "a0", "i5")
		c.says(noon.Add(6*minute), "a0", `"type":"outcome","intent":"i2","result":"wrong_number"`)
		in.ID = "i6"
		approved(t, c.ask(noon.Add(7*minute), in))
	})
}

// An approval of an exempt intent is redeemed where it was approved, once, and counts
// at home.
func TestAnApprovalIsRedeemedWhereItWasMade(t *testing.T) {
	inEveryMoodOfMany(t, 2, func(t *testing.T, c *cluster) {
		c.merge(noon, "b1", "a0")
		c.deliver(noon)
		approved(t, c.ask(noon, of("b1", to("i1", "mail", "receipt"))))
		c.deliver(noon)
		if got := c.redeem(noon.Add(minute), "a0", "i1"); got != state.NotApproved {
			t.Errorf("redeemed at home: %q", got)
		}
		vetoed(t, c.ask(noon.Add(minute), of("a0", to("i1", "mail", "receipt"))), rules.Conflict)
		if got := c.redeem(noon.Add(minute), "b1", "i1"); got != state.Redeemed {
			t.Errorf("redeemed where it was approved: %q", got)
		}
		c.deliver(noon.Add(minute))
		var home state.Person
		if err := state.DecodeLog(c.world("a0").memory["a0"].Log, &home, c.world("a0").find); err != nil {
			t.Fatal(err)
		}
		if got := home.Contacts[0].Fate; got != rules.WasRedeemed|rules.Elsewhere {
			t.Errorf("at home it is known as %b", got)
		}
	})
}

// What is said to the record that was merged away is heard at home: a no, a yes given
// anew, that the cause is gone, that everything is to be forgotten.
func TestSignalsGoHome(t *testing.T) {
	inEveryMoodOfMany(t, 2, func(t *testing.T, c *cluster) {
		c.merge(noon, "b1", "a0")
		c.deliver(noon)
		approved(t, c.ask(noon, of("a0", to("i1", "mail", "marketing"))))
		held(t, c.ask(noon, of("a0", toll("i2", "x"))))
		c.says(noon.Add(minute), "b1", `"type":"resolved","subject":"x"`)
		c.says(noon.Add(minute), "b1", refuses+`,"channel":"mail"`)
		c.deliver(noon.Add(minute))
		if got := c.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedState}) {
			t.Errorf("revoked for %v", got)
		}
		vetoed(t, c.world("a0").decision("i2"), rules.Moot)

		c.says(noon.Add(hour), "b1", `"type":"consent","source":"settings"`)
		c.deliver(noon.Add(hour))
		approved(t, c.ask(noon.Add(2*hour), of("a0", to("i3", "mail", "marketing"))))

		c.world("b1").unreadable(noon.Add(3*hour), "b1")
		c.collect()
		c.deliver(noon.Add(3 * hour))
		vetoed(t, c.ask(noon.Add(4*hour), of("a0", to("i4", "mail", "survey"))), rules.RefusedState)

		c.says(noon.Add(5*hour), "b1", `"type":"erasure"`)
		c.deliver(noon.Add(5 * hour))
		vetoed(t, c.ask(noon.Add(6*hour), of("a0", to("i5", "mail", "survey"))), rules.RefusedTombstone)
		c.says(noon.Add(7*hour), "a0", `"type":"consent","source":"settings"`)
		c.says(noon.Add(8*hour), "a0", `"type":"erasure"`)
		c.deliver(noon.Add(8 * hour))
		if standing := string(c.world("b1").memory["b1"].Standing); strings.Contains(standing, "consents") {
			t.Errorf("forgotten at home, and elsewhere stands %s", standing)
		}
	})
}

// "A consent lifts only noes of the record it was given on, until given anew", wherever
// the records are.
func TestAConsentAcrossPartitions(t *testing.T) {
	c := newCluster(t, 2, forgets)
	c.says(noon, "a0", refuses+`,"channel":"email"`)
	c.says(noon, "b1", refuses+`,"channel":"sms"`)
	c.says(noon.Add(hour), "b1", `"type":"consent","source":"settings"`)
	c.merge(noon.Add(2*hour), "b1", "a0")
	c.deliver(noon.Add(2 * hour))
	approved(t, c.ask(noon.Add(3*hour), of("a0", to("i1", "sms", "marketing"))))
	vetoed(t, c.ask(noon.Add(3*hour), of("a0", to("i2", "email", "marketing"))), rules.RefusedState)
	c.says(noon.Add(4*hour), "a0", `"type":"consent","source":"settings"`)
	approved(t, c.ask(noon.Add(30*hour), of("a0", to("i3", "email", "survey"))))
}

// Each of two records may be merged into the other, by two who do not know of each
// other, and chains may be told in pieces: in the end all agree on one home.
func TestEverybodyAgreesOnTheHome(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCluster(t, 3, mood(rapid.IntRange(0, 2).Draw(r, "mood")))
		records := []rules.PersonID{"a0", "b1", "c2", "d0", "e1"}
		now := noon
		group := map[rules.PersonID]int{}
		for i, id := range records {
			group[id] = i
			c.says(now, id, fmt.Sprintf(`%s,"channel":"sms","subject":"%s"`, refuses, id))
			approved(t, c.ask(now, of(id, to(rules.IntentID("i-"+id), "mail", "receipt"))))
		}
		for range rapid.IntRange(1, 6).Draw(r, "merges") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(r, "later")) * minute)
			one, into := rapid.SampledFrom(records).Draw(r, "one"), rapid.SampledFrom(records).Draw(r, "into")
			if one == into {
				continue
			}
			c.merge(now, one, into)
			was := group[one]
			for id, g := range group {
				if g == was {
					group[id] = group[into]
				}
			}
			if rapid.Bool().Draw(r, "deliver") {
				c.deliver(now)
			}
		}
		for i := range c.queues { // some of it comes twice
			c.queues[i] = append(c.queues[i], c.queues[i]...)
		}
		c.deliver(now)
		for n, id := range records {
			homes := 0
			for m, other := range records {
				if group[other] != group[id] {
					continue
				}
				d := c.ask(now.Add(hour), of(other, to(rules.IntentID(fmt.Sprint("j", n, m)), "in_app", "billing")))
				standing := string(c.world(other).memory[other].Standing)
				if !strings.Contains(standing, fmt.Sprintf(`"subject":"%s"`, id)) {
					r.Fatalf("what %s refused does not stand for %s: %s", id, other, standing)
				}
				if d.Verdict == schemas.Approved {
					homes++
				}
			}
			if homes == 0 {
				r.Fatalf("the records of %s have no home", id)
			}
		}
		// Who is at home has all contacts.
		for _, id := range records {
			var all []rules.PersonID
			for _, other := range records {
				if group[other] == group[id] {
					all = append(all, other)
				}
			}
			w := c.world(id)
			var who state.Person
			if err := state.DecodeStanding(w.memory[id].Standing, &who, w.find); err != nil {
				r.Fatal(err)
			}
			if err := state.DecodeLog(w.memory[id].Log, &who, w.find); err != nil {
				r.Fatal(err)
			}
			got := who.Records(id)
			home := got[0]
			slices.Sort(got)
			if !slices.Equal(got, all) {
				r.Fatalf("%s knows of the records %v, want %v", id, got, all)
			}
			if c.place(home) != c.place(id) {
				continue
			}
			for _, other := range all {
				if !slices.ContainsFunc(who.Contacts, func(x rules.Contact) bool { return x.Intent == rules.IntentID("i-"+other) }) {
					r.Fatalf("at home (%s) the contact of %s is not known", id, other)
				}
			}
		}
	})
}

// "A refusal of an address also re-judges what is out to that address, whosever it is
// (from another partition it may be late)."
func TestAnAddressAcrossPartitions(t *testing.T) {
	inEveryMoodOfMany(t, 3, func(t *testing.T, c *cluster) {
		if c.worlds[0].between != dies {
			approved(t, c.ask(noon, there(of("y1", to("i1", "sms", "billing")))))
		}
		c.says(noon.Add(minute), "x0", refuses+`,"address":"`+string(phone)+`"`)
		approved(t, c.ask(noon.Add(minute), there(of("z2", to("i2", "sms", "billing"))))) // it does not know yet
		c.deliver(noon.Add(2 * minute))
		for _, id := range []rules.IntentID{"i1", "i2"} {
			if got := c.revocations(id); c.worlds[0].between != dies && !slices.Equal(got, []rules.Reason{rules.RefusedAddress}) {
				t.Errorf("%s is revoked for %v", id, got)
			}
		}
		vetoed(t, c.ask(noon.Add(3*minute), there(of("z2", to("i3", "sms", "billing")))), rules.RefusedAddress)
		c.says(noon.Add(4*minute), "y1", `"type":"consent","source":"settings"`)
		c.deliver(noon.Add(4 * minute))
		vetoed(t, c.ask(noon.Add(5*minute), there(of("y1", to("i4", "sms", "billing")))), rules.RefusedAddress)
		c.says(noon.Add(6*minute), "x0", `"type":"consent","source":"settings"`)
		c.deliver(noon.Add(6 * minute))
		approved(t, c.ask(noon.Add(7*minute), there(of("y1", to("i5", "sms", "billing")))))
	})
}

// Who refused an address and was merged away is no other at the home.
func TestTheAuthorAcrossPartitions(t *testing.T) {
	c := newCluster(t, 2, remembers)
	c.says(noon, "x0", refuses+`,"channel":"sms","subject":"loan","address":"`+string(phone)+`"`)
	c.deliver(noon)
	hop := of("y1", to("i1", "email", "marketing"))
	hop.Subject = "loan"
	approved(t, c.ask(noon, hop))
	c.merge(noon.Add(minute), "x0", "y1")
	c.deliver(noon.Add(minute))
	if got := c.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedChannelHop}) {
		t.Errorf("revoked for %v", got)
	}
}

// With one partition nobody is told anything.
func TestOnePartitionTellsNobody(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, says("x", refusalOf(rules.Scope{Address: phone})))
	w.hear(noon, merge("x", "y"))
	for _, o := range w.out {
		if o.Topic == governor.Signals {
			t.Errorf("told is %s", o.Value)
		}
	}
}

// More records than can be kept together, in another partition: everything is refused
// on either side.
func TestMoreRecordsThanCanBeKeptAcrossPartitions(t *testing.T) {
	c := newCluster(t, 2, remembers)
	for i := range state.MostRecords - 1 {
		c.merge(noon, rules.PersonID(fmt.Sprintf("p%d-0", i)), "a0")
	}
	c.merge(noon, "a0", "b1")
	c.deliver(noon)
	for _, person := range []rules.PersonID{"a0", "b1"} {
		vetoed(t, c.ask(noon.Add(hour), of(person, to(rules.IntentID("i-"+person), "mail", "marketing"))), rules.RefusedState)
	}
}

// A long life is told in pieces that fit into records.
func TestALongLifeIsToldInPieces(t *testing.T) {
	c := newCluster(t, 2, remembers)
	w := c.world("b1")
	w.remember("b1")
	w.g.Advance(noon)
	long := strings.Repeat("x", 120)
	for i := range 1500 {
		in := of("b1", to(rules.IntentID(fmt.Sprint(long, i)), "mail", "receipt"))
		in.At, in.Message = noon, fmt.Sprint(strings.Repeat("y", 250), i)
		w.g.Intent(governor.Source{}, &in)
		in.ID, in.Purpose, in.NotBefore = rules.IntentID(fmt.Sprint("v", long, i)), "marketing", noon.Add(day)
		w.g.Intent(governor.Source{}, &in)
	}
	w.take()
	c.merge(noon, "b1", "a0")
	if n := len(c.queues[0]); n < 5 {
		t.Errorf("told in %d pieces", n)
	}
	for _, o := range c.queues[0] {
		if len(o.Value) > schemas.MaxTold {
			t.Errorf("a piece has %d bytes", len(o.Value))
		}
	}
	c.deliver(noon)
	var home state.Person
	if err := state.DecodeLog(c.world("a0").memory["a0"].Log, &home, w.find); err != nil {
		t.Fatal(err)
	}
	if len(home.Contacts) != 1500 || home.Known.Len() != 1500 {
		t.Errorf("at home are %d contacts and %d ids", len(home.Contacts), home.Known.Len())
	}
}

// What pretends to be told by a governor and cannot be read is told to whoever reads
// dead letters.
func TestWhatIsToldIsReadStrictly(t *testing.T) {
	w := newWorld(t)
	reader := governor.Reader{Policy: w.policy, Zones: w.find}
	for _, value := range []string{
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-04T12:00:00Z"}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-04T12:00:00Z","record":"q","odd":1}`,
		`{"id":"g","person":"p","type":"governor.record","at":"noon","record":"q"}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-04T12:00:00Z","record":"q","standing":{"odd":1}}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-04T12:00:00Z","record":"q","log":"AAAA"}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-04T12:00:00Z","record":"q","signal":{"type":"refusal"}}`,
		`{"id":"g","person":"p","type":"governor.address","at":"2026-05-04T12:00:00Z","address":{}}`,
		`{"id":"g","person":"\u001fp","type":"governor.address","at":"2026-05-04T12:00:00Z","address":{"odd":1}}`,
		`{"id":"g","person":"\u001fp","type":"governor.address","at":"2026-05-04T12:00:00Z"}`,
	} {
		if s, _, err := reader.Signal([]byte(value), noon); err == nil {
			t.Errorf("%s is taken as %+v", value, s)
		}
	}
}

// What became of a call is counted, also where it is said to a record of the person in a
// partition that knows nothing of the call.
func TestACallOfTheHomeIsCounted(t *testing.T) {
	c := newCluster(t, 2, remembers)
	for _, w := range c.worlds {
		w.policy = rated(t, tsr())
		w.g = governor.New(w.policy, w.find)
		w.g.Here(w.here)
	}
	c.merge(noon, "b1", "a0")
	c.deliver(noon)
	in := rules.Intent{ID: "i", Person: "a0", Channel: "call", Purpose: "marketing", Campaign: "spring", Mode: rules.ModeManual}
	approved(t, c.ask(noon, in))
	c.says(noon.Add(minute), "b1", `"type":"outcome","intent":"i","result":"abandoned"`)
	c.deliver(noon.Add(minute))
	(&dialer{world: c.worlds[0]}).tallied(state.Count{Rule: tsrRule, From: noon, Until: noon.Add(period), Answered: 1, Abandoned: 1})
	(&dialer{world: c.worlds[1]}).tallied()
}
