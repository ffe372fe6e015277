package scenario

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// Whatever stands in a file, it is read or every mistake has a place in it; what is
// read arrives in order, as JSON, and a file is not rewritten if nothing came.
func FuzzScenario(f *testing.F) {
	for _, dir := range []string{"corpus/cases", "corpus/edges"} {
		for _, file := range corpus(f, dir) {
			for _, text := range strings.Split(file.text, "\n\n\n") {
				f.Add(text)
				f.Add(people + text)
			}
		}
	}
	for _, path := range []string{"testdata/mistakes.txt", "testdata/judged.txt"} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, text := range strings.Split(string(b), "\n\n====\n\n") {
			f.Add(text)
			f.Add(strings.Replace(text, ">\n", people, 1))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "times") > 8 {
			t.Skip("much happens, and takes its time")
		}
		file, err := Parse("f.scenario", []byte(text))
		if err != nil {
			placed(t, text, err)
			return
		}
		var reports []*Report
		for _, s := range file.Scenarios {
			reports = append(reports, arrives(t, s))
		}
		again, _ := file.Rewrite(reports)
		if _, err := Parse("f.scenario", again); err != nil {
			t.Errorf("what is written instead is no scenario: %v\n%s", err, again)
		}
	})
}

// placed wants every mistake in the file, with words.
func placed(t *testing.T, text string, err error) {
	t.Helper()
	var all *strictyaml.Errors
	if !errors.As(err, &all) || len(all.Problems) == 0 {
		t.Fatalf("no mistake, but %v", err)
	}
	lines := strings.Split(text, "\n")
	for _, p := range all.Problems {
		if p.At.File != "f.scenario" || p.At.Line < 1 || p.At.Line > len(lines) || p.At.Column < 1 || p.At.Column > len([]rune(lines[p.At.Line-1]))+1 || p.What == "" {
			t.Errorf("%s is no place in %d lines", p, len(lines))
		}
	}
}

// arrives wants the recording in order, and judges it as if nothing came of it.
func arrives(t *testing.T, s *Scenario) *Report {
	t.Helper()
	recording := s.Recording()
	for i, r := range recording {
		if i > 0 && r.Arrived < recording[i-1].Arrived {
			t.Errorf("%s arrives before what is before it", r.Value)
		}
		if line := r.AppendJSON(nil); !json.Valid(line) {
			t.Errorf("%q is no JSON", line)
		}
	}
	report, err := s.Judge(make([][]Output, len(recording)))
	if err != nil {
		t.Fatal(err)
	}
	return report
}
