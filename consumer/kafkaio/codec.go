package kafkaio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go/compress"
)

// plain holds the decompressed batches of one fetch. The slices that expand
// returned stay valid until reset.
type plain struct {
	zstd  *zstd.Decoder
	buf   []byte // where there is room; a batch that does not fit begins a new one
	spent int    // bytes that were expanded since the last reset
	src   bytes.Reader
}

// newZstd returns a decoder that may be shared. It is used in place of kafka-go's
// codec, because that one allocates whatever window the data claims.
func newZstd() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(mostPlainBytes))
}

func (p *plain) reset() {
	if cap(p.buf) > keptPlainSize {
		p.buf = nil
	}
	p.buf = p.buf[:0]
	p.spent = 0
	p.src.Reset(nil)
}

// expand decompresses the records of one batch, up to mostPlainBytes of them.
func (p *plain) expand(codec compress.Compression, packed []byte) ([]byte, error) {
	room := p.buf[len(p.buf):]
	out, err := p.decompress(codec, room, packed)
	if err != nil {
		return nil, fmt.Errorf("decompress %v: %w", codec, err)
	}
	if cap(out) == cap(room) { // it fitted
		p.buf = p.buf[:len(p.buf)+len(out)]
	} else {
		p.buf = out
	}
	p.spent += len(out)
	return out[:len(out):len(out)], nil
}

// decompress appends to room, which is empty.
func (p *plain) decompress(codec compress.Compression, room, packed []byte) ([]byte, error) {
	switch codec {
	case compress.Snappy:
		return appendSnappy(room, packed)
	case compress.Zstd:
		out, err := p.zstd.DecodeAll(packed, room)
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			return nil, fmt.Errorf("%w: %w", errTooMuch, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errCorrupt, err)
		}
		return out, nil
	case compress.Gzip, compress.Lz4:
		p.src.Reset(packed)
		r := codec.Codec().NewReader(&p.src)
		out, err := appendAll(room, r, len(packed))
		return out, errors.Join(err, r.Close())
	}
	return nil, fmt.Errorf("%w: compression %d is unknown", errCorrupt, int8(codec))
}

// appendAll appends what r holds, if that is no more than mostPlainBytes, to b,
// which is empty.
func appendAll(b []byte, r io.Reader, packed int) ([]byte, error) {
	b = grow(b, max(4*packed, 4<<10))
	for {
		if len(b) == cap(b) {
			b = grow(b, len(b))
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b) > mostPlainBytes:
			return nil, fmt.Errorf("%w: more than %d bytes", errTooMuch, mostPlainBytes)
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, fmt.Errorf("%w: %w", errCorrupt, err)
		}
	}
}

// grow makes room for n more bytes, but never for many more than a batch may have.
func grow(b []byte, n int) []byte {
	n = min(n, mostPlainBytes+1)
	if cap(b)-len(b) >= n {
		return b
	}
	moved := make([]byte, len(b), max(2*len(b), len(b)+n))
	copy(moved, b)
	return moved
}

// The framing that snappy-java puts around snappy blocks, and with it most
// Kafka clients: a header, then blocks, each behind its length.
const (
	xerialMagic  = "\x82SNAPPY\x00"
	xerialHeader = len(xerialMagic) + 8 // and two versions
)

// appendSnappy decodes snappy here, not by kafka-go's codec, because that one
// allocates whatever length the data claims.
func appendSnappy(b, packed []byte) ([]byte, error) {
	if len(packed) < xerialHeader || string(packed[:len(xerialMagic)]) != xerialMagic {
		return appendBlock(b, packed, mostPlainBytes)
	}
	for packed = packed[xerialHeader:]; len(packed) > 0; {
		if len(packed) < 4 {
			return b, errCorrupt
		}
		n := int64(binary.BigEndian.Uint32(packed))
		if packed = packed[4:]; n > int64(len(packed)) {
			return b, errCorrupt
		}
		var err error
		if b, err = appendBlock(b, packed[:n], mostPlainBytes-len(b)); err != nil {
			return b, err
		}
		packed = packed[n:]
	}
	return b, nil
}

func appendBlock(b, packed []byte, room int) ([]byte, error) {
	// A snappy block of n bytes holds no more than some 22 n; the rest is a lie.
	const mostRatio = 32
	n, err := snappy.DecodedLen(packed)
	if err != nil || n > mostRatio*len(packed)+mostRatio {
		return b, errCorrupt
	}
	if n > room {
		return b, fmt.Errorf("%w: more than %d bytes", errTooMuch, mostPlainBytes)
	}
	b = grow(b, n)
	out, err := snappy.Decode(b[len(b):cap(b)][:n], packed)
	if err != nil {
		return b, errCorrupt
	}
	return b[:len(b)+len(out)], nil
}
