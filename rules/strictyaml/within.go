package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// Within is where a character of a single value stands, told by how many of the
// value's characters stand before it. It is for values that have a language of
// their own. Where the text is written in a way that cannot be followed, it is
// where the value begins.
func (r *Reader) Within(n *yaml.Node, before int) rules.Position {
	s := scan{raw: []rune(r.text), line: n.Line, column: n.Column, style: n.Style}
	s.begin()
	for i, c := range []rune(n.Value) {
		if i == before {
			break
		}
		if !s.take(c) {
			return r.At(n)
		}
	}
	return rules.Position{File: r.file, Line: s.line, Column: s.column}
}

// scan follows a value through the text that it was read from.
type scan struct {
	raw          []rune
	at           int
	line, column int
	style        yaml.Style
	indent       int // of a block
}

// begin goes to the first character of the value.
func (s *scan) begin() {
	line, column := s.line, s.column
	s.line, s.column = 1, 1
	for s.line < line && s.at < len(s.raw) {
		s.step()
	}
	if s.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		for s.line == line && s.at < len(s.raw) {
			s.step()
		}
		first := strings.TrimLeft(string(s.raw[s.at:]), "\n")
		s.indent = len(first) - len(strings.TrimLeft(first, " "))
		s.dedent()
		return
	}
	for s.column < column && s.at < len(s.raw) {
		s.step()
	}
	if s.style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		s.step()
	}
}

// take goes past a character of the value, and says whether it stood there.
func (s *scan) take(c rune) bool {
	next := s.next(0)
	switch {
	case next == '\\' && s.style&yaml.DoubleQuotedStyle != 0:
		return s.escaped()
	case next == c && c == '\n' && s.indent > 0:
		s.step()
		s.dedent()
	case c == '\n': // an empty line that was folded
		return false
	case next == c:
		s.step()
		if c == '\'' && s.style&yaml.SingleQuotedStyle != 0 {
			s.step() // it stands there twice
		}
	case next == '\n' && c == ' ': // a line that was folded
		for s.next(0) == '\n' || s.next(0) == ' ' {
			s.step()
		}
	default:
		return false
	}
	return true
}

// escaped goes past a character that is written with a backslash.
func (s *scan) escaped() bool {
	length := map[rune]int{'x': 4, 'u': 6, 'U': 10, '\n': 0}
	n, long := length[s.next(1)]
	if !long {
		n = 2
	}
	for range n {
		s.step()
	}
	return n > 0
}

// dedent goes past the indentation of a block.
func (s *scan) dedent() {
	for i := 0; i < s.indent && s.next(0) == ' '; i++ {
		s.step()
	}
}

func (s *scan) next(ahead int) rune {
	if s.at+ahead < len(s.raw) {
		return s.raw[s.at+ahead]
	}
	return 0
}

func (s *scan) step() {
	s.column++
	if s.next(0) == '\n' {
		s.line, s.column = s.line+1, 1
	}
	s.at++
}
