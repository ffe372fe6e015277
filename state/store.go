package state

import (
	"context"
	"errors"

	"github.com/contactgovernor/governor/rules"
)

// Store keeps the memory of one partition after another. It is a view of the
// log: what it loses can be made anew from there, but it must never be wrong
// without anybody noticing.
//
// A partition has one owner at a time. Whoever acquires it last is the owner;
// everybody before is fenced and can change nothing any more. Between Acquire
// and the loss of the partition only the owner writes, so what the owner has
// loaded stays right until its own next commit.
//
// Every method may fail at any time with an error that is none of this package;
// then it is unknown whether it took effect. The owner must acquire again before
// it goes on. No method retries by itself.
type Store interface {
	// Acquire makes owner, a token that nobody used before, the owner of the
	// partition, and tells where its memory stands. It raises the epoch.
	Acquire(ctx context.Context, partition int32, owner string) (Holding, error)

	// Load returns the memory of each of the people, in the order asked for.
	// The zero Memory is a person of whom nothing is known. An address that somebody
	// refused, and a campaign that was registered, are asked for, and kept, as if they
	// were such (AddressID, CampaignID); they have no log.
	Load(ctx context.Context, partition int32, people []rules.PersonID) ([]Memory, error)

	// Totals returns, in the order of the partitions asked for, how far each has
	// come and what its calls add up to, in the order of the campaigns asked for.
	// What it returns of a partition MUST all be of one step of its memory. Anybody
	// may ask, about any partition.
	Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]Totals, error)

	// Commit moves the memory of the partition by one batch: all of it, or
	// nothing. It MUST refuse with ErrFenced if the partition has another owner,
	// and with ErrMoved if the store is not where the batch starts (its last
	// batch is not the one that the batch follows), and then it has changed nothing.
	// It keeps nothing of the batch: that memory is used again.
	Commit(ctx context.Context, partition int32, batch *Batch) error
}

// Clock is a store that has a clock of its own.
type Clock interface {
	// Time is the present of the store.
	Time(ctx context.Context) (rules.Instant, error)
}

// ErrFenced says that somebody else owns the partition now, or that the store
// forgot who does.
var ErrFenced = errors.New("another worker owns the partition now")

// ErrMoved says that the store's memory of the partition is not where the batch
// starts: it was rolled back, or it moved on.
var ErrMoved = errors.New("the store is not where the batch starts")

// ErrSpoilt says that what is kept of somebody cannot be read. It does not say what
// stands there, for that is a person's.
var ErrSpoilt = errors.New("it cannot be read: it was spoilt, or a later version wrote it; run that version, or make the memory anew with governor rebuild")

// Mark is how far the memory of a partition has come. Offsets are of the next
// record to read.
type Mark struct {
	Batch   int64         // the number of the last batch; 0 before the first
	Intents int64         // next offset of the intents
	Signals int64         // next offset of the signals
	Now     rules.Instant // the latest decision time; time does not go back

	// Restoring says that a lost memory is being made anew and is not whole yet.
	Restoring bool

	// Partitions is how many there are: with another number people belong elsewhere. 0
	// is not known.
	Partitions int32

	// Policy is the hash of the policy under which those who wait are due.
	Policy string

	// Tails says from where on each output has to be read to find what of the
	// last batch landed there, by topic.
	Tails map[string]int64
}

// Holding is what a new owner finds.
type Holding struct {
	Known   bool // false: the store has never seen this partition, or lost it
	Epoch   int64
	Mark    Mark
	Outbox  []byte    // the last batch's output, as the owner of that time wrote it
	Waiting []Waiting // whose notices are held, and until when; in no order
	Totals  []Total   // what the calls of campaigns add up to; in no order
	Rates   []byte    // what EncodeRates wrote
}

// Waiting is a person whose held notices are due at some time.
type Waiting struct {
	Person rules.PersonID
	Due    rules.Instant // in a Batch 0 means: nothing waits any more
}

// Total is what the calls of one campaign add up to in one partition, as
// EncodeTally wrote it. In a Batch no bytes mean: it is forgotten.
type Total struct {
	Campaign rules.Campaign
	Tally    []byte
}

// Totals is what a partition tells anybody.
type Totals struct {
	Known   bool // false: the store has never seen this partition, or lost it; then there is nothing else
	Mark    Mark
	Tallies [][]byte // of the campaigns that were asked for; no bytes where there is none
}

// Memory is what the store keeps of one person: what EncodeStanding and
// EncodeLog wrote.
type Memory struct {
	Standing []byte
	Log      []byte

	// Under is the name that it was found under, where that is not the one that was
	// asked for: somebody was erased, and their id is hidden. No Batch has it.
	Under rules.PersonID
}

// Batch is one step of a partition's memory. Nobody and nothing is in a list of it
// twice; a store refuses a batch of which that is not so.
type Batch struct {
	Owner string
	Mark  Mark // where the step leads

	// Skips is how many numbers of batches lie between the store's last one and
	// this: the step starts at Mark.Batch-1-Skips. It is 0, but where the log
	// already has the numbers of batches that the store lost.
	Skips int64

	People  []Change
	Waiting []Waiting // changes only
	Totals  []Total   // changes only
	Rates   []byte    // no bytes: they stay as they are
	Outbox  []byte    // replaces the last one
}

// Change is what a batch leaves of one person. A part that is not Set stays as
// it is; one that is set to nothing is removed.
type Change struct {
	Person      rules.PersonID
	Memory      Memory
	SetStanding bool
	SetLog      bool
}
