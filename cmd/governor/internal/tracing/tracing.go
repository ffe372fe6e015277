package tracing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"go.opentelemetry.io/otel/attribute"

	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing/collector"
	"github.com/contactgovernor/governor/consumer"
)

// Options are what tracing is made of.
type Options struct {
	Endpoint    string        // the URL to which spans are posted; empty: nothing is traced
	TLS         tlsdial.Files // of https
	HeadersFile string        // what is sent with them; empty: nothing
	Ratio       float64       // of what begins here, from 0 to 1; what comes as part of a trace is traced if that is
	Version     string        // of this program
	Group       string        // of the governors
	Prefix      string        // before every topic's name
	Log         *zap.Logger   // hears of a collector that is away

	// Every is how long a span waits for others, to be sent together with them. Default
	// 5 s.
	Every time.Duration
}

// The bounds of what waits to be sent. A span is some 1 KiB.
const (
	mostWaiting = 8192
	mostAtOnce  = 512
	sendWithin  = 10 * time.Second
	closeWithin = 5 * time.Second
)

// Tracing makes spans and sends them. A nil one makes none.
type Tracing struct {
	o        Options
	client   *collector.Client
	sending  *telling
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// New is tracing as the options have it: nil, without an error, where they name no
// collector. It asks nobody yet.
func New(o Options) (*Tracing, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, errors.New("tracing.endpoint is no URL") // what it is may have a secret in it
	}
	if o.Every == 0 {
		o.Every = 5 * time.Second
	}
	client := collector.New(collector.Options{Endpoint: endpoint, TLS: o.TLS, HeadersFile: o.HeadersFile})
	exporter, err := otlptrace.New(context.Background(), client)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	from := resource.NewSchemaless(attribute.String("service.name", "contact-governor"), attribute.String("service.version", o.Version),
		attribute.String("service.namespace", o.Group))
	sending := &telling{SpanExporter: exporter, log: o.Log, over: make(chan struct{})}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(from),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithBatcher(sending,
			sdktrace.WithMaxQueueSize(mostWaiting), sdktrace.WithMaxExportBatchSize(mostAtOnce),
			sdktrace.WithBatchTimeout(o.Every), sdktrace.WithExportTimeout(sendWithin)),
	)
	return &Tracing{o: o, client: client, sending: sending, provider: provider, tracer: provider.Tracer("github.com/contactgovernor/governor")}, nil
}

// Tracer is what the partition workers tell of their batches; nil where nothing is
// traced.
func (t *Tracing) Tracer() consumer.Tracer {
	if t == nil {
		return nil
	}
	return (*batches)(t)
}

// Close sends what still waits, and ends; it does not take long, even if nobody is there
// to take it. Nothing is traced any more.
func (t *Tracing) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err := t.provider.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // what nobody took is lost, and nothing but spans is
	}
	t.sending.end()
	t.client.End() // else whoever is away is asked on
	select {
	case <-t.sending.over:
	case <-time.After(closeWithin):
	}
	if err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	return nil
}
