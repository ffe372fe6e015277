package house

import (
	"go/ast"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A reason that no story comes to is one that nobody has seen: every code that a veto may have is what some scenario, or some
// case beside the project, expects.
func TestEveryReasonIsExpectedSomewhere(t *testing.T) {
	// One recording is one partition, and this veto is about another: it is told beside the code.
	elsewhere := map[string]string{"state.unavailable": "consumer/governor/elsewhere_test.go"}

	expected := strings.Join(expectations(t), "\n")
	for _, reason := range reasons(t) {
		if file := elsewhere[reason]; file != "" {
			if !regexp.MustCompile(`"` + regexp.QuoteMeta(reason) + `"|rules\.Unavailable\b`).MatchString(read(t, file)) {
				t.Errorf("%s tells of no %s", file, reason)
			}
			continue
		}
		pattern := `(^|[^a-z_.])` + regexp.QuoteMeta(reason)
		if strings.HasSuffix(reason, ".") { // the policy names the rest
			pattern += `[a-z]`
		} else {
			pattern += `([^a-z_.]|$)`
		}
		if !regexp.MustCompile(`(?m)` + pattern).MatchString(expected) {
			t.Errorf("no scenario of rules/scenario/corpus expects %s: tell a story that comes to it", reason)
		}
	}
}

// reasons are the constants of type rules.Reason.
func reasons(t *testing.T) (out []string) {
	t.Helper()
	for _, s := range sources(t) {
		if s.dir != "rules" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, named := spec.Type.(*ast.Ident)
			text, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && typ.Name == "Reason" {
				code, err := strconv.Unquote(text.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, code)
			}
			return true
		})
	}
	if len(out) < 35 {
		t.Fatalf("only %d reasons found: this test looks in the wrong place", len(out))
	}
	return out
}

// expectations are what the corpus says behind an arrow. What is told beside it, why, counts for nothing.
func expectations(t *testing.T) (out []string) {
	t.Helper()
	walk(t, func(path string) {
		if !under(path, "rules/scenario/corpus") || !strings.HasSuffix(path, ".scenario") {
			return
		}
		for line := range strings.Lines(read(t, path)) {
			if _, wanted, is := strings.Cut(line, "=> "); is {
				out = append(out, strings.TrimSpace(wanted))
			}
		}
	})
	if len(out) < 100 {
		t.Fatalf("only %d expectations found: this test looks in the wrong place", len(out))
	}
	return out
}
