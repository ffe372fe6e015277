package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// Writer frames what log writes on the topics of outputs, and makes dead letters of
// what a Reader turned what they were. It asks the registry for the ids of the schemas,
// if that was not done yet; then it is not asked any more.
func (r *Registry) Writer(ctx context.Context, log consumer.Writer) (consumer.Writer, error) {
	if err := r.Pin(ctx); err != nil {
		return nil, err
	}
	return &registryWriter{Writer: log, pins: r.pinned.topics, letters: r.o.Prefix + governor.DeadLetter, media: media(r.o.Outputs)}, nil
}

type registryWriter struct {
	consumer.Writer
	pins    map[string]pin // they do not change any more
	letters string
	media   string
}

// media is the content-type of a format.
func media(f Format) string {
	switch f {
	case Avro:
		return "application/avro"
	case Protobuf:
		return "application/protobuf"
	case Plain, JSONSchema:
	}
	return "application/json"
}

// Produce implements consumer.Writer.
func (w *registryWriter) Produce(ctx context.Context, batch []consumer.Append) error {
	out := slices.Clone(batch)
	for i := range out {
		a := &out[i]
		pin, framed := w.pins[a.Topic]
		if !framed && a.Topic != w.letters {
			continue
		}
		a.Records = slices.Clone(a.Records)
		for j := range a.Records {
			rec := &a.Records[j]
			if a.Topic == w.letters {
				*rec = letter(*rec, schemas.ErrorMessage)
			} else if err := w.frame(rec, pin); err != nil {
				return fmt.Errorf("encode for %s: %w", a.Topic, err)
			}
		}
	}
	return w.Writer.Produce(ctx, out)
}

// frame frames a record; a tombstone stays one.
func (w *registryWriter) frame(rec *consumer.Record, pin pin) error {
	if rec.Value == nil {
		return nil
	}
	value, err := pin.encode(rec.Value)
	if err != nil {
		return err
	}
	rec.Value = value
	rec.Headers = slices.Clone(rec.Headers)
	for i := range rec.Headers {
		if rec.Headers[i].Key == contentType {
			rec.Headers[i].Value = []byte(w.media)
		}
	}
	return nil
}
