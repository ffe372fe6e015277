package doctor

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Write writes one line for each finding: the verdict, of what, and what is to be said.
func (r *Report) Write(w io.Writer) error {
	wide := 0
	for _, f := range r.Findings {
		wide = max(wide, utf8.RuneCountInString(f.What))
	}
	for _, f := range r.Findings {
		mend := ""
		if f.Mend != "" {
			mend = "; mend: " + f.Mend
		}
		if _, err := fmt.Fprintf(w, "%-7s  %-*s  %s%s\n", f.Verdict, wide, f.What, f.Says, mend); err != nil {
			return err
		}
	}
	return nil
}
