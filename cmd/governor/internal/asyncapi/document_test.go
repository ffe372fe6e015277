package asyncapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

func document(t *testing.T, o Options) *Document {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The document as whoever reads it sees it.
func read(t *testing.T, o Options) map[string]any {
	t.Helper()
	b, err := document(t, o).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// at walks down a tree by names.
func at(t *testing.T, tree any, path ...string) any {
	t.Helper()
	for _, name := range path {
		m, ok := tree.(map[string]any)
		if !ok || m[name] == nil {
			t.Fatalf("there is no %s in %v", name, path)
		}
		tree = m[name]
	}
	return tree
}

// AsyncAPI's own JSON schema of version 3.0.0 accepts the document, in both forms.
// (testdata/README.md says where it is from.)
func TestTheDocumentIsAsyncAPI(t *testing.T) {
	f, err := os.Open("testdata/asyncapi-3.0.0.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("asyncapi.json", judge); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := document(t, Options{Version: "1"}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := document(t, Options{Version: "1"}).YAML()
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML any
	if err := yaml.Unmarshal(asYAML, &fromYAML); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"json": asJSON, "yaml": again} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var both [2]any
	if err := json.Unmarshal(asJSON, &both[0]); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &both[1]); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(both[0], both[1]) {
		t.Error("YAML and JSON say different things")
	}
}

// Every reference leads somewhere.
func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	tree := read(t, Options{})
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			if to, is := n["$ref"].(string); is {
				at(t, tree, strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
			}
			for _, v := range n {
				walk(v)
			}
		case []any:
			for _, v := range n {
				walk(v)
			}
		}
	}
	walk(tree)
}

// constants lists the string constants of a folder whose names or values fit.
func constants(t *testing.T, folder string, fit func(name, value string) bool) (values []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for i, v := range spec.Values {
					lit, ok := v.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						continue
					}
					value, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					if fit(spec.Names[i].Name, value) {
						values = append(values, value)
					}
				}
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

const root = "../../../../"

// Every topic that the governor has a constant for is a channel, and every channel is
// one of them.
func TestEveryTopicIsThere(t *testing.T) {
	want := constants(t, root+"consumer/governor", func(_, value string) bool {
		return strings.HasPrefix(value, "contact.") && !strings.HasSuffix(value, ".v1")
	})
	want = append(want, app.Audit)
	slices.Sort(want)
	var got []string
	for _, c := range at(t, read(t, Options{Prefix: "staging."}), "channels").(map[string]any) {
		name, prefixed := strings.CutPrefix(at(t, c, "address").(string), "staging.")
		if !prefixed || at(t, c, "bindings", "kafka", "topic") != "staging."+name {
			t.Errorf("%s is without its prefix", name)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the document has the topics\n%q\nthe governor\n%q: mend topics.go", got, want)
	}
}

// Every schema is a component and, but for what replay alone answers with, the payload
// or the headers of a message; and a message has no other payload than a schema, or
// one of the two that are made here.
func TestEverySchemaIsThere(t *testing.T) {
	tree := read(t, Options{})
	used := map[string]bool{"redeem-answer.v1": true}
	for _, topic := range topics() {
		for _, m := range topic.messages {
			used[m.schema] = true
			at(t, tree, "components", "schemas", m.schema)
			at(t, tree, "components", "messages", m.name)
		}
	}
	want := append(schemas.Names(), told, audit)
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, want) {
		t.Errorf("messages have the schemas\n%q\nthere are\n%q: mend topics.go", got, want)
	}
}

// Every header constant is described, and every header that is described is one.
func TestEveryHeaderIsThere(t *testing.T) {
	want := constants(t, root+"consumer", func(name, _ string) bool { return strings.HasPrefix(name, "Header") })
	for _, h := range schemas.CEHeaders(schemas.EventIntent, "/", "1", "") {
		want = append(want, h.Key)
	}
	want = append(want, traceParent, traceState)
	slices.Sort(want)
	want = slices.Compact(want)
	var got []string
	for _, h := range headers() {
		got = append(got, h.name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the document has the headers\n%q\nthe governor\n%q: mend headers.go", got, want)
	}
	named := map[string]bool{}
	for _, topic := range topics() {
		for _, m := range topic.messages {
			for _, h := range m.headers {
				if !slices.Contains(got, h) {
					t.Errorf("%s has a header %s, which headers() does not describe", m.name, h)
				}
				named[h] = true
			}
		}
	}
	for _, h := range headers() {
		if !h.event && !h.everywhere && !named[h.name] {
			t.Errorf("no message has the header %s", h.name)
		}
	}
	errs := constants(t, root+"schemas", func(_, value string) bool { return strings.HasPrefix(value, "__connect.errors.") })
	properties := at(t, read(t, Options{}), "components", "schemas", "deadletter.v1", "properties").(map[string]any)
	if got := slices.Sorted(maps.Keys(properties)); !slices.Equal(got, errs) {
		t.Errorf("a dead letter has the headers\n%q\nthere are\n%q", got, errs)
	}
}

// compile makes a judge of a part of the document itself.
func compile(t *testing.T, part string) *jsonschema.Schema {
	t.Helper()
	b, err := document(t, Options{}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7) // as AsyncAPI has it
	if err := c.AddResource("file:///document.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///document.json#/" + part)
	if err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	return s
}

// The examples are what the document says that messages are, headers too, and the
// governor reads them.
func TestExamples(t *testing.T) {
	types := map[string]bool{}
	for _, topic := range topics() {
		for _, m := range topic.messages {
			judge := compile(t, "components/messages/"+m.name+"/headers")
			given, err := examples(m.name)
			if err != nil {
				t.Fatal(err)
			}
			if len(given) == 0 {
				t.Errorf("%s has no example", m.name)
			}
			for _, e := range given {
				if m.schema != deadLetterSchema {
					agree(t, compile(t, "components/schemas/"+m.schema), e.payload)
				}
				if h := exampleHeaders(&m, e.id); h != nil {
					if err := judge.Validate(h); err != nil {
						t.Errorf("headers of %s: %v", m.name, err)
					}
				}
				if err := decode(m.name, e.payload, types); err != nil {
					t.Errorf("%s, %s: %v\n%s", m.name, e.name, err, e.payload)
				}
			}
		}
	}
	for _, typ := range schemas.SignalTypes() {
		if !types[string(typ)] {
			t.Errorf("there is no example of a %s", typ)
		}
	}
}

func agree(t *testing.T, judge *jsonschema.Schema, payload []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	if err := judge.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, payload)
	}
}

// decode reads an example as the governor does, strictly.
func decode(message string, b []byte, types map[string]bool) (err error) {
	var ignored schemas.Ignored
	switch message {
	case "intent":
		_, ignored, err = schemas.DecodeIntent(b)
	case "signal":
		var s schemas.Signal
		s, ignored, err = schemas.DecodeSignal(b)
		types[string(s.Type)] = true
	case "told":
		_, _, err = schemas.DecodeTold(b)
	case "approved", "vetoed":
		_, err = schemas.DecodeDecision(b)
	case "revoked":
		_, err = schemas.DecodeRevocation(b)
	case "redeemed":
		_, err = schemas.DecodeRedemption(b)
	case "leaked":
		_, _, err = schemas.DecodeLeak(b)
	case "standing":
		var p state.Person
		err = state.DecodeStanding(b, &p, nil)
	case "veto-rate":
		_, err = schemas.DecodeVetoRate(b)
	case "deadletter":
		if _, _, bad := schemas.DecodeIntent(b); bad == nil {
			return io.ErrUnexpectedEOF // it is no dead letter
		}
	case "audit":
		err = json.Unmarshal(b, &api.AuditRecord{})
	default:
		return io.EOF
	}
	if err == nil && ignored.Count > 0 {
		return io.ErrNoProgress
	}
	return err
}

// The audit's schema is of the audit's record.
func TestAuditSchema(t *testing.T) {
	var want []string
	typ := reflect.TypeFor[api.AuditRecord]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		want = append(want, name)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(auditSchema()["properties"].(map[string]any))); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Nothing but what draft 7 has is used, since that is what AsyncAPI's tools read.
func TestPayloadsAreOfDraft7(t *testing.T) {
	for name, schema := range at(t, read(t, Options{}), "components", "schemas").(map[string]any) {
		var walk func(node any)
		walk = func(node any) {
			switch n := node.(type) {
			case map[string]any:
				for key, v := range n {
					if slices.Contains([]string{"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "dependentSchemas", "$anchor"}, key) {
						t.Errorf("%s has %s, which draft 7 does not know: say it otherwise", name, key)
					}
					walk(v)
				}
				if n["$ref"] != nil && len(n) > 1 {
					t.Errorf("%s has something beside a $ref, which draft 7 reads over: %v", name, n)
				}
			case []any:
				for _, v := range n {
					walk(v)
				}
			}
		}
		walk(schema)
	}
}
