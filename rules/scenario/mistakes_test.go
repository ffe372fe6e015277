package scenario

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Only commit what -update wrote if you understand what caused it.
var update = flag.Bool("update", false, "write what is told now into testdata/mistakes.txt")

// "Several mistakes told at once with file:line:column" (issue 4). In the file each
// line with a mistake is followed by what is told of it, at its column. A text that
// begins with > stands below policy, zone and people.
func TestMistakes(t *testing.T) {
	const path = "testdata/mistakes.txt"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, given := range strings.Split(string(b), "\n\n====\n\n") {
		title, text, _ := strings.Cut(given, "\n")
		var lines []string
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(strings.TrimLeft(line, " "), "^ ") {
				lines = append(lines, line)
			}
		}
		t.Run(strings.TrimPrefix(title, "# "), func(t *testing.T) {
			got := title + "\n" + told(t, lines)
			if got != given && !*update {
				t.Errorf("(-file +now):\n%s", cmp.Diff(given, got))
			}
			out = append(out, got)
		})
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n====\n\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// told are the lines, each with what is told of it.
func told(t *testing.T, lines []string) string {
	t.Helper()
	text, above := strings.Join(lines, "\n"), 0
	if rest, below := strings.CutPrefix(text, ">\n"); below {
		text, above = people+rest, strings.Count(people, "\n")-1
	}
	_, err := Parse("s.scenario", []byte(text))
	var all *strictyaml.Errors
	if !errors.As(err, &all) {
		t.Fatalf("no mistake is told, but %v", err)
	}
	var out []string
	for i, line := range lines {
		out = append(out, line)
		for _, p := range all.Problems {
			if p.At.Line-above == i+1 {
				out = append(out, strings.Repeat(" ", p.At.Column-1)+"^ "+p.What)
			}
		}
	}
	if n := len(out) - len(lines); n != len(all.Problems) {
		t.Errorf("%d of these are told outside of the text:\n%v", len(all.Problems)-n, err)
	}
	return strings.Join(out, "\n")
}
