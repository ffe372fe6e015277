package governor

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// mostOuts bounds how many approvals are known to be out. Beyond it the oldest are
// not: what takes them back reaches them when they are redeemed, or when anything is
// heard of the person.
const mostOuts = 100_000

// outs knows to whom something may be out, and at which address, so that what concerns
// others than the person can take it back: a refusal of the address, another policy.
// It knows of those who were remembered or approved since the partition was acquired.
// The zero value knows of none.
type outs struct {
	until map[rules.Address]map[rules.PersonID]rules.Instant
	queue []outing // in the order in which they were noted
	first int      // in the queue; those before are gone
}

type outing struct {
	address rules.Address
	person  rules.PersonID
	until   rules.Instant
}

// note says that something is out to the person at the address until then.
func (o *outs) note(a rules.Address, person rules.PersonID, until, now rules.Instant) {
	if o.until[a][person] >= until {
		return
	}
	if o.until == nil {
		o.until = make(map[rules.Address]map[rules.PersonID]rules.Instant)
	}
	if o.until[a] == nil {
		o.until[a] = make(map[rules.PersonID]rules.Instant, 1)
	}
	o.until[a][person] = until
	o.queue = append(o.queue, outing{a, person, until})
	for o.first < len(o.queue) && (o.queue[o.first].until <= now || len(o.queue)-o.first > mostOuts) {
		o.drop(o.queue[o.first])
		o.first++
	}
	if o.first > len(o.queue)/2 {
		o.queue, o.first = slices.Clone(o.queue[o.first:]), 0
	}
}

// drop forgets an outing, unless the person has one there since that lasts longer.
func (o *outs) drop(x outing) {
	if there := o.until[x.address]; there[x.person] <= x.until {
		delete(there, x.person)
		if len(there) == 0 {
			delete(o.until, x.address)
		}
	}
}

// people lists, sorted, to whom something may be out at the address.
func (o *outs) people(a rules.Address, now rules.Instant) []rules.PersonID {
	var list []rules.PersonID
	for _, id := range slices.Sorted(maps.Keys(o.until[a])) {
		if o.until[a][id] > now {
			list = append(list, id)
		}
	}
	return list
}

// everybody lists, sorted, to whom something may be out.
func (o *outs) everybody(now rules.Instant) []rules.PersonID {
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
