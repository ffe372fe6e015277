package rules

// inhibited mutes solicitation while a complaint is open: the brand's, or every
// brand's where the case names none. The subject only pairs opening and closing.
type inhibited struct {
	meta
}

func (r *inhibited) free(q *question, at Instant) Instant {
	if q.class != Solicitation {
		return at
	}
	for i := range q.who.Cases {
		if c := &q.who.Cases[i]; c.Open && (c.Brand == "" || c.Brand == q.in.Brand) {
			return Never
		}
	}
	return at
}

func (r *inhibited) detail(*question) string {
	return "a complaint of the person is open; nobody sells until it is closed"
}
