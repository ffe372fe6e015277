package explain

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// "The result must agree with what replay decides": over every scenario of the corpus, each intent is explained, and what is
// told is what a replay of the whole history says, to the letter.
func TestAnExplanationIsWhatTheReplaySays(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	const corpus = "../../../../rules/scenario/corpus"
	var policies replay.Policies
	explained := 0
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != scenario.Extension {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := scenario.Parse(path, text)
		if err != nil {
			return err
		}
		for _, s := range f.Scenarios {
			policy, err := policies.Of(s)
			if err != nil {
				t.Logf("%s: %v", s.At, err) // its own test says so
				continue
			}
			var history []byte
			for _, r := range s.Recording() {
				history = append(r.AppendJSON(history), '\n')
			}
			t.Run(filepath.Base(path)+"/"+s.ID, func(t *testing.T) { explained += len(agrees(t, policy, history)) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if explained < 300 {
		t.Errorf("only %d intents were explained: this test looks in the wrong place", explained)
	}
}

// agrees explains every intent of the history, and gives their first reasons.
func agrees(t testing.TB, policy *rules.Policy, history []byte) (reasons []string) {
	t.Helper()
	decided := decisions(t, policy, history)
	type asked struct {
		id     rules.IntentID
		person rules.PersonID
	}
	var all []asked
	for e, err := range replay.Events(bytes.NewReader(history)) {
		if err != nil {
			t.Fatal(err)
		}
		var a struct {
			ID     rules.IntentID `json:"id"`
			Person rules.PersonID `json:"person"`
		}
		if e.Topic == governor.Intents && json.Unmarshal(e.Value, &a, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil && a.ID != "" && a.Person != "" {
			if next := (asked{a.ID, a.Person}); !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	for _, a := range all {
		x, err := Explain(t.Context(), &Question{Policy: policy, Intent: a.id, Person: a.person}, bytes.NewReader(history))
		if errors.Is(err, ErrNotThere) {
			t.Errorf("%s is in the history, and is not found", a.id)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		discreet(t, x, string(a.person))
		reasons = append(reasons, x.Reason)
		if x.Unreadable != "" || strings.Contains(x.Supposed, "ends while") {
			continue // the replay never decides it
		}
		d, there := decided[x.Decision]
		if !there {
			t.Errorf("%s: the decision %s is none of the replay's", a.id, x.Decision)
			continue
		}
		if diff := compare(x, &d); diff != "" {
			t.Errorf("%s: %s", a.id, diff)
		}
	}
	return reasons
}

// decisions are those of a plain replay.
func decisions(t testing.TB, policy *rules.Policy, history []byte) map[string]schemas.Decision {
	t.Helper()
	var out told
	r, err := replay.New(t.Context(), policy, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context(), bytes.NewReader(history)); err != nil {
		t.Fatal(err)
	}
	list, err := out.decisions()
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string]schemas.Decision)
	for _, d := range list {
		byID[d.ID] = d
	}
	return byID
}

// compare says in what an explanation and a decision differ.
func compare(x *Explanation, d *schemas.Decision) string {
	at := func(t schemas.Time) Instant { return instant(rules.Instant(t)) }
	if x.Verdict != string(d.Verdict) || x.Reason != d.Reason || x.Final != d.Final || x.Decided != at(d.Decided) ||
		x.Earliest != at(d.Earliest) || x.NotAfter != at(d.NotAfter) {
		return fmt.Sprintf("explained as %+v, decided as %+v", x, d)
	}
	if x.Unasked != "" {
		return ""
	}
	var enforced, trial []schemas.Objection
	var counted []schemas.Evidence
	for _, r := range x.Rules {
		o := schemas.Objection{Rule: r.Rule, Reason: r.Reason, Detail: r.Detail, Line: r.Line, Cites: r.Cites}
		if until, err := schemas.ParseTime(string(r.Until)); err == nil {
			o.Earliest = until
		}
		switch {
		case r.Objects && r.Trial:
			trial = append(trial, o)
		case r.Objects:
			enforced = append(enforced, o)
			if len(r.Change) == 0 {
				return r.Reason + " objects, and nobody says what would have to change"
			}
		}
		if r.Counts == nil {
			continue
		}
		counted = append(counted, schemas.Evidence{Rule: r.Rule, Used: r.Counts.Used, Limit: r.Counts.Limit, Waived: r.Counts.Waived, Shadow: r.Trial})
		if r.Counts.Used != len(r.Contacts) {
			return fmt.Sprintf("%s counted %d contacts, and %d are listed", r.Rule, r.Counts.Used, len(r.Contacts))
		}
	}
	slices.SortStableFunc(enforced, func(a, b schemas.Objection) int { // who was outranked comes later in the decision
		return cmp.Compare(slices.Index(d.Reasons, a), slices.Index(d.Reasons, b))
	})
	switch {
	case !slices.Equal(enforced, d.Reasons):
		return fmt.Sprintf("what objects is explained as %+v, decided as %+v", enforced, d.Reasons)
	case !slices.Equal(trial, d.Shadow):
		return fmt.Sprintf("what is on trial is explained as %+v, decided as %+v", trial, d.Shadow)
	case !slices.Equal(counted, d.Evidence):
		return fmt.Sprintf("what was counted is explained as %+v, decided as %+v", counted, d.Evidence)
	}
	return ""
}

// discreet wants no person in what is written, for people and for machines, and no line too wide.
func discreet(t testing.TB, x *Explanation, person string) {
	t.Helper()
	var text strings.Builder
	if err := x.Write(&text); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Contains(x.Intent+x.Campaign+x.Subject+x.Brand, person) // by whoever gave these names
	if len(person) > 3 && !named && (strings.Contains(text.String(), person) || bytes.Contains(b, []byte(person))) {
		t.Errorf("%s: the person is named:\n%s\n%s", x.Intent, text.String(), b)
	}
	for line := range strings.Lines(text.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 79 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
