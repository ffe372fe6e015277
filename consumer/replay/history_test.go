package replay

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/state/memstate"
)

func replayOf(t *testing.T, policy *rules.Policy) (*Replay, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	r, err := New(t.Context(), policy, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return r, &out
}

func house(t *testing.T) *rules.Policy {
	t.Helper()
	p, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// "Nothing is decided, and nothing changes": whoever looks at every intent, and at every notice that waits, leaves the day as
// it was.
func TestLookingChangesNothing(t *testing.T) {
	day, err := os.ReadFile("../../deploy/day.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	plain, want := replayOf(t, house(t))
	if err := plain.Run(t.Context(), bytes.NewReader(day)); err != nil {
		t.Fatal(err)
	}
	looked, got := replayOf(t, house(t))
	waited := 0
	for e, err := range Events(bytes.NewReader(day)) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Topic == governor.Intents {
			if _, err := looked.Consult(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []rules.IntentID{"toll-1", "toll-2", "breakfast"} {
			_, waits, err := looked.ConsultHeld(t.Context(), "mara", id)
			if err != nil {
				t.Fatal(err)
			}
			if waits {
				waited++
			}
		}
		if err := looked.Next(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := looked.Flush(); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("whoever looked changed something:\n%s\ninstead of\n%s", got, want)
	}
	if waited != 3 { // toll-1 after its own line and after the next, toll-2 after its own
		t.Errorf("a notice waited %d times", waited)
	}
}

// Two groups of one person are due in the same instant: what the first becomes counts for the second.
func TestWhatIsDueBeforeCounts(t *testing.T) {
	spec, err := policyfile.Parse("p.yaml", []byte(`policy: p
purposes: {dues: collection}
channels: {email: {}}
notices: {wait: 15m, repeat: 24h}
caps: [{name: any, of: {class: collection}, at_most: 1, within: 24h}]
`))
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := rules.Compile(spec)
	r, out := replayOf(t, policy)
	var lines []string
	for _, id := range []string{"first", "second"} {
		lines = append(lines, fmt.Sprintf(`{"arrived":"2026-05-04T10:00:00Z","topic":"contact.intents","value":{"id":"%s","person":"anna","channel":"email","purpose":"dues","campaign":"c","subject":"about-%[1]s","at":"2026-05-04T10:00:00Z"}}`, id))
	}
	for e, err := range Events(strings.NewReader(strings.Join(lines, "\n"))) {
		if err := errors.Join(err, r.Next(t.Context(), e)); err != nil {
			t.Fatal(err)
		}
	}
	due, waits := r.NextDue()
	for id, contacts := range map[rules.IntentID]int{"first": 0, "second": 1} {
		m, held, err := r.ConsultHeld(t.Context(), "anna", id)
		if err != nil {
			t.Fatal(err)
		}
		d := rules.Decide(policy, &m.Person, &m.Intent, m.Now)
		if !held || !waits || m.Now != due || len(m.Person.Contacts) != contacts || (d.Verdict == rules.Approved) != (contacts == 0) {
			t.Errorf("%s: due %s, %d contacts before, %s", id, m.Now, len(m.Person.Contacts), d.Verdict)
		}
	}
	if err := r.Next(t.Context(), Event{Line: 3, Text: []byte(`{"arrived":"2026-05-04T10:15:00Z","topic":"tick"}`)}); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); err != nil || strings.Count(out.String(), `"contact.approved"`) != 1 || !strings.Contains(out.String(), `"reason":"cap.any"`) {
		t.Errorf("%v\n%s", err, out)
	}
	if _, waits := r.NextDue(); waits {
		t.Error("somebody still waits")
	}
}

// Lines are read one by one, and told by their number.
func TestEventsOfARecording(t *testing.T) {
	tick := `{"arrived":"2026-05-04T10:00:00Z","topic":"tick"}`
	var lines []int
	for e, err := range Events(strings.NewReader(tick + "\n\n" + tick + "\nnothing\n")) {
		if err != nil || (e.Topic == "") != (e.Line == 4) {
			t.Errorf("%+v, %v", e, err)
		}
		lines = append(lines, e.Line)
	}
	if fmt.Sprint(lines) != "[1 3 4]" {
		t.Errorf("the lines are %v", lines)
	}
	r, _ := replayOf(t, house(t))
	var wrong *LineError
	if err := r.Next(t.Context(), Event{Line: 4, Text: []byte("nothing")}); !errors.As(err, &wrong) || wrong.Line != 4 {
		t.Errorf("line 4 is told as %v", err)
	}
	for _, err := range Events(strings.NewReader(tick + "\n" + strings.Repeat("x", maxLine+1))) {
		if err != nil && (!errors.As(err, &wrong) || wrong.Line != 2) {
			t.Errorf("a long line is told as %v", err)
		}
	}
	if _, err := r.Consult(t.Context(), Event{Line: 5, Topic: governor.Intents, Value: []byte(`{}`), Arrived: 1}); err == nil {
		t.Error("nobody says that this is no intent")
	}
}
