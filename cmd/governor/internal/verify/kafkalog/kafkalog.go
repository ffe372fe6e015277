// Package kafkalog reads the topics of a cluster for package verify, by its own
// few requests over kafka-go's connections: that library alone would hand over
// what was aborted, and take producers' times for the broker's. It shares no code
// with what the governor reads by.
package kafkalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// Options say where the topics are.
type Options struct {
	Brokers []string // host:port
	Prefix  string   // before the contract's names of topics

	// Dial opens connections, for example under TLS. It may be nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// SASL says who reads, to brokers that ask. It may be nil.
	SASL sasl.Mechanism

	// Progress is told after every fetch how many records were passed. It may be nil.
	Progress func(records int64)
}

// Log is a cluster's, up to where it ended when it was opened.
type Log struct {
	o          Options
	transport  *kafka.Transport
	client     *kafka.Client
	partitions []int32
	bounds     map[slot]bounds
}

type slot struct {
	topic     string
	partition int32
}

type bounds struct{ first, end int64 }

// patience is how long one request may take, and how often it is tried again.
const (
	patience = 15 * time.Second
	tries    = 20
	pause    = 500 * time.Millisecond
)

// Open finds the topics, and where they end: the outputs before the inputs, so that
// every answer finds its question.
func Open(ctx context.Context, o Options) (*Log, error) {
	transport := &kafka.Transport{ClientID: "governor-verify", Dial: o.Dial, SASL: o.SASL, MetadataTTL: time.Second}
	l := &Log{
		o: o, transport: transport, bounds: make(map[slot]bounds),
		client: &kafka.Client{Addr: kafka.TCP(o.Brokers...), Transport: transport, Timeout: patience},
	}
	if err := l.open(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close closes the connections.
func (l *Log) Close() { l.transport.CloseIdleConnections() }

func (l *Log) open(ctx context.Context) error {
	audit := l.o.Prefix + verify.Audit
	names := []string{audit}
	for _, topic := range verify.Topics() {
		names = append(names, l.o.Prefix+topic)
	}
	var found *kafka.MetadataResponse
	err := l.again(ctx, func() (err error) {
		found, err = l.client.Metadata(ctx, &kafka.MetadataRequest{Topics: names})
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for the topics: %w", err)
	}
	for _, topic := range found.Topics {
		if topic.Name == audit && errors.Is(topic.Error, kafka.UnknownTopicOrPartition) {
			names = names[1:] // where nobody opened a door there is none
			continue
		}
		if topic.Error != nil {
			return fmt.Errorf("topic %s: %w", topic.Name, topic.Error)
		}
		for _, p := range topic.Partitions {
			if number := int32(p.ID); !slices.Contains(l.partitions, number) {
				l.partitions = append(l.partitions, number)
			}
		}
		if len(topic.Partitions) != len(l.partitions) {
			return fmt.Errorf("topic %s has %d partitions, another has %d; all must have the same", topic.Name, len(topic.Partitions), len(l.partitions))
		}
	}
	slices.Sort(l.partitions)
	for _, topic := range names {
		if err := l.findBounds(ctx, topic); err != nil {
			return fmt.Errorf("find the ends of %s: %w", topic, err)
		}
	}
	return nil
}

func (l *Log) findBounds(ctx context.Context, topic string) error {
	for which, set := range map[int64]func(*bounds, int64){
		kafka.FirstOffset: func(b *bounds, o int64) { b.first = o },
		kafka.LastOffset:  func(b *bounds, o int64) { b.end = o },
	} {
		var asked []kafka.OffsetRequest
		for _, p := range l.partitions {
			asked = append(asked, kafka.OffsetRequest{Partition: int(p), Timestamp: which})
		}
		err := l.again(ctx, func() error {
			found, err := l.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
				Topics: map[string][]kafka.OffsetRequest{topic: asked}, IsolationLevel: kafka.ReadCommitted,
			})
			if err != nil {
				return err
			}
			for _, p := range found.Topics[topic] {
				if p.Error != nil {
					return p.Error
				}
				s := slot{topic, int32(p.Partition)}
				b := l.bounds[s]
				set(&b, map[int64]int64{kafka.FirstOffset: p.FirstOffset, kafka.LastOffset: p.LastOffset}[which])
				l.bounds[s] = b
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// again asks until there is an answer, or patience is at its end: leaders move.
func (l *Log) again(ctx context.Context, ask func() error) (err error) {
	for range tries {
		if err = ask(); err == nil || ctx.Err() != nil || errors.Is(err, errFormat) || errors.Is(err, kafka.OffsetOutOfRange) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

// Len is how many offsets there are, of which some may be no records.
func (l *Log) Len() (n int64) {
	for _, b := range l.bounds {
		n += b.end - b.first
	}
	return n
}

// Partitions are the numbers of the partitions.
func (l *Log) Partitions() []int32 { return l.partitions }

// Read visits what is committed of a topic's partition, up to where it ended when
// the log was opened.
func (l *Log) Read(ctx context.Context, topic string, partition int32, visit func(*verify.Record) error) (first int64, err error) {
	s := slot{l.o.Prefix + topic, partition}
	b := l.bounds[s]
	for next := b.first; next < b.end; {
		var got answer
		err := l.again(ctx, func() (err error) {
			got, err = l.fetch(ctx, s, next)
			return err
		})
		if errors.Is(err, kafka.OffsetOutOfRange) {
			return b.first, fmt.Errorf("offset %d is not kept any more: retention is faster than reading; read again", next)
		}
		if err != nil {
			return b.first, fmt.Errorf("fetch from offset %d: %w", next, err)
		}
		records, to, err := got.decode(next, b.end)
		if err != nil {
			return b.first, err
		}
		for i := range records {
			records[i].Topic, records[i].Partition = topic, partition
			if err := visit(&records[i]); err != nil {
				return b.first, err
			}
		}
		if l.o.Progress != nil {
			l.o.Progress(min(to, b.end) - next)
		}
		next = to
	}
	return b.first, nil
}

func (l *Log) fetch(ctx context.Context, s slot, from int64) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	x := &exchange{slot: s, from: from, ctx: ctx}
	var addr net.Addr = l.client.Addr
	if _, err := l.transport.RoundTrip(ctx, addr, x); err != nil {
		return answer{}, err
	}
	return x.parse()
}

// aborted is where a producer's aborted transaction begins.
type aborted struct{ producer, first int64 }

// answer is what a fetch brought.
type answer struct {
	stable  int64
	aborted []aborted
	set     []byte
}

// decode reads the batches: the records that count, and where to go on.
func (a *answer) decode(from, end int64) (records []verify.Record, next int64, err error) {
	slices.SortFunc(a.aborted, func(x, y aborted) int { return cmp.Compare(x.first, y.first) })
	open := make(map[int64]bool) // producers inside an aborted transaction
	next = from
	for set := a.set; ; {
		b, rest, whole, err := readBatch(set)
		if err != nil {
			return nil, 0, err
		}
		if !whole || b.base >= min(end, stableOr(a.stable)) {
			break
		}
		set = rest
		for len(a.aborted) > 0 && a.aborted[0].first <= b.last {
			open[a.aborted[0].producer] = true
			a.aborted = a.aborted[1:]
		}
		next = b.last + 1
		switch {
		case b.control:
			if open[b.producer] {
				if err := b.each(func(r *verify.Record) { // version and type, two bytes each; 0 is abort
					if len(r.Key) >= 4 && r.Key[2] == 0 && r.Key[3] == 0 {
						delete(open, b.producer)
					}
				}); err != nil {
					return nil, 0, err
				}
			}
		case b.transactional && open[b.producer]:
		default:
			if err := b.each(func(r *verify.Record) {
				if r.Offset >= from && r.Offset < end {
					records = append(records, *r)
				}
			}); err != nil {
				return nil, 0, err
			}
		}
	}
	if next == from {
		return nil, 0, errNothing
	}
	return records, next, nil
}

func stableOr(stable int64) int64 {
	if stable < 0 { // a broker without transactions
		return math.MaxInt64
	}
	return stable
}
