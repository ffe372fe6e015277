package rules

// Scope is what a no or a yes names. An absent field widens: the zero Scope is
// everything.
type Scope struct {
	Channel Channel
	Purpose Purpose
	Subject Subject
	Brand   Brand
	Address Address
}

// covers says whether the intent has every named value: the reading for a yes,
// which lifts only what it covers.
func (s *Scope) covers(in *Intent) bool {
	return (s.Channel == "" || s.Channel == in.Channel) &&
		(s.Purpose == "" || s.Purpose == in.Purpose) &&
		(s.Subject == "" || s.Subject == in.Subject) &&
		(s.Brand == "" || s.Brand == in.Brand) &&
		(s.Address == "" || s.Address == in.Address)
}

// forbids says whether a refusal of this scope means the intent: the reading
// for a no, which is wider in three ways (semantics.md, "What a no covers"). A
// refused subject is refused on every channel, at every address and under every
// brand; an intent without an address may be meant for the refused one; and a
// refused purpose forbids asking for consent to it.
func (s *Scope) forbids(q *question) bool {
	in := q.in
	if s.Purpose != "" && s.Purpose != in.Purpose && !q.mayAskFor(s.Purpose) {
		return false
	}
	if s.Subject != "" {
		return s.Subject == in.Subject || (s.Purpose != "" && in.Subject == Subject(s.Purpose))
	}
	return (s.Channel == "" || s.Channel == in.Channel) &&
		(s.Brand == "" || s.Brand == in.Brand) &&
		(s.Address == "" || in.Address == "" || s.Address == in.Address)
}

// means says whether a refusal of this scope means the intent by its exact words:
// the reading for those who did not say them. A refused purpose forbids asking for
// consent to it here too.
func (s *Scope) means(q *question) bool {
	exact := *s
	if q.mayAskFor(s.Purpose) {
		exact.Purpose = ""
	}
	return exact.covers(q.in)
}

// hops says whether the intent takes a refused subject to another channel or
// address than the one it was refused on.
func (s *Scope) hops(in *Intent) bool {
	return (s.Channel != "" && s.Channel != in.Channel) ||
		(s.Address != "" && in.Address != "" && s.Address != in.Address)
}
