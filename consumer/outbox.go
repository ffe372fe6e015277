package consumer

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// outboxVersion is the first byte of an outbox. What is behind it is how many records
// there are, then the records, packed in pieces. One of version 2 is not packed, and one
// of version 1 does not say either to which partition its records go: it is their own.
const outboxVersion = 3

// piece is about how many bytes are packed at once. What is alike in decisions, which
// is most, is within it; larger ones would only take more memory.
const piece = 64 << 10

// mostPiece bounds what a piece may unpack to: more than the largest record.
const mostPiece = 64 << 20

// outbox writes emissions so that whoever takes the partition over can emit them byte
// for byte. Packed, they are a tenth: the store gets them with every batch. The zero value is ready;
// its memory is used again.
type outbox struct {
	plain  []byte // of the piece under way
	packed []byte
}

// encode writes the emissions. What it returns is valid until it encodes again.
func (o *outbox) encode(out []emission) ([]byte, error) {
	if len(out) == 0 {
		return nil, nil
	}
	o.plain = o.plain[:0]
	o.packed = binary.AppendUvarint(append(o.packed[:0], outboxVersion), uint64(len(out)))
	for i := range out {
		o.plain = appendEmission(o.plain, &out[i])
		if len(o.plain) >= piece {
			if err := o.pack(); err != nil {
				return nil, err
			}
		}
	}
	if err := o.pack(); err != nil {
		return nil, err
	}
	return o.packed, nil
}

// pack writes the piece under way behind those before, with its length in front.
func (o *outbox) pack() error {
	if len(o.plain) == 0 {
		return nil
	}
	room := s2.MaxEncodedLen(len(o.plain))
	if room < 0 {
		return fmt.Errorf("a record of the batch is larger than can be kept: %w", errOutbox)
	}
	const head = binary.MaxVarintLen32 // of the piece
	from := len(o.packed)
	o.packed = append(o.packed, make([]byte, head+room)...)
	n := len(s2.Encode(o.packed[from+head:], o.plain))
	length := binary.PutUvarint(o.packed[from:from+head], uint64(n))
	copy(o.packed[from+length:], o.packed[from+head:from+head+n])
	o.packed = o.packed[:from+length+n]
	o.plain = o.plain[:0]
	return nil
}

func appendEmission(b []byte, e *emission) []byte {
	b = appendField(b, e.topic)
	b = binary.AppendUvarint(b, uint64(e.partition))
	b = binary.AppendVarint(b, e.record.Time.UnixMilli())
	b = appendBytes(b, e.record.Key)
	b = appendBytes(b, e.record.Value)
	b = binary.AppendUvarint(b, uint64(len(e.record.Headers)))
	for _, h := range e.record.Headers {
		b = appendField(b, h.Key)
		b = appendBytes(b, h.Value)
	}
	return b
}

// appendBytes writes nil, which is not empty, as a length of its own.
func appendBytes(b, v []byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	return appendField(b, v)
}

func appendField[T string | []byte](b []byte, v T) []byte {
	b = binary.AppendUvarint(b, uint64(len(v))+1)
	return append(b, v...)
}

var errOutbox = errors.New("the outbox cannot be read; was it written by another version?")

// readOutbox reads what an outbox wrote in the partition.
func readOutbox(b []byte, partition int32) ([]emission, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] == 0 || b[0] > outboxVersion {
		return nil, fmt.Errorf("version %d: %w", b[0], errOutbox)
	}
	version, r := b[0], outboxReader{b: b[1:]}
	count := r.uint()
	if version > 2 {
		var err error
		if r.b, err = unpackOutbox(r.b); err != nil {
			return nil, err
		}
	}
	out := make([]emission, 0, min(count, uint64(len(r.b))))
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
	if !r.ok() || len(r.b) > 0 || uint64(len(out)) != count {
		return nil, errOutbox
	}
	return out, nil
}

// unpackOutbox puts the pieces together.
func unpackOutbox(b []byte) ([]byte, error) {
	var plain []byte
	for r := (outboxReader{b: b}); len(r.b) > 0; {
		n := r.uint()
		if !r.ok() || n > uint64(len(r.b)) {
			return nil, errOutbox
		}
		packed := r.b[:n]
		r.b = r.b[n:]
		size, err := s2.DecodedLen(packed)
		if err != nil || size > mostPiece {
			return nil, errOutbox
		}
		from := len(plain)
		plain = append(plain, make([]byte, size)...)
		if _, err := s2.Decode(plain[from:], packed); err != nil {
			return nil, errOutbox
		}
	}
	return plain, nil
}
