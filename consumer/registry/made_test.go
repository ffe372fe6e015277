package registry

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Only commit rewritten ones if you understand what changed them: a field may be added,
// and none may go or change.
var rewrite = flag.Bool("rewrite", false, "make the Avro and Protobuf schemas anew from the JSON Schemas")

// The Avro and Protobuf schemas say what the JSON Schemas do, every field of them.
func TestSchemasAreMadeOfTheJSONSchemas(t *testing.T) {
	for _, message := range messages() {
		s, title := shapeOf(t, message)
		if isOutput(message) {
			s.fields = append(s.fields, field{wholeField, false, shape{kind: "string",
				about: "The whole record as JSON, where the other fields have no words for all of it; then they say only whom it is about. Absent otherwise."}})
		}
		compare(t, "schemas/"+message+".avsc", func(string) string { return avroText(t, title, &s) })
		compare(t, "schemas/"+message+".proto", func(before string) string { return protoText(title, message, &s, before) })
	}
}

func compare(t *testing.T, file string, make func(before string) string) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil && !*rewrite {
		t.Fatal(err)
	}
	made := make(string(before))
	if *rewrite {
		if err := os.WriteFile(file, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), made); diff != "" {
		t.Errorf("%s is not what the JSON Schema says; make it anew with go test ./consumer/registry -run Made -rewrite, and look at the difference (-there +made):\n%s", file, diff)
	}
}

// The standing by which the fields are put in order is one that package state writes.
func TestTheFullStandingIsOne(t *testing.T) {
	var p state.Person
	if err := state.DecodeStanding([]byte(fullStanding), &p, &zones.Finder{}); err != nil {
		t.Fatal(err)
	}
	again, err := state.EncodeStanding("ann", &p)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(fullStanding, `"silent_since":"2026-05-04T08:00:00.000Z",`, "", 1) // that follows from contacts
	if diff := cmp.Diff(want, string(again)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// full has every field of every schema.
func TestFullIsFull(t *testing.T) {
	for _, message := range messages() {
		s, _ := shapeOf(t, message)
		order := map[string][]string{}
		for _, sample := range full(t, message) {
			keys(t, sample, order)
		}
		var walk func(s *shape, path string)
		walk = func(s *shape, path string) {
			if s.items != nil {
				walk(s.items, path)
			}
			if s.kind == "record" && len(s.fields) != len(order[path]) {
				t.Errorf("%s%s: %d fields in the schema, %d in the samples: %v", message, path, len(s.fields), len(order[path]), order[path])
			}
			for i := range s.fields {
				walk(&s.fields[i].shape, path+"."+s.fields[i].name)
			}
		}
		walk(&s, "")
	}
	if _, err := schemas.Schema("intent.v1"); err != nil {
		t.Fatal(err)
	}
}

// title is a field's name as part of a type's.
func typeName(parent, name string) string {
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '_' || c == '-' }) {
		parent += strings.ToUpper(part[:1]) + part[1:]
	}
	return parent
}

func plainName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// Avro.

type avroRecord struct {
	Type      string      `json:"type"`
	Name      string      `json:"name"`
	Namespace string      `json:"namespace,omitempty"`
	Doc       string      `json:"doc,omitempty"`
	Fields    []avroField `json:"fields"`
}

type avroField struct {
	Name     string `json:"name"`
	Type     any    `json:"type"`
	Default  any    `json:"default"`
	Doc      string `json:"doc,omitempty"`
	JSONName string `json:"json_name,omitempty"`
}

func avroText(t testing.TB, title string, s *shape) string {
	t.Helper()
	r := avroRecordOf(title, s)
	r.Namespace = ours
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func avroRecordOf(name string, s *shape) *avroRecord {
	r := &avroRecord{Type: "record", Name: name, Doc: s.about}
	for i := range s.fields {
		f := &s.fields[i]
		typ, zero := avroType(typeName(name, f.name), &f.shape)
		made := avroField{Name: plainName(f.name), Type: typ, Default: zero, Doc: f.about}
		if f.shape.kind == "record" {
			made.Doc = ""
		}
		if made.Name != f.name {
			made.JSONName = f.name
		}
		if !f.required || zero == nil {
			made.Type, made.Default = []any{"null", typ}, nil
		}
		r.Fields = append(r.Fields, made)
	}
	return r
}

// avroType is the type, and what a field of it is where nothing is said; nil: null.
func avroType(name string, s *shape) (typ, zero any) {
	switch s.kind {
	case "string":
		return "string", ""
	case "time":
		return map[string]any{"type": "long", "logicalType": "timestamp-millis"}, 0
	case "bool":
		return "boolean", false
	case "int":
		return "long", 0
	case "number":
		return "double", 0
	case "list":
		items, _ := avroType(name, s.items)
		return map[string]any{"type": "array", "items": items}, []any{}
	}
	return avroRecordOf(name, s), nil
}

// Protobuf.

// mayBeEmpty lists arrays of which it matters whether they are empty or not there.
func mayBeEmpty(message, name string) bool {
	switch message {
	case "approved.v1":
		return name == "reasons"
	case "signal.v1":
		return name == "quiet" || name == "zones" || name == "budget"
	}
	return false
}

type protoFile struct {
	message string
	numbers map[string]map[string]int // of the file before, which stay: by message and field
	out     []string
}

var (
	protoMessage = regexp.MustCompile(`(?s)message (\w+) \{\n(.*?)\n\}`)
	protoField   = regexp.MustCompile(`(?m)(\w+) = (\d+)[; ]`)
)

func protoText(title, message string, s *shape, before string) string {
	p := &protoFile{message: message, numbers: map[string]map[string]int{}}
	for _, m := range protoMessage.FindAllStringSubmatch(before, -1) {
		p.numbers[m[1]] = map[string]int{}
		for _, f := range protoField.FindAllStringSubmatch(m[2], -1) {
			n, _ := strconv.Atoi(f[2])
			p.numbers[m[1]][f[1]] = n
		}
	}
	p.add(title, s, true)
	return "// " + s.about + "\nsyntax = \"proto3\";\n\npackage " + ours + ";\n\nimport \"google/protobuf/timestamp.proto\";\n" + strings.Join(p.out, "")
}

func (p *protoFile) add(name string, s *shape, top bool) {
	var b strings.Builder
	at := len(p.out)
	p.out = append(p.out, "")
	fmt.Fprintf(&b, "\nmessage %s {\n", name)
	used := p.numbers[name]
	next := 1
	for _, n := range used {
		next = max(next, n+1)
	}
	for i := range s.fields {
		f := &s.fields[i]
		field := plainName(f.name)
		number, known := used[field]
		if !known {
			number = next
			next++
		}
		of := p.typeOf(typeName(name, f.name), &f.shape, top && mayBeEmpty(p.message, f.name))
		more := ""
		if field != f.name {
			more = fmt.Sprintf(" [json_name = %q]", f.name)
		}
		if f.about != "" && f.shape.kind != "record" {
			fmt.Fprintf(&b, "  // %s\n", f.about)
		}
		fmt.Fprintf(&b, "  %s %s = %d%s;\n", of, field, number, more)
	}
	b.WriteString("}\n")
	p.out[at] = b.String()
}

func (p *protoFile) typeOf(name string, s *shape, mayBeEmpty bool) string {
	switch s.kind {
	case "string":
		return "optional string"
	case "time":
		return "google.protobuf.Timestamp"
	case "bool":
		return "optional bool"
	case "int":
		return "optional int64"
	case "number":
		return "optional double"
	case "record":
		p.add(name, s, false)
		return name
	}
	of := strings.TrimPrefix(p.typeOf(name, s.items, false), "optional ")
	if mayBeEmpty {
		p.out = append(p.out, fmt.Sprintf("\n// An array that may be empty.\nmessage %sList {\n  repeated %s list = 1;\n}\n", name, of))
		return name + "List"
	}
	return "repeated " + of
}

// The names of Protobuf fields keep their numbers, whatever is added before them.
func TestNumbersStay(t *testing.T) {
	s := shape{kind: "record", fields: []field{{"a", true, shape{kind: "string"}}, {"c", true, shape{kind: "int"}}}}
	first := protoText("M", "m", &s, "")
	s.fields = slices.Insert(s.fields, 1, field{"b", false, shape{kind: "bool"}})
	second := protoText("M", "m", &s, first)
	for _, want := range []string{"a = 1;", "b = 3;", "c = 2;"} {
		if !strings.Contains(second, want) {
			t.Errorf("no %q in\n%s", want, second)
		}
	}
}
