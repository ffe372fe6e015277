package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// spec is the document, read once for all tests: it never changes.
var spec = sync.OnceValues(func() (*described, error) {
	d, err := readDocument()
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(string(d.json)))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("openapi.json", tree); err != nil {
		return nil, err
	}
	return &described{tree: tree.(map[string]any), compiler: c, compiled: map[string]*jsonschema.Schema{}}, nil
})

type described struct {
	tree map[string]any

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// schema is the schema at a JSON pointer into the document.
func (d *described) schema(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile("openapi.json#" + pointer)
	if err == nil {
		d.compiled[pointer] = s
	}
	return s, err
}

// at follows a JSON pointer, and references on the way. It says where it got to.
func (d *described) at(pointer string) (map[string]any, string) {
	var node any = d.tree
	path := ""
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		m, ok := node.(map[string]any)
		if !ok {
			return nil, ""
		}
		node = m[strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")]
		path += "/" + name
		if m, ok = node.(map[string]any); ok {
			if ref, ok := m["$ref"].(string); ok {
				node, path = d.at(strings.TrimPrefix(ref, "#"))
			}
		}
	}
	m, _ := node.(map[string]any)
	return m, path
}

func escape(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1") }

// conforms says whether an answer of a route is one that the document describes.
func conforms(r *http.Request, a *answer) error {
	d, err := spec()
	if err != nil {
		return err
	}
	operation, at := d.at("/paths/" + escape(r.Pattern) + "/" + strings.ToLower(r.Method))
	if operation == nil || r.Method == http.MethodHead {
		return nil // no route
	}
	status := fmt.Sprint(a.status)
	responses, _ := operation["responses"].(map[string]any)
	if responses[status] == nil {
		status = status[:1] + "XX"
	}
	response, at := d.at(at + "/responses/" + status)
	if response == nil {
		return fmt.Errorf("there is no answer %d", a.status)
	}
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	content, _ := response["content"].(map[string]any)
	if content[kind] == nil {
		return fmt.Errorf("there is no content %s", kind)
	}
	if a.fields == nil {
		return nil
	}
	s, err := d.schema(at + "/content/" + escape(kind) + "/schema")
	if err != nil {
		return err
	}
	return s.Validate(map[string]any(a.fields))
}

// "OpenAPI 3.1 document, served and tested against the routes": every route is in the
// document, and nothing else is; and it says of each which roles it takes.
func TestTheDocumentHasExactlyTheRoutes(t *testing.T) {
	d, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	paths, _ := d.tree["paths"].(map[string]any)
	described := map[string]bool{}
	for path, item := range paths {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	for _, r := range routes() {
		name := r.method + " " + r.path
		if !described[name] {
			t.Errorf("%s is not in openapi.yaml", name)
			continue
		}
		delete(described, name)
		operation, _ := d.at("/paths/" + escape(r.path) + "/" + strings.ToLower(r.method))
		text, _ := operation["description"].(string)
		want := access.Names(r.roles)
		if got := regexp.MustCompile(`Roles: ([a-z, ]+)\.`).FindStringSubmatch(text); (r.roles == nil) != (got == nil) || got != nil && got[1] != want {
			t.Errorf("%s takes the roles %s, and openapi.yaml says %q", name, want, text)
		}
		if _, open := operation["security"]; open != (r.roles == nil) {
			t.Errorf("%s: openapi.yaml is wrong about whether a token is asked for", name)
		}
	}
	if len(described) > 0 {
		t.Errorf("openapi.yaml has what is not there: %v", slices.Sorted(maps.Keys(described)))
	}
}

// What a reader of OpenAPI needs: every operation has an id of its own, a summary,
// answers; every path's parameter is described; every reference leads somewhere; every
// schema is one of JSON Schema 2020-12, which is what OpenAPI 3.1 takes.
func TestTheDocumentIsInOrder(t *testing.T) {
	d, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := d.tree["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("openapi: %q", v)
	}
	ids, used := map[string]bool{}, map[string]bool{}
	paths := d.tree["paths"].(map[string]any)
	for path := range paths {
		item, at := d.at("/paths/" + escape(path))
		var named []string
		listed, _ := item["parameters"].([]any)
		parameters := slices.Clone(listed)
		for i := range parameters {
			if ref, ok := parameters[i].(map[string]any)["$ref"].(string); ok {
				parameters[i], _ = d.at(strings.TrimPrefix(ref, "#"))
			}
			p := parameters[i].(map[string]any)
			if p["in"] != "path" || p["required"] != true || p["schema"] == nil {
				t.Errorf("%s: parameter %v", path, p)
			}
			named = append(named, p["name"].(string))
		}
		var inPath []string
		for _, found := range regexp.MustCompile(`\{([a-z]+)\}`).FindAllStringSubmatch(path, -1) {
			inPath = append(inPath, found[1])
		}
		if !slices.Equal(named, inPath) {
			t.Errorf("%s: described are %q, there are %q", path, named, inPath)
		}
		for method, value := range item {
			operation, ok := value.(map[string]any)
			if !ok {
				continue
			}
			id, _ := operation["operationId"].(string)
			if id == "" || ids[id] || operation["summary"] == nil || operation["tags"] == nil {
				t.Errorf("%s %s: id %q", method, path, id)
			}
			ids[id] = true
			responses, _ := operation["responses"].(map[string]any)
			if responses["200"] == nil || responses["4XX"] == nil {
				t.Errorf("%s %s: which answers?", method, path)
			}
			for status := range responses {
				response, where := d.at(at + "/" + method + "/responses/" + status)
				if response["description"] == nil {
					t.Errorf("%s %s: %s has no description", method, path, status)
				}
				content, _ := response["content"].(map[string]any)
				for kind := range content {
					if _, err := d.schema(where + "/content/" + escape(kind) + "/schema"); err != nil {
						t.Errorf("%s %s %s: %v", method, path, status, err)
					}
				}
			}
			if body, where := d.at(at + "/" + method + "/requestBody"); body != nil {
				if _, err := d.schema(where + "/content/application~1json/schema"); err != nil {
					t.Errorf("%s %s: %v", method, path, err)
				}
			}
		}
	}
	var walk func(node any)
	walk = func(node any) {
		switch v := node.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if target, _ := d.at(strings.TrimPrefix(ref, "#")); target == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(d.tree)
	components := d.tree["components"].(map[string]any)
	for kind, all := range components {
		for name := range all.(map[string]any) {
			ref := "#/components/" + kind + "/" + name
			if kind != "securitySchemes" && !used[ref] {
				t.Errorf("%s is used nowhere", ref)
			}
			if kind == "schemas" {
				if _, err := d.schema("/components/schemas/" + name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

func TestTheDocumentIsServed(t *testing.T) {
	w := newWorld(t)
	a := w.ask("", http.MethodGet, "/openapi.json", "")
	a.want(t, "JSON", http.StatusOK)
	var tree map[string]any
	if err := json.Unmarshal([]byte(a.text), &tree); err != nil || tree["openapi"] != "3.1.1" {
		t.Errorf("got %v, %v", tree["openapi"], err)
	}
	a = w.ask("", http.MethodGet, "/openapi.yaml", "")
	a.want(t, "YAML", http.StatusOK, "openapi: 3.1.1\n")
}
