package replay_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The cases that live beside the project (their README.md describes the format):
// what the governor must do, told as recorded streams.
const casesDir = "../../../shared/cases"

// open are the cases that are not expected to pass yet, and why.
var open = map[string]string{}

type testCase struct {
	ID     string           `json:"id"`
	Title  string           `json:"title"`
	Policy string           `json:"policy"`
	Events []jsontext.Value `json:"events"`
	Expect []expectation    `json:"expect"`
}

type expectation struct {
	Intent   string              `json:"intent"`
	Nth      int                 `json:"nth"`
	Verdict  string              `json:"verdict"`
	Reason   *string             `json:"reason"`
	Final    *bool               `json:"final"`
	Earliest *string             `json:"earliest"`
	Reasons  []string            `json:"reasons"`
	Decided  *string             `json:"decided"`
	Original bool                `json:"original"`
	Revoked  *bool               `json:"revoked"`
	Redeem   string              `json:"redeem"`
	OK       *bool               `json:"ok"`
	Count    map[string]int      `json:"count"`
	Items    map[string][]string `json:"approved_items"`
}

func TestCases(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(casesDir, "*.json"))
	if len(files) == 0 {
		t.Skip("the cases live beside the project, and this copy has none")
	}
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c testCase
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		seen[c.ID] = true
		t.Run(c.ID, func(t *testing.T) {
			wrong := play(t, &c)
			switch why, isOpen := open[c.ID]; {
			case isOpen && len(wrong) == 0:
				t.Errorf("%s passes: take it off the list of open cases", c.ID)
			case isOpen:
				t.Skipf("%s: %s", why, wrong[0])
			case len(wrong) > 0:
				t.Errorf("%s:\n%s", c.Title, strings.Join(wrong, "\n"))
			}
		})
	}
	for id := range open {
		if !seen[id] {
			t.Errorf("the list of open cases names %s, which is none", id)
		}
	}
}

// play replays the case and says what is wrong.
func play(t *testing.T, c *testCase) (wrong []string) {
	if _, err := load(c.Policy); err != nil {
		return []string{err.Error()}
	}
	var lines []string
	for _, e := range c.Events {
		if err := e.Compact(); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(e))
	}
	out, _, err := run(t, c.Policy, lines...)
	if err != nil {
		return []string{err.Error()}
	}
	for i := range c.Expect {
		if e := &c.Expect[i]; !e.holds(out) {
			text, _ := json.Marshal(e, json.OmitZeroStructFields(true))
			wrong = append(wrong, "expected "+string(text)+" of\n"+told(out))
		}
	}
	ids := map[string]bool{}
	for _, l := range out {
		if l.Topic != "contact.approved" && l.Topic != "contact.vetoed" {
			continue
		}
		if ids[l.field("id")] {
			wrong = append(wrong, "two decisions have the id "+l.field("id"))
		}
		ids[l.field("id")] = true
	}
	return wrong
}

func (e *expectation) holds(out []line) bool {
	about := func(id string, topics ...string) (list []line) {
		for _, l := range out {
			if slices.Contains(topics, l.Topic) && (id == "" || l.field("intent") == id) {
				list = append(list, l)
			}
		}
		return list
	}
	nth := max(e.Nth, 1) - 1
	switch {
	case e.Count != nil:
		for what, want := range e.Count {
			pairs := map[string]bool{}
			for i, l := range about("", "contact."+what) {
				key := l.field("person") + "/" + l.field("intent")
				if what == "deadletter" {
					key = string(rune(i))
				}
				pairs[key] = true
			}
			if len(pairs) != want {
				return false
			}
		}
		return true
	case e.Items != nil:
		for id, want := range e.Items {
			got := ""
			for _, l := range about(id, "contact.approved") {
				got = l.field("items")
			}
			var items []string
			if got != "" && json.Unmarshal([]byte(got), &items) != nil {
				return false
			}
			slices.Sort(items)
			slices.Sort(want)
			if !slices.Equal(items, want) {
				return false
			}
		}
		return true
	case e.Redeem != "":
		got := about(e.Redeem, "redeem")
		return nth < len(got) && e.fits(got[nth])
	case e.Revoked != nil:
		got := about(e.Intent, "contact.revoked")
		return len(got) > 0 == *e.Revoked && !slices.ContainsFunc(got, func(l line) bool { return !e.fits(l) })
	case e.Verdict == "none":
		inside := slices.ContainsFunc(about("", "contact.approved"), func(l line) bool { return strings.Contains(l.field("items"), `"`+e.Intent+`"`) })
		return len(about(e.Intent, "contact.approved", "contact.vetoed")) == 0 && !inside
	}
	got := about(e.Intent, "contact.approved", "contact.vetoed")
	if nth >= len(got) || got[nth].field("verdict") != e.Verdict || !e.fits(got[nth]) {
		return false
	}
	return !e.Original || slices.ContainsFunc(got[:nth], func(l line) bool {
		return l.field("id") == got[nth].field("original") && l.field("reason") != "duplicate" && l.field("reason") != "intent.conflict"
	}) || slices.ContainsFunc(got[nth+1:], func(l line) bool { // the first was still held
		return l.field("id") == got[nth].field("original")
	})
}

// fits says whether the record has the values that are named.
func (e *expectation) fits(l line) bool {
	same := func(want *string, got string) bool {
		if want == nil {
			return true
		}
		a, errA := time.Parse(time.RFC3339, *want)
		b, errB := time.Parse(time.RFC3339, got)
		return errA == nil && errB == nil && a.Equal(b)
	}
	if e.OK != nil && (l.field("ok") == "true") != *e.OK || e.Final != nil && (l.field("final") == "true") != *e.Final ||
		e.Reason != nil && !like(*e.Reason, l.field("reason")) || !same(e.Earliest, l.field("earliest")) || !same(e.Decided, l.field("decided")) {
		return false
	}
	var reasons []struct {
		Reason string `json:"reason"`
	}
	if len(e.Reasons) > 0 && json.Unmarshal([]byte(l.field("reasons")), &reasons) != nil {
		return false
	}
	for _, want := range e.Reasons {
		i := slices.IndexFunc(reasons, func(r struct {
			Reason string `json:"reason"`
		}) bool {
			return like(want, r.Reason)
		})
		if i < 0 {
			return false
		}
		reasons = slices.Delete(reasons, i, i+1)
	}
	return true
}

func like(pattern, got string) bool {
	if prefix, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(got, prefix)
	}
	return got == pattern
}
