package schemas

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// writer appends one JSON object, field by field. The caller's order is the
// order on the wire, so equal messages have equal bytes.
type writer struct{ b []byte }

func open(b []byte) writer { return writer{append(b, '{')} }

func (w *writer) close() []byte { return append(w.b, '}') }

func (w *writer) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...) // names are ours and need no escape
	w.b = append(w.b, '"', ':')
}

func (w *writer) str(name, v string) {
	w.name(name)
	w.b = appendQuoted(w.b, v)
}

func (w *writer) optional(name, v string) {
	if v != "" {
		w.str(name, v)
	}
}

// time writes t; an absent one as "", which a reader finds missing.
func (w *writer) time(name string, t Time) {
	w.name(name)
	w.b = append(w.b, '"')
	w.b = t.Append(w.b)
	w.b = append(w.b, '"')
}

func (w *writer) optionalTime(name string, t Time) {
	if t != 0 {
		w.time(name, t)
	}
}

func (w *writer) int(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// millis writes milliseconds, none below 0, as seconds with all three digits.
func (w *writer) millis(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n/1000, 10)
	w.b = append(w.b, '.', byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}

func (w *writer) bool(name string, v bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, v)
}

func (w *writer) strs(name string, list []string) {
	w.name(name)
	w.b = append(w.b, '[')
	for i, s := range list {
		w.comma(i)
		w.b = appendQuoted(w.b, s)
	}
	w.b = append(w.b, ']')
}

// comma goes before every entry of an array but the first.
func (w *writer) comma(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}

// appendQuoted appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD: what is written is valid JSON, whatever it was given.
func appendQuoted(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
			b, _ = jsontext.AppendQuote(b, s) // the error is the U+FFFD, told above
			return b
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
