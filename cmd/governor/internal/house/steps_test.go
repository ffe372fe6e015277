package house

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The contributor's page lists what .ci/run does, all of it, in its order: whoever reads it knows what their change will meet.
func TestTheContributorsPageListsTheSteps(t *testing.T) {
	script := read(t, ".ci/run")
	found := regexp.MustCompile(`(?m)^\[ \$# -gt 0 \] \|\| steps=\((.*)\)$`).FindStringSubmatch(script)
	if found == nil {
		t.Fatal(".ci/run says nowhere what it does if it is told nothing: this test looks in the wrong place")
	}
	steps := strings.Fields(found[1])
	for _, step := range steps {
		if !regexp.MustCompile(`(?m)^` + step + `\(\) \{`).MatchString(script) {
			t.Errorf(".ci/run runs %s by default, and has no such function", step)
		}
	}
	_, table, _ := strings.Cut(read(t, ".github/CONTRIBUTING.md"), "\n| step |")
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| \\S").FindAllStringSubmatch(table, -1) {
		listed = append(listed, row[1])
	}
	if !slices.Equal(listed, steps) {
		t.Errorf(".github/CONTRIBUTING.md lists  %v\n.ci/run does                   %v", listed, steps)
	}
}
