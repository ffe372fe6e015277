package governor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// told reads what another partition tells, or the HTTP API.
func (r *Reader) told(t *schemas.Told, wrong error, arrived rules.Instant) (state.Signal, error) {
	if wrong != nil {
		return state.Signal{}, wrong
	}
	unreadable := &schemas.Malformed{Reason: "is told by a governor, and cannot be read: nobody else publishes such records"}
	out := state.Signal{ID: rules.SignalID(t.ID), Person: rules.PersonID(t.Person), Type: state.SignalType(t.Type), At: rules.Instant(t.At)}
	if t.Type == schemas.ToldAddress {
		address, is := state.IsAddress(out.Person)
		there, err := state.DecodeAddress(t.Address)
		if !is || err != nil {
			return state.Signal{}, unreadable
		}
		out.Scope.Address, out.There = address, &there
		return out, nil
	}
	if t.Type == schemas.ToldCampaign {
		name, is := state.IsCampaign(out.Person)
		said, err := state.DecodeCampaign(name, t.Campaign)
		if !is || err != nil {
			return state.Signal{}, unreadable
		}
		out.Campaign = &said
		return out, nil
	}
	out.Record, out.Memory = rules.PersonID(t.Record), &state.Person{}
	if state.DecodeStanding(t.Standing, out.Memory, r.Zones) != nil || state.DecodeLog(t.Log, out.Memory, r.Zones) != nil {
		return state.Signal{}, unreadable
	}
	if t.Signal != nil {
		said, _, err := r.Signal(t.Signal, arrived)
		if err != nil || Tells(said.Type) {
			return state.Signal{}, unreadable
		}
		out.Said = &said
	}
	return out, nil
}

// tell tells another partition: the one of the key, or, of an address, all of them.
// The id is made of what is told and where that came from, so that it is the same
// once more.
func (g *Governor) tell(src Source, t schemas.Told, wrong error) {
	if g.belongs == nil {
		return // there is no other
	}
	t.At = schemas.Time(g.now)
	sum := sha256.New()
	for _, part := range [...][]byte{[]byte(src.String()), []byte(t.Person), []byte(t.Record), t.Standing, t.Log, t.Signal, t.Address} {
		sum.Write(binary.AppendUvarint(nil, uint64(len(part)))) // writing to a hash never fails
		sum.Write(part)
	}
	t.ID = "g-" + hex.EncodeToString(sum.Sum(nil)[:16])
	if wrong != nil {
		g.failed = errors.Join(g.failed, fmt.Errorf("tell another partition: %w", wrong))
		return
	}
	g.emit(Output{
		Topic: Signals, Person: rules.PersonID(t.Person), ID: t.ID, At: g.now, Value: t.AppendJSON(nil), Source: src,
		Everywhere: t.Type == schemas.ToldAddress,
	})
}
