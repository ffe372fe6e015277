package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// together is two policies put together: every rule of either. Names of the second
// are made its own. Of what there is one of, that of the second stands beside, and an
// answer is let through if both let it.
func together(a, b *rules.Spec) *rules.Spec {
	all := *a
	all.Beside, all.Registered = []*rules.Spec{b, {Registered: a.Registered, Campaigns: a.Campaigns}}, nil
	if b.AnswerOnce == nil {
		all.AnswerOnce = nil
	}
	for _, c := range b.Caps {
		c.Name = "b." + c.Name
		all.Caps = append(slices.Clone(all.Caps), c)
	}
	for _, p := range b.Pauses {
		p.Name = "b." + p.Name
		all.Pauses = append(slices.Clone(all.Pauses), p)
	}
	for _, r := range b.AbandonRates {
		r.Name = "b." + r.Name
		all.AbandonRates = append(slices.Clone(all.AbandonRates), r)
	}
	all.Gaps = slices.Concat(a.Gaps, b.Gaps)
	all.Hours = slices.Concat(a.Hours, b.Hours)
	all.Holidays = slices.Concat(a.Holidays, b.Holidays)
	all.ConsentRequired = slices.Concat(a.ConsentRequired, b.ConsentRequired)
	all.Campaigns = slices.Concat(a.Campaigns, b.Campaigns)
	return &all
}

func compiled(t *rapid.T, s *rules.Spec) *rules.Policy {
	p, problems := rules.Compile(s)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	return p
}

// drawAnybody is a person with history, noes, cases, quiet and a budget.
func drawAnybody(t *rapid.T, now rules.Instant) *rules.Person {
	who, more := drawHistory(t, now), drawPerson(t)
	who.Noes, who.Quiet, who.Budget, who.Cases = append(who.Noes, more.Noes...), more.Quiet, more.Budget, more.Cases
	if rapid.Bool().Draw(t, "nobody said no") {
		who.Noes, who.Cases = nil, nil
	}
	return who
}

// "The strictest of two policies approves nothing that either vetoes", and an
// approval of it lives no longer than one of either.
func TestTheStrictestOfTwo(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		a, b := drawSpec(r, now), drawSpec(r, now)
		b.Zones = a.Zones
		b.Custom = nil // they look at the names of caps
		for i := range b.Campaigns {
			b.Campaigns[i].Name = "summer" // of a campaign that both register, policyfile makes one
		}
		who, in := drawAnybody(r, now), drawAsked(r, now)
		for i := range who.Contacts {
			if c := &who.Contacts[i]; c.Waived != nil {
				c.Waived = append(slices.Clip(c.Waived), "cap.b.c0")
			}
		}
		for _, rate := range in.Rates {
			rate.Rule = "abandon.rate.b.tsr"
			in.Rates = append(in.Rates, rate)
		}
		both := rules.Decide(compiled(r, together(a, b)), who, &in, now)
		for _, s := range []*rules.Spec{a, b} {
			one := rules.Decide(compiled(r, s), who, &in, now)
			switch {
			case one.Verdict == rules.Vetoed && both.Verdict == rules.Approved:
				r.Fatalf("one vetoes for %v, and both together approve", one.Objections)
			case both.Verdict == rules.Approved && both.NotAfter > one.NotAfter:
				r.Fatalf("alone it lives until %s, together until %s", one.NotAfter, both.NotAfter)
			case both.Verdict == rules.Vetoed && both.Earliest != 0 && (one.Final() || one.Earliest > both.Earliest):
				r.Fatalf("alone vetoed until %s, together until %s", one.Earliest, both.Earliest)
			}
		}
	})
}

// "A rule on trial is decided and reported, and not enforced": a policy with rules
// on trial decides as the same policy without them, but for Decision.Shadow; and
// what it says there is what the rules would object in force.
func TestRulesOnTrialChangeNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		s := drawSpec(r, now)
		s.Custom = nil // they may look at the count of a cap on trial
		who, in := drawAnybody(r, now), drawAsked(r, now)
		d := rules.Decide(compiled(r, s), who, &in, now)

		without := rules.Decide(compiled(r, onTrial(s, false)), who, &in, now)
		trial := d.Shadow
		d.Shadow = nil
		if diff := cmp.Diff(without, d, cmpopts.IgnoreUnexported(rules.Decision{})); diff != "" {
			r.Fatalf("with the rules on trial:\n%s", diff)
		}
		inEarnest := slices.DeleteFunc(slices.Clone(d.Evidence()), func(e rules.Evidence) bool { return e.Shadow })
		if !slices.Equal(without.Evidence(), inEarnest) {
			r.Fatalf("with the rules on trial: %v, without: %v", inEarnest, without.Evidence())
		}
		inForce := rules.Decide(compiled(r, onTrial(s, true)), who, &in, now)
		var want []rules.Objection
		for _, o := range inForce.Objections {
			if !slices.Contains(without.Objections, o) {
				want = append(want, o)
			}
		}
		if inForce.Original == "" && len(without.Objections)+len(trial) != len(inForce.Objections) {
			r.Fatalf("%v object on trial, and in force %v", names(trial), names(want))
		}
	})
}

// onTrial is the policy with its rules on trial put into force, or left out.
func onTrial(s *rules.Spec, enforced bool) *rules.Spec {
	all := *s
	out := func(t *rules.Terms) bool { return t.Shadow && !enforced }
	all.Caps = keep(s.Caps, func(c *rules.CapSpec) *rules.Terms { return &c.Terms }, out)
	all.Pauses = keep(s.Pauses, func(c *rules.PauseSpec) *rules.Terms { return &c.Terms }, out)
	all.Gaps = keep(s.Gaps, func(c *rules.GapSpec) *rules.Terms { return &c.Terms }, out)
	all.Hours = keep(s.Hours, func(c *rules.HoursSpec) *rules.Terms { return &c.Terms }, out)
	all.Holidays = keep(s.Holidays, func(c *rules.HolidaySpec) *rules.Terms { return &c.Terms }, out)
	all.ConsentRequired = keep(s.ConsentRequired, func(c *rules.ConsentSpec) *rules.Terms { return &c.Terms }, out)
	all.AbandonRates = keep(s.AbandonRates, func(c *rules.RateSpec) *rules.Terms { return &c.Terms }, out)
	all.SameMessage, all.Silence = one(s.SameMessage, out), one(s.Silence, out)
	all.OneChannel, all.Abandoned = one(s.OneChannel, out), one(s.Abandoned, out)
	if r := s.Streak; r != nil {
		all.Streak = nil
		if !out(&r.Terms) {
			tried := *r
			tried.Shadow = false
			all.Streak = &tried
		}
	}
	if r := s.Registered; r != nil {
		all.Registered = nil
		if !out(&r.Terms) {
			tried := *r
			tried.Shadow = false
			all.Registered = &tried
		}
	}
	return &all
}

func keep[R any](list []R, terms func(*R) *rules.Terms, out func(*rules.Terms) bool) []R {
	list = slices.DeleteFunc(slices.Clone(list), func(r R) bool { return out(terms(&r)) })
	for i := range list {
		terms(&list[i]).Shadow = false
	}
	return list
}

func one(r *rules.SpanRule, out func(*rules.Terms) bool) *rules.SpanRule {
	if r == nil || out(&r.Terms) {
		return nil
	}
	tried := *r
	tried.Shadow = false
	return &tried
}

// Decide is deterministic and changes no argument, under whatever policy; Opinions
// says the same, rule by rule and in the same order; Rejudge ignores exactly the
// rules that count, and names the first of the others.
func TestDecideOpinionsAndRejudgeAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		p := compiled(r, drawSpec(r, now))
		who, in := drawAnybody(r, now), drawAsked(r, now)
		before := fmt.Sprintf("%#v %#v", who, in)
		d := rules.Decide(p, who, &in, now)
		opinions := rules.Opinions(p, who, &in, now)
		first, objects := rules.Rejudge(p, who, &in, now)
		if diff := cmp.Diff(d, rules.Decide(p, who, &in, now), cmp.AllowUnexported(rules.Decision{})); diff != "" {
			r.Fatalf("asked twice:\n%s", diff)
		}
		if after := fmt.Sprintf("%#v %#v", who, in); after != before {
			r.Fatalf("an argument changed:\n%s\n%s", before, after)
		}

		var objections, shadow []rules.Objection
		var evidence []rules.Evidence
		for _, o := range opinions {
			switch {
			case o.Objects && o.Shadow:
				shadow = append(shadow, o.Objection)
			case o.Objects:
				objections = append(objections, o.Objection)
			}
			if o.Counts {
				evidence = append(evidence, o.Evidence)
			}
			if !o.Objects && (o.Detail != "" || o.Earliest != 0) {
				r.Fatalf("%s does not object, and says %q", o.Rule, o.Detail)
			}
		}
		if !slices.Equal(objections, d.Objections) || !slices.Equal(shadow, d.Shadow) || !slices.Equal(evidence, d.Evidence()) {
			r.Fatalf("opinions %v %v %v, decision %v %v %v", objections, shadow, evidence, d.Objections, d.Shadow, d.Evidence())
		}

		rest := slices.DeleteFunc(slices.Clone(d.Objections), func(o rules.Objection) bool { return counts(o.Rule) })
		if objects != (len(rest) > 0) || (objects && first != rest[0]) {
			r.Fatalf("judged again: %v %t, and of those that do not count %v object", first, objects, names(rest))
		}
	})
}

// counts says whether it is a rule that counts: "caps, budgets, gap, blast, streak,
// duplicates", and the attempts of a campaign, which are a cap by another name;
// "no confirm.* takes one back" either.
func counts(rule string) bool {
	switch rule {
	case "dedupe.content", "budget.person", "pace.min_gap", "channel.blast", "silence.streak", "campaign.ended.attempts", "confirm.once", "confirm.late", "confirm.promo":
		return true
	}
	return strings.HasPrefix(rule, "custom.") || strings.HasPrefix(rule, "cap.c")
}

// Many at once may ask one policy: questions are taken from a pool and given back,
// and none sees anything of another.
func TestManyAskAtOnce(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "week", Most: 2, In: rules.Window{Kind: rules.CalendarDays, Days: 7}, Per: []rules.Key{rules.PerSubject}}}
		s.Hours = []rules.HoursSpec{{Open: []rules.OpenSpec{daily(9*hour, 20*hour)}}}
		s.Custom = []rules.CustomSpec{{Name: "x", Vetoes: func(f *rules.CustomFacts) (bool, error) { return f.Counts["week"] > 3, nil }}}
	})
	type answer struct {
		who  *rules.Person
		in   rules.Intent
		want rules.Decision
	}
	var questions []answer
	for i := range 40 {
		q := answer{who: nobody(), in: to("email", "service", id(rules.IntentID(fmt.Sprint("i", i))), subject("s"), zones(drawnZones()[i%len(drawnZones())]))}
		q.in.At = noon
		for j := range i % 4 {
			q.who.Contacts = append(q.who.Contacts, sent(noon.Add(-time.Duration(4-j)*day), rules.WasRedeemed, to("email", "service", subject("s"))))
		}
		if i%3 == 0 {
			q.who.Quiet = []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 11 * hour, To: 16 * hour}}
		}
		q.want = rules.Decide(p, q.who, &q.in, noon)
		questions = append(questions, q)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 * len(questions) {
				q := &questions[(i*7+j)%len(questions)]
				got := rules.Decide(p, q.who, &q.in, noon)
				if diff := cmp.Diff(q.want, got, cmp.AllowUnexported(rules.Decision{})); diff != "" {
					t.Errorf("%s among many:\n%s", q.in.ID, diff)
					return
				}
				if got := rules.Opinions(p, q.who, &q.in, noon); len(got) == 0 {
					t.Error("nobody has an opinion")
				}
				rules.Rejudge(p, q.who, &q.in, noon)
			}
		})
	}
	all.Wait()
}
