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

	mu   sync.Mutex
	last time.Time // when it was told; zero: all is well
	lost int       // since then
}

// ExportSpans implements sdktrace.SpanExporter.
func (t *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
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
