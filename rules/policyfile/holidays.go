package policyfile

import (
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const exampleHolidays = "[{of: {channel: call}, closed: [01-01, easter+1, 12-25]}]"

// How far from Easter Sunday a holiday can be and always be in the same year.
const (
	firstOfYear = -80 // from 22 March, the earliest
	lastOfYear  = 250 // from 25 April, the latest
)

// holidays reads the days of the year on which channels are closed.
func (r *reader) holidays(e entry) {
	for _, item := range r.Items(e) {
		h := rules.HolidaySpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "a list of holidays", &h.Terms, r.holidayFields(&h)...) {
			r.spec.Holidays = append(r.spec.Holidays, h)
		}
	}
}

func (r *reader) holidayFields(h *rules.HolidaySpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("of", "{channel: call}", r.selector(&h.Binds)),
		strictyaml.Must("closed", "[01-01, easter+1, 12-25, 2026-12-24]", func(e entry) {
			for _, item := range r.Items(e) {
				if d, ok := r.holiday(item); ok {
					r.another(item, h.Days, d)
					h.Days = append(h.Days, d)
				}
			}
		}),
	}
}

// holiday reads 12-25, 2026-12-24, easter, easter+1 or easter-2.
func (r *reader) holiday(e entry) (rules.HolidayDay, bool) {
	s, ok := r.Text(e)
	if !ok {
		return rules.HolidayDay{}, false
	}
	h := rules.HolidayDay{Line: r.At(e.Value)}
	if days, easter := strings.CutPrefix(s, "easter"); easter && days != "" {
		h.Easter = true
		n, err := strconv.ParseInt(days, 10, 16)
		h.Offset = int(n)
		switch digits := strings.TrimLeft(days, "+-"); {
		case err != nil || len(days)-len(digits) != 1 || digits[0] == '0':
			r.Wrong(e.Value, "%q is no day: write for example easter+1 or easter-2", s)
			return h, false
		case h.Offset < firstOfYear || h.Offset > lastOfYear:
			r.Wrong(e.Value, "%s may be in another year: write from easter%d to easter+%d", s, firstOfYear, lastOfYear)
			return h, false
		}
		return h, true
	}
	if s == "easter" {
		h.Easter = true
		return h, true
	}
	d, ok := dateOf(s)
	switch {
	case !ok:
		r.Wrong(e.Value, "%q must be days, not %s: write 12-25 for every year, 2026-12-24 for one, or easter+1", e.Key.Value, strictyaml.Describe(e.Value))
	case d.Year != 0 && (d.Year < firstYear || d.Year > lastYear):
		r.Wrong(e.Value, "the year %d is none that a policy is about: write for example 2026-12-24", d.Year)
	case len(s) > len("12-25") && d.Year == 0, !exists(d):
		r.Wrong(e.Value, "there is no day %s: write for example 12-25, or 2026-12-24", s)
	default:
		h.Date = d
		return h, true
	}
	return h, false
}

// another checks that a day of one year is not closed every year. That a day is
// there twice, the list says itself.
func (r *reader) another(e entry, days []rules.HolidayDay, d rules.HolidayDay) {
	for _, o := range days {
		everyYear := (o.Date.Year == 0) != (d.Date.Year == 0)
		if !o.Easter && !d.Easter && everyYear && o.Date.Month == d.Date.Month && o.Date.Day == d.Date.Day {
			r.Wrong(e.Value, "this day of the year is there twice, first at line %d, once for one year and once for all: keep the latter", o.Line.Line)
		}
	}
}
