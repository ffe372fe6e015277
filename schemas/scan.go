package schemas

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep a record may nest, the record itself being 1. No
// message needs more than 3; the rest is for fields that are ignored.
const maxDepth = 32

// valid reports, as an error for a person, why value is not one JSON value:
// strict in duplicate keys, UTF-8 and trailing data. jsontext is the judge.
//
// The judgement is a pass of its own because it then costs no allocation: a
// decoder of our own would cost sixteen a record, or a pool of them, which is
// package state. What follows only slices what is already known to be valid.
func valid(value []byte) *Malformed {
	if jsontext.Value(value).IsValid() {
		return nil
	}
	if len(bytes.TrimSpace(value)) == 0 {
		return &Malformed{Reason: "the record is empty; write one JSON object"}
	}
	switch {
	case value[0] == 0:
		return &Malformed{Reason: "the record starts with a zero byte, as a schema registry's frame does; write plain JSON"}
	case bytes.HasPrefix(value, []byte("\xef\xbb\xbf")):
		return &Malformed{Reason: "the record starts with a byte order mark; write JSON without one"}
	}
	d := jsontext.NewDecoder(bytes.NewReader(value))
	_, err := d.ReadValue()
	if err == nil {
		return &Malformed{Reason: "the record goes on after its JSON object, at byte " + strconv.FormatInt(d.InputOffset(), 10) + "; write one object a record"}
	}
	at := d.InputOffset()
	if se := (*jsontext.SyntacticError)(nil); errors.As(err, &se) {
		at = se.ByteOffset
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return &Malformed{Field: twice(se.JSONPointer), Reason: "appears twice; name a field once"}
		}
	}
	where := "at byte " + strconv.FormatInt(at, 10)
	switch {
	case !utf8.Valid(value):
		return &Malformed{Reason: "the record is not valid UTF-8 " + where + "; encode it so"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Malformed{Reason: "the record is cut off " + where + "; write the whole JSON object"}
	}
	return &Malformed{Reason: "the record is not valid JSON " + where}
}

// twice names the field that a duplicate-name error is about, by its path
// where that is ours: an unknown name may say who the person is.
func twice(p jsontext.Pointer) string {
	path := ""
	for token := range p.Tokens() {
		if n, err := strconv.Atoi(token); err == nil && path != "" {
			path = entry(path, n)
			continue
		}
		f := fieldNamed([]byte(token))
		if f == noField {
			return "an unknown field"
		}
		if path != "" {
			path += "."
		}
		path += f.String()
	}
	return path
}

// cursor walks JSON that valid has passed. On anything else it stays within
// bounds and ends, but what it returns means nothing.
type cursor struct {
	b    []byte
	i    int
	deep int // the deepest nesting passed so far
}

// inside returns a cursor in the object that value is.
func inside(value []byte) cursor {
	return cursor{b: value, i: bytes.IndexByte(value, '{') + 1}
}

// pair returns the next name of an object, still quoted, and its raw value.
func (c *cursor) pair() (name, raw []byte, ok bool) {
	if !c.more() {
		return nil, nil, false
	}
	name = c.value()
	if !c.more() {
		return nil, nil, false
	}
	return name, c.value(), true
}

// more steps over white space, commas and colons, and reports whether a value
// follows before the container ends.
func (c *cursor) more() bool {
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			c.i++
		case '}', ']':
			return false
		default:
			return true
		}
	}
	return false
}

// value returns the raw value at the cursor and steps over it.
func (c *cursor) value() []byte {
	start := c.i
	switch c.b[c.i] {
	case '"':
		c.str()
	case '{', '[':
		c.container()
	default:
		for c.i++; c.i < len(c.b) && !endsScalar(c.b[c.i]); c.i++ {
		}
	}
	return c.b[start:c.i]
}

func endsScalar(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// str steps over the string literal at the cursor.
func (c *cursor) str() {
	b, i := c.b, c.i+1
	for i < len(b) && b[i] != '"' {
		if b[i] == '\\' {
			i++
		}
		i++
	}
	c.i = min(i+1, len(b))
}

// container steps over the object or array at the cursor.
func (c *cursor) container() {
	depth := 0
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case '"':
			c.str()
			continue
		case '{', '[':
			depth++
			c.deep = max(c.deep, depth)
		case '}', ']':
			depth--
		}
		c.i++
		if depth == 0 {
			return
		}
	}
}

// unquote returns what a valid string literal says. Without an escape in it,
// that is a view into raw.
func unquote(raw []byte) []byte {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	s, _ := jsontext.AppendUnquote(nil, raw) // valid already
	return s
}
