package state

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// What the governor of one partition tells that of another of a person who has
// records in both is written as it is kept, in pieces.

// EncodeShared writes what stands for the person and concerns their other records
// too: all but which signals were heard, and what follows from contacts.
func EncodeShared(record rules.PersonID, p *Person) ([]byte, error) {
	q := Person{Person: p.Person}
	q.Contacts = nil
	return EncodeStanding(record, &q)
}

// EncodeMerges writes how the person's records became one, and what of them is
// forgotten, and nothing else.
func EncodeMerges(record rules.PersonID, p *Person) ([]byte, error) {
	return EncodeStanding(record, &Person{Person: rules.Person{Merges: p.Merges, Erased: p.Erased}})
}

// mostPiece is about how many bytes of a log are told at once, mostKnownPiece how
// many ids of vetoed intents.
const (
	mostPiece      = 256 << 10
	mostKnownPiece = 1000
)

// EncodePieces packs the log of a person for another partition, in pieces. There the
// contacts are elsewhere, and nothing of it is held.
func EncodePieces(p *Person) [][]byte {
	pieces := pack(nil, &Person{Person: rules.Person{Spent: p.Spent, Asked: p.Asked}})
	for known := range slices.Chunk(p.Known.All(), mostKnownPiece) {
		pieces = pack(pieces, &Person{Person: rules.Person{Known: rules.KnownOf(known...)}})
	}
	var some Person
	size := 0
	for i := range p.Contacts {
		c := p.Contacts[i]
		one := EncodeContact(&c)
		if size += len(one); size > mostPiece {
			pieces = pack(pieces, &some)
			some, size = Person{}, len(one)
		}
		c.Fate |= rules.Elsewhere
		some.Contacts = append(some.Contacts, c)
	}
	return pack(pieces, &some)
}

// EncodeContact packs one contact for another partition.
func EncodeContact(c *rules.Contact) []byte {
	there := *c
	there.Fate |= rules.Elsewhere
	return EncodeLog(&Person{Person: rules.Person{Contacts: []rules.Contact{there}}})
}

func pack(pieces [][]byte, p *Person) [][]byte {
	if log := EncodeLog(p); log != nil {
		return append(pieces, log)
	}
	return pieces
}
