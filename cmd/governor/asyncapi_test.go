package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// "Every README command is a script test": those of schemas/README.md print a document.
func TestTheCommandsOfTheSchemasReadme(t *testing.T) {
	text, err := os.ReadFile("../../schemas/README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for line := range strings.Lines(string(text)) {
		command, is := strings.CutPrefix(strings.TrimSpace(line), "governor ")
		if !is || !strings.HasPrefix(line, "    ") {
			continue
		}
		commands++
		command, _, _ = strings.Cut(command, " > ")
		var out, talk strings.Builder
		if err := execute(t.Context(), strings.Fields(command), strings.NewReader(""), &out, &talk); err != nil || talk.Len() > 0 {
			t.Fatalf("%s: %v\n%s", command, err, &talk)
		}
		var document map[string]any
		read := yaml.Unmarshal
		if strings.Contains(command, "json") {
			read = json.Unmarshal
		}
		if err := read([]byte(out.String()), &document); err != nil || document["asyncapi"] != "3.0.0" {
			t.Errorf("%s: %v\n%.200s", command, err, out.String())
		}
		if prefixed := strings.Contains(out.String(), "staging.contact.intents"); prefixed != strings.Contains(command, "--prefix") {
			t.Errorf("%s: %v", command, prefixed)
		}
	}
	if commands != 2 {
		t.Errorf("it has %d commands", commands)
	}
}

func TestAsyncapiUsage(t *testing.T) {
	err := execute(t.Context(), []string{"asyncapi", "-o", "xml"}, strings.NewReader(""), new(strings.Builder), new(strings.Builder))
	if status(err) != 2 || !strings.Contains(err.Error(), "write yaml or json") {
		t.Errorf("%v", err)
	}
}
