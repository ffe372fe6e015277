package deploy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Only commit what -update wrote if you understand what caused it.
var update = flag.Bool("update", false, "write the keys of governor.example.yaml into the chart's schema")

const schemaFile = "helm/governor/values.schema.json"

// "Schema-checked values": a key of the configuration that the governor does not know is refused before anything is
// installed. Where it listens is the chart's, not the values'.
func TestTheChartKnowsTheKeysOfTheConfiguration(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(read(t, schemaFile)), &schema); err != nil {
		t.Fatal(err)
	}
	properties := schema["properties"].(map[string]any)
	var example yaml.Node
	if err := yaml.Unmarshal([]byte(read(t, "governor.example.yaml")), &example); err != nil {
		t.Fatal(err)
	}
	want := schemaOf(example.Content[0])
	keys := want["properties"].(map[string]any)
	delete(keys, "http")
	delete(keys["api"].(map[string]any)["properties"].(map[string]any), "listen")
	if *update {
		properties["config"] = want
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(schema); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(schemaFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Compared as JSON: here a number is an int, there a float.
	text := func(v any) string {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if diff := cmp.Diff(text(want), text(properties["config"])); diff != "" {
		t.Errorf("go test ./deploy -run Chart -update writes the keys of governor.example.yaml into the chart's schema (-example +schema):\n%s", diff)
	}
}

// schemaOf is the JSON Schema of what an example is one of. What a value may be is the governor's to say, with a reason;
// the schema knows keys and kinds.
func schemaOf(n *yaml.Node) map[string]any {
	switch {
	case n.Kind == yaml.MappingNode:
		properties := make(map[string]any)
		for i := 0; i < len(n.Content); i += 2 {
			properties[n.Content[i].Value] = schemaOf(n.Content[i+1])
		}
		return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		return map[string]any{"type": "array", "items": schemaOf(n.Content[0])}
	case n.Kind == yaml.SequenceNode:
		return map[string]any{"type": "array"}
	}
	switch n.ShortTag() {
	case "!!int":
		return map[string]any{"type": "integer"}
	case "!!float":
		return map[string]any{"type": "number"}
	case "!!bool":
		return map[string]any{"type": "boolean"}
	}
	return map[string]any{"type": "string"}
}

// Every object of the schema names its keys, but for those that Kubernetes knows and the chart hands on.
func TestTheSchemaOfTheChartIsStrict(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(read(t, schemaFile)), &schema); err != nil {
		t.Fatal(err)
	}
	handedOn := []string{"annotations", "labels", "podLabels", "podAnnotations", "nodeSelector", "affinity", "resources", "policies"}
	var look func(path string, name string, s map[string]any)
	look = func(path, name string, s map[string]any) {
		if s["type"] == "object" && s["additionalProperties"] != false && !slices.Contains(handedOn, name) {
			t.Errorf("%s takes keys that nobody knows", path)
		}
		properties, _ := s["properties"].(map[string]any)
		for key, inner := range properties {
			look(path+"."+key, key, inner.(map[string]any))
		}
	}
	look("values", "", schema)

	// And every value that the chart has is one that the schema knows: it would refuse its own otherwise.
	var values map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "helm/governor/values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	for key := range schema["properties"].(map[string]any) {
		if _, there := values[key]; !there {
			t.Errorf("values.yaml does not have %s, and does not say what it is", key)
		}
	}
}
