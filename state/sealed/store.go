package sealed

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Options say what a Store hides. The zero value hides nothing: it only notices a
// memory that is not for it.
type Options struct {
	// Hashed hides everybody: whoever reads the store, and has no key, finds no id, no
	// address and no word of anybody. Without it only the erased are hidden, and
	// they only if there are Keys.
	Hashed bool

	// Keys may be nil where nothing is hidden.
	Keys *Keys
}

// Store is a state.Store that hides who is in the one beneath it. It is as safe for
// goroutines as that, and has no state of its own.
type Store struct {
	inner state.Store
	o     Options
}

var (
	_ state.Store = (*Store)(nil)
	_ state.Clock = clocked{}
)

// clocked is a Store over one that has a clock.
type clocked struct {
	*Store
	state.Clock
}

// New makes a store over the inner one, with a clock if that has one. Who asks for
// hashes must give keys.
func New(inner state.Store, o Options) (state.Store, error) {
	if o.Hashed && o.Keys == nil {
		return nil, fmt.Errorf("who is to be stored as a hash needs keys to hash with: give a key file")
	}
	s := &Store{inner: inner, o: o}
	if clock, has := inner.(state.Clock); has {
		return clocked{s, clock}, nil
	}
	return s, nil
}

// Acquire implements state.Store. A memory that was written with other keys, or
// without, is an error that says what to do, each time, and never an empty memory.
func (s *Store) Acquire(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	h, err := s.inner.Acquire(ctx, partition, owner)
	if err != nil || !h.Known {
		return h, err
	}
	if h.Outbox, err = s.unpack(partition, h.Outbox); err != nil {
		return state.Holding{}, err
	}
	if s.o.Hashed {
		for i := range h.Waiting {
			if h.Waiting[i].Person, err = s.o.Keys.who(partition, h.Waiting[i].Person); err != nil {
				return state.Holding{}, err
			}
		}
	}
	return h, nil
}

// Totals implements state.Store. What campaigns add up to names nobody, and is kept
// as it is.
func (s *Store) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	return s.inner.Totals(ctx, partitions, campaigns)
}

// Load implements state.Store. Of somebody who was erased it returns what stands as
// it was before it was buried, and under which name it was found; of such a name,
// what is on contact.standing.
func (s *Store) Load(ctx context.Context, partition int32, people []rules.PersonID) ([]state.Memory, error) {
	if s.o.Keys == nil {
		return s.inner.Load(ctx, partition, people)
	}
	var names []rules.PersonID
	counts := make([]int, len(people))
	for i, id := range people {
		before := len(names)
		names = append(names, s.names(id)...)
		counts[i] = len(names) - before
	}
	found, err := s.inner.Load(ctx, partition, names)
	if err != nil {
		return nil, err
	}
	out := make([]state.Memory, len(people))
	for i, id := range people {
		n := counts[i]
		if out[i], err = s.memory(partition, id, names[:n], found[:n]); err != nil {
			return nil, err
		}
		names, found = names[n:], found[n:]
	}
	return out, nil
}

// names are those under which somebody may stand: erased, under each key, and then
// living.
func (s *Store) names(id rules.PersonID) []rules.PersonID {
	if IsTombstone(id) {
		return []rules.PersonID{id}
	}
	var names []rules.PersonID
	for i := range s.o.Keys.all {
		names = append(names, s.o.Keys.all[i].tombstone(id))
	}
	return append(names, s.livings(id)...)
}

// livings are the names under which somebody who was not erased may stand, that of
// now first.
func (s *Store) livings(id rules.PersonID) []rules.PersonID {
	if !s.o.Hashed {
		return []rules.PersonID{id}
	}
	var names []rules.PersonID
	for i := range s.o.Keys.all {
		names = append(names, s.o.Keys.all[i].living(id))
	}
	return names
}

// memory makes one memory of what was found under somebody's names: each part moves
// when it is written, and so is where it was written last, under the first name that
// has it.
func (s *Store) memory(partition int32, id rules.PersonID, names []rules.PersonID, found []state.Memory) (m state.Memory, err error) {
	for i, name := range names {
		here := found[i]
		if len(here.Standing)+len(here.Log) == 0 {
			continue
		}
		if s.hides(name) {
			if here, err = s.opened(partition, name, here); err != nil {
				return state.Memory{}, err
			}
		}
		if IsTombstone(name) && name != id {
			m.Under = cmp.Or(m.Under, name)
			if here.Standing, err = s.o.Keys.Exhume(name, here.Standing); err != nil {
				return state.Memory{}, err
			}
		}
		if len(m.Standing) == 0 {
			m.Standing = here.Standing
		}
		if len(m.Log) == 0 {
			m.Log = here.Log
		}
	}
	return m, nil
}

// hides says whether values under the name are sealed.
func (s *Store) hides(name rules.PersonID) bool { return s.o.Hashed || IsTombstone(name) }

func (s *Store) opened(partition int32, name rules.PersonID, m state.Memory) (out state.Memory, err error) {
	if len(m.Standing) > 0 {
		if out.Standing, err = s.o.Keys.open(place{"standing", partition, name}, m.Standing); err != nil {
			return out, err
		}
	}
	if len(m.Log) > 0 {
		out.Log, err = s.o.Keys.open(place{"log", partition, name}, m.Log)
	}
	return out, err
}

// Commit implements state.Store. What is written moves to the first key: under the
// others it is removed, in the same step.
func (s *Store) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	hidden, err := s.hide(partition, b)
	if err != nil {
		return fmt.Errorf("commit batch %d of partition %d: %w", b.Mark.Batch, partition, err)
	}
	return s.inner.Commit(ctx, partition, hidden)
}

// hide is the batch as the inner store gets it.
func (s *Store) hide(partition int32, b *state.Batch) (*state.Batch, error) {
	out := *b
	if s.hidesAny(b.People) {
		out.People = nil
		for i := range b.People {
			changes, err := s.change(partition, &b.People[i])
			if err != nil {
				return nil, err
			}
			out.People = append(out.People, changes...)
		}
	}
	if s.o.Hashed {
		out.Waiting = nil
		for _, w := range b.Waiting {
			for i := range s.o.Keys.all {
				member, err := s.o.Keys.all[i].member(partition, w.Person)
				if err != nil {
					return nil, err
				}
				out.Waiting = append(out.Waiting, state.Waiting{Person: member, Due: w.Due})
				w.Due = 0 // under the other keys nothing waits any more
			}
		}
	}
	var err error
	out.Outbox, err = s.pack(partition, b.Outbox)
	return &out, err
}

// hidesAny says whether anybody of the batch does not stand under their own name.
func (s *Store) hidesAny(people []state.Change) bool {
	return s.o.Hashed || slices.ContainsFunc(people, func(c state.Change) bool { return IsTombstone(c.Person) })
}

// change is a change of somebody as the inner store gets it.
func (s *Store) change(partition int32, c *state.Change) ([]state.Change, error) {
	names := []rules.PersonID{c.Person}
	if print, is := printOf(c.Person); !is {
		names = s.livings(c.Person)
	} else if s.o.Keys.find(print) == nil {
		return nil, ErrKeyMissing
	}
	first := *c
	first.Person = names[0]
	if s.hides(first.Person) {
		var err error
		if first.Memory, err = s.closed(partition, &first); err != nil {
			return nil, err
		}
	}
	changes := []state.Change{first}
	for _, name := range names[1:] {
		changes = append(changes, state.Change{Person: name, SetStanding: c.SetStanding, SetLog: c.SetLog})
	}
	return changes, nil
}

// closed seals what is set. Nothing stays nothing.
func (s *Store) closed(partition int32, c *state.Change) (m state.Memory, err error) {
	with := &s.o.Keys.all[0]
	if c.SetStanding && len(c.Memory.Standing) > 0 {
		if m.Standing, err = with.seal(place{"standing", partition, c.Person}, c.Memory.Standing); err != nil {
			return m, err
		}
	}
	if c.SetLog && len(c.Memory.Log) > 0 {
		m.Log, err = with.seal(place{"log", partition, c.Person}, c.Memory.Log)
	}
	return m, err
}
