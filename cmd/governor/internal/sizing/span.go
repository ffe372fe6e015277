package sizing

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a duration that may be written in days: 30d, 36h. It is a flag, and is
// written as it is read.
type Span time.Duration

const spanDay = 24 * time.Hour

// Set implements pflag.Value.
func (s *Span) Set(text string) error {
	d, err := time.ParseDuration(text)
	if number, inDays := strings.CutSuffix(text, "d"); inDays {
		var n float64
		if n, err = strconv.ParseFloat(number, 64); err == nil && !(math.Abs(n) < 1e5) {
			return fmt.Errorf("%q is too long", text)
		}
		d = time.Duration(n * float64(spanDay))
	}
	if err != nil {
		return fmt.Errorf("%q is no time: write for example 30d or 36h", text)
	}
	*s = Span(d)
	return nil
}

// String implements pflag.Value.
func (s Span) String() string {
	d := time.Duration(s)
	if d != 0 && d%spanDay == 0 {
		return strconv.FormatInt(int64(d/spanDay), 10) + "d"
	}
	return d.String()
}

// Type implements pflag.Value.
func (*Span) Type() string { return "time" }

// MarshalText writes it as it is read.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// seconds is how long it is.
func (s Span) seconds() float64 { return time.Duration(s).Seconds() }
