// Package logging is what the process tells its operator: one line of JSON, or of text
// for people, for each thing that happened.
//
// No line has a person's id, address or words. Whoever writes one names nobody; and what
// would name somebody all the same, by the name of its field or by its type, is hidden
// before it is written (guard).
//
// Lines that repeat are sampled, so that a storm of them takes neither the disk nor the
// time to decide: of those with the same level and words the first hundred of a second are
// written, then every hundredth, and a line says how many were left out. Lines of the
// audit are never left out, at no level (Audit).
package logging

import (
	"fmt"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// New is a logger that writes to w. Level is debug, info, warn or error, format json or
// console.
func New(w io.Writer, level, format string) (*zap.Logger, error) {
	log, _, err := Adjustable(w, level, format)
	return log, err
}

// Adjustable is New, with the level, which may be another one from any line to the next.
func Adjustable(w io.Writer, level, format string) (*zap.Logger, zap.AtomicLevel, error) {
	l, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, zap.AtomicLevel{}, fmt.Errorf("log level %q: write debug, info, warn or error", level)
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoding.EncodeDuration = zapcore.StringDurationEncoder
	encoder := zapcore.NewJSONEncoder(encoding)
	if format == "console" {
		encoding.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(encoding)
	}
	adjustable := zap.NewAtomicLevelAt(l)
	guarded, err := newGuard(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), zap.LevelEnablerFunc(func(zapcore.Level) bool { return true })))
	if err != nil {
		return nil, zap.AtomicLevel{}, err
	}
	return zap.New(newSplit(guarded, adjustable)), adjustable, nil
}
