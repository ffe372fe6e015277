package kafkaio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/segmentio/kafka-go/compress"

	"github.com/contactgovernor/governor/consumer"
)

// leastPacked is the size below which a batch is not worth compressing.
const leastPacked = 1 << 10

// producer is an idempotent producer's identity.
type producer struct {
	id    int64
	epoch int16
}

// packer compresses batches. Its memory is used again.
type packer struct {
	codec  compress.Compression
	packed bytes.Buffer
}

// appendBatch appends records as one record batch, message format version 2, and
// compresses them where that makes them smaller. There must be a record.
func (k *packer) appendBatch(b []byte, records []consumer.Record, p producer, sequence int32) ([]byte, error) {
	codec := k.codec
	start := len(b)
	first := millis(records[0].Time)
	last := first
	b = append(b, make([]byte, headerSize)...)
	for i := range records {
		ms := millis(records[i].Time)
		last = max(last, ms)
		b = appendRecord(b, &records[i], ms-first, int64(i))
	}
	if codec != compress.None && len(b)-start >= leastPacked {
		var err error
		if b, codec, err = k.pack(b, start+headerSize); err != nil {
			return b, err
		}
	} else {
		codec = compress.None
	}
	be := binary.BigEndian
	h := b[start:]
	be.PutUint32(h[atLength:], uint32(len(h)-lengthSize))
	be.PutUint32(h[atLength+4:], math.MaxUint32) // leader epoch: the broker's to say
	h[atMagic] = currentMagic
	be.PutUint16(h[atAttributes:], uint16(codec))
	be.PutUint32(h[atLastDelta:], uint32(len(records)-1))
	be.PutUint64(h[atFirstTime:], uint64(first))
	be.PutUint64(h[atMaxTime:], uint64(last))
	be.PutUint64(h[atProducer:], uint64(p.id))
	be.PutUint16(h[atEpoch:], uint16(p.epoch))
	be.PutUint32(h[atSequence:], uint32(sequence))
	be.PutUint32(h[atCount:], uint32(len(records)))
	be.PutUint32(h[atCRC:], crc32.Checksum(h[atAttributes:], castagnoli()))
	return b, nil
}

// pack compresses b from start on, in place, unless that makes it larger.
func (k *packer) pack(b []byte, start int) ([]byte, compress.Compression, error) {
	if k.packed.Cap() > keptPlainSize {
		k.packed = bytes.Buffer{}
	}
	k.packed.Reset()
	w := k.codec.Codec().NewWriter(&k.packed)
	_, err := w.Write(b[start:])
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return b, k.codec, fmt.Errorf("compress %v: %w", k.codec, err)
	}
	if k.packed.Len() >= len(b)-start {
		return b, compress.None, nil
	}
	return append(b[:start], k.packed.Bytes()...), k.codec, nil
}

func appendRecord(b []byte, r *consumer.Record, timeDelta, offsetDelta int64) []byte {
	b = binary.AppendVarint(b, int64(bodySize(r, timeDelta, offsetDelta)))
	b = append(b, 0) // attributes: none are defined
	b = binary.AppendVarint(b, timeDelta)
	b = binary.AppendVarint(b, offsetDelta)
	b = appendBytes(b, r.Key)
	b = appendBytes(b, r.Value)
	b = binary.AppendVarint(b, int64(len(r.Headers)))
	for _, h := range r.Headers {
		b = binary.AppendVarint(b, int64(len(h.Key)))
		b = append(b, h.Key...)
		b = appendBytes(b, h.Value)
	}
	return b
}

// appendBytes writes nil as null, which is not empty.
func appendBytes(b, field []byte) []byte {
	if field == nil {
		return binary.AppendVarint(b, -1)
	}
	b = binary.AppendVarint(b, int64(len(field)))
	return append(b, field...)
}

// bodySize is the size of a record behind its length.
func bodySize(r *consumer.Record, timeDelta, offsetDelta int64) int {
	n := 1 + varintSize(timeDelta) + varintSize(offsetDelta) +
		bytesSize(r.Key) + bytesSize(r.Value) + varintSize(int64(len(r.Headers)))
	for _, h := range r.Headers {
		n += varintSize(int64(len(h.Key))) + len(h.Key) + bytesSize(h.Value)
	}
	return n
}

// atMost is what a record takes in a batch, or a few bytes less.
func atMost(r *consumer.Record) int {
	return bodySize(r, math.MaxInt64, math.MaxInt32) + binary.MaxVarintLen32
}

func bytesSize(field []byte) int {
	if field == nil {
		return 1
	}
	return varintSize(int64(len(field))) + len(field)
}

func varintSize(x int64) int {
	n := 1
	for u := uint64(x<<1) ^ uint64(x>>63); u >= 0x80; u >>= 7 {
		n++
	}
	return n
}

// millis is Kafka's form of a time; of none, that of now.
func millis(t time.Time) int64 {
	if t.IsZero() {
		t = time.Now()
	}
	return t.UnixMilli()
}

// split cuts records, in order, into batches of no more than limit bytes before
// compression. A larger record gets a batch of its own.
func split(records []consumer.Record, limit int) [][]consumer.Record {
	var parts [][]consumer.Record
	start, size := 0, headerSize
	for i := range records {
		n := atMost(&records[i])
		if i > start && size+n > limit {
			parts = append(parts, records[start:i])
			start, size = i, headerSize
		}
		size += n
	}
	if start < len(records) {
		parts = append(parts, records[start:])
	}
	return parts
}

// advance returns the sequence number that n records behind sequence have:
// after the largest comes zero.
func advance(sequence int32, n int) int32 {
	return int32((int64(sequence) + int64(n)) % (math.MaxInt32 + 1))
}
