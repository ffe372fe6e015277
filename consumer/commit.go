package consumer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// tailsEvery is how often a worker looks where its outputs end. The older the
// look, the more a recovery has to read back.
const tailsEvery = 5 * time.Second

// commit moves the store by what has happened since the last commit, and emits
// it. It says whether there was anything.
//
// The store is first. After its answer the batch is a fact: whoever owns the
// partition emits it, and if this worker lost the partition in between, the next
// owner does.
func (t *term) commit(ctx context.Context) (moved bool, err error) {
	intents := max(t.asked, t.mark.Intents)
	changes, waiting, outputs, err := t.governor.Take()
	if err != nil {
		return false, err
	}
	outputs = t.recalled.news(outputs, t.heard)
	if t.recalled.going {
		if err := t.tellFirst(ctx, outputs); err != nil {
			return false, err
		}
	}
	if changes, err = t.saveMost(ctx, changes); err != nil {
		return false, err
	}
	totals, err := t.governor.Totals(nil)
	if err != nil {
		return false, err
	}
	rates, told := t.governor.TakeRates(t.partition, t.next(), t.last)
	outputs = append(outputs, t.recalled.newRates(told)...)
	nothing := len(changes) == 0 && len(waiting) == 0 && len(totals) == 0 && rates == nil && len(t.out) == 0
	if nothing && intents == t.mark.Intents && t.heard == t.mark.Signals && !t.unknown {
		return false, nil
	}
	t.laps.over(StageDecide)
	if err := t.look(ctx); err != nil {
		return false, err
	}
	if err := t.agree(ctx); err != nil {
		return false, err
	}
	next := state.Mark{
		Batch: t.next(), Intents: intents, Signals: t.heard,
		Now: max(t.governor.Now(), t.mark.Now), Tails: t.mark.Tails, Policy: t.mark.Policy, Partitions: t.cfg.Partitions,
	}
	if len(t.governor.Unplanned(1)) == 0 {
		next.Policy = t.governor.Policy().Hash()
	}
	for i := range outputs {
		t.out = t.emissions(t.out, &outputs[i], next.Batch)
	}
	outbox, err := t.outbox.encode(t.out)
	if err != nil {
		return false, err
	}
	batch := state.Batch{
		Owner: t.owner, Mark: next, Skips: t.skips,
		People: changes, Waiting: waiting, Totals: totals, Rates: rates, Outbox: outbox,
	}
	if err := t.cfg.Store.Commit(ctx, t.partition, &batch); err != nil {
		return false, fmt.Errorf("commit batch %d: %w", next.Batch, err)
	}
	t.laps.over(StageCommit)
	t.mark, t.skips, t.unknown = next, 0, false
	if ctx.Err() != nil {
		return false, errLost // nothing is emitted any more
	}
	if err := t.emit(ctx, t.out); err != nil {
		return false, err
	}
	t.laps.over(StageEmit)
	t.finish()
	return true, nil
}

// ErrClocks says that this machine's clock and the store's disagree. Every limit
// is a matter of time, so nothing is decided until one of them is mended.
var ErrClocks = errors.New("the clocks disagree: mend the one that is wrong (nothing is decided meanwhile)")

// agree compares clocks, before the time of a batch becomes part of the memory and
// can never go back.
func (t *term) agree(ctx context.Context) error {
	clock, ok := t.cfg.Store.(state.Clock)
	if !ok || t.cfg.MaxSkew == 0 {
		return nil
	}
	theirs, err := clock.Time(ctx)
	if err != nil {
		return fmt.Errorf("ask the store for its time: %w", err)
	}
	if ours := rules.At(t.cfg.Clock()); ours.Sub(theirs).Abs() > t.cfg.MaxSkew {
		return fmt.Errorf("ours is at %s, the store's at %s: %w", ours, theirs, ErrClocks)
	}
	if last := max(t.mark.Now, t.governor.Now()); last.Sub(theirs) > t.cfg.MaxSkew {
		return fmt.Errorf("the partition was decided at %s before, and now it is %s; it goes on when that time has come: %w", last, theirs, ErrClocks)
	}
	return nil
}

// next is the number of the batch under way.
func (t *term) next() int64 { return t.mark.Batch + 1 + t.skips }

// mostAtOnce bounds how many people one step saves of a memory that was recalled,
// or planned under another policy.
const mostAtOnce = 1000

// saveMost saves what is recalled, which may be everybody, in small steps, and
// returns the last of it. Until that the mark stays where it is, and says so:
// whoever dies in between recalls all of it again.
func (t *term) saveMost(ctx context.Context, changes []state.Change) ([]state.Change, error) {
	for t.recalled.going && len(changes) > mostAtOnce {
		next := t.mark
		next.Batch, next.Restoring = t.next(), true
		totals, err := t.governor.Totals(changes[mostAtOnce:])
		if err != nil {
			return nil, err
		}
		batch := state.Batch{Owner: t.owner, Mark: next, Skips: t.skips, People: changes[:mostAtOnce], Totals: totals}
		if err := t.cfg.Store.Commit(ctx, t.partition, &batch); err != nil {
			return nil, fmt.Errorf("save what was recalled: %w", err)
		}
		t.mark, t.skips, t.unknown, changes = next, 0, false, changes[mostAtOnce:]
	}
	return changes, nil
}

// tellFirst tells other partitions what was recalled for them, before any of it is
// saved: whoever dies between two pieces leaves nobody who would tell it again.
func (t *term) tellFirst(ctx context.Context, outputs []governor.Output) error {
	var out []emission
	for i := range outputs {
		if outputs[i].Topic == governor.Signals {
			out = t.emissions(out, &outputs[i], t.next())
		}
	}
	return t.emit(ctx, out)
}

// finish reports the batch and begins the next.
func (t *term) finish() {
	t.report.Emitted = make(map[string]int)
	for i := range t.out {
		t.report.Emitted[t.out[i].topic]++
	}
	now := t.cfg.Clock()
	for _, at := range t.quieted {
		t.report.Quieted = append(t.report.Quieted, max(0, now.Sub(at)))
	}
	t.report.Counts = t.governor.Counts()
	t.report.Took = now.Sub(t.began)
	t.cfg.Observer.Committed(t.partition, t.report)
	t.laps.tell(t.partition, &t.report, t.out, nil)
	t.report, t.began = BatchReport{}, t.cfg.Clock()
	clear(t.out)
	t.out, t.buried, t.quieted = t.out[:0], 0, nil
	t.paper.turn()
	t.governor.Emitted()
}

// forget drops people from memory while they are too many. It must not be called
// while records are being worked on: their people were brought beforehand, and
// whoever is not in memory is taken for a person of whom nothing is known.
func (t *term) forget() {
	t.governor.Forget(t.cfg.MaxPeople)
}

// emit appends records to their topics, each in its order.
func (t *term) emit(ctx context.Context, out []emission) error {
	if len(out) == 0 {
		return nil
	}
	t.appends.add(t.cfg, out)
	defer t.appends.turn()
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Patience)
	defer cancel()
	if err := t.writer.Produce(ctx, t.appends.batch); err != nil {
		return fmt.Errorf("emit batch %d: %w", t.mark.Batch, err)
	}
	return nil
}

// appends are emissions by where they go. Their memory is used again.
type appends struct {
	of    map[target]int // the place in the batch
	batch []Append
}

// target is where an emission goes.
type target struct {
	topic     string
	partition int32
}

// add adds emissions, each slot's in their order.
func (a *appends) add(cfg *Config, out []emission) {
	if a.of == nil {
		a.of = make(map[target]int)
	}
	for i := range out {
		to := target{out[i].topic, out[i].partition}
		at, known := a.of[to]
		if !known {
			at = len(a.batch)
			a.of[to] = at
			a.batch = slices.Grow(a.batch, 1)[:at+1] // with the records of a batch before, of which the memory is used
			a.batch[at] = Append{cfg.slot(to.topic, to.partition), a.batch[at].Records[:0]}
		}
		a.batch[at].Records = append(a.batch[at].Records, out[i].record)
	}
}

// turn makes it empty.
func (a *appends) turn() {
	clear(a.of)
	for i := range a.batch {
		clear(a.batch[i].Records)
	}
	a.batch = a.batch[:0]
}

// look notes where the outputs end. It is done before a commit, so that
// everything that the batch will emit lands behind.
func (t *term) look(ctx context.Context) error {
	if t.recalled.open(&t.mark, t.heard) {
		return nil // what is to be recalled lies behind the tails as they are
	}
	now := t.cfg.Clock()
	if since := now.Sub(t.tailsAt); t.mark.Tails == nil || since >= tailsEvery || since < 0 {
		tails := make(map[string]int64, len(outputs()))
		for _, topic := range outputs() {
			_, end, err := t.cfg.Log.Bounds(ctx, t.slot(topic))
			if err != nil {
				return fmt.Errorf("find the end of %s: %w", topic, err)
			}
			tails[topic] = end
		}
		t.mark.Tails, t.tailsAt = tails, now
	}
	return nil
}
