package state

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/rules"
)

// Address is what is remembered of an address that somebody refused: it binds
// everybody who is contacted there. It is add-only, and adding the same once more
// changes nothing, so that it may come late and in any order. The zero value is an
// address that nobody refused.
type Address struct {
	Authors []Author // in the order of their hashes
}

// Author is one record on which the address was refused.
type Author struct {
	Record   RecordHash
	Erased   rules.Instant // when its person asked to be forgotten
	Noes     []rules.No    // refusals of this address
	Consents []rules.Consent
}

// RecordHash stands for a record, so that what is remembered of an address names
// nobody.
type RecordHash [16]byte

// HashRecord is the hash of a record's id.
func HashRecord(id rules.PersonID) RecordHash {
	sum := sha256.Sum256([]byte("record:" + id))
	return RecordHash(sum[:16])
}

// addressMark begins the ids under which addresses are kept beside people. No id of
// a person has a control character (package schemas).
const addressMark = "\x1f"

// AddressID is the id under which the memory of an address is kept.
func AddressID(a rules.Address) rules.PersonID { return addressMark + rules.PersonID(a) }

// IsAddress says whether the id is that of an address, and of which.
func IsAddress(id rules.PersonID) (rules.Address, bool) {
	a, yes := strings.CutPrefix(string(id), addressMark)
	return rules.Address(a), yes
}

// Refuses lists the addresses that the person refused.
func (p *Person) Refuses() []rules.Address {
	var list []rules.Address
	for i := range p.Noes {
		no := &p.Noes[i]
		if a := no.Scope.Address; no.Kind == rules.Refused && a != "" && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// AsAuthor is what the person says of an address: on each record what was refused
// there, and which consents may lift it. A person with one record is told by its id.
func (p *Person) AsAuthor(record rules.PersonID, a rules.Address) Address {
	var out Address
	for _, no := range p.Noes {
		if no.Kind != rules.Refused || no.Scope.Address != a {
			continue
		}
		author := out.author(HashRecord(cmp.Or(no.Record, record)))
		author.Erased = p.Erased
		if author.Noes == nil {
			author.Consents = p.liftedBy(no.Record, a)
		}
		no.Record = ""
		author.Noes = append(author.Noes, no)
	}
	return out
}

// liftedBy lists the consents that may lift what was refused on a record of an
// address.
func (p *Person) liftedBy(record rules.PersonID, a rules.Address) []rules.Consent {
	var out []rules.Consent
	for _, c := range p.Consents {
		if c.Effective && (c.Scope.Address == "" || c.Scope.Address == a) && p.Joined(record, c.Record, c.At) {
			c.Evidence, c.Record = "", ""
			out = append(out, c)
		}
	}
	return out
}

// author is the place of a record in the list.
func (a *Address) author(record RecordHash) *Author {
	i, there := slices.BinarySearchFunc(a.Authors, record, func(x Author, record RecordHash) int {
		return slices.Compare(x.Record[:], record[:])
	})
	if !there {
		a.Authors = slices.Insert(a.Authors, i, Author{Record: record})
	}
	return &a.Authors[i]
}

// Absorb adds what another memory of the address has, and says whether that was
// anything new.
func (a *Address) Absorb(other *Address) bool {
	news := false
	for i := range other.Authors {
		theirs := &other.Authors[i]
		news = a.author(theirs.Record).absorb(theirs) || news
	}
	return news
}

func (a *Author) absorb(other *Author) bool {
	before := Author{a.Record, a.Erased, slices.Clone(a.Noes), slices.Clone(a.Consents)}
	a.Erased = max(a.Erased, other.Erased)
	type word struct {
		scope  rules.Scope
		erased bool
	}
	a.Noes = unite(a.Noes, other.Noes,
		func(no *rules.No) word { return word{no.Scope, no.Erased} },
		func(has, next *rules.No) bool { return next.At > has.At })
	a.Consents = unite(a.Consents, other.Consents,
		func(c *rules.Consent) rules.Scope { return c.Scope },
		func(has, next *rules.Consent) bool { return next.At > has.At })
	// What was refused before the author was forgotten is refused as by a tombstone,
	// and what had lifted it is forgotten.
	tombs := slices.DeleteFunc(slices.Clone(a.Noes), func(no rules.No) bool { return !no.Erased })
	a.Noes = slices.DeleteFunc(a.Noes, func(no rules.No) bool {
		return !no.Erased && slices.ContainsFunc(tombs, func(tomb rules.No) bool { return tomb.Scope == no.Scope && tomb.At >= no.At })
	})
	a.Consents = slices.DeleteFunc(a.Consents, func(c rules.Consent) bool { return c.At <= a.Erased })
	return a.Erased != before.Erased || !slices.Equal(a.Noes, before.Noes) || !slices.Equal(a.Consents, before.Consents)
}

// Noes is what others than the records refused at the address, for whoever has the
// records.
func (a *Address) Noes(records []rules.PersonID) []rules.AddressNo {
	if len(a.Authors) == 0 {
		return nil
	}
	own := make([]RecordHash, len(records))
	for i, id := range records {
		own[i] = HashRecord(id)
	}
	var list []rules.AddressNo
	for i := range a.Authors {
		if author := &a.Authors[i]; !slices.Contains(own, author.Record) {
			for _, no := range author.Noes {
				list = append(list, rules.AddressNo{No: no, Consents: author.Consents})
			}
		}
	}
	return list
}

// condense takes the widest reading of an address of which more was said than can
// be kept: it is refused, from the latest no on, and nobody is left who could lift
// it.
func (a *Address) condense(address rules.Address) {
	all := rules.No{Kind: rules.Refused, Scope: rules.Scope{Address: address}}
	for i := range a.Authors {
		for _, no := range a.Authors[i].Noes {
			if no.At >= all.At {
				all.At, all.Signal = no.At, no.Signal
			}
		}
	}
	a.Authors = []Author{{Noes: []rules.No{all}}}
}

// standingAddress is how the memory of an address is written.
type standingAddress struct {
	Address rules.Address    `json:"address"`
	Authors []standingAuthor `json:"refused_by"`
}

type standingAuthor struct {
	Record   string        `json:"record"`
	Erased   string        `json:"erased,omitempty"`
	Refusals []standingNo  `json:"refusals"`
	Consents []standingYes `json:"consents,omitempty"`
}

// EncodeAddress writes what is remembered of an address, deterministically; nil if
// that is nothing. Of whom more was said than can be kept, the widest reading.
func EncodeAddress(address rules.Address, a *Address) ([]byte, error) {
	if len(a.Authors) == 0 {
		return nil, nil
	}
	b, err := a.encode(address)
	if err == nil && len(b) > MostStanding {
		a.condense(address)
		b, err = a.encode(address)
	}
	return b, err
}

func (a *Address) encode(address rules.Address) ([]byte, error) {
	s := standingAddress{Address: address}
	for i := range a.Authors {
		author := &a.Authors[i]
		w := standingAuthor{Record: hex.EncodeToString(author.Record[:]), Erased: text(author.Erased)}
		for _, no := range author.Noes {
			w.Refusals = append(w.Refusals, writeNo(&no))
		}
		for _, c := range author.Consents {
			w.Consents = append(w.Consents, writeYes(&c))
		}
		s.Authors = append(s.Authors, w)
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode what was refused of an address: %w", err)
	}
	return b, nil
}

// DecodeAddress reads what EncodeAddress wrote. No bytes are an address that nobody
// refused.
func DecodeAddress(b []byte) (Address, error) {
	var a Address
	if len(b) == 0 {
		return a, nil
	}
	var s standingAddress
	if err := json.Unmarshal(b, &s, json.RejectUnknownMembers(true)); err != nil {
		return Address{}, fmt.Errorf("decode what was refused of an address: %w", ErrSpoilt)
	}
	var r reading
	for _, w := range s.Authors {
		author := Author{Record: RecordHash(r.hash(w.Record)), Erased: r.instant(w.Erased)}
		for _, no := range w.Refusals {
			author.Noes = append(author.Noes, r.no(&no))
		}
		for _, c := range w.Consents {
			author.Consents = append(author.Consents, r.yes(&c))
		}
		a.Authors = append(a.Authors, author)
	}
	if r.err != nil {
		return Address{}, fmt.Errorf("decode what was refused of an address: %w", ErrSpoilt)
	}
	return a, nil
}
