package rules

import "slices"

// Merge says that two records are of one person. There is no unmerging.
type Merge struct {
	Record PersonID
	Into   PersonID
	At     Instant // when it was heard
}

// lifted says whether a later yes of the person that covers the intent stands
// against the no. A tie goes to the no. A yes lifts only noes of the record that
// it was given on, and of those that were merged with that by then: whoever agreed
// before did not agree to what the other record had refused.
func (p *Person) lifted(no *No, in *Intent) bool {
	for i := range p.Consents {
		c := &p.Consents[i]
		if c.Effective && c.At > no.At && c.Scope.covers(in) && p.Joined(no.Record, c.Record, c.At) {
			return true
		}
	}
	return false
}

// Joined says whether two records were known to be the same person's before the
// instant. What is on none in particular, where records were merged, is on all.
func (p *Person) Joined(one, other PersonID, by Instant) bool {
	if len(p.Merges) == 0 || (one == other && one != "") {
		return true
	}
	if one == "" || other == "" {
		return !slices.ContainsFunc(p.Merges, func(m Merge) bool { return m.At >= by })
	}
	known := []PersonID{one}
	for i := 0; i < len(known); i++ {
		for _, m := range p.Merges {
			if next := m.otherOf(known[i]); m.At < by && next != "" && !slices.Contains(known, next) {
				known = append(known, next)
			}
		}
	}
	return slices.Contains(known, other)
}

// otherOf is the record that the merge joins with this one; "" if none.
func (m *Merge) otherOf(record PersonID) PersonID {
	switch record {
	case m.Record:
		return m.Into
	case m.Into:
		return m.Record
	}
	return ""
}
