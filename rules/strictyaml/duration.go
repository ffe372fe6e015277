package strictyaml

import (
	"strconv"
	"strings"
	"time"
)

// longest is the longest duration: beyond all use, well within all arithmetic.
const longest = 36_500 * 24 * time.Hour

// Duration is a duration as Go writes it (72h, 1h30m, 250ms), and with d for
// exactly 24 hours. It is longer than nothing, no longer than a hundred years,
// and in whole milliseconds.
func (r *Reader) Duration(e Entry) (time.Duration, bool) {
	s, ok := r.Text(e)
	if !ok {
		return 0, false
	}
	d, ok := duration(s)
	switch _, err := strconv.ParseFloat(s, 64); {
	case strings.HasPrefix(s, "-") || (ok && d == 0) || (err == nil && strings.Trim(s, "0.") == ""):
		r.Wrong(e.Value, "%q must be longer than nothing, not %s: write for example %s, or leave it out", e.Key.Value, s, e.Write)
	case err == nil:
		r.Wrong(e.Value, "%q has no unit: write for example %sm, %sh or %sd", e.Key.Value, s, s, s)
	case !ok:
		r.Wrong(e.Value, "%q must be a duration, not %s: write for example %s, with the units d (24h), h, m, s, ms", e.Key.Value, Describe(e.Value), e.Write)
	case d%time.Millisecond != 0:
		r.Wrong(e.Value, "%q is finer than the millisecond that everything is counted in: write for example %s", e.Key.Value, d.Round(time.Millisecond))
	case d > longest:
		r.Wrong(e.Value, "%q is longer than a hundred years: write for example %s", e.Key.Value, e.Write)
	default:
		return d, true
	}
	return 0, false
}

// duration reads what Go writes, with whole days in front if wanted. What is
// longer than the longest may come out as any length beyond it.
func duration(s string) (time.Duration, bool) {
	var days time.Duration
	if whole, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(whole, 10, 32)
		if err != nil {
			return 0, false
		}
		days = time.Duration(min(n, uint64(longest/(24*time.Hour)+1))) * 24 * time.Hour
		if rest == "" {
			return days, true
		}
		s = rest
	}
	if s[0] < '0' || s[0] > '9' { // ParseDuration takes signs, and a point without a digit
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return days + min(d, longest+time.Hour), err == nil
}
