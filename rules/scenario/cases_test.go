package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

// The cases that live beside the project, and their translation.
const (
	casesDir      = "../../../shared/cases"
	translatedDir = "corpus/cases"
)

type sharedCase struct {
	ID     string
	Title  string
	Why    string
	Policy string
	Events []struct {
		Arrived time.Time
		Topic   string
		Value   map[string]any
	}
	Expect []sharedExpectation
}

type sharedExpectation struct {
	Intent   string
	Nth      int
	Verdict  string
	Reason   string
	Final    *bool
	Earliest time.Time
	Reasons  []string
	Decided  time.Time
	Original bool
	Revoked  *bool
	Redeem   string
	OK       *bool
	Count    map[string]int
	Items    map[string][]string `json:"approved_items"`
}

// Every case is in the corpus: under its name and title, with the same events to the
// millisecond and the same expectations. People, campaigns and ids may have other
// names, for stories are about somebody.
func TestTheCorpusHasEveryCase(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(casesDir, "*.json"))
	if len(files) == 0 {
		t.Skip("the cases live beside the project, and this copy has none")
	}
	told := map[string]*Scenario{}
	for _, f := range corpus(t, translatedDir) {
		for _, s := range f.Scenarios {
			told[s.ID] = s
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c sharedCase
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		t.Run(c.ID, func(t *testing.T) {
			s := told[c.ID]
			delete(told, c.ID)
			if s == nil {
				t.Fatalf("%s is not in the corpus", c.ID)
			}
			if s.Title != c.Title || s.Why != strings.Join(strings.Fields(c.Why), " ") {
				t.Errorf("the corpus says\n%s: %s\n%s\nof the case\n%s: %s\n%s", s.ID, s.Title, s.Why, c.ID, c.Title, c.Why)
			}
			if s.Policy.Names != c.Policy {
				t.Errorf("policy %s, want %s", s.Policy.Names, c.Policy)
			}
			sameEvents(t, s, &c)
			for i := range c.Expect {
				if e := &c.Expect[i]; !wantsSame(t, s, &c, e) {
					text, _ := json.Marshal(e)
					t.Errorf("%s does not expect %s", s.At, text)
				}
			}
		})
	}
	for id := range told {
		t.Errorf("%s is no case", id)
	}
}

// corpus reads every file with scenarios below a folder.
func corpus(t testing.TB, dir string) []*File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+Extension))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in %s: %v", dir, err)
	}
	var out []*File
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(path, text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// sameEvents compares what arrives.
func sameEvents(t *testing.T, s *Scenario, c *sharedCase) {
	t.Helper()
	var want, got []string
	first, second := names{}, names{}
	for _, e := range c.Events {
		want = append(want, e.Arrived.UTC().Format(time.RFC3339Nano)+" "+e.Topic+" "+first.value(e.Topic, e.Value))
	}
	for _, r := range s.Recording() {
		var value map[string]any
		if r.Value != nil {
			if err := json.Unmarshal(r.Value, &value); err != nil {
				t.Fatalf("%s: %v", r.Value, err)
			}
		}
		got = append(got, r.Arrived.Time().Format(time.RFC3339Nano)+" "+r.Topic+" "+second.value(r.Topic, value))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-case +corpus):\n%s", diff)
	}
}

// names gives everybody a number, in order of appearance.
type names map[string]string

func (n names) of(kind, name string) string {
	key := kind + " " + name
	if n[key] == "" {
		n[key] = fmt.Sprint(kind, len(n))
	}
	return n[key]
}

// value is a record in a form of its own.
func (n names) value(topic string, v map[string]any) string {
	out := maps.Clone(v)
	kinds := map[string]string{"person": "person", "into": "person", "campaign": "campaign", "intent": "intent"}
	kinds["id"] = map[string]string{"contact.intents": "intent", "contact.signals": "signal"}[topic]
	for _, field := range slices.Sorted(maps.Keys(v)) {
		text, ok := v[field].(string)
		if !ok {
			continue
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			out[field] = at.UTC()
		}
		if kind := kinds[field]; kind != "" {
			out[field] = n.of(kind, text)
		}
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// wantsSame says whether the scenario expects what the case does.
func wantsSame(t *testing.T, s *Scenario, c *sharedCase, want *sharedExpectation) bool {
	t.Helper()
	switch {
	case want.Count != nil:
		return wantsTotals(s, want.Count)
	case want.Items != nil:
		for id, items := range want.Items {
			if !someExpectation(s, recordOf(c, id, 1), func(e *expectation, _ instance) bool {
				return slices.Equal(sorted(e.items), sorted(translated(s, c, items)))
			}) {
				return false
			}
		}
		return true
	case want.Redeem != "":
		n := redeemOf(c, want.Redeem, max(want.Nth, 1))
		return s.steps[n].must && *want.OK || someExpectation(s, n, func(e *expectation, _ instance) bool {
			return e.answer != nil && *e.answer == *want.OK && e.reason == want.Reason
		})
	case want.Revoked != nil:
		return someExpectation(s, recordOf(c, want.Intent, 1), func(e *expectation, i instance) bool {
			after := *want.Revoked || i.by >= lastSignal(s)
			return e.revoked != nil && *e.revoked == *want.Revoked && e.because == want.Reason && after
		})
	case want.Verdict == "none":
		return someExpectation(s, recordOf(c, want.Intent, 1), func(e *expectation, i instance) bool {
			return e.verdict == "held" && i.by == len(s.steps)-1
		})
	}
	n := recordOf(c, want.Intent, max(want.Nth, 1))
	return someExpectation(s, n, func(e *expectation, _ instance) bool {
		at := func(want time.Time, m *moment) bool {
			return want.IsZero() || m != nil && m.of(s.steps[n].at) == rules.At(want)
		}
		return e.verdict == want.Verdict && e.reason == want.Reason && (want.Final == nil || *want.Final == e.good && *want.Final == (e.from == nil)) &&
			at(want.Earliest, e.from) && at(want.Decided, e.decided) && slices.Equal(e.reasons, want.Reasons) && (e.original || !want.Original)
	})
}

// recordOf is the place of the n-th record of an intent in the case, and so in the
// scenario. redeemOf is that of the n-th redeem.
func recordOf(c *sharedCase, id string, n int) int { return placeOf(c, topicIntents, "id", id, n) }
func redeemOf(c *sharedCase, id string, n int) int { return placeOf(c, topicRedeem, "intent", id, n) }

func placeOf(c *sharedCase, topic, field, id string, n int) int {
	for i, e := range c.Events {
		if e.Topic == topic && e.Value[field] == id {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

// translated are ids of the case as the scenario has them.
func translated(s *Scenario, c *sharedCase, ids []string) (out []string) {
	for _, id := range ids {
		out = append(out, string(s.steps[recordOf(c, id, 1)].id))
	}
	return out
}

func lastSignal(s *Scenario) int {
	last := 0
	for i, e := range s.steps {
		if e.topic == topicSignals {
			last = i
		}
	}
	return last
}

// someExpectation looks for an expectation about the record that is as wanted.
func someExpectation(s *Scenario, record int, wanted func(*expectation, instance) bool) bool {
	v := newView(s, nil)
	for _, l := range s.lines {
		for _, e := range l.expects {
			for _, c := range v.cases(l, e) {
				if c.step == record && wanted(e, c) {
					return true
				}
			}
		}
	}
	return false
}

func wantsTotals(s *Scenario, want map[string]int) bool {
	found := map[string]int{}
	for _, l := range s.lines {
		for _, e := range l.expects {
			for _, t := range e.totals {
				found[strings.TrimPrefix(t.what, "contact.")] = t.n
			}
		}
	}
	for what, n := range want {
		if got, ok := found[what]; !ok || got != n {
			return false
		}
	}
	return true
}
