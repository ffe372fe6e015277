package policyfile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The longest name, which is the wire's, and the largest number and longest
// duration of a policy, which are beyond all use and well within all arithmetic.
const (
	longestName = 64
	mostContact = 1_000_000
	longest     = 36_500 * 24 * time.Hour
)

// scalar is the text of a single value.
func (r *reader) scalar(e entry) (string, bool) {
	if !r.kind(e, strconv.Quote(e.key.Value), yaml.ScalarNode) {
		return "", false
	}
	if e.value.Value == "" {
		r.wrong(e.value, "%q is empty: write for example %s", e.key.Value, e.write)
		return "", false
	}
	return e.value.Value, true
}

// name reads a name that is told apart to the letter and appears in reason
// codes and file names.
func (r *reader) name(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.scalar(e); ok && r.named(e.value, s) {
			*into = s
		}
	}
}

func (r *reader) named(n *yaml.Node, s string) bool {
	letter := func(c rune) bool { return (c|0x20) >= 'a' && (c|0x20) <= 'z' }
	odd := func(c rune) bool { return !letter(c) && !strings.ContainsRune("0123456789._-", c) }
	switch {
	case s == "" || !letter(rune(s[0])) || strings.ContainsFunc(s, odd):
		r.wrong(n, "%q is no name: begin with a letter, and go on with letters, digits, dots, hyphens and underscores", s)
	case len(s) > longestName:
		r.wrong(n, "the name is %d letters long: write at most %d", len(s), longestName)
	default:
		return true
	}
	return false
}

// count reads a whole number from least on.
func (r *reader) count(least int, into *int) func(entry) {
	return func(e entry) {
		s, ok := r.scalar(e)
		if !ok {
			return
		}
		n, err := strconv.Atoi(s)
		switch {
		case e.value.ShortTag() != "!!int" || err != nil || (s[0] == '0' && len(s) > 1) || s[0] == '+':
			r.wrong(e.value, "%q must be a whole number in plain digits, not %s: write for example %s", e.key.Value, describe(e.value), e.write)
		case n < least:
			r.wrong(e.value, "%q must be %d or more, not %d: to be without the rule, leave it out", e.key.Value, least, n)
		case n > mostContact:
			r.wrong(e.value, "%q allows more than anybody counts: to be without the rule, leave it out", e.key.Value)
		default:
			*into = n
		}
	}
}

// span reads a duration.
func (r *reader) span(into *time.Duration) func(entry) {
	return func(e entry) {
		if s, ok := r.scalar(e); ok {
			*into = r.duration(e, s)
		}
	}
}

// duration is the duration that the text names: as Go writes it, and with d for
// exactly 24 hours.
func (r *reader) duration(e entry, s string) time.Duration {
	d, ok := duration(s)
	switch _, err := strconv.ParseFloat(s, 64); {
	case strings.HasPrefix(s, "-") || (ok && d == 0) || (err == nil && strings.Trim(s, "0.") == ""):
		r.wrong(e.value, "%q must be longer than nothing, not %s: write for example %s, or leave it out", e.key.Value, s, e.write)
	case err == nil:
		r.wrong(e.value, "%q has no unit: write for example %sm, %sh or %sd", e.key.Value, s, s, s)
	case !ok:
		r.wrong(e.value, "%q must be a duration, not %s: write for example %s, with the units d (24h), h, m, s, ms", e.key.Value, describe(e.value), e.write)
	case d%time.Millisecond != 0:
		r.wrong(e.value, "%q is finer than the millisecond that everything is counted in: write for example %s", e.key.Value, d.Round(time.Millisecond))
	case d > longest:
		r.wrong(e.value, "%q is longer than a hundred years: write for example %s", e.key.Value, e.write)
	default:
		return d
	}
	return 0
}

// duration reads what Go writes, with whole days in front if wanted. What is
// longer than the longest may come out as any length beyond it.
func duration(s string) (time.Duration, bool) {
	var days time.Duration
	if whole, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(whole, 10, 32)
		if err != nil {
			return 0, false
		}
		days = time.Duration(min(n, uint64(longest/(24*time.Hour)+1))) * 24 * time.Hour
		if rest == "" {
			return days, true
		}
		s = rest
	}
	if s[0] < '0' || s[0] > '9' { // ParseDuration takes signs, and a point without a digit
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return days + min(d, longest+time.Hour), err == nil
}

// oneOf is the word of a closed list that a value is.
func oneOf[T ~string](r *reader, e entry, what string, known ...T) (T, bool) {
	s, ok := r.scalar(e)
	if !ok {
		return "", false
	}
	if !slices.Contains(known, T(s)) {
		words := make([]string, len(known))
		for i, k := range known {
			words[i] = string(k)
		}
		r.wrong(e.value, "unknown %s %q: %s", what, s, suggest(s, words))
		return "", false
	}
	return T(s), true
}
