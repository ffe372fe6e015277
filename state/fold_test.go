package state_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "A signal id seen before changes nothing, whatever it says."
func TestASignalIsHeardOnce(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "s1", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	before := a.stands()
	for _, s := range []state.Signal{
		{ID: "s1", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}, At: hours(0)},
		{ID: "s1", Type: state.Consent, Source: state.SourceSettings, At: hours(5)},
		{ID: "s1", Type: state.Erasure, At: hours(5)},
	} {
		if state.ApplySignal(a.policy, &a.Person, &s, hours(5)) {
			t.Errorf("%s under an id that was heard is new", s.Type)
		}
	}
	want(t, "what stands", a.stands(), before)
}

// "Between refusals and consents `at` decides, ties go to no" (design.md), "each
// by its own `at`: it must be later; a tie is a no".
func TestAConsentLiftsOnlyWhatWasSaidBefore(t *testing.T) {
	for _, c := range []struct {
		refused, agreed int // hour
		reason          rules.Reason
	}{
		{1, 2, ""},
		{2, 2, rules.RefusedState},
		{2, 1, rules.RefusedState},
	} {
		for _, refusalFirst := range []bool{true, false} {
			a := newAda(t)
			refusal := state.Signal{ID: "no", Type: state.Refusal, At: hours(c.refused)}
			consent := state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, At: hours(c.agreed)}
			if refusalFirst {
				a.arrives(hours(5), refusal)
				a.arrives(hours(5), consent)
			} else {
				a.arrives(hours(5), consent)
				a.arrives(hours(5), refusal)
			}
			want(t, "reason", a.vetoed(hours(6), rules.Intent{ID: "i", Channel: "email"}), c.reason)
		}
	}
}

// "A consent with `source: settings` or with `evidence` lifts … Any other consent
// is recorded and lifts nothing."
func TestAConsentNeedsTheHandOrEvidence(t *testing.T) {
	for _, c := range []struct {
		source, evidence string
		lifts            bool
	}{
		{state.SourceSettings, "", true}, {"agent", "recording 7", true}, {"", "form 3", true},
		{"agent", "", false}, {"import", "", false}, {"", "", false},
	} {
		a := newAda(t)
		a.hears(hours(0), state.Signal{ID: "no", Type: state.Refusal})
		a.hears(hours(1), state.Signal{ID: "yes", Type: state.Consent, Source: c.source, Evidence: c.evidence})
		reason := a.vetoed(hours(2), rules.Intent{ID: "i", Channel: "email"})
		if (reason == "") != c.lifts {
			t.Errorf("consent from %q with evidence %q: %q", c.source, c.evidence, reason)
		}
		if len(a.Consents) != 1 || a.Consents[0].Evidence != c.evidence {
			t.Errorf("it is recorded as %+v", a.Consents)
		}
		if acted := a.HumanAct != 0; acted != c.lifts {
			t.Errorf("a consent from %q with evidence %q is a human act: %t", c.source, c.evidence, acted)
		}
	}
}

// "Reasons stand side by side" (design.md): a cancellation, a complaint and a
// bounce of the same scope are three noes.
func TestReasonsStandSideBySide(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "1", Type: state.Refusal, Scope: rules.Scope{Brand: "b"}})
	a.hears(hours(0), state.Signal{ID: "2", Type: state.Cancellation, Scope: rules.Scope{Brand: "b"}})
	a.hears(hours(0), state.Signal{ID: "3", Type: state.Complaint, Scope: rules.Scope{Brand: "b"}})
	a.hears(hours(1), state.Signal{ID: "4", Type: state.Refusal, Scope: rules.Scope{Brand: "b"}})
	want(t, "noes", a.Noes, []rules.No{
		{Kind: rules.Refused, Scope: rules.Scope{Brand: "b"}, At: hours(1), Signal: "4"}, // the later of two alike
		{Kind: rules.Cancelled, Scope: rules.Scope{Brand: "b"}, At: hours(0), Signal: "2"},
		{Kind: rules.Complained, Scope: rules.Scope{Brand: "b"}, At: hours(0), Signal: "3"},
	})
	if a.HumanAct != 0 {
		t.Error("a no is no sign of life")
	}
}

// "Cancellation: all solicitation about the subject on all channels …; Complaint:
// the brand's solicitation on every channel."
func TestACancellationAndAComplaintWidenToEveryChannel(t *testing.T) {
	for _, kind := range []state.SignalType{state.Cancellation, state.Complaint} {
		a := newAda(t)
		a.hears(hours(0), state.Signal{ID: "1", Type: kind, Scope: rules.Scope{Channel: "email", Subject: "loan", Brand: "b", Address: "a@x", Purpose: "marketing"}})
		if reason := a.vetoed(hours(1), rules.Intent{ID: "i", Channel: "sms", Subject: "loan", Brand: "b", Address: "+49"}); reason == "" {
			t.Errorf("a %s on e-mail leaves sms free", kind)
		}
		if len(a.Noes) != 1 || a.Noes[0].Scope.Address != "" || a.Noes[0].Scope.Purpose != "" {
			t.Errorf("a %s is kept as %+v", kind, a.Noes)
		}
	}
}

// "up to that it is taken as now": a signal may say a time that has not come.
func TestATimeThatHasNotComeIsNow(t *testing.T) {
	a := newAda(t)
	a.arrives(hours(1), state.Signal{ID: "1", Type: state.Refusal, At: hours(20)})
	a.arrives(hours(2), state.Signal{ID: "2", Type: state.Consent, Source: state.SourceSettings, At: hours(2)})
	want(t, "when it was said", a.Noes[0].At, hours(1))
	want(t, "reason", a.vetoed(hours(3), rules.Intent{ID: "i", Channel: "email"}), "")
}

// "An unreadable refusal whose person can be read refuses everything from its
// arrival …; a later consent that lifts … lifts it."
func TestAnUnreadableRefusalRefusesEverything(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	state.RefuseEverything(&a.Person, "ada", hours(1))
	state.RefuseEverything(&a.Person, "ada", hours(1)) // the same record, delivered again
	want(t, "noes", a.Noes, []rules.No{{Kind: rules.Refused, At: hours(1)}})
	want(t, "reason", a.vetoed(hours(2), rules.Intent{ID: "i", Channel: "mail"}), rules.RefusedState)
	want(t, "opt-out that may be confirmed", a.OptOut, hours(1))
	a.hears(hours(3), state.Signal{ID: "yes 2", Type: state.Consent, Source: state.SourceSettings})
	want(t, "reason after the consent", a.vetoed(hours(4), rules.Intent{ID: "i", Channel: "mail"}), "")
}

// "Human acts: engagement by a human, conversation (as signal or outcome),
// `answered`, a non-automatic reply that is no refusal, an effective consent, a
// preference. Never a refusal, never anything by a machine or unknown."
func TestHumanActs(t *testing.T) {
	outcome := func(r state.Result) state.Signal {
		return state.Signal{Type: state.Outcome, Intent: "i1", Result: r}
	}
	for name, c := range map[string]struct {
		signal state.Signal
		acts   bool
	}{
		"engagement by a human":      {state.Signal{Type: state.Engagement, Human: true}, true},
		"engagement by a machine":    {state.Signal{Type: state.Engagement}, false},
		"conversation":               {state.Signal{Type: state.Conversation}, true},
		"outcome conversation":       {outcome(state.Conversed), true},
		"outcome answered":           {outcome(state.Answered), true},
		"outcome delivered":          {outcome(state.Delivered), false},
		"outcome voicemail":          {outcome(state.Voicemail), false},
		"reply":                      {state.Signal{Type: state.Reply, Text: "who is this?"}, true},
		"automatic reply":            {state.Signal{Type: state.Reply, Text: "out of office", Auto: true}, false},
		"reply that refuses":         {state.Signal{Type: state.Reply, Text: "STOP"}, false},
		"reply that agrees":          {state.Signal{Type: state.Reply, Text: "START"}, true},
		"effective consent":          {state.Signal{Type: state.Consent, Source: state.SourceSettings}, true},
		"consent of an agent":        {state.Signal{Type: state.Consent, Source: "agent"}, false},
		"preference":                 {state.Signal{Type: state.Preference}, true},
		"refusal":                    {state.Signal{Type: state.Refusal}, false},
		"cancellation":               {state.Signal{Type: state.Cancellation}, false},
		"complaint":                  {state.Signal{Type: state.Complaint}, false},
		"case":                       {state.Signal{Type: state.CaseOpened}, false},
		"resolved":                   {state.Signal{Type: state.Resolved}, false},
		"address":                    {state.Signal{Type: state.AddressOf, Status: state.Assigned}, false},
		"a type that nobody knows":   {state.Signal{Type: "dance"}, false},
		"outcome of another contact": {state.Signal{Type: state.Outcome, Intent: "i2", Result: state.Answered}, false},
	} {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call"})
		c.signal.ID = "s"
		a.hears(hours(1), c.signal)
		if acted := a.HumanAct != 0; acted != c.acts {
			t.Errorf("%s is a human act: %t, want %t", name, acted, c.acts)
		}
	}
	a := newAda(t)
	a.arrives(hours(9), state.Signal{ID: "1", Type: state.Conversation, At: hours(5)})
	a.arrives(hours(9), state.Signal{ID: "2", Type: state.Conversation, At: hours(3)})
	want(t, "the latest sign of life", a.HumanAct, hours(5))
}

// "Preference …; a later preference replaces its own fields only."
func TestAPreferenceReplacesItsOwnFieldsOnly(t *testing.T) {
	quiet := []rules.QuietSpan{{Days: [7]bool{1: true}, From: time.Hour, To: 2 * time.Hour}}
	budget := []rules.Budget{{Max: 1, Per: time.Hour}}
	a := newAda(t)
	a.hears(hours(1), state.Signal{ID: "1", Type: state.Preference, Quiet: quiet, HasQuiet: true, Zones: []*time.Location{time.UTC}, HasZones: true})
	a.hears(hours(2), state.Signal{ID: "2", Type: state.Preference, Budget: budget, HasBudget: true})
	want(t, "quiet", a.Quiet, quiet)
	want(t, "zones", a.Zones, []*time.Location{time.UTC})
	want(t, "budget", a.Budget, budget)

	a.hears(hours(3), state.Signal{ID: "3", Type: state.Preference, HasQuiet: true}) // takes back
	want(t, "quiet taken back", a.Quiet, []rules.QuietSpan(nil))
	want(t, "budget untouched", a.Budget, budget)

	a.arrives(hours(9), state.Signal{ID: "4", Type: state.Preference, At: hours(2), Quiet: quiet, HasQuiet: true, Budget: []rules.Budget{{Max: 9, Per: time.Hour}}, HasBudget: true})
	want(t, "quiet of an older preference that came later", a.Quiet, []rules.QuietSpan(nil))
	want(t, "budget said at the same time", a.Budget[0].Max, 9)
	want(t, "times", []rules.Instant{a.QuietAt, a.ZonesAt, a.BudgetAt}, []rules.Instant{hours(3), hours(1), hours(2)})
}

// "the subject only pairs opening with closing; the latest `at` wins, a tie is
// open."
func TestCases(t *testing.T) {
	open := func(id rules.SignalID, hour int, s rules.Scope) state.Signal {
		return state.Signal{ID: id, Type: state.CaseOpened, At: hours(hour), Scope: s}
	}
	closed := func(id rules.SignalID, hour int, s rules.Scope) state.Signal {
		return state.Signal{ID: id, Type: state.CaseClosed, At: hours(hour), Scope: s}
	}
	loan := rules.Scope{Subject: "loan", Brand: "b"}
	for name, c := range map[string]struct {
		signals []state.Signal
		open    bool
	}{
		"opened":                            {[]state.Signal{open("1", 1, loan)}, true},
		"opened and closed":                 {[]state.Signal{open("1", 1, loan), closed("2", 2, loan)}, false},
		"closed, and the opening came late": {[]state.Signal{closed("2", 2, loan), open("1", 1, loan)}, false},
		"a tie":                             {[]state.Signal{open("1", 1, loan), closed("2", 1, loan)}, true},
		"a tie the other way round":         {[]state.Signal{closed("2", 1, loan), open("1", 1, loan)}, true},
		"opened again":                      {[]state.Signal{open("1", 1, loan), closed("2", 2, loan), open("3", 3, loan)}, true},
		"another subject closed":            {[]state.Signal{open("1", 1, loan), closed("2", 2, rules.Scope{Subject: "card", Brand: "b"})}, true},
		"another brand closed":              {[]state.Signal{open("1", 1, loan), closed("2", 2, rules.Scope{Subject: "loan"})}, true},
	} {
		a := newAda(t)
		for _, s := range c.signals {
			a.arrives(hours(9), s)
		}
		reason := a.vetoed(hours(10), rules.Intent{ID: "i", Channel: "email", Subject: "other", Brand: "b"})
		if (reason == rules.Inhibited) != c.open {
			t.Errorf("%s: %q, want open %t", name, reason, c.open)
		}
	}
}

// "`address` with `reassigned` (latest `at` wins, over `assigned` on a tie) …;
// `removed`: nothing."
func TestAddresses(t *testing.T) {
	say := func(id rules.SignalID, hour int, status state.AddressStatus) state.Signal {
		return state.Signal{ID: id, Type: state.AddressOf, At: hours(hour), Scope: rules.Scope{Address: "+49"}, Status: status}
	}
	for name, c := range map[string]struct {
		signals []state.Signal
		void    bool
	}{
		"assigned":                    {[]state.Signal{say("1", 1, state.Assigned)}, false},
		"reassigned":                  {[]state.Signal{say("1", 1, state.Reassigned)}, true},
		"assigned back":               {[]state.Signal{say("1", 1, state.Reassigned), say("2", 2, state.Assigned)}, false},
		"assigned before, heard late": {[]state.Signal{say("2", 2, state.Reassigned), say("1", 1, state.Assigned)}, true},
		"a tie":                       {[]state.Signal{say("1", 1, state.Reassigned), say("2", 1, state.Assigned)}, true},
		"a tie the other way round":   {[]state.Signal{say("1", 1, state.Assigned), say("2", 1, state.Reassigned)}, true},
		"removed":                     {[]state.Signal{say("1", 1, state.Removed)}, false},
		"removed after":               {[]state.Signal{say("1", 1, state.Reassigned), say("2", 2, state.Removed)}, true},
	} {
		a := newAda(t)
		for _, s := range c.signals {
			a.arrives(hours(9), s)
		}
		reason := a.vetoed(hours(10), rules.Intent{ID: "i", Channel: "sms", Address: "+49"})
		if (reason == rules.ConsentVoid) != c.void {
			t.Errorf("%s: %q, want void %t", name, reason, c.void)
		}
		want(t, "elsewhere", a.vetoed(hours(10), rules.Intent{ID: "i", Channel: "sms", Address: "+44"}), "")
	}
}

// "Erasure keeps every no (then `refused.tombstone`) …, forgets the rest, consents
// and intent ids too (so what a consent had lifted stands again)."
func TestErasureKeepsEveryNoAndNothingElse(t *testing.T) {
	a := newAda(t)
	a.hears(hours(0), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	a.hears(hours(0), state.Signal{ID: "complaint", Type: state.Complaint, Scope: rules.Scope{Brand: "b"}})
	a.hears(hours(1), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	a.hears(hours(1), state.Signal{ID: "want", Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 1, Per: time.Hour}}})
	a.hears(hours(1), state.Signal{ID: "case", Type: state.CaseOpened})
	a.hears(hours(1), state.Signal{ID: "number", Type: state.AddressOf, Scope: rules.Scope{Address: "+49"}, Status: state.Assigned})
	a.approve(hours(2), rules.Intent{ID: "i1", Channel: "email"})
	state.Hold(&a.Person, rules.Held{Intent: rules.Intent{ID: "i2", Subject: "toll"}})
	state.ApplyDecision(a.policy, &a.Person, &rules.Intent{ID: "i3"}, "d3", &rules.Decision{Verdict: rules.Vetoed}, nil, hours(2))
	want(t, "reason before", a.vetoed(hours(3), rules.Intent{ID: "i", Channel: "sms", Brand: "c"}), rules.Inhibited)

	a.hears(hours(3), state.Signal{ID: "erase", Type: state.Erasure})
	want(t, "noes", a.Noes, []rules.No{
		{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms"}, At: hours(0), Signal: "no", Erased: true},
		{Kind: rules.Complained, Scope: rules.Scope{Brand: "b"}, At: hours(0), Signal: "complaint", Erased: true},
	})
	want(t, "the rest", a.Person.Person, rules.Person{Noes: a.Noes, Spent: a.Spent, Erased: hours(3)})
	want(t, "reason after", a.vetoed(hours(4), rules.Intent{ID: "i", Channel: "sms"}), rules.RefusedTombstone)
	want(t, "it is no refusal by itself", a.vetoed(hours(4), rules.Intent{ID: "i", Channel: "email"}), "")

	// The yes from before, published once more, lifts nothing; a new one does.
	old := state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, At: hours(1)}
	if state.ApplySignal(a.policy, &a.Person, &old, hours(5)) {
		t.Error("a yes from before the erasure was taken again")
	}
	a.hears(hours(6), state.Signal{ID: "yes 2", Type: state.Consent, Source: state.SourceSettings})
	want(t, "reason after a new yes", a.vetoed(hours(7), rules.Intent{ID: "i", Channel: "sms"}), "")

	// A no that is said again stands beside the erased one, and survives the next erasure.
	a.hears(hours(8), state.Signal{ID: "no 2", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	want(t, "noes", len(a.Noes), 3)
	a.hears(hours(9), state.Signal{ID: "erase 2", Type: state.Erasure})
	want(t, "noes", len(a.Noes), 3)
}

// "no two decisions share [an id]": ids that had a decision stay spent through an
// erasure.
func TestErasureKeepsWhichIDsAreSpent(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "approved", Channel: "email"})
	state.Hold(&a.Person, rules.Held{Intent: rules.Intent{ID: "held"}})
	state.ApplyDecision(a.policy, &a.Person, &rules.Intent{ID: "vetoed"}, "d", &rules.Decision{Verdict: rules.Vetoed}, nil, hours(0))
	a.hears(hours(1), state.Signal{ID: "erase", Type: state.Erasure})
	for _, id := range []rules.IntentID{"approved", "held", "vetoed"} {
		if a.DecisionID("ada", id, at("7/12")) == rules.DecisionFor("ada", id) {
			t.Errorf("the decision id of %s is used a second time", id)
		}
	}
	want(t, "a new id", a.DecisionID("ada", "new", at("7/13")), rules.DecisionFor("ada", "new"))
}

// at is a position in the log, for whoever needs it.
func at(position string) func() string { return func() string { return position } }
