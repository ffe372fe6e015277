package governor

import (
	"cmp"
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// mostOuts bounds how many approvals are known to be out. Beyond it the oldest are
// not: what takes them back reaches them when they are redeemed, or when anything is
// heard of the person.
const mostOuts = 100_000

// outs knows to whom something may be out, by the address that it is at or by its
// campaign, so that what concerns others than the person can take it back: a refusal of
// the address, what was said of the campaign, another policy.
// It knows of those who were remembered or approved since the partition was acquired.
// The zero value knows of none.
type outs[K cmp.Ordered] struct {
	until map[K]map[rules.PersonID]rules.Instant
	queue []outing[K] // in the order in which they were noted
	first int         // in the queue; those before are gone
}

type outing[K cmp.Ordered] struct {
	key    K
	person rules.PersonID
	until  rules.Instant
}

// goesOut notes that something is out to the person until then.
func (g *Governor) goesOut(a rules.Address, c rules.Campaign, person rules.PersonID, until rules.Instant) {
	if a != "" {
		g.addresses.out.note(a, person, until, g.now)
	}
	g.registry.out.note(c, person, until, g.now)
}

// note says that something is out to the person under the key until then.
func (o *outs[K]) note(k K, person rules.PersonID, until, now rules.Instant) {
	if o.until[k][person] >= until {
		return
	}
	if o.until == nil {
		o.until = make(map[K]map[rules.PersonID]rules.Instant)
	}
	if o.until[k] == nil {
		o.until[k] = make(map[rules.PersonID]rules.Instant, 1)
	}
	o.until[k][person] = until
	o.queue = append(o.queue, outing[K]{k, person, until})
	for o.first < len(o.queue) && (o.queue[o.first].until <= now || len(o.queue)-o.first > mostOuts) {
		o.drop(o.queue[o.first])
		o.first++
	}
	if o.first > len(o.queue)/2 {
		o.queue, o.first = slices.Clone(o.queue[o.first:]), 0
	}
}

// drop forgets an outing, unless the person has one there since that lasts longer.
func (o *outs[K]) drop(x outing[K]) {
	if there := o.until[x.key]; there[x.person] <= x.until {
		delete(there, x.person)
		if len(there) == 0 {
			delete(o.until, x.key)
		}
	}
}

// people lists, sorted, to whom something may be out under the key.
func (o *outs[K]) people(k K, now rules.Instant) []rules.PersonID {
	var list []rules.PersonID
	for _, id := range slices.Sorted(maps.Keys(o.until[k])) {
		if o.until[k][id] > now {
			list = append(list, id)
		}
	}
	return list
}

// everybody lists, sorted, to whom something may be out.
func (o *outs[K]) everybody(now rules.Instant) []rules.PersonID {
	var list []rules.PersonID
	for _, there := range o.until {
		for id, until := range there {
			if until > now {
				list = append(list, id)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
