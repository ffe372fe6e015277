package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A document that points nowhere is worse than none.
func TestNoLinkOfADocumentIsDead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	for path, text := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if target := found[1]; !strings.Contains(target, "://") {
				if _, err := os.Stat(filepath.Join(root, filepath.Dir(path), target)); err != nil {
					t.Errorf("%s links to %s, which is not there", path, target)
				}
			}
		}
	}
}

// A folder that a document names is there.
func TestNoDocumentNamesAFolderThatIsGone(t *testing.T) {
	folder := regexp.MustCompile("`((?:rules|state|consumer|schemas|cmd|deploy|integration)/[a-z/]+)`")
	for path, text := range documents(t) {
		for _, found := range folder.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
				t.Errorf("%s speaks of %s, which is not there", path, found[1])
			}
		}
	}
}

func documents(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	walk(t, func(path string) {
		if !strings.HasSuffix(path, ".md") {
			return
		}
		b, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(b)
	})
	if out["README.md"] == "" {
		t.Fatal("no README.md: this test looks in the wrong place")
	}
	return out
}
