package governor_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// A step is one event of a random stream; exactly one of its fields is set.
type step struct {
	when       rules.Instant
	intent     *rules.Intent
	signal     *state.Signal
	redeem     rules.IntentID
	unreadable bool
}

// play tells the stream to a fresh world.
func play(t testing.TB, between mood, steps []step) *world {
	w := newWorld(t)
	w.between = between
	for i := range steps {
		w.tell(&steps[i])
	}
	w.until(steps[len(steps)-1].when.Add(3 * day))
	return w
}

func (w *world) tell(s *step) {
	w.t.Helper()
	switch {
	case s.intent != nil:
		w.ask(s.when, *s.intent)
	case s.signal != nil:
		w.hear(s.when, *s.signal)
	case s.unreadable:
		w.unreadable(s.when, "p")
	default:
		w.redeem(s.when, s.redeem)
	}
}

// stream draws two weeks of a person's life (and a little of another's): ids come
// again, half of what is approved is taken, outcomes and other signals come in
// any order.
func stream(t *rapid.T, repeats bool) []step {
	now := noon
	var asked []rules.IntentID
	channel := rapid.SampledFrom([]rules.Channel{"email", "sms", "call", "mail"})
	some := rapid.SampledFrom([]string{"", "", "x", "y"})
	when := rapid.SampledFrom([]time.Duration{0, ms, minute, 5 * minute, 15 * minute, hour, 7 * hour, 24*hour - ms, 24 * hour, 50 * hour})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		now = now.Add(when.Draw(t, "later"))
		s := step{when: now}
		known := rules.IntentID("i0")
		if len(asked) > 0 {
			known = rapid.SampledFrom(asked).Draw(t, "known")
		}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0, 1, 2, 3, 4:
			id := rules.IntentID(fmt.Sprint("i", len(asked)))
			if repeats && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				id = known
			}
			asked = append(asked, id)
			in := to(id, channel.Draw(t, "channel"), rapid.SampledFrom([]rules.Purpose{
				"marketing", "marketing", "winback", "service", "service", "billing", "collection", "receipt", "confirmation", "consent_request",
			}).Draw(t, "purpose"))
			in.Campaign = rapid.SampledFrom([]rules.Campaign{"spring", "summer", "autumn"}).Draw(t, "campaign")
			in.Subject, in.Brand = rules.Subject(some.Draw(t, "subject")), rules.Brand(some.Draw(t, "brand"))
			in.Address, in.Message = rules.Address(some.Draw(t, "address")), some.Draw(t, "message")
			in.Person = rapid.SampledFrom([]rules.PersonID{"p", "p", "p", "p", "p", "p", "q", "r"}).Draw(t, "who")
			in.At = now.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "old")) * hour)
			if rapid.IntRange(0, 9).Draw(t, "ends") == 0 {
				in.NotAfter = now.Add(7 * minute)
			}
			s.intent = &in
		case 5, 6:
			s.redeem = known
		case 7:
			o := outcome(known, rapid.SampledFrom(results).Draw(t, "result"))
			s.signal = &o
		case 8:
			s.unreadable = rapid.IntRange(0, 9).Draw(t, "unreadable") == 0
			s.redeem = known
		default:
			scope := rules.Scope{Channel: rapid.SampledFrom([]rules.Channel{"", "sms", "mail"}).Draw(t, "of"),
				Subject: rules.Subject(some.Draw(t, "about")), Brand: rules.Brand(some.Draw(t, "by")), Address: rules.Address(some.Draw(t, "there"))}
			signals := []state.Signal{
				refusalOf(scope),
				{Type: state.Consent, Source: "settings", Scope: rules.Scope{Channel: scope.Channel}},
				{Type: state.Consent, Source: "settings"}, {Type: state.Consent, Source: "settings"},
				{Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "STOP"}, {Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "START"},
				{Type: state.Reply, Scope: rules.Scope{Channel: "sms"}, Text: "well"},
				{Type: state.Cancellation, Scope: rules.Scope{Subject: scope.Subject, Brand: scope.Brand}},
				{Type: state.Complaint, Scope: rules.Scope{Brand: "y"}},
				{Type: state.CaseOpened, Scope: rules.Scope{Brand: "x"}}, {Type: state.CaseClosed, Scope: rules.Scope{Brand: "x"}},
				{Type: state.AddressOf, Status: state.Reassigned, Scope: rules.Scope{Address: "y"}},
				{Type: state.Preference, HasQuiet: true, Quiet: []rules.QuietSpan{{Days: [7]bool{true, true, false, true}, From: 22 * hour, To: 7 * hour}}},
				{Type: state.Preference, HasZones: true, Zones: []*time.Location{time.UTC}},
				{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 2, Per: 30 * hour}, {Channel: "sms", Max: 1, Per: 100 * hour}}},
				{Type: state.Resolved, Scope: rules.Scope{Subject: "x"}},
				{Type: state.Engagement, Human: true}, {Type: state.Conversation},
				{Type: state.Erasure},
			}
			sig := rapid.SampledFrom(signals).Draw(t, "signal")
			if rapid.IntRange(0, 4).Draw(t, "said by") == 0 {
				sig.Person = "q"
			}
			if rapid.IntRange(0, 9).Draw(t, "merge") == 0 {
				sig = rapid.SampledFrom(merges()).Draw(t, "of whom")
			}
			sig.At = now.Add(-time.Duration(rapid.IntRange(-1, 3).Draw(t, "said")) * hour)
			if repeats && rapid.IntRange(0, 9).Draw(t, "heard") == 0 {
				sig.ID = "heard"
			}
			s.signal = &sig
		}
		return s
	}), 5, 60).Draw(t, "stream")
}

// merges are of three records, in every direction.
func merges() (list []state.Signal) {
	for _, one := range []rules.PersonID{"p", "q", "r"} {
		for _, other := range []rules.PersonID{"p", "q", "r"} {
			if one != other {
				list = append(list, state.Signal{Type: state.Merge, Person: one, Into: other})
			}
		}
	}
	return list
}

// Forgetting everybody after every event, or being replaced by another governor
// that begins with what the store has, changes nothing: not one byte of any
// output, nor of what the store keeps. It proves the codecs and the contract of
// the store.
func TestForgettingChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, true)
		same(r, "forgetting", play(t, remembers, steps), play(t, forgets, steps))
		// Who has something out at an address is known to whoever approved it: the next
		// one may learn of that late (TestARefusalThatReachesNobody), so here nobody
		// refuses one.
		for i := range steps {
			if s := steps[i].signal; s != nil && s.Type == state.Refusal {
				s.Scope.Address = ""
			}
		}
		same(r, "dying", play(t, remembers, steps), play(t, dies, steps))
	})
}

// A stream that is delivered once more, to a governor that has not seen it, gives
// the same bytes.
func TestAStreamPlayedTwiceGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, true)
		same(r, "once more", play(t, remembers, steps), play(t, remembers, steps))
	})
}

func same(r *rapid.T, what string, want, got *world) {
	for i := range max(len(want.out), len(got.out)) {
		if i >= len(want.out) || i >= len(got.out) {
			r.Fatalf("%s: %d outputs instead of %d", what, len(got.out), len(want.out))
		}
		a, b := want.out[i], got.out[i]
		if a.Topic != b.Topic || a.ID != b.ID || a.Person != b.Person || a.At != b.At || a.Source != b.Source || !bytes.Equal(a.Value, b.Value) {
			r.Fatalf("%s: output %d is\n%s %s\ninstead of\n%s %s", what, i, b.Topic, b.Value, a.Topic, a.Value)
		}
	}
	for id, m := range want.memory {
		if o := got.memory[id]; !bytes.Equal(m.Standing, o.Standing) || !bytes.Equal(m.Log, o.Log) {
			r.Fatalf("%s: the store keeps of %s\n%s\n%q\ninstead of\n%s\n%q", what, id, o.Standing, o.Log, m.Standing, m.Log)
		}
	}
	if fmt.Sprint(want.waiting) != fmt.Sprint(got.waiting) {
		r.Fatalf("%s: waiting %v instead of %v", what, got.waiting, want.waiting)
	}
}

// "As many decisions on an intent as it came, at most; one approval at most; no
// decision id twice", over days of ids that come again; every intent is answered
// once all is due; an original is a decision that was made before.
func TestDecisionIDsNeverRepeat(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, true)
		w := play(t, remembers, steps)
		came, decided := map[string]int{}, map[string]int{}
		for _, s := range steps {
			if s.intent != nil {
				came[string(s.intent.Person+"/")+string(s.intent.ID)]++
			}
		}
		ids := map[string]bool{}
		for _, d := range w.decisions(0) {
			if ids[d.ID] {
				r.Fatalf("two decisions have the id %s", d.ID)
			}
			ids[d.ID] = true
			decided[d.Person+"/"+d.Intent]++
		}
		for _, d := range w.decisions(0) {
			if d.Original != "" && !ids[d.Original] {
				r.Fatalf("%s names the original %s, which no decision is", d.ID, d.Original)
			}
		}
		for id, n := range came {
			if decided[id] != n {
				r.Fatalf("%s came %d times and was decided %d times", id, n, decided[id])
			}
		}
	})
}

// "No rolling window over emitted approvals (that count) ever holds more than its
// cap": counted anew from the outputs, with what was given back left out.
func TestNoWindowHoldsMoreThanItsCap(t *testing.T) {
	solicits := map[string]bool{"marketing": true, "winback": true, "consent_request": true}
	type limit struct {
		name   string
		most   int
		window time.Duration
		is     func(purpose, channel string) bool
		binds  func(purpose, channel string) bool
	}
	call := func(purpose, channel string) bool { return channel == "call" && purpose != "receipt" }
	caps := []limit{
		{"email", 2, 168 * hour, func(p, c string) bool { return solicits[p] && c == "email" }, nil},
		{"sms", 1, 24 * hour, func(p, c string) bool { return solicits[p] && c == "sms" }, nil},
		{"call.day", 1, 24 * hour, call, nil},
		{"call.week", 3, 168 * hour, call, nil},
		{"gap", 1, 4 * hour, call, nil},
		{"any", 3, 168 * hour, func(p, _ string) bool { return p != "receipt" && p != "confirmation" }, func(p, _ string) bool { return solicits[p] }},
	}
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, false)
		w := newWorld(t)
		var went []approval
		given := map[string]rules.Instant{} // intent → when its slot came back, or would by expiry
		uncounted := map[string]bool{}      // a wrong number may be among them, and nothing beats it
		for i := range steps {
			before := len(w.out)
			switch s := &steps[i]; {
			case s.intent != nil:
				w.ask(s.when, *s.intent)
			case s.signal != nil:
				w.hear(s.when, *s.signal)
				switch {
				case s.signal.Type == state.Erasure:
					went = nil // what was sent is forgotten
				case s.signal.Type != state.Outcome:
				case s.signal.Result == state.NotSent, s.signal.Result == state.OptedOut, s.signal.Result == state.Busy, s.signal.Result == state.WrongNumber:
					// What uncounts is the matter of other tests: from here on nobody counts these.
					for j := range went {
						given[went[j].intent] = min(given[went[j].intent], s.when)
						uncounted[went[j].intent] = s.signal.Result == state.WrongNumber || uncounted[went[j].intent]
					}
				default:
					if got := w.redeem(s.when, s.signal.Intent); got == state.AlreadyRedeemed && !uncounted[string(s.signal.Intent)] {
						given[string(s.signal.Intent)] = rules.Never
					}
				}
			case s.unreadable:
				w.unreadable(s.when, "p")
			default:
				if w.redeem(s.when, s.redeem) == state.Redeemed {
					given[string(s.redeem)] = rules.Never
				}
			}
			for _, o := range w.out[before:] {
				if o.Topic == governor.Revoked {
					for j := range went {
						if "r"+went[j].id == o.ID {
							given[went[j].intent] = min(given[went[j].intent], o.At)
						}
					}
				}
			}
			for _, d := range w.decisions(before) {
				if d.Verdict != "approved" || d.Person != "p" {
					continue
				}
				now := rules.Instant(d.Decided)
				for _, c := range caps {
					if binds := c.binds; !c.is(d.Purpose, d.Channel) || (binds != nil && !binds(d.Purpose, d.Channel)) {
						continue
					}
					n := 1
					for _, x := range went {
						if c.is(x.purpose, x.channel) && now.Sub(x.at) < c.window && given[x.intent] > now {
							n++
						}
					}
					if n > c.most {
						r.Fatalf("%s: approved at %s is number %d within %s", c.name, now, n, c.window)
					}
				}
				went = append(went, approval{d.Intent, d.ID, d.Purpose, d.Channel, now})
				given[d.Intent] = rules.Instant(d.NotAfter)
			}
		}
	})
}

type approval struct {
	intent, id, purpose, channel string
	at                           rules.Instant
}

// "A veto costs nothing: a thousand vetoes leave the caps as they were": leave out
// of a stream every intent that was vetoed by a rule, and all others get the very
// same bytes.
func TestAVetoCostsNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := stream(r, false)
		w := play(t, remembers, steps)
		lost := map[string]bool{}
		for _, d := range w.decisions(0) {
			// A notice moves its group, and a held one is answered by others.
			lost[d.Intent] = d.Verdict == "vetoed" && (d.Subject == "" || d.Channel == "call" || (d.Purpose != "service" && d.Purpose != "billing" && d.Purpose != "collection"))
		}
		var fewer []step
		for _, s := range steps {
			if s.intent != nil && lost[string(s.intent.ID)] {
				s.intent, s.redeem = nil, "nothing" // time passes as before
			}
			fewer = append(fewer, s)
		}
		without := play(t, remembers, fewer)
		var want, got []string
		for _, d := range w.decisions(0) {
			if !lost[d.Intent] {
				want = append(want, fmt.Sprintf("%+v", d))
			}
		}
		for _, d := range without.decisions(0) {
			got = append(got, fmt.Sprintf("%+v", d))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			r.Fatalf("without the vetoed ones\n%s\ninstead of\n%s", got, want)
		}
	})
}
