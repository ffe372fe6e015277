package consumer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// rebuild makes a memory that was lost anew, as a stream: what it keeps in the
// process is bounded, however long the log.
//
//	contact.standing ── what stands, the latest of each person ─────────────────────┐
//	contact.signals ─── what was said, up to where the next decision had heard ─────┤
//	contact.approved ┬─ what was decided, in the order of the batches ──────────────┼─► the store, in pieces
//	contact.vetoed ──┘                 ▲                                            │
//	contact.intents ────────── what it was decided on, where that is still kept ────┘
//
// What stands is there from the first: nothing of it hangs on how long signals are
// kept. A signal that it has heard changes nothing the second time.
//
// The mark says of each piece that the memory is not whole (Restoring). Whoever
// dies on the way is followed by one who begins again, over what is there: nothing
// of it counts twice. Nothing is decided meanwhile.
func (t *term) rebuild(ctx context.Context, found *landing) error {
	if err := t.enough(ctx, found); err != nil {
		return err
	}
	if err := t.start(ctx, found); err != nil {
		return err
	}
	r := &rebuilding{term: t, rates: recount{term: t}, told: make(map[rules.PersonID]telling), untold: make(map[rules.PersonID]struct{}), alive: make(map[rules.PersonID]struct{})}
	if err := r.measure(ctx, found); err != nil {
		return err
	}
	if err := r.stand(ctx); err != nil {
		return err
	}
	t.recalled.going, t.recalled.relieve = true, r.relieve
	t.governor.Rebuilding(true)
	for campaign, at := range found.calls {
		t.governor.Called(campaign, at)
	}
	if err := r.decisions(ctx, found); err != nil {
		return err
	}
	t.governor.Rebuilding(false)
	if err := r.judge(ctx); err != nil {
		return err
	}
	if err := r.tell(ctx); err != nil {
		return err
	}
	r.report(true)
	t.mark.Intents = r.unanswered(t.mark.Intents, found)
	t.unknown = true // that it is whole
	_, err := t.commit(ctx)
	t.recalled.going, t.recalled.relieve = false, nil
	return err
}

// start sets the memory to the beginning of what is kept.
func (t *term) start(ctx context.Context, found *landing) error {
	first, _, err := t.bounds(ctx, governor.Intents)
	if err != nil {
		return err
	}
	if t.heard, _, err = t.bounds(ctx, governor.Signals); err != nil {
		return err
	}
	t.governor.HeardTo(t.heard)
	if err := t.governor.RememberRates(nil); err != nil {
		return err
	}
	t.mark = state.Mark{Batch: t.mark.Batch, Intents: first, Tails: found.from}
	t.recalled = recall{buried: found.buried, answered: make(map[int64]bool), heard: found.signals, rates: found.rates, answers: found.answers}
	t.recalled.lying()
	return nil
}

// ErrMemoryLost says that the store has lost a partition, and that signals are
// missing from the log that nobody had heard when others decided: nothing is
// decided, for a no may be among them.
var ErrMemoryLost = errors.New("the store has lost its memory of the partition, and the log has lost signals that are needed to make it anew: restore the store's data (nothing is decided meanwhile)")

// enough makes sure that retention took no signal that is still to be remembered
// and that contact.standing may not have. A governor does not start on topics that
// are kept for a shorter time than its policy looks back; but records can be
// deleted by hand, and topics made anew. That approvals were, cannot be seen.
func (t *term) enough(ctx context.Context, found *landing) error {
	if found.heardSince < 0 {
		return nil
	}
	first, end, err := t.bounds(ctx, governor.Signals)
	switch {
	case err != nil:
		return err
	case first > found.heardSince:
		return fmt.Errorf("contact.signals begins at offset %d, and something was decided not long ago when only those before %d were heard: %w", first, found.heardSince, ErrMemoryLost)
	case end < found.signals:
		return fmt.Errorf("contact.signals ends at offset %d, and those before %d were heard: %w", end, found.signals, ErrMemoryLost)
	}
	return nil
}

// bounds are the first kept offset and the end of a topic.
func (t *term) bounds(ctx context.Context, topic string) (first, end int64, err error) {
	first, end, err = t.cfg.Log.Bounds(ctx, t.slot(topic))
	if err != nil {
		return 0, 0, fmt.Errorf("find the bounds of %s: %w", topic, err)
	}
	return first, end, nil
}

// rebuilding is a rebuild under way.
type rebuilding struct {
	*term
	answered offsets // of intents
	rates    recount
	oldest   rules.Instant               // decision that is kept
	settled  int64                       // behind the last intent that was answered about then
	pieces   int                         // saved so far
	alive    map[rules.PersonID]struct{} // who may have an approval that could be redeemed

	told   map[rules.PersonID]telling  // what contact.standing says of whom
	untold map[rules.PersonID]struct{} // for whom something else was written since

	progress Progress
	reported time.Time
}

// Progress is how far a rebuild has come.
type Progress struct {
	Done, Total int64 // records of the log
	People      int   // for whom something stands, as found so far
	Began       time.Time
}

// Left estimates how long it still takes, by the pace so far; 0 where that is open.
func (p Progress) Left(now time.Time) time.Duration {
	if p.Done == 0 || p.Done >= p.Total {
		return 0
	}
	return time.Duration(float64(now.Sub(p.Began)) / float64(p.Done) * float64(p.Total-p.Done))
}

// Rate is how many records a second were read.
func (p Progress) Rate(now time.Time) float64 {
	if took := now.Sub(p.Began).Seconds(); took > 0 {
		return float64(p.Done) / took
	}
	return 0
}

// measure finds out how much there is to read.
func (r *rebuilding) measure(ctx context.Context, found *landing) error {
	r.progress.Began = r.cfg.Clock()
	for _, topic := range []string{governor.Standing, governor.Signals, governor.Approved, governor.Vetoed} {
		first, end, err := r.bounds(ctx, topic)
		if err != nil {
			return err
		}
		if topic == governor.Signals {
			end = min(end, found.signals)
		}
		r.progress.Total += max(0, end-first)
	}
	r.report(true)
	return nil
}

// reportEvery is how often progress is told.
const reportEvery = 2 * time.Second

func (r *rebuilding) report(anyway bool) {
	if now := r.cfg.Clock(); r.progress.Total > 0 && (anyway || now.Sub(r.reported).Abs() >= reportEvery) {
		r.reported = now
		r.progress.People = len(r.told)
		r.cfg.Observer.Rebuilding(r.partition, r.progress)
	}
}

// read is term.read, and counts.
func (r *rebuilding) read(ctx context.Context, topic string, from, to int64, visit func(*Record)) error {
	return r.term.read(ctx, topic, from, to, func(record *Record) {
		r.progress.Done++
		visit(record)
	})
}

// chunk is how many records, or people, are worked on at once.
const chunk = mostAtOnce

// decisions recalls every decision behind the signals that it was made behind.
func (r *rebuilding) decisions(ctx context.Context, found *landing) error {
	logs, err := r.open(ctx)
	if err != nil {
		return err
	}
	contents := contentLog{rebuilding: r}
	for {
		batch, err := logs.next(ctx)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return r.rest(ctx, found)
		}
		intents, err := contents.of(ctx, batch)
		if err != nil {
			return err
		}
		if err := r.recallAll(ctx, batch, intents, found); err != nil {
			return err
		}
		if err := r.relieve(ctx); err != nil {
			return err
		}
		r.report(false)
	}
}

// rest hears what else what stands has heard.
func (r *rebuilding) rest(ctx context.Context, found *landing) error {
	_, end, err := r.bounds(ctx, governor.Signals)
	if err != nil {
		return err
	}
	return r.hear(ctx, min(end, found.signals))
}

func (r *rebuilding) recallAll(ctx context.Context, batch []landed, intents map[int64]*rules.Intent, found *landing) error {
	pieces := -1
	for i := range batch {
		d := &batch[i]
		heard := r.heard
		if err := r.hear(ctx, d.decision.Signals); err != nil {
			return err
		}
		r.progress.Done += r.heard - heard
		if pieces != r.pieces { // they were forgotten since, or never brought
			if err := r.remember(ctx, whose(batch[i:])); err != nil {
				return err
			}
			pieces = r.pieces
		}
		r.governor.Recall(found.recalled(d, intents[d.source]))
		r.answer(d)
		r.rates.anew(d)
		r.recalled.intents = max(r.recalled.intents, d.source+1)
	}
	return nil
}

// longestWait is longer than any notice is held.
const longestWait = 72 * time.Hour

// answer notes that an intent has its answer.
func (r *rebuilding) answer(d *landed) {
	at := rules.Instant(d.decision.Decided)
	if r.oldest == 0 {
		r.oldest = at
	}
	if at.Sub(r.oldest) < longestWait {
		r.settled = max(r.settled, d.source+1)
	}
	r.answered.add(d.source)
	if d.decision.Verdict == schemas.Approved && rules.Instant(d.decision.NotAfter) > r.present() {
		r.alive[rules.PersonID(d.decision.Person)] = struct{}{}
	}
}

// judge judges again what is out. While decisions were recalled nothing was: what
// stands now did not stand then. Who died between a decision and taking it back
// left that to be done.
func (r *rebuilding) judge(ctx context.Context) error {
	if err := r.piece(ctx); err != nil {
		return err
	}
	for people := range slices.Chunk(slices.Sorted(maps.Keys(r.alive)), chunk) {
		if err := r.remember(ctx, people); err != nil {
			return err
		}
		for _, id := range people {
			r.governor.JudgeAgain(id)
		}
		if err := r.piece(ctx); err != nil {
			return err
		}
	}
	return nil
}

func whose(batch []landed) []rules.PersonID {
	people := make([]rules.PersonID, len(batch))
	for i := range batch {
		people[i] = rules.PersonID(batch[i].decision.Person)
	}
	return people
}

// relieve saves a piece and forgets it, if there are more people in memory than may
// be. It must not be called between the reading of a signal and its hearing.
func (r *rebuilding) relieve(ctx context.Context) error {
	if r.governor.Remembered() <= r.cfg.MaxPeople && r.buried < mostBuried {
		return nil
	}
	return r.piece(ctx)
}

// piece saves what has changed since the last one. What is to be emitted of it is
// emitted first: whoever dies in between finds it in the log.
func (r *rebuilding) piece(ctx context.Context) error {
	changes, waiting, outputs, err := r.governor.Take()
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if o.Topic == governor.Standing {
			r.untold[o.Person] = struct{}{}
			continue
		}
		r.out = r.emissions(r.out, &o, r.next())
	}
	if err := r.emit(ctx, r.out); err != nil {
		return err
	}
	if len(changes)+len(waiting)+len(r.out) > 0 {
		for first := true; first || len(changes) > 0; first = false {
			n := min(len(changes), chunk)
			totals, err := r.governor.Totals(changes[n:])
			if err != nil {
				return err
			}
			if err := r.save(ctx, &state.Batch{People: changes[:n], Waiting: waiting, Totals: totals}); err != nil {
				return err
			}
			changes, waiting = changes[n:], nil
		}
	}
	r.out, r.buried, r.quieted = r.out[:0], 0, nil
	r.paper.turn()
	r.pieces++
	r.governor.Forget(0)
	return nil
}

// save commits one piece.
func (r *rebuilding) save(ctx context.Context, b *state.Batch) error {
	b.Owner, b.Skips = r.owner, r.skips
	b.Mark = state.Mark{Batch: r.next(), Restoring: true, Partitions: r.cfg.Partitions}
	if err := r.cfg.Store.Commit(ctx, r.partition, b); err != nil {
		return fmt.Errorf("save what was rebuilt: %w", err)
	}
	r.mark.Batch, r.skips, r.unknown = b.Mark.Batch, 0, false
	return nil
}

// unanswered is the first intent, from the given one on, to which the log has no
// answer: a notice that was held, or what comes after the last that was decided.
// Where retention took answers, those that are missing at the beginning of what is
// kept were given.
func (r *rebuilding) unanswered(from int64, found *landing) int64 {
	for source := range found.buried {
		if source.Topic == governor.Intents {
			r.answered.add(source.Offset)
		}
	}
	if found.from[governor.Approved] > 0 || found.from[governor.Vetoed] > 0 {
		from = max(from, r.settled)
	}
	for from < r.recalled.intents && r.answered.has(from) {
		from++
	}
	for offset := from; offset < r.recalled.intents; offset++ {
		if r.answered.has(offset) {
			r.recalled.answered[offset] = true
		}
	}
	return from
}
