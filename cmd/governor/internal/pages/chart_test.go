package pages

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func minutesAt(offsets ...time.Duration) (out []desk.Minute) {
	for i, d := range offsets {
		out = append(out, desk.Minute{Start: noon.Add(d), Approved: 1, Vetoed: int64(i), ByReason: map[string]int64{"silence": int64(i)}})
	}
	return out
}

// Nothing is lost between the minutes and the columns, however long it was; and there are never more columns than are told apart.
func TestAChartHasAllThatWasDecided(t *testing.T) {
	for _, c := range []struct {
		what  string
		after []time.Duration
		each  string
	}{
		{"one minute", []time.Duration{0}, "a minute"},
		{"half an hour", []time.Duration{0, time.Minute, 29 * time.Minute}, "a minute"},
		{"an hour", []time.Duration{0, 59 * time.Minute}, "2 minutes"},
		{"a day", []time.Duration{0, 3 * time.Hour, 24*time.Hour - time.Minute}, "an hour"},
		{"two days", []time.Duration{0, 48*time.Hour - time.Minute}, "2 hours"},
		{"a month", []time.Duration{0, 30 * 24 * time.Hour}, "a day"},
		{"a year", []time.Duration{0, 365 * 24 * time.Hour}, "2 weeks"},
		{"a life", []time.Duration{0, 20 * 365 * 24 * time.Hour}, ""},
	} {
		ms := minutesAt(c.after...)
		chart := newChart(ms)
		if len(chart.Columns) > mostColumns {
			t.Errorf("%s: %d columns", c.what, len(chart.Columns))
		}
		if c.each != "" && chart.Each != c.each {
			t.Errorf("%s: each is %s", c.what, chart.Each)
		}
		approved, vetoed := int64(0), int64(0)
		for i := range chart.Columns {
			one := &chart.Columns[i]
			approved, vetoed = approved+one.Approved, vetoed+one.Vetoed
			if one.VetoedY < -1e-9 || one.ApprovedY+one.ApprovedHigh > 100+1e-9 || one.VetoedY+one.VetoedHigh > one.ApprovedY+1e-9 {
				t.Errorf("%s: a column is outside the picture, or over another: %+v", c.what, one)
			}
		}
		if n := int64(len(ms)); approved != n || vetoed != n*(n-1)/2 {
			t.Errorf("%s: %d approved, %d vetoed", c.what, approved, vetoed)
		}
	}
	if c := newChart(nil); c.Columns != nil {
		t.Error("of nothing there is a picture")
	}
}

func TestATrendIsAsHighAsItsPeak(t *testing.T) {
	ms := minutesAt(0, 5*time.Minute, 9*time.Minute)
	c := newChart(ms)
	trend := c.trendOf(ms, func(m *desk.Minute) int64 { return m.ByReason["silence"] })
	if len(trend.Bars) != 2 || trend.Bars[1].High != 100 || trend.Bars[0].High != 50 || trend.Said != "most at 12:09: 2 in a minute" {
		t.Errorf("%+v", trend)
	}
	if none := c.trendOf(ms, func(*desk.Minute) int64 { return 0 }); none.Bars != nil {
		t.Errorf("%+v", none)
	}
}

func TestNumbersAreReadAtAGlance(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{share(0, 0), "–"}, {share(0, 7), "0 %"}, {share(1, 1000), "< 1 %"}, {share(999, 1000), "> 99 %"}, {share(7, 7), "100 %"}, {share(1, 3), "33 %"},
		{span(0), "0 ms"}, {span(900 * time.Millisecond), "900 ms"}, {span(2300 * time.Millisecond), "2.3 s"}, {span(94 * time.Second), "94 s"},
		{span(40 * time.Minute), "40 min"}, {span(26 * time.Hour), "26 h"}, {span(22 * 24 * time.Hour), "22 days"},
		{nearby(noon, noon.Add(time.Hour)), "12:00:00"}, {nearby(noon, noon.Add(24*time.Hour)), "4 May 2026, 12:00:00"}, {nearby(time.Time{}, noon), "–"},
		{words("cap.call.day"), "enough contacts already"}, {words("custom.x"), "a rule of this policy's own"}, {words("brand.new"), "brand.new"},
		{lineOf("policy.yaml:10:3"), "policy.yaml:10"}, {lineOf("core"), "core"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
	for n, want := range map[int64]int64{0: 2, 1: 2, 7: 8, 11: 12, 27: 30, 208: 240, 999: 1000, 1001: 1200, 105754: 120000} {
		if got := ceiling(n); got != want || got%2 != 0 {
			t.Errorf("the line above %d is %d, not %d", n, got, want)
		}
	}
}
