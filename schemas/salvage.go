package schemas

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Salvage looks at a signal that DecodeSignal refused, or whose envelope Unwrap
// refused, for a no that must not get lost: "an unreadable refusal whose
// person can be read refuses that person everything (doubt is a no)".
//
// person is the record's key if that is readable (UTF-8, 1 to 256
// characters), else the first readable "person" found in value, else "".
//
// refusal is false only where value says legibly that it is something else: a
// known type of signal that is neither refusal, reply, cancellation nor
// complaint. Of several types, one that may be a no decides.
//
// value may be anything, cut off or not JSON at all. Of a value larger than
// maxSalvage only the beginning is looked at.
func Salvage(key, value []byte) (person string, refusal bool) {
	value = value[:min(len(value), maxSalvage)]
	found := leniently(value)
	if readablePerson(key) {
		return string(key), found.refusal()
	}
	return found.person, found.refusal()
}

// maxSalvage is the usual limit of a broker for one record, and then some.
const maxSalvage = 2 << 20

func readablePerson(s []byte) bool {
	return len(s) > 0 && utf8.Valid(s) && utf8.RuneCount(s) <= maxPerson
}

// findings is what a lenient look at a record came upon.
type findings struct {
	person string
	no     bool // a type that may be a no
	other  bool // a known type that is none
}

func (f findings) refusal() bool { return f.no || !f.other }

// leniently looks first at the record's own fields, if it is JSON but for
// duplicates and encoding. Where that leaves the type open, because it is not
// JSON or because the signal is inside of an envelope, it looks everywhere.
func leniently(value []byte) findings {
	f := topLevel(value)
	if !f.no && !f.other {
		deep := everywhere(value)
		f.no, f.other = deep.no, deep.other
		if f.person == "" {
			f.person = deep.person
		}
	}
	return f
}

// topLevel reads the fields of the outermost object. What is not JSON has none.
func topLevel(value []byte) (f findings) {
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	if !jsontext.Value(value).IsValid(lenient...) || kindOf(value) != "an object" {
		return f
	}
	c := inside(value)
	for name, raw, ok := c.pair(); ok; name, raw, ok = c.pair() {
		f.note(name, raw)
	}
	return f
}

// everywhere goes from quote to quote and takes for a field whatever looks
// like one: a string that is type or person, a colon, a string. In JSON the
// bytes of a text cannot look like that, for its quotes are escaped.
func everywhere(value []byte) (f findings) {
	for i := 0; i < len(value); i++ {
		if value[i] != '"' {
			continue
		}
		name := literal(value[i:], maxNameBytes)
		if name == nil {
			continue
		}
		rest := bytes.TrimLeft(value[i+len(name):], " \t\r\n")
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if raw := literal(rest, maxValueBytes); raw != nil {
			f.note(name, raw)
		}
	}
	return f
}

// How long a string literal may be that is looked at: "person" with every
// character escaped, and an id of maxPerson characters likewise.
const (
	maxNameBytes  = 2 + 6*len("person")
	maxValueBytes = 2 + 12*maxPerson
)

// literal returns the string literal that s begins with, or nil where there is
// none of at most limit bytes.
func literal(s []byte, limit int) []byte {
	if len(s) == 0 || s[0] != '"' {
		return nil
	}
	s = s[:min(len(s), limit)]
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return s[:i+1]
		case '\\':
			i++
		}
	}
	return nil
}

// note takes what one field says into account, if it is legible.
func (f *findings) note(name, raw []byte) {
	field, ok := legible(name)
	if !ok {
		return
	}
	switch string(field) {
	case "type":
		if said, ok := legible(raw); ok {
			t := SignalType(said)
			f.no = f.no || t.saysNo()
			f.other = f.other || t.known() && !t.saysNo()
		}
	case "person":
		if said, ok := legible(raw); ok && f.person == "" && readablePerson(said) {
			f.person = string(said)
		}
	}
}

// legible returns what a string literal says, if it is one in good order.
func legible(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || len(raw) > maxValueBytes {
		return nil, false
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	return s, err == nil
}
