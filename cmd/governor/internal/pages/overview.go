package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// overview is the first page: how people who said no are treated, what is decided, and why.
type overview struct {
	At, Since time.Time
	CaughtUp  bool
	Trouble   string
	Clean     clean
	Figures   []figure
	Chart     chart
	Reasons   []row
	Campaigns []row
	Channels  []row
	Pester    []pester
	Verdicts  []verdict
	Sees      bool // who the people are
}

// clean is the figure that comes first.
type clean struct {
	Title, Sentence string
	Value, Note     string
	Bar             float64 // of 100
	Any, Good       bool
}

// figure is one of the others.
type figure struct {
	Title, Sentence string
	Value, Note     string
	Bad             bool
}

// pester is how much of what an engine wants for a campaign is for people who said no.
type pester struct {
	Campaign, Engine string
	Intents, AfterNo int64
	Share            string
	Bar              float64
}

// verdict is one decision, as it is seen in the list.
type verdict struct {
	ID, Intent                         string
	At, When                           string // for machines, and for people
	Approved                           bool
	Campaign, Channel, Purpose, Engine string
	Reason, Words, Detail              string
	More                               int // other rules that object too
	Next                               string
	Person                             string // as it may be shown
}

// mostVerdicts is how many are in the list.
const mostVerdicts = 25

func (v *visit) overview() {
	v.show(http.StatusOK, "overview", frame{Title: "Overview", Live: true, Again: reload(v.r), Page: v.seen()})
}

// reload is after how many seconds somebody without scripts wants the page again: a page that goes
// away by itself under somebody who reads it is nothing that one does unasked.
func reload(r *http.Request) int {
	if r.URL.Query().Get("reload") == "10" {
		return 10
	}
	return 0
}

// seen is the overview of this moment.
func (v *visit) seen() overview {
	view := v.o.Desk.View()
	out := overview{
		At: view.At, Since: since(view), CaughtUp: view.CaughtUp, Trouble: view.Trouble, Clean: cleanOf(&view.Figures), Figures: figures(view),
		Chart: newChart(view.Minutes), Sees: v.sees(),
	}
	out.Reasons = out.reasons(view)
	out.Campaigns = out.Chart.rows(view.ByCampaign, view.Minutes, func(m *desk.Minute) map[string]desk.Tally { return m.ByCampaign })
	out.Channels = out.Chart.rows(view.ByChannel, view.Minutes, func(m *desk.Minute) map[string]desk.Tally { return m.ByChannel })
	for _, p := range view.Figures.Pester {
		if p.AfterNo == 0 || len(out.Pester) == mostRows {
			break // the worst come first
		}
		one := pester{p.Campaign, p.Engine, p.Intents, p.AfterNo, share(p.AfterNo, p.Intents), 0}
		one.Bar = 100 * float64(p.AfterNo) / float64(max(1, p.Intents))
		out.Pester = append(out.Pester, one)
	}
	for i := range view.Recent[:min(len(view.Recent), mostVerdicts)] {
		out.Verdicts = append(out.Verdicts, v.verdict(&view.Recent[i], view.At))
	}
	return out
}

// since is from when on there is everything; zero where that is longer ago than anybody remembers.
func since(view *desk.View) time.Time {
	if view.At.Sub(view.Since) > 5*365*24*time.Hour {
		return time.Time{}
	}
	return view.Since
}

// reasons are why not, the most frequent first, each with its share of all vetoes.
func (o *overview) reasons(view *desk.View) []row {
	var all int64
	for _, s := range view.ByReason {
		all += s.Vetoed
	}
	var out []row
	for _, s := range view.ByReason {
		if s.Name == "" || s.Vetoed == 0 || len(out) == mostRows {
			continue // approvals have none
		}
		out = append(out, row{
			Name: s.Name, Words: words(s.Name), Vetoed: s.Vetoed, Share: share(s.Vetoed, all), Bar: 100 * float64(s.Vetoed) / float64(all),
			Trend: o.Chart.trendOf(view.Minutes, func(m *desk.Minute) int64 { return m.ByReason[s.Name] }),
		})
	}
	return out
}

func (v *visit) verdict(d *desk.Verdict, now time.Time) verdict {
	out := verdict{
		ID: d.ID, At: machine(d.Decided), When: nearby(d.Decided, now), Approved: d.Verdict != "vetoed",
		Campaign: d.Campaign, Channel: d.Channel, Purpose: d.Purpose, Engine: d.Engine, Person: v.o.Hash(d.Person),
	}
	if v.sees() {
		out.Intent, out.Person = d.Intent, d.Person
	}
	if out.Approved {
		return out
	}
	out.Reason, out.Words, out.More = d.Reason, words(d.Reason), max(0, len(d.Rules)-1)
	if len(d.Rules) > 0 && v.sees() { // a detail may say when somebody was contacted, or by what address
		out.Detail = d.Rules[0].Detail
	}
	switch {
	case d.Final:
		out.Next = "not again, unless the person acts"
	case !d.Earliest.IsZero():
		out.Next = "not before " + nearby(d.Earliest, now)
	}
	return out
}

// defined is what a figure is called, and what it means.
func defined(name string) (title, sentence string) {
	all := desk.Definitions()
	i := slices.IndexFunc(all, func(d desk.Definition) bool { return d.Name == name })
	if i < 0 {
		return name, ""
	}
	return all[i].Title, all[i].Sentence
}

func cleanOf(f *desk.Figures) clean {
	c := clean{Value: share(f.CleanExits, f.Exits), Any: f.Exits > 0}
	c.Title, c.Sentence = defined("CleanExits")
	if !c.Any {
		c.Note = "Nobody said no in the time that is kept."
		return c
	}
	c.Bar = 100 * float64(f.CleanExits) / float64(f.Exits)
	c.Good = c.Bar >= mostlyClean
	times := page.Count(int(f.Exits), "time") + " that somebody said no"
	switch left := f.Exits - f.CleanExits; left {
	case 0:
		c.Note = "Of " + times + ", nobody tried again after any."
	case f.Exits:
		c.Note = "Of " + times + ", an engine tried again after each."
	default:
		c.Note = fmt.Sprintf("Of %s, nobody tried again after %s. After %s an engine did.", times, number(f.CleanExits), number(left))
	}
	return c
}

// mostlyClean is from how many of a hundred on the figure is shown as good.
const mostlyClean = 90

func people(n int64) string { return page.Count(int(n), "person", "people") }

// figures are the others, in the order of the definitions.
func figures(view *desk.View) []figure {
	f := &view.Figures
	make := func(name, value, note string, bad bool) figure {
		out := figure{Value: value, Note: note, Bad: bad}
		out.Title, out.Sentence = defined(name)
		return out
	}
	quantile := func(name string, q desk.Quantiles, of string) figure {
		if q.N == 0 {
			return make(name, absent, "none "+of, false)
		}
		return make(name, span(q.P50), fmt.Sprintf("half of %s; 99 %% within %s", number(q.N), span(q.P99)), false)
	}
	var approved, vetoed int64
	for i := range view.Minutes {
		approved, vetoed = approved+view.Minutes[i].Approved, vetoed+view.Minutes[i].Vetoed
	}
	out := []figure{
		{
			Title: "Vetoed", Sentence: "Of all intents that were decided: how many were vetoed, for whatever reason.",
			Value: share(vetoed, approved+vetoed), Note: number(vetoed) + " of " + number(approved+vetoed) + " wanted",
		},
		make("Leaked", number(f.Leaked), "contacts that a no came too late for", f.Leaked > 0),
		make("Revoked", number(f.Revoked), "approvals, before anybody acted on them", false),
		quantile("ToHonour", f.ToHonour, "had to be blocked"),
		quantile("ToQuiet", f.ToQuiet, "was tried again"),
		make("InSilence", number(f.InSilence), strings.TrimPrefix(people(f.InSilence), number(f.InSilence)+" ")+" nobody bothers any more", false),
	}
	if f.OneIn > 1 {
		for i := range out[1:] {
			out[i+1].Note += fmt.Sprintf(" (of one person in %d, multiplied)", f.OneIn)
		}
	}
	return out
}
