package governor

import (
	"cmp"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/sealed"
)

// graves hide whoever was erased: "Erasure leaves a keyed hash with the no, and
// nothing else". What stands moves, with the log, from the id to the keyed hash, and
// is sealed; on contact.standing a tombstone takes its place. The zero value hides
// nobody.
type graves struct {
	keys *sealed.Keys
	of   map[rules.PersonID]rules.PersonID // whose the names are that were saved last
	gone []state.Change                    // of names under older keys
}

// Bury hides whoever was erased under the keys, from the next change of each on. The
// store must find them there (package sealed). Without keys nobody is hidden.
func (g *Governor) Bury(keys *sealed.Keys) {
	g.graves = graves{keys: keys}
}

// named is the name under which somebody is kept who was erased then; 0 is never.
func (g *Governor) named(erased rules.Instant, id rules.PersonID) rules.PersonID {
	if g.graves.keys == nil || erased == 0 {
		return id
	}
	return g.graves.keys.Tombstone(id)
}

// bury is the name under which a record is kept from now on. Where that is another
// than before, all of it moves there, and nothing is left on contact.standing.
func (g *Governor) bury(p *person, r *record) rules.PersonID {
	name, moved := g.move(r.id, r.buried, p.Erased, len(r.standing) > 0)
	if moved {
		r.standing, r.buried = nil, name
	}
	return name
}

// move is the name under which somebody is kept from now on, and whether that is
// another than the one of before.
func (g *Governor) move(id, buried rules.PersonID, erased rules.Instant, stood bool) (name rules.PersonID, moved bool) {
	before := cmp.Or(buried, id)
	if g.graves.keys == nil {
		return before, false
	}
	name = g.named(erased, id)
	if name == before {
		return name, false
	}
	if stood {
		g.emit(Output{Topic: Standing, Person: before, At: g.now})
	}
	if buried != "" {
		g.graves.gone = append(g.graves.gone, state.Change{Person: buried, SetStanding: true, SetLog: true})
	}
	return name, true
}

// buryAddress is the name under which an address is kept from now on, and whether
// that is another than before.
func (g *Governor) buryAddress(a rules.Address, there *address) (name rules.PersonID, moved bool) {
	name, moved = g.move(state.AddressID(a), there.buried, there.erased(), len(there.written) > 0)
	if moved {
		there.buried = name
	}
	return name, moved
}

// erased is when the last of those who refused the address was erased; 0 is never.
func (a *address) erased() (at rules.Instant) {
	for i := range a.Authors {
		at = max(at, a.Authors[i].Erased)
	}
	return at
}

// close is what is kept under the name of what stands.
func (b *graves) close(erased rules.Instant, name rules.PersonID, standing []byte) ([]byte, error) {
	if !sealed.IsTombstone(name) || len(standing) == 0 {
		return standing, nil
	}
	if b.keys == nil {
		return nil, sealed.ErrKeyMissing
	}
	return b.keys.Bury(name, erased, standing)
}

// leave removes what was kept under the ids of somebody who is buried, and under older
// keys. It does so each time: whoever died between the pieces of a memory may have
// left it there.
func (b *graves) leave(p *person) []state.Change {
	gone := b.gone
	b.gone = nil
	for i := range p.records {
		r := &p.records[i]
		if r.buried == "" {
			continue
		}
		gone = append(gone, state.Change{Person: r.id, SetStanding: true, SetLog: true})
		if b.of == nil {
			b.of = make(map[rules.PersonID]rules.PersonID)
		}
		b.of[r.buried] = r.id
	}
	return gone
}

// whose is the person whose name it is, of those who were saved last.
func (b *graves) whose(name rules.PersonID) rules.PersonID {
	if id, buried := b.of[name]; buried {
		return id
	}
	return name
}
