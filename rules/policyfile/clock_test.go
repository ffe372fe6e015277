package policyfile

import (
	"regexp"
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
// policy. One that is for the past says so, alone and together with others.
func TestHashSaysWhoseClock(t *testing.T) {
	inFolder(t, map[string]string{
		"p.yaml":    vocabularyOf("p"),
		"past.yaml": vocabularyOf("past") + "clock: event\n",
		"more.yaml": vocabularyOf("more") + "clock: event\n",
	})
	for names, want := range map[string]string{
		"p.yaml":              "^7287d4b57f0663d5$",
		"past.yaml":           "^event-[0-9a-f]{16}$",
		"past.yaml,more.yaml": "^event-[0-9a-f]{16}$",
	} {
		policy, err := Load(names)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(want).MatchString(policy.Hash()) {
			t.Errorf("the hash of %s is %s, want %s", names, policy.Hash(), want)
		}
	}
}
