package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
)

// CopyName is the name of the command that copies.
const CopyName = "copy"

// most is how many records the copy takes at once.
const most = 10_000

// Copy moves each record's bytes from one topic to another until ctx ends, and decides
// nothing: what kafka-go's own Reader and Writer can do here. It does as the peer
// copy-kafka-go does.
func Copy(ctx context.Context, c *config.Kafka, from, to, group string) error {
	way := app.Kafka(c)
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: way.Brokers, GroupID: group, Topic: from, StartOffset: kafka.FirstOffset,
		Dialer:   &kafka.Dialer{Timeout: 10 * time.Second, DialFunc: way.Dial, SASLMechanism: way.SASL},
		MinBytes: 1, MaxBytes: 10 << 20, MaxWait: 100 * time.Millisecond, QueueCapacity: most,
	})
	transport := &kafka.Transport{Dial: way.Dial, SASL: way.SASL}
	w := &kafka.Writer{
		Addr: kafka.TCP(way.Brokers...), Topic: to, Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll,
		BatchSize: 2000, BatchBytes: 1 << 20, BatchTimeout: 5 * time.Millisecond, Transport: transport,
	}
	defer transport.CloseIdleConnections()
	defer w.Close()
	defer r.Close()
	for {
		in, err := fetch(ctx, r)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("copy: read %s: %w", from, err)
		}
		out := make([]kafka.Message, len(in))
		for i, m := range in {
			out[i] = kafka.Message{Key: m.Key, Value: m.Value}
		}
		if err := w.WriteMessages(ctx, out...); err != nil && ctx.Err() == nil {
			return fmt.Errorf("copy: write %s: %w", to, err)
		}
		if err := r.CommitMessages(ctx, in...); err != nil && ctx.Err() == nil {
			return fmt.Errorf("copy: commit: %w", err)
		}
	}
}

// fetch waits for a message, and takes what comes within the next 10 ms.
func fetch(ctx context.Context, r *kafka.Reader) ([]kafka.Message, error) {
	m, err := r.FetchMessage(ctx)
	if err != nil {
		return nil, err
	}
	in := append(make([]kafka.Message, 0, most), m)
	till, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	for len(in) < most {
		m, err := r.FetchMessage(till)
		if err != nil {
			break // it was long enough
		}
		in = append(in, m)
	}
	return in, nil
}
