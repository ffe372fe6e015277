package logging

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/contactgovernor/governor/rules"
)

// Hashed is the hash of somebody, made where the key for it is: with it a line can be
// found together with the records of the audit, which have the same.
type Hashed string

// String implements fmt.Stringer.
func (h Hashed) String() string { return string(h) }

// guard hides people before a line is written. It is the last to do so: whoever writes a
// line should not name anybody.
//
// A text in a field that is named for a person, an address or what somebody said is
// replaced by a hash, and so is an id of a person and an address of whatever name, by
// their types: the same text has the same hash as long as the process lives, and nobody
// can make it who has not its memory. Of a value that has more to it (an intent, a record)
// only its type is written.
type guard struct {
	zapcore.Core
	key []byte
}

func newGuard(to zapcore.Core) (zapcore.Core, error) {
	key := make([]byte, sha256.Size)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key to hide people in the log: %w", err)
	}
	return &guard{to, key}, nil
}

// names are those of fields whose text would name somebody.
func names() []string {
	return []string{
		"person", "people", "person_id", "customer", "recipient", "user", "address", "email", "mail", "phone", "number", "msisdn", "from", "to",
		"key", "record", "value", "body", "payload", "text", "words", "message", "evidence",
	}
}

// With implements zapcore.Core.
func (g *guard) With(fields []zapcore.Field) zapcore.Core {
	return &guard{g.Core.With(g.hide(fields)), g.key}
}

// Check implements zapcore.Core.
func (g *guard) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return to.AddCore(e, g)
}

// Write implements zapcore.Core.
func (g *guard) Write(e zapcore.Entry, fields []zapcore.Field) error {
	return g.Core.Write(e, g.hide(fields))
}

// hide is the fields with nobody in them.
func (g *guard) hide(fields []zapcore.Field) []zapcore.Field {
	out := fields
	for i := range fields {
		hidden, is := g.hidden(&fields[i])
		if !is {
			continue
		}
		if &out[0] == &fields[0] {
			out = slices.Clone(fields)
		}
		out[i] = hidden
	}
	return out
}

// hidden is what stands for a field that names somebody, if it does.
func (g *guard) hidden(f *zapcore.Field) (zapcore.Field, bool) {
	switch v := f.Interface.(type) {
	case Hashed:
		return *f, false
	case rules.PersonID:
		return zap.String(f.Key, g.hash(string(v))), true
	case rules.Address:
		return zap.String(f.Key, g.hash(string(v))), true
	}
	switch f.Type {
	case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType: // with fields of its own
		return zap.String(f.Key, unseen(f)), true
	case zapcore.ReflectType, zapcore.StringerType, zapcore.ArrayMarshalerType:
		if isOurs(f.Interface) || named(f.Key) {
			return zap.String(f.Key, unseen(f)), true
		}
	case zapcore.StringType:
		if named(f.Key) && f.String != "" {
			return zap.String(f.Key, g.hash(f.String)), true
		}
	case zapcore.ByteStringType, zapcore.BinaryType:
		if b, ok := f.Interface.([]byte); ok && named(f.Key) {
			return zap.String(f.Key, g.hash(string(b))), true
		}
	}
	return *f, false
}

func unseen(f *zapcore.Field) string {
	return fmt.Sprintf("(a %T, which may name somebody)", f.Interface)
}

func named(key string) bool { return slices.Contains(names(), strings.ToLower(key)) }

// isOurs says whether a value is, or is made of, what the rules, the memory or the messages
// know of somebody.
func isOurs(v any) bool {
	t := reflect.TypeOf(v)
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map) {
		if t.Kind() == reflect.Map && isTold(t.Key()) {
			return true
		}
		t = t.Elem()
	}
	return t != nil && isTold(t)
}

// isTold says whether the type is one of those packages, and no number or word of a closed
// list.
func isTold(t reflect.Type) bool {
	for _, of := range []string{"/rules", "/state", "/schemas", "/consumer", "/consumer/governor"} {
		if strings.HasSuffix(t.PkgPath(), "governor"+of) && (t.Kind() == reflect.Struct || t.Kind() == reflect.String && strings.HasSuffix(t.Name(), "ID")) {
			return true
		}
	}
	return t == reflect.TypeFor[rules.Address]()
}

func (g *guard) hash(text string) string {
	h := hmac.New(sha256.New, g.key)
	h.Write([]byte(text)) // writing to a hash never fails
	return "hidden-" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}
