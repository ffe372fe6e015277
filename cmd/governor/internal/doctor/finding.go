package doctor

import (
	"fmt"
	"strings"
)

// Verdict is how something fares, in a word.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning" // a governor runs with it; somebody should look all the same
	Wrong   Verdict = "wrong"   // a governor does not run with it, or must not
	Unknown Verdict = "unknown" // it could not be seen
)

// Finding is what is to be said of one thing.
type Finding struct {
	What    string  `json:"what"`
	Verdict Verdict `json:"verdict"`
	Says    string  `json:"says"`
	Mend    string  `json:"mend,omitempty"` // what to do
}

// Report is all that was found, in the order in which it is read.
type Report struct {
	Findings []Finding `json:"findings"`
	Wrong    int       `json:"wrong"`
	Warnings int       `json:"warnings"`
	Unknown  int       `json:"unknown"`
}

// notes are findings as they are made.
type notes []Finding

func (n *notes) ok(what, format string, args ...any) {
	*n = append(*n, Finding{What: what, Verdict: OK, Says: fmt.Sprintf(format, args...)})
}

func (n *notes) unknown(what, format string, args ...any) {
	*n = append(*n, Finding{What: what, Verdict: Unknown, Says: fmt.Sprintf(format, args...)})
}

// add notes a finding; says is one line, whatever it was.
func (n *notes) add(v Verdict, what, says, mend string) {
	*n = append(*n, Finding{What: what, Verdict: v, Says: oneLine(says), Mend: oneLine(mend)})
}

// wrong notes an error of ours, which has its remedy behind the last words.
func (n *notes) wrong(what string, err error) {
	says, mend, _ := strings.Cut(err.Error(), "; mend: ")
	n.add(Wrong, what, says, mend)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// report counts.
func (n notes) report() *Report {
	r := &Report{Findings: n}
	for _, f := range n {
		switch f.Verdict {
		case Wrong:
			r.Wrong++
		case Warning:
			r.Warnings++
		case Unknown:
			r.Unknown++
		case OK:
		}
	}
	return r
}
