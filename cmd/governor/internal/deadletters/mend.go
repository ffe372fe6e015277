package deadletters

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/schemas"
)

// Mend is what is to be different about a letter when it is sent back.
type Mend struct {
	Set    []Field
	Unset  []string // paths of fields
	Key    string   // the record's key; "" leaves it
	HasKey bool
}

// Field is a field and what it is to be.
type Field struct {
	Path  string // its name; of one inside of another, both, with a dot between
	Value jsontext.Value
}

// Empty says whether nothing is different.
func (m *Mend) Empty() bool { return len(m.Set) == 0 && len(m.Unset) == 0 && !m.HasKey }

// Words names what is different, but not how.
func (m *Mend) Words() string {
	var named []string
	for _, f := range m.Set {
		named = append(named, f.Path)
	}
	named = append(named, m.Unset...)
	if m.HasKey {
		named = append(named, "(key)")
	}
	return strings.Join(named, ",")
}

// ParseSet reads field=value. A value that is JSON is taken as it stands, be it a number,
// true, a list or a text in quotation marks; any other is a text.
func ParseSet(s string) (Field, error) {
	path, value, ok := strings.Cut(s, "=")
	if !ok || !fitPath(path) {
		return Field{}, fmt.Errorf("--set %q: write field=value, like channel=sms", s)
	}
	f := Field{Path: path, Value: jsontext.Value(value)}
	if !f.Value.IsValid() {
		b, err := jsontext.AppendQuote(nil, value)
		if err != nil {
			return Field{}, fmt.Errorf("--set %s: the value is no UTF-8", path)
		}
		f.Value = b
	}
	return f, nil
}

// ParseUnset reads the path of a field.
func ParseUnset(s string) (string, error) {
	if !fitPath(s) {
		return "", fmt.Errorf("--unset %q: write the name of a field", s)
	}
	return s, nil
}

func fitPath(path string) bool {
	for _, name := range strings.Split(path, ".") {
		if name == "" {
			return false
		}
	}
	return true
}

// errNoObject says that fields cannot be set in something.
var errNoObject = errors.New("it is no JSON object, so no field of it can be set: what it says has to be said anew (a no with governor refuse)")

// apply mends a record's value.
func (m *Mend) apply(value []byte) ([]byte, error) {
	var err error
	for _, f := range m.Set {
		if value, err = edit(value, strings.Split(f.Path, "."), f.Value); err != nil {
			return nil, err
		}
	}
	for _, path := range m.Unset {
		if value, err = edit(value, strings.Split(path, "."), nil); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// edit sets the field at a path, or takes it away. All else stays as it is, in its order;
// of a field that is there twice one is left.
func edit(value []byte, path []string, to jsontext.Value) ([]byte, error) {
	members, err := open(value)
	if err != nil {
		return nil, err
	}
	out := make([]member, 0, len(members)+1)
	done := false
	for _, m := range members {
		if m.name != path[0] {
			out = append(out, m)
			continue
		}
		if done {
			continue // there once is enough
		}
		done = true
		switch {
		case len(path) > 1:
			inner, err := edit(m.value, path[1:], to)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path[0], err)
			}
			out = append(out, member{m.name, inner})
		case to != nil:
			out = append(out, member{m.name, to})
		}
	}
	switch {
	case done || to == nil:
	case len(path) > 1:
		return nil, fmt.Errorf("%s: there is no such field", path[0])
	default:
		out = append(out, member{path[0], to})
	}
	return write(out)
}

// member is a field of an object, as it was written.
type member struct {
	name  string
	value jsontext.Value
}

// open takes an object apart, be there names twice or bytes that are no UTF-8.
func open(value []byte) (members []member, err error) {
	in := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if in.PeekKind() != '{' {
		return nil, errNoObject
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, errNoObject
	}
	for in.PeekKind() == '"' {
		name, err := in.ReadToken()
		if err != nil {
			return nil, errNoObject
		}
		text := name.String()
		v, err := in.ReadValue()
		if err != nil {
			return nil, errNoObject
		}
		members = append(members, member{text, bytes.Clone(v)})
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, errNoObject
	}
	return members, nil
}

func write(members []member) ([]byte, error) {
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = jsontext.AppendQuote(b, m.name); err != nil {
			return nil, fmt.Errorf("the name of a field is no UTF-8: %w", errNoObject)
		}
		b = append(append(b, ':'), m.value...)
	}
	return append(b, '}'), nil
}

// unwrap takes a message out of its envelope, if it has one.
func unwrap(r *consumer.Record) ([]byte, error) {
	headers := make([]schemas.Header, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = schemas.Header(h)
	}
	value, _, err := schemas.Unwrap(headers, r.Value)
	return value, err
}
