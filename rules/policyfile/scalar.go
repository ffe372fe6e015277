package policyfile

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The longest name, which is the wire's, and the largest number of a policy,
// which is beyond all use and well within all arithmetic.
const (
	longestName = 64
	mostContact = 1_000_000
)

// name reads a name that is told apart to the letter and appears in reason
// codes and file names.
func (r *reader) name(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.Text(e); ok && r.named(e.Value, s) {
			*into = s
		}
	}
}

func (r *reader) named(n *yaml.Node, s string) bool {
	letter := func(c rune) bool { return (c|0x20) >= 'a' && (c|0x20) <= 'z' }
	odd := func(c rune) bool { return !letter(c) && !strings.ContainsRune("0123456789._-", c) }
	switch {
	case s == "" || !letter(rune(s[0])) || strings.ContainsFunc(s, odd):
		r.Wrong(n, "%q is no name: begin with a letter, and go on with letters, digits, dots, hyphens and underscores", s)
	case len(s) > longestName:
		r.Wrong(n, "the name is %d letters long: write at most %d", len(s), longestName)
	default:
		return true
	}
	return false
}

// count reads how many contacts, from least on.
func (r *reader) count(least int, into *int) func(entry) {
	return r.number(least, "to be without the rule, leave it out", into)
}

// number reads a whole number from least on. Otherwise is what to do about one
// that is less.
func (r *reader) number(least int, otherwise string, into *int) func(entry) {
	return func(e entry) {
		n, ok := r.Whole(e)
		switch {
		case !ok:
		case n < least:
			r.Wrong(e.Value, "%q must be %d or more, not %d: %s", e.Key.Value, least, n, otherwise)
		case n > mostContact:
			r.Wrong(e.Value, "%q is more than anybody counts: write at most %d", e.Key.Value, mostContact)
		default:
			*into = n
		}
	}
}

// duration reads a duration.
func (r *reader) duration(into *time.Duration) func(entry) {
	return func(e entry) { *into, _ = r.Duration(e) }
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
