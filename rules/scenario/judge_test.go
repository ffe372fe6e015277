package scenario

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// In the file stand scenarios, what came out of each, and behind ---- what is told of
// it and what --rewrite would make of it. What came out stands a record a line, behind
// the number of the event that it came of: topic, intent, person, id, the time of the
// decision, and whatever else it has.
func TestJudge(t *testing.T) {
	const path = "testdata/judged.txt"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, given := range strings.Split(string(b), "\n\n====\n\n") {
		parts := strings.Split(given, "\n----\n")
		if len(parts) < 2 {
			t.Fatalf("no ---- in\n%s", given)
		}
		title, text, _ := strings.Cut(parts[0], "\n")
		t.Run(strings.TrimPrefix(title, "# "), func(t *testing.T) {
			got := strings.Join([]string{parts[0], parts[1], judged(t, text, parts[1])}, "\n----\n")
			if got != given && !*update {
				t.Errorf("(-file +now):\n%s", cmp.Diff(given, got))
			}
			out = append(out, got)
		})
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n====\n\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// judged judges a scenario on what came out, and rewrites it.
func judged(t *testing.T, text, outputs string) string {
	t.Helper()
	if rest, below := strings.CutPrefix(text, ">\n"); below {
		text = people + rest
	}
	f, err := Parse("s", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Scenarios[0]
	report, err := s.Judge(outputsOf(t, len(s.steps), outputs))
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, failure := range report.Failures {
		lines = append(lines, failure.String())
	}
	if len(lines) == 0 {
		lines = []string{"all as expected"}
	}
	again, changed := f.Rewrite([]*Report{report})
	if changed == 0 {
		if string(again) != text {
			t.Errorf("nothing is to be changed, and yet it is:\n%s", cmp.Diff(text, string(again)))
		}
		return strings.Join(lines, "\n")
	}
	lines = append(lines, fmt.Sprintf("%d rewritten:", changed))
	old := strings.Split(text, "\n")
	for _, line := range strings.Split(string(again), "\n") {
		if len(old) > 0 && line == old[0] {
			old = old[1:]
			continue
		}
		lines = append(lines, line)
		if strings.Contains(line, "=>") && len(old) > 0 && strings.Contains(old[0], "=>") {
			old = old[1:]
		}
	}
	return strings.Join(lines, "\n")
}

func outputsOf(t *testing.T, steps int, text string) [][]Output {
	t.Helper()
	out := make([][]Output, steps)
	for _, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		line, extra, _ := strings.Cut(line, "{")
		words := strings.Fields(line)
		n, err := strconv.Atoi(words[0])
		if err != nil || n < 1 || n > steps {
			t.Fatalf("%q: the number of an event comes first", line)
		}
		o := Output{Topic: "contact." + words[1]}
		value := map[string]any{}
		if words[1] == "redeem" {
			o.Topic = words[1]
		}
		for i, field := range []string{"intent", "person", "id", "decided"} {
			if i+2 < len(words) {
				value[field] = words[i+2]
			}
		}
		if words[1] == "approved" || words[1] == "vetoed" {
			value["verdict"] = words[1]
		}
		if at, ok := value["decided"].(string); ok {
			value["decided"] = "2026-05-04T" + at + "Z"
		}
		if extra != "" {
			if err := json.Unmarshal([]byte("{"+extra), &value); err != nil {
				t.Fatalf("%q: %v", extra, err)
			}
		}
		if words[1] == "deadletter" {
			o.Headers = map[string]string{headerMessage: value["why"].(string)}
		}
		if o.Value, err = json.Marshal(value); err != nil {
			t.Fatal(err)
		}
		out[n-1] = append(out[n-1], o)
	}
	return out
}

// What cannot be read is an error, and so is what is of another recording.
func TestJudgeWhatCannotBeRead(t *testing.T) {
	s := one(t, people+"Mon 2026-05-04 12:00 time passes\n")
	if _, err := s.Judge(nil); err == nil {
		t.Error("what came out of nothing is judged")
	}
	for _, value := range []string{"none", `{"decided":"soon"}`} {
		if _, err := s.Judge([][]Output{{{Topic: "contact.vetoed", Value: []byte(value)}}}); err == nil {
			t.Errorf("%s is judged", value)
		}
	}
	if _, err := s.Judge([][]Output{{{Topic: "contact.deadletter", Value: []byte("none")}}}); err != nil {
		t.Errorf("a dead letter may be anything, but: %v", err)
	}
}
