package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every command that the READMEs of the rules type is typed, on the day that the repository has, beside a policy and scenarios
// of one's own, and ends well.
func TestWhatTheREADMEsOfTheRulesTypeWorks(t *testing.T) {
	day, err := filepath.Abs("../../deploy/day.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, readme := range []string{"../../rules/README.md", "../../rules/packs/README.md"} {
		b, err := os.ReadFile(readme)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, b...)
	}
	corpus, err := os.ReadFile("../../rules/scenario/corpus/cases/a-refusals.scenario")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile("../../rules/packs/no-means-no.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("policies", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "ours.yaml", strings.Replace(string(ours), "policy: no-means-no", "policy: ours", 1))
	write(t, "ours.scenario", string(corpus))
	write(t, "policies/ours.scenario", string(corpus))

	ran := 0
	for line := range strings.Lines(string(text)) {
		command, is := strings.CutPrefix(line, "    governor ")
		if !is {
			continue
		}
		ran++
		command, _, _ = strings.Cut(strings.TrimSpace(command), "  ") // behind it stands what it is for
		args := strings.Fields(command)
		if args[0] == "replay" {
			args = append(args, "--events", day)
		}
		if out, talk, exit := typed(t, args...); exit != 0 || out+talk == "" {
			t.Errorf("%s: exit status %d\n%s%s", command, exit, out, talk)
		}
	}
	if ran < 9 {
		t.Errorf("only %d commands found: this test looks in the wrong place", ran)
	}
}
