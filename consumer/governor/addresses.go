package governor

import (
	"bytes"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// addresses is what was refused of addresses, which binds everybody who is
// contacted there. Whoever is remembered has the addresses remembered that they
// have to do with: of what is held or out, and those that they refused.
type addresses struct {
	known   map[rules.Address]*address
	touched []rules.Address  // since the last Take, each once
	wanted  []rules.PersonID // the ids of those that are still to be remembered
	out     outs[rules.Address]
}

// address is the memory of one address, and what of it the store already has.
type address struct {
	state.Address
	written []byte
	buried  rules.PersonID // the name under which it is kept since one who refused it was erased
	touched bool
}

// rememberAddress takes in what the store keeps of an address.
func (g *Governor) rememberAddress(a rules.Address, m state.Memory) error {
	if g.addresses.known[a] != nil {
		return nil
	}
	there, err := state.DecodeAddress(m.Standing)
	if err != nil {
		return err
	}
	*g.address(a) = address{Address: there, written: m.Standing, buried: m.Under}
	return nil
}

// address is the memory of an address.
func (g *Governor) address(a rules.Address) *address {
	there := g.addresses.known[a]
	if there == nil {
		there = &address{}
		if g.addresses.known == nil {
			g.addresses.known = make(map[rules.Address]*address)
		}
		g.addresses.known[a] = there
	}
	return there
}

// want notes which addresses and campaigns the person has to do with, and who has
// something out there.
func (g *Governor) want(p *person) {
	need := func(a rules.Address) {
		if a != "" && g.addresses.known[a] == nil {
			g.addresses.wanted = append(g.addresses.wanted, state.AddressID(a))
		}
	}
	for i := range p.Held {
		need(p.Held[i].Intent.Address)
		g.wantCampaign(p.Held[i].Intent.Campaign)
	}
	for i := range p.Contacts {
		if c := &p.Contacts[i]; g.isOut(c) || g.mayLeak(c) {
			need(c.Address)
			g.wantCampaign(c.Campaign)
			g.goesOut(c.Address, c.Campaign, p.whose(c), c.NotAfter)
		}
	}
	for _, a := range p.Refuses() {
		need(a)
	}
}

// forgetAddresses drops the memory of addresses that nobody who is still
// remembered has to do with.
func (g *Governor) forgetAddresses() {
	for a, there := range g.addresses.known {
		if !there.touched {
			delete(g.addresses.known, a)
		}
	}
	g.addresses.wanted = nil
	for _, p := range g.people {
		g.want(p)
	}
}

// saveAddresses are the changes of addresses since the last Take. They are told to
// the world like what stands for people, so that they can be rebuilt from there.
func (g *Governor) saveAddresses() ([]state.Change, error) {
	var changes []state.Change
	for _, a := range g.addresses.touched {
		there := g.address(a)
		there.touched = false
		b, err := state.EncodeAddress(a, &there.Address)
		if err != nil {
			return nil, err
		}
		name, moved := g.buryAddress(a, there)
		if !moved && bytes.Equal(b, there.written) {
			continue
		}
		there.written = b
		if b, err = g.graves.close(there.erased(), name, b); err != nil {
			return nil, err
		}
		changes = append(changes, state.Change{Person: name, SetStanding: true, Memory: state.Memory{Standing: b}})
		g.emit(Output{Topic: Standing, Person: name, At: g.now, Value: b}) // it has no end either
		if there.buried != "" {
			changes = append(changes, state.Change{Person: state.AddressID(a), SetStanding: true})
		}
	}
	g.addresses.touched = g.addresses.touched[:0]
	return changes, nil
}

// refusedThere is what others refused at the address of an intent to the person.
func (g *Governor) refusedThere(p *person, a rules.Address) []rules.AddressNo {
	there := g.addresses.known[a]
	if there == nil || len(there.Authors) == 0 {
		return nil
	}
	records := make([]rules.PersonID, len(p.records))
	for i := range p.records {
		records[i] = p.records[i].id
	}
	return there.Noes(records)
}

// author makes known to everybody what the person says of addresses, and judges
// again what is out there to others.
func (g *Governor) author(p *person, src Source, signal rules.SignalID) {
	for _, a := range p.Refuses() {
		says := p.AsAuthor(p.name(), a)
		if g.address(a).Absorb(&says) {
			g.refused(a, p, src, signal)
			written, err := state.EncodeAddress(a, &says)
			g.tell(src, schemas.Told{Type: schemas.ToldAddress, Person: string(state.AddressID(a)), Address: written}, err)
		}
	}
}

// refused judges again what is out at an address to others than its author, for
// something new was said of it.
func (g *Governor) refused(a rules.Address, author *person, src Source, signal rules.SignalID) {
	if there := g.address(a); !there.touched {
		there.touched = true
		g.addresses.touched = append(g.addresses.touched, a)
	}
	for _, id := range g.addresses.out.people(a, g.now) {
		if other := g.people[id]; other != nil && other != author {
			g.rejudgeThose(other, src, signal, func(c *rules.Contact) bool { return c.Address == a })
		}
	}
}
