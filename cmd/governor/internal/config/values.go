package config

import (
	"net"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// longestName is more than anybody names a group, and half of what Kafka takes
// for the name of a topic.
const longestName = 120

// address reads one host:port.
func (r *reader) address(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.Text(e); ok && r.isAddress(e, s) {
			*into = s
		}
	}
}

// addresses reads a list of host:port.
func (r *reader) addresses(into *[]string) func(entry) {
	return func(e entry) {
		var all []string
		for _, item := range r.Items(e) {
			var one string
			r.address(&one)(item)
			all = append(all, one)
		}
		*into = all
	}
}

// maybeAddresses reads a list of host:port, which may be empty.
func (r *reader) maybeAddresses(into *[]string) func(entry) {
	return func(e entry) {
		if e.Value.Kind == yaml.SequenceNode && len(e.Value.Content) == 0 {
			return
		}
		r.addresses(into)(e)
	}
}

// maybeText reads a text, which may be none.
func (r *reader) maybeText(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.MaybeText(e); ok {
			*into = s
		}
	}
}

func (r *reader) isAddress(e entry, s string) bool {
	host, port, err := net.SplitHostPort(s)
	number, noNumber := strconv.ParseUint(port, 10, 16)
	switch {
	case strings.Contains(s, "://"):
		_, rest, _ := strings.Cut(s, "://")
		r.Wrong(e.Value, "%q is no host:port but a URL: write for example %s", s, strings.TrimRight(rest, "/"))
	case strings.Contains(s, ","):
		r.Wrong(e.Value, "%q is more than one host:port: write a list, [%s]", s, strings.Join(strings.FieldsFunc(s, comma), ", "))
	case err != nil || host == "" || strings.ContainsAny(s, " \t/@"):
		r.Wrong(e.Value, "%q is no host:port: write for example %s", s, e.Write)
	case noNumber != nil || number == 0:
		r.Wrong(e.Value, "%q has no port from 1 to 65535: write for example %s", s, e.Write)
	default:
		return true
	}
	return false
}

func comma(c rune) bool { return c == ',' || c == ' ' }

// name reads what other programs show and compare: a client, a group.
func (r *reader) name(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.Text(e); ok && r.isName(e, s) {
			*into = s
		}
	}
}

// topicPrefix reads the beginning of topics' names, which may be none.
func (r *reader) topicPrefix(into *string) func(entry) {
	return func(e entry) {
		if s, ok := r.MaybeText(e); ok && r.isName(e, s) {
			*into = s
		}
	}
}

// isName holds names to the letters that Kafka takes for a topic.
func (r *reader) isName(e entry, s string) bool {
	odd := strings.IndexFunc(s, func(c rune) bool {
		return (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("0123456789._-", c)
	})
	switch {
	case odd >= 0:
		r.Wrong(e.Value, "%q has a letter that Kafka does not take in names, %q: write letters, digits, dots, hyphens and underscores", e.Key.Value, []rune(s[odd:])[0])
	case len(s) > longestName:
		r.Wrong(e.Value, "%q is %d letters long: write at most %d", e.Key.Value, len(s), longestName)
	default:
		return true
	}
	return false
}

// keyPrefix reads the beginning of the keys in Redis, which may be none.
func (r *reader) keyPrefix(into *string) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		switch {
		case !ok:
		case strings.ContainsAny(s, "{}"):
			r.Wrong(e.Value, "%q has braces, which would scatter a partition over a Redis Cluster: write it without, for example %s", e.Key.Value, e.Write)
		default:
			*into = s
		}
	}
}

func (r *reader) yes(into *bool) func(entry) {
	return func(e entry) {
		if b, ok := r.Bool(e); ok {
			*into = b
		}
	}
}

// whole reads a whole number within bounds.
func (r *reader) whole(into *int, least, most int) func(entry) {
	return func(e entry) {
		n, ok := r.Whole(e)
		switch {
		case !ok:
		case n < least || n > most:
			r.Wrong(e.Value, "%q must be from %d to %d, not %d: write for example %s", e.Key.Value, least, most, n, e.Write)
		default:
			*into = n
		}
	}
}

// duration reads a duration within bounds.
func (r *reader) duration(into *time.Duration, least, most time.Duration) func(entry) {
	return func(e entry) {
		d, ok := r.Duration(e)
		switch {
		case !ok:
		case d < least || d > most:
			r.Wrong(e.Value, "%q must be from %s to %s, not %s: write for example %s", e.Key.Value, short(least), short(most), short(d), e.Write)
		default:
			*into = d
		}
	}
}

// short is a duration without the zeros at its end: 1h, not 1h0m0s.
func short(d time.Duration) string {
	if day := 24 * time.Hour; d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	for _, zeros := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zeros) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// word reads a word of a closed list.
func (r *reader) word(into *string, what string, known ...string) func(entry) {
	return func(e entry) {
		if s, ok := strictyaml.OneOf(r.Reader, e, what, known...); ok {
			*into = s
		}
	}
}
