package pages

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

// mostColumns is how many columns a chart has at most: more are not told apart on a telephone.
const mostColumns = 48

// chart is what was wanted over time, as columns. Its picture is drawn by the template; the same is
// in a table below it.
type chart struct {
	Columns []column
	Width   int    // of the picture, in its own units
	Each    string // how long a column is, in words
	Top     string // what the highest line stands for
	Middle  string // half of it
	From    string // beneath the first column
	Half    string // beneath the middle
	To      string // beneath the last
	Said    string // in one sentence

	start time.Time
	width time.Duration
}

// column is what was decided in one stretch of time.
type column struct {
	From             time.Time
	When             string
	Approved, Vetoed int64
	Reason           string // the most frequent

	// in the picture, which is 100 high
	X, ApprovedY, ApprovedHigh, VetoedY, VetoedHigh float64
}

// Wanted is how many intents there were.
func (c *column) Wanted() int64 { return c.Approved + c.Vetoed }

// columnWide is how wide a column is in the picture, and columnApart how far from the next.
const columnWide, columnApart = 8, 10

// lengths are how long columns may be.
func lengths() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day,
	}
}

// newChart draws the minutes, the oldest first.
func newChart(minutes []desk.Minute) chart {
	if len(minutes) == 0 {
		return chart{}
	}
	first, last := minutes[0].Start, minutes[len(minutes)-1].Start
	c := chart{width: length(last.Sub(first) + time.Minute)}
	c.start = first.Truncate(c.width)
	n := int(last.Sub(c.start)/c.width) + 1
	c.Columns, c.Width = make([]column, n), n*columnApart
	reasons := make([]map[string]int64, n)
	for i := range c.Columns {
		c.Columns[i].From = c.start.Add(time.Duration(i) * c.width)
		reasons[i] = make(map[string]int64)
	}
	for i := range minutes {
		m := &minutes[i]
		at := c.at(m.Start)
		c.Columns[at].Approved += m.Approved
		c.Columns[at].Vetoed += m.Vetoed
		for reason, count := range m.ByReason {
			reasons[at][reason] += count
		}
	}
	c.draw(reasons)
	return c
}

// length is how long each column is, so that there are not too many.
func length(all time.Duration) time.Duration {
	for _, each := range lengths() {
		if all <= (mostColumns-1)*each { // one more where they do not begin together
			return each
		}
	}
	return all/(mostColumns-1) + 1
}

func (c *chart) at(t time.Time) int {
	return min(max(0, int(t.Sub(c.start)/c.width)), len(c.Columns)-1)
}

// draw gives every column its place, and the axes their words.
func (c *chart) draw(reasons []map[string]int64) {
	most, approved, vetoed := int64(0), int64(0), int64(0)
	for i := range c.Columns {
		most = max(most, c.Columns[i].Wanted())
		approved, vetoed = approved+c.Columns[i].Approved, vetoed+c.Columns[i].Vetoed
	}
	top := ceiling(most)
	for i := range c.Columns {
		one := &c.Columns[i]
		one.When, one.Reason = c.when(one.From), largest(reasons[i])
		one.X = float64(i*columnApart + (columnApart-columnWide)/2)
		one.ApprovedHigh, one.VetoedHigh = 100*float64(one.Approved)/float64(top), 100*float64(one.Vetoed)/float64(top)
		one.ApprovedY = 100 - one.ApprovedHigh
		one.VetoedY = one.ApprovedY - one.VetoedHigh
	}
	c.Each, c.Top, c.Middle = eachOf(c.width), number(top), number(top/2)
	last := len(c.Columns) - 1
	c.From, c.To = c.Columns[0].When, c.Columns[last].When
	if last > 1 {
		c.Half = c.Columns[last/2].When
	}
	c.Said = fmt.Sprintf("From %s to %s, %s contacts were wanted: %s were approved and %s vetoed.",
		minute(c.start), minute(c.Columns[last].From.Add(c.width)), number(approved+vetoed), number(approved), number(vetoed))
}

// when is what stands beneath a column.
func (c *chart) when(at time.Time) string {
	days := c.width >= 24*time.Hour
	long := time.Duration(len(c.Columns))*c.width > 24*time.Hour
	years := c.Columns[0].From.Year() != c.Columns[len(c.Columns)-1].From.Year()
	switch {
	case days && years:
		return written(at, "2 Jan 2006")
	case days:
		return written(at, "2 Jan")
	case long:
		return written(at, "2 Jan 15:04")
	}
	return written(at, "15:04")
}

func eachOf(d time.Duration) string {
	unit := func(n int64, one string) string {
		if n == 1 {
			return "a " + one
		}
		return fmt.Sprintf("%d %ss", n, one)
	}
	const day = 24 * time.Hour
	switch {
	case d%(7*day) == 0:
		return unit(int64(d/(7*day)), "week")
	case d%day == 0:
		return unit(int64(d/day), "day")
	case d == time.Hour:
		return "an hour"
	case d%time.Hour == 0:
		return unit(int64(d/time.Hour), "hour")
	}
	return unit(int64(d/time.Minute), "minute")
}

// ceiling is a round number that is not less, and has a half.
func ceiling(n int64) int64 {
	for _, few := range []int64{2, 4, 6, 8, 10} {
		if n <= few {
			return few
		}
	}
	for unit := int64(1); ; unit *= 10 {
		for _, times := range []int64{12, 16, 20, 24, 30, 40, 50, 60, 80, 100} {
			if n <= unit*times {
				return unit * times
			}
		}
	}
}

// largest is the reason that there is most of; of equals the first by name.
func largest(counts map[string]int64) string {
	best := ""
	for name, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && name < best {
			best = name
		}
	}
	return best
}

// trend is how something went over the time of a chart, as a small picture beside its numbers.
type trend struct {
	Width int
	Bars  []bar
	Said  string
}

type bar struct{ X, Y, High float64 }

// trendOf draws what counts says of each minute.
func (c *chart) trendOf(minutes []desk.Minute, counts func(*desk.Minute) int64) trend {
	if len(c.Columns) == 0 {
		return trend{}
	}
	sums := make([]int64, len(c.Columns))
	for i := range minutes {
		sums[c.at(minutes[i].Start)] += counts(&minutes[i])
	}
	most := slices.Max(sums)
	if most == 0 {
		return trend{}
	}
	t := trend{Width: c.Width}
	peak := slices.Index(sums, most)
	for i, n := range sums {
		if n > 0 {
			high := max(6, 100*float64(n)/float64(most))
			t.Bars = append(t.Bars, bar{float64(i*columnApart + 1), 100 - high, high})
		}
	}
	t.Said = fmt.Sprintf("most at %s: %s in %s", c.Columns[peak].When, number(most), c.Each)
	return t
}

// row is one name and what was decided about it.
type row struct {
	Name, Words      string
	Approved, Vetoed int64
	Share            string  // of what was wanted, that was vetoed; of a reason, of all vetoes
	Bar              float64 // the same, of 100
	Trend            trend
}

// Wanted is how many intents there were.
func (r *row) Wanted() int64 { return r.Approved + r.Vetoed }

// mostRows is how many of a list are shown; what is beyond is in exports.
const mostRows = 12

// rows are those of a list, the largest first; minutes has how many of each were vetoed in a minute.
func (c *chart) rows(shares []desk.Share, minutes []desk.Minute, of func(*desk.Minute) map[string]desk.Tally) []row {
	var out []row
	for _, s := range shares[:min(len(shares), mostRows)] {
		r := row{
			Name: s.Name, Approved: s.Approved, Vetoed: s.Vetoed, Share: share(s.Vetoed, s.Approved+s.Vetoed),
			Trend: c.trendOf(minutes, func(m *desk.Minute) int64 { return of(m)[s.Name].Vetoed }),
		}
		if all := s.Approved + s.Vetoed; all > 0 {
			r.Bar = 100 * float64(s.Vetoed) / float64(all)
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(b.Wanted(), a.Wanted()) })
	return out
}
