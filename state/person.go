package state

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// Person is what is remembered about one person: what a decision may look at,
// and which signals were heard. The zero value is a person of whom nothing is
// known.
type Person struct {
	rules.Person
	Heard []Heard // signals that were applied, oldest first
}

// Heard is one signal that was applied: it is not applied again, whatever it
// says the second time.
type Heard struct {
	Signal SignalHash
	At     rules.Instant // when it was applied
}

// SignalHash stands for a signal's id, of which only the identity matters.
type SignalHash [16]byte

// HashSignal is the hash of a signal's id.
func HashSignal(id rules.SignalID) SignalHash {
	sum := sha256.Sum256([]byte(id))
	return SignalHash(sum[:16])
}

// String is the hash in hexadecimal.
func (h SignalHash) String() string { return hex.EncodeToString(h[:]) }

// HasHeard says whether the signal was applied before.
func (p *Person) HasHeard(id rules.SignalID) bool {
	hash := HashSignal(id)
	for i := range p.Heard {
		if p.Heard[i].Signal == hash {
			return true
		}
	}
	return false
}

// MostStanding and its like bound what is kept of one person, so that an engine that pesters or a
// person of endless words cannot stop the others of their partition.
const (
	mostKnown    = 5_000     // ids of vetoed intents; beyond, the oldest are known no longer
	mostHeard    = 512       // signals; beyond, the oldest would be heard again, and mostly change nothing, for what they say has its own time
	MostStanding = 512 << 10 // bytes of what stands; beyond, the person is to be condensed
)

// Prune forgets what nothing under the policy will look at again: ids whose time
// is over, contacts older than every window; and what is more than can be kept.
// No no and no yes is ever forgotten here.
func (p *Person) Prune(policy *rules.Policy, now rules.Instant) {
	if over := len(p.Heard) - mostHeard; over > 0 {
		p.Heard = append([]Heard(nil), p.Heard[over:]...)
	}
	tooMany := p.Known.Len() - mostKnown
	p.Known.DeleteFunc(func(k rules.Known) bool {
		tooMany--
		return p.spend(k.Intent, tooMany >= 0 || now >= k.At.Add(rules.MemoryOfVetoes))
	})
	p.Heard = slices.DeleteFunc(p.Heard, func(h Heard) bool { return now >= h.At.Add(rules.MemoryOfApprovals) })
	p.Talks = slices.DeleteFunc(p.Talks, func(t rules.Talk) bool { return now >= t.At.Add(policy.Memory()) })
	p.pruneContacts(policy, now)
}

// pruneContacts forgets contacts. Mostly there is none to forget, and a contact is
// large: so they are moved only then.
func (p *Person) pruneContacts(policy *rules.Policy, now rules.Instant) {
	kept := 0
	for i := range p.Contacts {
		c := &p.Contacts[i]
		if p.spend(c.Intent, policy.Forgets(&p.Person, c, now)) {
			continue
		}
		if kept < i {
			p.Contacts[kept] = *c
		}
		kept++
	}
	clear(p.Contacts[kept:])
	p.Contacts = p.Contacts[:kept]
}

// Condense takes the widest reading of a person who said more than can be kept:
// everything is refused, from the latest no on, until a later yes. Addresses that
// are not the person's, and open cases, stay: as many of the latest as there is room
// for.
func (p *Person) Condense() {
	all := rules.No{Kind: rules.Refused}
	var unreachable, there []rules.No
	for _, no := range p.Noes {
		if no.Kind == rules.Unreachable {
			unreachable = append(unreachable, no)
			continue
		}
		if no.Kind == rules.Refused && no.Scope.Address != "" {
			there = append(there, no)
		}
		all.Erased = all.Erased || no.Erased
		if no.At >= all.At {
			all.At, all.Signal = no.At, no.Signal
		}
	}
	p.Noes = append(append(latest(unreachable), latest(there)...), all)
	p.Numbers = latest(p.Numbers)
	p.Cases = latest(p.Cases)
	p.Talks = latest(anyhow(p.Talks))
	p.Consents, p.Heard = nil, latest(p.Heard)
}

// anyhow are conversations that may have been about anything, the latest on each
// channel, in the order of time.
func anyhow(talks []rules.Talk) []rules.Talk {
	var who Person
	for _, t := range talks {
		talked(&who, t.Channel, "", t.At)
	}
	slices.SortStableFunc(who.Talks, func(a, b rules.Talk) int { return cmp.Compare(a.At, b.At) })
	return who.Talks
}

// latest is the end of a list, as much as a condensed person keeps of it.
func latest[T any](s []T) []T { return append([]T(nil), s[max(0, len(s)-100):]...) }
