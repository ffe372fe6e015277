package bench

import (
	"context"
	"fmt"

	"github.com/contactgovernor/governor/cmd/governor/internal/progress"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// piece is how many records are sent at once. Spread over some partitions they make
// batches that a broker takes.
const piece = 20_000

// loader appends records to one topic, each on its person's partition.
type loader struct {
	writer     consumer.Writer
	topic      string
	partitions int
	bytes      []byte // keys and values of what is not sent yet
	appends    []consumer.Append
	waiting    int
	sent       func(int64)
}

func (p *place) loader(topic string, sent func(int64)) *loader {
	l := &loader{writer: p.bench.kafka.NewWriter(), topic: p.topic(topic), partitions: p.partitions, sent: sent}
	l.begin()
	return l
}

func (l *loader) begin() {
	l.bytes, l.waiting = make([]byte, 0, cap(l.bytes)), 0
	l.appends = make([]consumer.Append, l.partitions)
	for p := range l.appends {
		l.appends[p].Slot = consumer.Slot{Topic: l.topic, Partition: int32(p)}
	}
}

// add appends a record, which must not be changed until it is sent.
func (l *loader) add(ctx context.Context, r consumer.Record) error {
	slot := kafkaio.Murmur2Partition(r.Key, int32(l.partitions))
	l.appends[slot].Records = append(l.appends[slot].Records, r)
	if l.waiting++; l.waiting < piece {
		return nil
	}
	return l.flush(ctx)
}

// keep copies what a record is made of.
func (l *loader) keep(b []byte) []byte {
	from := len(l.bytes)
	l.bytes = append(l.bytes, b...)
	return l.bytes[from:len(l.bytes):len(l.bytes)]
}

// flush sends what is waiting.
func (l *loader) flush(ctx context.Context) error {
	if l.waiting == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	if err := l.writer.Produce(ctx, l.appends); err != nil {
		return fmt.Errorf("load %s: %w", l.topic, err)
	}
	if l.sent != nil {
		l.sent(int64(l.waiting))
	}
	l.begin()
	return nil
}

// bar tells how far something is.
func (b *bench) bar(of int) *progress.Reading {
	p := &progress.Reading{Talk: b.o.Talk, Terminal: b.o.Terminal}
	p.Begin(int64(of))
	return p
}
