package why

import (
	"bytes"
	"context"

	"github.com/contactgovernor/governor/cmd/governor/internal/deadletters"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Log is the log, as it is needed here.
type Log interface {
	// Partitions is how many there are, and PartitionOf where a key is, of so many.
	Partitions(ctx context.Context) (int32, error)
	PartitionOf(key []byte, partitions int32) int32

	// Bounds and Read read a partition.
	Bounds(ctx context.Context, topic string, partition int32) (first, end int64, err error)
	Read(ctx context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error
}

// Looked says how far back was looked in a topic.
type Looked struct {
	Topic   string `json:"topic"`
	Records int64  `json:"records"`
	Oldest  string `json:"oldest,omitempty"` // the time of the oldest record that was looked at
	Whole   bool   `json:"whole"`            // that was all that is kept
}

// record is one record of the log.
type record struct {
	topic     string
	partition int32
	offset    int64
	time      rules.Instant
	key       rules.PersonID
	value     []byte
	wrong     string // of a dead letter: why it could not be read
	from      string // of one that was sent back from the dead letters: the letter
}

// span is a part of a topic that is to be read.
type span struct {
	topic     string
	partition int32
	from, to  int64
	whole     bool
}

// spans are the latest records of topics in partitions, so many of each.
func (s *search) spans(ctx context.Context, topics []string, partitions []int32) (out []span, err error) {
	for _, topic := range topics {
		for _, p := range partitions {
			first, end, err := s.log.Bounds(ctx, topic, p)
			if err != nil {
				return nil, err
			}
			from := first
			if s.q.Last > 0 {
				from = max(first, end-s.q.Last)
			}
			out = append(out, span{topic, p, from, end, from == first})
			s.all += end - from
		}
	}
	return out, nil
}

// read visits records, and notes how far back it looked.
func (s *search) read(ctx context.Context, topics []string, partitions []int32, visit func(*consumer.Record, *span) error) error {
	spans, err := s.spans(ctx, topics, partitions)
	if err != nil {
		return err
	}
	for i := range spans {
		at := &spans[i]
		l := s.looked(at.topic)
		l.Whole = l.Whole && at.whole
		if err := s.log.Read(ctx, at.topic, at.partition, at.from, at.to, func(r *consumer.Record) error {
			s.done++
			l.Records++
			if when := text(rules.At(r.Time)); !r.Time.IsZero() && (l.Oldest == "" || when < l.Oldest) {
				l.Oldest = when
			}
			if s.q.Told != nil {
				s.q.Told(s.done, s.all)
			}
			return visit(r, at)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *search) looked(topic string) *Looked {
	for i := range s.out.Looked {
		if s.out.Looked[i].Topic == topic {
			return &s.out.Looked[i]
		}
	}
	s.out.Looked = append(s.out.Looked, Looked{Topic: topic, Whole: true})
	return &s.out.Looked[len(s.out.Looked)-1]
}

func (at *span) record(r *consumer.Record) record {
	out := record{topic: at.topic, partition: at.partition, offset: r.Offset, time: rules.At(r.Time), key: rules.PersonID(r.Key), value: bytes.Clone(r.Value)}
	for _, h := range r.Headers {
		switch h.Key {
		case schemas.ErrorMessage:
			out.wrong = string(h.Value)
		case deadletters.HeaderReplayed:
			out.from = string(h.Value)
		}
	}
	return out
}

// theirs are the topics in which a person's records tell what happened to an intent.
func theirs() []string {
	return []string{governor.Intents, governor.Signals, governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.DeadLetter}
}

// text is the instant as the contract writes it, nothing for an absent one.
func text(at rules.Instant) string {
	if at == 0 || at == rules.Never {
		return ""
	}
	return at.String()
}
