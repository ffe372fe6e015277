package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// "Fails when CPU per million intents grows by more than a quarter against the figure kept with it, measured as a ratio to
// copy in the same run."
func TestAFigureIsHeldToTheOneThatWasKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kept.json")
	pairs := func(governor ...float64) *Results {
		var runs []Run
		for _, used := range governor {
			runs = append(runs, Run{Subject: "governor", N: 1000, OwnCPU: used}, Run{Subject: builtIn, N: 1000, OwnCPU: 2})
		}
		return &Results{Sections: map[string]Section{"peers": {Runs: runs}}}
	}
	if _, err := (&Results{}).Figure(); err == nil || !strings.Contains(err.Error(), "measure the scenario peers") {
		t.Errorf("%v", err)
	}
	kept, err := pairs(9, 4, 5).Figure() // the best of three
	if err != nil || kept.Ratio != 2 || kept.Pairs != 3 || kept.Intents != 1000 {
		t.Fatalf("%+v, %v", kept, err)
	}
	if _, err := kept.Hold(file, 1.25); err == nil || !strings.Contains(err.Error(), "--keep FILE makes one") {
		t.Errorf("%v", err)
	}
	if err := kept.Keep(file); err != nil {
		t.Fatal(err)
	}
	for used, well := range map[float64]bool{1: true, 4.9: true, 5: true, 5.1: false} {
		k, err := pairs(used, 100).Figure()
		if err != nil {
			t.Fatal(err)
		}
		if was, err := k.Hold(file, 1.25); (err == nil) != well || was.Ratio != 2 || !well && !strings.Contains(err.Error(), "keep the new figure with --keep") {
			t.Errorf("%v: %v", used, err)
		}
	}
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Hold(file, 1.25); err == nil || !strings.Contains(err.Error(), "has no figure") {
		t.Errorf("%v", err)
	}
}
