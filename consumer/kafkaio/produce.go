package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/contactgovernor/governor/consumer"
)

// The pause before bytes are sent again: it doubles, with some chance in it so
// that writers do not come back in step.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// mostRequestBytes bounds what is sent at the same time, beside the batch that is
// larger alone.
const mostRequestBytes = 32 << 20

// Writer appends to slots idempotently; it implements consumer.Writer. A
// transient refusal, or a lost connection, makes it send the same bytes under
// the same sequence numbers again, until ctx ends; so ctx should have a deadline.
// After the first error a Writer is done for and says so.
type Writer struct {
	client *Client
	self   producer
	known  bool                    // self was given by a broker
	next   map[consumer.Slot]int32 // sequence numbers
	buf    []byte                  // the batches of one round
	packer packer
	failed error
}

var _ consumer.Writer = (*Writer)(nil)

var errClosed = errors.New("this writer is closed")

// NewWriter returns a writer. It becomes a new idempotent producer when it is
// first used.
func (c *Client) NewWriter() *Writer {
	return &Writer{client: c, next: make(map[consumer.Slot]int32), packer: packer{codec: c.codec}}
}

// Close makes the writer unusable.
func (w *Writer) Close() {
	if w.failed == nil {
		w.failed = errClosed
	}
}

// Produce implements consumer.Writer. A record without a time gets the present
// one. A slot may occur more than once.
func (w *Writer) Produce(ctx context.Context, appends []consumer.Append) error {
	if w.failed != nil {
		return fmt.Errorf("produce: this writer cannot be used any more, make a new one: %w", w.failed)
	}
	if err := w.produce(ctx, appends); err != nil {
		w.failed = err
		return err
	}
	return nil
}

func (w *Writer) produce(ctx context.Context, appends []consumer.Append) error {
	rounds := w.rounds(appends)
	if len(rounds) == 0 {
		return nil
	}
	if err := w.introduce(ctx); err != nil {
		return fmt.Errorf("produce: become an idempotent producer: %w", err)
	}
	for _, round := range rounds {
		if err := w.encode(round); err != nil {
			return err
		}
		for _, p := range round {
			w.next[p.slot] = advance(p.sequence, len(p.records))
		}
		for len(round) > 0 {
			n := fitting(round)
			if err := w.send(ctx, round[:n]); err != nil {
				return err
			}
			round = round[n:]
		}
	}
	return nil
}

// fitting is how many of these batches go into requests at the same time: one at
// least, and no more than a broker lets in.
func fitting(round []*part) int {
	size := len(round[0].bytes)
	for i, p := range round[1:] {
		if size += len(p.bytes); size > mostRequestBytes {
			return i + 1
		}
	}
	return len(round)
}

// part is one batch for one slot.
type part struct {
	slot     consumer.Slot
	records  []consumer.Record
	sequence int32
	bytes    []byte
	err      error // what became of it when it was last sent
}

// rounds orders the batches: a request takes one of each slot, and the second of
// a slot waits for the first.
func (w *Writer) rounds(appends []consumer.Append) [][]*part {
	var rounds [][]*part
	had := make(map[consumer.Slot]int, len(appends))
	for _, a := range appends {
		for _, records := range split(a.Records, w.client.config.BatchBytes) {
			n := had[a.Slot]
			had[a.Slot]++
			if n == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[n] = append(rounds[n], &part{slot: a.Slot, records: records})
		}
	}
	return rounds
}

func (w *Writer) encode(round []*part) error {
	if cap(w.buf) > keptPlainSize {
		w.buf = nil
	}
	b := w.buf[:0]
	for _, p := range round {
		p.sequence = w.next[p.slot]
		start := len(b)
		var err error
		if b, err = w.packer.appendBatch(b, p.records, w.self, p.sequence); err != nil {
			return fmt.Errorf("produce to %s: %w", slotName(p.slot), err)
		}
		// Where b moves, this stays a view of what it was: nobody writes there.
		p.bytes = b[start:len(b):len(b)]
		if len(p.bytes) > maxMessage-(1<<10) { // brokers would not say so, but hang up
			return tooLarge(p)
		}
	}
	w.buf = b
	return nil
}

func tooLarge(p *part) error {
	return &TooLarge{Slot: p.slot, Records: len(p.records), Bytes: len(p.bytes)}
}

// introduce asks for a producer id.
func (w *Writer) introduce(ctx context.Context) error {
	if w.known {
		return nil
	}
	return w.insist(ctx, func() error {
		x := &introduction{
			exchange: exchange{key: protocol.InitProducerId, version: initProducerVersion},
			clientID: w.client.config.ClientID,
		}
		if _, err := w.client.others.roundTrip(ctx, w.client.config.RequestTimeout, x); err != nil {
			return err
		}
		var err error
		w.self, err = x.parse()
		w.known = err == nil
		return err
	})
}

// send sends the batches of one round until each is acknowledged.
func (w *Writer) send(ctx context.Context, round []*part) error {
	return w.insist(ctx, func() error {
		config := &w.client.config
		call := &produceCall{
			clientID: config.ClientID,
			patience: config.RequestTimeout * 4 / 5, // the broker's answer must still get here
			parts:    round,
		}
		if _, err := w.client.others.roundTrip(ctx, config.RequestTimeout, call); err != nil {
			return fmt.Errorf("produce: %w", err)
		}
		var again []*part
		var transient error
		for _, p := range round {
			switch {
			case p.err == nil || errors.Is(p.err, kafka.DuplicateSequenceNumber):
				continue
			case errors.Is(p.err, kafka.MessageSizeTooLarge), errors.Is(p.err, kafka.RecordListTooLarge):
				return tooLarge(p)
			}
			err := fmt.Errorf("produce to %s: %w", slotName(p.slot), p.err)
			if !worthRetrying(p.err) {
				return err
			}
			again = append(again, p)
			if transient == nil || leaderMoved(err) {
				transient = err
			}
		}
		round = again
		return transient
	})
}

// insist calls do until it succeeds, its error is not worth retrying, or ctx
// ends.
func (w *Writer) insist(ctx context.Context, do func() error) error {
	var reason error // the last that is not merely the end of ctx
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := do()
		if err == nil || !worthRetrying(err) {
			return err
		}
		if reason == nil || ctx.Err() == nil {
			reason = err
		}
		if leaderMoved(err) {
			w.client.others.refresh()
		}
		timer := time.NewTimer(pause + rand.N(pause/2))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w; it was tried until %w", reason, context.Cause(ctx))
		}
	}
}

// introduction asks any broker for a producer id, by InitProducerId v1. kafka-go's
// own request would look for a transaction coordinator first.
type introduction struct {
	exchange
	clientID string
}

// RawExchange implements protocol.RawExchanger.
func (x *introduction) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	b := x.appendHeader(make([]byte, 0, 64), x.clientID)
	b = append(b, 0xff, 0xff) // transactional id: null
	b = appendInt32(b, 0)     // transaction timeout: there is none
	return x, x.do(rw, b)
}

func (x *introduction) parse() (producer, error) {
	c := cursor{b: x.body}
	c.int32() // throttle
	code := c.int16()
	p := producer{id: c.int64(), epoch: c.int16()}
	if c.err == nil && code != 0 {
		return producer{}, codeError(code)
	}
	return p, c.err
}
