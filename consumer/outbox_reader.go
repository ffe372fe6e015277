package consumer

import (
	"encoding/binary"
	"time"
)

// outboxReader reads fields in a row; after the first that is not there it
// yields nothing more.
type outboxReader struct {
	b      []byte
	failed bool
}

func (r *outboxReader) ok() bool { return !r.failed }

func (r *outboxReader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *outboxReader) time() time.Time {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return time.Time{}
	}
	r.b = r.b[n:]
	return time.UnixMilli(v).UTC()
}

// field is one run of bytes, nil where nil was written.
func (r *outboxReader) field() []byte {
	n := r.uint()
	if n == 0 {
		return nil
	}
	if n-1 > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	v := r.b[: n-1 : n-1]
	r.b = r.b[n-1:]
	if v == nil {
		v = []byte{}
	}
	return v
}
