package rules

import "slices"

// custom is a rule of the policy's own making: it looks at the intent and at what
// is counted, and at nothing that changes with time but these counts, so an
// approval is not taken back by it. One that fails objects: nobody knows what it
// would have said.
type custom struct {
	meta
	binds  Selector
	vetoes func(*CustomFacts) (bool, error)
}

func (r *custom) free(q *question, at Instant) Instant {
	if !r.binds.asked(q) {
		return at
	}
	if r.passes(q, at) {
		return at
	}
	for _, next := range q.changes(at) {
		if r.passes(q, next) {
			return next
		}
	}
	return Never
}

func (r *custom) passes(q *question, at Instant) bool {
	no, err := r.vetoes(q.facts(at))
	return err == nil && !no
}

// changes are the instants after at, in order, at which some count goes down.
func (q *question) changes(at Instant) []Instant {
	var all []Instant
	for i := range q.who.Contacts {
		c := &q.who.Contacts[i]
		ends := []Instant{c.countsUntil()}
		for _, l := range q.policy.limits {
			ends = append(ends, l.in.leaves(q, l.first(q), c.At))
		}
		for _, end := range ends {
			if end > at && end != Never {
				all = append(all, end)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (q *question) facts(at Instant) *CustomFacts {
	f := &CustomFacts{Intent: q.in, Class: q.class, Counts: make(map[string]int, len(q.policy.limits)), Silent: q.who.SilentSince() != 0}
	for _, l := range q.policy.limits {
		f.Counts[l.name[len(capPrefix):]] = l.count(q, at)
	}
	for i := range q.who.Contacts {
		if q.who.Contacts[i].CountsAt(at) {
			f.Contacts++
		}
	}
	return f
}

func (r *custom) detail(q *question) string {
	if _, err := r.vetoes(q.facts(q.now)); err != nil {
		return "the rule failed, so it is a no: " + err.Error()
	}
	return "the policy's own rule says no"
}

func (c *compiler) custom() {
	names := map[string]Position{}
	for i := range c.spec.Custom {
		s := &c.spec.Custom[i]
		if first, twice := names[s.Name]; twice {
			c.wrong(s.Line, "custom rule %q is there twice, first at line %d: give each a name of its own", s.Name, first.Line)
		}
		names[s.Name] = s.Line
		if s.Name == "" || s.Vetoes == nil {
			c.wrong(s.Line, "a custom rule needs a name and an expression: vetoes say custom.<name>")
			continue
		}
		c.selector(s.Binds, s.Line)
		m := c.meta(customPrefix+Reason(s.Name), string(customPrefix)+s.Name, &s.Terms)
		m.counting = true
		c.add(&s.Terms, &custom{m, s.Binds, s.Vetoes})
	}
}
