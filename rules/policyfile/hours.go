package policyfile

import (
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

const (
	exampleSpan  = "{days: mon-fri, from: 09:00, to: 20:00}"
	exampleHours = "[{of: {channel: [sms, call]}, outside: " + exampleSpan + "}]"
)

// quietHours reads when channels are closed: outside of the given hours.
func (r *reader) quietHours(e entry) {
	for _, item := range r.items(e) {
		h := rules.HoursSpec{Line: r.at(item.value)}
		ok := r.mapping(item, "quiet hours",
			field{"of", "{channel: [sms, call]}", must, r.selector(&h.Binds)},
			field{"outside", exampleSpan, must, func(o entry) {
				for _, span := range r.items(o) {
					h.Open = append(h.Open, r.open(span))
				}
			}},
		)
		if ok {
			r.spec.Hours = append(r.spec.Hours, h)
		}
	}
}

func (r *reader) open(e entry) rules.OpenSpec {
	o := rules.OpenSpec{Line: r.at(e.value)}
	if r.mapping(e, "a span of hours",
		field{"days", "mon-fri", must, func(d entry) {
			for _, item := range r.items(d) {
				r.days(item, &o.Days)
			}
		}},
		field{"from", "09:00", must, r.clock(&o.From)},
		field{"to", "20:00", must, r.clock(&o.To)},
	) && o.From >= o.To {
		r.wrong(e.value, "hours must open before they close: write a night as two spans, until 24:00 and from 00:00")
	}
	return o
}

// weekdays are the words for the days, in the order of time.Weekday.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// days reads one day, or a range of them that may go over the end of the week.
func (r *reader) days(e entry, into *[7]bool) {
	s, ok := r.scalar(e)
	if !ok {
		return
	}
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, to := slices.Index(weekdays(), first), slices.Index(weekdays(), last)
	for i, name := range []string{first, last} {
		if !slices.Contains(weekdays(), name) && (i == 0 || isRange) {
			r.wrong(e.value, "unknown day %q (a range is written mon-fri): %s", name, suggest(name, weekdays()))
		}
	}
	if from < 0 || to < 0 {
		return
	}
	for day := from; ; day = (day + 1) % 7 {
		if into[day] {
			r.wrong(e.value, "%s is among the days twice: keep one", weekdays()[day])
			return
		}
		into[day] = true
		if day == to {
			return
		}
	}
}

// clock reads a time of day: the time since midnight.
func (r *reader) clock(into *time.Duration) func(entry) {
	return func(e entry) {
		s, ok := r.scalar(e)
		if !ok {
			return
		}
		t, err := time.Parse("15:04", s)
		switch {
		case s == "24:00":
			*into = 24 * time.Hour
		case err != nil || len(s) != len("09:00"):
			r.wrong(e.value, "%q must be a time of day from 00:00 to 24:00, not %s: write for example %s", e.key.Value, describe(e.value), e.write)
		default:
			*into = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
		}
	}
}
