package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each query begins with the sentence that the README lists it by; and what is listed is
// there, which a test of all documents sees to.
func TestTheReadmeListsTheQueries(t *testing.T) {
	const folder = "../../../../deploy/queries"
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(folder + "/*.sql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d queries, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		says, is := strings.CutPrefix(string(sql), "-- ")
		if name == "views.sql" && is {
			continue
		}
		_, row, listed := strings.Cut(string(text), "]("+name+") | ")
		row, _, _ = strings.Cut(row, " |\n")
		if !listed || !is || !strings.HasPrefix(strings.ReplaceAll(says, ": from when", "."), strings.TrimSuffix(row, ".")) {
			t.Errorf("%s begins with %.60q, and the README lists it with %q", name, says, row)
		}
	}
}
