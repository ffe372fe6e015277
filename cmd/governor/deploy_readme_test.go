package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// "Every `governor` command in it is executed by a test": those of deploy/README.md that need no Kafka, here; those that
// bring one up and publish, in integration/compose_test.go, which plays every other line.
func TestEveryGovernorCommandOfTheDeployREADME(t *testing.T) {
	text := read(t, "../../deploy/README.md")
	t.Chdir("../..")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	said := make(map[string]string)
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			command, ours := strings.CutPrefix(strings.TrimSpace(line), "go run ./cmd/governor ")
			if !ours {
				continue
			}
			var out, talk bytes.Buffer
			args := strings.Fields(strings.Replace(command, "http://127.0.0.1:8470", s.URL, 1))
			if err := execute(t.Context(), args, strings.NewReader(""), &out, &talk); err != nil {
				t.Errorf("%s: %v\n%s", command, err, &talk)
			}
			said[args[0]] = out.String() + talk.String()
		}
	}
	if len(said) != 2 {
		t.Errorf("%d commands: this test looks in the wrong place", len(said))
	}
	if !strings.Contains(said["check"], "silence") || said["probe"] != "" {
		t.Errorf("check and probe say\n%s\n%s", said["check"], said["probe"])
	}
}
