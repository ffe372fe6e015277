package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// offers is what a shell is told when somebody presses tab at the end of these words,
// and how it is to go on: whether it may offer files (0), must not (4), or only those
// of an ending (8).
func offers(t *testing.T, words ...string) (all []string, directive string) {
	t.Helper()
	out, talk, exit := typed(t, append([]string{"__complete"}, words...)...)
	if exit != 0 {
		t.Fatalf("exit status %d: %s", exit, talk)
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if word, is := strings.CutPrefix(line, ":"); is {
			return all, word
		}
		word, _, _ := strings.Cut(line, "\t")
		all = append(all, word)
	}
	t.Fatalf("no directive in %q", out)
	return nil, ""
}

func TestTabOffersWhatMayFollow(t *testing.T) {
	for _, row := range []struct {
		typed     string
		has       []string
		directive string
	}{
		{"", []string{"run", "doctor", "size", "topics", "completion"}, "4"},
		{"topics |", []string{"create", "check"}, "4"},
		{"week no-|", []string{"no-means-no"}, "0"},
		{"week no-means-no,us-tc|", []string{"no-means-no,us-tcpa"}, "0"},
		{"week no-means-no |", nil, "4"},
		{"week no-means-no --zone Europe/Ber|", []string{"Europe/Berlin"}, "4"},
		{"week no-means-no --zone=Asia/Kolk|", []string{"Asia/Kolkata"}, "4"},
		{"week no-means-no -o |", []string{"text", "json"}, "4"},
		{"backtest --output |", []string{"text", "json", "csv"}, "4"},
		{"backtest --policy no-m|", []string{"no-means-no"}, "0"},
		{"backtest --events |", nil, "0"},
		{"check no-m|", []string{"no-means-no"}, "0"},
		{"check no-means-no us-tc|", []string{"us-tcpa"}, "0"},
		{"replay --policy fr-|", []string{"fr-calls"}, "0"},
		{"run --config |", []string{"yaml", "yml", "json"}, "8"},
		{"doctor --config |", []string{"yaml"}, "8"},
		{"doctor |", nil, "4"},
		{"topics check |", nil, "4"},
		{"topics create --dry|", []string{"--dry-run"}, "4"},
		{"size --policy no-m|", []string{"no-means-no"}, "0"},
		{"size --people |", nil, "4"},
		{"export --format |", []string{"csv", "ndjson", "parquet"}, "4"},
		{"completion |", []string{"bash", "zsh", "fish", "powershell"}, "4"},
		{"test |", nil, "0"},
	} {
		words := strings.Fields(strings.TrimSuffix(row.typed, "|"))
		if strings.HasSuffix(row.typed, " |") || row.typed == "" {
			words = append(words, "")
		}
		got, directive := offers(t, words...)
		if directive != row.directive {
			t.Errorf("%s: the directive is %s, want %s", row.typed, directive, row.directive)
		}
		for _, want := range row.has {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %s is not offered, only %q", row.typed, want, got)
			}
		}
		if row.has == nil && len(got) > 0 {
			t.Errorf("%s: %q are offered", row.typed, got)
		}
	}
}

// Each script is one that its shell can read, where the shell is there.
func TestScriptsForFourShells(t *testing.T) {
	for shell, words := range map[string][]string{
		"bash":       {"__start_governor", "__complete"},
		"zsh":        {"#compdef governor", "__complete"},
		"fish":       {"complete -c governor", "__complete"},
		"powershell": {"Register-ArgumentCompleter", "__complete"},
	} {
		out, talk, exit := typed(t, "completion", shell)
		if exit != 0 || talk != "" {
			t.Errorf("%s: exit status %d: %s", shell, exit, talk)
		}
		for _, word := range words {
			if !strings.Contains(out, word) {
				t.Errorf("%s: the script has no %q", shell, word)
			}
		}
		program, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		script := filepath.Join(t.TempDir(), "script")
		write(t, script, out)
		if said, err := exec.Command(program, "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s cannot read it: %v\n%s", shell, err, said)
		}
	}
}
