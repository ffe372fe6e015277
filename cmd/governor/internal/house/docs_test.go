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

// A link into a document leads to a heading of it.
func TestNoLinkLeadsToAHeadingThatIsGone(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s:]*)#([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	neither := regexp.MustCompile(`[^\p{L}\p{N}_ -]`) // as GitHub makes anchors
	all := documents(t)
	for path, text := range all {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target := path
			if found[1] != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(path), found[1]))
			}
			if !strings.HasSuffix(target, ".md") {
				continue
			}
			there := false
			for _, h := range heading.FindAllStringSubmatch(all[target], -1) {
				there = there || strings.ReplaceAll(neither.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-") == found[2]
			}
			if !there {
				t.Errorf("%s links to %s#%s, and there is no such heading", path, target, found[2])
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
