package lint

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// Write writes sheets for people to read, with an empty line between them.
func Write(w io.Writer, sheets []*Sheet) error {
	p := page.New(w)
	for i, s := range sheets {
		if i > 0 {
			p.Gap()
		}
		s.write(p)
	}
	return p.Err()
}

func (s *Sheet) write(p *page.Page) {
	if s.File == "" {
		p.Text("", "  ", "Together: "+s.Policy+", hash "+s.Hash+". The strictest of all: what one of them vetoes is vetoed.")
		s.warnings(p)
		return
	}
	p.Text("", "  ", s.Policy+", hash "+s.Hash+", in "+s.File)
	p.Gap()
	p.Line("  Purposes")
	for _, class := range s.classes() {
		p.Text("    "+page.Pad(class, 14), strings.Repeat(" ", 18), strings.Join(s.purposes(class), ", "))
	}
	var channels []string
	for _, c := range s.Channels {
		name := c.Name
		if c.Unreported {
			name += " (delivery unreported)"
		}
		channels = append(channels, name)
	}
	p.Gap()
	p.Text("  Channels  ", strings.Repeat(" ", 12), strings.Join(channels, ", "))
	if len(s.Zones) > 0 {
		p.Text("  Where nothing is known, the person is in ", "    ", page.Or(s.Zones)+".")
	} else {
		p.Line("  Where nothing is known, the person is in UTC (by default).")
	}
	for _, text := range s.Core {
		p.Text("  ", "    ", text)
	}
	p.Gap()
	p.Line("  Rules, by line")
	for i := range s.Rules {
		s.Rules[i].write(p)
	}
	if len(s.Rules) == 0 {
		p.Line("    none: it has what every policy has, and no more")
	}
	s.warnings(p)
}

func (r *Rule) write(p *page.Page) {
	p.Text(fmt.Sprintf("    %4d  ", r.Line), strings.Repeat(" ", 10), r.Text)
	var marks []string
	if r.From != "" {
		marks = append(marks, "from "+r.From+mark(r.NotYet, " (not yet)"))
	}
	if r.Until != "" {
		marks = append(marks, "until "+r.Until+mark(r.Over, " (over)"))
	}
	if r.Trial {
		marks = append(marks, "on trial")
	}
	if r.Cites != "" {
		marks = append(marks, "cites "+r.Cites)
	}
	if r.Unverified {
		marks = append(marks, "unverified")
	}
	if len(marks) > 0 {
		p.Text(strings.Repeat(" ", 10), strings.Repeat(" ", 12), "["+strings.Join(marks, "; ")+"]")
	}
}

func mark(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func (s *Sheet) warnings(p *page.Page) {
	if len(s.Warnings) == 0 {
		return
	}
	p.Gap()
	p.Line("  %s", page.Count(len(s.Warnings), "warning"))
	for _, w := range s.Warnings {
		p.Text("    ", "      ", w.At+": "+w.What)
	}
}

// classes are those of the purposes, in the order in which they are declared.
func (s *Sheet) classes() (out []string) {
	for _, p := range s.Purposes {
		if !slices.Contains(out, p.Class) {
			out = append(out, p.Class)
		}
	}
	return out
}

func (s *Sheet) purposes(class string) (out []string) {
	for _, p := range s.Purposes {
		if p.Class != class {
			continue
		}
		name := p.Name
		if p.Role != "" && p.Role != p.Name {
			name += " (" + p.Role + ")"
		}
		out = append(out, name)
	}
	return out
}
