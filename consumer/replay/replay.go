// Package replay decides a recorded stream offline, in simulated time: no broker,
// no server, no clock. It drives the same governor as the live service, over any
// state.Store; only the stream and the clock are its own: time is when a line arrived,
// or, under a policy that goes by the clock of the events, what the record in it says.
//
// The format of the lines is the contract's ("Offline: governor replay").
package replay

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Topics of a recording that are none of Kafka's.
const (
	topicRedeem = "redeem" // a worker asks, just before contacting
	topicTick   = "tick"   // time passes
)

// maxLine bounds a line: a record may be large, and its line a little larger.
const maxLine = 16 << 20

// LineError says which line could not be read, and why. What came before it was
// decided and written.
type LineError struct {
	Line int
	Err  error
}

// Error is line N: why.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is why.
func (e *LineError) Unwrap() error { return e.Err }

// Replay decides recorded lines one after another. It is not for concurrent use.
type Replay struct {
	reader   governor.Reader
	governor *governor.Governor
	store    state.Store
	mark     state.Mark
	whose    map[rules.IntentID]rules.PersonID // who was approved under an id, for redeeming by id
	line     int64
	arrived  rules.Instant // what the latest line says
	heard    int64
	out      *bufio.Writer
}

// partition is the one partition of a recording, owner its one owner.
const (
	partition = 0
	owner     = "replay"
)

// New is a replay under the policy that keeps people in the store, which must be
// fresh, and writes to out.
func New(ctx context.Context, policy *rules.Policy, store state.Store, out io.Writer) (*Replay, error) {
	find := &zones.Finder{}
	if _, err := store.Acquire(ctx, partition, owner); err != nil {
		return nil, fmt.Errorf("start the replay: %w", err)
	}
	return &Replay{
		reader:   governor.Reader{Policy: policy, Zones: find},
		governor: governor.New(policy, find),
		store:    store,
		whose:    make(map[rules.IntentID]rules.PersonID),
		out:      bufio.NewWriter(out),
	}, nil
}

// Run decides every line of in. The error is a *LineError if a line could not be
// read; what came before it is written all the same. At the end of the input
// time stops: what is due later does not happen.
func (r *Replay) Run(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	var failed error
	for failed == nil && lines.Scan() {
		r.line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := r.Line(ctx, lines.Bytes()); err != nil {
			failed = &LineError{int(r.line), err}
		}
	}
	if err := lines.Err(); err != nil && failed == nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("is longer than %d MiB, and no record is that large; is it one JSON object a line?", maxLine>>20)
		}
		failed = &LineError{int(r.line) + 1, err}
	}
	return errors.Join(failed, r.Flush())
}

// event is one line.
type event struct {
	Arrived string         `json:"arrived"`
	Topic   string         `json:"topic"`
	Value   jsontext.Value `json:"value"`
}

// Line decides one line and writes what follows from it.
func (r *Replay) Line(ctx context.Context, line []byte) error {
	var e event
	// What is inside the value is the record's business: a duplicate key there
	// is a dead letter, not an unreadable line.
	if err := json.Unmarshal(line, &e, json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return fmt.Errorf("is no event: write {\"arrived\":…,\"topic\":…,\"value\":{…}}: %w", err)
	}
	at, err := schemas.ParseTime(e.Arrived)
	if err != nil {
		return errors.New("arrived: write a time of RFC 3339 with an offset, like 2026-05-01T10:00:00.250Z, from 2000 to 9998")
	}
	arrived := rules.Instant(at)
	if arrived < r.arrived {
		return fmt.Errorf("arrived at %s, before %s of an earlier line: sort the lines by arrival", arrived, r.arrived)
	}
	r.arrived = arrived
	if recorded := e.Topic == governor.Intents || e.Topic == governor.Signals; !recorded || !r.governor.Policy().EventClock() {
		if err := r.advance(ctx, max(arrived, r.governor.Now())); err != nil {
			return err
		}
	}
	src := governor.Source{Topic: e.Topic, Partition: partition, Offset: r.line}
	switch e.Topic {
	case governor.Intents:
		err = r.intent(ctx, src, e.Value, arrived)
	case governor.Signals:
		err = r.signal(ctx, src, e.Value, arrived)
	case topicRedeem:
		err = r.redeem(ctx, e.Value)
	case topicTick:
	default:
		return fmt.Errorf("topic %q is none of contact.intents, contact.signals, redeem, tick", e.Topic)
	}
	if err != nil {
		return err
	}
	return r.commit(ctx)
}

// advance lets time pass; what was due by then is decided first, and the minute that is
// over is told.
func (r *Replay) advance(ctx context.Context, to rules.Instant) error {
	hash := r.governor.Policy().Hash()
	if state.CountedIn(to, hash) > state.CountedIn(r.governor.Now(), hash) {
		if err := r.tellRates(); err != nil {
			return err
		}
	}
	if err := r.remember(ctx, r.governor.DueBy(to, math.MaxInt)...); err != nil {
		return err
	}
	r.governor.Advance(to)
	return r.commit(ctx)
}

// await lets time pass until the instant that a record tells, where the policy goes by
// the clock of the events. It does not go back.
func (r *Replay) await(ctx context.Context, at rules.Instant) error {
	if !r.governor.Policy().EventClock() {
		return nil
	}
	return r.advance(ctx, max(at, r.governor.Now()))
}

func (r *Replay) intent(ctx context.Context, src governor.Source, value []byte, arrived rules.Instant) error {
	in, _, err := r.reader.Intent(value, arrived)
	if err != nil {
		return r.deadLetter(src, value, err)
	}
	if err := r.await(ctx, in.At); err != nil {
		return err
	}
	if err := r.remember(ctx, r.governor.Involves(&in)...); err != nil {
		return err
	}
	r.governor.Intent(src, &in)
	return nil
}

func (r *Replay) signal(ctx context.Context, src governor.Source, value []byte, arrived rules.Instant) error {
	r.heard++
	r.governor.HeardTo(r.heard)
	s, _, err := r.reader.Signal(value, arrived)
	if err != nil {
		if id, refusal := schemas.Salvage(nil, value); refusal && id != "" {
			if err := r.remember(ctx, rules.PersonID(id)); err != nil {
				return err
			}
			r.governor.Unreadable(src, rules.PersonID(id))
		}
		return r.deadLetter(src, value, err)
	}
	if err := r.await(ctx, min(s.At, arrived)); err != nil {
		return err
	}
	if err := r.bring(ctx, func() []rules.PersonID { return r.governor.Concerns(&s) }); err != nil {
		return err
	}
	r.governor.Signal(src, &s)
	return nil
}

// redeem answers a worker. An id without a person is the latest approval's.
func (r *Replay) redeem(ctx context.Context, value []byte) error {
	var ask struct {
		Intent rules.IntentID `json:"intent"`
		Person rules.PersonID `json:"person"`
		Worker string         `json:"worker"`
	}
	if err := json.Unmarshal(value, &ask); err != nil || ask.Intent == "" {
		return errors.New(`redeem: write {"intent":"…"}`)
	}
	if ask.Person == "" {
		ask.Person = r.whose[ask.Intent]
	}
	if err := r.remember(ctx, ask.Person); err != nil {
		return err
	}
	answer := r.governor.Redeem(ask.Person, ask.Intent, ask.Worker).Says
	out := schemas.RedeemAnswer{Intent: string(ask.Intent), OK: answer == state.Redeemed, Reason: string(answer)}
	return r.write(topicRedeem, out.AppendJSON(nil), nil)
}

// remember loads those of the people who are not in memory.
func (r *Replay) remember(ctx context.Context, people ...rules.PersonID) error {
	return r.bring(ctx, func() []rules.PersonID { return people })
}

// bring is remember where it is clear who they are only when some of them are in
// memory.
func (r *Replay) bring(ctx context.Context, people func() []rules.PersonID) error {
	for {
		missing := r.governor.Missing(people()...)
		if len(missing) == 0 {
			return nil
		}
		memories, err := r.store.Load(ctx, partition, missing)
		if err != nil {
			return fmt.Errorf("load people: %w", err)
		}
		for i, id := range missing {
			if err := r.governor.Remember(id, memories[i]); err != nil {
				return err
			}
		}
	}
}

// commit moves the store and writes what was decided.
func (r *Replay) commit(ctx context.Context) error {
	changes, waiting, outputs, err := r.governor.Take()
	if err != nil {
		return err
	}
	totals, err := r.governor.Totals(nil)
	if err != nil {
		return err
	}
	if len(changes) > 0 || len(waiting) > 0 || len(totals) > 0 {
		r.mark.Batch++
		r.mark.Now = r.governor.Now()
		batch := state.Batch{Owner: owner, Mark: r.mark, People: changes, Waiting: waiting, Totals: totals}
		if err := r.store.Commit(ctx, partition, &batch); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
	}
	r.governor.Forget(0)
	for _, o := range outputs {
		if o.Topic == governor.Approved {
			if d, err := schemas.DecodeDecision(o.Value); err == nil {
				r.whose[rules.IntentID(d.Intent)] = o.Person
			}
		}
		if err := r.write(o.Topic, o.Value, nil); err != nil {
			return err
		}
	}
	return nil
}

// tellRates writes what was decided in the minutes that are over, or, at the end, in
// the last.
func (r *Replay) tellRates() error {
	_, told := r.governor.TakeRates(partition, r.mark.Batch, true)
	for _, o := range told {
		if err := r.write(o.Topic, o.Value, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *Replay) deadLetter(src governor.Source, value []byte, why error) error {
	return r.write(governor.DeadLetter, value, governor.DeadLetterHeaders(src, why))
}

// written is one line of output.
type written struct {
	Topic   string            `json:"topic"`
	Value   jsontext.Value    `json:"value"`
	Headers map[string]string `json:"headers,omitempty"`
}

func (r *Replay) write(topic string, value []byte, headers []schemas.Header) error {
	w := written{Topic: topic, Value: value}
	for _, h := range headers {
		if w.Headers == nil {
			w.Headers = make(map[string]string, len(headers))
		}
		w.Headers[h.Key] = string(h.Value)
	}
	line, err := json.Marshal(w, json.Deterministic(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	if _, err := r.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	return nil
}
