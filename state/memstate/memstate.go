// Package memstate keeps the memory of partitions in the process: for replay,
// for embedding without a server, and for tests. It holds the same encoded bytes
// as every other store, so that the codecs are exercised, and it forgets
// everything when the process ends.
package memstate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Store is a state.Store in memory. Any number of goroutines may use it; each
// call is atomic. It shares no slice and no map with its callers.
//
// It fails only as the contract says (state.ErrFenced, state.ErrMoved), with
// ctx's error if that is done before the call begins, and on a batch that
// contradicts itself; then nothing has changed.
type Store struct {
	mu         sync.Mutex
	partitions map[int32]*partition
}

var _ state.Store = (*Store)(nil)

type partition struct {
	owner   string
	epoch   int64
	known   bool // a batch was committed
	mark    state.Mark
	outbox  []byte
	waiting map[rules.PersonID]rules.Instant
	people  map[rules.PersonID]state.Memory
}

// New returns a store that has seen nothing yet.
func New() *Store { return &Store{partitions: make(map[int32]*partition)} }

// Acquire implements state.Store.
func (s *Store) Acquire(ctx context.Context, number int32, owner string) (state.Holding, error) {
	if err := ctx.Err(); err != nil {
		return state.Holding{}, fmt.Errorf("acquire partition %d: %w", number, err)
	}
	if owner == "" {
		return state.Holding{}, fmt.Errorf("acquire partition %d: the owner token is empty: make one that nobody used before", number)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[number]
	if p == nil {
		p = &partition{waiting: make(map[rules.PersonID]rules.Instant), people: make(map[rules.PersonID]state.Memory)}
		s.partitions[number] = p
	}
	p.owner = owner
	p.epoch++
	h := state.Holding{Known: p.known, Epoch: p.epoch, Mark: p.mark, Outbox: bytes.Clone(p.outbox)}
	h.Mark.Tails = maps.Clone(p.mark.Tails)
	for person, due := range p.waiting {
		h.Waiting = append(h.Waiting, state.Waiting{Person: person, Due: due})
	}
	return h, nil
}

// Load implements state.Store.
func (s *Store) Load(ctx context.Context, number int32, people []rules.PersonID) ([]state.Memory, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load %d people of partition %d: %w", len(people), number, err)
	}
	out := make([]state.Memory, len(people))
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[number]
	if p == nil {
		return out, nil
	}
	for i, id := range people {
		m := p.people[id]
		out[i] = state.Memory{Standing: bytes.Clone(m.Standing), Log: bytes.Clone(m.Log)}
	}
	return out, nil
}

// Commit implements state.Store.
func (s *Store) Commit(ctx context.Context, number int32, b *state.Batch) error {
	if err := s.commit(ctx, number, b); err != nil {
		return fmt.Errorf("commit batch %d of partition %d: %w", b.Mark.Batch, number, err)
	}
	return nil
}

func (s *Store) commit(ctx context.Context, number int32, b *state.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if twice(b) {
		return errTwice
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[number]
	switch {
	case p == nil || p.owner != b.Owner:
		return state.ErrFenced
	case p.mark.Batch != b.Mark.Batch-1-b.Skips:
		return state.ErrMoved
	}
	for i := range b.People {
		p.change(&b.People[i])
	}
	for _, w := range b.Waiting {
		if w.Due == 0 {
			delete(p.waiting, w.Person)
		} else {
			p.waiting[w.Person] = w.Due
		}
	}
	p.known = true
	p.mark = b.Mark
	p.mark.Tails = maps.Clone(b.Mark.Tails)
	p.outbox = kept(b.Outbox)
	return nil
}

func (p *partition) change(c *state.Change) {
	m := p.people[c.Person]
	if c.SetStanding {
		m.Standing = kept(c.Memory.Standing)
	}
	if c.SetLog {
		m.Log = kept(c.Memory.Log)
	}
	if m.Standing == nil && m.Log == nil {
		delete(p.people, c.Person)
		return
	}
	p.people[c.Person] = m
}

// kept is a copy of b, nil if nothing is in it: a part without bytes is absent.
func kept(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}

var errTwice = errors.New("a person occurs twice in it, so it is open what should stand: let each occur once")

// twice says whether a person occurs twice among the changes of one kind.
func twice(b *state.Batch) bool {
	seen := make(map[rules.PersonID]bool, len(b.People))
	for i := range b.People {
		if seen[b.People[i].Person] {
			return true
		}
		seen[b.People[i].Person] = true
	}
	clear(seen)
	for _, w := range b.Waiting {
		if seen[w.Person] {
			return true
		}
		seen[w.Person] = true
	}
	return false
}
