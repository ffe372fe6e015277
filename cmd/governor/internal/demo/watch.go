package demo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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

// ErrLog says that the folder's Redis knows of records that its Kafka does not
// have.
var ErrLog = errors.New("the data folder's log is shorter than its memory: it was changed, or not written to the end; begin afresh with --fresh")

// Held implements consumer.Observer.
func (w *watch) Held(partition int32, why error, _ time.Time) {
	w.mu.Lock()
	w.why[partition] = why
	w.mu.Unlock()
	if errors.Is(why, consumer.ErrOutOfRange) {
		select {
		case w.lost <- fmt.Errorf("%w (partition %d: %w)", ErrLog, partition, why):
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

// ErrHeld says that the governor decides nothing, for a reason that follows.
var ErrHeld = errors.New("nothing is decided any more; if the data folder was changed or its disk is full, mend that, or begin afresh with --fresh")

// holds says what holds partitions now.
func (w *watch) holds() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := ErrHeld
	for _, partition := range slices.Sorted(maps.Keys(w.why)) {
		err = fmt.Errorf("%w (partition %d: %w)", err, partition, w.why[partition])
	}
	return err
}

// Acquired implements consumer.Observer.
func (w *watch) Acquired(int32, int64) {}

// Committed implements consumer.Observer.
func (w *watch) Committed(int32, consumer.BatchReport) {}

// Rebuilding implements consumer.Observer.
func (w *watch) Rebuilding(int32, consumer.Progress) {}

// Released implements consumer.Observer.
func (w *watch) Released(int32) {}
