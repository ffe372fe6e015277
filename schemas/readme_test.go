package schemas

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The tables of the README have every field of every schema.
func TestReadmeNamesEveryField(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		schema, err := Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "("+name+schemaSuffix+")") {
			t.Errorf("%s is not in the README", name)
		}
		var doc any
		if err := json.Unmarshal(schema, &doc); err != nil {
			t.Fatal(err)
		}
		for field := range properties(doc) {
			if short := strings.TrimPrefix(field, "__connect.errors."); !strings.Contains(string(text), "`"+short+"`") {
				t.Errorf("%s: the README does not name %s", name, field)
			}
		}
	}
}

// properties gathers the names below every "properties" of a schema.
func properties(doc any) map[string]bool {
	found := map[string]bool{}
	switch v := doc.(type) {
	case []any:
		for _, e := range v {
			for name := range properties(e) {
				found[name] = true
			}
		}
	case map[string]any:
		for key, e := range v {
			if fields, ok := e.(map[string]any); ok && key == "properties" {
				for name := range fields {
					found[name] = true
				}
			}
			for name := range properties(e) {
				found[name] = true
			}
		}
	}
	return found
}
