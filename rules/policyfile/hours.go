package policyfile

import (
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const (
	exampleSpan  = "{days: mon-fri, from: 09:00, to: 20:00}"
	exampleHours = "[{of: {channel: [sms, call]}, outside: " + exampleSpan + "}]"
)

// quietHours reads when channels are closed: outside of the given hours.
func (r *reader) quietHours(e entry) {
	for _, item := range r.Items(e) {
		h := rules.HoursSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		ok := r.Mapping(item, "quiet hours",
			strictyaml.Must("of", "{channel: [sms, call]}", r.selector(&h.Binds)),
			strictyaml.Must("outside", exampleSpan, func(o entry) {
				for _, span := range r.Items(o) {
					h.Open = append(h.Open, r.open(span))
				}
			}),
		)
		if ok {
			r.spec.Hours = append(r.spec.Hours, h)
		}
	}
}

func (r *reader) open(e entry) rules.OpenSpec {
	o := rules.OpenSpec{Line: r.At(e.Value)}
	if r.Mapping(e, "a span of hours",
		strictyaml.Must("days", "mon-fri", func(d entry) {
			for _, item := range r.Items(d) {
				r.days(item, &o.Days)
			}
		}),
		strictyaml.Must("from", "09:00", r.clock(&o.From)),
		strictyaml.Must("to", "20:00", r.clock(&o.To)),
	) && o.From >= o.To {
		r.Wrong(e.Value, "hours must open before they close: write a night as two spans, until 24:00 and from 00:00")
	}
	return o
}

// weekdays are the words for the days, in the order of time.Weekday.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// days reads one day, or a range of them that may go over the end of the week.
func (r *reader) days(e entry, into *[7]bool) {
	s, ok := r.Text(e)
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
			r.Wrong(e.Value, "unknown day %q (a range is written mon-fri): %s", name, strictyaml.Suggest(name, weekdays()))
		}
	}
	if from < 0 || to < 0 {
		return
	}
	for day := from; ; day = (day + 1) % 7 {
		if into[day] {
			r.Wrong(e.Value, "%s is among the days twice: keep one", weekdays()[day])
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
		s, ok := r.Text(e)
		if !ok {
			return
		}
		t, err := time.Parse("15:04", s)
		switch {
		case s == "24:00":
			*into = 24 * time.Hour
		case err != nil || len(s) != len("09:00"):
			r.Wrong(e.Value, "%q must be a time of day from 00:00 to 24:00, not %s: write for example %s", e.Key.Value, strictyaml.Describe(e.Value), e.Write)
		default:
			*into = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
		}
	}
}
