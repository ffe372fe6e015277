package kafkaio

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segmentio/kafka-go/compress"

	"github.com/contactgovernor/governor/consumer"
)

// abortedTxn is one entry of a fetch answer: of what this producer wrote from
// this offset on, nothing counts until its next marker.
type abortedTxn struct {
	producer int64
	first    int64
}

// decoder turns record batches into records. What it returns is valid until it
// decodes again; its memory is reused.
type decoder struct {
	records []consumer.Record
	headers []consumer.Header
	plain   plain
	names   map[string]string // header keys seen, so that each is one string
	aborted []int64           // producers inside an aborted transaction
	enough  int               // stop before another batch beyond these plain bytes
}

const (
	mostNames     = 256
	longestName   = 64
	keptRecords   = 1 << 16 // arenas beyond these are given back after use
	keptPlainSize = 8 << 20
)

// decode reads the record batches in set: what a fetch from offset from brought,
// of which offsets from stable on are not to be seen yet. It returns the records
// that count, and where to go on. txns is sorted in place.
func (d *decoder) decode(set []byte, from, stable int64, txns []abortedTxn) ([]consumer.Record, int64, error) {
	d.reset()
	slices.SortFunc(txns, func(a, b abortedTxn) int { return cmp.Compare(a.first, b.first) })
	next := from
	for whole := false; len(set) > 0; whole = true {
		b, size, err := parseBatch(set)
		if errors.Is(err, errPartial) {
			if !whole {
				return nil, from, fmt.Errorf("%w: the broker sent less than one whole batch", errMalformed)
			}
			break
		}
		if err != nil {
			return nil, from, err
		}
		if b.base >= stable || (d.plain.spent >= d.enough && len(d.records) > 0) {
			break
		}
		set = set[size:]
		for len(txns) > 0 && txns[0].first <= b.last() {
			d.aborted = append(d.aborted, txns[0].producer)
			txns = txns[1:]
		}
		if err := d.batch(&b, from); err != nil {
			return nil, from, fmt.Errorf("batch at offset %d: %w", b.base, err)
		}
		next = max(next, b.last()+1)
	}
	return d.records, next, nil
}

func (d *decoder) reset() {
	if cap(d.records) > keptRecords {
		d.records = nil
	}
	if cap(d.headers) > keptRecords {
		d.headers = nil
	}
	d.records = d.records[:0]
	d.headers = d.headers[:0]
	d.aborted = d.aborted[:0]
	d.plain.reset()
}

// batch takes the records of one batch, if they count.
func (d *decoder) batch(b *batch, from int64) error {
	inAborted := slices.Index(d.aborted, b.producer)
	if b.control() {
		if inAborted >= 0 && b.aborts() {
			d.aborted = slices.Delete(d.aborted, inAborted, inAborted+1)
		}
		return nil
	}
	if b.last() < from || b.count == 0 || (b.transactional() && inAborted >= 0) {
		return nil
	}
	payload := b.payload
	if codec := b.codec(); codec != compress.None {
		var err error
		if payload, err = d.plain.expand(codec, payload); err != nil {
			return err
		}
	}
	if int64(b.count) > int64(len(payload)/smallestRecord) {
		return fmt.Errorf("%w: %d records in %d bytes", errCorrupt, b.count, len(payload))
	}
	if b.count > mostRecords {
		return fmt.Errorf("%w: %d records, %d is the most", errTooMuch, b.count, mostRecords)
	}
	d.records = slices.Grow(d.records, int(b.count))
	return d.take(b, payload, from)
}

// take parses the plain records of one batch.
func (d *decoder) take(b *batch, payload []byte, from int64) error {
	var r rawRecord
	headers := int64(0)
	last := int64(-1)
	for i := int32(0); i < b.count; i++ {
		if err := r.parse(payload); err != nil {
			return fmt.Errorf("%w: record %d of %d", err, i, b.count)
		}
		payload = payload[r.size:]
		if r.offsetDelta <= last || r.offsetDelta > int64(b.lastDelta) {
			return fmt.Errorf("%w: offset delta %d follows %d", errCorrupt, r.offsetDelta, last)
		}
		last = r.offsetDelta
		if headers += r.headerCount; headers > mostHeaders {
			return fmt.Errorf("%w: more than %d headers", errTooMuch, mostHeaders)
		}
		if b.base+r.offsetDelta < from {
			continue
		}
		h, err := d.headersOf(&r)
		if err != nil {
			return fmt.Errorf("%w: headers of record %d of %d", err, i, b.count)
		}
		d.records = append(d.records, consumer.Record{
			Offset:  b.base + r.offsetDelta,
			Time:    b.timeOf(&r),
			Key:     r.key,
			Value:   r.value,
			Headers: h,
		})
	}
	if len(payload) > 0 {
		return fmt.Errorf("%w: %d bytes behind the last record", errCorrupt, len(payload))
	}
	return nil
}

// timeOf returns a record's timestamp, or the zero time where it has none.
func (b *batch) timeOf(r *rawRecord) time.Time {
	ms := b.firstTime + r.timeDelta
	if b.attributes&appendTimeBit != 0 {
		ms = b.maxTime
	}
	if ms == -1 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (d *decoder) headersOf(r *rawRecord) ([]consumer.Header, error) {
	v := varints{b: r.headers}
	start := len(d.headers)
	for range r.headerCount {
		key := v.bytes()
		value := v.bytes()
		if v.bad || key == nil {
			return nil, errCorrupt
		}
		d.headers = append(d.headers, consumer.Header{Key: d.name(key), Value: value})
	}
	if len(v.b) > 0 {
		return nil, errCorrupt
	}
	if r.headerCount == 0 {
		return nil, nil
	}
	return d.headers[start:len(d.headers):len(d.headers)], nil
}

// name makes a string of a header key. The same few keys come with every
// record, so they are kept; the unusual and the many are not.
func (d *decoder) name(key []byte) string {
	if s, ok := d.names[string(key)]; ok {
		return s
	}
	s := string(key)
	if len(d.names) < mostNames && len(s) <= longestName {
		if d.names == nil {
			d.names = make(map[string]string)
		}
		d.names[s] = s
	}
	return s
}
