package backtest

import (
	"fmt"
	"io"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// shown is how many campaigns, rules or days a list of the text has at most.
const shown = 12

// Write writes the report for people to read.
func (r *Report) Write(w io.Writer) error {
	p := page.New(w)
	p.Line("%s decided under both policies.", page.Count(r.Intents, "intent"))
	p.Gap()
	p.Line("   %-24s %10s %10s %10s %10s", "", "approved", "vetoed", "veto rate", "revoked")
	for _, s := range []struct {
		name string
		*Side
	}{{"A", &r.A}, {"B", &r.B}} {
		name := s.Policy
		if page.Columns(name) > 24 {
			name = name[:23] + "…"
		}
		p.Line("%s  %-24s %10s %10s %9.2f%% %10s", s.name, name, page.Number(s.Approved), page.Number(s.Vetoed), 100*s.VetoRate, page.Number(s.Revoked))
	}
	p.Line("   %-24s %10s %10s %9s", "B more than A", signed(r.B.Approved-r.A.Approved), signed(r.B.Vetoed-r.A.Vetoed),
		fmt.Sprintf("%+.2f", 100*(r.B.VetoRate-r.A.VetoRate)))
	p.Gap()
	p.Text("", "", fmt.Sprintf("A is %s; B is %s.", r.A.String(), r.B.String()))
	r.notes(p)
	r.OnlyB.write(p, "Approved under B, and not under A", "A")
	r.OnlyA.write(p, "Approved under A, and not under B", "B")
	return p.Err()
}

func signed(n int) string {
	if n > 0 {
		return "+" + page.Number(n)
	}
	return page.Number(n)
}

// notes tell what the figures do not show.
func (r *Report) notes(p *page.Page) {
	for _, s := range []struct {
		name string
		*Side
	}{{"A", &r.A}, {"B", &r.B}} {
		if s.DeadLetters > 0 {
			p.Text("", "", fmt.Sprintf("Under %s %s could not be read: are all their purposes and channels declared?", s.name, page.Count(s.DeadLetters, "intent")))
		}
		if s.Waiting > 0 {
			p.Text("", "", fmt.Sprintf("Under %s %s still waiting for others when the recording ends.", s.name, page.Count(s.Waiting, "intent is", "intents are")))
		}
	}
	if r.OtherReason > 0 {
		p.Text("", "", fmt.Sprintf("%s vetoed under both, each time for another first reason.", page.Count(r.OtherReason, "intent is", "intents are")))
	}
	if r.CarriedOut {
		p.Text("", "", "Approvals of which the recording says nothing are taken for carried out.")
	} else {
		p.Text("", "", "Approvals that the recording neither redeems nor tells an outcome of expire, and give their slots back (--carry-out takes them for carried out).")
	}
}

func (d *Difference) write(p *page.Page, title, other string) {
	p.Gap()
	p.Line("%s: %s", title, page.Number(d.Count))
	for _, list := range []struct {
		by     string
		groups []Group
	}{{"By rule of " + other, d.ByRule}, {"By campaign", d.ByCampaign}, {"By day (of arrival, UTC)", d.ByDay}} {
		if len(list.groups) == 0 {
			continue
		}
		p.Line("  %s", list.by)
		for i, g := range list.groups {
			if i == shown {
				p.Line("    %8s  and %s more (-o csv has all)", "", page.Number(len(list.groups)-shown))
				break
			}
			name := g.Campaign + g.Day
			if g.Rule != nil {
				name = g.Rule.String()
			}
			p.Text(fmt.Sprintf("    %8s  ", page.Number(g.Count)), strings.Repeat(" ", 14), name)
			p.Text(strings.Repeat(" ", 14), strings.Repeat(" ", 14), fmt.Sprintf("e.g. %s at %s: %s", g.Example.Intent, g.Example.Arrived, strings.Join(g.Example.Reasons, "; ")))
		}
	}
}
