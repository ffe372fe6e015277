package kafkaio

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/segmentio/kafka-go/protocol"

	"github.com/contactgovernor/governor/consumer"
)

// produceCall sends batches to the leaders of their slots, one request a broker,
// and notes with each what became of it. kafka-go calls Split with the present
// leaders, sends the parts at the same time, and calls Merge.
type produceCall struct {
	exchange // its key, and the context for the requests
	clientID string
	patience time.Duration // how long brokers wait for their followers
	parts    []*part       // one a slot
}

var (
	_ protocol.Splitter = (*produceCall)(nil)
	_ protocol.Merger   = (*produceCall)(nil)
)

// Split implements protocol.Splitter.
func (call *produceCall) Split(cluster protocol.Cluster) ([]protocol.Message, protocol.Merger, error) {
	if len(cluster.Brokers) == 0 {
		return nil, nil, errNoCluster
	}
	var requests []*produceExchange
	for _, p := range call.parts {
		var leader protocol.Broker
		if leader, p.err = leaderOf(cluster, p.slot.Topic, p.slot.Partition); p.err != nil {
			continue
		}
		i := slices.IndexFunc(requests, func(x *produceExchange) bool { return x.leader.ID == leader.ID })
		if i < 0 {
			i = len(requests)
			requests = append(requests, &produceExchange{
				exchange: exchange{key: protocol.Produce, version: produceVersion, ctx: call.ctx},
				leader:   leader,
			})
		}
		requests[i].parts = append(requests[i].parts, p)
	}
	messages := make([]protocol.Message, len(requests))
	for i, x := range requests {
		// Encoded here and not when it is sent: the parts' bytes are not to be
		// read any more once the call has returned, whatever a connection does.
		x.request = call.appendRequest(x)
		messages[i] = x
	}
	return messages, call, nil
}

// Merge implements protocol.Merger. The results go to the parts.
func (call *produceCall) Merge(messages []protocol.Message, results []any) (protocol.Message, error) {
	for i, m := range messages {
		x := m.(*produceExchange)
		var answers map[consumer.Slot]error
		_, err := protocol.Result(results[i])
		if err == nil {
			answers, err = x.parse()
		}
		for _, p := range x.parts {
			answer, ok := answers[p.slot]
			switch {
			case err != nil:
				p.err = err
			case !ok:
				p.err = fmt.Errorf("%w: it does not hold the slot", errMalformed)
			default:
				p.err = answer
			}
		}
	}
	return call, nil
}

// appendRequest encodes the request to one leader, by Produce v8.
func (call *produceCall) appendRequest(x *produceExchange) []byte {
	size := 64 + len(call.clientID)
	for _, p := range x.parts {
		size += len(p.slot.Topic) + len(p.bytes) + 32
	}
	b := x.appendHeader(make([]byte, 0, size), call.clientID)
	b = append(b, 0xff, 0xff) // transactional id: null
	b = append(b, 0xff, 0xff) // acks: from all in-sync replicas
	b = appendInt32(b, int32(call.patience.Milliseconds()))
	topics := byTopic(x.parts)
	b = appendInt32(b, int32(len(topics)))
	for _, parts := range topics {
		b = appendString(b, parts[0].slot.Topic)
		b = appendInt32(b, int32(len(parts)))
		for _, p := range parts {
			b = appendInt32(b, p.slot.Partition)
			b = appendInt32(b, int32(len(p.bytes)))
			b = append(b, p.bytes...)
		}
	}
	return b
}

// byTopic groups parts, since a request names a topic once.
func byTopic(parts []*part) [][]*part {
	var topics [][]*part
	for _, p := range parts {
		i := slices.IndexFunc(topics, func(same []*part) bool { return same[0].slot.Topic == p.slot.Topic })
		if i < 0 {
			i = len(topics)
			topics = append(topics, nil)
		}
		topics[i] = append(topics[i], p)
	}
	return topics
}

// produceExchange is the request to one leader.
type produceExchange struct {
	exchange
	leader  protocol.Broker
	parts   []*part
	request []byte
}

// Broker implements protocol.BrokerMessage.
func (x *produceExchange) Broker(protocol.Cluster) (protocol.Broker, error) { return x.leader, nil }

// RawExchange implements protocol.RawExchanger.
func (x *produceExchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	return x, x.do(rw, x.request)
}

// parse reads what became of each slot's batch.
func (x *produceExchange) parse() (map[consumer.Slot]error, error) {
	answers := make(map[consumer.Slot]error, len(x.parts))
	c := cursor{b: x.body}
	for range c.count(6) {
		topic := c.string()
		for range c.count(36) {
			slot := consumer.Slot{Topic: topic, Partition: c.int32()}
			code := c.int16()
			c.int64() // base offset
			c.int64() // append time
			c.int64() // log start
			for range c.count(6) {
				c.int32()      // the record
				_ = c.string() // what is wrong with it: perhaps quoting it, so not repeated
			}
			_ = c.string() // the same
			answers[slot] = nil
			if code != 0 {
				answers[slot] = codeError(code)
			}
		}
	}
	return answers, c.err
}
