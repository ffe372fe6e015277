package kafkaio

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// errOldBroker says that the broker does not know a request in the version that
// this package speaks.
var errOldBroker = errors.New("the broker is too old; Apache Kafka 2.4 or later is needed")

// errMalformed says that an answer does not have the form that its version
// prescribes.
var errMalformed = errors.New("malformed answer")

// exchange is one request and its answer, in bytes. The types that embed it are
// protocol.RawExchangers. An exchange that ended in an error must not be used
// again, nor its buffer: the connection may still be filling it.
type exchange struct {
	key     protocol.ApiKey
	version int16
	ctx     context.Context // set by link.roundTrip: RawExchange is given none
	known   bool            // the broker knows this version
	body    []byte          // the answer; its capacity is reused
}

func (x *exchange) bind(ctx context.Context) { x.ctx = ctx }

// ApiKey implements protocol.Message.
func (x *exchange) ApiKey() protocol.ApiKey { return x.key }

// Required implements protocol.RawExchanger.
func (x *exchange) Required(versions map[protocol.ApiKey]int16) bool {
	x.known = versions[x.key] >= x.version
	return true
}

// correlation is enough for a connection that carries one request at a time.
const correlation = 0x636f6e74

// appendHeader appends a request header, version 1, behind room for the size.
func (x *exchange) appendHeader(b []byte, clientID string) []byte {
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(x.key))
	b = binary.BigEndian.AppendUint16(b, uint16(x.version))
	b = binary.BigEndian.AppendUint32(b, correlation)
	return appendString(b, clientID)
}

// do writes a request that appendHeader began and reads the answer into x.body.
func (x *exchange) do(rw io.ReadWriter, request []byte) error {
	if !x.known {
		return fmt.Errorf("%v version %d: %w", x.key, x.version, errOldBroker)
	}
	// A context that ends interrupts the connection, which is then thrown away.
	if conn, ok := rw.(interface{ SetDeadline(time.Time) error }); ok {
		stop := context.AfterFunc(x.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		if err := x.transfer(rw, request); err != nil || stop() {
			return err
		}
		return context.Cause(x.ctx)
	}
	return x.transfer(rw, request)
}

func (x *exchange) transfer(rw io.ReadWriter, request []byte) error {
	binary.BigEndian.PutUint32(request, uint32(len(request)-4))
	if _, err := rw.Write(request); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	size := int(binary.BigEndian.Uint32(head[:])) - 4
	if size < 0 || size > maxMessage {
		return fmt.Errorf("%w: %d bytes announced, %d is the most", errMalformed, size, maxMessage)
	}
	if got := binary.BigEndian.Uint32(head[4:]); got != correlation {
		return fmt.Errorf("%w: it belongs to another request", errMalformed)
	}
	if cap(x.body) < size {
		x.body = make([]byte, size)
	}
	x.body = x.body[:size]
	if _, err := io.ReadFull(rw, x.body); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	return nil
}

// leaderOf finds the leader of a partition, for protocol.BrokerMessage.
func leaderOf(cluster protocol.Cluster, topic string, partition int32) (protocol.Broker, error) {
	none := protocol.Broker{ID: -1}
	if len(cluster.Brokers) == 0 {
		return none, errNoCluster
	}
	t, ok := cluster.Topics[topic]
	if !ok || t.Error == int16(kafka.UnknownTopicOrPartition) || t.Error == int16(kafka.LeaderNotAvailable) {
		return none, fmt.Errorf("%w; create it, or add it to the client's topics", protocol.ErrNoTopic)
	}
	if t.Error != 0 {
		return none, codeError(t.Error)
	}
	p, ok := t.Partitions[partition]
	if !ok {
		return none, protocol.ErrNoPartition
	}
	leader, ok := cluster.Brokers[p.Leader]
	if !ok {
		return none, protocol.ErrNoLeader
	}
	return leader, nil
}

func appendString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

func appendInt32(b []byte, n int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }

func appendInt64(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

// cursor reads an answer. After the first read beyond the end it returns zeros,
// and err says so.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.b, c.err = nil, fmt.Errorf("%w: it ends too soon", errMalformed)
		return nil
	}
	head := c.b[:n:n]
	c.b = c.b[n:]
	return head
}

func (c *cursor) int16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// string returns a string; a null one is empty.
func (c *cursor) string() string {
	if n := c.int16(); n > 0 {
		return string(c.take(int(n)))
	}
	return ""
}

// bytes returns a view of a byte field; a null one is nil.
func (c *cursor) bytes() []byte {
	if n := c.int32(); n >= 0 {
		return c.take(int(n))
	}
	return nil
}

// count reads the length of an array whose elements take size bytes or more;
// null counts as none.
func (c *cursor) count(size int) int {
	n := int(c.int32())
	if n > 0 && n > len(c.b)/size {
		c.take(-1)
	}
	if n < 0 || c.err != nil {
		return 0
	}
	return n
}
