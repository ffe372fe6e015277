package governor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// patient is a policy that holds notices so long.
func patient(t testing.TB, hash string, wait time.Duration) *rules.Policy {
	t.Helper()
	spec := rules.Spec{
		Name: "patient", Hash: hash, Purposes: []rules.PurposeSpec{{Name: "service", Class: rules.Service}},
		Channels: []rules.ChannelSpec{{Name: "email"}},
	}
	if wait > 0 {
		spec.Notices = &rules.NoticeSpec{Wait: wait, Repeat: 24 * time.Hour}
	}
	p, problems := rules.Compile(&spec)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// adopt does what a driver does with another policy.
func (w *world) adopt(p *rules.Policy) {
	w.t.Helper()
	mood := w.between
	w.between = remembers // whoever dies in between leaves all of it to the next
	w.policy = p
	w.g.Adopt(p)
	for people := w.g.Unplanned(1); len(people) > 0; people = w.g.Unplanned(1) {
		w.remember(people...)
		w.g.Plan(len(people))
		w.take()
	}
	w.between = mood
}

// Notices that wait are due when the policy says that holds, whoever is in memory;
// and every decision names the policy that it was made under.
func TestWhoWaitsIsDueUnderThePolicyThatHolds(t *testing.T) {
	const is = 15 * minute
	for name, to := range map[string]time.Duration{"sooner": 5 * minute, "later": hour, "no longer": 0, "the same": is} {
		for _, mood := range []mood{remembers, forgets, dies} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				w.between = mood
				w.adopt(patient(t, "old", is))
				for _, person := range []rules.PersonID{"p", "q", "r"} {
					in := toll("i", "s")
					in.Person = person
					held(t, w.ask(noon, in))
				}
				w.adopt(patient(t, "new", to))
				due := noon.Add(to)
				w.until(max(noon, due.Add(-ms)))
				if n := len(w.decisions(0)); to > 0 && n > 0 {
					t.Errorf("%d decisions before anything is due", n)
				}
				w.until(due)
				all := w.decisions(0)
				if len(all) != 3 {
					t.Fatalf("%d decisions for three who waited", len(all))
				}
				for _, d := range all {
					if d.Policy != "new" || rules.Instant(d.Decided) != max(noon, due) {
						t.Errorf("decided at %v under %s", d.Decided, d.Policy)
					}
				}
			})
		}
	}
}

// The plan is made anew in pieces, and the store is told; a policy under which
// nobody is due at another time changes nothing there.
func TestPlanningAnewInPieces(t *testing.T) {
	w := newWorld(t)
	w.adopt(patient(t, "old", 15*minute))
	for _, person := range []rules.PersonID{"a", "b", "c"} {
		in := toll("i", "s")
		in.Person = person
		held(t, w.ask(noon, in))
	}
	w.g.Forget(0)
	w.g.Adopt(patient(t, "new", 5*minute))
	if got := w.g.Unplanned(2); !slices.Equal(got, []rules.PersonID{"a", "b"}) {
		t.Errorf("first %q are to be planned", got)
	}
	w.remember("a", "b")
	w.g.Plan(2)
	_, waiting, _, err := w.g.Take()
	if want := []state.Waiting{{Person: "a", Due: noon.Add(5 * minute)}, {Person: "b", Due: noon.Add(5 * minute)}}; err != nil || !slices.Equal(waiting, want) {
		t.Errorf("the store is told %v, %v", waiting, err)
	}
	if got := w.g.Unplanned(2); !slices.Equal(got, []rules.PersonID{"c"}) {
		t.Errorf("then %q are to be planned", got)
	}
	w.remember("c")
	w.g.Plan(1)
	if got := w.g.Unplanned(2); len(got) > 0 || w.g.Policy().Hash() != "new" {
		t.Errorf("in the end %q are to be planned under %s", got, w.g.Policy().Hash())
	}
}
