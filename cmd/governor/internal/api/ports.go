package api

import (
	"context"
	"errors"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Log is the log, as the doors write and read it. Every error of it but ErrNoAnswer
// means that nobody knows whether what was to be appended was. Any number of
// goroutines may use it.
type Log interface {
	// Partitions is how many there are.
	Partitions(ctx context.Context) (int32, error)

	// Append appends a signal of a person, and returns when it is acknowledged by all
	// replicas in sync.
	Append(ctx context.Context, person rules.PersonID, signal []byte) error

	// Redeem appends the signal of that id, by which a worker asks, and returns the
	// answer to it. The answer MUST have been made after the signal was appended.
	Redeem(ctx context.Context, person rules.PersonID, id string, signal []byte) (schemas.Redemption, error)

	// Audit appends a record of the audit, and returns when it is acknowledged. The key
	// names nobody.
	Audit(ctx context.Context, key string, record []byte) error

	// SignalsEnd is where the signals of a partition end. What was acknowledged before
	// the call is below it.
	SignalsEnd(ctx context.Context, partition int32) (int64, error)

	// Records looks for records of the people, who all belong to the partition, in
	// topics, in no more than the given number of latest records of each.
	Records(ctx context.Context, partition int32, people []rules.PersonID, topics []string, most int64) (Found, error)
}

// Found is what was found in the log.
type Found struct {
	Records []Record // by topic, in the order asked for, then by offset
	Whole   bool     // everything that is kept was looked at
}

// Record is one record of the log.
type Record struct {
	Topic  string
	Offset int64
	Time   time.Time
	Value  []byte
}

// Memory is what is remembered, to be read by anybody. state.Store is one; what it says
// may be a little behind the log.
type Memory interface {
	// Load is as in state.Store.
	Load(ctx context.Context, partition int32, people []rules.PersonID) ([]state.Memory, error)

	// Totals is as in state.Store.
	Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error)
}

// Policies is the policy, now and before.
type Policies interface {
	// InForce is the policy under which intents are decided now.
	InForce() *rules.Policy

	// History lists what was in force since the process began, the oldest first.
	History() []Adopted
}

// Adopted is a policy that was adopted.
type Adopted struct {
	Name, Hash string
	Since      time.Time
}

// Campaigns knows the campaigns that are registered.
type Campaigns interface {
	// List lists them, by name.
	List(ctx context.Context) ([]Campaign, error)

	// Register registers a campaign, or changes what it said, and returns when it is
	// acknowledged for every partition. Repeating it is safe.
	Register(ctx context.Context, c Campaign) error

	// Kill stops a campaign, registered or not, at once and for good, and returns when
	// it is acknowledged for every partition. Repeating it is safe.
	Kill(ctx context.Context, name rules.Campaign) error
}

// ErrNoAnswer says that it is not known now whether a contact may begin, or what is
// remembered of somebody. The answer to whoever asks is no.
var ErrNoAnswer = errors.New("no answer in time")
