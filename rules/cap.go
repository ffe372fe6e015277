package rules

import (
	"fmt"
	"slices"
	"time"
)

// limit allows at most so many contacts within a window.
type limit struct {
	meta
	most   int
	in     Window
	binds  Selector // which intents it stops
	counts Selector // which contacts it counts
	per    []Key    // only contacts that are the same in these
	waiver *WaiverSpec
	base   string // the name of the cap, for what was waived

	arbitrate time.Duration // for how long the last slot waits; 0 if it does not

	// Where slots are reserved this is the rule of those who may not have them:
	// intents of less than this priority.
	below int

	full string // what it says when no more are used than there are
}

func (r *limit) binding(q *question) bool {
	return r.binds.asked(q) && (r.below == 0 || q.in.Priority < r.below)
}

func (r *limit) free(q *question, at Instant) Instant {
	if !r.tally(q, at).objects() {
		return at
	}
	first := r.first(q)
	return freeBelow(r.most, at, func(add func(Instant)) {
		for i := len(q.who.Contacts) - 1; i >= 0; i-- {
			c := &q.who.Contacts[i]
			leaves := r.in.leaves(q, first, c.At)
			if leaves <= at {
				return
			}
			if r.counted(q, c) {
				add(min(leaves, c.countsUntil()))
			}
		}
	})
}

func (r *limit) tally(q *question, at Instant) tally {
	if !r.binding(q) {
		return tally{}
	}
	return tally{used: r.count(q, at), limit: r.most, binds: true, waived: at < r.waiver.until(q, at)}
}

// count is how many contacts are in the window. Contacts are in order, and leave
// it in order, so that the search ends at the first that has left.
func (r *limit) count(q *question, at Instant) (used int) {
	first := r.first(q)
	for i := len(q.who.Contacts) - 1; i >= 0; i-- {
		c := &q.who.Contacts[i]
		if r.in.leaves(q, first, c.At) <= at {
			break
		}
		if r.counted(q, c) && c.CountsAt(at) {
			used++
		}
	}
	return used
}

func (r *limit) counted(q *question, c *Contact) bool { return r.countedFor(q.policy, q.in, c) }

func (r *limit) countedFor(p *Policy, in *Intent, c *Contact) bool {
	return r.counts.made(p, c) && same(r.per, in, c) && !slices.Contains(c.Waived, r.base)
}

// same says whether the contact is the same as the intent in all the keys.
func same(keys []Key, in *Intent, c *Contact) bool {
	for _, k := range keys {
		switch k {
		case PerCampaign:
			if c.Campaign != in.Campaign {
				return false
			}
		case PerSubject:
			if c.Subject != in.Subject {
				return false
			}
		case PerBrand:
			if c.Brand != in.Brand {
				return false
			}
		case PerChannel:
			if c.Channel != in.Channel {
				return false
			}
		case PerAddress:
			if c.Address != in.Address {
				return false
			}
		}
	}
	return true
}

// first is where successive periods begin: with the first contact that the rule
// would count, whatever became of it.
func (r *limit) first(q *question) Instant {
	if r.in.Kind == Successive {
		for i := range q.who.Contacts {
			if c := &q.who.Contacts[i]; r.counted(q, c) {
				return c.At
			}
		}
	}
	return q.now
}

// keeps says whether the rule still needs an old contact: because it counts it
// for ever, or because its periods began with it.
func (r *limit) keeps(p *Policy, who *Person, c *Contact) bool {
	if !r.counts.made(p, c) {
		return false
	}
	switch r.in.Kind {
	case Ever:
		return true
	case Successive:
		in := c.AsIntent("")
		for i := range who.Contacts {
			if o := &who.Contacts[i]; r.countedFor(p, &in, o) {
				return o.Intent == c.Intent
			}
		}
	}
	return false
}

func (r *limit) detail(q *question) string {
	if used := r.count(q, q.now); used != r.most {
		return r.text(used)
	}
	return r.full
}

// text says how many are used.
func (r *limit) text(used int) string {
	text := fmt.Sprintf("%s of %d used", plural(used, "contact"), r.most)
	if r.in.Kind == Ever {
		text += ", ever"
	} else {
		text += " within " + r.in.String()
	}
	if r.below > 0 {
		text += fmt.Sprintf(", and what is left is kept for a priority of %d or more", r.below)
	}
	return text
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

// caps checks the caps and pauses, whose names share a room.
func (c *compiler) caps() {
	names := map[string]Position{}
	name := func(what, name string, line Position) {
		if first, twice := names[name]; twice {
			c.wrong(line, "%s %q is there twice, first at line %d: give each a name of its own", what, name, first.Line)
		}
		names[name] = line
		if name == "" {
			c.wrong(line, "a %s needs a name: vetoes say cap.<name>", what)
		}
	}
	var sound []*CapSpec
	for i := range c.spec.Caps {
		s, before := &c.spec.Caps[i], len(c.problems)
		name("cap", s.Name, s.Line)
		c.limit(s)
		if len(c.problems) == before {
			sound = append(sound, s)
		}
	}
	for i := range c.spec.Pauses {
		s := &c.spec.Pauses[i]
		name("pause", s.Name, s.Line)
		c.pause(s)
	}
	c.idle(sound)
}

func (c *compiler) limit(s *CapSpec) {
	if s.Most < 0 {
		c.wrong(s.Line, "cap %q allows %d: write 0 for none at all, or a positive number", s.Name, s.Most)
	}
	c.selector(s.Binds, s.Line)
	c.selector(s.Counts, s.Line)
	c.window(s.In, s.Line, Rolling, Ever, CalendarDays, CalendarWeek, CalendarMonth, Successive)
	c.keys(s.Per, s.Line, Keys()...)
	c.waiver(s.Waiver, s.Line)
	r := &limit{
		meta: c.meta(capPrefix+Reason(s.Name), string(capPrefix)+s.Name, &s.Terms),
		most: s.Most, in: s.In, binds: s.Binds, counts: s.Counts, per: s.Per, waiver: s.Waiver,
	}
	r.counting, r.base = true, r.name
	r.full = r.text(r.most)
	c.add(&s.Terms, r)
	c.policy.limits = append(c.policy.limits, r)
	c.arbitrate(s, r)
	if s.Reserve == nil {
		return
	}
	if s.Reserve.Slots < 1 || s.Reserve.Slots > s.Most {
		c.wrong(s.Line, "cap %q has %d slots, of which %d cannot be reserved: write from 1 to %d", s.Name, s.Most, s.Reserve.Slots, s.Most)
		return
	}
	if s.Reserve.Priority < 1 || s.Reserve.Priority > 100 {
		c.wrong(s.Line, "cap %q reserves for the priority %d: write from 1 to 100; everybody has 0", s.Name, s.Reserve.Priority)
	}
	reserved := *r
	reserved.reason, reserved.name = Outranked, r.name+".reserved"
	reserved.most -= s.Reserve.Slots
	reserved.below = s.Reserve.Priority
	reserved.full = reserved.text(reserved.most)
	c.add(&s.Terms, &reserved)
}

// arbitrate lets the last slot of a cap wait, unless the cap is on trial: that makes
// nobody wait.
func (c *compiler) arbitrate(s *CapSpec, r *limit) {
	switch d := s.Arbitrate; {
	case d == 0:
		return
	case d < leastArbitration || d > mostArbitration || d%time.Millisecond != 0:
		c.wrong(s.Line, "the last slot of cap %q cannot wait for %s: write from 1s to 24h, in whole milliseconds", s.Name, d)
	case s.Most == 0:
		c.wrong(s.Line, "cap %q allows none, so there is no last slot to wait for: leave arbitrate out", s.Name)
	case s.In.Kind == Rolling && d >= s.In.Length:
		c.wrong(s.Line, "the last slot of cap %q waits for %s, and within %s all slots are free again: write less", s.Name, span(d), span(s.In.Length))
	case len(s.Binds.Classes) > 0 && !slices.ContainsFunc(s.Binds.Classes, func(class Class) bool { return class != Legal && class != Confirmation }):
		c.wrong(s.Line, "cap %q stops only what never waits for anybody (legal, confirmation): leave arbitrate out", s.Name)
	}
	if !s.Shadow {
		r.arbitrate = s.Arbitrate
		c.policy.arbitrating = append(c.policy.arbitrating, r)
	}
}

// idle finds caps that can never be the one that objects, because another of the
// same policy always objects as well. Of policies that are put together it is
// what one expects.
func (c *compiler) idle(caps []*CapSpec) {
	if c.spec.Combined {
		return
	}
	for i, a := range caps {
		for j, b := range caps {
			if i != j && a.idleBeside(b) && (i > j || !b.idleBeside(a)) {
				c.wrong(a.Line, "cap %q can never be the one that objects: cap %q, at line %d, allows no more in no less time; leave one out", a.Name, b.Name, b.Line.Line)
				break
			}
		}
	}
}

// idleBeside says whether the other cap objects whenever this one does.
func (a *CapSpec) idleBeside(b *CapSpec) bool {
	return b.Most <= a.Most && b.In.holds(a.In) && b.Binds.within(&a.Binds) && b.Counts.within(&a.Counts) &&
		b.Waiver == nil && a.Reserve == nil && (a.Arbitrate <= b.Arbitrate || b.Most < a.Most) && !b.Shadow && a.From == b.From && a.Until == b.Until && a.Shadow == b.Shadow &&
		!slices.ContainsFunc(b.Per, func(k Key) bool { return !slices.Contains(a.Per, k) })
}

// holds says whether the window always holds what the other does.
func (w Window) holds(o Window) bool {
	switch {
	case w.Kind == Successive || o.Kind == Successive:
		return false // their periods may begin with different contacts
	case w == o || w.Kind == Ever:
		return true
	case w.Kind == Rolling && o.Kind == Rolling:
		return w.Length >= o.Length
	case w.Kind == CalendarDays && o.Kind == CalendarDays:
		return w.Days >= o.Days
	}
	return false
}

// within says whether the selector picks whatever the other picks.
func (s *Selector) within(o *Selector) bool {
	return s.Except == nil && all(s.Classes, o.Classes) && all(s.Channels, o.Channels) && all(s.Purposes, o.Purposes) && all(s.Modes, o.Modes)
}

// all says whether a list of which an empty one means everything has all of the
// other.
func all[T comparable](list, of []T) bool {
	if len(list) == 0 {
		return true
	}
	return len(of) > 0 && !slices.ContainsFunc(of, func(v T) bool { return !slices.Contains(list, v) })
}
