package registry

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/schemas"
)

// A shape is what a JSON Schema says that a value is, in the order in which the governor
// writes it.
type shape struct {
	kind   string // string, time, bool, int, number, list, record
	about  string
	fields []field // of a record
	items  *shape  // of a list
	schema map[string]any
}

type field struct {
	name     string
	required bool
	shape
}

// messages are the schemas that have a form in Avro and in Protobuf.
func messages() []string {
	out := []string{"intent.v1", "signal.v1"}
	for _, m := range outputs() {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// isOutput says whether the governor writes it.
func isOutput(message string) bool {
	for _, m := range outputs() {
		if m == message {
			return true
		}
	}
	return false
}

// shapeOf reads the JSON Schema of a message.
func shapeOf(t testing.TB, message string) (shape, string) {
	t.Helper()
	text, err := schemas.Schema(message)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	s := reading{t, doc["$defs"]}.shape(doc)
	order := map[string][]string{}
	for _, sample := range full(t, message) {
		keys(t, sample, order)
	}
	sortFields(t, &s, "", order)
	return s, doc["title"].(string)
}

type reading struct {
	t    testing.TB
	defs any
}

func (r reading) shape(schema map[string]any) shape {
	about, _ := schema["description"].(string)
	s := r.bare(schema)
	if about != "" {
		s.about = about
	}
	return s
}

func (r reading) bare(schema map[string]any) shape {
	if to, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(to, "#/$defs/")
		if strings.HasSuffix(name, "time") {
			return shape{kind: "time"}
		}
		return r.shape(r.defs.(map[string]any)[name].(map[string]any))
	}
	if c, ok := schema["const"]; ok {
		if _, yes := c.(bool); yes {
			return shape{kind: "bool"}
		}
		return shape{kind: "string"}
	}
	if schema["enum"] != nil {
		return shape{kind: "string"}
	}
	typ, _ := schema["type"].(string)
	if list, ok := schema["type"].([]any); ok {
		typ = list[0].(string)
	}
	switch typ {
	case "string":
		return shape{kind: "string", schema: schema}
	case "boolean":
		return shape{kind: "bool"}
	case "integer":
		return shape{kind: "int", schema: schema}
	case "number":
		return shape{kind: "number"}
	case "array":
		items := shape{kind: "string"}
		if of, ok := schema["items"].(map[string]any); ok {
			items = r.shape(of)
		}
		return shape{kind: "list", items: &items}
	case "object":
		s := shape{kind: "record"}
		r.properties(&s, schema, schema["required"])
		return s
	}
	r.t.Fatalf("what is %v?", schema)
	return shape{}
}

// properties gathers those of the schema, and of what it says of some records only.
func (r reading) properties(s *shape, schema map[string]any, required any) {
	must, _ := required.([]any)
	given, _ := schema["properties"].(map[string]any)
	for name, of := range given {
		if !slices.ContainsFunc(s.fields, func(f field) bool { return f.name == name }) {
			s.fields = append(s.fields, field{name, slices.Contains(must, any(name)), r.shape(of.(map[string]any))})
		}
	}
	all, _ := schema["allOf"].([]any)
	for _, one := range all {
		if then, ok := one.(map[string]any)["then"].(map[string]any); ok {
			r.properties(s, then, nil)
		}
	}
}

// keys notes in which order the names of objects come, by the path to them.
func keys(t testing.TB, sample []byte, order map[string][]string) {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(sample))
	var value func(path string)
	value = func(path string) {
		token, err := d.ReadToken()
		if err != nil {
			t.Fatalf("%v\n%s", err, sample)
		}
		switch token.Kind() {
		case '{':
			after := 0
			for d.PeekKind() != '}' {
				name, err := d.ReadToken()
				if err != nil {
					t.Fatal(err)
				}
				key := name.String()
				if at := slices.Index(order[path], key); at >= 0 {
					after = at + 1
				} else {
					order[path] = slices.Insert(order[path], after, key)
					after++
				}
				value(path + "." + key)
			}
			_, _ = d.ReadToken()
		case '[':
			for d.PeekKind() != ']' {
				value(path)
			}
			_, _ = d.ReadToken()
		}
	}
	value("")
}

func sortFields(t testing.TB, s *shape, path string, order map[string][]string) {
	t.Helper()
	if s.items != nil {
		sortFields(t, s.items, path, order)
	}
	slices.SortFunc(s.fields, func(a, b field) int {
		x, y := slices.Index(order[path], a.name), slices.Index(order[path], b.name)
		if x < 0 || y < 0 {
			t.Fatalf("no sample has both %s.%s and %s.%s: add it to full", path, a.name, path, b.name)
		}
		return x - y
	})
	for i := range s.fields {
		sortFields(t, &s.fields[i].shape, path+"."+s.fields[i].name, order)
	}
}

func instant(n int) schemas.Time {
	return schemas.TimeOf(time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * 1001 * time.Millisecond))
}

// full are records of a message that have every field there is between them, as they
// are written.
func full(t testing.TB, message string) [][]byte {
	t.Helper()
	objections := []schemas.Objection{{Rule: "quiet", Reason: "quiet.hours", Detail: "until 09:00 “there”", Earliest: instant(3), Line: "p.yaml:3:1", Cites: "§ 1"}, {Rule: "b", Reason: "c"}}
	decision := schemas.Decision{
		ID: "d1", Intent: "i1", Person: "ann", Channel: "call", Purpose: "survey", Campaign: "c", Subject: "s", Brand: "b", Engine: "e",
		Shadow: objections, Evidence: []schemas.Evidence{{Rule: "r", Used: 1, Limit: 3, Waived: true, Shadow: true}, {Rule: "s"}},
		Decided: instant(1), Policy: "sha256:0f", Signals: 1<<53 + 1,
	}
	switch message {
	case "intent.v1":
		return [][]byte{schemas.Intent{
			ID: "i1", Person: "ann", Channel: "call", Purpose: "p", Campaign: "c", At: instant(0), Subject: "s", Brand: "b", Engine: "e",
			NotBefore: instant(1), NotAfter: instant(2), Address: "a", Zones: []string{"Europe/Berlin", "UTC"}, Mode: "preview", Priority: 0,
			Message: "m", ReplyTo: "r", ContainsPromotion: true,
		}.AppendJSON(nil)}
	case "signal.v1":
		return [][]byte{schemas.Signal{
			ID: "s1", Person: "ann", Type: "refusal", At: instant(0), Channel: "c", Purpose: "p", Subject: "s", Brand: "b", Address: "a",
			Source: "settings", Evidence: "e", Text: "t", Auto: true, Intent: "i", Decision: "d", Result: "sent", Kind: "open", Actor: "human",
			Campaign: "c", Quiet: []schemas.Quiet{{Days: []string{"mon", "tue"}, From: 60, To: 1440}}, Zones: []string{"UTC"},
			Budget: []schemas.Budget{{Channel: "email", Max: 2, Per: time.Hour}}, Value: "v", Status: "removed", Into: "bob", Worker: "w",
		}.AppendJSON(nil)}
	case "approved.v1":
		d := decision
		d.Verdict, d.NotAfter, d.Items = schemas.Approved, instant(9), []string{"i1", "i2"}
		d.Leave = &schemas.Leave{URL: "https://x/y", Unsubscribe: "<https://x/y>", UnsubscribePost: "List-Unsubscribe=One-Click"}
		return [][]byte{d.AppendJSON(nil)}
	case "vetoed.v1":
		d := decision
		d.Verdict, d.Reason, d.Reasons, d.Earliest, d.Original = schemas.Vetoed, "quiet.hours", objections, instant(3), "d0"
		return [][]byte{d.AppendJSON(nil)}
	case "revoked.v1":
		return [][]byte{schemas.Revocation{ID: "r", Decision: "d", Intent: "i", Person: "ann", Reason: "refused.state", Signal: "s", Revoked: instant(4)}.AppendJSON(nil)}
	case "redeemed.v1":
		return [][]byte{schemas.Redemption{ID: "s", Intent: "i", Decision: "d", Person: "ann", Worker: "w", OK: true, NotAfter: instant(3), Again: true, Answered: instant(1)}.AppendJSON(nil)}
	case "leaked.v1":
		return [][]byte{schemas.Leak{ID: "l", Decision: "d", Intent: "i", Person: "ann", Reason: "refused.state", Signal: "s", Redeemed: instant(1), Refused: instant(1) + 1500}.AppendJSON(nil)}
	case "veto-rates.v1":
		return [][]byte{[]byte(`{"minute":"2026-05-04T08:05:00.000Z","partition":3,"campaign":"c","channel":"email","purpose":"p","engine":"","verdict":"vetoed","reason":"silence","count":12}`)}
	case "standing.v1":
		return [][]byte{[]byte(fullStanding), []byte(`{"person":"\u001e0a1b","erased":"2026-05-04T08:00:00.000Z","sealed":"AAEC"}`)}
	}
	t.Fatalf("what is a %s?", message)
	return nil
}

// fullStanding has everything that can stand for a person; package state reads it and
// writes the same.
const fullStanding = `{"person":"ann","merged":[{"record":"bob","into":"ann","at":"2026-05-04T08:00:00.000Z"}],` +
	`"refusals":[{"kind":"refusal","channel":"email","purpose":"marketing","subject":"s","brand":"b","address":"a@x","at":"2026-05-04T08:00:00.001Z","signal":"s1","erased":true,"record":"bob"},{"kind":"complaint","at":"2026-05-04T08:00:00.000Z"}],` +
	`"consents":[{"channel":"email","purpose":"marketing","subject":"s","brand":"b","address":"a@x","at":"2026-05-04T08:00:00.000Z","effective":false,"evidence":"e","signal":"s2","record":"bob"}],` +
	`"silent_since":"2026-05-04T08:00:00.000Z","human_act":"2026-05-04T08:00:00.000Z","abandoned":"2026-05-04T08:00:00.000Z","opt_out":"2026-05-04T08:00:00.000Z","erased":"2026-05-04T08:00:00.000Z",` +
	`"cases":[{"subject":"s","brand":"b","at":"2026-05-04T08:00:00.000Z","open":true}],"addresses":[{"address":"a","at":"2026-05-04T08:00:00.000Z","reassigned":false}],` +
	`"talks":[{"channel":"call","subject":"s","at":"2026-05-04T08:00:00.000Z"}],"zones":["Europe/Berlin"],"zones_at":"2026-05-04T08:00:00.000Z",` +
	`"quiet":[{"days":["mon"],"from":"1h0m0s","to":"24h0m0s"}],"quiet_at":"2026-05-04T08:00:00.000Z","budget":[{"channel":"email","max":0,"per":"720h0m0s"}],"budget_at":"2026-05-04T08:00:00.000Z",` +
	`"heard":[{"signal":"00112233445566778899aabbccddeeff","at":"2026-05-04T08:00:00.000Z"}]}`
