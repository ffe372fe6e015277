package consumer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/sealed"
)

// Config is what a Consumer works with. What has no default must be given.
type Config struct {
	// Policy is what intents are decided under now. Every worker asks before each
	// batch, which is decided under one policy as a whole. It MUST NOT return an
	// older one after a newer one. Always makes one of a policy that never changes.
	Policy func() *rules.Policy

	Store state.Store

	// Keys, if there are any, hide whoever was erased: in the Store, which must be one
	// of package sealed with the same keys, and on contact.standing.
	Keys *sealed.Keys

	Log   Reader
	Group Membership // of Run

	// NewWriter opens a writer. Every worker has its own, and a new one after
	// every error.
	NewWriter func(ctx context.Context) (Writer, error)

	Partitions  int32                  // of intents, signals and every output that a person is the key of
	PartitionOf func(key []byte) int32 // where a key belongs; nil: whatever partition a record is on is right

	// Leave is the way out that an approval carries, as governor.Leaving has it; nil:
	// none.
	Leave func(in *rules.Intent, decision rules.DecisionID) *schemas.Leave

	Prefix   string           // before every topic's name; default none
	Source   string           // ce_source of what is emitted; default "/governor"
	Clock    func() time.Time // default time.Now
	Observer Observer         // default none
	Tracer   Tracer           // nil: nothing is traced; what is emitted is part of its record's trace all the same

	// Poll is how long a fetch of intents waits for the first; where the Log is no
	// Waiter it bounds how long a signal waits while no intents come. Default 100 ms.
	Poll time.Duration

	// Backoff is the first pause of a held partition; it doubles up to
	// MostBackoff. Defaults 100 ms and 5 s.
	Backoff     time.Duration
	MostBackoff time.Duration

	// MaxSkew is by how much the clock may differ from that of a store that has
	// one (state.Clock). Beyond it the partition is held. Default 0: not compared.
	MaxSkew time.Duration

	// Patience is how long the writer may try before the partition is held, so
	// that it is seen. Default 10 s.
	Patience time.Duration

	// Grace is how long a batch that is under way may still take when the
	// consumer is told to stop. Default 10 s.
	Grace time.Duration

	// MaxPeople bounds how many people one partition keeps in memory between
	// batches. Default 5,000.
	MaxPeople int
}

// Always is the policy at any time.
func Always(policy *rules.Policy) func() *rules.Policy {
	return func() *rules.Policy { return policy }
}

// ErrConfig says that a Config lacks something.
var ErrConfig = errors.New("incomplete consumer configuration")

// Consumer runs the workers of the partitions that the group gives it.
type Consumer struct {
	cfg Config
}

// New checks the configuration and sets its defaults.
func New(cfg Config) (*Consumer, error) {
	for name, missing := range map[string]bool{
		"Policy": cfg.Policy == nil, "Store": cfg.Store == nil, "Log": cfg.Log == nil,
		"NewWriter": cfg.NewWriter == nil, "Partitions": cfg.Partitions < 1,
	} {
		if missing {
			return nil, fmt.Errorf("%w: %s is missing", ErrConfig, name)
		}
	}
	set(&cfg.Source, "/governor")
	set(&cfg.Poll, 100*time.Millisecond)
	set(&cfg.Backoff, 100*time.Millisecond)
	set(&cfg.MostBackoff, 5*time.Second)
	set(&cfg.Patience, 10*time.Second)
	set(&cfg.Grace, 10*time.Second)
	set(&cfg.MaxPeople, 5_000)
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Observer == nil {
		cfg.Observer = silent{}
	}
	return &Consumer{cfg: cfg}, nil
}

func set[T comparable](field *T, otherwise T) {
	var zero T
	if *field == zero {
		*field = otherwise
	}
}

// Run works until ctx ends, then lets every worker finish the batch that it has
// under way, and leaves the group. It returns nil after such an end.
//
// A worker returns only when it loses its partition or the consumer stops; what
// goes wrong in between holds the partition, visibly, until it is mended.
func (c *Consumer) Run(ctx context.Context) error {
	if c.cfg.Group == nil {
		return fmt.Errorf("%w: Group is missing", ErrConfig)
	}
	find := &zones.Finder{}
	group := holding{cfg: &c.cfg, partition: NoPartition}
	var drained <-chan struct{}
	for ctx.Err() == nil {
		gen, err := c.cfg.Group.Next(ctx)
		if err != nil {
			group.wait(ctx, ctx, fmt.Errorf("join the group: %w", err))
			continue
		}
		group.over()
		drained = c.serve(ctx, gen, find)
	}
	if drained != nil {
		select {
		case <-drained:
		case <-time.After(c.cfg.Grace): // a worker that does not come back is left behind
		}
	}
	if err := c.cfg.Group.Close(); err != nil {
		return fmt.Errorf("leave the group: %w", err)
	}
	return nil
}

// serve starts the workers of a generation. The channel is closed when all of
// them have finished.
func (c *Consumer) serve(ctx context.Context, gen Generation, find *zones.Finder) <-chan struct{} {
	drained := make(chan struct{})
	partitions := gen.Partitions()
	working := atomic.Int32{}
	working.Store(int32(len(partitions)))
	if len(partitions) == 0 {
		close(drained)
	}
	for _, p := range partitions {
		w := newWorker(&c.cfg, p, find)
		gen.Start(func(term context.Context) {
			w.run(term, ctx, gen)
			if working.Add(-1) == 0 {
				close(drained)
			}
			// The first that returns ends the generation for all: who lost its
			// partition wants that, who was told to stop waits for the others, so
			// that each can finish its batch.
			if ctx.Err() == nil {
				return
			}
			select {
			case <-drained:
			case <-term.Done():
			}
		})
	}
	return drained
}

// slot is the place of a topic of the contract on a partition.
func (c *Config) slot(topic string, partition int32) Slot {
	return Slot{Topic: c.Prefix + topic, Partition: partition}
}

// outputs are the topics that a worker writes.
func outputs() []string {
	return []string{
		governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.Standing,
		governor.VetoRates, governor.DeadLetter,
	}
}
