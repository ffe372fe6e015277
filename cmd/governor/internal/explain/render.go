package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// Write writes the explanation for people to read.
func (x *Explanation) Write(w io.Writer) error {
	p := page.New(w)
	x.head(p)
	objects := "What objects"
	if x.Unasked != "" {
		objects = "What would object"
	}
	x.section(p, objects, func(r *Rule) bool { return r.Objects && !r.Trial })
	x.section(p, "On trial: what would object, and does not", func(r *Rule) bool { return r.Objects && r.Trial })
	x.section(p, "What was counted, and does not object", func(r *Rule) bool { return !r.Objects && r.Counts != nil })
	x.quiet(p)
	x.elsewhere(p)
	return p.Err()
}

func (x *Explanation) head(p *page.Page) {
	switch {
	case x.Unreadable != "":
		p.Text("", "", fmt.Sprintf("%s is a dead letter: %s", x.Intent, x.Unreadable))
		p.Text("", "", "No rule was asked. It arrived at "+string(x.Arrived)+".")
		return
	case x.Verdict == "approved":
		p.Text("", "", fmt.Sprintf("%s: approved at %s, to be redeemed before %s.", x.Intent, x.Decided, x.NotAfter))
	case x.Final:
		p.Text("", "", fmt.Sprintf("%s: vetoed at %s, %s. For good: no passing of time helps.", x.Intent, x.Decided, x.Reason))
	default:
		p.Text("", "", fmt.Sprintf("%s: vetoed at %s, %s. Nothing known objects from %s on%s.",
			x.Intent, x.Decided, x.Reason, x.Earliest, wait(x.Decided, x.Earliest)))
	}
	if x.Supposed != "" {
		p.Text("  ", "  ", "Supposed: "+x.Supposed+".")
	}
	if x.Arrived != x.Decided {
		p.Text("  ", "  ", "It arrived at "+string(x.Arrived)+", and waited.")
	}
	about := []string{x.Channel, x.Purpose + " (" + x.Class + ")", "campaign " + x.Campaign}
	for _, f := range [...]struct{ name, value string }{{"subject", x.Subject}, {"brand", x.Brand}, {"mode", x.Mode}} {
		if f.value != "" {
			about = append(about, f.name+" "+f.value)
		}
	}
	p.Text("  ", "  ", strings.Join(about, ", ")+".")
	p.Text("  ", "  ", "Under "+x.Policy+", hash "+x.Hash+".")
	if x.Unasked != "" {
		p.Text("  ", "  ", sentence(x.Detail)+" "+x.Unasked)
	}
	if x.SpokenFor != "" {
		p.Text("  ", "  ", "It is carried by "+x.SpokenFor+".")
	}
	if x.Original != "" {
		p.Text("  ", "  ", "The id's first decision is "+x.Original+".")
	}
	if x.Again > 0 {
		p.Text("  ", "  ", "The same id came "+page.Count(x.Again, "more time")+" later; this is about the first.")
	}
}

// sentence begins with a capital letter, and ends.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// wait is how long that is, in brackets.
func wait(from, to Instant) string {
	a, errA := time.Parse(time.RFC3339, string(from))
	b, errB := time.Parse(time.RFC3339, string(to))
	if errA != nil || errB != nil || b.Sub(a) < time.Second {
		return ""
	}
	d := b.Sub(a).Round(time.Second)
	var parts []string
	for _, u := range [...]struct {
		one  string
		unit time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := int(d / u.unit); n > 0 && len(parts) < 2 {
			parts = append(parts, page.Count(n, u.one))
			d -= time.Duration(n) * u.unit
		}
	}
	return " (in " + strings.Join(parts, ", ") + ")"
}

func (x *Explanation) section(p *page.Page, title string, belongs func(*Rule) bool) {
	begun := false
	for i := range x.Rules {
		r := &x.Rules[i]
		if !belongs(r) {
			continue
		}
		if !begun {
			p.Gap()
			p.Line("%s", title)
			begun = true
		}
		r.write(p, x.Decided)
	}
}

func (r *Rule) write(p *page.Page, now Instant) {
	head := r.Reason
	if r.Rule != r.Reason {
		head += " [" + r.Rule + "]"
	}
	if r.Counts != nil {
		head += fmt.Sprintf(": %d of %d used", r.Counts.Used, r.Counts.Limit)
		if r.Counts.Waived {
			head += ", set aside by a consent"
		}
	}
	where := "  (" + r.Line + ")"
	if r.Line == "core" {
		where = "  (core: holds under every policy)"
	}
	p.Text("  ", "      ", head+where)
	if r.Objects {
		p.Text("      ", "      ", r.Detail+until(now, r.Until))
	}
	if r.Cites != "" {
		p.Text("      ", "      ", "Cites "+r.Cites+unverified(r.Unverified)+".")
	} else if r.Unverified {
		p.Text("      ", "      ", "Nobody read the source of this rule.")
	}
	for _, c := range r.Contacts {
		p.Text("      - ", "        ", fmt.Sprintf("%s  %s  %s  %s: %s", c.At, c.Channel, c.Campaign, c.Intent, c.State))
	}
	for _, n := range r.Noes {
		p.Text("      - ", "        ", fmt.Sprintf("%s  %s of %s%s", n.At, n.Kind, n.Scope, signal(n.Signal)))
	}
	for _, c := range r.Change {
		p.Text("      > ", "        ", c)
	}
}

func until(now, to Instant) string {
	if to == "" {
		return ""
	}
	return "; until " + string(to) + wait(now, to)
}

func unverified(is bool) string {
	if is {
		return ", which nobody read"
	}
	return ""
}

func signal(id string) string {
	if id == "" {
		return ""
	}
	return ", signal " + id
}

// quiet names the rules that had nothing to say.
func (x *Explanation) quiet(p *page.Page) {
	var names []string
	for i := range x.Rules {
		if r := &x.Rules[i]; !r.Objects && r.Counts == nil {
			name := r.Rule
			if r.Trial {
				name += " (on trial)"
			}
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		p.Gap()
		p.Line("What does not object")
		p.Text("  ", "  ", strings.Join(names, ", "))
	}
}

// elsewhere answers the question that everybody asks next.
func (x *Explanation) elsewhere(p *page.Page) {
	if len(x.Channels) == 0 {
		return
	}
	p.Gap()
	p.Line("On another channel, at the same moment?")
	for _, c := range x.Channels {
		if c.Verdict == "approved" {
			p.Text("  ", "      ", c.Channel+": nothing objects")
			continue
		}
		text := c.Channel + ": no, " + strings.Join(c.Reasons, ", ")
		if c.Until != "" {
			text += "; until " + string(c.Until)
		}
		p.Text("  ", "      ", text)
	}
}
