package rules

import "fmt"

// Verdict is yes or no.
type Verdict string

// The verdicts.
const (
	Approved Verdict = "approved"
	Vetoed   Verdict = "vetoed"
)

// Decision is the answer to one intent, with all that speaks for it.
type Decision struct {
	Verdict    Verdict
	Objections []Objection // every rule that said no, the first being the reason
	Shadow     []Objection // rules on trial that would have said no
	Earliest   Instant     // on a veto: the first instant at which nothing known would object; 0 if there is none
	NotAfter   Instant     // on an approval: redeem before this
	Original   DecisionID  // on a duplicate or a conflict: the decision that the id got first

	// What was counted. The first are kept here, so that an approval under the
	// house's rules allocates nothing.
	first [8]Evidence
	used  int
	more  []Evidence
}

// Reason is the first of the reasons, "" on an approval.
func (d *Decision) Reason() Reason {
	if len(d.Objections) == 0 {
		return ""
	}
	return d.Objections[0].Reason
}

// Final says that asking again is pointless until the person acts.
func (d *Decision) Final() bool { return d.Verdict == Vetoed && d.Earliest == 0 }

// Evidence is what was counted, by every rule that counts and binds the intent,
// those on trial included. The slice is the decision's own.
func (d *Decision) Evidence() []Evidence {
	if d.more != nil {
		return d.more
	}
	return d.first[:d.used]
}

// Waived lists the rules that a consent of the person set aside. The contact does
// not count toward them later either.
func (d *Decision) Waived() []string {
	var names []string
	for _, e := range d.Evidence() {
		if e.Waived {
			names = append(names, e.Rule)
		}
	}
	return names
}

// Count adds to what was counted. It is for Decide, and for whoever makes a decision
// anew of what was written.
func (d *Decision) Count(e Evidence) {
	switch {
	case d.more != nil:
		d.more = append(d.more, e)
	case d.used == len(d.first):
		d.more = append(append(make([]Evidence, 0, 2*len(d.first)), d.first[:]...), e)
	default:
		d.first[d.used] = e
		d.used++
	}
}

// Objection is one rule's no.
type Objection struct {
	Reason   Reason
	Rule     string
	Detail   string
	Earliest Instant // when this rule would no longer object; 0 if time does not help
	Line     Position
	Cites    string // the sentence or paragraph that the rule comes from
}

// Evidence is what one rule counted.
type Evidence struct {
	Rule   string
	Used   int
	Limit  int
	Waived bool // a consent of the person set the rule aside
	Shadow bool // the rule is on trial
}

// Position is a place in a policy file. The zero value is the core, which no
// policy can take away.
type Position struct {
	File   string
	Line   int
	Column int
}

// String is file:line:column, or "core".
func (p Position) String() string {
	if p == (Position{}) {
		return "core"
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}
