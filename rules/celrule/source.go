package celrule

import (
	"fmt"
	"strings"
	"unicode"

	"cel.dev/cel-go/common"
)

// source is the text of an expression.
type source string

func (s source) mistake(at int, format string, args ...any) []Mistake {
	return []Mistake{{at, fmt.Sprintf(format, args...)}}
}

// at is how many characters stand before a place.
func (s source) at(l common.Location) int {
	at := 0
	for i, line := range strings.Split(string(s), "\n") {
		if i+1 >= l.Line() {
			break
		}
		at += len([]rune(line)) + 1
	}
	return min(at+max(l.Column(), 0), len([]rune(s)))
}

// begin is where a name begins of which the library tells the place of the
// bracket after it, or of the dot before it.
func (s source) begin(at int) int {
	letters := []rune(s)
	switch {
	case at >= len(letters):
	case letters[at] == '.':
		return at + 1
	case letters[at] == '(':
		for at > 0 && isLetter(letters[at-1]) {
			at--
		}
	}
	return at
}

// field is the field that the expression takes of what stands at a place.
func (s source) field(at int) (string, bool) {
	_, rest, ok := strings.Cut(string([]rune(s)[at:]), ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return !isLetter(r) })
	if end < 0 {
		end = len(rest)
	}
	return rest[:end], ok && end > 0
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
