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
		if h := &who.Held[i]; h.Intent.Subject == subject {
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

// NextDue is the earliest due group of the person; Never if nothing is held.
func (p *Policy) NextDue(who *Person) (Instant, Subject) {
	next, subject := Never, Subject("")
	for i := range who.Held {
		s := who.Held[i].Intent.Subject
		if due := p.Due(who, s); due < next {
			next, subject = due, s
		}
	}
	return next, subject
}

// IsNotice says whether the contact is a notice that others about the same
// subject wait for.
func (c *Contact) IsNotice() bool { return isNotice(c.Class, c.Subject, c.Channel) }
