package rules

import (
	"cmp"
	"slices"
	"time"
)

// Arbitration keeps the last slot of a cap from whoever merely comes first. Who
// would take it is held, and what comes for the same person within the window and
// needs that slot too is held with it: a round. When the round is due they are
// judged at that instant, the highest priority first and, of those with the same,
// the earliest; and that is final.
//
// Nobody waits in vain: whoever has less time left than the window waits for half
// of it, so that the other half is there to make the contact; and nobody waits for
// longer than a day. The whole round is judged then.
const (
	leastArbitration = time.Second
	mostArbitration  = 24 * time.Hour
)

// Contests lists the caps whose last slot an approval would take, where that is not
// given away at once; none where the approval stands. By is the instant at which the
// intent must be judged, whoever may still come. The decision is that of Decide.
//
// Exempt classes never wait. Nor does a cap make anybody wait that is on trial, not
// in force, or waived.
func (p *Policy) Contests(who *Person, in *Intent, now Instant, d *Decision) (slots []string, by Instant) {
	if len(p.arbitrating) == 0 || d.Verdict != Approved || p.Judged(in).Exempt() {
		return nil, 0
	}
	window := time.Duration(0)
	for _, e := range d.Evidence() {
		if r := p.arbiter(e.Rule); r != nil && e.Used == e.Limit-1 && !e.Waived && p.picks(&r.counts, in) {
			slots, window = append(slots, r.name), max(window, r.arbitrate)
		}
	}
	if slots == nil {
		return nil, 0
	}
	q := p.ask(who, in, now)
	defer q.done()
	left := min(p.end(q), in.At.Add(p.maxAge)).Sub(now)
	if left <= window {
		return slots, now.Add(left / 2)
	}
	return slots, now.Add(max(window, min(left/2, mostArbitration)))
}

// arbiter is the cap whose rule has the name and whose last slot waits; nil if there
// is none.
func (p *Policy) arbiter(name string) *limit {
	for _, r := range p.arbitrating {
		if r.name == name {
			return r
		}
	}
	return nil
}

// slot is the last slot of a cap, for what is the same in all that the cap is per.
type slot struct {
	cap      string
	campaign Campaign
	subject  Subject
	brand    Brand
	channel  Channel
	address  Address
}

// slotFor is the slot of the cap that the intent would take.
func (r *limit) slotFor(in *Intent) slot {
	s := slot{cap: r.name}
	for _, k := range r.per {
		switch k {
		case PerCampaign:
			s.campaign = in.Campaign
		case PerSubject:
			s.subject = in.Subject
		case PerBrand:
			s.brand = in.Brand
		case PerChannel:
			s.channel = in.Channel
		case PerAddress:
			s.address = in.Address
		}
	}
	return s
}

// round is what is held and judged together.
type round struct {
	due     Instant
	members []int // of Person.Held
}

// rounds puts together what is held for last slots: who needs a slot that somebody
// waits for waits with them, and who waits for several with all of those. A round is
// due when the last of its windows ends, each of which begins with the first who
// waits for its slot; but no later than each of its members must be judged. The
// windows of caps that do not arbitrate any more are over.
func (p *Policy) rounds(who *Person) []round {
	ends := make(map[slot]Instant)
	for i := range who.Held {
		h := &who.Held[i]
		for _, name := range h.Slots {
			s, end := p.waitsFor(h, name)
			if first, known := ends[s]; !known || end < first {
				ends[s] = end
			}
		}
	}
	of, at := make([]int, len(who.Held)), make(map[slot]int) // the round of each, by its first member
	for i := range who.Held {
		of[i] = i
		for _, s := range p.needs(&who.Held[i], ends) {
			if first, known := at[s]; known && of[first] != of[i] {
				join(of[:i+1], of[first], of[i])
			} else if !known {
				at[s] = i
			}
		}
	}
	var all []round
	for i := range who.Held {
		h := &who.Held[i]
		if !h.Arbitrated() {
			continue
		}
		j := slices.IndexFunc(all, func(r round) bool { return of[r.members[0]] == of[i] })
		if j < 0 {
			j = len(all)
			all = append(all, round{due: h.Arrived})
		}
		all[j].members = append(all[j].members, i)
	}
	for j := range all {
		r := &all[j]
		for s, end := range ends {
			if of[at[s]] == of[r.members[0]] {
				r.due = max(r.due, end)
			}
		}
		for _, i := range r.members {
			r.due = min(r.due, who.Held[i].By)
		}
	}
	return all
}

// join makes one round of two.
func join(of []int, a, b int) {
	for i := range of {
		if of[i] == max(a, b) {
			of[i] = min(a, b)
		}
	}
}

// waitsFor is a slot that is waited for, and the end of the window that this begins.
func (p *Policy) waitsFor(h *Held, name string) (slot, Instant) {
	if r := p.arbiter(name); r != nil {
		return r.slotFor(&h.Intent), h.Arrived.Add(r.arbitrate)
	}
	return slot{cap: name}, h.Arrived
}

// needs lists those of the slots that are waited for which what is held would take:
// those that it waits for itself, and those of caps that bind it.
func (p *Policy) needs(h *Held, waited map[slot]Instant) (list []slot) {
	if !h.Arbitrated() {
		return nil
	}
	for _, name := range h.Slots {
		s, _ := p.waitsFor(h, name)
		list = append(list, s)
	}
	for _, r := range p.arbitrating {
		s := r.slotFor(&h.Intent)
		_, is := waited[s]
		if is && !slices.Contains(h.Slots, r.name) && p.picks(&r.binds, &h.Intent) {
			list = append(list, s)
		}
	}
	return list
}

// picks says whether the selector picks the intent.
func (p *Policy) picks(s *Selector, in *Intent) bool {
	return s.picks(p.Judged(in), p.purpose(in.Purpose).Class, in.Channel, in.Purpose, in.Mode)
}

// Ranked puts what waited together in the order in which it is judged: the highest
// priority first, and of those with the same the earliest.
func Ranked(held []Held) {
	slices.SortStableFunc(held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(b.Intent.Priority, a.Intent.Priority), cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.Source, b.Source))
	})
}

// Outrank says of a veto that the intent was outranked, if it was: a cap that
// arbitrates is used up, and would not be without what was approved, of a higher
// priority, in the same round. Every rule that objects because of that alone then
// says so by its reason, and goes on saying from when on it would not.
func (p *Policy) Outrank(who *Person, in *Intent, now Instant, d *Decision, approved []DecisionID) {
	if d.Verdict == Approved || len(approved) == 0 {
		return
	}
	without := *who
	without.Contacts = slices.DeleteFunc(slices.Clone(who.Contacts), func(c Contact) bool { return slices.Contains(approved, c.Decision) })
	anyway := Decide(p, &without, in, now)
	because := func(o Objection) bool {
		return !slices.ContainsFunc(anyway.Objections, func(a Objection) bool { return a.Rule == o.Rule && a.Reason == o.Reason })
	}
	if !slices.ContainsFunc(d.Objections, func(o Objection) bool { return p.arbiter(o.Rule) != nil && because(o) }) {
		return
	}
	for i := range d.Objections {
		if o := &d.Objections[i]; because(*o) {
			o.Reason = Outranked
			o.Detail += "; what is more urgent came within the same window"
		}
	}
	slices.SortStableFunc(d.Objections, func(a, b Objection) int { return cmp.Compare(rank(a.Reason), rank(b.Reason)) })
}
