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
