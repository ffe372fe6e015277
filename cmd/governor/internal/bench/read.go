package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// span is from the first to the last of what was appended.
type span struct{ first, last time.Time }

func (s *span) add(at time.Time) {
	if s.first.IsZero() || at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
}

// read reads all that the topic has. Visit must not keep the record.
func (p *place) read(ctx context.Context, topic string, visit func(partition int32, r *consumer.Record)) error {
	return p.readFrom(ctx, topic, make([]int64, p.partitions), visit)
}

// readFrom reads what the topic has since each of its partitions ended there.
func (p *place) readFrom(ctx context.Context, topic string, since []int64, visit func(partition int32, r *consumer.Record)) error {
	reader := p.bench.kafka.NewReader()
	for partition := range int32(p.partitions) {
		slot := consumer.Slot{Topic: topic, Partition: partition}
		from, end, err := reader.Bounds(ctx, slot)
		from = max(from, since[partition])
		for err == nil && from < end {
			var got consumer.Fetched
			if got, err = reader.Fetch(ctx, slot, from, time.Second); err != nil {
				break
			}
			for i := range got.Records {
				visit(partition, &got.Records[i])
			}
			from = got.Next
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", topic, err)
		}
	}
	return nil
}

// timed puts into the run what the broker's stamps say.
func (run *Run) timed(s span) {
	run.FirstToLast, run.Total = s.last.Sub(s.first).Seconds(), s.last.Sub(run.began).Seconds()
	if run.FirstToLast > 0 {
		run.Rate = float64(run.N) / run.FirstToLast
	}
}
