package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// What a random policy says of a random person is what its sentences say, rule by
// rule; and "earliest is exact (nothing objects at it, something does 1 ms
// before)", with all kinds of windows, dates, holidays, pauses, waivers, rates and
// custom rules, at places of every habit.
func TestRandomPoliciesAgreeWithANaiveReading(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		spec := drawSpec(r, now)
		p, problems := rules.Compile(spec)
		if len(problems) > 0 {
			r.Fatalf("problems: %v", problems)
		}
		who, in := drawHistory(r, now), drawAsked(r, now)
		s := second{spec: spec, who: who, in: &in}
		objections := func(when rules.Instant) []string {
			s.now = when
			enforced, _ := s.objections()
			return enforced
		}

		d := rules.Decide(p, who, &in, now)
		enforced, trial := objections(now), []string(nil)
		_, trial = s.objections()
		if got := names(d.Objections); !slices.Equal(got, enforced) {
			r.Fatalf("%v objects, and by the naive reading %v", got, enforced)
		}
		if got := names(d.Shadow); !slices.Equal(got, trial) {
			r.Fatalf("%v objects on trial, and by the naive reading %v", got, trial)
		}
		if d.Verdict == rules.Approved {
			edges := func(when rules.Instant) []string {
				return slices.DeleteFunc(objections(when), func(rule string) bool { return !edged(rule) })
			}
			for when := d.NotAfter - 1; when > now; when -= rules.Instant(minute.Milliseconds()) {
				if got := edges(when); len(got) > 0 {
					r.Fatalf("the approval lives until %s, and at %s %v objects", d.NotAfter, when, got)
				}
			}
			if d.NotAfter < now.Add(15*minute) && len(objections(d.NotAfter)) == 0 {
				r.Fatalf("the approval lives until %s, and then nothing objects", d.NotAfter)
			}
			return
		}
		if d.Earliest == 0 {
			for _, later := range []time.Duration{ms, 15 * minute, hour, 24 * hour, 168 * hour, 40 * day, 100 * day, 1000 * day} {
				for h := range 24 {
					if when := now.Add(later + time.Duration(h)*hour); len(objections(when)) == 0 {
						r.Fatalf("final for %v, and at %s nothing objects", d.Objections, when)
					}
				}
			}
			return
		}
		if got := objections(d.Earliest); len(got) > 0 {
			r.Fatalf("at the earliest, %s, %v objects", d.Earliest, got)
		}
		if len(objections(d.Earliest-1)) == 0 {
			r.Fatalf("a millisecond before the earliest, %s, nothing objects (%v)", d.Earliest, d.Objections)
		}
		step := max(15*minute, (d.Earliest.Sub(now) / 100).Truncate(15*minute))
		for when := now; when < d.Earliest; when = when.Add(step) {
			if len(objections(when)) == 0 {
				r.Fatalf("nothing objects at %s, before the earliest %s (%v)", when, d.Earliest, d.Objections)
			}
		}
	})
}

// edged are the rules whose coming ends an approval: those of the calendar, and
// those that do not count when they come into force.
func edged(rule string) bool {
	return strings.HasPrefix(rule, "quiet.") || rule == "campaign.ended" || rule == "consent.required" || rule == "registered_only" ||
		strings.HasPrefix(rule, "cap.p") || strings.HasPrefix(rule, "abandon.")
}

// "Adding a refusal never turns a veto into an approval", under whatever policy, nor
// does any other word that speaks for the person's peace; what is approved lives no
// longer, and what opens later opens no sooner.
func TestANoNeverOpensAnythingUnderAnyPolicy(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		spec := drawSpec(r, now)
		who, in := drawAnybody(r, now), drawAsked(r, now)
		more := *who
		word := rapid.SampledFrom([]string{"no", "no", "no of a medium", "no at the address", "case", "quiet", "budget", "talk", "reassigned", "place", "hung up on"}).Draw(r, "word")
		switch word {
		case "no":
			more.Noes = append(slices.Clip(who.Noes), rules.No{
				Kind: rapid.SampledFrom([]rules.NoKind{rules.Refused, rules.Refused, rules.Cancelled, rules.Complained}).Draw(r, "kind"), Scope: drawScope(r), At: ago(r, "another no", now, 9),
			})
		case "no of a medium":
			more.Noes = append(slices.Clip(who.Noes), refusal(ago(r, "another no", now, 9), rules.Scope{Channel: in.Channel}))
		case "no at the address":
			in.AddressNoes = nil
		case "case":
			more.Cases = append(slices.Clip(who.Cases), rules.Case{Subject: "t", At: now, Open: true})
		case "quiet":
			more.Quiet = append(slices.Clip(who.Quiet), rules.QuietSpan{Days: [7]bool{true, true, true, true, true, true, true}, From: 11 * hour, To: 13 * hour})
		case "budget":
			more.Budget = append(slices.Clip(who.Budget), rules.Budget{Max: 1, Per: 50 * hour})
		case "talk":
			more.Talks = append(slices.Clip(who.Talks), rules.Talk{Channel: "call", Subject: in.Subject, At: ago(r, "another talk", now, 9)})
		case "reassigned":
			more.Numbers = []rules.Number{{Address: "a", At: now, Reassigned: true}}
		case "place":
			spec.Custom = nil // a count may be more there
			if len(in.Zones) > 0 {
				more.Zones = append(slices.Clip(who.Zones), zone(rapid.SampledFrom(drawnZones()).Draw(r, "another place")))
			}
		case "hung up on":
			more.Abandoned = max(who.Abandoned, ago(r, "hung up on again", now, 4))
		}
		p := compiled(r, spec)
		before := rules.Decide(p, who, &in, now)
		if word == "no at the address" {
			in.AddressNoes = []rules.AddressNo{{No: refusal(ago(r, "somebody else's no", now, 9), drawScope(r))}}
		}
		after := rules.Decide(p, &more, &in, now)
		switch {
		case before.Verdict == rules.Vetoed && after.Verdict == rules.Approved:
			r.Fatalf("vetoed for %v, and approved with one word more: %s", before.Objections, word)
		case after.Verdict == rules.Approved && after.NotAfter > before.NotAfter:
			r.Fatalf("the approval lives until %s instead of %s", after.NotAfter, before.NotAfter)
		case before.Final() && !after.Final():
			r.Fatalf("final for %v, and with one word more, %s, it opens at %s", before.Objections, word, after.Earliest)
		case before.Verdict == rules.Vetoed && !after.Final() && after.Earliest < before.Earliest:
			r.Fatalf("it opens at %s, and with one word more, %s, at %s", before.Earliest, word, after.Earliest)
		}
		for _, o := range before.Objections {
			if !slices.ContainsFunc(after.Objections, func(a rules.Objection) bool { return a.Rule == o.Rule }) {
				r.Fatalf("%s no longer objects, after one word more: %s", o.Rule, word)
			}
		}
	})
}
