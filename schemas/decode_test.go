package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const leastIntent = `{"id":"i1","person":"p1","channel":"email","purpose":"marketing","campaign":"c1","at":"2026-05-01T10:00:00Z"}`

func at(t testing.TB, s string) Time {
	t.Helper()
	got, err := ParseTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The contract's table of an intent, field for field.
func TestDecodeIntent(t *testing.T) {
	value, err := os.ReadFile("testdata/intent/valid-all-fields.json")
	if err != nil {
		t.Fatal(err)
	}
	got, ignored, err := DecodeIntent(value)
	if err != nil {
		t.Fatal(err)
	}
	want := Intent{
		ID: "i1", Person: "p1", Channel: "call", Purpose: "marketing", Campaign: "c1",
		At: at(t, "2026-05-01T10:00:00Z"), Subject: "balance:acct9", Brand: "north", Engine: "dialer-3",
		NotBefore: at(t, "2026-05-01T09:00:00Z"), NotAfter: at(t, "2026-05-02T10:00:00.5Z"),
		Address: "+4915112345678", Zones: []string{"Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC"},
		Mode: ModePredictive, Priority: 0, Message: "m-77", ReplyTo: "s4", ContainsPromotion: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ignored.Count != 0 {
		t.Errorf("ignored %v", ignored)
	}
}

// "An absent field equals its default ("", manual, false)"; "default 50"; "an
// empty string is an absent field"; and so is a null.
func TestAbsentIsDefault(t *testing.T) {
	want, _, err := DecodeIntent([]byte(leastIntent))
	if err != nil {
		t.Fatal(err)
	}
	if want.Priority != DefaultPriority || want.Mode != "" || want.ContainsPromotion {
		t.Errorf("defaults: %+v", want)
	}
	for _, file := range []string{"valid-nulls-are-absent", "valid-empty-strings-are-absent", "valid-manual-mode-says-nothing"} {
		value, err := os.ReadFile("testdata/intent/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := DecodeIntent(value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-absent +got):\n%s", file, diff)
		}
	}
	call, _, err := DecodeIntent([]byte(strings.Replace(leastIntent, "email", "call", 1)))
	if err != nil || call.Mode != ModeManual {
		t.Errorf("a call without a mode is %q, %v; want manual", call.Mode, err)
	}
}

// "A field that tries to override the governor (override, force, ignore_cap, …)
// is such an unknown field: ignored and counted." Names are case-sensitive, so
// ID is another one; and what is inside of an unknown field is nobody's.
func TestOverrideIsIgnoredAndCounted(t *testing.T) {
	value, err := os.ReadFile("testdata/intent/valid-override-is-ignored.json")
	if err != nil {
		t.Fatal(err)
	}
	got, ignored, err := DecodeIntent(value)
	if err != nil {
		t.Fatal(err)
	}
	plain, _, _ := DecodeIntent([]byte(leastIntent))
	if diff := cmp.Diff(plain, got); diff != "" {
		t.Errorf("the intent changed (-plain +got):\n%s", diff)
	}
	want := Ignored{Count: 5, Names: []string{"override", "force", "ignore_cap", "meta"}}
	if diff := cmp.Diff(want, ignored); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A name may say who the person is: it is counted, not repeated.
func TestOddNamesAreNotRepeated(t *testing.T) {
	_, ignored, err := DecodeIntent([]byte(leastIntent[:len(leastIntent)-1] +
		`,"alice@example.org":1,"+4915112345678":2,"":3,"` + strings.Repeat("x", 41) + `":4}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Ignored{Count: 4, Names: []string{"?", "?", "?", "?"}}); !cmp.Equal(want, ignored) {
		t.Errorf("ignored %v", ignored)
	}
}

// The contract's table of signals: what a type does not have is an unknown
// field, and unknown fields may say anything.
func TestFieldsOfOtherTypesAreIgnored(t *testing.T) {
	value, err := os.ReadFile("testdata/signal/valid-refusal-fields-of-others-are-ignored.json")
	if err != nil {
		t.Fatal(err)
	}
	got, ignored, err := DecodeSignal(value)
	if err != nil {
		t.Fatal(err)
	}
	want := Signal{ID: "s1", Person: "p1", Type: TypeRefusal, At: at(t, "2026-05-01T10:00:00Z")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ignored.Count != 5 {
		t.Errorf("ignored %v, want 5", ignored)
	}
}

// "a later preference replaces its own fields only": so an array that is empty
// takes back what stood there, and one that is absent or null does not.
func TestPreference(t *testing.T) {
	for file, want := range map[string]Signal{
		"valid-preference": {
			Quiet: []Quiet{{Days: []string{"mon", "sun"}, From: 22 * 60, To: 7*60 + 30}, {Days: []string{"sat"}, To: 24 * 60}},
			Zones: []string{"Europe/Oslo"},
			Budget: []Budget{{Channel: "email", Max: 1, Per: 720 * 3600e9},
				{Max: 0, Per: 5400.5e9}},
		},
		"valid-preference-taken-back": {Quiet: []Quiet{}, Zones: []string{}, Budget: []Budget{}},
		"valid-preference-of-one":     {Budget: []Budget{{Max: 2, Per: 24 * 3600e9}}},
	} {
		value, err := os.ReadFile("testdata/signal/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		got, ignored, err := DecodeSignal(value)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Person, want.Type, want.At = "s1", "p1", TypePreference, at(t, "2026-05-01T10:00:00Z")
		if diff := cmp.Diff(want, got); diff != "" { // nil and empty differ here
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		if file == "valid-preference" && !slices.Equal(ignored.Names, []string{"quiet[0].why"}) {
			t.Errorf("ignored %v", ignored)
		}
	}
}

// Every type has its row in the table, in the schema and in the corpus.
func TestEveryTypeOfSignal(t *testing.T) {
	schema, err := Schema("signal.v1")
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range SignalTypes() {
		if !typ.known() || typ == "" {
			t.Errorf("%s is not known", typ)
		}
		if !bytes.Contains(schema, []byte(`"`+typ+`"`)) {
			t.Errorf("%s is not in the schema", typ)
		}
		files, _ := filepath.Glob("testdata/signal/valid-" + strings.ReplaceAll(string(typ), "_", "-") + "*.json")
		if len(files) == 0 {
			t.Errorf("%s has no example", typ)
		}
		may, must := typ.fields()
		if must&^may != 0 || may&signalHead != 0 {
			t.Errorf("%s: the table is odd", typ)
		}
	}
	for _, list := range []string{oneOf(Results()), oneOf(Kinds()), oneOf(Actors()), oneOf(Statuses()), oneOf(Days())} {
		for _, word := range strings.FieldsFunc(strings.ReplaceAll(list, " or ", ", "), func(r rune) bool { return r == ',' || r == ' ' }) {
			if !bytes.Contains(schema, []byte(`"`+word+`"`)) {
				t.Errorf("%s is not in the schema", word)
			}
		}
	}
}

// The two switches of field.go say the same.
func TestFieldNames(t *testing.T) {
	seen := map[string]bool{}
	for f := field(0); f < fieldCount; f++ {
		if name := f.String(); fieldNamed([]byte(name)) != f || seen[name] {
			t.Errorf("field %d is named %q, which is field %d", f, name, fieldNamed([]byte(name)))
		}
		seen[f.String()] = true
	}
	if fieldNamed([]byte("ID")) != noField || fieldNamed(nil) != noField {
		t.Error("names are case-sensitive")
	}
	if fieldCount > 64 {
		t.Error("a fieldSet has room for 64")
	}
}

// "a value over its limit": a record is at most 64 KiB.
func TestRecordSize(t *testing.T) {
	fill := func(n int) []byte {
		head := leastIntent[:len(leastIntent)-1] + `,"x":"`
		return []byte(head + strings.Repeat("x", n-len(head)-2) + `"}`)
	}
	if _, _, err := DecodeIntent(fill(MaxRecord)); err != nil {
		t.Errorf("a record of the limit: %v", err)
	}
	for _, decode := range []func([]byte) error{
		func(b []byte) error { _, _, err := DecodeIntent(b); return err },
		func(b []byte) error { _, _, err := DecodeSignal(b); return err },
	} {
		if err := decode(fill(MaxRecord + 1)); err == nil || err.Error() != "the record has 65537 bytes; the limit is 65536" {
			t.Errorf("a record over the limit: %v", err)
		}
	}
}

// An engine that gets everything wrong hears of eight mistakes.
func TestMistakesAreBounded(t *testing.T) {
	_, _, err := DecodeIntent([]byte(`{"id":1,"person":1,"channel":1,"purpose":1,"campaign":1,"at":1,"subject":1,"brand":1,"engine":1}`))
	var bad *Malformed
	if !errors.As(err, &bad) || len(bad.More) != maxMistakes || bad.Field != "id" {
		t.Errorf("%v", err)
	}
}

// No error may repeat what stood in the record: a refused record can still
// hold somebody's id, address or words.
func TestErrorsRepeatNothing(t *testing.T) {
	const canary = "kanarienvogel"
	values := []string{
		`{"%s":1,"%s":2}`, `{"id":"i1","person":"%s","person":"%s"}`, `"%s`, `{"a":%s}`, `{"person":"%s"}`,
		`{"id":"%[1]s\u0000","person":"%[1]s\u0000","type":"%[1]s","at":"%[1]s","mode":"%[1]s","zones":["%[1]s !"]}`,
		`{"id":"s1","person":"%[1]s","type":"merge","into":"%[1]s","at":"2026-05-01T10:00:00Z"}`,
		`{"id":"s1","person":"p1","type":"preference","at":"%[1]s","quiet":[{"days":["%[1]s"],"from":"%[1]s","to":"%[1]s"}],"budget":[{"max":"%[1]s","per":"%[1]s"}]}`,
		`{"specversion":"%[1]s","id":7,"time":"%[1]s","datacontenttype":"%[1]s","data_base64":"%[1]s!"}`,
		`{"meta":{"%[1]s":1,"%[1]s":1}}`,
	}
	for _, format := range values {
		value := []byte(fmt.Sprintf(format, canary, canary))
		if i := bytes.Index(value, []byte("%!(EXTRA")); i >= 0 {
			value = value[:i]
		}
		_, _, err1 := DecodeIntent(value)
		_, _, err2 := DecodeSignal(value)
		_, err3 := DecodeDecision(value)
		_, err4 := DecodeRevocation(value)
		_, _, err5 := Unwrap([]Header{{"content-type", []byte("application/cloudevents+json")}}, value)
		_, _, err6 := Unwrap([]Header{{"ce_id", []byte(canary)}, {"ce_time", []byte(canary)}, {"ce_type", []byte(canary + "\x00")}, {"content-type", []byte(canary)}}, value)
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if err == nil && i != 4 {
				t.Errorf("decoder %d accepts %s", i, value)
			} else if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("decoder %d repeats: %v", i, err)
			}
		}
	}
}
