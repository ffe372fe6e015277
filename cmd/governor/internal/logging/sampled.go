package logging

import (
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Of lines with the same level and words, so many are written a second; then every so
// manieth.
const (
	sampledFirst = 100
	sampledThen  = 100
)

// newSampled is a core that leaves lines out that repeat, and says how many.
func newSampled(to zapcore.Core) zapcore.Core {
	l := &leftOut{}
	return zapcore.NewSamplerWithOptions(&gaps{to, l}, time.Second, sampledFirst, sampledThen, zapcore.SamplerHook(l.count))
}

// leftOut counts lines that were not written, and not told of yet.
type leftOut struct {
	mu    sync.Mutex
	lines int
	told  time.Time
}

func (l *leftOut) count(_ zapcore.Entry, what zapcore.SamplingDecision) {
	if what&zapcore.LogDropped != 0 {
		l.mu.Lock()
		l.lines++
		l.mu.Unlock()
	}
}

// due is how many lines are to be told of now: it is done once a second.
func (l *leftOut) due(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == 0 || now.Sub(l.told) < time.Second {
		return 0
	}
	n := l.lines
	l.lines, l.told = 0, now
	return n
}

// gaps says before the next line that is written how many were left out.
type gaps struct {
	zapcore.Core
	leftOut *leftOut
}

// With implements zapcore.Core.
func (g *gaps) With(fields []zapcore.Field) zapcore.Core {
	return &gaps{g.Core.With(fields), g.leftOut}
}

// Check implements zapcore.Core.
func (g *gaps) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if g.Enabled(e.Level) {
		return to.AddCore(e, g)
	}
	return to
}

// Write implements zapcore.Core.
func (g *gaps) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if n := g.leftOut.due(e.Time); n > 0 {
		told := zapcore.Entry{Level: zapcore.WarnLevel, Time: e.Time, Message: "lines that repeat were left out"}
		if err := g.Core.Write(told, []zapcore.Field{zap.Int("lines", n)}); err != nil {
			return err
		}
	}
	return g.Core.Write(e, fields)
}
