package desk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// Options are what a desk follows, and how much of it is kept. The zero value of
// every field but Kafka is usable.
type Options struct {
	// Kafka is the cluster. The desk opens connections of its own, and closes them
	// when Run ends.
	Kafka kafkaio.Config

	// Prefix stands before the contract's names of topics.
	Prefix string

	// Kept is how far back decisions are looked at. Default 24 h.
	Kept time.Duration

	// Silence is how long the policy waits for an answer until silence is one.
	// Default 90 × 24 h.
	Silence time.Duration

	// Exempt says whether a no does not bind a purpose: its class is person, legal or
	// confirmation. Default: as in no-means-no.
	Exempt func(purpose string) bool

	// MostRecords is how many of the latest records of each partition of each topic
	// are read at the start, contact.standing aside, which is read whole.
	// Default 100,000.
	MostRecords int64

	// MostPeople is of how many people it is kept what they said. Where there are
	// more, figures about people are of one in 2, 4, 8 … people. Default 200,000.
	MostPeople int

	// MostNames is how many campaigns, and pairs of campaign and engine, are told
	// apart. Default 500.
	MostNames int

	// Every is how often there is a new view at most. Default 1 s.
	Every time.Duration

	// Clock tells the time. Default time.Now.
	Clock func() time.Time

	// Log hears when the topics cannot be read, once each time. It may be nil.
	Log *zap.Logger
}

// Desk follows the topics while it runs.
type Desk struct {
	o Options

	view    atomic.Pointer[View]
	mu      sync.Mutex
	changed chan struct{}
}

// New makes a desk. It connects nothing; there is a view at once, which is empty.
func New(o Options) *Desk {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	d := &Desk{o: o, changed: make(chan struct{})}
	d.view.Store(&View{Figures: Figures{OneIn: 1}})
	return d
}

// Run follows the topics until ctx ends, and returns nil then. Topics that cannot be
// read, or are not there yet, are asked for again and again; View tells it meanwhile.
// An error is a mistake in the options.
func (d *Desk) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// View is the latest. It is never nil.
func (d *Desk) View() *View { return d.view.Load() }

// Changed is closed when there is another view. Ask for it before View, and again
// after.
func (d *Desk) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}
