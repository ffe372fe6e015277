package state

import "github.com/contactgovernor/governor/rules"

// ReleaseGroup takes a group of what is held out, by its place (Policy.NextDue), in
// that order.
func ReleaseGroup(who *Person, group []int) []rules.Held {
	out := make([]rules.Held, 0, len(group))
	taken := make([]bool, len(who.Held))
	for _, i := range group {
		out, taken[i] = append(out, who.Held[i]), true
	}
	var rest []rules.Held
	for i := range who.Held {
		if !taken[i] {
			rest = append(rest, who.Held[i])
		}
	}
	who.Held = rest
	return out
}
