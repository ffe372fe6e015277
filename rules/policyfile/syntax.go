package policyfile

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// syntax reports that a text is no YAML. The library tells a line at best, so
// the column is that of what is most likely meant.
func (r *reader) syntax(b []byte, err error) {
	lines := bytes.Split(b, []byte("\n"))
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if _, scan := fmt.Sscanf(what, "line %d:", &line); scan == nil {
		_, what, _ = strings.Cut(what, ": ")
	}
	line = min(max(line, 1), len(lines))
	for i, text := range lines {
		indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if tab := bytes.IndexByte(indent, '\t'); tab >= 0 {
			r.wrong(&yaml.Node{Line: i + 1, Column: tab + 1}, "a tab in the indentation is no YAML: indent with spaces")
			return
		}
		if alias, ok := strings.CutPrefix(what, "unknown anchor '"); ok {
			alias, _, _ = strings.Cut(alias, "'")
			if column := bytes.Index(text, []byte("*"+alias)); column >= 0 {
				r.wrong(&yaml.Node{Line: i + 1, Column: column + 1}, "an alias is not allowed in a policy: write out what *%s stands for", alias)
				return
			}
		}
	}
	text := lines[line-1]
	column := 1 + len(text) - len(bytes.TrimLeft(text, " "))
	r.wrong(&yaml.Node{Line: line, Column: column}, "this is no YAML: %s: mend what stands here or just above", what)
}
