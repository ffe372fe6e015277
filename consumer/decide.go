package consumer

import (
	"context"
	"slices"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// heardRecord is a record of the signals, read or not.
type heardRecord struct {
	src    governor.Source
	record *Record
	signal state.Signal
	err    error            // why it could not be read
	people []rules.PersonID // of an unreadable one: whose it may be, if it may be a refusal
}

// signals hears records of the signals, in their order.
func (t *term) signals(ctx context.Context, records []Record) error {
	arrived := t.arrival()
	heard := make([]heardRecord, len(records))
	for i := range records {
		heard[i] = t.readSignal(&records[i], arrived)
	}
	people := func() []rules.PersonID { return t.concerned(heard) }
	if err := t.bring(ctx, people); err != nil {
		return err
	}
	if err := t.hearsay(ctx, t.governor.Rejudged(people()...)); err != nil {
		return err
	}
	for i := range heard {
		h := &heard[i]
		pieces, err := t.advance(ctx, t.moment(h, arrived))
		if err == nil && pieces {
			err = t.bring(ctx, people)
		}
		if err != nil {
			return err
		}
		revoked := t.governor.TakenBack()
		switch {
		case h.err == nil && h.signal.Type == state.Redemption:
			if err := t.redeem(ctx, h); err != nil {
				return err
			}
			revoked = t.governor.TakenBack() // not by the question
		case h.err == nil:
			t.governor.Signal(h.from(), &h.signal)
		default:
			for _, id := range h.people {
				t.governor.Unreadable(h.from(), id)
			}
			t.bury(h.src, *h.record, h.err)
		}
		for range t.governor.TakenBack() - revoked {
			t.quieted = append(t.quieted, h.record.Time)
		}
		t.heard = h.record.Offset + 1
		t.governor.HeardTo(t.heard)
		if err := t.relieve(ctx); err != nil {
			return err
		}
	}
	t.report.Signals += len(records)
	return nil
}

// moment is the decision time of a signal. Only what was due before its record was
// there happens before it: else a no that was in time would come too late whenever we
// do.
func (t *term) moment(h *heardRecord, arrived rules.Instant) rules.Instant {
	was := rules.At(h.record.Time)
	if t.governor.Policy().EventClock() {
		was = h.signal.At
	}
	return max(t.mark.Now, min(was, arrived))
}

// concerned lists whom the signals concern.
func (t *term) concerned(heard []heardRecord) []rules.PersonID {
	people := make([]rules.PersonID, 0, len(heard))
	for i := range heard {
		h := &heard[i]
		if h.err == nil {
			people = append(people, t.governor.Concerns(&h.signal)...)
		} else {
			people = append(people, h.people...)
		}
	}
	return people
}

func (t *term) readSignal(r *Record, arrived rules.Instant) heardRecord {
	h := heardRecord{src: t.source(governor.Signals, r.Offset), record: r}
	value, err := t.unwrap(r)
	if err == nil {
		var ignored schemas.Ignored
		h.signal, ignored, err = t.reader.Signal(value, arrived)
		t.report.Ignored += ignored.Count
	}
	if told := text(r, HeaderFrom) != "" && governor.Tells(h.signal.Type); err == nil && !told {
		err = t.rightKey(r, h.signal.Person)
	}
	if err == nil {
		return h
	}
	h.err = err
	// Where the key and the record name two people it is open which of them said
	// no, so both did.
	for _, key := range [][]byte{r.Key, nil} {
		if id, refusal := schemas.Salvage(key, r.Value); refusal && t.belongs(id) && !slices.Contains(h.people, rules.PersonID(id)) {
			h.people = append(h.people, rules.PersonID(id))
		}
	}
	return h
}

// readIntent is a record of the intents, read or not.
type readIntent struct {
	src    governor.Source
	record *Record
	intent rules.Intent
	err    error // why it could not be read
}

// intents reads records of the intents. They are valid until it reads again.
func (t *term) intents(records []Record) []readIntent {
	arrived := t.arrival()
	clear(t.questions)
	t.questions = slices.Grow(t.questions[:0], len(records))[:len(records)]
	for i := range records {
		in := &t.questions[i]
		in.src, in.record = t.source(governor.Intents, records[i].Offset), &records[i]
		value, err := t.unwrap(in.record)
		if err == nil {
			var ignored schemas.Ignored
			in.intent, ignored, err = t.reader.Intent(value, arrived)
			t.report.Ignored += ignored.Count
		}
		if err == nil {
			err = t.rightKey(in.record, in.intent.Person)
		}
		in.err = err
	}
	return t.questions
}

// decide answers intents, in their order.
func (t *term) decide(ctx context.Context, intents []readIntent) error {
	if err := t.involve(ctx, intents); err != nil {
		return err
	}
	for i := range intents {
		in := &intents[i]
		if err := t.await(ctx, in, intents[i:]); err != nil {
			return err
		}
		switch {
		case t.recalled.answered[in.src.Offset]: // the log has the answer, and it was recalled
		case in.err == nil:
			t.governor.Intent(in.from(), &in.intent)
		default:
			t.bury(in.src, *in.record, in.err)
		}
		t.asked = in.src.Offset + 1
		if err := t.relieve(ctx); err != nil {
			return err
		}
	}
	t.report.Intents += len(intents)
	return nil
}

// involve brings into memory what is needed to answer the intents.
func (t *term) involve(ctx context.Context, intents []readIntent) error {
	t.involved = t.involved[:0]
	for i := range intents {
		if intents[i].err == nil {
			t.involved = t.governor.Lacks(t.involved, &intents[i].intent)
		}
	}
	return t.remember(ctx, t.involved)
}

// await moves the present to the intent's own instant, where the policy goes by the
// clock of the events. What is needed to answer it and those behind it stays in memory.
func (t *term) await(ctx context.Context, in *readIntent, intents []readIntent) error {
	if in.err != nil || !t.governor.Policy().EventClock() {
		return nil
	}
	pieces, err := t.advance(ctx, max(t.governor.Now(), in.intent.At))
	if err == nil && pieces {
		err = t.involve(ctx, intents)
	}
	return err
}

// unwrap takes the message out of its envelope, if it has one.
func (t *term) unwrap(r *Record) ([]byte, error) {
	if len(r.Headers) == 0 {
		return r.Value, nil
	}
	headers := make([]schemas.Header, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = schemas.Header(h)
	}
	value, _, err := schemas.Unwrap(headers, r.Value)
	return value, err
}

// rightKey checks that the record is where the person belongs: else two workers
// would count for one person.
func (t *term) rightKey(r *Record, person rules.PersonID) error {
	switch {
	case len(r.Key) == 0:
		return &schemas.Malformed{Reason: "the record has no key; send it with the person as its key"}
	case string(r.Key) != string(person):
		return &schemas.Malformed{Field: "person", Reason: "is not the record's key; send it with the person as its key"}
	case !t.belongs(string(person)):
		return &schemas.Malformed{Reason: "the record is on the wrong partition; produce with the Java default partitioner (murmur2) over the key"}
	}
	return nil
}

// belongs says whether the person's place is this partition.
func (t *term) belongs(person string) bool {
	return person != "" && (t.cfg.PartitionOf == nil || t.cfg.PartitionOf([]byte(person)) == t.partition)
}

// bury sends a record that cannot be read to the dead letters. It keeps a copy:
// the record is only valid until the next fetch.
func (t *term) bury(src governor.Source, r Record, why error) {
	if t.recalled.buried[src] {
		return // it lies there already
	}
	r.Key, r.Value = clone(r.Key), clone(r.Value)
	headers := make([]Header, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = Header{h.Key, clone(h.Value)}
	}
	r.Headers = headers
	t.out = append(t.out, deadLetter(src, r, why, t.next(), len(t.out)))
	t.report.DeadLetters++
	t.buried += len(r.Key) + len(r.Value)
}

// mostBuried bounds the bytes of dead letters in one batch: a fetch of compressed
// garbage unpacks to much more than a store takes at once.
const mostBuried = 4 << 20

// relieve commits what there is if its dead letters are many.
func (t *term) relieve(ctx context.Context) error {
	if t.buried < mostBuried || t.recalled.going {
		return nil
	}
	_, err := t.commit(ctx)
	return err
}

// clone keeps nil apart from empty.
func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

func (t *term) source(topic string, offset int64) governor.Source {
	return governor.Source{Topic: topic, Partition: t.partition, Offset: offset}
}
