package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/repeats"
	"github.com/contactgovernor/governor/consumer"
)

// Options say what to export.
type Options struct {
	Log        consumer.Reader
	Since      func(ctx context.Context, slot consumer.Slot, t time.Time) (int64, error) // where a time begins: that of kafkaio.Reader
	Partitions int32
	Prefix     string // before the contract's names of topics
	Table      *Table

	From, To time.Time // what happened from From on, before To; zero: without end

	// Person is what stands for a person in the rows.
	Person func(id string) string

	// Begin is told how many offsets there are to read, and Progress how many of them
	// were. They may be nil.
	Begin    func(offsets int64)
	Progress func(offsets int64)
}

// Summary is what was exported.
type Summary struct {
	Rows    int64
	Records int64 // that were looked at
	Repeats int64 // of them exact copies, which a zombie wrote
}

// Writer takes rows. What it wrote is whole only after Close.
type Writer interface {
	Write(row Row) error
	Close() error
}

// Run writes the rows: partition by partition, topic by topic, in the order of each. It
// reads no further than the topics reach when it begins. It does not close the writer.
func Run(ctx context.Context, o Options, to Writer) (Summary, error) {
	e := &exporter{o: o, to: to}
	err := e.plan(ctx)
	for i := 0; err == nil && i < len(e.parts); i++ {
		err = e.read(ctx, &e.parts[i])
	}
	return e.Summary, err
}

// exporter is one export.
type exporter struct {
	Summary
	o     Options
	to    Writer
	seen  repeats.Seen
	parts []part
}

// part is what is to be read of one partition.
type part struct{ spans []span }

// span is what is to be read of one slot.
type span struct {
	slot       consumer.Slot
	first, end int64
}

// plan finds where everything begins and ends.
func (e *exporter) plan(ctx context.Context) error {
	all := int64(0)
	for p := range e.o.Partitions {
		var in part
		for _, topic := range e.o.Table.topics {
			s := span{slot: consumer.Slot{Topic: e.o.Prefix + topic, Partition: p}}
			if err := again(ctx, func() (err error) { return e.bounds(ctx, &s) }); err != nil {
				return err
			}
			in.spans = append(in.spans, s)
			all += s.end - s.first
		}
		e.parts = append(e.parts, in)
	}
	if e.o.Begin != nil {
		e.o.Begin(all)
	}
	return nil
}

// bounds are those of what may have rows. Nothing that happened at a time is appended
// under an earlier one. What stands for people is read whole, for a no may have
// become known long before the record.
func (e *exporter) bounds(ctx context.Context, s *span) (err error) {
	if s.first, s.end, err = e.o.Log.Bounds(ctx, s.slot); err != nil || e.o.From.IsZero() || s.slot.Topic == e.o.Prefix+standing {
		return err
	}
	from, err := e.o.Since(ctx, s.slot, e.o.From)
	s.first = min(max(s.first, from), s.end)
	return err
}

// read exports one partition.
func (e *exporter) read(ctx context.Context, p *part) error {
	reading := e.o.Table.read(e.o.Person)
	for i := range p.spans {
		if err := e.readSpan(ctx, &p.spans[i], reading); err != nil {
			return err
		}
	}
	return e.write(reading.rest())
}

func (e *exporter) readSpan(ctx context.Context, s *span, reading reading) error {
	for next := s.first; next < s.end; {
		var got consumer.Fetched
		if err := again(ctx, func() (err error) {
			got, err = e.o.Log.Fetch(ctx, s.slot, next, time.Second)
			return err
		}); err != nil {
			return err
		}
		for i := range got.Records {
			r := &got.Records[i]
			if r.Offset >= s.end {
				break
			}
			if err := e.record(s.slot, r, reading); err != nil {
				return err
			}
		}
		if e.o.Progress != nil {
			e.o.Progress(min(got.Next, s.end) - next)
		}
		next = got.Next
	}
	return nil
}

func (e *exporter) record(slot consumer.Slot, r *consumer.Record, reading reading) error {
	e.Records++
	if e.seen.Before(slot, r) {
		e.Repeats++
		return nil
	}
	rows, err := reading.record(slot, r)
	if err != nil {
		return fmt.Errorf("%s/%d at offset %d cannot be read: %w", slot.Topic, slot.Partition, r.Offset, err)
	}
	return e.write(rows)
}

// write writes the rows of the time that was asked for.
func (e *exporter) write(rows []dated) error {
	for _, r := range rows {
		if r.at.Before(e.o.From) || !e.o.To.IsZero() && !r.at.Before(e.o.To) {
			continue
		}
		if err := e.to.Write(r.row); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
		e.Rows++
	}
	return nil
}

// tries and pause are how often Kafka is asked again, and after how long: leaders move.
const (
	tries = 20
	pause = 500 * time.Millisecond
)

// again asks until there is an answer.
func again(ctx context.Context, ask func() error) (err error) {
	for range tries {
		if err = ask(); err == nil || ctx.Err() != nil {
			return err
		}
		if errors.Is(err, consumer.ErrOutOfRange) {
			return fmt.Errorf("retention was faster than reading; export again: %w", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
	return err
}
