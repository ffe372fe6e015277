package house

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whoever opens the devcontainer has the Go of go.mod, an engine for the integration tests, and nobody's secrets.
func TestTheDevcontainerHasWhatTheModuleNeeds(t *testing.T) {
	var container struct {
		Image    string
		Features map[string]struct{ Version string }
	}
	text := read(t, ".devcontainer/devcontainer.json")
	// JSON with comments, each on a line of its own.
	plain := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(text, "")
	if err := json.Unmarshal([]byte(plain), &container); err != nil {
		t.Fatalf(".devcontainer/devcontainer.json: %v", err)
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.mod"))
	if version == nil {
		t.Fatal("go.mod names no version of Go")
	}
	engine, language := false, ""
	for name, feature := range container.Features {
		engine = engine || strings.Contains(name, "/docker-in-docker:")
		if strings.Contains(name, "/features/go:") {
			language = feature.Version
		}
	}
	if language != version[1] {
		t.Errorf("the devcontainer has Go %q, go.mod wants %s", language, version[1])
	}
	if !engine || container.Image == "" {
		t.Error("the devcontainer has no image, or no Docker engine: .ci/services could not start one in it")
	}
	for _, secret := range []string{"secrets", "remoteEnv", "localEnv:", "password", "token"} {
		if strings.Contains(strings.ToLower(plain), strings.ToLower(secret)) {
			t.Errorf("the devcontainer speaks of %s: it needs no secret, and takes none from the host", secret)
		}
	}
}

// read is a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
