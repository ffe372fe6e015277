package stands_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/cmd/governor/internal/stands"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// What package state writes is what is read here, by the schema alone.
func TestWhatStandsIsRead(t *testing.T) {
	const noon = rules.Instant(1777896000000)
	p := state.Person{
		Person: rules.Person{
			Noes: []rules.No{
				{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms", Purpose: "survey", Subject: "a", Brand: "x", Address: "+49"}, At: noon - 5, Signal: "s1"},
				{Kind: rules.Cancelled, At: noon - 3, Signal: "s2", Record: "ana"},
				{Kind: rules.Complained, At: noon - 2, Signal: "s3", Record: "anna"}, // told where it was said
				{Kind: rules.Unreachable, Scope: rules.Scope{Address: "+49"}, At: noon, Signal: "s4"},
				{Kind: rules.Refused, At: noon - 1}, // could not be read
			},
			Consents: []rules.Consent{{Scope: rules.Scope{Channel: "sms"}, At: noon, Effective: true}, {At: noon}},
			Contacts: []rules.Contact{{Decision: "d", Delivered: noon - 9, Class: rules.Solicitation, Fate: rules.Happened}},
		},
		Heard: []state.Heard{{Signal: state.HashSignal("s1"), At: noon}, {Signal: state.HashSignal(""), At: noon}},
	}
	value, err := state.EncodeStanding("ana", &p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := stands.Read([]byte("ana"), value)
	if err != nil {
		t.Fatal(err)
	}
	at := schemas.Time(noon)
	want := stands.Word{
		Silent: at - 9,
		Noes: []stands.No{
			{Kind: rules.Refused, Scope: stands.Scope{Channel: "sms", Purpose: "survey", Subject: "a", Brand: "x", Address: "+49"}, Said: at - 5, Known: at, Signal: "s1"},
			{Kind: rules.Cancelled, Said: at - 3, Known: at - 3, Signal: "s2"},
			{Kind: rules.Refused, Said: at - 1, Known: at - 1},
		},
		Yeses: []stands.Yes{{Scope: stands.Scope{Channel: "sms"}, Said: at}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// No error names anybody.
func TestWhatCannotBeReadIsNotQuoted(t *testing.T) {
	for _, value := range []string{`{"person":"ana@example.org","refusals":7}`, `{"silent_since":"ana@example.org"}`, `ana@example.org`} {
		if _, err := stands.Read([]byte("ana@example.org"), []byte(value)); err == nil || strings.Contains(err.Error(), "ana") {
			t.Errorf("%s: %v", value, err)
		}
	}
	for key, is := range map[string]bool{"ana": true, "": false, "\x1eana": false, "\x1fana": false} {
		if stands.OfPerson([]byte(key)) != is {
			t.Errorf("%q is a person: %v", key, !is)
		}
	}
}
