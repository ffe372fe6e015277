package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// Hand is the log in the hand of an operator: what commands that look something up or
// mend something read and append by. It appends and audits as the doors do. It knows no
// memory and decides nothing, so it needs Kafka only, and no governor needs to run.
//
// Nothing is connected before it is used. It holds connections until it is closed.
type Hand struct {
	doors *Doors
	raw   bool
}

// NewHand makes one, by the configuration of the governor. What is wrong with that is
// told at once.
func NewHand(c *config.Config, log *zap.Logger) (*Hand, error) {
	a := &App{o: Options{Config: *c, Log: log}}
	topics := []string{
		governor.Intents, governor.Signals, governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked,
		governor.Standing, governor.DeadLetter, Audit,
	}
	for i := range topics {
		topics[i] = a.topic(topics[i])
	}
	doors, err := a.doorsTo(topics)
	if err != nil {
		return nil, err
	}
	return &Hand{doors: doors}, nil
}

// AsWritten is the same hand, which reads records as they were written: not through the
// schema registry, if there is one. Close one of them.
func (h *Hand) AsWritten() *Hand { return &Hand{h.doors, true} }

// Plain makes of a record of a topic that was read as it was written what the governor
// reads. What cannot be turned stays as it is.
func (h *Hand) Plain(ctx context.Context, topic string, r *consumer.Record) error {
	return h.doors.frame.Plain(ctx, h.doors.app.topic(topic), r)
}

func (h *Hand) reader() consumer.Reader {
	if h.raw {
		return h.doors.kafka.NewReader()
	}
	return h.doors.reader()
}

// Close ends the connections.
func (h *Hand) Close() { h.doors.Close() }

// Hash names a person as the audit does.
func (h *Hand) Hash(person string) string { return h.doors.hash(person) }

// Partitions is how many there are. It is to be asked first, for it says best what is
// wrong with the way to Kafka.
func (h *Hand) Partitions(ctx context.Context) (int32, error) { return h.doors.Partitions(ctx) }

// PartitionOf is the partition of a key, of so many.
func (h *Hand) PartitionOf(key []byte, partitions int32) int32 {
	return kafkaio.Murmur2Partition(key, partitions)
}

// Append appends a record, and returns when it is acknowledged by all replicas in sync.
// After an error nobody knows whether it is there.
func (h *Hand) Append(ctx context.Context, topic string, partition int32, record consumer.Record) error {
	return h.doors.say.append(ctx, []consumer.Slot{h.slot(topic, partition)}, record)
}

// Audit writes down what was said or done. The person may be "".
func (h *Hand) Audit(ctx context.Context, s leave.Said) error {
	_, err := h.doors.testify(ctx, s)
	return err
}

func (h *Hand) slot(topic string, partition int32) consumer.Slot {
	return consumer.Slot{Topic: h.doors.app.topic(topic), Partition: partition}
}

// The pauses between attempts to read, and how many there are: leaders move.
const (
	readTries = 10
	readPause = 300 * time.Millisecond
)

// again tries until there is an answer, or for long enough. What is out of range stays so.
func again(ctx context.Context, try func() error) (err error) {
	for range readTries {
		if err = try(); err == nil || ctx.Err() != nil || errors.Is(err, consumer.ErrOutOfRange) {
			return err
		}
		select {
		case <-time.After(readPause):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

// Bounds is the first offset that is kept, and the end.
func (h *Hand) Bounds(ctx context.Context, topic string, partition int32) (first, end int64, err error) {
	err = again(ctx, func() (err error) {
		first, end, err = h.reader().Bounds(ctx, h.slot(topic, partition))
		return err
	})
	return first, end, err
}

// Read visits the records of a partition from an offset on, up to another one. What
// retention takes meanwhile is passed over. A record is valid until visit returns, and
// an error of it ends the reading.
func (h *Hand) Read(ctx context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error {
	reader, slot := h.doors.reader(), h.slot(topic, partition)
	for from < to {
		var got consumer.Fetched
		err := again(ctx, func() (err error) {
			got, err = reader.Fetch(ctx, slot, from, 0)
			return err
		})
		if errors.Is(err, consumer.ErrOutOfRange) {
			first, _, bounds := h.Bounds(ctx, topic, partition)
			if bounds == nil && first > from {
				from = first
				continue
			}
		}
		if err != nil {
			return err
		}
		if got.Next <= from {
			return fmt.Errorf("%s/%d: nothing is there from offset %d on, and it ends at %d", slot.Topic, partition, from, to)
		}
		for i := range got.Records {
			if r := &got.Records[i]; r.Offset < to {
				if err := visit(r); err != nil {
					return err
				}
			}
		}
		from = got.Next
	}
	return nil
}

// followFor is how long one fetch waits for records.
const followFor = 500 * time.Millisecond

// Follow visits the records of a partition from an offset on as they come, until visit
// says that it is enough, or ctx ends.
func (h *Hand) Follow(ctx context.Context, topic string, partition int32, from int64, visit func(*consumer.Record) (enough bool, err error)) error {
	reader, slot := h.doors.reader(), h.slot(topic, partition)
	for {
		var got consumer.Fetched
		if err := again(ctx, func() (err error) {
			got, err = reader.Fetch(ctx, slot, from, followFor)
			return err
		}); err != nil {
			return err
		}
		for i := range got.Records {
			if enough, err := visit(&got.Records[i]); enough || err != nil {
				return err
			}
		}
		from = got.Next
	}
}
