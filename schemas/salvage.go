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
// complaint. Of several types, one that may be a no decides; and of what is
// not even JSON, one anywhere in it.
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

// leniently looks at the fields of the outermost object, or at those of the
// message if that is an envelope. Where the record is not even JSON, which of
// its fields are the outermost is a guess: so it looks for a no everywhere.
func leniently(value []byte) findings {
	if json := jsontext.Value(value); json.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return surface(message(value))
	}
	f, deep := surface(value), everywhere(value)
	f.no = f.no || deep.no
	if f.person == "" {
		f.person = deep.person
	}
	return f
}

// message returns what is inside of a structured CloudEvent, and any other
// JSON as it is.
func message(value []byte) []byte {
	if kindOf(value) != "an object" {
		return value
	}
	var e envelope
	if e.read(value); e.version != nil && e.data != nil {
		return e.data
	}
	return value
}

// surface notes the fields at depth 1, as far as quotes and brackets tell.
func surface(value []byte) (f findings) {
	depth := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			c := cursor{b: value, i: i}
			c.str()
			if name := value[i:c.i]; depth == 1 {
				f.note(name, fieldValue(value[c.i:]))
			}
			i = c.i - 1
		}
	}
	return f
}

// everywhere goes from quote to quote and takes for a field whatever looks
// like one, at any depth and in texts too.
func everywhere(value []byte) (f findings) {
	for i := range value {
		if name := literal(value[i:], maxNameBytes); name != nil {
			f.note(name, fieldValue(value[i+len(name):]))
		}
	}
	return f
}

// fieldValue returns the string literal that comes after a colon, or nil.
func fieldValue(rest []byte) []byte {
	rest = bytes.TrimLeft(rest, blanks)
	if len(rest) == 0 || rest[0] != ':' {
		return nil
	}
	return literal(bytes.TrimLeft(rest[1:], blanks), maxValueBytes)
}

const blanks = " \t\r\n"

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
	if raw == nil || len(name) > maxNameBytes {
		return
	}
	field, ok1 := legible(name)
	said, ok2 := legible(raw)
	if !ok1 || !ok2 {
		return
	}
	switch string(field) {
	case "type":
		t := SignalType(said)
		f.no = f.no || t.saysNo()
		f.other = f.other || t.known() && !t.saysNo()
	case "person":
		if f.person == "" && readablePerson(said) {
			f.person = string(said)
		}
	}
}

// legible returns what a string literal says, if it is one in good order.
func legible(raw []byte) ([]byte, bool) {
	s, err := jsontext.AppendUnquote(nil, raw)
	return s, err == nil
}
