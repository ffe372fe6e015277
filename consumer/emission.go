package consumer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// The headers by which a worker finds again what of a batch has landed.
const (
	HeaderBatch   = "governor_batch"   // the number of the batch
	HeaderIndex   = "governor_index"   // the record's place in it, from 0
	HeaderSource  = "governor_source"  // topic/partition/offset of the record that it came from
	HeaderSignals = "governor_signals" // the signals before this offset were heard

	// HeaderFirstCall says of an approved call when the first call of its campaign
	// was approved, in ms since 1970, as far as its partition knew.
	HeaderFirstCall = "governor_first_call"

	// HeaderFrom marks what one partition tells another, on its signals: it is the
	// number of the one that tells.
	HeaderFrom = "governor_from"
)

// emission is one record on its way out. Topics are the contract's names; the
// worker's slots add the prefix.
type emission struct {
	topic     string
	partition int32
	record    Record
}

// tells says whether the emission is for another partition. What landed there cannot
// be seen from here; it may be emitted as often as one likes.
func (e *emission) tells() bool { return e.topic == governor.Signals }

// emissions makes records of an output: one, or one for each partition that is to
// hear of it. Index is the place of the first in the batch.
func (t *term) emissions(o governor.Output, batch int64, index int) []emission {
	signals := max(t.heard, t.recalled.heard)
	if !o.Everywhere {
		e := emit(o, t.cfg.Source, t.partition, batch, index, signals)
		if e.tells() && t.cfg.PartitionOf != nil {
			e.partition = t.cfg.PartitionOf(e.record.Key)
		}
		return []emission{e}
	}
	var out []emission
	for _, p := range t.others() {
		e := emit(o, t.cfg.Source, t.partition, batch, index+len(out), signals)
		e.partition = p
		out = append(out, e)
	}
	return out
}

// emit makes a record of an output. The batch's number and the place in it go
// into its headers.
func emit(o governor.Output, source string, partition int32, batch int64, index int, signals int64) emission {
	src := o.Source
	src.Partition = partition
	var headers []Header
	event, id := eventOf(o)
	if id == "" { // a standing has no name of its own; its place in the log is unique
		id = fmt.Sprintf("%d-%d-%d", partition, batch, index)
	}
	for _, h := range schemas.CEHeaders(event, source, id, schemas.Time(o.At)) {
		headers = append(headers, Header(h))
	}
	headers = append(headers,
		Header{HeaderBatch, strconv.AppendInt(nil, batch, 10)},
		Header{HeaderIndex, strconv.AppendInt(nil, int64(index), 10)},
		Header{HeaderSignals, strconv.AppendInt(nil, signals, 10)},
	)
	if src.Topic != "" {
		headers = append(headers, Header{HeaderSource, []byte(src.String())})
	}
	if o.FirstCall != 0 {
		headers = append(headers, Header{HeaderFirstCall, strconv.AppendInt(nil, int64(o.FirstCall), 10)})
	}
	if o.Topic == governor.Signals {
		headers = append(headers, Header{HeaderFrom, strconv.AppendInt(nil, int64(partition), 10)})
	}
	headers = withTrace(headers, src.Trace)
	return emission{o.Topic, partition, Record{Time: o.At.Time(), Key: []byte(o.Person), Value: o.Value, Headers: headers}}
}

// eventOf is the CloudEvents type and id of an output; a dead letter is none.
func eventOf(o governor.Output) (event, id string) {
	switch o.Topic {
	case governor.Approved:
		return schemas.EventApproved, o.ID
	case governor.Vetoed:
		return schemas.EventVetoed, o.ID
	case governor.Revoked:
		return schemas.EventRevoked, o.ID
	case governor.Redemption:
		return schemas.EventRedeemed, o.ID
	case governor.Leaked:
		return schemas.EventLeaked, o.ID
	case governor.Signals:
		return schemas.EventSignal, o.ID
	case governor.VetoRates:
		return schemas.EventVetoRate, ""
	}
	return schemas.EventStanding, ""
}

// mostDeadValue bounds the value of a dead letter. What is larger would not fit
// into a record of the broker's default size; it is cut, and the header says of
// how many bytes. The whole is still at its source, as long as that is kept.
const mostDeadValue = 900 << 10

// mostDeadRest bounds its key and its headers likewise. Where they are larger the
// headers that it came with are left out, and the key is cut.
const mostDeadRest = 64 << 10

// HeaderTruncated says of a dead letter how many bytes its value had.
const HeaderTruncated = "governor_truncated"

// deadLetter keeps a record that could not be read, as it was, with the reason.
func deadLetter(src governor.Source, r Record, why error, batch int64, index int) emission {
	var headers []Header
	rest := len(r.Key)
	for _, h := range r.Headers {
		rest += len(h.Key) + len(h.Value) + 8 // of their lengths
	}
	if rest > mostDeadRest {
		r.Headers, r.Key = nil, r.Key[:min(len(r.Key), mostDeadRest)]
	}
	headers = append(headers, r.Headers...)
	for _, h := range governor.DeadLetterHeaders(src, why) {
		headers = append(headers, Header(h))
	}
	value := r.Value
	if len(value) > mostDeadValue || rest > mostDeadRest {
		headers = append(headers, Header{HeaderTruncated, strconv.AppendInt(nil, int64(len(value)), 10)})
		value = value[:min(len(value), mostDeadValue)]
	}
	headers = append(headers,
		Header{HeaderBatch, strconv.AppendInt(nil, batch, 10)},
		Header{HeaderIndex, strconv.AppendInt(nil, int64(index), 10)},
		Header{HeaderSource, []byte(src.String())},
	)
	return emission{governor.DeadLetter, src.Partition, Record{Time: r.Time, Key: r.Key, Value: value, Headers: headers}}
}

// outboxVersion is the first byte of an outbox. One of version 1 does not say to
// which partition its records go: it is their own.
const outboxVersion = 2

// encodeOutbox writes emissions so that whoever takes the partition over can
// emit them byte for byte.
func encodeOutbox(out []emission) []byte {
	if len(out) == 0 {
		return nil
	}
	b := []byte{outboxVersion}
	field := func(v []byte) {
		if v == nil {
			b = append(b, 0) // nil is not empty
			return
		}
		b = binary.AppendUvarint(b, uint64(len(v))+1)
		b = append(b, v...)
	}
	b = binary.AppendUvarint(b, uint64(len(out)))
	for i := range out {
		e := &out[i]
		field([]byte(e.topic))
		b = binary.AppendUvarint(b, uint64(e.partition))
		b = binary.AppendVarint(b, e.record.Time.UnixMilli())
		field(e.record.Key)
		field(e.record.Value)
		b = binary.AppendUvarint(b, uint64(len(e.record.Headers)))
		for _, h := range e.record.Headers {
			field([]byte(h.Key))
			field(h.Value)
		}
	}
	return b
}

var errOutbox = errors.New("the outbox cannot be read; was it written by another version?")

// readOutbox reads what encodeOutbox wrote in the partition.
func readOutbox(b []byte, partition int32) ([]emission, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] == 0 || b[0] > outboxVersion {
		return nil, fmt.Errorf("version %d: %w", b[0], errOutbox)
	}
	version, r := b[0], outboxReader{b: b[1:]}
	out := make([]emission, 0, min(r.uint(), uint64(len(b))))
	for range cap(out) {
		e := emission{topic: string(r.field()), partition: partition}
		if version > 1 {
			e.partition = int32(r.uint())
		}
		e.record.Time = r.time()
		e.record.Key, e.record.Value = r.field(), r.field()
		for n := r.uint(); n > 0 && r.ok(); n-- {
			e.record.Headers = append(e.record.Headers, Header{string(r.field()), r.field()})
		}
		out = append(out, e)
	}
	if !r.ok() || len(r.b) > 0 {
		return nil, errOutbox
	}
	return out, nil
}
