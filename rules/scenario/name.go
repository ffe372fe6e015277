package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// mostTimes bounds how often a line may happen, mostSteps how much may happen in
// a file: nobody reads more than that.
const (
	mostTimes = 10_000
	mostSteps = 100_000
)

// span is a name that stands for several: i1..i22. In a line that happens several
// times, each time has the next of them.
type span struct {
	prefix   string
	from, to int
	width    int // digits, zeros in front included; 0 as many as it takes
}

// spanOf reads a span. A name that is none is not one.
func spanOf(s string) (span, bool) {
	first, last, ok := strings.Cut(s, "..")
	if !ok {
		return span{}, false
	}
	prefix, from, ok := number(first)
	same, to, there := number(last)
	if !ok || !there || prefix != same {
		return span{}, false
	}
	sp := span{prefix: prefix}
	sp.from, _ = strconv.Atoi(from) // no more than six digits
	sp.to, _ = strconv.Atoi(to)
	if len(from) == len(to) {
		sp.width = len(from)
	}
	return sp, sp.to > sp.from
}

// number cuts the digits at the end of a name off.
func number(s string) (prefix, digits string, ok bool) {
	prefix = strings.TrimRight(s, "0123456789")
	digits = s[len(prefix):]
	return prefix, digits, digits != "" && len(digits) <= 6
}

func (sp span) len() int { return sp.to - sp.from + 1 }

func (sp span) nth(n int) string { return fmt.Sprintf("%s%0*d", sp.prefix, sp.width, sp.from+n) }

// nth is the name in the n-th time that a line happens, counted from 0.
func nth(s string, n int) string {
	if sp, ok := spanOf(s); ok {
		return sp.nth(n)
	}
	return s
}

// each are the names that a name or a span stands for.
func each(s string) []string {
	sp, ok := spanOf(s)
	if !ok {
		return []string{s}
	}
	if sp.len() > mostTimes {
		return []string{sp.nth(0)} // enough is wrong with it
	}
	out := make([]string, sp.len())
	for i := range out {
		out[i] = sp.nth(i)
	}
	return out
}

// sayable says whether a text is a name: of a person, an intent, a signal or a
// scenario. It begins with a letter, so that no time looks like one.
func sayable(s string) bool {
	for i, c := range s {
		if !unicode.IsLetter(c) && (i == 0 || !unicode.IsNumber(c) && !strings.ContainsRune("._-", c)) {
			return false
		}
	}
	return s != ""
}
