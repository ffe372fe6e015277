package state_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// What stands for a person goes out on contact.standing as it is kept, so it
// must be what the schema of that topic says. (The file is read and not
// imported: state does not know the wire.)
func TestWhatStandsIsWhatItsSchemaSays(t *testing.T) {
	file, err := os.ReadFile("../schemas/standing.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("standing.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("standing.json")
	if err != nil {
		t.Fatal(err)
	}
	at := rules.At(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	scope := rules.Scope{Channel: "call", Purpose: "marketing", Subject: "debt:3", Brand: "acme", Address: "+1"}
	full := state.Person{
		Person: rules.Person{
			Noes:     []rules.No{{Kind: rules.Refused, Scope: scope, At: at, Signal: "s1", Erased: true, Record: "maja"}, {Kind: rules.Unreachable, At: at}},
			Consents: []rules.Consent{{Scope: scope, At: at, Effective: true, Evidence: "a recording", Signal: "s2", Record: "mara"}},
			Contacts: []rules.Contact{{Class: rules.Solicitation, At: at, Delivered: at + 1, Fate: rules.Happened}},
			Cases:    []rules.Case{{Subject: "c", Brand: "acme", At: at, Open: true}},
			Numbers:  []rules.Number{{Address: "+1", At: at, Reassigned: true}},
			Talks:    []rules.Talk{{Channel: "call", Subject: "debt:3", At: at}, {At: at}},
			Merges:   []rules.Merge{{Record: "maja", Into: "mara", At: at}},
			HumanAct: at, Abandoned: at, OptOut: at, Erased: at,
			Zones: []*time.Location{time.UTC}, ZonesAt: at,
			Quiet: []rules.QuietSpan{{Days: [7]bool{true, false, true}, From: time.Hour, To: 2 * time.Hour}}, QuietAt: at,
			Budget: []rules.Budget{{Channel: "email", Max: 1, Per: 720 * time.Hour}}, BudgetAt: at,
		},
		Heard: []state.Heard{{Signal: state.HashSignal("s1"), At: at}},
	}
	for name, p := range map[string]*state.Person{"everything": &full, "almost nothing": {Person: rules.Person{OptOut: at}}} {
		b, err := state.EncodeStanding("mara", p)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %s: %v", name, b, err)
		}
	}
}
