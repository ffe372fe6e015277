package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// what says what a selector selects.
func what(s *rules.Selector) string {
	text := "everything"
	if len(s.Classes) > 0 {
		text = list(s.Classes)
	}
	if len(s.Purposes) > 0 {
		text += " for " + list(s.Purposes)
	}
	if len(s.Channels) > 0 {
		text += " by " + list(s.Channels)
	}
	if len(s.Modes) > 0 {
		text += " (" + list(s.Modes) + ")"
	}
	if s.Except != nil {
		text += ", but not " + strings.TrimPrefix(what(s.Except), "everything ")
	}
	return text
}

func list[T ~string](names []T) string {
	var text []string
	for _, n := range names {
		text = append(text, string(n))
	}
	return page.Or(text)
}

func keys(names []rules.Key) string {
	var text []string
	for _, n := range names {
		text = append(text, string(n))
	}
	return page.And(text)
}

// counting says what a rule counts, if it is not what it binds.
func counting(binds, counts *rules.Selector) string {
	if what(binds) == what(counts) {
		return ""
	}
	return ", counting " + what(counts)
}

func waiver(w *rules.WaiverSpec) string {
	if w == nil {
		return ""
	}
	return ", unless the person consented within " + window(w.For)
}

// span is a duration the way a policy writes it, days from two on.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 && d > day {
		return fmt.Sprintf("%dd", d/day)
	}
	return rules.Window{Length: d}.String()
}

// window is a window the way a policy writes it.
func window(w rules.Window) string {
	switch w.Kind {
	case rules.Rolling:
		return span(w.Length)
	case rules.Successive:
		return "successive " + span(w.Length)
	}
	return w.String()
}

// share is thousandths the way a policy writes them.
func share(thousandths int) string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", thousandths/10, thousandths%10), ".0") + "%"
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// days are the days of a week, as ranges from Monday on.
func days(on [7]bool) string {
	var out []string
	for i := 0; i < 7; {
		if !on[(i+1)%7] {
			i++
			continue
		}
		last := i
		for last+1 < 7 && on[(last+2)%7] {
			last++
		}
		name := dayName(i)
		if last > i {
			name += "-" + dayName(last)
		}
		out = append(out, name)
		i = last + 1
	}
	return strings.Join(out, ", ")
}

// dayName is the i-th day from Monday on.
func dayName(i int) string { return strings.ToLower(time.Weekday((i + 1) % 7).String()[:3]) }

func holiday(d *rules.HolidayDay) string {
	switch {
	case d.Easter && d.Offset == 0:
		return "easter"
	case d.Easter:
		return fmt.Sprintf("easter%+d", d.Offset)
	case d.Date.Year == 0:
		return fmt.Sprintf("%02d-%02d", d.Date.Month, d.Date.Day)
	}
	return date(d.Date)
}

func date(d rules.Date) string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

func midnight(d rules.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// names puts words in quotes.
func names(words []string) string {
	quoted := slices.Clone(words)
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%q", quoted[i])
	}
	return page.And(quoted)
}
