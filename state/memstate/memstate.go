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
	totals  map[rules.Campaign][]byte
	rates   []byte
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
		p = &partition{
			waiting: make(map[rules.PersonID]rules.Instant), people: make(map[rules.PersonID]state.Memory),
			totals: make(map[rules.Campaign][]byte),
		}
		s.partitions[number] = p
	}
	p.owner = owner
	p.epoch++
	h := state.Holding{Known: p.known, Epoch: p.epoch, Mark: p.mark, Outbox: bytes.Clone(p.outbox), Rates: bytes.Clone(p.rates)}
	h.Mark.Tails = maps.Clone(p.mark.Tails)
	for person, due := range p.waiting {
		h.Waiting = append(h.Waiting, state.Waiting{Person: person, Due: due})
	}
	for campaign, tally := range p.totals {
		h.Totals = append(h.Totals, state.Total{Campaign: campaign, Tally: bytes.Clone(tally)})
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

// Totals implements state.Store.
func (s *Store) Totals(ctx context.Context, numbers []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read the totals of %d campaigns in %d partitions: %w", len(campaigns), len(numbers), err)
	}
	out := make([]state.Totals, len(numbers))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, number := range numbers {
		p := s.partitions[number]
		if p == nil || !p.known {
			continue
		}
		out[i] = state.Totals{Known: true, Mark: p.mark, Tallies: make([][]byte, len(campaigns))}
		out[i].Mark.Tails = maps.Clone(p.mark.Tails)
		for j, campaign := range campaigns {
			out[i].Tallies[j] = bytes.Clone(p.totals[campaign])
		}
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
	for _, t := range b.Totals {
		if len(t.Tally) == 0 {
			delete(p.totals, t.Campaign)
		} else {
			p.totals[t.Campaign] = bytes.Clone(t.Tally)
		}
	}
	if len(b.Rates) > 0 {
		p.rates = bytes.Clone(b.Rates)
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

var errTwice = errors.New("somebody or something occurs twice in it, so it is open what should stand: let each occur once")

// twice says whether anything occurs twice among the changes of one kind.
func twice(b *state.Batch) bool {
	return repeats(len(b.People), func(i int) string { return string(b.People[i].Person) }) ||
		repeats(len(b.Waiting), func(i int) string { return string(b.Waiting[i].Person) }) ||
		repeats(len(b.Totals), func(i int) string { return string(b.Totals[i].Campaign) })
}

func repeats(n int, name func(i int) string) bool {
	seen := make(map[string]bool, n)
	for i := range n {
		seen[name(i)] = true
	}
	return len(seen) < n
}
