package strictyaml

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// legible refuses bytes that no editor shows as they are, which the library
// refuses too, but without saying where.
func (r *Reader) legible(b []byte) bool {
	at := yaml.Node{Line: 1, Column: 1}
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		switch {
		case c == utf8.RuneError && size == 1:
			r.Wrong(&at, "byte %#x is no UTF-8: save the file as UTF-8", b[0])
			return false
		case c == '\n':
			at.Line, at.Column = at.Line+1, 0
		case unicode.IsControl(c) && c != '\t' && c != '\r':
			r.Wrong(&at, "an invisible control character (%U) is here: take it away", c)
			return false
		}
		at.Column++
		b = b[size:]
	}
	return true
}

// syntax reports that a text is no YAML. The library tells the line, give or
// take one, and no column; the two mistakes that people make most, a tab and an
// alias, are found in the text itself.
func (r *Reader) syntax(b []byte, err error) {
	lines := bytes.Split(b, []byte("\n"))
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if _, scan := fmt.Sscanf(what, "line %d:", &line); scan == nil {
		_, what, _ = strings.Cut(what, ": ")
	}
	line = min(max(line, 1), len(lines))
	tabs := strings.Contains(what, "tab character") || strings.Contains(what, "cannot start any token")
	for i, text := range lines {
		indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if tab := bytes.IndexByte(indent, '\t'); tabs && tab >= 0 {
			r.Wrong(&yaml.Node{Line: i + 1, Column: tab + 1}, "a tab in the indentation is no YAML: indent with spaces")
			return
		}
		if alias, ok := strings.CutPrefix(what, "unknown anchor '"); ok {
			alias, _, _ = strings.Cut(alias, "'")
			if column := bytes.Index(text, []byte("*"+alias)); column >= 0 {
				r.Wrong(&yaml.Node{Line: i + 1, Column: column + 1}, "an alias is not allowed in a %s: write out what *%s stands for", r.noun, alias)
				return
			}
		}
	}
	text := lines[line-1]
	column := 1 + len(text) - len(bytes.TrimLeft(text, " "))
	r.Wrong(&yaml.Node{Line: line, Column: column}, "this is no YAML: %s: look at this line and its neighbours", what)
}
