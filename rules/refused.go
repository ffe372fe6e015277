package rules

import "strings"

// refused is the family of refused.*: a no of the person, or one of somebody else
// at the address, that means this intent, and no later yes of its author that
// covers it. One rule stands for one code.
type refused struct {
	meta
}

func (r *refused) free(q *question, at Instant) Instant {
	free := at
	for i := range q.who.Noes {
		no := &q.who.Noes[i]
		if no.forbids(q) && no.code(q) == r.reason {
			free = max(free, no.answerable(q, at))
		}
	}
	if r.standingThere(q) != nil {
		return Never
	}
	return free
}

func (r *refused) detail(q *question) string {
	no, what := r.standing(q), "the person said no"
	switch {
	case no == nil:
		no, what = r.standingThere(q), "somebody else who has this address said no"
	case no.Erased:
		what = "the person said no and asked to be forgotten"
	case no.Kind == Cancelled:
		what = "the person cancelled"
	case no.Kind == Complained:
		what = "the person complained"
	case no.Kind == Unreachable:
		what = "the address bounced or is not this person's"
	}
	return what + " on " + no.At.Time().Format("2006-01-02") + " (" + no.Scope.words() + ")"
}

// standing is the first no that forbids the intent under this rule's code.
func (r *refused) standing(q *question) *No {
	for i := range q.who.Noes {
		no := &q.who.Noes[i]
		if no.forbids(q) && no.code(q) == r.reason && no.answerable(q, q.now) != q.now {
			return no
		}
	}
	return nil
}

// standingThere is the first no of somebody else at the address that forbids the
// intent under this rule's code.
func (r *refused) standingThere(q *question) *No {
	for i := range q.in.AddressNoes {
		if no := &q.in.AddressNoes[i]; no.binds(q) && no.code(q) == r.reason {
			return &no.No
		}
	}
	return nil
}

// forbids says whether the no means the intent and stands.
func (no *No) forbids(q *question) bool {
	if no.Kind == Unreachable {
		return q.declared != Legal && q.in.Address == no.Scope.Address
	}
	if q.class.Exempt() || !no.means(q) {
		return false
	}
	return !q.who.lifted(no, q.in)
}

// binds says whether what somebody else refused at the address means the intent
// and stands: its exact scope only, and no yes but its author's against it.
func (no *AddressNo) binds(q *question) bool {
	if q.class.Exempt() || !no.Scope.means(q) {
		return false
	}
	for i := range no.Consents {
		if c := &no.Consents[i]; c.Effective && c.At > no.At && c.Scope.covers(q.in) {
			return false
		}
	}
	return true
}

func (no *No) means(q *question) bool {
	ours := no.Scope.Brand == "" || no.Scope.Brand == q.in.Brand
	switch no.Kind {
	case Complained:
		return q.class == Solicitation && ours
	case Cancelled:
		if q.class != Solicitation {
			return false
		}
		if no.Scope.Subject == "" || q.role == Winback {
			return ours || no.Scope.Subject != "" && no.Scope.Subject == q.in.Subject
		}
		return no.Scope.Subject == q.in.Subject
	}
	return no.Scope.forbids(q)
}

// code is the reason under which the no is reported (semantics.md, "Codes").
func (no *No) code(q *question) Reason {
	switch {
	case no.Erased:
		return RefusedTombstone
	case no.Kind == Unreachable:
		return RefusedAddress
	case no.Kind == Cancelled:
		return RefusedCancellation
	case q.declared == Ask && q.role == ConsentRequest:
		return RefusedReask
	case q.declared == Ask:
		return RefusedReprompt
	case no.Kind == Complained:
		return RefusedState
	case no.Scope.Subject != "" && no.Scope.hops(q.in):
		return RefusedChannelHop
	case no.Scope.Subject != "":
		return RefusedSubject
	case no.Scope.Address != "":
		return RefusedAddress
	}
	return RefusedState
}

// words tells the scope, without the person's address.
func (s *Scope) words() string {
	var named []string
	for _, field := range [...]struct{ name, value string }{
		{"channel", string(s.Channel)}, {"purpose", string(s.Purpose)}, {"subject", string(s.Subject)}, {"brand", string(s.Brand)},
	} {
		if field.value != "" {
			named = append(named, field.name+" "+field.value)
		}
	}
	if s.Address != "" {
		named = append(named, "one address")
	}
	if named == nil {
		return "everything"
	}
	return strings.Join(named, ", ")
}
