package policyfile

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// The years that a policy can be about. What is beyond them is mistyped.
const (
	firstYear = 2000
	lastYear  = 2999
)

// date reads a day of one year.
func (r *reader) date(into *rules.Date) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		d, ok := dateOf(s)
		switch {
		case !ok || d.Year == 0:
			r.Wrong(e.Value, "%q must be a day as year, month and day, not %s: write for example %s", e.Key.Value, strictyaml.Describe(e.Value), e.Write)
		case d.Year < firstYear || d.Year > lastYear:
			r.Wrong(e.Value, "the year %d is none that a policy is about: write for example %s", d.Year, e.Write)
		case !exists(d):
			r.Wrong(e.Value, "there is no day %s: write for example %s", s, e.Write)
		default:
			*into = d
		}
	}
}

// dateOf reads 2026-12-25 and, with the year 0, 12-25. Whether there is such a
// day is another question.
func dateOf(s string) (rules.Date, bool) {
	var numbers []int
	for i, part := range strings.Split(s, "-") {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) != 2 && (i > 0 || len(part) != 4) {
			return rules.Date{}, false
		}
		numbers = append(numbers, int(n))
	}
	switch {
	case len(numbers) == 3 && len(s) == len("2026-12-25"):
		return rules.Date{Year: numbers[0], Month: time.Month(numbers[1]), Day: numbers[2]}, true
	case len(numbers) == 2 && len(s) == len("12-25"):
		return rules.Date{Month: time.Month(numbers[0]), Day: numbers[1]}, true
	}
	return rules.Date{}, false
}

// exists says whether there is such a day, in its year or, without one, in a leap
// year.
func exists(d rules.Date) bool {
	year := d.Year
	if year == 0 {
		year = 2000
	}
	t := time.Date(year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return t.Month() == d.Month && t.Day() == d.Day
}

func before(a, b rules.Date) bool {
	return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day)) < 0
}
