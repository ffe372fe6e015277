// Package page writes text for people to read on a terminal, or in a mail about
// what they saw there: plain, without colour, no line longer than 79 columns but
// where one word is.
package page

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Width is how many columns a line has at most.
const Width = 79

// Page writes lines and remembers the first error.
type Page struct {
	w   io.Writer
	err error
}

// New is an empty page.
func New(w io.Writer) *Page { return &Page{w: w} }

// Err is the first error of writing.
func (p *Page) Err() error { return p.err }

// Line writes one line as it stands.
func (p *Page) Line(format string, args ...any) {
	if p.err == nil {
		line := strings.TrimRight(fmt.Sprintf(format, args...), " ")
		_, p.err = fmt.Fprintln(p.w, line)
	}
}

// Gap writes an empty line.
func (p *Page) Gap() { p.Line("") }

// Text writes words, wrapped: the first line after first, the others after rest.
func (p *Page) Text(first, rest, words string) {
	line, begun := first, false
	for _, word := range strings.Fields(words) {
		if begun && Columns(line)+1+Columns(word) > Width {
			p.Line("%s", line)
			line, begun = rest, false
		}
		if begun {
			line += " "
		}
		line += word
		begun = true
	}
	p.Line("%s", line)
}

// Columns is how wide a text is.
func Columns(text string) int { return utf8.RuneCountInString(text) }

// Pad fills a text with spaces up to a width; a longer one stays as it is.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Columns(text)))
}

// Number writes thousands apart.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count is a number and its noun, which has a plural of its own if it does not
// end with s.
func Count(n int, one string, more ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(more) > 0:
		return Number(n) + " " + more[0]
	}
	return Number(n) + " " + one + "s"
}

// And joins words the way a sentence does: a, b and c.
func And(words []string) string { return joined(words, "and") }

// Or joins words the way a sentence does: a, b or c.
func Or(words []string) string { return joined(words, "or") }

func joined(words []string, last string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
	return strings.Join(words, "")
}
