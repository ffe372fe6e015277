package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// Whose time it is changes nothing that the rules say: the same question at the
// same instant has the same answer.
func TestClocksDecideAlike(t *testing.T) {
	strict := func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "x", Most: 0, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(7)}}}
	}
	live := bare(t, strict)
	past := bare(t, func(s *rules.Spec) { strict(s); s.Clock = rules.ByEvent })
	if live.EventClock() || !past.EventClock() {
		t.Fatal("a policy does not say whose clock it goes by")
	}
	if rules.EventHash(live.Hash()) || !rules.EventHash(past.Hash()) || past.Hash() != "event-"+live.Hash() {
		t.Errorf("a decision does not say whose clock it was made by: %s and %s", live.Hash(), past.Hash())
	}
	for _, p := range []*rules.Policy{live, past} {
		vetoed(t, ask(p, &rules.Person{}, to("email", "marketing", made(noon)), noon), "cap.x")
	}
}

func TestNoSuchClock(t *testing.T) {
	_, problems := rules.Compile(&rules.Spec{
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}},
		Clock:    7, ClockLine: line(4),
	})
	if want := "p.yaml:4:3: there is no clock 7: decide by arrival (0) or by event (1)"; len(problems) != 1 || problems[0].String() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
}
