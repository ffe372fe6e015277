package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/contactgovernor/governor/consumer"
)

// Headers are those of a record that is appended within ctx: it is part of the trace that
// ctx is. There are none where ctx is part of none.
func Headers(ctx context.Context) []consumer.Header {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return nil
	}
	var to carrier
	propagation.TraceContext{}.Inject(ctx, &to)
	if state, ok := ctx.Value(statedKey{}).(string); ok {
		to.Set(consumer.HeaderTraceState, state)
	}
	return to
}

// statedKey is that of a tracestate in a context whose span does not have it.
type statedKey struct{}

// unstated is ctx with what others keep in its trace put aside: that is for whoever is the
// next, not for a collector.
func unstated(ctx context.Context) context.Context {
	of := trace.SpanContextFromContext(ctx)
	state := of.TraceState().String()
	if state == "" {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(context.WithValue(ctx, statedKey{}, state), of.WithTraceState(trace.TraceState{}))
}

// carrier takes headers of a record.
type carrier []consumer.Header

// Get implements propagation.TextMapCarrier.
func (c *carrier) Get(string) string { return "" }

// Set implements propagation.TextMapCarrier.
func (c *carrier) Set(key, value string) {
	*c = append(*c, consumer.Header{Key: key, Value: []byte(value)})
}

// Keys implements propagation.TextMapCarrier.
func (c *carrier) Keys() []string { return nil }

// within is ctx as part of the trace that the headers of a request name, if they do.
func within(ctx context.Context, h http.Header) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(h))
}

// parent is the trace that a record says it is part of, without what others keep in it.
func parent(r *consumer.Record) (trace.SpanContext, bool) {
	h := make(http.Header, 1)
	for i := range r.Headers {
		if r.Headers[i].Key == consumer.HeaderTraceParent {
			h.Set(consumer.HeaderTraceParent, string(r.Headers[i].Value))
		}
	}
	if len(h) == 0 {
		return trace.SpanContext{}, false
	}
	sc := trace.SpanContextFromContext(within(context.Background(), h))
	return sc, sc.IsValid()
}
