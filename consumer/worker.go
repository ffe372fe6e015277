package consumer

import (
	"context"
	"errors"
	"time"

	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// worker governs one partition, from being given it until losing it.
//
//	          ┌────────────── any error: hold, then again ──────────────┐
//	          ▼                                                         │
//	given ─ acquire ─ recover ─ loop: fetch ─ barrier ─ decide ─ commit ─ emit ─ lost
//
// There is one error path. An answer that is not clear ends the term, and the
// next one finds out by reading what is there.
type worker struct {
	cfg       *Config
	partition int32
	find      *zones.Finder
	seen      map[int32]int64 // the latest batch of other partitions
}

func newWorker(cfg *Config, partition int32, find *zones.Finder) *worker {
	return &worker{cfg: cfg, partition: partition, find: find, seen: make(map[int32]int64)}
}

// errLost says that the partition is somebody else's now.
var errLost = errors.New("the partition was lost")

// run works until the generation's term ends, or until stop does and the batch
// under way is finished.
func (w *worker) run(generation, stop context.Context, gen Generation) {
	defer w.cfg.Observer.Released(w.partition)
	hold := holding{cfg: w.cfg, partition: w.partition}
	for generation.Err() == nil && stop.Err() == nil {
		err := w.term(generation, stop, gen, &hold)
		if err == nil || errors.Is(err, errLost) {
			return
		}
		hold.wait(generation, stop, err)
		if errors.Is(err, state.ErrFenced) {
			return // whoever took it is in the right: it is not taken back but through the group
		}
	}
}

// term is one attempt: acquire, recover, and then batch after batch. It returns
// nil when it was told to stop, errLost when the partition is gone, and else
// what went wrong.
func (w *worker) term(generation, stop context.Context, gen Generation, hold *holding) error {
	t, held, err := acquire(generation, w)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.recover(generation, held); err != nil {
		return err
	}
	w.cfg.Observer.Acquired(w.partition, t.epoch)
	for stop.Err() == nil {
		moved, err := t.step(generation, stop)
		if err != nil {
			if generation.Err() == nil && stop.Err() == nil { // else nothing is wrong
				t.laps.tell(w.partition, &t.report, nil, err)
			}
			return err
		}
		hold.over()
		if moved {
			t.tell(generation, gen)
		}
	}
	return nil
}

// holding knows since when a partition decides nothing, and how long to wait.
type holding struct {
	cfg       *Config
	partition int32
	since     time.Time
	pause     time.Duration
}

func (h *holding) wait(generation, stop context.Context, why error) {
	if generation.Err() != nil || stop.Err() != nil {
		return
	}
	if h.since.IsZero() {
		h.since, h.pause = h.cfg.Clock(), h.cfg.Backoff
	}
	h.cfg.Observer.Held(h.partition, why, h.since)
	timer := time.NewTimer(h.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-generation.Done():
	case <-stop.Done():
	}
	h.pause = min(2*h.pause, h.cfg.MostBackoff)
}

func (h *holding) over() {
	if !h.since.IsZero() {
		h.cfg.Observer.Resumed(h.partition, h.cfg.Clock().Sub(h.since))
		h.since = time.Time{}
	}
}
