package strictyaml

import (
	"cmp"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// Errors is everything that is wrong with one document, or with several that
// were to hold together: in the order of the files, then of the lines.
type Errors struct {
	Problems []rules.Problem
}

// Error has one line for each problem: file:line:column: what is wrong: what to
// write instead.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Failure is the problems as an *Errors, and nil if there are none. They may
// come from more than one pass, so they are put in the order of the text, and of
// the files as they are named here.
func Failure(problems []rules.Problem, files ...string) error {
	if len(problems) == 0 {
		return nil
	}
	sorted := slices.SortedStableFunc(slices.Values(problems), func(a, b rules.Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(files, a.At.File), slices.Index(files, b.At.File)),
			cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.At.Column, b.At.Column),
		)
	})
	return &Errors{sorted}
}
