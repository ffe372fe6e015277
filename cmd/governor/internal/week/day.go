package week

import (
	"fmt"
	"time"
)

// day is a day of the calendar where the person may be. It is longer or shorter
// than 24 hours where clocks change.
type day struct {
	start, end time.Time
}

// dayOf is the n-th day after the one that has the instant, in its zone.
func dayOf(from time.Time, n int) day { return day{firstOf(from, n), firstOf(from, n+1)} }

// firstOf is the first instant of the n-th day after. Midnight may not exist, or
// may come twice; noon always comes, and once.
func firstOf(from time.Time, n int) time.Time {
	year, month, of := from.Date()
	at := time.Date(year, month, of+n, 12, 0, 0, 0, from.Location())
	for today := at.YearDay(); at.Add(-time.Minute).YearDay() == today; {
		at = at.Add(-time.Minute)
	}
	return at
}

// name is Mon 30 Mar.
func (d *day) name() string { return d.start.Format("Mon _2 Jan") }

// changes says what the clocks of the zone do in the day.
func (d *day) changes(z *time.Location) (notes []string) {
	for at := d.start; at.Before(d.end); at = at.Add(time.Minute) {
		_, before := at.In(z).Zone()
		_, after := at.Add(time.Minute).In(z).Zone()
		if before == after {
			continue
		}
		to := at.Add(time.Minute)
		from := to.In(time.FixedZone("", before)) // what clocks would have shown
		what := "what is between does not exist"
		if after < before {
			what = "what is between comes twice"
		}
		notes = append(notes, fmt.Sprintf("%s, %s: clocks go from %s to %s; %s", d.name(), z, from.Format("15:04"), to.In(z).Format("15:04"), what))
	}
	return notes
}
