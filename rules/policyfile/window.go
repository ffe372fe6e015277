package policyfile

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// mostDays is the longest window of calendar days.
const mostDays = 1000

// The windows that a rule can have, for whoever wrote another.
const (
	anyWindow   = "24h, 7 calendar days, calendar week, calendar month, successive 30d or ever"
	slidingOnly = "7 calendar days or 72h"
	periodsOnly = "successive 30d, calendar month, calendar week or calendar day"
)

// window reads a time over which contacts are counted, of one of these kinds.
func (r *reader) window(into *rules.Window, write string, kinds ...rules.WindowKind) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		w, known := r.windowOf(e, s)
		switch {
		case !known && write == anyWindow:
			r.Wrong(e.Value, "%q must be a window, not %s: write %s", e.Key.Value, strictyaml.Describe(e.Value), meant(s))
		case !known:
			r.Wrong(e.Value, "%q must be a window, not %s: write for example %s", e.Key.Value, strictyaml.Describe(e.Value), write)
		case w == rules.Window{}: // wrong, and said so
		case !slices.Contains(kinds, w.Kind):
			r.Wrong(e.Value, "%q cannot be %q: write for example %s", e.Key.Value, s, write)
		default:
			*into = w
		}
	}
}

// windowOf is the window that the words are, and whether they are one at all. The
// zero value is one with a mistake in it, which was told.
func (r *reader) windowOf(e entry, s string) (w rules.Window, known bool) {
	words := strings.Split(s, " ")
	first, last := words[0], words[len(words)-1]
	switch {
	case s == "ever":
		return rules.Window{Kind: rules.Ever}, true
	case s == "calendar day":
		return rules.Window{Kind: rules.CalendarDays, Days: 1}, true
	case s == "calendar week":
		return rules.Window{Kind: rules.CalendarWeek}, true
	case s == "calendar month":
		return rules.Window{Kind: rules.CalendarMonth}, true
	case len(words) == 3 && words[1] == "calendar" && (last == "days" || last == "day"):
		return r.calendarDays(e, first, last), true
	case len(words) == 2 && first == "successive" && last != "":
		// The duration begins where its word does.
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: last, Line: e.Value.Line, Column: e.Value.Column + len("successive ")}
		if d, ok := r.Duration(entry{Key: e.Key, Value: n, Write: "30d"}); ok {
			w = rules.Window{Kind: rules.Successive, Length: d}
		}
		return w, true
	case len(words) == 1 && strings.Trim(s[:1], "0123456789+-.") == "":
		w.Length, _ = r.Duration(e)
		return w, true
	}
	return w, false
}

func (r *reader) calendarDays(e entry, number, unit string) rules.Window {
	n, err := strconv.ParseUint(number, 10, 16)
	switch {
	case err != nil || n < 1 || n > mostDays || number[0] == '0':
		r.Wrong(e.Value, "a window has from 1 to %d calendar days, not %s: write for example 7 calendar days", mostDays, number)
	case n == 1 && unit != "day":
		r.Wrong(e.Value, "one day is no days: write calendar day")
	case n > 1 && unit != "days":
		r.Wrong(e.Value, "%d days are more than one day: write %d calendar days", n, n)
	default:
		return rules.Window{Kind: rules.CalendarDays, Days: int(n)}
	}
	return rules.Window{}
}

// meant is what whoever wrote a word for a time may have meant: so long, whenever
// it began, or a part of the calendar. It is for them to say.
func meant(s string) string {
	if n, unit, ok := strings.Cut(s, " "); ok && unit == "days" && strings.Trim(n, "0123456789") == "" {
		return n + "d for so many times 24 hours in a row, or " + n + " calendar days for whole days of the calendar"
	}
	for _, c := range []struct{ word, long, calendar string }{
		{"day", "24h for 24 hours in a row", "calendar day for midnight to midnight"},
		{"daily", "24h for 24 hours in a row", "calendar day for midnight to midnight"},
		{"week", "7d for 168 hours in a row", "calendar week for Monday to Sunday, or 7 calendar days"},
		{"month", "30d for 720 hours in a row", "calendar month for the first to the last, or 30 calendar days"},
	} {
		if strings.Contains(strings.ToLower(s), c.word) {
			return c.long + ", or " + c.calendar
		}
	}
	return "for example " + anyWindow
}

// keys reads what contacts are told apart by: one word, or a list of them.
func (r *reader) keys(into *[]rules.Key, known ...rules.Key) func(entry) {
	return func(e entry) {
		for _, item := range r.Items(e) {
			if item.Value.Value == "person" {
				r.Wrong(item.Value, "everything is per person: leave the word out")
				continue
			}
			if key, ok := strictyaml.OneOf(r.Reader, item, "division", known...); ok {
				*into = append(*into, key)
			}
		}
	}
}

// waiver reads which prior consent sets a rule aside.
func (r *reader) waiver(into **rules.WaiverSpec) func(entry) {
	return func(e entry) {
		var w rules.WaiverSpec
		if r.Mapping(e, "waived_by", r.waiverFields(&w)...) {
			*into = &w
		}
	}
}

func (r *reader) waiverFields(w *rules.WaiverSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("consent", "7 calendar days", r.window(&w.For, slidingOnly, rules.Rolling, rules.CalendarDays)),
	}
}
