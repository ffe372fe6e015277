package registry

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/sr"
)

// A codec turns payloads of one schema into JSON, and JSON into payloads. Any number may
// use it at once.
type codec interface {
	// decode makes JSON of a payload. The error is a *Malformed.
	decode(payload []byte) ([]byte, error)

	// encode appends the payload that says what an object says, as far as the
	// schema has words for it.
	encode(b []byte, o object) ([]byte, error)
}

// compile reads a schema.
func compile(kind sr.SchemaType, text string, others []reference) (codec, error) {
	switch kind {
	case sr.TypeAvro:
		return newAvro(text, others)
	case sr.TypeProtobuf:
		return newProtobuf(text, others)
	case sr.TypeJSON:
		return verbatim{}, nil
	}
	return nil, fmt.Errorf("it is of a type that is neither Avro nor Protobuf nor JSON Schema")
}

// verbatim is the codec of JSON Schema: the payload is the JSON. Whether it keeps to the
// schema is for the strict decoders, which know better.
type verbatim struct{}

func (verbatim) decode(payload []byte) ([]byte, error) { return payload, nil }

func (verbatim) encode(b []byte, o object) ([]byte, error) { return append(b, o.text...), nil }

// broken is the codec of a schema that cannot be understood.
type broken struct{ why *Malformed }

func (c broken) decode([]byte) ([]byte, error) { return nil, c.why }

func (c broken) encode([]byte, object) ([]byte, error) { return nil, c.why }
