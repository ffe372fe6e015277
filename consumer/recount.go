package consumer

import "slices"

// recount counts decisions of the log into the rates, in the order of their batches.
// One that stands there twice, since a worker that had lost the partition repeated
// itself, is counted once.
type recount struct {
	*term
	last place
}

func (c *recount) add(d *landed) {
	if d.batch < 0 || c.last.batch > 0 && !c.last.before(d.place) {
		return // somebody else wrote it, or it stands there already
	}
	c.last = d.place
	c.governor.RecallRate(&d.decision, d.batch)
}

// recount counts what a memory lacks that was rolled back.
func (t *term) recount(decisions []landed) {
	c := recount{term: t}
	decisions = slices.Clone(decisions)
	slices.SortStableFunc(decisions, func(a, b landed) int { return a.place.compare(b.place) })
	for i := range decisions {
		c.add(&decisions[i])
	}
}

// anew counts one decision of a log that is read from its beginning. What the batches
// before this one had counted of a minute that is over, they had told.
func (c *recount) anew(d *landed) {
	if d.batch > c.last.batch {
		c.governor.KeepRates()
	}
	c.add(d)
}
