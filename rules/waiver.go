package rules

// until is how long a prior consent sets a rule aside, seen at the instant; 0 if
// none does. It is an effective one that covers the intent, is fresh, and was
// followed by no conversation about the subject (12 CFR 1006.14(b)(3)(i), comment
// -2) and by no refusal that means the intent, even one that does not stand in its
// way. Of two at one instant, the conversation does not end the consent, for it may
// have been given in it; the refusal does.
func (w *WaiverSpec) until(q *question, at Instant) Instant {
	until := Instant(0)
	if w == nil {
		return until
	}
	for i := range q.who.Consents {
		c := &q.who.Consents[i]
		if c.Effective && c.At <= at && c.Scope.covers(q.in) && !q.who.talkedSince(q.in.Subject, c.At) && !q.refusedSince(c.At) {
			until = max(until, w.For.leaves(q, c.At, c.At))
		}
	}
	return until
}

// talkedSince says whether there was a conversation about the subject after the
// instant. One of which nobody knows the subject may have been.
func (p *Person) talkedSince(subject Subject, after Instant) bool {
	for i := range p.Talks {
		if t := &p.Talks[i]; t.At > after && t.about(subject) {
			return true
		}
	}
	return false
}

// refusedSince says whether the person refused at the instant, or later, what the
// intent is.
func (q *question) refusedSince(since Instant) bool {
	for i := range q.who.Noes {
		if no := &q.who.Noes[i]; no.Kind != Unreachable && no.At >= since && no.means(q) {
			return true
		}
	}
	return false
}

func (t *Talk) about(subject Subject) bool {
	return t.Subject == "" || subject == "" || t.Subject == subject
}

func (c *compiler) waiver(w *WaiverSpec, line Position) {
	if w != nil {
		c.window(w.For, line, Rolling, CalendarDays)
	}
}
