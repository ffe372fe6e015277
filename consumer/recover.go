package consumer

import (
	"context"
	"fmt"
	"strconv"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// recover makes memory and log agree.
//
// The store may be ahead of the log by one batch, the last: its owner died, or
// lost the partition, between committing and emitting. What of it has not
// landed is emitted now, byte for byte.
//
// The store may be behind the log: it was rolled back by a failover, or it lost
// everything. What the log says was decided is recalled then, and not decided
// again, for it may have been acted on. Nothing is approved meanwhile.
func (t *term) recover(ctx context.Context, held *state.Holding) error {
	found, err := t.readBack(ctx)
	if err != nil {
		return err
	}
	t.skips = max(0, found.latest-t.mark.Batch) // a number is never used twice
	pending, err := readOutbox(held.Outbox, t.partition)
	if err != nil {
		return err
	}
	var missing []emission
	for i := range pending {
		if pending[i].tells() || !found.landed[placeOf(&pending[i].record)] {
			missing = append(missing, pending[i])
		}
	}
	if err := t.emit(ctx, missing); err != nil {
		return err
	}
	if err := t.recall(ctx, &found, !held.Known); err != nil || !t.unknown {
		return err
	}
	// Others need to know that there was nothing to know.
	_, err = t.commit(ctx, t.mark.Intents)
	return err
}

// place is where a record stands among all that the partition emitted.
type place struct {
	batch int64
	index int64
}

func placeOf(r *Record) place {
	return place{number(r, HeaderBatch), number(r, HeaderIndex)}
}

// landing is what was found in the outputs behind the mark's tails.
type landing struct {
	landed    map[place]bool
	latest    int64 // the highest number of a batch
	signals   int64 // the highest position of the signals
	decisions []landed
	revoked   map[rules.DecisionID]rules.PersonID
	buried    map[governor.Source]bool // sources of dead letters
	standing  map[rules.PersonID][]byte
	from      map[string]int64 // where the reading began, by topic
}

// landed is a decision that was found.
type landed struct {
	place
	source    int64 // offset of its intent
	firstCall rules.Instant
	decision  schemas.Decision
}

// readBack reads the outputs from where they ended before the last batch. Of a
// mark that has no tails, the zero one, that is all of them.
func (t *term) readBack(ctx context.Context) (landing, error) {
	found := landing{
		landed: make(map[place]bool), revoked: make(map[rules.DecisionID]rules.PersonID), buried: make(map[governor.Source]bool),
		standing: make(map[rules.PersonID][]byte), from: make(map[string]int64),
	}
	for _, topic := range outputs() {
		first, end, err := t.cfg.Log.Bounds(ctx, t.slot(topic))
		if err != nil {
			return landing{}, fmt.Errorf("find the end of %s: %w", topic, err)
		}
		found.from[topic] = max(first, t.mark.Tails[topic])
		err = t.read(ctx, topic, found.from[topic], end, func(r *Record) { t.note(&found, topic, r) })
		if err != nil {
			return landing{}, err
		}
	}
	return found, nil
}

// read visits the committed records of a topic's slot in [from, to).
func (t *term) read(ctx context.Context, topic string, from, to int64, visit func(*Record)) error {
	for from < to {
		f, err := t.fetch(ctx, topic, from)
		if err != nil {
			return err
		}
		for i := range f.Records {
			if f.Records[i].Offset < to {
				visit(&f.Records[i])
			}
		}
		from = f.Next
	}
	return nil
}

// note takes in a record of an output. Whether the memory lacks it is found out
// later; but what came from beyond the mark it lacks for sure, and of older
// sources only what a later batch said of held notices.
func (t *term) note(found *landing, topic string, r *Record) {
	at := placeOf(r)
	found.landed[at] = true
	found.latest = max(found.latest, at.batch)
	found.signals = max(found.signals, number(r, HeaderSignals))
	source, ours := governor.ParseSource(text(r, HeaderSource))
	if !ours {
		source.Offset = -1 // somebody else wrote it
	}
	switch topic {
	case governor.Approved, governor.Vetoed:
		if !t.mark.Restoring && source.Offset < t.mark.Intents && at.batch <= t.mark.Batch {
			return
		}
		if d, err := schemas.DecodeDecision(r.Value); err == nil {
			first := rules.Instant(max(0, number(r, HeaderFirstCall)))
			found.decisions = append(found.decisions, landed{at, source.Offset, first, d})
		}
	case governor.Revoked:
		if v, err := schemas.DecodeRevocation(r.Value); err == nil {
			found.revoked[rules.DecisionID(v.Decision)] = rules.PersonID(v.Person)
		}
	case governor.Standing:
		found.standing[rules.PersonID(r.Key)] = clone(r.Value)
	case governor.DeadLetter:
		found.buried[source] = true
	}
}

// text is the last header of the name: a dead letter has those that it came with
// before ours. It is "" where there is none, as in a record that somebody else
// wrote.
func text(r *Record, header string) string {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == header {
			return string(r.Headers[i].Value)
		}
	}
	return ""
}

// number is a numeric header, -1 where there is none.
func number(r *Record, header string) int64 {
	n, err := strconv.ParseInt(text(r, header), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
