package governor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// arbitrating is the house, with one solicitation in a day, for which the most urgent
// of those is taken that come within five minutes; under change with something else.
func arbitrating(t testing.TB, change func(*rules.Spec)) *rules.Policy {
	t.Helper()
	text, _ := packs.Find("no-means-no")
	spec, err := policyfile.Parse("no-means-no.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	spec.Combined = true // the cap is idle beside those of the house, or they beside it
	sells := rules.Selector{Classes: []rules.Class{rules.Solicitation}}
	spec.Caps = append(spec.Caps, rules.CapSpec{Name: "one", Most: 1, In: rules.Window{Length: day}, Binds: sells, Counts: sells, Arbitrate: 5 * minute})
	change(spec)
	p, problems := rules.Compile(spec)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func unchanged(*rules.Spec) {}

// patiently is a policy in which every cap makes everybody wait for a while.
func patiently(s *rules.Spec) {
	for i := range s.Caps {
		s.Caps[i].Arbitrate = []time.Duration{5 * minute, 20 * minute, hour}[i%3]
	}
}

func (w *world) under(p *rules.Policy) *world {
	w.policy, w.g = p, governor.New(p, w.find)
	return w
}

// urgent is a solicitation of a campaign of its own.
func urgent(id rules.IntentID, channel rules.Channel, priority int) rules.Intent {
	in := to(id, channel, "marketing")
	in.Campaign, in.Priority = rules.Campaign("of "+id), priority
	return in
}

// "Timers survive a crash": the last slot goes to the most urgent of those who came
// within the window, whatever becomes of the governor meanwhile, and at the instant
// that the window ends, however late somebody looks.
func TestTheLastSlotIsArbitratedInEveryMood(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.under(arbitrating(t, unchanged))
		held(t, w.ask(noon, urgent("i1", "email", 10)))
		held(t, w.ask(noon.Add(minute), urgent("i2", "sms", 90)))
		held(t, w.ask(noon.Add(2*minute), urgent("i3", "mail", 90)))
		if got := w.redeem(noon.Add(3*minute), "i2"); got != state.NotApproved {
			t.Errorf("while it waits redeem says %q", got)
		}
		double := w.ask(noon.Add(3*minute), urgent("i2", "sms", 90))
		vetoed(t, double, rules.Duplicate)
		w.until(noon.Add(5*minute - ms))
		for _, id := range []rules.IntentID{"i1", "i3"} {
			held(t, w.decision(id))
		}
		w.until(noon.Add(3 * hour))
		approved(t, w.decision("i2"))
		vetoed(t, w.decision("i1"), rules.Outranked)
		vetoed(t, w.decision("i3"), "cap.one")
		for _, d := range w.decisions(0) {
			if rules.Instant(d.Decided) != noon.Add(5*minute) && d.ID != double.ID {
				t.Errorf("%s was decided at %s", d.Intent, rules.Instant(d.Decided))
			}
		}
		if d := w.decision("i2"); double.Original != d.ID || d.ID == double.ID {
			t.Errorf("the double names %s, and the original is %s", double.Original, d.ID)
		}
		for _, o := range w.out {
			if d := w.decision("i1"); o.ID == d.ID && (o.Source.Topic != governor.Intents || o.Source.Offset != 1) {
				t.Errorf("it says that it came from %+v", o.Source)
			}
		}
		if len(w.waiting) != 0 {
			t.Errorf("the store still has them wait: %v", w.waiting)
		}
	})
}

// "They are judged at that instant": a no in between counts, the person's or, at a
// shared address, somebody else's.
func TestANoWhileTheLastSlotWaits(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.under(arbitrating(t, unchanged))
		w.ask(noon, there(urgent("i1", "sms", 90)))
		w.ask(noon.Add(minute), urgent("i2", "email", 50))
		w.ask(noon.Add(2*minute), urgent("i3", "mail", 10))
		w.hear(noon.Add(3*minute), says("x", refusalOf(rules.Scope{Channel: "sms", Address: phone})))
		w.hear(noon.Add(4*minute), refusalOf(rules.Scope{Channel: "email"}))
		w.until(noon.Add(5 * minute))
		vetoed(t, w.decision("i1"), rules.RefusedAddress)
		vetoed(t, w.decision("i2"), rules.RefusedState)
		approved(t, w.decision("i3"))
	})
}

// "resolved on the subject vetoes what is held about it as moot", "erasure vetoes what
// is held", and a record that is merged into one elsewhere leaves nothing behind.
func TestWhatEndsTheWait(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.under(arbitrating(t, unchanged))
		about := urgent("i1", "sms", 90)
		about.Subject = "parcel"
		w.ask(noon, about)
		w.ask(noon.Add(minute), urgent("i2", "email", 50))
		w.hear(noon.Add(2*minute), state.Signal{Type: state.Resolved, Scope: rules.Scope{Subject: "parcel"}})
		vetoed(t, w.decision("i1"), rules.Moot)
		held(t, w.decision("i2"))
		w.until(noon.Add(6*minute - ms))
		held(t, w.decision("i2")) // its window is its own now
		w.hear(noon.Add(6*minute-ms), state.Signal{Type: state.Erasure})
		vetoed(t, w.decision("i2"), rules.RefusedTombstone)
		w.until(noon.Add(hour))
		if n := len(w.decisions(0)); n != 2 || len(w.waiting) != 0 {
			t.Errorf("%d decisions, and %v wait", n, w.waiting)
		}
		held(t, w.ask(noon.Add(2*hour), urgent("i3", "email", 50)))
		w.until(noon.Add(3 * hour))
		approved(t, w.decision("i3"))
	})
	inEveryMoodOfMany(t, 2, func(t *testing.T, c *cluster) {
		for _, w := range c.worlds {
			w.under(arbitrating(t, unchanged))
			w.g.Here(w.here)
		}
		held(t, c.ask(noon, of("a0", urgent("i1", "sms", 90))))
		c.merge(noon.Add(minute), "a0", "b1")
		c.deliver(noon.Add(minute))
		vetoed(t, c.world("a0").decision("i1"), rules.Unavailable)
		held(t, c.ask(noon.Add(2*minute), of("b1", urgent("i1", "sms", 90))))
		c.world("b1").until(noon.Add(7 * minute))
		approved(t, c.world("b1").decision("i1"))
	})
}

// "Merges join held groups": of two records that are one person one intent is taken,
// at the end of the earlier window.
func TestRoundsOfMergedRecordsBecomeOne(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.under(arbitrating(t, unchanged))
		held(t, w.ask(noon, urgent("i1", "sms", 10)))
		held(t, w.ask(noon.Add(minute), of("q", urgent("i2", "email", 90))))
		held(t, w.ask(noon.Add(2*minute), of("q", urgent("i1", "sms", 10)))) // the same id: one contact
		w.hear(noon.Add(3*minute), merge("q", "p"))
		held(t, w.ask(noon.Add(4*minute), urgent("i3", "mail", 20)))
		w.until(noon.Add(5 * minute))
		approved(t, w.decision("i2"))
		vetoed(t, w.decision("i3"), rules.Outranked)
		var of1 []string
		for _, d := range w.decisions(0) {
			if d.Intent == "i1" {
				of1 = append(of1, d.Person+" "+d.Reason)
			}
		}
		if slices.Sort(of1); !slices.Equal(of1, []string{"p outranked", "q intent.conflict"}) {
			t.Errorf("of the id that both had was said %v", of1)
		}
	})
}

// Under another policy whoever waits is due when that says.
func TestWhoWaitsForALastSlotIsDueUnderThePolicyThatHolds(t *testing.T) {
	for what, c := range map[string]struct {
		wait time.Duration
		due  time.Duration
	}{"sooner": {3 * minute, 3 * minute}, "later": {hour, hour}, "no longer": {0, 2 * minute}} {
		t.Run(what, func(t *testing.T) {
			inEveryMood(t, func(t *testing.T, w *world) {
				w.under(arbitrating(t, unchanged))
				w.ask(noon, urgent("i1", "sms", 10))
				w.ask(noon.Add(minute), urgent("i2", "email", 20))
				w.until(noon.Add(2 * minute))
				w.adopt(arbitrating(t, func(s *rules.Spec) { s.Caps[len(s.Caps)-1].Arbitrate = c.wait }))
				w.until(noon.Add(2 * hour))
				approved(t, w.decision("i2"))
				if got := rules.Instant(w.decision("i2").Decided); got != noon.Add(c.due) {
					t.Errorf("decided at %s, want %s", got, noon.Add(c.due))
				}
			})
		})
	}
}

// A memory that still has them wait learns from the log that they were decided, and
// decides them no more; what the log does not have an answer to waits on.
func TestWhatWaitedIsRecalled(t *testing.T) {
	w := newWorld(t).under(arbitrating(t, unchanged))
	w.ask(noon, urgent("i1", "sms", 90))
	w.ask(noon.Add(minute), of("q", urgent("i2", "email", 20)))
	old, waiting := w.memory["p"], noon.Add(5*minute)
	w.until(noon.Add(10 * minute))
	approved(t, w.decision("i1"))

	again := newWorld(t).under(w.policy)
	again.memory["p"], again.memory["q"] = old, w.memory["q"]
	again.g.Await(state.Waiting{Person: "p", Due: waiting})
	again.g.Recalling(true)
	again.remember("p")
	again.g.Recall(&governor.Recalled{Decision: *w.decision("i1")})
	again.take()
	again.g.Recalling(false)
	again.until(noon.Add(hour))
	if got := again.decisions(0); len(got) != 0 {
		t.Errorf("decided again: %+v", got)
	}
	if got := again.redeem(noon.Add(hour), "i1"); got != state.Expired {
		t.Errorf("redeem says %q", got)
	}
}

// What comes when a thousand wait for one person is judged at once, by itself, so that
// what is kept of a person stays bounded.
func TestNoMoreThanAThousandWait(t *testing.T) {
	w := newWorld(t).under(arbitrating(t, unchanged))
	for i := range 1000 {
		held(t, w.ask(noon, urgent(rules.IntentID(fmt.Sprint("i", i)), "email", 10)))
	}
	approved(t, w.ask(noon, urgent("one more", "email", 5)))
	w.until(noon.Add(5 * minute))
	if n := len(w.decisions(0)); n != 1001 {
		t.Errorf("%d decisions", n)
	}
	vetoed(t, w.decision("i0"), "cap.one")
}

// What the rules will be asked when it is due, after what is more urgent; nothing
// changes by asking.
func TestWhatWaitsIsConsulted(t *testing.T) {
	w := newWorld(t).under(arbitrating(t, unchanged))
	w.ask(noon, urgent("i1", "sms", 10))
	w.ask(noon.Add(minute), urgent("i2", "mail", 90))
	w.ask(noon.Add(minute), toll("n1", "acct9"))
	for id, want := range map[rules.IntentID]struct {
		due  rules.Instant
		says rules.Reason
	}{"i2": {noon.Add(5 * minute), ""}, "i1": {noon.Add(5 * minute), "cap.one"}, "n1": {noon.Add(16 * minute), ""}} {
		m, waits, err := w.g.ConsultHeld("p", id)
		if err != nil || !waits || m.Now != want.due {
			t.Errorf("%s: waits %t until %s: %v", id, waits, m.Now, err)
		}
		if d := rules.Decide(w.policy, &m.Person, &m.Intent, m.Now); d.Reason() != want.says {
			t.Errorf("%s: %s %v", id, d.Verdict, d.Objections)
		}
	}
	if _, waits, err := w.g.ConsultHeld("p", "nobody's"); waits || err != nil {
		t.Errorf("waits %t: %v", waits, err)
	}
	w.until(noon.Add(5 * minute))
	approved(t, w.decision("i2"))
}

// Calls that wait name the campaigns by which they are decided; nothing else does.
func TestTheCampaignsOfCallsThatWait(t *testing.T) {
	w := newWorld(t).under(arbitrating(t, unchanged))
	call := urgent("i1", "call", 10)
	call.Mode = rules.ModePredictive
	first := urgent("i2", "call", 10)
	held(t, w.ask(noon, call))
	held(t, w.ask(noon, first))
	held(t, w.ask(noon, urgent("i3", "sms", 10)))
	held(t, w.ask(noon, of("q", call)))
	if got := w.g.RatedDue("p", "q", "nobody"); !slices.Equal(got, []rules.Campaign{call.Campaign, first.Campaign}) {
		t.Errorf("%v", got)
	}
}

// Forgetting everybody after every event, or being replaced by another governor,
// changes nothing where everybody waits for everybody; and whoever waits has an answer
// once all is due: as many as they came.
func TestForgettingChangesNothingWhereSlotsWait(t *testing.T) {
	policy := arbitrating(t, patiently)
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, true)
		came := map[string]int{}
		for i := range steps {
			if in := steps[i].intent; in != nil {
				in.Priority = rapid.IntRange(0, 3).Draw(r, "priority")
				came[string(in.Person)+"/"+string(in.ID)]++
			}
			if s := steps[i].signal; s != nil && s.Type == state.Refusal {
				s.Scope.Address = "" // who has something out there is known to whoever approved it
			}
		}
		w := playUnder(t, policy, remembers, steps)
		same(r, "forgetting", w, playUnder(t, policy, forgets, steps))
		same(r, "dying", w, playUnder(t, policy, dies, steps))
		for _, d := range w.decisions(0) {
			came[d.Person+"/"+d.Intent]--
			if d.Verdict == schemas.Approved && d.NotAfter <= d.Decided {
				r.Fatalf("%s is good from %s until %s", d.Intent, rules.Instant(d.Decided), rules.Instant(d.NotAfter))
			}
		}
		for id, n := range came {
			if n != 0 {
				r.Fatalf("%s lacks %d answers", id, n)
			}
		}
	})
}

// playUnder tells the stream to a fresh world under another policy.
func playUnder(t testing.TB, p *rules.Policy, between mood, steps []step) *world {
	w := newWorld(t).under(p)
	w.between = between
	for i := range steps {
		w.tell(&steps[i])
	}
	w.until(steps[len(steps)-1].when.Add(3 * day))
	return w
}
