package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// Reader turns what log reads into JSON: intents and signals as far as they can be, and
// all that the governor wrote. What is wrong with one intent or signal is told by its
// dead letter; while the registry is away a fetch fails, and nothing is passed over.
//
// It is a consumer.Waiter where log is one.
func (r *Registry) Reader(log consumer.Reader) consumer.Reader {
	t := &reader{Reader: log, registry: r, written: make(map[string]bool)}
	t.said = map[string]bool{r.o.Prefix + governor.Intents: true, r.o.Prefix + governor.Signals: true}
	for topic := range outputs() {
		t.written[r.o.Prefix+topic] = true
	}
	if w, ok := log.(consumer.Waiter); ok {
		return waitingReader{t, w}
	}
	return t
}

type waitingReader struct {
	*reader
	consumer.Waiter
}

type reader struct {
	consumer.Reader
	registry *Registry
	said     map[string]bool // topics that others write
	written  map[string]bool // topics that the governor writes
}

// The bounds of a frame that is turned, and of its key and headers: all of it must go into
// the headers of a dead letter. What is larger is hardly a record of the contract.
const (
	mostFramed = 56 << 10
	mostBeside = 7 << 10
)

// Fetch implements consumer.Reader.
func (r *reader) Fetch(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	f, err := r.Reader.Fetch(ctx, slot, from, maxWait)
	if err != nil || !r.said[slot.Topic] && !r.written[slot.Topic] {
		return f, err
	}
	copied := false
	for i := range f.Records {
		rec := &f.Records[i]
		if !isFramed(rec.Value) && !hasOurs(rec.Headers) {
			continue
		}
		if !copied { // they are the log's own, which may return them again
			f.Records, copied = slices.Clone(f.Records), true
			rec = &f.Records[i]
		}
		turn := r.hear
		if r.written[slot.Topic] {
			turn = r.readBack
		}
		if err := turn(ctx, rec); err != nil {
			return consumer.Fetched{}, fmt.Errorf("%s/%d/%d: %w", slot.Topic, slot.Partition, rec.Offset, err)
		}
	}
	return f, nil
}

// hear turns what somebody else wrote.
func (r *reader) hear(ctx context.Context, rec *consumer.Record) error {
	rec.Headers = without(rec.Headers)
	if !isFramed(rec.Value) {
		return nil
	}
	json, err := r.registry.hear(ctx, rec)
	if bad := (*Malformed)(nil); errors.As(err, &bad) {
		rec.Headers = append(rec.Headers, consumer.Header{Key: headerWhy, Value: []byte(line(bad.Reason))})
		return nil
	}
	if err != nil {
		return err
	}
	rec.Headers = turnedHeaders(rec.Headers, rec.Value)
	rec.Value = json
	return nil
}

// hear turns a record, unless it is too large for a dead letter to keep.
func (r *Registry) hear(ctx context.Context, rec *consumer.Record) ([]byte, error) {
	beside := len(rec.Key)
	for _, h := range rec.Headers {
		beside += len(h.Key) + len(h.Value) + 8
	}
	switch {
	case len(rec.Value) > mostFramed:
		return nil, malformed("the record has %d bytes; framed it may have %d", len(rec.Value), mostFramed)
	case beside > mostBeside:
		return nil, malformed("the record's key and headers have %d bytes; beside a frame they may have %d", beside, mostBeside)
	}
	return r.Turn(ctx, rec.Value)
}

// Plain makes of a record what a Reader makes of it, for whoever reads the log by other
// means. Dead letters are turned as what they were is, so that one can be told by the
// other. What cannot be turned stays as it is; an error heals.
func (r *Registry) Plain(ctx context.Context, topic string, rec *consumer.Record) error {
	if !isFramed(rec.Value) {
		return nil
	}
	var json []byte
	var err error
	switch name := strings.TrimPrefix(topic, r.o.Prefix); {
	case outputs()[name] != "":
		json, err = r.Turn(ctx, rec.Value)
	case name == governor.DeadLetter:
		json, err = r.hear(ctx, &consumer.Record{Value: rec.Value})
	default:
		json, err = r.hear(ctx, rec)
	}
	if bad := (*Malformed)(nil); errors.As(err, &bad) {
		return nil
	}
	if err != nil {
		return err
	}
	rec.Headers = without(turnedHeaders(rec.Headers, nil))
	rec.Value = json
	return nil
}

// readBack turns what the governor wrote. Whatever of it cannot be turned is no reason to
// go on without.
func (r *reader) readBack(ctx context.Context, rec *consumer.Record) error {
	if !isFramed(rec.Value) {
		return nil
	}
	json, err := r.registry.Turn(ctx, rec.Value)
	if bad := (*Malformed)(nil); errors.As(err, &bad) {
		if !isGovernors(rec) {
			return nil // somebody else's, which nobody here reads
		}
		return fmt.Errorf("%s (nothing is decided meanwhile): %w", bad.Reason, ErrUnreadable)
	}
	if err != nil {
		return err
	}
	rec.Value = json
	rec.Headers = without(turnedHeaders(rec.Headers, nil))
	return nil
}

// isGovernors says whether a governor wrote the record.
func isGovernors(rec *consumer.Record) bool {
	return slices.ContainsFunc(rec.Headers, func(h consumer.Header) bool { return h.Key == consumer.HeaderBatch })
}
