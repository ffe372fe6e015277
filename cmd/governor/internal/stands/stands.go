// Package stands reads what stands for a person, from the records of contact.standing,
// for those who tell of it: who said no to what, and when that became known.
package stands

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Scope is what a no or a yes names; what is absent widens it.
type Scope struct{ Channel, Purpose, Subject, Brand, Address string }

// No is one no of a person: a refusal, a cancellation or a complaint.
type No struct {
	Kind   rules.NoKind
	Scope  Scope
	Said   schemas.Time // when it was, as whoever told it says
	Known  schemas.Time // when the governor heard of it, as far as that is remembered
	Signal string       // "" where it could not be read
}

// Yes is a consent that lifts what it covers.
type Yes struct {
	Scope Scope
	Said  schemas.Time
}

// Word is what stands for a person now.
type Word struct {
	Silent schemas.Time // since when the person does not answer; 0: nothing is unanswered
	Noes   []No
	Yeses  []Yes
}

// OfPerson says whether a key is a person's id: those of addresses, of campaigns and of
// who was erased begin with a character that no id has.
func OfPerson(key []byte) bool { return len(key) > 0 && key[0] >= ' ' }

// Read reads a value. Of records that are one person's, each no is told where it was
// said. A bounce is nobody's no, and is left out. The error quotes nothing of it.
func Read(person, value []byte) (w Word, err error) {
	var in struct {
		Refusals []struct {
			Kind   rules.NoKind `json:"kind"`
			Signal string       `json:"signal"`
			Record string       `json:"record"`
			said
		} `json:"refusals"`
		Consents []struct {
			Effective bool `json:"effective"`
			said
		} `json:"consents"`
		SilentSince string `json:"silent_since"`
		Heard       []struct {
			Signal string `json:"signal"`
			At     string `json:"at"`
		} `json:"heard"`
	}
	if err := json.Unmarshal(value, &in); err != nil {
		return Word{}, fmt.Errorf("what stands for a person cannot be read: %T", err) // the error may quote it
	}
	var r reader
	w.Silent = r.time(in.SilentSince)
	heard := make(map[string]schemas.Time)
	for i := range in.Heard {
		heard[in.Heard[i].Signal] = r.time(in.Heard[i].At)
	}
	for i := range in.Refusals {
		n := &in.Refusals[i]
		if n.Kind == rules.Unreachable || n.Record != "" && !bytes.Equal([]byte(n.Record), person) {
			continue
		}
		no := No{Kind: n.Kind, Scope: n.scope(), Said: r.time(n.At), Signal: n.Signal}
		no.Known = no.Said
		if at, found := heard[state.HashSignal(rules.SignalID(n.Signal)).String()]; found && n.Signal != "" {
			no.Known = at
		}
		w.Noes = append(w.Noes, no)
	}
	for i := range in.Consents {
		if c := &in.Consents[i]; c.Effective {
			w.Yeses = append(w.Yeses, Yes{c.scope(), r.time(c.At)})
		}
	}
	return w, r.err
}

// said is a scope as it is written, and a time.
type said struct {
	Channel string `json:"channel"`
	Purpose string `json:"purpose"`
	Subject string `json:"subject"`
	Brand   string `json:"brand"`
	Address string `json:"address"`
	At      string `json:"at"`
}

func (s *said) scope() Scope { return Scope{s.Channel, s.Purpose, s.Subject, s.Brand, s.Address} }

// reader keeps the first error.
type reader struct{ err error }

func (r *reader) time(s string) schemas.Time {
	if s == "" {
		return 0
	}
	at, err := schemas.ParseTime(s)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("a time of what stands for a person cannot be read: %w", err)
	}
	return at
}
