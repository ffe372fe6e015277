package state

import (
	"cmp"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// MostRecords bounds how many records are one person's. All of them have the
// whole memory, so that each is enough.
const MostRecords = 50

// Records lists the records that are this person, of which one is named. The first
// is where the others were merged into; the rest is sorted.
func (p *Person) Records(of rules.PersonID) []rules.PersonID {
	if len(p.Merges) == 0 {
		return []rules.PersonID{of}
	}
	home := map[rules.PersonID]rules.PersonID{of: of}
	for _, m := range p.Merges {
		for _, id := range [...]rules.PersonID{m.Record, m.Into} {
			if _, known := home[id]; !known {
				home[id] = id
			}
		}
		from, into := home[m.Record], home[m.Into]
		for id, at := range home {
			if at == from {
				home[id] = into
			}
		}
	}
	var all []rules.PersonID
	for id, at := range home {
		if at == home[of] {
			all = append(all, id)
		}
	}
	slices.SortFunc(all, func(a, b rules.PersonID) int {
		switch home[of] {
		case a:
			return -1
		case b:
			return 1
		}
		return cmp.Compare(a, b)
	})
	return all
}

// Join makes one person of two: who takes in all that is remembered of the other,
// of whom the merge names the record. It is the union: every no of either, contacts
// by the id of their intent, of what the person wants the latest, field by field.
// Whatever was said keeps the record that it was said on, for a yes does not lift
// what the other record had refused.
//
// Whoever asked to be forgotten on one record did so for the other: what is from
// before is forgotten there too. The caller takes back what of that is out and
// answers what is held before, and judges again what is out afterwards.
func Join(who, other *Person, m rules.Merge) {
	who.Know(m.Into, m)
	who.Absorb(m.Into, other, m.Record)
}

// Know notes that two records are one person. The person had the given record
// before, if they had but one.
func (p *Person) Know(record rules.PersonID, m rules.Merge) {
	p.label(record)
	p.absorbMerges([]rules.Merge{m})
}

// Absorb adds everything that another memory of the same person has. Each is told by
// the record that it had before, if it had but one. It may be the same once more:
// that changes nothing.
func (p *Person) Absorb(record rules.PersonID, other *Person, theirs rules.PersonID) {
	if len(p.Merges)+len(other.Merges) > 0 {
		p.label(record)
		other.label(theirs)
	}
	erased := max(p.Erased, other.Erased)
	p.forget(erased)
	other.forget(erased)
	p.absorb(other)
}

// label notes whose record everything is on, if that was clear until now.
func (p *Person) label(record rules.PersonID) {
	if len(p.Merges) > 0 {
		return
	}
	for i := range p.Noes {
		p.Noes[i].Record = record
	}
	for i := range p.Consents {
		p.Consents[i].Record = record
	}
	for i := range p.Contacts {
		p.Contacts[i].Record = record
	}
}

// on is how what is said on a record is labelled.
func (p *Person) on(record rules.PersonID) rules.PersonID {
	if len(p.Merges) == 0 {
		return ""
	}
	return record
}

// absorbMerges adds how records became one person: of the same the earliest word.
func (p *Person) absorbMerges(merges []rules.Merge) {
	type ends struct{ record, into rules.PersonID }
	p.Merges = unite(p.Merges, merges,
		func(m *rules.Merge) ends { return ends{m.Record, m.Into} },
		func(has, next *rules.Merge) bool { return next.At < has.At })
	slices.SortFunc(p.Merges, func(a, b rules.Merge) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Into, b.Into))
	})
}

func (p *Person) absorb(other *Person) {
	p.absorbMerges(other.Merges)
	p.absorbWords(other)
	p.absorbContacts(other)
	p.absorbWishes(other)
	p.Heard = unite(p.Heard, other.Heard,
		func(h *Heard) SignalHash { return h.Signal },
		func(has, next *Heard) bool { return next.At > has.At })
	slices.SortStableFunc(p.Heard, func(a, b Heard) int { return cmp.Compare(a.At, b.At) })
}

// absorbWords adds what the other said: of the same the latest.
func (p *Person) absorbWords(other *Person) {
	type word struct {
		kind   rules.NoKind
		scope  rules.Scope
		record rules.PersonID
		flag   bool
	}
	p.Noes = unite(p.Noes, other.Noes,
		func(no *rules.No) word { return word{no.Kind, no.Scope, no.Record, no.Erased} },
		func(has, next *rules.No) bool { return next.At > has.At })
	p.Consents = unite(p.Consents, other.Consents,
		func(yes *rules.Consent) word { return word{"", yes.Scope, yes.Record, yes.Effective} },
		func(has, next *rules.Consent) bool { return next.At > has.At })
	p.Cases = unite(p.Cases, other.Cases,
		func(c *rules.Case) rules.Scope { return rules.Scope{Subject: c.Subject, Brand: c.Brand} },
		func(has, next *rules.Case) bool { return next.At > has.At || next.At == has.At && next.Open })
	p.Numbers = unite(p.Numbers, other.Numbers,
		func(n *rules.Number) rules.Address { return n.Address },
		func(has, next *rules.Number) bool { return next.At > has.At || next.At == has.At && next.Reassigned })
	for _, t := range other.Talks {
		talked(p, t.Channel, t.Subject, t.At)
	}
	for _, r := range other.Asked {
		if !slices.Contains(p.Asked, r) {
			ask(p, r)
		}
	}
	p.HumanAct, p.Abandoned = max(p.HumanAct, other.HumanAct), max(p.Abandoned, other.Abandoned)
	p.OptOut, p.Erased = max(p.OptOut, other.OptOut), max(p.Erased, other.Erased)
}

// absorbContacts adds what was approved, vetoed or held for the other, in the order
// of time. An intent id is one contact.
func (p *Person) absorbContacts(other *Person) {
	p.Contacts = unite(p.Contacts, other.Contacts,
		func(c *rules.Contact) rules.IntentID { return c.Intent },
		func(has, next *rules.Contact) bool {
			if has.Decision == next.Decision {
				return has.Learn(next)
			}
			return next.Outweighs(has)
		})
	slices.SortStableFunc(p.Contacts, func(a, b rules.Contact) int { return cmp.Compare(a.At, b.At) })
	known := unite(slices.Clone(p.Known.All()), other.Known.All(), func(k *rules.Known) rules.DecisionID { return k.Decision }, nil)
	slices.SortStableFunc(known, func(a, b rules.Known) int { return cmp.Compare(a.At, b.At) })
	p.Known = rules.KnownOf(known...)
	p.Held = unite(p.Held, other.Held, func(h *rules.Held) rules.DecisionID { return h.Decision }, nil)
	slices.SortStableFunc(p.Held, func(a, b rules.Held) int {
		return cmp.Or(cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.Source, b.Source))
	})
	p.Spent.Join(&other.Spent)
}

// absorbWishes takes of each wish the latest.
func (p *Person) absorbWishes(other *Person) {
	if other.QuietAt > p.QuietAt {
		p.Quiet, p.QuietAt = other.Quiet, other.QuietAt
	}
	if other.ZonesAt > p.ZonesAt {
		p.Zones, p.ZonesAt = other.Zones, other.ZonesAt
	}
	if other.BudgetAt > p.BudgetAt {
		p.Budget, p.BudgetAt = other.Budget, other.BudgetAt
	}
}

// unite adds to a list what another has more. Of two with one key the better one
// stays, the one that was there if better is nil.
func unite[T any, K comparable](list, more []T, key func(*T) K, better func(has, next *T) bool) []T {
	place := make(map[K]int, len(list)+len(more))
	for i := range list {
		place[key(&list[i])] = i
	}
	for i := range more {
		next := &more[i]
		at, there := place[key(next)]
		switch {
		case !there:
			place[key(next)] = len(list)
			list = append(list, *next)
		case better != nil && better(&list[at], next):
			list[at] = *next
		}
	}
	return list
}

// forget forgets everything up to the instant but the noes, if the person was not
// forgotten then already.
func (p *Person) forget(by rules.Instant) {
	if p.Erased >= by {
		return
	}
	p.Erased = by
	for i := range p.Noes {
		p.Noes[i].Erased = p.Noes[i].Erased || p.Noes[i].At <= by
	}
	p.Consents = slices.DeleteFunc(p.Consents, func(c rules.Consent) bool { return c.At <= by })
	p.Contacts = slices.DeleteFunc(p.Contacts, func(c rules.Contact) bool { return p.spend(c.Intent, c.At <= by) })
	p.Known.DeleteFunc(func(k rules.Known) bool { return p.spend(k.Intent, k.At <= by) })
	p.Held = slices.DeleteFunc(p.Held, func(h rules.Held) bool { return p.spend(h.Intent.ID, h.Arrived <= by) })
	p.Cases = slices.DeleteFunc(p.Cases, func(c rules.Case) bool { return c.At <= by })
	p.Numbers = slices.DeleteFunc(p.Numbers, func(n rules.Number) bool { return n.At <= by })
	p.Talks = slices.DeleteFunc(p.Talks, func(t rules.Talk) bool { return t.At <= by })
	p.Asked = slices.DeleteFunc(p.Asked, func(r rules.Request) bool { return r.At <= by })
	for _, at := range [...]*rules.Instant{&p.HumanAct, &p.Abandoned, &p.OptOut} {
		if *at <= by {
			*at = 0
		}
	}
	if p.QuietAt <= by {
		p.Quiet, p.QuietAt = nil, 0
	}
	if p.ZonesAt <= by {
		p.Zones, p.ZonesAt = nil, 0
	}
	if p.BudgetAt <= by {
		p.Budget, p.BudgetAt = nil, 0
	}
}

// spend keeps of an id that is forgotten that it was there.
func (p *Person) spend(id rules.IntentID, forgotten bool) bool {
	if forgotten {
		p.Spent.Add(id)
	}
	return forgotten
}
