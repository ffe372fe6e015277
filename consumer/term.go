package consumer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// term is the time between acquiring a partition and the first thing that goes
// wrong. What it keeps in memory is right as long as it is the owner, which
// every commit checks.
type term struct {
	*worker
	owner    string
	epoch    int64
	writer   Writer
	governor *governor.Governor
	reader   governor.Reader

	mark      state.Mark // as committed
	skips     int64      // numbers of batches that the log has beyond the mark's
	heard     int64      // next signal to hear; ahead of the mark until the next commit
	asked     int64      // next intent to answer; likewise
	report    BatchReport
	began     time.Time        // the batch under way, with its records at hand
	questions []readIntent     // of the batch under way
	involved  []rules.PersonID // whom they need

	out     []emission  // of the batch under way
	paper   paper       // on which their headers stand
	outbox  outbox      // and all of it as it is kept
	appends appends     // and by where it goes
	buried  int         // bytes of dead letters in it
	quieted []time.Time // of each approval that a signal took back in it: when that was appended
	tailsAt time.Time   // when the mark's tails were read
	toldAt  time.Time   // when the group noted the offsets
	backlog bool        // another batch follows at once, so what changes with every batch need not be told with this one
	last    bool        // the batch under way is the last for now: nothing is left untold
	laps    *laps       // what its stages take

	unknown  bool   // the store does not know the partition yet
	recalled recall // what the log knows and the memory did not
}

// acquire makes this worker the owner of its partition, under a token that nobody
// used before, and finds where its memory stands.
func acquire(ctx context.Context, w *worker) (*term, *state.Holding, error) {
	policy := w.cfg.Policy()
	t := &term{
		worker:   w,
		owner:    rand.Text(),
		laps:     newLaps(w.cfg.Tracer),
		governor: governor.New(policy, w.find),
		reader:   governor.Reader{Policy: policy, Zones: w.find},
	}
	t.governor.Leaving(w.cfg.Leave)
	t.governor.Bury(w.cfg.Keys)
	if w.cfg.PartitionOf != nil && w.cfg.Partitions > 1 {
		t.governor.Here(func(id rules.PersonID) bool { return t.belongs(string(id)) })
	}
	var err error
	if t.writer, err = w.cfg.NewWriter(ctx); err != nil {
		return nil, nil, fmt.Errorf("open a writer: %w", err)
	}
	held, err := w.cfg.Store.Acquire(ctx, w.partition, t.owner)
	if err != nil {
		t.close()
		return nil, nil, fmt.Errorf("acquire the partition: %w", err)
	}
	if n := held.Mark.Partitions; n != 0 && n != w.cfg.Partitions {
		t.close()
		return nil, nil, fmt.Errorf("there were %d, and there are %d: %w", n, w.cfg.Partitions, ErrPartitions)
	}
	t.epoch, t.mark, t.heard, t.unknown = held.Epoch, held.Mark, held.Mark.Signals, !held.Known
	t.governor.Resume(held.Mark.Now)
	for _, w := range held.Waiting {
		t.governor.Await(w)
	}
	if held.Mark.Policy != policy.Hash() {
		t.governor.PlanAnew()
	}
	if err := t.governor.RememberTotals(held.Totals); err != nil {
		t.close()
		return nil, nil, err
	}
	if err := t.governor.RememberRates(held.Rates); err != nil {
		t.close()
		return nil, nil, err
	}
	t.governor.HeardTo(t.heard)
	return t, &held, nil
}

// ErrPartitions says that the topics have another number of partitions than they had
// when people were remembered. Whoever belongs to another partition now would be
// taken for a person who never said no.
var ErrPartitions = errors.New("the number of partitions was changed, so that people belong elsewhere than where they are remembered (nothing is decided meanwhile): make the topics with the number of before, under another kafka.topics.prefix, copy the records into them by their keys, and govern those; a number is changed in the same way")

func (t *term) close() { t.writer.Close() }

// step makes one batch of what has come, and says whether anything had.
//
// The order is the promise: the intents first, then the signals up to where
// they ended after that. A refusal acknowledged before an intent is below that
// end, and so is heard before the intent is decided.
func (t *term) step(ctx, stop context.Context) (moved bool, err error) {
	wait := t.cfg.Poll
	if log, ok := t.cfg.Log.(Waiter); ok { // a signal need not wait until an intent comes
		log.Wait(ctx, wait, Place{t.slot(governor.Intents), t.mark.Intents}, Place{t.slot(governor.Signals), t.heard})
		wait = 0
	}
	t.laps.begin()
	intents, err := t.cfg.Log.Fetch(ctx, t.slot(governor.Intents), t.mark.Intents, wait)
	t.laps.over(StageFetch)
	if err != nil {
		return false, fmt.Errorf("fetch intents: %w", err)
	}
	t.began, t.backlog = t.cfg.Clock(), intents.Next < intents.Stable
	if err := t.adopt(ctx); err != nil {
		return false, err
	}
	_, barrier, err := t.cfg.Log.Bounds(ctx, t.slot(governor.Signals))
	if err != nil {
		return false, fmt.Errorf("find the end of the signals: %w", err)
	}
	if err := t.settle(ctx); err != nil {
		return false, err
	}
	if err := t.hear(ctx, barrier); err != nil {
		return false, err
	}
	asked := t.intents(intents.Records)
	if err := t.rate(ctx, stop, asked); err != nil {
		return false, err
	}
	if _, err := t.advance(ctx, t.present()); err != nil {
		return false, err
	}
	if err := t.decide(ctx, asked); err != nil {
		return false, err
	}
	t.asked = intents.Next
	t.last = !t.backlog
	moved, err = t.commit(ctx)
	t.last = false
	t.forget()
	return moved, err
}

// adopt takes the policy that holds now, for all of the batch. Whoever waits is
// planned under it before anything else happens, in pieces.
func (t *term) adopt(ctx context.Context) error {
	if policy := t.cfg.Policy(); policy != t.governor.Policy() {
		t.governor.Adopt(policy)
		t.reader.Policy = policy
	}
	for {
		people := t.governor.Unplanned(mostAtOnce)
		if len(people) == 0 {
			return nil
		}
		if err := t.remember(ctx, people); err != nil {
			return err
		}
		if err := t.hearsay(ctx, t.governor.Rejudged(people...)); err != nil {
			return err
		}
		t.governor.Plan(len(people))
		if _, err := t.commit(ctx); err != nil {
			return err
		}
		t.forget()
	}
}

// hear applies the signals up to the barrier. A long backlog is committed in
// between, so that memory stays bounded; but not while decisions are recalled,
// whose order to the signals must be kept through a crash.
func (t *term) hear(ctx context.Context, barrier int64) error {
	for t.heard < barrier {
		signals, err := t.fetch(ctx, governor.Signals, t.heard)
		if err != nil {
			return err
		}
		if t.recalled.going { // not one signal further: the decision that is recalled next had not heard it
			signals.Next = min(signals.Next, barrier)
			signals.Records = slices.DeleteFunc(signals.Records, func(r Record) bool { return r.Offset >= barrier })
		}
		if err := t.signals(ctx, signals.Records); err != nil {
			return err
		}
		t.heard = max(t.heard, signals.Next)
		t.governor.HeardTo(t.heard)
		if t.heard < barrier && !t.recalled.going {
			if _, err := t.commit(ctx); err != nil {
				return err
			}
			t.forget()
		}
		if t.recalled.relieve != nil {
			if err := t.recalled.relieve(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch brings what is known to be there. A broker may answer with nothing for a
// while; for how long is a matter of patience.
func (t *term) fetch(ctx context.Context, topic string, from int64) (Fetched, error) {
	for range 1 + t.cfg.Patience/t.cfg.Poll {
		t.laps.over(StageDecide)
		f, err := t.cfg.Log.Fetch(ctx, t.slot(topic), from, t.cfg.Poll)
		t.laps.over(StageFetch)
		if err != nil {
			return Fetched{}, fmt.Errorf("fetch %s: %w", topic, err)
		}
		if f.Next > from {
			return f, nil
		}
	}
	return Fetched{}, fmt.Errorf("fetch %s: nothing came at offset %d in %s, though there is something", topic, from, t.cfg.Patience)
}

// advance moves the present. What was due by then is decided first; after a long
// outage that may be much, and is committed in pieces. Whoever the caller had
// brought into memory may have to be brought again then.
func (t *term) advance(ctx context.Context, to rules.Instant) (pieces bool, err error) {
	for {
		due := t.governor.DueBy(to, t.cfg.MaxPeople)
		if err := t.remember(ctx, due); err != nil {
			return pieces, err
		}
		if err := t.rateDue(ctx, due); err != nil {
			return pieces, err
		}
		if t.governor.Advance(to) {
			return pieces, nil
		}
		if _, err := t.commit(ctx); err != nil {
			return pieces, err
		}
		t.forget()
		pieces = true
	}
}

// present is the decision time of what is done now: the clock's time, never
// behind what the partition has seen. Where the policy goes by the clock of the events
// it is what the partition has seen.
func (t *term) present() rules.Instant {
	if t.governor.Policy().EventClock() {
		return max(t.mark.Now, t.governor.Now())
	}
	return t.arrival()
}

// arrival is when what is read now came: no record may be far ahead of it.
func (t *term) arrival() rules.Instant {
	return max(rules.At(t.cfg.Clock()), t.mark.Now, t.governor.Now())
}

// remember loads those of the people who are not in memory.
func (t *term) remember(ctx context.Context, people []rules.PersonID) error {
	return t.bring(ctx, func() []rules.PersonID { return people })
}

// bring is remember where it is clear who they are only when some of them are in
// memory.
func (t *term) bring(ctx context.Context, people func() []rules.PersonID) error {
	for {
		missing := t.governor.Missing(people()...)
		if len(missing) == 0 {
			return nil
		}
		t.laps.over(StageDecide)
		memories, err := t.cfg.Store.Load(ctx, t.partition, missing)
		t.laps.over(StageLoad)
		if err != nil {
			return fmt.Errorf("load people: %w", err)
		}
		for i, id := range missing {
			if err := t.governor.Remember(id, memories[i]); err != nil {
				return err
			}
		}
	}
}

// tellWithin is how long the group may take to note offsets, and tellEvery how long
// they may lag behind while there is a backlog.
const (
	tellWithin = time.Second
	tellEvery  = time.Second
)

// tell commits the group's offsets, for the eye. Nobody resumes from them, so an
// error changes nothing, and nobody waits long for it.
func (t *term) tell(ctx context.Context, gen Generation) {
	if t.backlog && t.cfg.Clock().Sub(t.toldAt).Abs() < tellEvery {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	t.toldAt = t.cfg.Clock()
	_ = gen.Commit(ctx, map[Slot]int64{
		t.slot(governor.Intents): t.mark.Intents,
		t.slot(governor.Signals): t.mark.Signals,
	})
}

func (t *term) slot(topic string) Slot { return t.cfg.slot(topic, t.partition) }
