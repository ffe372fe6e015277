package registry

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/sr"
)

// headLen is how long a frame's head is: a zero byte and the id of the schema.
const headLen = 5

// isFramed tells a frame from JSON, which never begins with a zero byte.
func isFramed(value []byte) bool { return len(value) > 0 && value[0] == 0 }

// unframe takes a frame apart.
func unframe(value []byte) (id int, payload []byte, err error) {
	id, payload, err = new(sr.ConfluentHeader).DecodeID(value)
	if err != nil {
		return 0, nil, malformed("the record is cut off: it begins as a schema registry's frame does, and is %d bytes long; send the whole", len(value))
	}
	return id, payload, nil
}

// frame appends a frame's head.
func frame(b []byte, id int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0), uint32(id))
}

// mostNested bounds how deep messages are defined in messages.
const mostNested = 32

// messageIndex takes the path to a message within its Protobuf file off the payload.
func messageIndex(payload []byte) (path []int, rest []byte, err error) {
	path, rest, err = new(sr.ConfluentHeader).DecodeIndex(payload, mostNested)
	if err != nil {
		return nil, nil, malformed("the frame does not say which message of its Protobuf file it is: encode it with a serializer of the schema registry")
	}
	return path, rest, nil
}

// appendMessageIndex is what messageIndex takes off.
func appendMessageIndex(b []byte, path []int) []byte {
	if len(path) == 1 && path[0] == 0 {
		return append(b, 0)
	}
	b = binary.AppendVarint(b, int64(len(path)))
	for _, i := range path {
		b = binary.AppendVarint(b, int64(i))
	}
	return b
}
