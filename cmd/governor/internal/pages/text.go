package pages

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// absent is what stands where there is nothing to be told.
const absent = "–"

// number writes thousands apart.
func number(n int64) string { return page.Number(int(n)) }

// share is how many of so many, in per cent. What is not all is never 100, and what is not
// nothing never 0.
func share(part, whole int64) string {
	if whole <= 0 {
		return absent
	}
	percent := int(math.Round(100 * float64(part) / float64(whole)))
	switch {
	case percent == 100 && part < whole:
		return "> 99 %"
	case percent == 0 && part > 0:
		return "< 1 %"
	}
	return strconv.Itoa(percent) + " %"
}

// span is how long something took, in one unit, so that it is read at a glance.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return absent
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// All times are in UTC.

// day is a date.
func day(at time.Time) string { return written(at, "2 January 2006") }

// minute is a date and the time of the day.
func minute(at time.Time) string { return written(at, "2 Jan 2006, 15:04") }

// second is the same, to the second.
func second(at time.Time) string { return written(at, "2 Jan 2006, 15:04:05") }

// machine is an instant as a program reads it.
func machine(at time.Time) string { return written(at, "2006-01-02T15:04:05.000Z") }

func written(at time.Time, layout string) string {
	if at.IsZero() {
		return absent
	}
	return at.UTC().Format(layout)
}

// nearby is an instant, without the date where it is that of the present.
func nearby(at, now time.Time) string {
	if at.IsZero() {
		return absent
	}
	if day(at) == day(now) {
		return written(at, "15:04:05")
	}
	return second(at)
}
