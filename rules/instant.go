package rules

import (
	"math"
	"time"
)

// Instant is a point in time in whole milliseconds since 1970-01-01T00:00:00Z.
// The whole decision is made in this unit, so that "to the millisecond" is not
// a matter of rounding. The zero value means absent.
type Instant int64

// Never is later than every other instant: what no passing of time brings.
const Never Instant = math.MaxInt64

// At is the instant of t, cut to the millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time is the instant as a time.Time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add moves the instant by d, cut to the millisecond. Never stays never, and
// what would lie beyond it is never too.
func (i Instant) Add(d time.Duration) Instant {
	ms := Instant(d.Milliseconds())
	if i == Never || (ms > 0 && i > Never-ms) {
		return Never
	}
	return i + ms
}

// Sub is the time from o to i.
func (i Instant) Sub(o Instant) time.Duration { return time.Duration(i-o) * time.Millisecond }

// String is the instant in RFC 3339, UTC, with milliseconds.
func (i Instant) String() string {
	switch i {
	case 0:
		return "absent"
	case Never:
		return "never"
	}
	return i.Time().Format("2006-01-02T15:04:05.000Z")
}
