package house

import (
	"regexp"
	"strings"
	"testing"
)

// "Package comments state promises" (issue 7). A test cannot tell a promise; it can tell a title from a sentence: one that begins
// with the package, says something of it, and ends.
func TestAPackageCommentIsASentence(t *testing.T) {
	said := make(map[string]string)
	for _, s := range sources(t) {
		if s.file.Doc == nil {
			continue
		}
		text := s.file.Doc.Text()
		if before := said[s.dir]; before != "" {
			t.Errorf("%s: the package has a comment in another file too: one place says what it promises", s.path)
		}
		said[s.dir] = text
		name := s.dir[strings.LastIndex(s.dir, "/")+1:]
		begins := "^Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			begins = "^(?i:Command )?(?i:" + regexp.QuoteMeta(name) + ") "
		}
		sentence, _, ends := strings.Cut(strings.ReplaceAll(text+" ", "\n", " "), ". ")
		if !regexp.MustCompile(begins).MatchString(text) || !ends || len(strings.Fields(sentence)) < 5 {
			t.Errorf("%s: the package's comment begins %.60q: begin with its name, and say in a full sentence what it promises or refuses", s.path, text)
		}
	}
}
