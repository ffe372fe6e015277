package rules

// consentRequired demands an effective consent that covers the intent.
type consentRequired struct {
	meta
	binds Selector
}

func (r *consentRequired) free(q *question, at Instant) Instant {
	if r.binds.asked(q) && !q.who.yes(q.in, 0) {
		return Never
	}
	return at
}

func (r *consentRequired) detail(*question) string {
	return "the policy demands the person's consent, and there is none that covers this"
}

// consentVoid keeps contacts of every class from a number that was given to
// somebody else, until a later effective consent covers them.
type consentVoid struct {
	meta
}

func (r *consentVoid) free(q *question, at Instant) Instant {
	for i := range q.who.Numbers {
		n := &q.who.Numbers[i]
		if n.Reassigned && q.in.Address == n.Address && !q.who.yes(q.in, n.At) {
			return Never
		}
	}
	return at
}

func (r *consentVoid) detail(*question) string {
	return "the address was reassigned to somebody else, and a consent does not outlive that"
}
