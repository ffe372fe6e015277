package registry

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// Files holds the schemas of the messages in Avro (.avsc) and Protobuf (.proto), named
// as those of package schemas. They are made of those, by a test of this package; a
// released one is only ever added to.
//
//go:embed schemas
var Files embed.FS

// outputs says which message is on which topic that the governor writes. What is not
// here is written as it is: dead letters, which are what they were; what governors tell
// each other on contact.signals; the audit.
func outputs() map[string]string {
	return map[string]string{
		governor.Approved: "approved.v1", governor.Vetoed: "vetoed.v1", governor.Revoked: "revoked.v1",
		governor.Redemption: "redeemed.v1", governor.Leaked: "leaked.v1", governor.Standing: "standing.v1",
		governor.VetoRates: "veto-rates.v1",
	}
}

// schemaOf is the schema of an output.
func schemaOf(message string, format Format) (sr.Schema, error) {
	switch format {
	case Avro:
		text, err := Files.ReadFile("schemas/" + message + ".avsc")
		return sr.Schema{Type: sr.TypeAvro, Schema: string(text)}, err
	case Protobuf:
		text, err := Files.ReadFile("schemas/" + message + ".proto")
		return sr.Schema{Type: sr.TypeProtobuf, Schema: string(text)}, err
	case JSONSchema:
		text, err := schemas.Schema(message)
		return sr.Schema{Type: sr.TypeJSON, Schema: string(text)}, err
	}
	return sr.Schema{}, fmt.Errorf("there are no schemas in %q", format)
}

// A pin is what the records of an output topic are encoded by.
type pin struct {
	id    int
	codec codec
}

// pins are those of all outputs, once the registry has told their ids.
type pins struct {
	mu     sync.Mutex
	topics map[string]pin // by the name of the topic, with its prefix
	ids    map[int]codec
}

func (p *pins) byID(id int) (codec, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.ids[id]
	return c, ok
}

// Pin finds out by which ids the registry knows the schemas of the outputs, and registers
// them if it may. It is done once; until it is, no Writer can be opened.
func (r *Registry) Pin(ctx context.Context) error {
	p := &r.pinned
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.topics != nil {
		return nil
	}
	topics, ids := make(map[string]pin), make(map[int]codec)
	if r.o.Outputs != Plain {
		all := outputs()
		for _, topic := range sorted(all) {
			one, err := r.pin(ctx, r.o.Prefix+topic, all[topic])
			if err != nil {
				return err
			}
			topics[r.o.Prefix+topic], ids[one.id] = one, one.codec
		}
	}
	p.topics, p.ids = topics, ids
	return nil
}

// pin is that of one topic. Its subject is what the serializers of the registry take by
// themselves.
func (r *Registry) pin(ctx context.Context, topic, message string) (pin, error) {
	schema, err := schemaOf(message, r.o.Outputs)
	if err != nil {
		return pin{}, err
	}
	c, err := compile(schema.Type, schema.Schema, nil)
	if err != nil {
		return pin{}, fmt.Errorf("schema %s: %w", message, err)
	}
	subject := topic + "-value"
	if r.o.Register {
		id, err := r.client.RegisterSchema(ctx, subject, schema, -1, -1)
		if err != nil {
			return pin{}, away("register the schema of "+subject, err)
		}
		return pin{id, c}, nil
	}
	found, err := r.client.LookupSchema(ctx, subject, schema)
	if unknown(err) {
		return pin{}, fmt.Errorf("%w: subject %s does not have %s in %s (nothing is decided meanwhile): register that of this version there, or set registry.register", ErrNoSchema, subject, message, r.o.Outputs)
	}
	if err != nil {
		return pin{}, away("look up the schema of "+subject, err)
	}
	return pin{found.ID, c}, nil
}

// encode makes the frame of an output's JSON: always the same of the same.
func (p pin) encode(json []byte) ([]byte, error) {
	if _, is := p.codec.(verbatim); is && isObject(json) {
		return append(frame(make([]byte, 0, headLen+len(json)), p.id), json...), nil
	}
	o, err := readObject(json)
	if err != nil {
		return nil, err
	}
	out, err := p.codec.encode(frame(nil, p.id), o)
	if err == nil {
		if back, err := p.codec.decode(out[headLen:]); err == nil && bytes.Equal(back, json) {
			return out, nil
		}
	}
	if bad := (*Malformed)(nil); err != nil && !errors.As(err, &bad) {
		return nil, err
	}
	return p.whole(json, o)
}

// whole is the frame of what the schema has no words for: fields are as far as they
// must be there, and the record stands in one of its own.
func (p pin) whole(json []byte, o object) ([]byte, error) {
	fields := map[string]any{wholeField: string(json)}
	for _, name := range []string{"id", "person"} { // whoever looks for somebody finds them
		if s, ok := o.fields[name].(string); ok {
			fields[name] = s
		}
	}
	return p.codec.encode(frame(nil, p.id), object{json, fields})
}
