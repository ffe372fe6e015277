package governor

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Involves lists whose memory is needed to answer an intent: the person's, that of the
// campaign, and that of the address.
func (g *Governor) Involves(in *rules.Intent) []rules.PersonID {
	list := []rules.PersonID{in.Person, state.CampaignID(in.Campaign)}
	if in.Address != "" {
		list = append(list, state.AddressID(in.Address))
	}
	return list
}

// Lacks adds to a list who of those that an intent involves is not remembered.
func (g *Governor) Lacks(list []rules.PersonID, in *rules.Intent) []rules.PersonID {
	if g.people[in.Person] == nil {
		list = append(list, in.Person)
	}
	if g.registry.known[in.Campaign] == nil {
		list = append(list, state.CampaignID(in.Campaign))
	}
	if in.Address != "" && g.addresses.known[in.Address] == nil {
		list = append(list, state.AddressID(in.Address))
	}
	return list
}

// Concerns lists whose memory in this partition a signal may change or ask for. It
// may be more once these are remembered (Missing).
func (g *Governor) Concerns(s *state.Signal) []rules.PersonID {
	list := g.concerns(s)
	return slices.DeleteFunc(list, func(id rules.PersonID) bool {
		return !state.IsNobody(id) && !g.here(id)
	})
}

func (g *Governor) concerns(s *state.Signal) []rules.PersonID {
	list := []rules.PersonID{s.Person}
	switch s.Type {
	case state.Refusal:
		if a := s.Scope.Address; a != "" {
			list = append(list, g.at(a)...)
		}
	case state.Merge:
		list = append(list, s.Into)
		list = append(append(list, g.atAddressesOf(s.Person)...), g.atAddressesOf(s.Into)...)
	case state.Erasure:
		list = append(list, g.atAddressesOf(s.Person)...)
	case state.ToldRecord:
		for _, m := range s.Memory.Merges {
			list = append(list, m.Record, m.Into)
			list = append(append(list, g.atAddressesOf(m.Record)...), g.atAddressesOf(m.Into)...)
		}
		for _, a := range s.Memory.Refuses() {
			list = append(list, g.at(a)...)
		}
		if s.Said != nil {
			list = append(list, g.concerns(s.Said)...)
		}
	case state.ToldAddress:
		list = append(list, g.at(s.Scope.Address)...)
	case state.ToldCampaign:
		list = append(list, g.ofCampaign(s.Person)...)
	}
	return list
}

// at lists an address, and to whom something may be out there.
func (g *Governor) at(a rules.Address) []rules.PersonID {
	return append([]rules.PersonID{state.AddressID(a)}, g.addresses.out.people(a, g.now)...)
}

// atAddressesOf lists to whom something may be out at the addresses that a person
// refused: what had lifted that may be forgotten.
func (g *Governor) atAddressesOf(id rules.PersonID) []rules.PersonID {
	var list []rules.PersonID
	if p := g.people[id]; p != nil {
		for _, a := range p.Refuses() {
			list = append(list, g.addresses.out.people(a, g.now)...)
		}
	}
	return list
}
