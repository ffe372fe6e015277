package kafkalog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

var (
	// errFormat says that the bytes are not what the protocol prescribes.
	errFormat = errors.New("the broker's answer cannot be read")

	errNothing = errors.New("the broker sent nothing, though there is something")
)

// fetchBytes is how much one fetch asks for, and most how much anything may be.
const (
	fetchBytes = 8 << 20
	most       = 256 << 20
)

// exchange is one fetch, version 11, of what is committed.
type exchange struct {
	slot slot
	from int64
	ctx  context.Context // RawExchange is given none
	body []byte
	old  bool
}

func (x *exchange) ApiKey() protocol.ApiKey { return protocol.Fetch }

// Required implements protocol.RawExchanger.
func (x *exchange) Required(versions map[protocol.ApiKey]int16) bool {
	x.old = versions[protocol.Fetch] < 11
	return true
}

// Broker implements protocol.BrokerMessage: the partition's leader answers.
func (x *exchange) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	topic, ok := cluster.Topics[x.slot.topic]
	if !ok {
		return protocol.Broker{ID: -1}, protocol.ErrNoTopic
	}
	leader, ok := cluster.Brokers[topic.Partitions[x.slot.partition].Leader]
	if !ok {
		return protocol.Broker{ID: -1}, protocol.ErrNoLeader
	}
	return leader, nil
}

// RawExchange implements protocol.RawExchanger.
func (x *exchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if x.old {
		return nil, fmt.Errorf("%w: Apache Kafka 2.4 or later is needed", errFormat)
	}
	if conn, ok := rw.(interface{ SetDeadline(time.Time) error }); ok {
		stop := context.AfterFunc(x.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	be := binary.BigEndian
	text := func(b []byte, s string) []byte { return append(be.AppendUint16(b, uint16(len(s))), s...) }
	b := []byte{0, 0, 0, 0, 0, byte(protocol.Fetch), 0, 11, 0, 0, 0, 1} // size, request, version, correlation
	b = text(b, "governor-verify")
	b = be.AppendUint32(b, math.MaxUint32) // replica: none
	b = be.AppendUint32(b, 1000)           // wait, ms
	b = be.AppendUint32(b, 1)              // least bytes
	b = be.AppendUint32(b, math.MaxInt32)  // most bytes; the partition's are below
	b = append(b, 1)                       // read committed
	b = be.AppendUint32(b, 0)              // session: none
	b = be.AppendUint32(b, math.MaxUint32) // and no epoch of it
	b = text(be.AppendUint32(b, 1), x.slot.topic)
	b = be.AppendUint32(be.AppendUint32(b, 1), uint32(x.slot.partition))
	b = be.AppendUint32(b, math.MaxUint32) // leader epoch: unknown
	b = be.AppendUint64(b, uint64(x.from))
	b = be.AppendUint64(b, math.MaxUint64) // log start: a consumer has none
	b = be.AppendUint32(b, fetchBytes)
	b = be.AppendUint32(b, 0) // topics to forget
	b = text(b, "")           // rack
	be.PutUint32(b, uint32(len(b)-4))
	if _, err := rw.Write(b); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size := int64(be.Uint32(head[:])) - 4
	if size < 0 || size > most {
		return nil, fmt.Errorf("%w: it announces %d bytes", errFormat, size)
	}
	x.body = make([]byte, size)
	_, err := io.ReadFull(rw, x.body)
	return x, err
}

// cursor reads numbers and bytes. Behind the end it reads zeros, and is bad.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int64) []byte {
	if n < 0 || n > int64(len(c.b)) {
		c.b, c.bad = nil, true
		return nil
	}
	head := c.b[:n:n]
	c.b = c.b[n:]
	return head
}

func (c *cursor) uint(size int64) (n uint64) {
	for _, b := range c.take(size) {
		n = n<<8 | uint64(b)
	}
	return n
}

func (c *cursor) int32() int64 { return int64(int32(c.uint(4))) }
func (c *cursor) int64() int64 { return int64(c.uint(8)) }

func (c *cursor) varint() int64 {
	n, size := binary.Varint(c.b)
	if size <= 0 {
		c.b, c.bad = nil, true
		return 0
	}
	c.b = c.b[size:]
	return n
}

// bytes reads a length and so many bytes; nil where it is -1.
func (c *cursor) bytes() []byte {
	if n := c.varint(); n >= 0 {
		return c.take(n)
	}
	return nil
}

// parse reads the answer.
func (x *exchange) parse() (answer, error) {
	c := cursor{b: x.body}
	c.int32() // throttle
	if code := int16(c.uint(2)); code != 0 {
		return answer{}, kafka.Error(code)
	}
	c.int32()                     // session
	if c.int32() != 1 && !c.bad { // topics
		return answer{}, errNothing
	}
	c.take(int64(int16(c.uint(2)))) // its name
	c.int32()                       // partitions
	c.int32()                       // its number
	code := int16(c.uint(2))
	c.int64() // high watermark
	a := answer{stable: c.int64()}
	c.int64() // log start
	for range max(0, c.int32()) {
		if c.bad {
			break
		}
		a.aborted = append(a.aborted, aborted{c.int64(), c.int64()})
	}
	c.int32() // preferred replica
	a.set = c.take(max(0, c.int32()))
	switch {
	case c.bad:
		return answer{}, errFormat
	case code != 0:
		return answer{}, kafka.Error(code)
	}
	return a, nil
}

// batch is a record batch of format 2.
type batch struct {
	base, last, firstTime, maxTime, producer, count int64
	codec                                           compress.Compression
	appended, transactional, control                bool
	payload                                         []byte
}

// readBatch reads the first batch of a set, unless it ends before the batch does.
func readBatch(set []byte) (b batch, rest []byte, whole bool, err error) {
	c := cursor{b: set}
	b.base = c.int64()
	size := c.int32()
	body := c.take(size)
	if c.bad || len(body) < 49 {
		return b, nil, false, nil
	}
	rest = c.b
	if body[4] != 2 {
		return b, nil, false, fmt.Errorf("%w: the batch at offset %d is of format %d, not 2", errFormat, b.base, body[4])
	}
	if crc32.Checksum(body[9:], crc32.MakeTable(crc32.Castagnoli)) != binary.BigEndian.Uint32(body[5:]) {
		return b, nil, false, fmt.Errorf("%w: the checksum of the batch at offset %d is wrong", errFormat, b.base)
	}
	c = cursor{b: body[9:]}
	attributes := c.uint(2)
	b.codec, b.appended, b.transactional, b.control = compress.Compression(attributes&7), attributes&8 != 0, attributes&16 != 0, attributes&32 != 0
	b.last = b.base + c.int32()
	b.firstTime, b.maxTime, b.producer = c.int64(), c.int64(), c.int64()
	c.uint(2) // epoch
	c.int32() // sequence
	b.count, b.payload = c.int32(), c.b
	return b, rest, true, nil
}

// each visits the records of the batch.
func (b *batch) each(visit func(*verify.Record)) error {
	payload := b.payload
	if b.codec != compress.None {
		codec := b.codec.Codec()
		if codec == nil {
			return fmt.Errorf("%w: the batch at offset %d is compressed in an unknown way", errFormat, b.base)
		}
		in := codec.NewReader(bytes.NewReader(payload))
		defer in.Close()
		var err error
		if payload, err = io.ReadAll(io.LimitReader(in, most)); err != nil {
			return fmt.Errorf("unpack the batch at offset %d: %w", b.base, err)
		}
	}
	all := cursor{b: payload}
	for range b.count {
		c := cursor{b: all.bytes()}
		c.take(1) // attributes
		ms := b.firstTime + c.varint()
		if b.appended {
			ms = b.maxTime
		}
		r := verify.Record{Place: verify.Place{Offset: b.base + c.varint()}, Appended: b.appended, Time: time.UnixMilli(ms).UTC()}
		r.Key, r.Value = c.bytes(), c.bytes()
		for range c.varint() {
			if c.bad {
				break
			}
			r.Headers = append(r.Headers, verify.Header{Key: string(c.bytes()), Value: c.bytes()})
		}
		if all.bad || c.bad {
			return fmt.Errorf("%w: a record of the batch at offset %d ends too soon", errFormat, b.base)
		}
		visit(&r)
	}
	return nil
}
