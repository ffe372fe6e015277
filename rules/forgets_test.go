package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// "Whether nothing under this policy will look at the contact again": a random
// policy decides about a person whose old contacts were forgotten as about one who
// remembers them all, then and whenever it is asked later.
func TestForgettingChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := drawNow(r)
		spec := drawSpec(r, now)
		spec.Custom = nil // they may ask how many contacts are remembered
		for i := range spec.Caps {
			if w := &spec.Caps[i].In; w.Length > 0 && rapid.Bool().Draw(r, "longer") {
				w.Length *= 100
			} else if w.Days > 0 && rapid.Bool().Draw(r, "more days") {
				w.Days *= 100
			}
		}
		p := compiled(r, spec)
		all := drawHistory(r, now)
		for i := range all.Contacts {
			c := &all.Contacts[i]
			back := time.Duration(rapid.SampledFrom([]int{0, 300, 399, 400, 401, 700, 900}).Draw(r, "days older")) * day
			c.At, c.NotAfter = c.At.Add(-back), c.NotAfter.Add(-back)
			if c.Delivered != 0 {
				c.Delivered = c.Delivered.Add(-back)
			}
			c.Intent += rules.IntentID(c.At.String())
		}
		all = &rules.Person{Contacts: with(all.Contacts...).Contacts, Consents: all.Consents, Talks: all.Talks, HumanAct: all.HumanAct, Abandoned: all.Abandoned}
		few := *all
		few.Contacts = slices.DeleteFunc(slices.Clone(all.Contacts), func(c rules.Contact) bool { return p.Forgets(all, &c, now) })
		for _, later := range []time.Duration{0, hour, 30 * hour, 20 * day, 100 * day} {
			in := drawAsked(r, now.Add(later))
			if in.Purpose == "confirmation" {
				in.Purpose = "legal" // of an opt-out that nobody heard it tells more or less, and is a no in any case
			}
			want, got := rules.Decide(p, all, &in, in.At), rules.Decide(p, &few, &in, in.At)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(rules.Decision{})); diff != "" {
				r.Fatalf("%s later, %d of %d contacts being forgotten:\n%s", later, len(all.Contacts)-len(few.Contacts), len(all.Contacts), diff)
			}
		}
	})
}
