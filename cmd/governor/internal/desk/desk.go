package desk

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// Desk follows the topics while it runs.
type Desk struct {
	o Options

	view atomic.Pointer[View]

	mu      sync.Mutex // guards what follows
	fold    *fold
	behind  map[int32]bool // the partitions that are not read to their ends
	trouble string         // why they cannot be read
	news    bool           // something was read since the latest view
	changed chan struct{}
}

// New makes a desk. It connects nothing; there is a view at once, which is empty.
func New(o Options) *Desk {
	d := &Desk{o: o.withDefaults(), changed: make(chan struct{})}
	d.fold = newFold(&d.o)
	d.view.Store(&View{Figures: Figures{OneIn: 1}})
	return d
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

// Run follows the topics until ctx ends, and returns nil then. Topics that cannot be
// read, or are not there yet, are asked for again and again; View tells it meanwhile.
// An error is a mistake in the options. A desk runs once.
func (d *Desk) Run(ctx context.Context) error {
	way := d.o.Kafka
	way.Topics = nil
	for _, topic := range followed() {
		way.Topics = append(way.Topics, d.o.Prefix+topic)
	}
	client, err := kafkaio.New(way)
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	defer client.Close()
	var publishing sync.WaitGroup
	publishing.Go(func() { d.publish(ctx) })
	kafka := client.NewReader()
	f := &follower{desk: d, log: d.o.Through(kafka), kafka: kafka, admin: client.Admin()}
	f.follow(ctx)
	publishing.Wait()
	return nil
}

// still is how long a view stands where nothing was read: what it says of silence, and
// of the time that is kept, changes with time alone.
const still = 15 * time.Second

// publish makes views as long as the desk runs.
func (d *Desk) publish(ctx context.Context) {
	ticker := time.NewTicker(d.o.Every)
	defer ticker.Stop()
	made := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		d.mu.Lock()
		if d.news || time.Since(made) >= still {
			made = time.Now()
			d.show()
		}
		d.mu.Unlock()
	}
}

// show makes the view of what was read so far.
func (d *Desk) show() {
	v := d.fold.view(d.o.Clock())
	v.CaughtUp, v.Trouble = d.trouble == "" && d.behind != nil && len(d.behind) == 0, d.trouble
	d.view.Store(v)
	d.news = false
	close(d.changed)
	d.changed = make(chan struct{})
}

// read says how a partition fares.
func (d *Desk) read(partition int32, atEnd bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if was := d.behind[partition]; was != atEnd {
		return
	}
	d.news = true
	if atEnd {
		delete(d.behind, partition)
	} else {
		d.behind[partition] = true
	}
}

// begin says that there are so many partitions, none of which is read yet.
func (d *Desk) begin(partitions int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behind = make(map[int32]bool)
	for p := range partitions {
		d.behind[p] = true
	}
}

// fares says whether the topics can be read. What is wrong is logged once.
func (d *Desk) fares(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.trouble
	d.trouble = ""
	if err != nil {
		d.trouble = err.Error()
	}
	if was == d.trouble {
		return
	}
	d.news = true
	switch {
	case was == "":
		d.o.Log.Warn("the desk cannot read the topics, and asks again", zap.Error(err))
	case err == nil:
		d.o.Log.Info("the desk reads the topics again")
	}
}
