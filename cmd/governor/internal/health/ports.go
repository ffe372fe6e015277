package health

import (
	"context"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// Group lets the board know when the process is in the group, and with which
// partitions.
func (b *Board) Group(m consumer.Membership) consumer.Membership { return &group{m, b} }

type group struct {
	consumer.Membership
	board *Board
}

// Next implements consumer.Membership.
func (g *group) Next(ctx context.Context) (consumer.Generation, error) {
	g.board.joining()
	gen, err := g.Membership.Next(ctx)
	if err != nil {
		return nil, Blame(Kafka, err)
	}
	g.board.joined(gen.Partitions())
	return gen, nil
}

// Log lets the board know how far what was read is behind what is there. Topics
// have the prefix before their names.
func (b *Board) Log(r consumer.Reader, prefix string) consumer.Reader {
	l := &log{Reader: r, board: b, intents: prefix + governor.Intents, signals: prefix + governor.Signals}
	if w, ok := r.(consumer.Waiter); ok {
		return waitingLog{l, w}
	}
	return l
}

// waitingLog is a log of a reader that can wait.
type waitingLog struct {
	*log
	consumer.Waiter
}

type log struct {
	consumer.Reader
	board            *Board
	intents, signals string
}

// Fetch implements consumer.Reader.
func (l *log) Fetch(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	f, err := l.Reader.Fetch(ctx, slot, from, maxWait)
	if err != nil {
		return f, Blame(Kafka, err)
	}
	switch slot.Topic {
	case l.intents:
		var oldest time.Time
		if len(f.Records) > 0 {
			oldest = f.Records[0].Time
		}
		l.board.fetchedIntents(slot.Partition, max(0, f.Stable-f.Next), oldest)
	case l.signals:
		l.board.fetchedSignals(slot.Partition, max(0, f.Stable-f.Next))
	}
	return f, nil
}

// Bounds implements consumer.Reader.
func (l *log) Bounds(ctx context.Context, slot consumer.Slot) (first, stable int64, err error) {
	first, stable, err = l.Reader.Bounds(ctx, slot)
	return first, stable, Blame(Kafka, err)
}

// Writer blames Kafka for what goes wrong with a writer.
func Writer(w consumer.Writer) consumer.Writer { return &writer{w} }

type writer struct{ consumer.Writer }

// Produce implements consumer.Writer.
func (w *writer) Produce(ctx context.Context, batch []consumer.Append) error {
	return Blame(Kafka, w.Writer.Produce(ctx, batch))
}
