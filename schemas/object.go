package schemas

import (
	"bytes"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// MaxRecord is the most bytes that an intent or a signal may have.
const MaxRecord = 64 << 10

// object is one JSON object, taken apart: the raw value of each field that is
// there, and every mistake found while they are read. A null is as good as
// nothing. Read the fields first, then call err.
type object struct {
	raw      [fieldCount][]byte
	path     string // "" for the record, "quiet[1]" for an object in it
	ignored  Ignored
	mistakes []Malformed
}

// openWritten takes apart what the governor wrote: a record of any size, with all
// fields that there are.
func (o *object) openWritten(value []byte) error {
	if bad := valid(value); bad != nil {
		return bad
	}
	if !o.open(value, anyField) {
		return o.err()
	}
	return nil
}

// open takes value apart. Fields outside of known are counted as ignored.
// It returns false where value is no object, having said so.
func (o *object) open(value []byte, known fieldSet) bool {
	if kindOf(value) != "an object" {
		o.failWhole("must be a JSON object, but is " + kindOf(value))
		return false
	}
	c := inside(value)
	for name, raw, ok := c.pair(); ok; name, raw, ok = c.pair() {
		name = unquote(name)
		f := fieldNamed(name)
		if f == noField || !known.has(f) {
			o.ignored.add(name)
		} else if raw[0] != 'n' {
			o.raw[f] = raw
		}
	}
	if c.deep >= maxDepth {
		o.failWhole("nests deeper than " + strconv.Itoa(maxDepth) + " levels; flatten it")
	}
	return true
}

// restrict turns the fields outside of known into ignored ones.
func (o *object) restrict(known fieldSet) {
	for rest := anyField &^ known; rest != 0; {
		if f := rest.pop(); o.raw[f] != nil {
			o.ignored.add([]byte(f.String()))
			o.raw[f] = nil
		}
	}
}

// has reports whether f is there, be it empty.
func (o *object) has(f field) bool { return o.raw[f] != nil }

// fail notes a mistake in the field of that name.
func (o *object) fail(name, reason string) {
	if o.path != "" {
		name = o.path + "." + name
	}
	o.note(Malformed{Field: name, Reason: reason})
}

// failWhole notes a mistake of the object as a whole.
func (o *object) failWhole(reason string) {
	if o.path == "" {
		reason = "the record " + reason
	}
	o.note(Malformed{Field: o.path, Reason: reason})
}

func (o *object) note(m Malformed) {
	if len(o.mistakes) <= maxMistakes {
		o.mistakes = append(o.mistakes, m)
	}
}

// require notes which fields of set are missing, together. A required string
// that is empty is missing.
func (o *object) require(set fieldSet) {
	var missing fieldSet
	for set != 0 {
		if f := set.pop(); o.missing(f) {
			missing |= 1 << f
		}
	}
	switch bits.OnesCount64(uint64(missing)) {
	case 0:
	case 1:
		o.fail(several(missing), "is missing; add it")
	default:
		o.fail(several(missing), "are missing; add them")
	}
}

// missing reports whether f is absent, null or an empty string.
func (o *object) missing(f field) bool { return o.raw[f] == nil || string(o.raw[f]) == `""` }

// err returns the mistakes found, as one error, or nil. (It returns an error
// and not a *Malformed so that a nil stays nil.)
func (o *object) err() error {
	if len(o.mistakes) == 0 {
		return nil
	}
	first := o.mistakes[0]
	first.More = o.mistakes[1:]
	if len(first.More) == 0 {
		first.More = nil
	}
	return &first
}

// kindOf names the kind of a valid JSON value, for an error.
func kindOf(raw []byte) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// manner is how a string is read.
type manner uint8

const (
	line  manner = iota // a name or an address: no control characters
	words               // what somebody wrote: anything
)

// str reads a string of at most limit characters (code points); limit 0 is
// none. Absent is "".
func (o *object) str(f field, limit int, how manner) string {
	raw := o.raw[f]
	if raw == nil {
		return ""
	}
	if raw[0] != '"' {
		o.fail(f.String(), "must be a string, but is "+kindOf(raw))
		return ""
	}
	s, plain := plainText(raw)
	if plain && (limit == 0 || len(s) <= limit) {
		return share(s)
	}
	s = unquote(raw)
	if reason := unfit(s, limit, how); reason != "" {
		o.fail(f.String(), reason)
		return ""
	}
	return share(s)
}

// plainText returns what a valid string literal says, if it is ASCII without
// escapes: then it has no control character and as many characters as bytes.
func plainText(raw []byte) (s []byte, plain bool) {
	s = raw[1 : len(raw)-1]
	for _, c := range s {
		if c == '\\' || c >= 0x7f {
			return nil, false
		}
	}
	return s, true
}

// share returns s as a string, the built-in channels without an allocation.
// Every string has its own memory on purpose: one that is kept for long, as an
// intent's id is, must not keep the whole record.
func share(s []byte) string {
	switch string(s) {
	case "email":
		return "email"
	case "sms":
		return "sms"
	case "call":
		return ChannelCall
	case "push":
		return "push"
	case "mail":
		return "mail"
	case "in_app":
		return "in_app"
	case "chat":
		return "chat"
	}
	return string(s)
}

// unfit says why s does not fit, or "".
func unfit(s []byte, limit int, how manner) string {
	if limit > 0 && len(s) > limit && utf8.RuneCount(s) > limit {
		return "is longer than " + strconv.Itoa(limit) + " characters; shorten it"
	}
	if how == line && hasControl(s) {
		return "has a control character; remove it"
	}
	return ""
}

// hasControl reports whether s, valid UTF-8, holds one of U+0000–U+001F,
// U+007F–U+009F.
func hasControl(s []byte) bool {
	for i, c := range s {
		if c < 0x20 || c == 0x7f || c == 0xc2 && s[i+1] < 0xa0 {
			return true
		}
	}
	return false
}

// time reads a time. Absent is 0.
func (o *object) time(f field) Time {
	raw := o.raw[f]
	if raw == nil {
		return 0
	}
	if raw[0] != '"' {
		o.fail(f.String(), "must be a string with a time in it, but is "+kindOf(raw))
		return 0
	}
	if len(raw) == 2 {
		o.raw[f] = nil // an empty string is an absent field
		return 0
	}
	t, reason := parseTime(unquote(raw))
	if reason != "" {
		o.fail(f.String(), reason)
	}
	return t
}

// boolean reads true or false. Absent is false.
func (o *object) boolean(f field) bool {
	raw := o.raw[f]
	if raw == nil {
		return false
	}
	if raw[0] != 't' && raw[0] != 'f' {
		o.fail(f.String(), "must be true or false, but is "+kindOf(raw))
	}
	return raw[0] == 't'
}

// whole reads a whole number from low to high. Absent is absent.
func (o *object) whole(f field, low, high, absent int64) int64 {
	raw := o.raw[f]
	if raw == nil {
		return absent
	}
	n, ok := wholeNumber(raw)
	if !ok || n < low || n > high {
		o.fail(f.String(), "must be a whole number from "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10))
		return absent
	}
	return n
}

// wholeNumber reads a JSON number that is whole; 50.0 and 5e1 are 50, as JSON
// Schema has it.
func wholeNumber(raw []byte) (int64, bool) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	x, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || kindOf(raw) != "a number" || x != float64(int64(x)) || x < -1<<53 || x > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// array reads an array of at most limit entries (0: of any number) and calls
// each for every raw one. It reports whether there was an array.
func (o *object) array(f field, limit int, each func(i int, raw []byte)) bool {
	raw := o.raw[f]
	if raw == nil {
		return false
	}
	if raw[0] != '[' {
		o.fail(f.String(), "must be an array, but is "+kindOf(raw))
		return false
	}
	c := cursor{b: raw, i: 1}
	for i := 0; c.more(); i++ {
		if limit > 0 && i == limit {
			o.fail(f.String(), "has more than "+strconv.Itoa(limit)+" entries")
			return false
		}
		each(i, c.value())
	}
	return true
}

// strs reads an array of strings that are not empty; nil where it is absent,
// empty but not nil where it is empty.
func (o *object) strs(f field, entries, limit int, how manner) []string {
	var list []string
	there := o.array(f, entries, func(i int, raw []byte) {
		if raw[0] != '"' {
			o.fail(entry(f.String(), i), "must be a string, but is "+kindOf(raw))
			return
		}
		s := unquote(raw)
		if len(s) == 0 {
			o.fail(entry(f.String(), i), "is empty; leave it out")
		} else if reason := unfit(s, limit, how); reason != "" {
			o.fail(entry(f.String(), i), reason)
		}
		list = append(list, string(s))
	})
	if there && list == nil {
		list = []string{}
	}
	return list
}
