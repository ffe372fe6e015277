package week

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// What the signs of the table mean.
const (
	signOpen    = '#'
	signClosed  = '.'
	signHoliday = 'H'
	signOther   = '!'
	signTrial   = 't'
	signMixed   = '~'
	signNone    = ' '
)

// cell is how long a sign stands for: half an hour.
const cell = 30

// Write writes the week for people to read.
func (w *Week) Write(out io.Writer) error {
	p := page.New(out)
	p.Line("%s, hash %s", w.Policy, w.Hash)
	p.Line("%s to %s, as the clocks of %s have it", w.days[0].start.Format("Mon 2 Jan 2006"), w.days[6].start.Format("Mon 2 Jan 2006"), w.Zones[0])
	if len(w.Zones) > 1 {
		p.Text("", "", "Open is what is open in "+page.And(w.Zones)+" at once.")
	}
	var used []rune
	for i := range w.Hours {
		h := &w.Hours[i]
		if len(h.Spans) == 1 && h.Spans[0].Open && len(h.Spans[0].Trial) == 0 {
			continue
		}
		p.Gap()
		w.table(p, h, &used)
	}
	w.rest(p, len(used) > 0)
	legend(p, used)
	w.clocks(p)
	return p.Err()
}

// table writes one row a day, two signs an hour, and what is open in words.
func (w *Week) table(p *page.Page, h *Hours, used *[]rune) {
	heading(p, h.Of)
	var head strings.Builder
	for hour := 0; hour < 24; hour += 2 {
		fmt.Fprintf(&head, "%-4d", hour)
	}
	p.Line("            %s", head.String())
	for i := range w.days {
		d := &w.days[i]
		signs := d.signs(h.Spans)
		for _, s := range signs {
			if !slices.Contains(*used, s) {
				*used = append(*used, s)
			}
		}
		text := page.Pad(d.name(), 12) + string(signs)
		words := d.words(h.Spans)
		if page.Columns(text)+2+page.Columns(words) <= page.Width {
			p.Line("%s  %s", text, words)
			continue
		}
		p.Line("%s", text)
		p.Text(strings.Repeat(" ", 12), strings.Repeat(" ", 12), words)
	}
}

func heading(p *page.Page, kinds []Kinds) {
	for _, k := range kinds {
		p.Text("", "    ", k.String())
	}
}

// signs are what every half hour of the day is. One that comes twice is what it is
// both times; one that does not come is nothing.
func (d *day) signs(spans []Span) []rune {
	var row [24 * 60 / cell]rune
	i := 0
	for at := d.start; at.Before(d.end); at = at.Add(time.Minute) {
		for !at.Before(spans[i].To) {
			i++
		}
		s := spans[i].sign()
		switch c := &row[(at.Hour()*60+at.Minute())/cell]; {
		case *c == 0:
			*c = s
		case *c != s:
			*c = signMixed
		}
	}
	for i := range row {
		if row[i] == 0 {
			row[i] = signNone
		}
	}
	return row[:]
}

func (s *Span) sign() rune {
	switch {
	case s.Open && len(s.Trial) > 0:
		return signTrial
	case s.Open:
		return signOpen
	case slices.Contains(s.Reasons, rules.QuietHoliday):
		return signHoliday
	case slices.Contains(s.Reasons, rules.QuietHours):
		return signClosed
	}
	return signOther
}

// words are when it is open on the day, to the minute, and why not if it never is.
func (d *day) words(spans []Span) string {
	var open []string
	var why []rules.Reason
	joined, holiday := false, true
	for i := range spans {
		s := &spans[i]
		if !s.From.Before(d.end) || !d.start.Before(s.To) {
			continue
		}
		if !s.Open {
			joined, holiday = false, holiday && s.sign() == signHoliday
			for _, r := range s.Reasons {
				if !slices.Contains(why, r) {
					why = append(why, r)
				}
			}
			continue
		}
		from, to := s.From, s.To
		if from.Before(d.start) {
			from = d.start
		}
		if to.After(d.end) {
			to = d.end
		}
		if joined { // only what is on trial differs
			first, _, _ := strings.Cut(open[len(open)-1], "-")
			open[len(open)-1] = first + "-" + d.clock(to)
			continue
		}
		open = append(open, d.clock(from)+"-"+d.clock(to))
		joined = true
	}
	switch {
	case len(why) == 0:
		return "open"
	case len(open) > 0:
		return strings.Join(open, ", ")
	case holiday:
		return "closed, a holiday"
	case len(why) == 1 && why[0] == rules.QuietHours:
		return "closed"
	}
	return reasons(without(why, []rules.Reason{rules.QuietHours})) // the signs tell the hours
}

// clock is the time of day, without minutes where there are none, and with the
// distance from UTC where the time comes twice.
func (d *day) clock(at time.Time) string {
	if at.Equal(d.end) {
		return "24"
	}
	text := at.Format("15:04")
	if at.Minute() == 0 {
		text = at.Format("15")
	}
	for _, back := range []time.Duration{-2 * time.Hour, -time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour} {
		if o := at.Add(back); o.Format("2 15:04") == at.Format("2 15:04") {
			return text + at.Format(" (UTC-07)")
		}
	}
	return text
}

// rest tells what is open all week, and what no hour opens.
func (w *Week) rest(p *page.Page, tables bool) {
	for i := range w.Hours {
		h := &w.Hours[i]
		if len(h.Spans) != 1 || !h.Spans[0].Open || len(h.Spans[0].Trial) > 0 {
			continue
		}
		p.Gap()
		if !tables {
			p.Line("Open at every hour: everything. The policy has no hours.")
			continue
		}
		p.Line("Open at every hour:")
		for _, k := range h.Of {
			p.Text("  ", "      ", k.String())
		}
	}
	if len(w.Always) == 0 {
		return
	}
	p.Gap()
	p.Line("Whatever the hour, to a person of whom nothing is known:")
	for _, a := range w.Always {
		for _, k := range a.Of {
			verb := "refused"
			if a.Trial {
				verb = "on trial, would be refused"
			}
			p.Text("  ", "      ", fmt.Sprintf("%s; %s, %s: %s", k, verb, a.Reason, a.Why))
		}
	}
}

func legend(p *page.Page, used []rune) {
	if len(used) == 0 {
		return
	}
	p.Gap()
	p.Text("", "", "One sign is half an hour.")
	for _, l := range []struct {
		sign  rune
		means string
	}{
		{signOpen, "open"},
		{signClosed, "closed (quiet.hours)"},
		{signHoliday, "closed, a holiday (quiet.holiday)"},
		{signOther, "closed by another rule, which the words beside it name"},
		{signTrial, "open; a rule on trial would close it"},
		{signMixed, "changes within the half hour: the words beside it say when"},
		{signNone, "does not exist: clocks skip it"},
	} {
		if slices.Contains(used, l.sign) {
			p.Line("  %c  %s", l.sign, l.means)
		}
	}
}

// clocks says when clocks change.
func (w *Week) clocks(p *page.Page) {
	var notes []string
	for i := range w.days {
		for _, z := range w.zones {
			notes = append(notes, w.days[i].changes(z)...)
		}
	}
	if len(notes) == 0 {
		return
	}
	p.Gap()
	p.Line("Clocks change:")
	for _, n := range notes {
		p.Text("  ", "      ", n+".")
	}
}
