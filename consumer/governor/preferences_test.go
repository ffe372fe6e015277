package governor_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "A later preference replaces its own fields only", later by its at.
func TestPreferences(t *testing.T) {
	budget := func(when rules.Instant, most int) state.Signal {
		return state.Signal{Type: state.Preference, At: when, HasBudget: true, Budget: []rules.Budget{{Max: most, Per: day}}}
	}
	quiet := state.Signal{Type: state.Preference, At: noon + 5, HasQuiet: true, Quiet: []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 12 * hour, To: 13 * hour}}}
	none := state.Signal{Type: state.Preference, At: noon + 6, HasBudget: true}
	late := noon.Add(-day)
	for _, c := range []struct {
		what  string
		words []state.Signal
		want  rules.Reason
	}{
		{"a budget", []state.Signal{budget(noon, 0)}, rules.BudgetPerson},
		{"a later one", []state.Signal{budget(noon, 0), budget(noon+1, 5)}, ""},
		{"heard the other way round", []state.Signal{budget(noon+1, 5), budget(noon, 0)}, ""},
		{"quiet besides", []state.Signal{budget(noon, 0), quiet}, rules.QuietPerson},
		{"none any more", []state.Signal{budget(noon, 0), none}, ""},
		{"an old one, of another field", []state.Signal{budget(noon, 0), {Type: state.Preference, At: late, HasZones: true}}, rules.BudgetPerson},
	} {
		w := newWorld(t)
		for _, s := range c.words {
			w.hear(noon.Add(minute), s)
		}
		if d := w.ask(noon.Add(2*minute), to("i1", "email", "marketing")); c.want == "" {
			approved(t, d)
		} else {
			vetoed(t, d, c.want)
		}
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
}
