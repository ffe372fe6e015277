package why

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
	"github.com/contactgovernor/governor/rules"
)

// Write writes the answer for people to read. Name is how a person is called.
func (a *Answer) Write(w io.Writer, policy string, name func(rules.PersonID) string) error {
	p := page.New(w)
	for i := range a.Stories {
		a.Stories[i].write(p, policy, name)
	}
	for i := range a.Person {
		e := &a.Person[i]
		p.Text(e.At+"  ", "    ", e.Told)
	}
	if a.Merged {
		p.Text("", "", "This record was merged with another of the same person. What happened under that one is not told here: ask for it too.")
	}
	if !a.whole() {
		p.Gap()
		p.Text("", "", a.Back())
	}
	return p.Err()
}

func (a *Answer) whole() bool {
	for _, l := range a.Looked {
		if !l.Whole {
			return false
		}
	}
	return true
}

// Back says how far back was looked.
func (a *Answer) Back() string {
	var parts []string
	for _, l := range a.Looked {
		what := "the latest of it"
		if l.Whole {
			what = "all that is kept"
		}
		since := "nothing is there"
		if l.Records > 0 {
			since = page.Count(int(l.Records), "record") + ", back to " + cmp.Or(l.Oldest, "an unknown time")
		}
		parts = append(parts, l.Topic+" ("+what+": "+since+")")
	}
	return "Looked at " + page.And(parts) + "."
}

func (s *Story) write(p *page.Page, policy string, name func(rules.PersonID) string) {
	p.Text("", "  ", s.Intent+", for "+name(s.Person)+": "+s.verdict())
	if s.Channel != "" {
		about := []string{s.Channel, s.Purpose, "campaign " + s.Campaign}
		for _, f := range [...]struct{ name, value string }{{"subject", s.Subject}, {"brand", s.Brand}, {"wanted by", s.Engine}} {
			if f.value != "" {
				about = append(about, f.name+" "+f.value)
			}
		}
		p.Text("  ", "  ", strings.Join(about, ", ")+".")
	}
	p.Gap()
	p.Line("What happened")
	for _, e := range s.Events {
		p.Text("  "+e.At+"  ", "      ", e.Told+" ("+e.Place+")")
	}
	for i := range s.Decisions {
		s.Decisions[i].write(p, policy, s.Intent)
	}
	s.change(p)
}

// verdict is what it came to, in a sentence.
func (s *Story) verdict() string {
	d := s.own()
	switch {
	case d == nil && len(s.Decisions) > 0:
		return "another spoke for it, which is by now: " + s.Became + "."
	case d == nil:
		return "no decision yet. It waits for others of its kind or for a last slot, or no governor has come to it."
	case d.Verdict == "approved" && s.Leaked:
		return "approved; by now: " + s.Became + ". It may have come after a no."
	case d.Verdict == "approved" && strings.HasPrefix(s.Became, "approved"):
		return s.Became + "."
	case d.Verdict == "approved":
		return "approved; by now: " + s.Became + "."
	case s.Became != "":
		return "vetoed, " + d.Reason + "; another spoke for it, which is by now: " + s.Became + "."
	case d.Final:
		return "vetoed for good, " + d.Reason + ". No passing of time helps."
	}
	return "vetoed, " + d.Reason + ". Nothing known then objects from " + d.Earliest + " on."
}

func (d *Decision) write(p *page.Page, policy, intent string) {
	p.Gap()
	on := ""
	if d.Intent != intent {
		on = ", on " + d.Intent
	}
	p.Line("Decided %s, %s%s", d.Decided, d.ID, on)
	in := "which is not the one that the configuration names now"
	if d.InForce {
		in = policy + ", which the configuration names now"
	}
	p.Text("  ", "  ", "By the policy "+d.Policy+", "+in+".")
	if len(d.Items) > 0 {
		p.Text("  ", "  ", "It carries "+page.And(d.Items)+".")
	}
	if d.Original != "" {
		p.Text("  ", "  ", "The id's first decision is "+d.Original+".")
	}
	for _, o := range d.Rules {
		o.write(p, "said no")
	}
	for _, o := range d.Trial {
		o.write(p, "is on trial, and would have said no")
	}
	var counted []string
	for _, c := range d.Counted {
		text := fmt.Sprintf("%s %d of %d", c.Rule, c.Used, c.Limit)
		if c.Waived {
			text += " (set aside by a consent)"
		}
		if c.Trial {
			text += " (on trial)"
		}
		counted = append(counted, text)
	}
	if len(counted) > 0 {
		p.Text("  ", "  ", "Counted: "+strings.Join(counted, ", ")+".")
	}
}

func (o *Objection) write(p *page.Page, what string) {
	head := o.Reason
	if o.Rule != o.Reason {
		head += " [" + o.Rule + "]"
	}
	where := ""
	switch o.Line {
	case "":
	case "core":
		where = " (core: holds under every policy)"
	default:
		where = " (" + o.Line + ")"
	}
	p.Text("  ", "      ", head+where+" "+what)
	if o.Detail != "" {
		until := ""
		if o.Earliest != "" {
			until = "; until " + o.Earliest
		}
		p.Text("      ", "      ", o.Detail+until)
	}
	if o.Cites != "" {
		p.Text("      ", "      ", "Cites "+o.Cites+".")
	}
}

// change says what would have had to change.
func (s *Story) change(p *page.Page) {
	if d := s.own(); d == nil || d.Verdict == "approved" {
		return
	}
	if s.Unsaid != "" {
		p.Gap()
		p.Text("", "  ", "What would have had to change is not told: "+s.Unsaid+".")
		return
	}
	if s.Explained == nil {
		return
	}
	begun := false
	for i := range s.Explained.Rules {
		r := &s.Explained.Rules[i]
		if !r.Objects || r.Trial {
			continue
		}
		if !begun {
			p.Gap()
			p.Line("What would have had to change, each of them")
			begun = true
		}
		p.Text("  ", "  ", r.Reason)
		for _, c := range r.Contacts {
			p.Text("      - ", "        ", fmt.Sprintf("%s  %s  %s  %s: %s", c.At, c.Channel, c.Campaign, c.Intent, c.State))
		}
		for _, n := range r.Noes {
			p.Text("      - ", "        ", fmt.Sprintf("%s  %s of %s", n.At, n.Kind, n.Scope))
		}
		for _, c := range r.Change {
			p.Text("      > ", "        ", c)
		}
	}
}
