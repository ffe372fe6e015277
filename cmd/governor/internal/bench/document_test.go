package bench

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
)

var update = flag.Bool("update", false, "write integration/BENCH.md anew from its figures")

// seenRuns are two runs of the governor beside a copy and a peer.
func seenRuns() []Run {
	governor := Run{Subject: "governor", N: 1_000_000, Rate: 150_000, OwnCPU: 6, RedisCPU: 1, BrokerCPU: 2, AllCPUPerM: 9, RSS: 100, RedisOutside: 5000, Governors: 1, People: 200_000}
	slow := governor
	slow.Rate, slow.OwnCPU, slow.Verdict = 100_000, 8, peerwork.Verdict{Wrong: 1, Missing: 2}
	return []Run{
		governor, {Subject: "copy-kafka-go", N: 1_000_000, Rate: 200_000, OwnCPU: 5, AllCPUPerM: 7.5},
		slow, {Subject: "streams", N: 1_000_000, Rate: 25_000, AllCPUPerM: 70}, {Subject: builtIn, N: 1_000_000, Rate: 210_000, OwnCPU: 4, AllCPUPerM: 7},
	}
}

func TestSubjectsSideBySide(t *testing.T) {
	var out strings.Builder
	r := Results{Sections: map[string]Section{"peers": {Runs: seenRuns()}}}
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{
		{"governor (2)", "100,000 (150,000)", "6.0", "0.005", " 3 ", "0.50", "1.20", "4.00"},
		{"streams (1)", "25,000 (25,000)", "–", "0.12", "9.33", "1.00"},
		{"decisions/s ÷ copy-kafka-go: wanted at least 0.70, seen 0.50: NOT MET"},
		{"decisions/s ÷ streams: wanted at least 6.00, seen 4.00: NOT MET"},
		{"all CPU ÷ copy-kafka-go: wanted at most 1.5, seen 1.20: met"},
		{"decisions that are not the oracle's: wanted at most 0, seen 3.00: NOT MET"},
	} {
		found := false
		for line := range strings.Lines(out.String()) {
			all := true
			for _, cell := range row {
				all = all && strings.Contains(line, cell)
			}
			found = found || all
		}
		if !found {
			t.Errorf("no line has %q:\n%s", row, &out)
		}
	}
	if n := r.Flawed(); n != 3 {
		t.Errorf("%d flaws", n)
	}
}

// "Sections not run this time keep what stood there with its own date."
func TestWhatWasNotMeasuredStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "BENCH.md")
	first := Results{Sections: map[string]Section{
		"peers": {When: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Command: "governor bench", Runs: seenRuns()},
		"kill":  {When: time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC), Runs: []Run{{Subject: "governor", Note: "killed after 5 decisions"}}},
	}}
	second := Results{Sections: map[string]Section{"peers": {When: time.Date(2026, 5, 6, 7, 8, 0, 0, time.UTC), Runs: seenRuns()[:2]}}}
	for _, r := range []Results{first, second} {
		if err := r.Document(file); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	if !strings.Contains(page, "2026-05-06 07:08 UTC") || strings.Contains(page, "03:04") || !strings.Contains(page, "2026-01-02 03:05 UTC") || strings.Contains(page, "streams") {
		t.Errorf("the document is\n%s", page)
	}
	if err := os.WriteFile(beside(file), []byte("no JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := first.Document(file); err == nil || !strings.Contains(err.Error(), "is no file of results") {
		t.Errorf("%v", err)
	}
}

// "Written by the command, with the machine and versions, never typed."
func TestTheDocumentIsWhatItsFiguresSay(t *testing.T) {
	const document = "../../../../integration/BENCH.md"
	figures, err := os.ReadFile(beside(document))
	if err != nil {
		t.Fatal(err)
	}
	var r Results
	if err := json.Unmarshal(figures, &r); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(document, []byte(r.markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(document)
	if err != nil || string(written) != r.markdown() {
		t.Errorf("%s is not what its figures say (%v): it is never typed; go test -update ./cmd/governor/internal/bench writes it anew from them", document, err)
	}
}
