package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/lint"
)

// sentences tell what the rules of the policies say, by file:line, as check does. What cannot be
// read now has none.
func sentences(names string) func() map[string]string {
	return func() map[string]string {
		out := make(map[string]string)
		on := time.Now().UTC().Truncate(24 * time.Hour)
		for name := range strings.SplitSeq(names, ",") {
			spec, file, err := written(strings.TrimSpace(name))
			if err != nil {
				continue
			}
			for _, r := range lint.Of(spec, file, on, false).Rules {
				out[file+":"+strconv.Itoa(r.Line)] = r.Text
			}
		}
		return out
	}
}
