package rules

import "time"

// notices says how notices about one subject are put together.
type notices struct {
	wait   time.Duration // from the first of a group until it is judged
	repeat time.Duration // at least this long after the last counted notice of the group
}

// IsNotice says whether the intent is held for others about the same subject:
// class service or collection, with a subject, on any channel but a call. A
// service notice that sells is a solicitation and none.
func (p *Policy) IsNotice(in *Intent) bool {
	return p.notices != nil && isNotice(judged(p.purposes[in.Purpose].Class, in.Promotes), in.Subject, in.Channel)
}

func isNotice(class Class, subject Subject, channel Channel) bool {
	return (class == Service || class == Collection) && subject != "" && channel != ChannelCall
}

// Due is when the group of held notices about the subject is judged: the later
// of so long after its first, and so long after the last counted notice of the
// group; Never if none is held.
func (p *Policy) Due(who *Person, subject Subject) Instant {
	due := Never
	for i := range who.Held {
		if h := &who.Held[i]; !h.Arbitrated() && h.Intent.Subject == subject {
			due = min(due, h.Arrived)
		}
	}
	if due == Never || p.notices == nil {
		return due
	}
	due = due.Add(p.notices.wait)
	for i := range who.Contacts {
		c := &who.Contacts[i]
		if c.IsNotice() && c.Subject == subject {
			// What expires unredeemed before then was given back, and nobody waits for it.
			due = max(due, min(c.At.Add(p.notices.repeat), c.countsUntil()))
		}
	}
	return due
}

// NextDue is when the next of what is held is to be judged, and what that is, by its
// place in Person.Held: the notices about a subject, or a round of those that wait
// for the last slot of a cap. Never if nothing is held.
func (p *Policy) NextDue(who *Person) (Instant, []int) {
	next, group, arbitrated := Never, []int(nil), false
	subject := Subject("")
	for i := range who.Held {
		h := &who.Held[i]
		if arbitrated = arbitrated || h.Arbitrated(); h.Arbitrated() {
			continue
		}
		if due := p.Due(who, h.Intent.Subject); due < next {
			next, subject = due, h.Intent.Subject
		}
	}
	for i := range who.Held {
		if h := &who.Held[i]; !h.Arbitrated() && h.Intent.Subject == subject {
			group = append(group, i)
		}
	}
	if !arbitrated {
		return next, group
	}
	for _, r := range p.rounds(who) {
		if r.due < next {
			next, group = r.due, r.members
		}
	}
	return next, group
}

// IsNotice says whether the contact is a notice that others about the same
// subject wait for.
func (c *Contact) IsNotice() bool { return isNotice(c.Class, c.Subject, c.Channel) }
