package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/contactgovernor/governor/consumer"
)

// idleSlot is how long a slot's buffers are kept after its last fetch. Slots that are read
// on and on are so several times a second; of one that was read back once, as the outputs
// are when a partition is taken over, megabytes are left.
const idleSlot = 5 * time.Second

// readCommitted is Kafka's number for the isolation level.
const readCommitted = 1

// Reader reads slots; it implements consumer.Reader. Every slot has buffers of
// its own, which grow to what its fetches bring: some [Config.FetchBytes], and
// more while one batch is larger than that.
type Reader struct {
	client *Client

	mu    sync.Mutex
	idle  map[consumer.Slot]*slotBuffer // those that no fetch holds
	begun map[consumer.Slot]*ahead      // what Wait began and nobody asked for yet
	swept time.Time
}

var _ consumer.Reader = (*Reader)(nil)

// slotBuffer is what a slot's fetches reuse.
type slotBuffer struct {
	decoder decoder
	body    []byte
	aborted []abortedTxn
	used    time.Time
}

// NewReader returns a reader. It needs no closing.
func (c *Client) NewReader() *Reader {
	return &Reader{client: c, idle: make(map[consumer.Slot]*slotBuffer), begun: make(map[consumer.Slot]*ahead)}
}

// Fetch implements consumer.Reader. A record without a timestamp has the zero
// time. Where the leader has moved, it asks the new one, once.
func (r *Reader) Fetch(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	if got, err, begun := r.fetched(ctx, slot, from, maxWait); begun {
		return got, err
	}
	s := r.take(slot)
	defer r.give(slot, s)
	return r.fetchFrom(ctx, s, slot, from, maxWait)
}

// fetchFrom is Fetch into the buffers.
func (r *Reader) fetchFrom(ctx context.Context, s *slotBuffer, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	got, err := r.fetch(ctx, s, slot, from, maxWait)
	if err != nil && leaderMoved(err) {
		r.client.fetches.refresh()
		got, err = r.fetch(ctx, s, slot, from, maxWait)
	}
	if err != nil {
		return consumer.Fetched{}, fmt.Errorf("fetch %s from offset %d: %w", slotName(slot), from, err)
	}
	return got, nil
}

// take hands out a slot's buffers, so that two fetches never share them.
func (r *Reader) take(slot consumer.Slot) *slotBuffer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.takeLocked(slot)
}

func (r *Reader) takeLocked(slot consumer.Slot) *slotBuffer {
	if s, ok := r.idle[slot]; ok {
		delete(r.idle, slot)
		return s
	}
	s := new(slotBuffer)
	s.decoder.plain.zstd = r.client.zstd
	s.decoder.enough = 4 * r.client.config.FetchBytes
	return s
}

// give takes them back, and drops those of slots that nobody reads any more.
func (r *Reader) give(slot consumer.Slot, s *slotBuffer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.used = time.Now()
	r.idle[slot] = s
	if s.used.Sub(r.swept) < idleSlot {
		return
	}
	r.swept = s.used
	for slot, other := range r.idle {
		if s.used.Sub(other.used) >= idleSlot {
			delete(r.idle, slot)
		}
	}
}

func (r *Reader) fetch(ctx context.Context, s *slotBuffer, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	wait := min(max(maxWait.Milliseconds(), 0), math.MaxInt32)
	x := &fetchExchange{
		exchange: exchange{key: protocol.Fetch, version: fetchVersion},
		clientID: r.client.config.ClientID,
		slot:     slot,
		from:     from,
		wait:     int32(wait),
		most:     int32(r.client.config.FetchBytes),
	}
	x.body, s.body = s.body, nil // after an error the connection may still fill it
	timeout := r.client.config.RequestTimeout + time.Duration(wait)*time.Millisecond
	if _, err := r.client.fetches.roundTrip(ctx, timeout, x); err != nil {
		return consumer.Fetched{}, err
	}
	if cap(x.body) <= 2*r.client.config.FetchBytes {
		s.body = x.body
	}
	answer, err := x.parse(s.aborted[:0])
	if err != nil {
		return consumer.Fetched{}, err
	}
	s.aborted = answer.aborted
	records, next, err := s.decoder.decode(answer.set, from, answer.stable, answer.aborted)
	if err != nil {
		return consumer.Fetched{}, err
	}
	return consumer.Fetched{Records: records, Next: next, Stable: answer.stable}, nil
}

// fetchExchange asks the leader of one slot for records, by Fetch v11.
type fetchExchange struct {
	exchange
	clientID string
	slot     consumer.Slot
	from     int64
	wait     int32 // ms
	most     int32 // bytes
}

// Broker implements protocol.BrokerMessage.
func (x *fetchExchange) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	return leaderOf(cluster, x.slot.Topic, x.slot.Partition)
}

// RawExchange implements protocol.RawExchanger.
func (x *fetchExchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	b := x.appendHeader(make([]byte, 0, 128), x.clientID)
	b = appendInt32(b, -1) // replica: none, a consumer
	b = appendInt32(b, x.wait)
	b = appendInt32(b, 1) // least bytes: answer as soon as there is something
	// Most bytes: the slot's own limit is below. Where this one is reached, kfake
	// forgets to say which transactions were aborted.
	b = appendInt32(b, math.MaxInt32)
	b = append(b, readCommitted)
	b = appendInt32(b, 0)  // session: none
	b = appendInt32(b, -1) // session epoch: none
	b = appendInt32(b, 1)  // topics
	b = appendString(b, x.slot.Topic)
	b = appendInt32(b, 1) // partitions
	b = appendInt32(b, x.slot.Partition)
	b = appendInt32(b, -1) // leader epoch: unknown
	b = appendInt64(b, x.from)
	b = appendInt64(b, -1) // log start: a consumer has none
	b = appendInt32(b, x.most)
	b = appendInt32(b, 0)   // topics to forget
	b = appendString(b, "") // rack: always the leader
	return x, x.do(rw, b)
}

// errThrottled says that the broker's quota for this client is used up.
var errThrottled = errors.New("the broker's quota for this client is used up; raise it or wait")

// fetchAnswer is what a fetch brought, undecoded.
type fetchAnswer struct {
	stable  int64
	aborted []abortedTxn
	set     []byte
}

// parse reads the answer. It appends to aborted.
func (x *fetchExchange) parse(aborted []abortedTxn) (fetchAnswer, error) {
	a := fetchAnswer{aborted: aborted}
	c := cursor{b: x.body}
	throttled := c.int32() > 0
	if code := c.int16(); code != 0 {
		return a, codeError(code)
	}
	c.int32() // session
	if c.count(10) == 0 && c.err == nil {
		if throttled {
			return a, errThrottled
		}
		return a, fmt.Errorf("%w: it does not hold the slot", errMalformed)
	}
	topic := c.string()
	c.count(42)
	partition := c.int32()
	code := c.int16()
	high := c.int64()
	a.stable = c.int64()
	c.int64() // log start
	for range c.count(16) {
		a.aborted = append(a.aborted, abortedTxn{producer: c.int64(), first: c.int64()})
	}
	c.int32() // preferred replica
	a.set = c.bytes()
	switch {
	case c.err != nil:
		return a, c.err
	case topic != x.slot.Topic || partition != x.slot.Partition:
		return a, fmt.Errorf("%w: it is about another slot", errMalformed)
	case code == int16(kafka.OffsetOutOfRange):
		return a, fmt.Errorf("%w: retention passed it, or the topic was made anew", consumer.ErrOutOfRange)
	case code != 0:
		return a, codeError(code)
	}
	if a.stable < 0 { // a broker without transactions
		a.stable = high
	}
	return a, nil
}
