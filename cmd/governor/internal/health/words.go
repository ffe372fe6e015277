package health

import (
	"strings"
	"unicode/utf8"
)

// mostWords bounds the words of an error, in bytes.
const mostWords = 600

// Words are what an error says, to be read by whoever runs the governor: text, of so
// many bytes at most, and of nobody. An error that comes from Kafka or Redis names
// addresses, topics and partitions; one that comes from what is remembered of a
// person may quote from it, and what it quotes is left out.
func Words(err error) string {
	s := strings.ToValidUTF8(err.Error(), "�")
	if c := ClassOf(err); c == Other || c == Memory {
		s = unquoted(s)
	}
	if len(s) <= mostWords {
		return s
	}
	s = s[:mostWords]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + " …"
}

// unquoted has nothing between quotation marks. A mark without another ends the text:
// what follows may be what was quoted.
func unquoted(s string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, `"`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString(`"…"`)
		end := closing(rest)
		if end < 0 {
			return out.String()
		}
		s = rest[end+1:]
	}
}

// closing is where the quotation ends that s begins within, -1 if it does not.
func closing(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
