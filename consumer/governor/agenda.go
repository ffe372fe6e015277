package governor

import (
	"container/heap"
	"sort"

	"github.com/contactgovernor/governor/rules"
)

// agenda knows whose notices are due when, the earliest first. The zero value is
// empty.
type agenda struct {
	due   map[rules.PersonID]rules.Instant
	queue appointments // may hold what is no longer true; due tells
}

type appointment struct {
	at     rules.Instant
	person rules.PersonID
}

type appointments []appointment

func (q appointments) Len() int { return len(q) }
func (q appointments) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].person < q[j].person
}
func (q appointments) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *appointments) Push(x any)   { *q = append(*q, x.(appointment)) }
func (q *appointments) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// put says when the person is due; never takes them off.
func (a *agenda) put(person rules.PersonID, at rules.Instant) {
	if at == rules.Never || at == 0 {
		delete(a.due, person)
		return
	}
	if a.due[person] == at {
		return
	}
	if a.due == nil {
		a.due = make(map[rules.PersonID]rules.Instant)
	}
	a.due[person] = at
	heap.Push(&a.queue, appointment{at, person})
}

// next is the earliest appointment not after at.
func (a *agenda) next(at rules.Instant) (appointment, bool) {
	for len(a.queue) > 0 && a.queue[0].at <= at {
		if first := a.queue[0]; a.due[first.person] == first.at {
			return first, true
		}
		heap.Pop(&a.queue) // no longer true
	}
	return appointment{}, false
}

// by lists whose appointment is not after at, in the order in which next yields
// them, no more than most.
func (a *agenda) by(at rules.Instant, most int) []rules.PersonID {
	if len(a.queue) == 0 || a.queue[0].at > at {
		return nil
	}
	var due appointments
	for _, x := range a.queue {
		if x.at <= at && a.due[x.person] == x.at {
			due = append(due, x)
		}
	}
	sort.Sort(due)
	var people []rules.PersonID
	for _, x := range due[:min(most, len(due))] {
		people = append(people, x.person)
	}
	return people
}
