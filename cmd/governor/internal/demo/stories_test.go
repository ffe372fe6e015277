package demo

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/state/memstate"
)

const sharedCases = "../../../../../shared/cases"

// The stories are the open cases, but for the names of the engines.
func TestStoriesAreTheCases(t *testing.T) {
	if _, err := os.Stat(sharedCases); err != nil {
		t.Skip("not beside the project:", err)
	}
	list, err := stories()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		b, err := os.ReadFile(filepath.Join(sharedCases, s.Case+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Why    string
			Policy string
			Events []any
		}
		if err := json.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
		ours := lines(t, s.File, true)
		if !reflect.DeepEqual(c.Events, ours) {
			t.Errorf("%s is not %s", s.File, s.Case)
		}
		if c.Policy != Policy {
			t.Errorf("%s is told under %s", s.Case, c.Policy)
		}
		if !strings.Contains(c.Why, s.Essay) && s.Essay != "No means no" {
			t.Errorf("%s does not cite %s: %s", s.Case, s.Essay, c.Why)
		}
	}
}

// lines are the events of a story's file, with or without the engines' names.
func lines(t *testing.T, file string, strip bool) []any {
	t.Helper()
	b, err := storyFiles.ReadFile("stories/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []any
	for line := range bytes.Lines(b) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if value, ok := e["value"].(map[string]any); ok && strip {
			delete(value, "engine")
		}
		out = append(out, e)
	}
	return out
}

func TestStoriesAreWellTold(t *testing.T) {
	list, err := stories()
	if err != nil {
		t.Fatal(err)
	}
	files, err := storyFiles.ReadDir("stories")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(list)+1 {
		t.Errorf("%d files for %d stories", len(files), len(list))
	}
	people := make(map[string]string)
	for _, s := range list {
		if s.Title == "" || s.Essay == "" || s.Sentence == "" || len(s.Engine) > 16 {
			t.Errorf("%+v lacks something", s)
		}
		for _, e := range s.events {
			person := e.intent.Person + e.signal.Person
			if e.topic == "contact.intents" && e.intent.Engine != s.Engine {
				t.Errorf("%s: an intent of %q", s.File, e.intent.Engine)
			}
			if other := people[person]; person != "" && other != "" && other != s.Case {
				t.Errorf("%s occurs in %s and %s", person, other, s.Case)
			}
			people[person] = s.Case
		}
	}
	all := timeline(list)
	for i := 1; i < len(all); i++ {
		if all[i].arrived < all[i-1].arrived {
			t.Fatal("time goes back")
		}
	}
}

// offline is what governor replay decides on a story: verdict and reason by
// person and intent.
func offline(t *testing.T, file string) map[asked]string {
	t.Helper()
	policy, err := policyfile.Load(Policy)
	if err != nil {
		t.Fatal(err)
	}
	b, err := storyFiles.ReadFile("stories/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := replay.New(t.Context(), policy, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context(), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	decided := make(map[asked]string)
	for line := range bytes.Lines(out.Bytes()) {
		var w struct {
			Topic string
			Value struct{ Person, Intent, Verdict, Reason string }
		}
		if err := json.Unmarshal(line, &w); err != nil {
			t.Fatal(err)
		}
		if w.Value.Person != "" && w.Value.Verdict != "" {
			decided[asked{w.Value.Person, w.Value.Intent}] = w.Value.Verdict + " " + w.Value.Reason
		}
	}
	return decided
}
