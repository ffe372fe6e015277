package kafkaio

import (
	"context"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/protocol"

	"github.com/contactgovernor/governor/consumer"
)

// What ListOffsets takes in place of a timestamp.
const (
	latest   = -1
	earliest = -2
)

// Bounds implements consumer.Reader. A new leader that does not know yet how far
// the log was committed answers OffsetNotAvailable, an error and no lower end:
// brokers do so from ListOffsets v5 on.
func (r *Reader) Bounds(ctx context.Context, slot consumer.Slot) (first, stable int64, err error) {
	type answer struct {
		offset int64
		err    error
	}
	begin := make(chan answer, 1)
	go func() { // it ends with its request, which ends with ctx at the latest
		offset, err := r.offset(ctx, slot, earliest)
		begin <- answer{offset, err}
	}()
	stable, err = r.offset(ctx, slot, latest)
	a := <-begin
	if err == nil {
		err = a.err
	}
	if err != nil {
		return 0, 0, fmt.Errorf("bounds of %s: %w", slotName(slot), err)
	}
	return a.offset, stable, nil
}

// offset asks for the first or the last stable offset. Where the leader has
// moved, it asks the new one, once.
func (r *Reader) offset(ctx context.Context, slot consumer.Slot, which int64) (int64, error) {
	offset, err := r.askOffset(ctx, slot, which)
	if err != nil && leaderMoved(err) {
		r.client.others.refresh()
		offset, err = r.askOffset(ctx, slot, which)
	}
	return offset, err
}

func (r *Reader) askOffset(ctx context.Context, slot consumer.Slot, which int64) (int64, error) {
	x := &offsetExchange{
		exchange: exchange{key: protocol.ListOffsets, version: listOffsetsVersion},
		clientID: r.client.config.ClientID,
		slot:     slot,
		which:    which,
	}
	if _, err := r.client.others.roundTrip(ctx, r.client.config.RequestTimeout, x); err != nil {
		return 0, err
	}
	return x.parse()
}

// offsetExchange asks the leader of one slot for an end of it, by ListOffsets v5.
type offsetExchange struct {
	exchange
	clientID string
	slot     consumer.Slot
	which    int64
}

// Broker implements protocol.BrokerMessage.
func (x *offsetExchange) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	return leaderOf(cluster, x.slot.Topic, x.slot.Partition)
}

// RawExchange implements protocol.RawExchanger.
func (x *offsetExchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	b := x.appendHeader(make([]byte, 0, 128), x.clientID)
	b = appendInt32(b, -1) // replica: none, a consumer
	b = append(b, readCommitted)
	b = appendInt32(b, 1) // topics
	b = appendString(b, x.slot.Topic)
	b = appendInt32(b, 1) // partitions
	b = appendInt32(b, x.slot.Partition)
	b = appendInt32(b, -1) // leader epoch: unknown
	b = appendInt64(b, x.which)
	return x, x.do(rw, b)
}

func (x *offsetExchange) parse() (int64, error) {
	c := cursor{b: x.body}
	c.int32() // throttle
	c.count(6)
	topic := c.string()
	c.count(26)
	partition := c.int32()
	code := c.int16()
	c.int64() // timestamp
	offset := c.int64()
	switch {
	case c.err != nil:
		return 0, c.err
	case topic != x.slot.Topic || partition != x.slot.Partition:
		return 0, fmt.Errorf("%w: it is about another slot", errMalformed)
	case code != 0:
		return 0, codeError(code)
	case offset < 0 && (offset != none || x.which < 0):
		return 0, fmt.Errorf("%w: offset %d", errMalformed, offset)
	}
	return offset, nil
}
