package rules

import (
	"slices"
	"strings"
)

// refused is the family of refused.*: a no of the person, or one of somebody else
// at the address, that means this intent, and no later yes of its author that
// covers it. One rule stands for one code.
type refused struct {
	meta
}

func (r *refused) free(q *question, at Instant) Instant {
	free := at
	for i := range q.noes {
		if s := &q.noes[i]; s.code == r.reason {
			free = max(free, s.answerable(q, at))
		}
	}
	return free
}

func (r *refused) detail(q *question) string {
	first := r.first(q)
	no := first.no
	what := "the person said no"
	switch {
	case first.elsewhere:
		what = "somebody else who has this address said no"
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

// first is the first no that forbids the intent under this rule's code. It is only
// asked where there is one.
func (r *refused) first(q *question) *standingAgainst {
	return &q.noes[slices.IndexFunc(q.noes, func(s standingAgainst) bool {
		return s.code == r.reason && s.answerable(q, q.now) != q.now
	})]
}

// standingAgainst is a no that means the intent and that no yes has lifted.
type standingAgainst struct {
	no        *No
	code      Reason
	elsewhere bool // somebody else said it, of the address
}

// answerable is the first instant, at or after at, at which the intent may answer
// in spite of the no; Never if it may not.
func (s *standingAgainst) answerable(q *question, at Instant) Instant {
	if s.elsewhere {
		return Never
	}
	return s.no.answerable(q, at)
}

// standing appends every no that stands against the intent. They are looked for
// once a question, and not by each of the rules.
func (q *question) standing(list []standingAgainst) []standingAgainst {
	for i := range q.who.Noes {
		if no := &q.who.Noes[i]; no.forbids(q) {
			list = append(list, standingAgainst{no, no.code(q), false})
		}
	}
	for i := range q.in.AddressNoes {
		if no := &q.in.AddressNoes[i]; no.binds(q) {
			list = append(list, standingAgainst{&no.No, no.code(q), true})
		}
	}
	return list
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
