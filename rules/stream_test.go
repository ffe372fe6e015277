package rules_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// A stream is what happens to one person: intents that are decided one after the
// other, and what becomes of the approved ones.
type stream struct {
	policy  *rules.Policy
	who     rules.Person
	vetoed  []rules.IntentID
	granted []rules.IntentID
}

// put decides an intent, and remembers an approval as package state does.
func (s *stream) put(in rules.Intent, now rules.Instant) rules.Decision {
	in.At = now
	d := rules.Decide(s.policy, &s.who, &in, now)
	if d.Verdict == rules.Vetoed {
		s.vetoed = append(s.vetoed, in.ID)
		return d
	}
	c := sent(now, 0, in)
	c.Intent, c.NotAfter, c.Waived = in.ID, d.NotAfter, d.Waived()
	s.who.Contacts = append(s.who.Contacts, c)
	s.granted = append(s.granted, in.ID)
	return d
}

// event is one thing that happens in a stream.
type event struct {
	after time.Duration
	in    *rules.Intent // asked for, if any
	older int           // what becomes of the contact so many before the last: it is redeemed, if it still may be, or
	fate  rules.Fate    // an outcome of it is heard
}

func drawEvents(t *rapid.T) []event {
	var all []event
	for i := range rapid.IntRange(5, 40).Draw(t, "events") {
		e := event{
			after: time.Duration(rapid.IntRange(0, 20).Draw(t, "after"))*30*minute + time.Duration(rapid.IntRange(0, 1).Draw(t, "after ms"))*ms,
			older: rapid.IntRange(0, 2).Draw(t, "older"),
			fate: rapid.SampledFrom([]rules.Fate{
				0, rules.WasRedeemed, rules.WasRedeemed, rules.WasRedeemed | rules.Happened, rules.NotSent, rules.Busy, rules.OptedOut, rules.WrongNumber, rules.WasRevoked,
			}).Draw(t, "fate"),
		}
		if !sometimes(t, "no intent", 4) {
			in := drawIntent(t)
			in.ID, in.Zones, in.Priority = rules.IntentID(fmt.Sprint("i", i)), nil, rapid.IntRange(0, 100).Draw(t, "priority")
			e.in = &in
		}
		all = append(all, e)
	}
	return all
}

// become gives a contact its fate. Nobody redeems what has expired.
func (s *stream) become(e *event, now rules.Instant) {
	if i := len(s.who.Contacts) - 1 - e.older; i >= 0 {
		if c := &s.who.Contacts[i]; now < c.NotAfter || c.Fate != 0 {
			if !c.Fate.Has(rules.NotSent | rules.Busy | rules.OptedOut | rules.WrongNumber | rules.WasRevoked) { // no word is taken back here
				c.Fate |= e.fate
			}
		}
	}
}

// "No rolling window over emitted approvals ever holds more than its cap", nor any
// other window: whatever a random policy approves of a random stream, no cap that
// counts what it binds is ever exceeded, by the naive reading, but by what a consent
// waived, which does not count; slots that are kept for the urgent are not taken by
// others.
func TestNoWindowEverHoldsMoreThanItsCap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		spec := drawSpec(r, now)
		spec.Campaigns, spec.Registered, spec.Custom, spec.Hours, spec.Holidays, spec.ConsentRequired = nil, nil, nil, nil, nil, nil
		for i := range spec.Caps {
			spec.Caps[i].Counts, spec.Caps[i].Shadow = spec.Caps[i].Binds, false
			spec.Caps[i].From, spec.Caps[i].Until = rules.Date{}, rules.Date{}
			spec.Caps[i].Most++
		}
		p, problems := rules.Compile(spec)
		if len(problems) > 0 {
			r.Fatalf("problems: %v", problems)
		}
		before := drawHistory(r, now)
		s := stream{policy: p, who: rules.Person{Consents: before.Consents, Talks: before.Talks}}
		for _, e := range drawEvents(r) {
			now = now.Add(e.after)
			if e.in == nil {
				s.become(&e, now)
				continue
			}
			d := s.put(*e.in, now)
			if d.Verdict == rules.Vetoed {
				continue
			}
			for i := range spec.Caps {
				c := &spec.Caps[i]
				n := second{spec: spec, who: &s.who, in: e.in, now: now}
				if !n.binds(&c.Binds) {
					continue
				}
				used := n.counted(c)
				if used > c.Most {
					r.Fatalf("with %s at %s cap %s holds %d of %d: %v", e.in.ID, now, c.Name, used, c.Most, s.who.Contacts)
				}
				if waived := slices.Contains(d.Waived(), "cap."+c.Name); c.Reserve != nil && !waived && e.in.Priority < c.Reserve.Priority && used > c.Most-c.Reserve.Slots {
					r.Fatalf("%s, of priority %d, has a slot of %s that is kept for %d", e.in.ID, e.in.Priority, c.Name, c.Reserve.Priority)
				}
			}
		}
	})
}

// "Lets one answer through a refusal of that medium": whatever a stream asks for, no
// more than one contact that stands ever answers what the person asked through a
// refused medium, and nothing else comes through it but what is exempt.
func TestNobodyIsAnsweredTwice(t *testing.T) {
	p := bare(t, func(s *rules.Spec) { s.AnswerOnce = new(rules.TermsRule) })
	rapid.Check(t, func(r *rapid.T) {
		now := noon
		s := stream{policy: p, who: *asking()}
		for _, e := range drawEvents(r) {
			now = now.Add(e.after)
			if e.in == nil {
				s.become(&e, now)
				continue
			}
			in := *e.in
			in.Channel, in.ReplyTo = "sms", rapid.SampledFrom([]rules.SignalID{"", "p", "q", "q", "q"}).Draw(r, "in reply to")
			n := second{who: &s.who, in: &in, now: now}
			if d := s.put(in, now); d.Verdict == rules.Vetoed || n.class().Exempt() {
				continue
			}
			answers := n.count(func(c *rules.Contact) bool { return c.ReplyTo == in.ReplyTo })
			if in.ReplyTo != "q" || answers != 1 {
				r.Fatalf("%s is let through, as the answer %d to %q: %v", in.ID, answers, in.ReplyTo, s.who.Contacts)
			}
		}
	})
}

// "A veto costs nothing: a thousand vetoes leave the caps as they were." A stream
// without the intents that were vetoed in it is decided as it was with them.
func TestVetoesLeaveTheCapsAsTheyWere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		start := drawNow(r)
		p, problems := rules.Compile(drawSpec(r, start))
		if len(problems) > 0 {
			r.Fatalf("problems: %v", problems)
		}
		events := drawEvents(r)
		play := func(without []rules.IntentID) (stream, map[rules.IntentID]rules.Decision) {
			s, decisions, now := stream{policy: p}, map[rules.IntentID]rules.Decision{}, start
			for _, e := range events {
				now = now.Add(e.after)
				switch {
				case e.in == nil:
					s.become(&e, now)
				case !slices.Contains(without, e.in.ID):
					decisions[e.in.ID] = s.put(*e.in, now)
				}
			}
			return s, decisions
		}
		with, all := play(nil)
		without, few := play(with.vetoed)
		if len(without.vetoed) > 0 || !slices.Equal(with.granted, without.granted) {
			r.Fatalf("granted %v, and without the vetoed ones %v", with.granted, without.granted)
		}
		for id, d := range few {
			if diff := cmp.Diff(all[id], d, cmp.AllowUnexported(rules.Decision{})); diff != "" {
				r.Fatalf("%s is decided otherwise without the vetoed ones:\n%s", id, diff)
			}
		}
	})
}
