package governor

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// aheadMost is how far a record may be ahead of its arrival. Up to that its
// time is taken as now; beyond it the record is malformed.
const aheadMost = 24 * time.Hour

// Reader turns records of the wire into what the rules know: it decodes them
// strictly and checks them against the policy's vocabulary. What it refuses is a
// *schemas.Malformed, for the dead-letter topic.
type Reader struct {
	Policy *rules.Policy
	Zones  *zones.Finder
}

// Intent reads an intent that arrived at the given instant. The names of the
// fields that it ignored come back too.
func (r *Reader) Intent(value []byte, arrived rules.Instant) (rules.Intent, schemas.Ignored, error) {
	in, ignored, err := schemas.DecodeIntent(value)
	if err != nil {
		return rules.Intent{}, ignored, err
	}
	var wrong mistakes
	if !r.Policy.HasChannel(rules.Channel(in.Channel)) {
		wrong.add("channel", "is not one that the policy declares; declare it, or send one of those that are")
	}
	if _, known := r.Policy.Class(rules.Purpose(in.Purpose)); !known {
		wrong.add("purpose", "is not one that the policy declares; declare it with its class, or send one of those that are")
	}
	wrong.ahead(in.At, arrived)
	locs := wrong.zones(r.Zones, in.Zones)
	if err := wrong.err(); err != nil {
		return rules.Intent{}, ignored, err
	}
	return rules.Intent{
		ID: rules.IntentID(in.ID), Person: rules.PersonID(in.Person), Channel: rules.Channel(in.Channel),
		Purpose: rules.Purpose(in.Purpose), Campaign: rules.Campaign(in.Campaign), Subject: rules.Subject(in.Subject),
		Brand: rules.Brand(in.Brand), Engine: in.Engine, Address: rules.Address(in.Address), Mode: mode(in.Mode),
		Message: in.Message, ReplyTo: rules.SignalID(in.ReplyTo), At: min(rules.Instant(in.At), arrived),
		NotBefore: rules.Instant(in.NotBefore), NotAfter: rules.Instant(in.NotAfter), Zones: locs,
		Priority: in.Priority, Promotes: in.ContainsPromotion,
	}, ignored, nil
}

// Signal reads a signal that arrived at the given instant.
func (r *Reader) Signal(value []byte, arrived rules.Instant) (state.Signal, schemas.Ignored, error) {
	s, ignored, err := schemas.DecodeSignal(value)
	if err != nil {
		if t, ours, wrong := schemas.DecodeTold(value); ours {
			out, err := r.told(&t, wrong, arrived)
			return out, schemas.Ignored{}, err
		}
		return state.Signal{}, ignored, err
	}
	var wrong mistakes
	wrong.ahead(s.At, arrived)
	locs := wrong.zones(r.Zones, s.Zones)
	if err := wrong.err(); err != nil {
		return state.Signal{}, ignored, err
	}
	out := state.Signal{
		ID: rules.SignalID(s.ID), Person: rules.PersonID(s.Person), Type: state.SignalType(s.Type), At: rules.Instant(s.At),
		Scope: rules.Scope{Channel: rules.Channel(s.Channel), Purpose: rules.Purpose(s.Purpose), Subject: rules.Subject(s.Subject),
			Brand: rules.Brand(s.Brand), Address: rules.Address(s.Address)},
		Source: s.Source, Evidence: s.Evidence, Text: s.Text, Auto: s.Auto,
		Intent: rules.IntentID(s.Intent), Decision: rules.DecisionID(s.Decision), Result: state.Result(s.Result),
		Human: s.Actor == schemas.ActorHuman, Zones: locs,
		HasQuiet: s.Quiet != nil, HasZones: s.Zones != nil, HasBudget: s.Budget != nil,
		Status: state.AddressStatus(s.Status), Into: rules.PersonID(s.Into), Worker: s.Worker, Raw: value,
	}
	if s.Type == schemas.TypeAddress {
		out.Scope.Address = rules.Address(s.Value)
	}
	for _, q := range s.Quiet {
		out.Quiet = append(out.Quiet, quiet(q))
	}
	for _, b := range s.Budget {
		out.Budget = append(out.Budget, rules.Budget{Channel: rules.Channel(b.Channel), Max: b.Max, Per: b.Per})
	}
	return out, ignored, nil
}

// mistakes gathers all that is wrong with a record, so that its sender is told at
// once. What stood in it is not repeated.
type mistakes []schemas.Malformed

func (m *mistakes) add(field, reason string) {
	*m = append(*m, schemas.Malformed{Field: field, Reason: reason})
}

func (m *mistakes) ahead(at schemas.Time, arrived rules.Instant) {
	if rules.Instant(at) > arrived.Add(aheadMost) {
		m.add("at", "is more than 24 h ahead of its arrival; mend the clock of the sender")
	}
}

// zones finds zones by their names.
func (m *mistakes) zones(find *zones.Finder, names []string) (locs []*time.Location) {
	for i, name := range names {
		loc, err := find.Find(name)
		if err != nil {
			m.add(fmt.Sprintf("zones[%d]", i), "is no time zone; write an IANA name such as Europe/Berlin")
			continue
		}
		locs = append(locs, loc)
	}
	return locs
}

func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	first := m[0]
	first.More = m[1:]
	return &first
}

// mode is how a call is placed; an absent one is manual, on every channel, so
// that the two are the same content.
func mode(m string) rules.Mode {
	if m == "" {
		return rules.ModeManual
	}
	return rules.Mode(m)
}

func quiet(q schemas.Quiet) rules.QuietSpan {
	out := rules.QuietSpan{From: time.Duration(q.From) * time.Minute, To: time.Duration(q.To) * time.Minute}
	for _, name := range q.Days {
		for i, day := range schemas.Days() {
			if day == name {
				out.Days[(i+1)%7] = true // the contract's week begins with mon, time.Weekday's with Sunday
			}
		}
	}
	return out
}
