package consumer

import (
	"bytes"
	"cmp"
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
// The store may be behind the log: it was rolled back by a failover. What the log
// says was decided is recalled then, and not decided again, for it may have been
// acted on. Or it lost everything: then all of it is rebuilt. Nothing is approved
// meanwhile.
func (t *term) recover(ctx context.Context, held *state.Holding) error {
	// A mark that is not whole and has no tails is that of a rebuild.
	lost := !held.Known || t.mark.Restoring && t.mark.Tails == nil
	found, err := t.readBack(ctx, lost)
	if err != nil {
		return err
	}
	t.skips = max(0, found.latest-t.mark.Batch) // a number is never used twice
	pending, err := readOutbox(held.Outbox, t.partition)
	if err != nil {
		return err
	}
	// Where the log has later batches, this one landed before them, and what is not
	// there any more was compacted away; or the store is that of another past.
	behind := found.latest > t.mark.Batch
	var missing []emission
	for i := range pending {
		if pending[i].tells() || !behind && !found.landed[placeOf(&pending[i].record)] {
			missing = append(missing, pending[i])
		}
	}
	if err := t.emit(ctx, missing); err != nil {
		return err
	}
	if lost {
		return t.rebuild(ctx, &found)
	}
	return t.recall(ctx, &found)
}

// place is where a record stands among all that the partition emitted.
type place struct {
	batch int64
	index int64
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.batch, other.batch), cmp.Compare(p.index, other.index))
}

func placeOf(r *Record) place {
	return place{number(r, HeaderBatch), number(r, HeaderIndex)}
}

// landing is what was found in the outputs behind the mark's tails.
type landing struct {
	lost      bool // the memory knows nothing, and is rebuilt by another reading
	landed    map[place]bool
	latest    int64 // the highest number of a batch
	signals   int64 // the highest position of the signals
	decisions []landed
	revoked   map[rules.DecisionID]rules.PersonID
	buried    map[governor.Source]bool // sources of dead letters
	leaked    map[rules.DecisionID]rules.PersonID
	standing  map[rules.PersonID][]byte
	rates     map[rules.PersonID][]byte // by their keys
	from      map[string]int64          // where the reading began, by topic
	answers   answerLog                 // to workers that asked

	heardSince int64 // of a lost memory: the position of the signals at the earliest output that may still be remembered; -1: there is none

	calls map[rules.Campaign]rules.Instant // when the first call of each was approved; of a lost memory
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
func (t *term) readBack(ctx context.Context, lost bool) (landing, error) {
	found := landing{
		lost: lost, heardSince: -1, calls: make(map[rules.Campaign]rules.Instant),
		landed: make(map[place]bool), revoked: make(map[rules.DecisionID]rules.PersonID), buried: make(map[governor.Source]bool),
		standing: make(map[rules.PersonID][]byte), from: make(map[string]int64), leaked: make(map[rules.DecisionID]rules.PersonID),
		rates: make(map[rules.PersonID][]byte),
	}
	for _, topic := range outputs() {
		first, end, err := t.cfg.Log.Bounds(ctx, t.slot(topic))
		if err != nil {
			return landing{}, fmt.Errorf("find the end of %s: %w", topic, err)
		}
		found.from[topic] = max(first, t.mark.Tails[topic])
		if topic == governor.Redemption {
			found.answers = answerLog{next: found.from[topic], end: end}
		}
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
	if !found.lost {
		found.landed[at] = true
	}
	found.latest = max(found.latest, at.batch)
	if heard := number(r, HeaderSignals); found.lost && heard >= 0 && t.remembers(rules.At(r.Time)) && (found.heardSince < 0 || heard < found.heardSince) {
		found.heardSince = heard
	}
	found.signals = max(found.signals, number(r, HeaderSignals))
	source, ours := governor.ParseSource(text(r, HeaderSource))
	if !ours {
		source.Offset = -1 // somebody else wrote it
	}
	switch {
	case found.lost && topic == governor.Approved:
		found.called(r)
	case found.lost && (topic == governor.Vetoed || topic == governor.Standing):
	case topic == governor.Approved || topic == governor.Vetoed:
		if !t.mark.Restoring && source.Offset < t.mark.Intents && at.batch <= t.mark.Batch {
			return
		}
		if d, readable := readLanded(r); readable {
			found.decisions = append(found.decisions, d)
		}
	case topic == governor.Revoked:
		if v, err := schemas.DecodeRevocation(r.Value); err == nil {
			found.revoked[rules.DecisionID(v.Decision)] = rules.PersonID(v.Person)
		}
	case topic == governor.Leaked:
		if person, decision, err := schemas.DecodeLeak(r.Value); err == nil {
			found.leaked[rules.DecisionID(decision)] = rules.PersonID(person)
		}
	case topic == governor.Standing:
		found.standing[rules.PersonID(r.Key)] = clone(r.Value)
	case topic == governor.DeadLetter:
		found.buried[source] = true
	case topic == governor.VetoRates:
		found.rate(r)
	}
}

// mostRates bounds how many rates are known to be told. Others are told again, as they
// are.
const mostRates = 100_000

// rate notes what a rate was told to be. Counts grow, so a repeat of an earlier one
// is shorter, or the lesser.
func (found *landing) rate(r *Record) {
	if len(found.rates) >= mostRates {
		clear(found.rates)
	}
	key := rules.PersonID(r.Key)
	if before := found.rates[key]; len(before) < len(r.Value) || len(before) == len(r.Value) && bytes.Compare(before, r.Value) < 0 {
		found.rates[key] = clone(r.Value)
	}
}

// remembers says whether the policy looks back so far.
func (t *term) remembers(at rules.Instant) bool {
	return t.present().Sub(at) < t.governor.Policy().Memory()
}

// readLanded reads a decision that was found.
func readLanded(r *Record) (landed, bool) {
	source, ours := governor.ParseSource(text(r, HeaderSource))
	if !ours {
		source.Offset = -1 // somebody else wrote it
	}
	d, err := schemas.DecodeDecision(r.Value)
	return landed{placeOf(r), source.Offset, rules.Instant(max(0, number(r, HeaderFirstCall))), d}, err == nil
}

// called notes of an approved call when the first of its campaign was.
func (found *landing) called(r *Record) {
	if text(r, HeaderFirstCall) == "" {
		return
	}
	d, readable := readLanded(r)
	if !readable {
		return
	}
	at := rules.Instant(d.decision.Decided)
	if d.firstCall != 0 {
		at = min(at, d.firstCall)
	}
	campaign := rules.Campaign(d.decision.Campaign)
	if first, known := found.calls[campaign]; !known || at < first {
		found.calls[campaign] = at
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
