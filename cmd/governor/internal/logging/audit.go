package logging

import (
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// auditName is the last part of the names of loggers whose lines are of the audit.
const auditName = "audit"

// Audit is the logger for lines that must not be missing: who changed what, what a person
// said, and what could not be stored of that. They are written whatever the level is, and
// never left out.
func Audit(log *zap.Logger) *zap.Logger { return log.Named(auditName) }

// split has lines of the audit written as they come, and all others sampled.
type split struct {
	audit, others zapcore.Core
}

func newSplit(to zapcore.Core, level zapcore.LevelEnabler) zapcore.Core {
	return &split{audit: to, others: newSampled(&levelled{to, level})}
}

// Enabled implements zapcore.Core. Whose line it is, is not known yet.
func (s *split) Enabled(l zapcore.Level) bool { return l >= zapcore.InfoLevel || s.others.Enabled(l) }

// With implements zapcore.Core.
func (s *split) With(fields []zapcore.Field) zapcore.Core {
	return &split{audit: s.audit.With(fields), others: s.others.With(fields)}
}

// Check implements zapcore.Core.
func (s *split) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if e.LoggerName == auditName || strings.HasSuffix(e.LoggerName, "."+auditName) {
		return s.audit.Check(e, to)
	}
	return s.others.Check(e, to)
}

// Write implements zapcore.Core. Check has sent every line to where it belongs.
func (s *split) Write(e zapcore.Entry, fields []zapcore.Field) error {
	return s.others.Write(e, fields)
}

// Sync implements zapcore.Core.
func (s *split) Sync() error { return s.audit.Sync() }

// levelled is a core of lines from a level on.
type levelled struct {
	zapcore.Core
	level zapcore.LevelEnabler
}

// Enabled implements zapcore.Core.
func (l *levelled) Enabled(at zapcore.Level) bool { return l.level.Enabled(at) }

// With implements zapcore.Core.
func (l *levelled) With(fields []zapcore.Field) zapcore.Core {
	return &levelled{l.Core.With(fields), l.level}
}

// Check implements zapcore.Core.
func (l *levelled) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !l.level.Enabled(e.Level) {
		return to
	}
	return to.AddCore(e, l)
}
