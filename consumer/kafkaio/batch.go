package kafkaio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/segmentio/kafka-go/compress"
)

// The layout of a record batch, message format version 2.
const (
	atLength     = 8  // int32, of what follows it
	atMagic      = 16 // int8, in every message format
	atCRC        = 17 // of everything from atAttributes on
	atAttributes = 21
	atLastDelta  = 23
	atFirstTime  = 27
	atMaxTime    = 35
	atProducer   = 43
	atEpoch      = 51
	atSequence   = 53
	atCount      = 57
	headerSize   = 61
)

const (
	codecBits             = 0x07
	appendTimeBit         = 0x08 // all records carry the broker's time, the batch's largest
	transactionalBit      = 0x10
	controlBit            = 0x20
	lengthSize            = 12 // base offset and length, which the length does not count
	smallestRecord        = 7  // one byte for each of its seven numbers
	mostRecords           = 1 << 20
	mostHeaders           = 1 << 20
	mostPlainBytes        = 64 << 20
	currentMagic     byte = 2
)

var (
	// errPartial says that the bytes end before the batch does.
	errPartial = errors.New("partial batch")

	// errCorrupt says that a batch is not what a producer wrote.
	errCorrupt = errors.New("corrupt batch")

	// errTooMuch says that a batch is beyond the limits against hostile input.
	errTooMuch = errors.New("batch beyond this reader's limits")
)

// batch is a view of one record batch.
type batch struct {
	base       int64
	lastDelta  int32
	attributes int16
	firstTime  int64
	maxTime    int64
	producer   int64
	count      int32
	payload    []byte // the records, perhaps compressed
}

func (b *batch) codec() compress.Compression { return compress.Compression(b.attributes & codecBits) }
func (b *batch) transactional() bool         { return b.attributes&transactionalBit != 0 }
func (b *batch) control() bool               { return b.attributes&controlBit != 0 }
func (b *batch) last() int64                 { return b.base + int64(b.lastDelta) }

// parseBatch reads the batch that set begins with, and returns its size. It
// returns errPartial where set ends before the batch does.
func parseBatch(set []byte) (b batch, size int, err error) {
	if len(set) <= atMagic {
		return b, 0, errPartial
	}
	be := binary.BigEndian
	b.base = int64(be.Uint64(set))
	if magic := set[atMagic]; magic != currentMagic {
		return b, 0, fmt.Errorf("batch at offset %d has message format %d; only format 2 is read: "+
			"set the topic's message format to 0.11 or later and write it anew", b.base, magic)
	}
	length := int64(be.Uint32(set[atLength:]))
	if length < headerSize-lengthSize || length > maxMessage {
		return b, 0, fmt.Errorf("%w at offset %d: its length is %d", errCorrupt, b.base, length)
	}
	size = lengthSize + int(length)
	if len(set) < size {
		return b, 0, errPartial
	}
	raw := set[:size:size]
	if crc32.Checksum(raw[atAttributes:], castagnoli()) != be.Uint32(raw[atCRC:]) {
		return b, 0, fmt.Errorf("%w at offset %d: its checksum is wrong", errCorrupt, b.base)
	}
	b.attributes = int16(be.Uint16(raw[atAttributes:]))
	b.lastDelta = int32(be.Uint32(raw[atLastDelta:]))
	b.firstTime = int64(be.Uint64(raw[atFirstTime:]))
	b.maxTime = int64(be.Uint64(raw[atMaxTime:]))
	b.producer = int64(be.Uint64(raw[atProducer:]))
	b.count = int32(be.Uint32(raw[atCount:]))
	b.payload = raw[headerSize:]
	if b.base < 0 || b.lastDelta < 0 || b.last() < 0 || b.count < 0 || int64(b.count) > int64(b.lastDelta)+1 {
		return b, 0, fmt.Errorf("%w at offset %d: %d records up to offset delta %d",
			errCorrupt, b.base, b.count, b.lastDelta)
	}
	return b, size, nil
}

// aborts tells whether b, a control batch, ends its producer's transaction
// without effect. A control batch that compaction emptied ends nothing.
func (b *batch) aborts() bool {
	var r rawRecord
	if b.count < 1 || b.codec() != compress.None || r.parse(b.payload) != nil || len(r.key) < 4 {
		return false
	}
	const abort = 0 // the marker's type, behind its version
	return binary.BigEndian.Uint16(r.key[2:]) == abort
}

// rawRecord is a view of one record.
type rawRecord struct {
	timeDelta   int64
	offsetDelta int64
	key, value  []byte
	headers     []byte // the headers, still encoded
	headerCount int64
	size        int // of the whole record
}

// parse reads the record that b begins with.
func (r *rawRecord) parse(b []byte) error {
	length, n := binary.Varint(b)
	if n <= 0 || length < smallestRecord-1 || length > int64(len(b)-n) {
		return errCorrupt
	}
	r.size = n + int(length)
	v := varints{b: b[n+1 : r.size]} // behind the record's attributes, which say nothing
	r.timeDelta = v.next()
	r.offsetDelta = v.next()
	r.key = v.bytes()
	r.value = v.bytes()
	r.headerCount = v.next()
	r.headers = v.b
	if v.bad || r.headerCount < 0 || r.headerCount > int64(len(v.b)/2) {
		return errCorrupt
	}
	return nil
}

// varints reads zigzag varints and what they measure. After the first that is
// not whole, bad is true and everything is zero.
type varints struct {
	b   []byte
	bad bool
}

func (v *varints) next() int64 {
	x, n := binary.Varint(v.b)
	if n <= 0 {
		v.b, v.bad = nil, true
		return 0
	}
	v.b = v.b[n:]
	return x
}

// bytes returns a view. It is nil for null and empty for empty.
func (v *varints) bytes() []byte {
	n := v.next()
	if v.bad || n < 0 {
		v.bad = v.bad || n != -1
		return nil
	}
	if n > int64(len(v.b)) {
		v.b, v.bad = nil, true
		return nil
	}
	head := v.b[:n:n]
	v.b = v.b[n:]
	return head
}

// castagnoli returns the table of CRC-32C, which crc32 makes once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
