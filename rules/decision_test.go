package rules_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "evidence: what was counted: per rule, used and limit", by however many rules, in
// the order of the policy, on a yes as on a no; on trial or set aside as well.
func TestEvidenceOfManyRules(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 16, 17, 40} {
		p := bare(t, func(s *rules.Spec) {
			s.Combined = true
			for i := range n {
				s.Caps = append(s.Caps, rules.CapSpec{Name: fmt.Sprint("c", i), Most: i + 2, In: rules.Window{Length: 24 * hour}})
			}
		})
		var want []rules.Evidence
		var waived []string
		for i := range n {
			want = append(want, rules.Evidence{Rule: fmt.Sprint("cap.c", i), Used: 1, Limit: i + 2})
		}
		d := ask(p, with(sent(noon, rules.WasRedeemed, to("email", "service"))), to("email", "service"), noon.Add(hour))
		approved(t, d)
		if got := d.Evidence(); !slices.Equal(got, want) {
			t.Errorf("of %d: %v", n, got)
		}
		// Whoever makes a decision anew of what was written counts the same.
		var anew rules.Decision
		for i, e := range want {
			if e.Waived = i%3 == 0; e.Waived {
				waived = append(waived, e.Rule)
			}
			anew.Count(e)
			want[i] = e
		}
		if got := anew.Evidence(); !slices.Equal(got, want) || !slices.Equal(anew.Waived(), waived) {
			t.Errorf("made anew, of %d: %v, waived %v", n, got, anew.Waived())
		}
	}
}
