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
	Evidence   []Evidence  // what was counted, by every rule that binds the intent
	Earliest   Instant     // on a veto: the first instant at which nothing known would object; 0 if there is none
	NotAfter   Instant     // on an approval: redeem before this
	Original   DecisionID  // on a duplicate or a conflict: the decision that the id got first
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

// Objection is one rule's no.
type Objection struct {
	Reason   Reason
	Rule     string
	Detail   string
	Earliest Instant // when this rule would no longer object; 0 if time does not help
	Line     Position
}

// Evidence is what one rule counted.
type Evidence struct {
	Rule  string
	Used  int
	Limit int
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
