package health

import (
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// Board knows how the process fares. It is a consumer.Observer, and hears the rest
// through the ports of a consumer: Group and Log. It may be used from many
// goroutines.
type Board struct {
	clock func() time.Time
	began time.Time

	mu         sync.Mutex
	stage      Stage
	since      time.Time // when the stage began
	started    bool      // it was ready once
	partitions map[int32]*partition
	holds      map[place]*hold
	begun      map[Class]int           // holds that began
	held       map[Class]time.Duration // and how long they have lasted, up to what each has told
}

// Stage is how far the process has come.
type Stage string

// The stages of a process.
const (
	Starting  Stage = "starting"  // looks for Kafka and Redis, and checks both
	Joining   Stage = "joining"   // the group, at first or after it changed
	Governing Stage = "governing" // is a member of the group
	Stopping  Stage = "stopping"  // was told to stop, and finishes what is under way
)

// place is what is held: a partition, the group, or what the start waits for.
type place struct {
	partition int32
	start     Class
}

// partition is one of ours.
type partition struct {
	epoch    int64 // of the memory; 0 until it was acquired
	acquired bool
	since    time.Time // when it was given to us, or acquired
	fetched  time.Time // when the latest intents came
	batch    time.Time // when the last batch was emitted
	took     time.Duration
	intents  int64              // that are there and were not fetched yet, as of the last fetch
	signals  int64              // likewise
	oldest   time.Time          // when the first of the latest intents was appended
	rebuild  *consumer.Progress // nil: none is under way
}

// hold is a hold that goes on.
type hold struct {
	class Class
	why   string
	since time.Time
	told  time.Time // until when it is accounted for
}

// NewBoard is a board of a process that begins now. Clock may be nil, which is
// time.Now.
func NewBoard(clock func() time.Time) *Board {
	if clock == nil {
		clock = time.Now
	}
	now := clock()
	return &Board{
		clock: clock, began: now, stage: Starting, since: now,
		partitions: make(map[int32]*partition), holds: make(map[place]*hold),
		begun: make(map[Class]int), held: make(map[Class]time.Duration),
	}
}

var _ consumer.Observer = (*Board)(nil)

// Wait says that the start waits for Kafka or Redis, and why; nil: not any more.
func (b *Board) Wait(what Class, why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := place{partition: consumer.NoPartition, start: what}
	if why == nil {
		b.release(at)
		return
	}
	b.hold(at, Blame(what, why), b.clock())
}

// Stop says that the process was told to stop.
func (b *Board) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.enter(Stopping)
}

// joining says that the group is asked for partitions. Who has some asks already
// for the next; that they are gone is told by Released.
func (b *Board) joining() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stage == Starting {
		b.enter(Joining)
	}
}

// joined says which partitions are ours.
func (b *Board) joined(partitions []int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.enter(Governing)
	clear(b.partitions)
	for _, p := range partitions {
		b.partition(p)
	}
	b.look()
}

// Acquired implements consumer.Observer. A partition that is held may be acquired
// again and again; it decides only when it has resumed.
func (b *Board) Acquired(partition int32, epoch int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.partition(partition)
	if !p.acquired {
		p.since = b.clock()
	}
	p.epoch, p.acquired, p.rebuild = epoch, true, nil
	b.look()
}

// Committed implements consumer.Observer.
func (b *Board) Committed(partition int32, _ consumer.BatchReport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, now := b.partition(partition), b.clock()
	from := p.fetched
	if p.batch.After(from) {
		from = p.batch // what came at once was committed in pieces
	}
	p.took = 0
	if !from.IsZero() {
		p.took = max(0, now.Sub(from))
	}
	p.batch = now
}

// Held implements consumer.Observer.
func (b *Board) Held(partition int32, why error, since time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hold(place{partition: partition}, why, since)
}

// Resumed implements consumer.Observer.
func (b *Board) Resumed(partition int32, _ time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.release(place{partition: partition})
	b.look()
}

// Released implements consumer.Observer. The first partition that is lost ends the
// membership for all; until the group gives us some again, it is not known which.
func (b *Board) Released(partition int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.release(place{partition: partition})
	delete(b.partitions, partition)
	b.enter(Joining)
}

func (b *Board) fetchedIntents(partition int32, left int64, oldest time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.partition(partition)
	p.fetched, p.intents, p.oldest = b.clock(), left, oldest
}

func (b *Board) fetchedSignals(partition int32, left int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.partition(partition).signals = left
}

// Took is how long the last batch of the partition took, from having its records
// until everything was emitted.
func (b *Board) Took(partition int32) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.partitions[partition]; p != nil {
		return p.took
	}
	return 0
}

// What follows is called with b.mu held.

// enter begins a stage. Nothing comes after the last.
func (b *Board) enter(s Stage) {
	if b.stage != s && b.stage != Stopping {
		b.stage, b.since = s, b.clock()
	}
}

// partition is what is known of one that works.
func (b *Board) partition(number int32) *partition {
	p := b.partitions[number]
	if p == nil {
		p = &partition{since: b.clock()}
		b.partitions[number] = p
	}
	return p
}

// look notes when it is ready for the first time.
func (b *Board) look() { b.started = b.started || b.ready() }

// ready says whether every partition of ours decides.
func (b *Board) ready() bool {
	if b.stage != Governing || len(b.holds) > 0 {
		return false
	}
	for _, p := range b.partitions {
		if !p.acquired {
			return false
		}
	}
	return true
}
