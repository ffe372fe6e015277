package tracing

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
)

// again is how often it is told that spans do not arrive.
const again = time.Minute

// telling tells the log of spans that could not be sent, once in a while, rather than
// the process's standard error each time.
type telling struct {
	sdktrace.SpanExporter
	log *zap.Logger

	mu    sync.Mutex
	last  time.Time // when it was told; zero: all is well
	lost  int       // since then
	ended bool      // nothing is sent any more

	over chan struct{} // closed when nothing waits to be sent any more
}

// ExportSpans implements sdktrace.SpanExporter.
func (t *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	t.mu.Lock()
	ended := t.ended
	t.mu.Unlock()
	if ended {
		return nil
	}
	err := t.SpanExporter.ExportSpans(ctx, spans)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch now := time.Now(); {
	case err == nil && !t.last.IsZero():
		t.log.Info("spans arrive again", zap.Int("lost_meanwhile", t.lost))
		t.last, t.lost = time.Time{}, 0
	case err == nil:
	case now.Sub(t.last) < again:
		t.lost += len(spans)
	default:
		t.log.Warn("spans do not arrive, and are lost; all else goes on as ever", zap.Int("spans", len(spans)+t.lost), zap.Error(err))
		t.last, t.lost = now, 0
	}
	return nil // it was told
}

// end has what still waits given up.
func (t *telling) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// Shutdown implements sdktrace.SpanExporter. It is called once, when nothing waits any
// more.
func (t *telling) Shutdown(ctx context.Context) error {
	defer close(t.over)
	return t.SpanExporter.Shutdown(ctx)
}
