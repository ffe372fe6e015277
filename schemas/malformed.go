package schemas

import (
	"strconv"
	"strings"
)

// Malformed says why a record is refused, to a person who can act on it. It is
// the only error type of this package; every decoder returns it as *Malformed.
//
// Its text names fields and limits, never what stood in them: a record that
// cannot be read may still hold somebody's id, address or words.
type Malformed struct {
	Field  string      // the path of the field, like "quiet[1].from"; "" for the record as a whole
	Reason string      // what is wrong, and what to write instead
	More   []Malformed // further mistakes of the same record, at most maxMistakes; their More is nil
}

// maxMistakes bounds how many mistakes of one record are told beside the first.
const maxMistakes = 7

// Error lists every mistake, separated by "; ".
func (m *Malformed) Error() string {
	if len(m.More) == 0 {
		return m.text()
	}
	var s strings.Builder
	s.WriteString(m.text())
	for i := range m.More {
		s.WriteString("; ")
		s.WriteString(m.More[i].text())
	}
	return s.String()
}

func (m *Malformed) text() string {
	if m.Field == "" {
		return m.Reason
	}
	return m.Field + ": " + m.Reason
}

// Ignored counts the fields of a record that its message does not have. They
// were read over, whatever they said: a field that tries to override the
// governor is one of them.
type Ignored struct {
	Count int      // how many, nested ones included
	Names []string // the first few, for a log line; odd names appear as "?"
}

// maxIgnoredNames bounds Ignored.Names.
const maxIgnoredNames = 4

func (g *Ignored) add(name []byte) {
	g.Count++
	if len(g.Names) < maxIgnoredNames {
		g.Names = append(g.Names, printable(name))
	}
}

// printable returns name if it looks like a field name, and "?" if it does
// not: a name that an engine made of an address must not reach a log.
func printable(name []byte) string {
	if len(name) == 0 || len(name) > 40 {
		return "?"
	}
	for _, c := range name {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && c != '_' && c != '-' && (c < '0' || c > '9') {
			return "?"
		}
	}
	return string(name)
}

// several joins the names of fields, as in "id, person".
func several(set fieldSet) string {
	var names []string
	for set != 0 {
		names = append(names, set.pop().String())
	}
	return strings.Join(names, ", ")
}

func entry(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
