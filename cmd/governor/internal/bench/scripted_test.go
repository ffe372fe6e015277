package bench

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// "Commands outside scripts per intent": those are told from the others by their names, so the scripts must give no
// command that is not on the list, and nobody else one that is.
func TestWhatScriptsGiveIsKnown(t *testing.T) {
	scripts, err := filepath.Glob("../../../../state/redisstate/lua/*.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	given := regexp.MustCompile(`(?:call|command|pcall)\(\s*['"]([A-Z]+)['"]`)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range given.FindAllStringSubmatch(string(text), -1) {
			name := strings.ToLower(command[1])
			if !slices.Contains(scripted(), name) {
				t.Errorf("%s gives %s, which is counted as given outside of scripts: put it on the list", script, command[1])
			}
		}
	}
	if slices.Contains(scripted(), "mget") {
		t.Error("people are loaded by MGET, outside of scripts")
	}
}
