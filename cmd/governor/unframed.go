package main

import (
	"context"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/consumer"
)

// unframed is a log whose values may be framed by the schema registry of the configuration,
// and are read as the JSON that they stand for.
func unframed(log verify.Log, c *config.Config) (verify.Log, error) {
	framing, err := app.NewFraming(c)
	return &framedLog{log, framing, c.Kafka.Topics.Prefix}, err
}

type framedLog struct {
	verify.Log
	framing app.Framing
	prefix  string
}

// Read turns what is visited.
func (l *framedLog) Read(ctx context.Context, topic string, partition int32, visit func(*verify.Record) error) (int64, error) {
	return l.Log.Read(ctx, topic, partition, func(r *verify.Record) error {
		plain := consumer.Record{Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			plain.Headers = append(plain.Headers, consumer.Header(h))
		}
		if err := l.framing.Plain(ctx, l.prefix+topic, &plain); err != nil {
			return err
		}
		turned := *r
		turned.Value, turned.Headers = plain.Value, nil
		for _, h := range plain.Headers {
			turned.Headers = append(turned.Headers, verify.Header(h))
		}
		return visit(&turned)
	})
}
