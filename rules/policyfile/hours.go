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
	exampleWeek  = "[" + exampleSpan + ", {days: sat-sun, closed: true}]"
	exampleHours = "[{of: {channel: [sms, call]}, outside: {days: mon-sun, from: 09:00, to: 20:00}}]"
)

// quietHours reads when channels are closed: outside of the given hours.
func (r *reader) quietHours(e entry) {
	for _, item := range r.Items(e) {
		var w week
		h := rules.HoursSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		ok := r.rule(item, "quiet hours", &h.Terms, r.hoursFields(&h, &w)...)
		for _, s := range w.spans {
			if !s.closed {
				h.Open = append(h.Open, s.OpenSpec)
			}
		}
		// Hours of a week that has gaps can be checked for all else.
		if ok && len(h.Open) > 0 {
			r.spec.Hours = append(r.spec.Hours, h)
		}
		if !w.misled {
			r.everyDay(&w)
		}
	}
}

func (r *reader) hoursFields(h *rules.HoursSpec, w *week) []strictyaml.Field {
	w.misled = true
	return []strictyaml.Field{
		strictyaml.Must("of", "{channel: [sms, call]}", r.selector(&h.Binds)),
		strictyaml.Must("outside", exampleWeek, func(e entry) {
			w.at = e
			items := r.Items(e)
			w.misled = len(items) == 0
			for _, item := range items {
				r.span(item, w)
			}
		}),
	}
}

// week is what is said of the days of one.
type week struct {
	at     entry
	spans  []span
	misled bool // some of it could not be read
}

// span is some hours of some days, or some days that are closed.
type span struct {
	rules.OpenSpec
	entry
	named  bool // its days could be read
	closed bool
}

func (r *reader) span(e entry, w *week) {
	s := span{OpenSpec: rules.OpenSpec{Line: r.At(e.Value)}, entry: e}
	if r.Mapping(e, "a span of hours", r.spanFields(&s, has(e.Value, "closed"))...) && !s.closed && s.From >= s.To {
		r.Wrong(e.Value, "hours must open before they close: write a night as two spans, until 24:00 and from 00:00")
	}
	w.misled = w.misled || !s.named
	w.spans = append(w.spans, s)
}

// everyDay checks that every day of the week is named, open or closed and not
// both. Hours that overlap are the compiler's.
func (r *reader) everyDay(w *week) {
	var (
		missing []string
		open    bool
	)
	for _, day := range [7]int{1, 2, 3, 4, 5, 6, 0} {
		var first *span
		for i := range w.spans {
			switch s := &w.spans[i]; {
			case !s.Days[day]:
			case first == nil:
				first = s
			default:
				r.once(weekdays()[day], first, s)
			}
		}
		if first == nil {
			missing = append(missing, weekdays()[day])
		}
		open = open || first != nil && !first.closed
	}
	switch {
	case len(missing) > 0:
		r.Wrong(w.at.Value, "nothing is said of %[1]s, and a week has no gap: write hours for %[2]s, or {days: [%[1]s], closed: true}",
			strings.Join(missing, ", "), plural(len(missing), "it", "them"))
	case !open:
		r.Wrong(w.at.Value, "every day is closed, which forbids the channel for good: write a cap with at_most: 0 if that is meant")
	}
}

// once checks a day that two spans name.
func (r *reader) once(day string, first, s *span) {
	line := first.Line.Line
	switch {
	case first.closed && s.closed:
		r.Wrong(s.Value, "%s is closed twice, first at line %d: keep one", day, line)
	case first.closed:
		r.Wrong(s.Value, "%s has hours here, and is closed at line %d: keep one", day, line)
	case s.closed:
		r.Wrong(s.Value, "%s is closed here, and has hours at line %d: keep one", day, line)
	}
}

func (r *reader) spanFields(s *span, isClosed bool) []strictyaml.Field {
	days := strictyaml.Must("days", "mon-fri", func(d entry) {
		before := r.Failures()
		for _, item := range r.Items(d) {
			r.days(item, &s.Days)
		}
		s.named = r.Failures() == before
	})
	closed := strictyaml.May("closed", "true", func(c entry) {
		s.closed = true
		if yes, ok := r.Bool(c); ok && !yes {
			r.Wrong(c.Value, "what is not closed has hours: write from and to instead")
		}
	})
	if isClosed {
		const why = "what is closed has no hours: leave the key out"
		return []strictyaml.Field{days, closed, strictyaml.Never("from", why), strictyaml.Never("to", why)}
	}
	return []strictyaml.Field{
		days, closed,
		strictyaml.Must("from", "09:00", r.clock(&s.From)),
		strictyaml.Must("to", "20:00", r.clock(&s.To)),
	}
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
