package health

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// Status is how the process fares at one instant.
type Status struct {
	Ready      bool
	Started    bool // it was ready once, so everything is loaded and, where need be, rebuilt
	Stage      Stage
	Since      time.Time // when the stage began
	Began      time.Time // when the process did
	Partitions []Partition
	Holds      []Hold
	Rebuilds   []Rebuild
	Begun      map[Class]int           // how many holds began, since the process did
	Held       map[Class]time.Duration // and how long they lasted, those that go on included
}

// State is what a partition does.
type State string

// The states of a partition.
const (
	Recovering State = "recovering" // makes memory and log agree, and decides nothing yet
	Rebuilding State = "rebuilding" // the memory was lost, and is made anew from the log
	Deciding   State = "deciding"
	Holding    State = "held"
)

// States are all there are.
func States() []State { return []State{Recovering, Rebuilding, Deciding, Holding} }

// Partition is one that is ours.
type Partition struct {
	Number    int32
	Epoch     int64
	State     State
	Since     time.Time     // when the state began
	LastBatch time.Time     // zero: none yet
	Took      time.Duration // from having its records until everything was emitted

	// Intents and Signals are how many records are there that were not fetched yet,
	// as of the last fetch; while a partition is held it may not fetch.
	Intents, Signals int64

	// Lag is how long the oldest intent that was fetched, and is not known to be
	// answered, has been in the log. It grows while the partition is held.
	Lag time.Duration
}

// Hold is why nothing is decided somewhere.
type Hold struct {
	Partition int32  // consumer.NoPartition: no single one
	What      string // in words: partition 3, the group, the start
	Place     string // the same as a word: 3, group, start
	Class     Class
	Why       string // never a person's id, address or words
	Since     time.Time
	For       time.Duration
}

// Status takes a look.
func (b *Board) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	s := Status{
		Ready: b.ready(), Started: b.started, Stage: b.stage, Since: b.since, Began: b.began,
		Begun: make(map[Class]int), Held: make(map[Class]time.Duration),
	}
	for at, h := range b.holds {
		b.account(h, now)
		s.Holds = append(s.Holds, h.at(at, now))
	}
	for _, c := range Classes() {
		s.Begun[c], s.Held[c] = b.begun[c], b.held[c]
	}
	for number, p := range b.partitions {
		s.Partitions = append(s.Partitions, b.state(number, p, now))
	}
	s.Rebuilds = b.rebuilds(now)
	slices.SortFunc(s.Holds, func(a, b Hold) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Class, b.Class))
	})
	slices.SortFunc(s.Partitions, func(a, b Partition) int { return cmp.Compare(a.Number, b.Number) })
	return s
}

func (h *hold) at(at place, now time.Time) Hold {
	out := Hold{
		Partition: at.partition, What: fmt.Sprintf("partition %d", at.partition), Place: fmt.Sprint(at.partition),
		Class: h.class, Why: h.why, Since: h.since, For: max(0, now.Sub(h.since)),
	}
	switch {
	case at.start != "":
		out.What, out.Place = "the start", "start"
	case at.partition == consumer.NoPartition:
		out.What, out.Place = "the group", "group"
	}
	return out
}

// state is a partition as others see it. b.mu is held.
func (b *Board) state(number int32, p *partition, now time.Time) Partition {
	out := Partition{
		Number: number, Epoch: p.epoch, State: Recovering, Since: p.since, LastBatch: p.batch, Took: p.took,
		Intents: p.intents, Signals: p.signals,
	}
	switch {
	case p.rebuild != nil:
		out.State = Rebuilding
	case p.acquired:
		out.State = Deciding
	}
	if h := b.holds[place{partition: number}]; h != nil {
		out.State, out.Since = Holding, h.since
	}
	if !p.oldest.IsZero() {
		out.Lag = max(0, now.Sub(p.oldest))
	}
	return out
}
