package policyfile

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
)

// A policy goes by the clock of the governor unless it says otherwise.
func TestWhoseClock(t *testing.T) {
	for _, c := range []struct {
		says  string
		event bool
	}{{"", false}, {"clock: arrival", false}, {"clock: event", true}} {
		policy, problems := rules.Compile(mustParse(t, "p.yaml", vocabularyOf("p")+c.says))
		if problems != nil {
			t.Fatal(problems)
		}
		if policy.EventClock() != c.event {
			t.Errorf("%q: by the events is %v", c.says, policy.EventClock())
		}
	}
}

// Nobody governs live traffic by a built-in policy that is for the past.
func TestPacksAreForToday(t *testing.T) {
	for _, name := range packs.Names() {
		policy, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if policy.EventClock() {
			t.Errorf("%s decides by the clock of the events", name)
		}
	}
}

// What the hash of a policy was before there was the key it still is: a governor
// that is brought up to date does not take its own approvals for those of another
// policy.
func TestHashOfAPolicyWithoutTheKey(t *testing.T) {
	s := mustParse(t, "p.yaml", vocabularyOf("p"))
	if want := "7287d4b57f0663d5"; s.Hash != want {
		t.Errorf("the hash is %s, and was %s", s.Hash, want)
	}
}
