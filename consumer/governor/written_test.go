package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
)

// What decisions are written on is used again once they are emitted, and a batch of which
// nothing came in between does not cost it. Until then it is not: what was taken and not
// said to be emitted stays as it is.
func TestWhatWasEmittedIsWrittenOver(t *testing.T) {
	w := newWorld(t)
	decide := func(id rules.IntentID) []byte {
		t.Helper()
		w.bring(func() []rules.PersonID { return []rules.PersonID{"p"} })
		w.g.Intent(governor.Source{}, &rules.Intent{ID: id, Person: "p", Channel: "email", Purpose: "marketing", At: noon})
		_, _, out, err := w.g.Take()
		if err != nil || len(out) == 0 {
			t.Fatal(out, err)
		}
		return out[0].Value
	}
	nothing := func() {
		t.Helper()
		if _, _, out, err := w.g.Take(); err != nil || len(out) != 0 {
			t.Fatal(out, err)
		}
	}
	first := decide("i1")
	kept := string(first)
	nothing()
	second := decide("i2")
	if &second[0] == &first[0] || string(first) != kept {
		t.Errorf("what was not emitted yet is written over: %s", first)
	}
	w.g.Emitted()
	nothing()
	third := decide("i3")
	if &third[0] != &second[0] {
		t.Error("it is written somewhere else, though what was there is emitted")
	}
	w.g.Emitted()
	if string(first) != kept {
		t.Errorf("what nobody said was emitted is written over: %s", first)
	}
}
