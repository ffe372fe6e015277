package state_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// What another partition is told of a person is everything, but what is held, which
// is answered before.
func TestAllOfAPersonIsTold(t *testing.T) {
	var find zones.Finder
	p := filled()
	standing, err := state.EncodeStanding("ada", &p)
	if err != nil {
		t.Fatal(err)
	}
	var there state.Person
	read := func(standing, log []byte) {
		t.Helper()
		var piece state.Person
		if err := state.DecodeStanding(standing, &piece, &find); err != nil {
			t.Fatal(err)
		}
		if err := state.DecodeLog(log, &piece, &find); err != nil {
			t.Fatal(err)
		}
		there.Absorb("eve", &piece, "ada")
	}
	for range 2 { // it may come twice
		read(standing, nil)
		merges, err := state.EncodeMerges("ada", &p)
		if err != nil {
			t.Fatal(err)
		}
		for _, log := range state.EncodePieces(&p) {
			read(merges, log)
		}
		read(merges, state.EncodeContact(&p.Contacts[0]))
	}
	p.Held = nil
	for i := range p.Contacts {
		p.Contacts[i].Fate |= rules.Elsewhere
	}
	want(t, "who was told", there, p)
}

// What stands is told without what only its own partition needs.
func TestWhatIsShared(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email"})
	a.hears(hours(1), state.Signal{ID: "s1", Type: state.Outcome, Intent: "i1", Result: state.Delivered})
	a.hears(hours(1), state.Signal{ID: "s2", Type: state.Refusal})
	b, err := state.EncodeShared("ada", &a.Person)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); !strings.Contains(s, "refusals") || strings.Contains(s, "heard") || strings.Contains(s, "silent_since") {
		t.Errorf("shared is %s", s)
	}
}

// A long log is told in pieces.
func TestPieces(t *testing.T) {
	var p state.Person
	for i := range 2000 {
		id := rules.IntentID(fmt.Sprint(strings.Repeat("x", 120), i))
		p.Contacts = append(p.Contacts, rules.Contact{Intent: id, Message: strings.Repeat("y", 250), At: hours(i)})
		p.Known.Add(rules.Known{Intent: id, At: hours(i)})
	}
	pieces := state.EncodePieces(&p)
	n := 0
	for _, log := range pieces {
		var piece state.Person
		if err := state.DecodeLog(log, &piece, &zones.Finder{}); err != nil {
			t.Fatal(err)
		}
		if n += len(piece.Contacts) + piece.Known.Len(); len(log) > 512<<10 {
			t.Errorf("a piece has %d bytes", len(log))
		}
	}
	want(t, "all of it", n, 4000)
	want(t, "in more than one piece", len(pieces) > 3, true)
	want(t, "of nobody there are none", len(state.EncodePieces(&state.Person{})), 0)
}
