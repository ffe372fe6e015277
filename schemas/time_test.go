package schemas

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// "All times are RFC 3339 with up to milliseconds; a time without an offset is
// an error."
func TestParseTime(t *testing.T) {
	noon := TimeOf(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		in   string
		want Time
	}{
		{"2026-05-01T12:00:00Z", noon},
		{"2026-05-01T12:00:00-00:00", noon},
		{"2026-05-01T14:00:00+02:00", noon},
		{"2026-05-01T06:30:00-05:30", noon},
		{"2026-05-02T11:59:00+23:59", noon},
		{"2026-05-01T12:00:00.5Z", noon + 500},
		{"2026-05-01T12:00:00.05Z", noon + 50},
		{"2026-05-01T12:00:00.005Z", noon + 5},
		{"2026-05-01T12:00:00.005000Z", noon + 5}, // zeros say no more
		{"2000-01-01T00:00:00Z", firstTime},
		{"9998-12-31T23:59:59.999Z", lastTime - 1},
	} {
		if got, err := ParseTime(c.in); err != nil || got != c.want {
			t.Errorf("%s is %d, %v; want %d", c.in, got, err, c.want)
		}
	}
}

// Each refusal says what to write instead; testdata/intent has them in full.
func TestParseTimeRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "is not a time",
		"now":                             "is not a time",
		"2026-05-01":                      "is not a time",
		"2026-05-01t10:00:00z":            "is not a time",
		"02026-05-01T10:00:00Z":           "is not a time",
		"2026-05-01T10:00:0xZ":            "is not a time",
		"2026-05-01T10:00:00":             "has no offset",
		"2026-05-01T10:00:00.000":         "has no offset",
		"2026-05-01T10:00:00ZZ":           "does not end in an offset",
		"2026-05-01T10:00:00 Z":           "does not end in an offset",
		"2026-05-01T10:00:00+2:00":        "does not end in an offset",
		"2026-05-01T10:00:00+0x:00":       "an offset that does not exist",
		"2026-05-01T10:00:00+02:60":       "an offset that does not exist",
		"2026-05-01T10:00:00.0001Z":       "finer than a millisecond",
		"2026-05-01T10:00:00.0000000001Z": "finer than a millisecond",
		"2026-05-01T10:00:00.Z":           "a point without digits",
		"2026-04-31T10:00:00Z":            "not in the calendar",
		"2026-02-29T10:00:00Z":            "not in the calendar",
		"2026-00-01T10:00:00Z":            "not in the calendar",
		"2026-01-00T10:00:00Z":            "not in the calendar",
		"2026-05-01T24:00:00Z":            "a time of day that does not exist",
		"2026-05-01T10:60:00Z":            "a time of day that does not exist",
		"2026-05-01T10:00:61Z":            "a time of day that does not exist",
		"2016-12-31T23:59:60Z":            "a leap second",
		"1970-01-01T00:00:00Z":            "the clock was never set",
		"0000-01-01T00:00:00Z":            "the clock was never set",
		"1999-12-31T23:59:59.999Z":        "the clock was never set",
		"9999-01-01T00:00:00Z":            "beyond what is accepted",
	} {
		got, err := ParseTime(in)
		if err == nil || got != 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %d, %v; want an error with %q", in, got, err, want)
		}
	}
}

// Every eleventh day from 2000 to 9998 is the day that the standard library says.
func TestTimeKeepsTheCalendar(t *testing.T) {
	const odd = 12*3600*1000 + 34*60*1000 + 56*1000 + 789
	for at := firstTime + odd; at < lastTime; at += 11 * dayMillis {
		text := at.String()
		if want := at.Std().Format("2006-01-02T15:04:05.000Z"); text != want {
			t.Fatalf("%d is written %s, want %s", at, text, want)
		}
		if back, err := ParseTime(text); err != nil || back != at {
			t.Fatalf("%s is read %d, %v; want %d", text, back, err, at)
		}
	}
}

func TestTimeAppend(t *testing.T) {
	for at, want := range map[Time]string{
		0:            "",
		firstTime:    "2000-01-01T00:00:00.000Z",
		lastTime - 1: "9998-12-31T23:59:59.999Z",
		// What is outside is not on the wire, but a log line may still show it.
		1:        "1970-01-01T00:00:00.001Z",
		-1:       "1969-12-31T23:59:59.999Z",
		lastTime: "9999-01-01T00:00:00.000Z",
	} {
		if got := at.String(); got != want {
			t.Errorf("%d is written %q, want %q", at, got, want)
		}
	}
	if !Time(0).Std().IsZero() {
		t.Error("no time should be the zero time.Time")
	}
	if at := time.Date(2026, 5, 1, 12, 0, 0, 1999999, time.UTC); TimeOf(at).String() != "2026-05-01T12:00:00.001Z" {
		t.Errorf("TimeOf should round down: %s", TimeOf(at))
	}
}

func TestTimeDoesNotAllocate(t *testing.T) {
	text := []byte("2026-05-01T14:00:00.250+02:00")
	buf := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		at, _ := ParseTime(text)
		buf = at.Append(buf[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The oracle is the standard library, and a pattern where that is laxer than
// RFC 3339. What ParseTime accepts is the same instant there; what it refuses
// of it, it refuses for the range or for the precision.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-05-01T12:00:00Z", "2026-05-01T12:00:00.123+02:00", "2000-01-01T00:00:00.000000-23:59",
		"9998-12-31T23:59:59.999Z", "2026-02-30T12:00:00Z", "2026-05-01T12:00:00.1234Z", "2026-05-01T12:00:00,5Z", "",
		"2016-12-31T23:59:60Z", "2026-05-01T24:00:00Z", "1999-12-31T23:59:59Z", "2026-05-01T12:00:00+24:00", "2026-05-01T1:00:00Z"} {
		f.Add(s)
	}
	shape := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		std, stdErr := time.Parse(time.RFC3339, s)
		if err == nil {
			if stdErr != nil || !std.Equal(got.Std()) {
				t.Fatalf("%q is %s; the standard library says %s, %v", s, got, std, stdErr)
			}
			if back, err := ParseTime(got.String()); err != nil || back != got {
				t.Fatalf("%q is written %s and read %s, %v", s, got, back, err)
			}
			return
		}
		if stdErr == nil && shape.MatchString(s) && std.Nanosecond()%1e6 == 0 &&
			TimeOf(std) >= firstTime && TimeOf(std) < lastTime {
			t.Fatalf("%q is refused: %v; the standard library says %s", s, err, std)
		}
	})
}
