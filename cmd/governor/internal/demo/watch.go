package demo

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// watch hears why a partition decides nothing. What waiting cannot mend it
// reports at once.
type watch struct {
	lost chan error // gets one error at most

	mu  sync.Mutex
	why map[int32]error
}

func newWatch() *watch { return &watch{lost: make(chan error, 1), why: make(map[int32]error)} }

// ErrMemory says that the folder's Redis does not know what its Kafka does.
var ErrMemory = errors.New("the data folder's memory is older than its log: it was not written to the end, or changed; begin afresh with --fresh")

// Held implements consumer.Observer.
func (w *watch) Held(partition int32, why error, _ time.Time) {
	w.mu.Lock()
	w.why[partition] = why
	w.mu.Unlock()
	if errors.Is(why, consumer.ErrMemoryLost) || errors.Is(why, consumer.ErrMemoryBehind) {
		select {
		case w.lost <- fmt.Errorf("%w (partition %d: %w)", ErrMemory, partition, why):
		default:
		}
	}
}

// Resumed implements consumer.Observer.
func (w *watch) Resumed(partition int32, _ time.Duration) {
	w.mu.Lock()
	delete(w.why, partition)
	w.mu.Unlock()
}

// holds says what holds partitions now; nil if nothing does.
func (w *watch) holds() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []error
	for partition, why := range w.why {
		all = append(all, fmt.Errorf("partition %d is held: %w", partition, why))
	}
	return errors.Join(all...)
}

// Acquired implements consumer.Observer.
func (w *watch) Acquired(int32, int64) {}

// Committed implements consumer.Observer.
func (w *watch) Committed(int32, consumer.BatchReport) {}

// Released implements consumer.Observer.
func (w *watch) Released(int32) {}
