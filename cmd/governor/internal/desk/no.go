package desk

import (
	"github.com/contactgovernor/governor/cmd/governor/internal/stands"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// same says whether both are the same word of the person.
func same(n, o *stands.No) bool {
	if n.Signal != "" || o.Signal != "" {
		return n.Signal == o.Signal
	}
	return n.Kind == o.Kind && n.Scope == o.Scope && n.Said == o.Said
}

// manner is how somebody tried.
type manner int

const (
	approved manner = iota // and so it may have happened
	blocked                // vetoed for a no
	turned                 // a worker asked for an approval that was taken back
	leaked                 // the worker had it when the no came
)

// try is one attempt to reach a person, of a kind that a no is about.
type try struct {
	who    uint64 // the person, hashed
	how    manner
	at     schemas.Time
	id     string // of the decision
	signal string // of a leak: which said no

	channel, purpose, subject, brand string

	solicits bool // the purpose is a solicitation, or asks for something
	there    bool // blocked for a no to an address
}

// means says whether the try is against the no: it came after it, and is of what
// the no is about. Yeses are the person's. By tells for which signal an approval was
// taken back.
func means(n *stands.No, t *try, yeses []stands.Yes, by func(decision string) string) bool {
	switch t.how {
	case leaked:
		return n.Signal != "" && t.signal == n.Signal
	case turned:
		return n.Signal != "" && by(t.id) == n.Signal
	case blocked:
		return t.at >= n.Known && about(n, t)
	case approved:
		return t.at > n.Known && n.Scope.Address == "" && about(n, t) && !lifted(n, t, yeses)
	}
	return false
}

// about says whether the no is about contacts like the try. Of addresses a decision
// says nothing, but whether it was vetoed for one.
func about(n *stands.No, t *try) bool {
	s := &n.Scope
	ours := s.Brand == "" || s.Brand == t.brand
	switch n.Kind {
	case rules.Complained:
		return t.solicits && ours
	case rules.Cancelled:
		if s.Subject == "" {
			return t.solicits && ours
		}
		return t.solicits && s.Subject == t.subject
	}
	switch {
	case s.Purpose != "" && s.Purpose != t.purpose:
		return false
	case s.Subject != "":
		return s.Subject == t.subject // on every channel
	case s.Address != "" && !t.there:
		return false
	}
	return ours && (s.Channel == "" || s.Channel == t.channel)
}

// lifted says whether the person said yes to it, later.
func lifted(n *stands.No, t *try, yeses []stands.Yes) bool {
	for i := range yeses {
		y := &yeses[i]
		if s := &y.Scope; y.Said > n.Said && fits(s.Channel, t.channel) && fits(s.Purpose, t.purpose) && fits(s.Subject, t.subject) && fits(s.Brand, t.brand) {
			return true
		}
	}
	return false
}

func fits(named, is string) bool { return named == "" || named == is }
