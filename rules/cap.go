package rules

import (
	"fmt"
	"iter"
	"time"
)

// window is a time over which contacts are counted.
type window interface {
	// leaves is the instant from which on a contact made at the given one is no
	// longer in the window. It never decreases with made.
	leaves(made Instant) Instant
	String() string
}

// rolling is a half-open window of so long: at now it holds (now−W, now].
type rolling time.Duration

func (w rolling) leaves(made Instant) Instant { return made.Add(time.Duration(w)) }
func (w rolling) String() string              { return "in " + span(time.Duration(w)) }

// within walks the person's contacts that are in the window at the given instant,
// the latest first, with the instants at which they leave it. Contacts are in
// order, so the walk ends at the first that has left. (It is generic so that a
// window is not boxed on every question.)
func within[W window](p *Person, in W, at Instant) iter.Seq2[*Contact, Instant] {
	return func(yield func(*Contact, Instant) bool) {
		for i := len(p.Contacts) - 1; i >= 0; i-- {
			c := &p.Contacts[i]
			leaves := in.leaves(c.At)
			if leaves <= at || !yield(c, leaves) {
				return
			}
		}
	}
}

// ever is the whole life of the person.
type ever struct{}

func (ever) leaves(Instant) Instant { return Never }
func (ever) String() string         { return "ever" }

// limit allows at most so many contacts within a window.
type limit struct {
	meta
	most        int
	in          window
	binds       Selector // which intents it stops
	counts      Selector // which contacts it counts
	perCampaign bool     // count only contacts of the intent's campaign
}

func (r *limit) binding(q *question) bool {
	return r.binds.matches(q.class, q.in.Channel)
}

func (r *limit) free(q *question, at Instant) Instant {
	if !r.binding(q) {
		return at
	}
	return freeBelow(r.most, at, func(add func(Instant)) {
		for c, leaves := range within(q.who, r.in, at) {
			if r.counted(q, c) {
				add(min(leaves, c.countsUntil()))
			}
		}
	})
}

func (r *limit) counted(q *question, c *Contact) bool {
	return r.counts.matches(c.Class, c.Channel) && (!r.perCampaign || c.Campaign == q.in.Campaign)
}

func (r *limit) count(q *question) (used, most int, binds bool) {
	if !r.binding(q) {
		return 0, 0, false
	}
	for c := range within(q.who, r.in, q.now) {
		if r.counted(q, c) && c.CountsAt(q.now) {
			used++
		}
	}
	return used, r.most, true
}

func (r *limit) detail(q *question) string {
	used, most, _ := r.count(q)
	return fmt.Sprintf("%s of %d used %s", plural(used, "contact"), most, r.in)
}

// freeBelow is the first instant, at or after at, at which fewer than most of
// the contacts still count, given the instants at which they cease to. It keeps
// the most latest ones: the earliest of these is when the last slot but one
// frees up.
func freeBelow(most int, at Instant, ends func(add func(Instant))) Instant {
	if most == 0 {
		return Never
	}
	var room [16]Instant
	latest := room[:0] // ascending
	ends(func(end Instant) {
		if end <= at {
			return
		}
		if len(latest) == most {
			if end <= latest[0] {
				return
			}
			latest = latest[:copy(latest, latest[1:])]
		}
		i := len(latest)
		latest = append(latest, end)
		for ; i > 0 && latest[i-1] > end; i-- {
			latest[i] = latest[i-1]
		}
		latest[i] = end
	})
	if len(latest) < most {
		return at
	}
	return latest[0]
}
