package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// "Signed links in approvals for channels that carry them" (issue 6): an approval has what Leaving says, a veto nothing.
func TestAnApprovalCarriesTheWayOut(t *testing.T) {
	w := newWorld(t)
	if d := w.ask(noon, newsletter("i0", "ann")); d.Verdict != schemas.Approved || d.Leave != nil {
		t.Fatalf("nobody said how to leave, and it is %s with %+v", d.Verdict, d.Leave)
	}
	w.g.Leaving(func(in *rules.Intent, decision rules.DecisionID) *schemas.Leave {
		if in.Channel != "email" {
			return nil
		}
		return &schemas.Leave{URL: "https://example.org/" + string(in.Person) + "/" + string(decision)}
	})
	d := w.ask(noon, newsletter("i1", "ben"))
	if d.Verdict != schemas.Approved || d.Leave == nil || d.Leave.URL != "https://example.org/ben/"+d.ID {
		t.Errorf("got %s with %+v", d.Verdict, d.Leave)
	}
	if d := w.ask(noon, newsletter("i1", "ben")); d.Verdict != schemas.Vetoed || d.Leave != nil {
		t.Errorf("a veto: got %s with %+v", d.Verdict, d.Leave)
	}
	call := newsletter("i2", "cleo")
	call.Channel = "call"
	if d := w.ask(noon, call); d.Verdict != schemas.Approved || d.Leave != nil {
		t.Errorf("a call: got %s with %+v", d.Verdict, d.Leave)
	}
}

func newsletter(id rules.IntentID, person rules.PersonID) rules.Intent {
	return rules.Intent{ID: id, Person: person, Channel: "email", Purpose: "newsletter", Campaign: "spring", Mode: rules.ModeManual}
}
