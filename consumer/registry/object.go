package registry

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// object is one JSON object: its text, and what is in it, numbers as json.Number.
type object struct {
	text   []byte
	fields map[string]any
}

// readObject reads JSON that the governor wrote.
func readObject(text []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	o := object{text: text}
	if err := d.Decode(&o.fields); err != nil || o.fields == nil {
		return object{}, malformed("it is no JSON object")
	}
	return o, nil
}

// isObject says whether it is one JSON object.
func isObject(text []byte) bool {
	return len(text) > 0 && text[0] == '{' && jsontext.Value(text).IsValid()
}

// wholeField is the field of an output in which the whole record stands as JSON, where
// its schema has no words for all of it. Only schemas of ours have it.
const wholeField = "json"

// ours is the namespace of our Avro schemas, and the package of our Protobuf ones.
const ours = "contactgovernor.v1"

// writer writes JSON as the governor does: no white space, and one way to write
// anything.
type writer struct{ b []byte }

func (w *writer) open()  { w.b = append(w.b, '{') }
func (w *writer) close() { w.b = append(w.b, '}') }

// name writes a field's name, and the comma before it.
func (w *writer) name(name string) {
	w.comma('{')
	w.str(name)
	w.b = append(w.b, ':')
}

// comma writes one, but behind an opening bracket.
func (w *writer) comma(opening byte) {
	if w.b[len(w.b)-1] != opening {
		w.b = append(w.b, ',')
	}
}

func (w *writer) str(s string) {
	w.b, _ = jsontext.AppendQuote(w.b, s) // what is no UTF-8 becomes U+FFFD
}

func (w *writer) int(n int64) { w.b = strconv.AppendInt(w.b, n, 10) }

func (w *writer) uint(n uint64) { w.b = strconv.AppendUint(w.b, n, 10) }

func (w *writer) bool(v bool) { w.b = strconv.AppendBool(w.b, v) }

// float writes thousandths with all three digits, as the governor writes seconds, and
// other numbers as short as they can be. What JSON has no number for is told as text,
// which nothing takes for one.
func (w *writer) float(x float64) {
	switch thousandths := x * 1000; {
	case math.IsNaN(x) || math.IsInf(x, 0):
		w.str(strconv.FormatFloat(x, 'g', -1, 64))
	case thousandths == math.Trunc(thousandths) && math.Abs(x) < 1<<40:
		w.b = strconv.AppendFloat(w.b, x, 'f', 3, 64)
	default:
		w.b = strconv.AppendFloat(w.b, x, 'g', -1, 64)
	}
}

// time writes an instant as RFC 3339 with milliseconds; finer ones with all their
// digits, which the strict decoder refuses rather than cut off.
func (w *writer) time(t time.Time) {
	t = t.UTC()
	switch y := t.Year(); {
	case y < 0 || y > 9999:
		w.str("a time that RFC 3339 cannot write")
	case t.Nanosecond()%int(time.Millisecond) == 0:
		w.str(t.Format("2006-01-02T15:04:05.000Z"))
	default:
		w.str(t.Format(time.RFC3339Nano))
	}
}

// clock writes a time of day as hours and minutes, with seconds only where there are any.
func (w *writer) clock(d time.Duration) {
	t := time.Unix(0, 0).UTC().Add(d)
	if d == 24*time.Hour {
		w.str("24:00")
		return
	}
	if d%time.Minute == 0 {
		w.str(t.Format("15:04"))
		return
	}
	w.str(t.Format("15:04:05.999999"))
}

// sorted are the keys of a map, in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// decimals is how many digits after the point a decimal needs.
func decimals(r *big.Rat) int {
	n, _ := r.FloatPrec()
	return n
}
