package verify_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../../../.."
	module = "github.com/contactgovernor/governor/"
)

// "An independent checker: imports nothing of rules or state, reads only topics."
// A mistake that both share would be found by neither. What reads Kafka is held to
// the same.
func TestTheCheckerSharesNothingWithWhatItChecks(t *testing.T) {
	const self = "cmd/governor/internal/verify"
	seen := map[string]bool{self: true, self + "/kafkalog": true}
	for todo := []string{self, self + "/kafkalog"}; len(todo) > 0; todo = todo[1:] {
		for _, path := range imports(t, todo[0]) {
			ours, is := strings.CutPrefix(path, module)
			if !is || seen[ours] {
				continue
			}
			seen[ours] = true
			todo = append(todo, ours)
			for _, part := range []string{"rules", "state", "consumer", "schemas"} {
				if ours == part || strings.HasPrefix(ours, part+"/") {
					t.Errorf("%s imports %s: what checks must not share a mistake with what it checks", todo[0], ours)
				}
			}
		}
	}
}

// imports are those of a package's files that are no tests.
func imports(t *testing.T, dir string) (paths []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
	}
	return paths
}
