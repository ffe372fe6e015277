package demo

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// width is how many columns the text has at most.
const width = 79

// Write writes the summary for people to read. Bold marks headings on a terminal
// that wants it.
func (s *Summary) Write(w io.Writer, bold bool) error {
	p := &page{w: w, bold: bold}
	s.engines(p)
	s.reasons(p)
	s.history(p)
	s.restart(p)
	s.small(p)
	return p.err
}

// page writes lines and remembers the first error.
type page struct {
	w    io.Writer
	bold bool
	err  error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *page) head(text string) {
	if p.bold {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	p.line("\n%s", text)
}

// text writes words, wrapped, after an indentation.
func (p *page) text(first, rest, words string) {
	line := first
	for _, w := range strings.Fields(words) {
		if len([]rune(line))+1+len([]rune(w)) > width && strings.TrimSpace(line) != "" {
			p.line("%s", line)
			line = rest
		}
		if line != "" && !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += w
	}
	p.line("%s", line)
}

func (s *Summary) engines(p *page) {
	p.head("What each engine wanted, and what got through")
	p.line("%-18s %7s %7s %7s  %s", "engine", "wanted", "through", "refused", "most often because")
	for _, e := range s.Engines {
		p.line("%-18s %7s %7s %7s  %s", e.Engine, number(e.Wanted), number(e.Through), number(e.Refused), mostly(e.Reasons))
	}
	p.line("%-18s %7s %7s %7s", "together", number(s.Wanted), number(s.Through), number(s.Refused))
}

func mostly(reasons []Reason) string {
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0].Words
}

func (s *Summary) reasons(p *page) {
	p.head("Why the rest did not")
	p.line("%7s  %7s  %-20s  %s", "refused", "named", "reason", "in words")
	for _, r := range s.Reasons {
		p.line("%7s  %7s  %-20s  %s", number(r.Count), number(r.Named), r.Code, r.Words)
	}
	p.text("", "", "A refusal names every rule that objects; the first of them is its reason. "+
		"Where the count is 0, another rule always came first.")
}

func (s *Summary) history(p *page) {
	h := &s.History
	p.head(fmt.Sprintf("What the calls of %s had bought", bankEngine))
	if s.Sample > 1 {
		p.text("", "", fmt.Sprintf("Played: a sample, 1 person in %d (%s people, %s calls). The sentences below are about the whole table.",
			s.Sample, number(h.PlayedPeople), number(h.PlayedCalls)))
	}
	p.line("%-12s  %8s  %8s  %8s  %8s  %16s", "call", "wanted", "through", "yes", "yes kept", "calls for a yes")
	for _, c := range h.ByCall {
		name := ordinal(c.From)
		if c.To != c.From {
			name += " to " + ordinal(c.To)
		}
		p.line("%-12s  %8s  %8s  %8s  %8s  %16.1f", name, number(c.Wanted), number(c.Through), number(c.Yes), number(c.YesThrough), c.CallsPerYes)
	}
	p.line("")
	p.text("", "", fmt.Sprintf("%s people got %s calls, and %s of them said yes. %.1f %% of all yes (%s) had come within %d calls, one for every %.0f.",
		number(h.People), number(h.Calls), number(h.Yes), 100*h.ShareWithinThree, number(h.YesWithinThree), enough, h.CallsPerYesWithinThree))
	p.text("", "", fmt.Sprintf("The other %s calls, to %s people, bought the remaining %s: one yes for every %.0f. The governor keeps the former and refuses the latter.",
		number(h.CallsAfterThree), number(h.PeopleAfterThree), number(h.YesAfterThree), h.CallsPerYesAfterThree))
	m := &h.MostCalled
	var why []string
	for _, r := range m.Reasons {
		if r.Count > 0 {
			why = append(why, fmt.Sprintf("%d times because %s", r.Count, r.Words))
		}
	}
	var also []string
	for _, r := range m.Reasons {
		if r.Count == 0 {
			also = append(also, fmt.Sprintf("%s (%d)", r.Words, r.Named))
		}
	}
	text := fmt.Sprintf("One person was called %d times. Under the governor the telephone rings %d times and stays silent %d times: %s.",
		m.Wanted, m.Through, m.Refused, strings.Join(why, ", "))
	if len(also) > 0 {
		text += " Other rules would have refused as well: " + strings.Join(also, "; ") + "."
	}
	p.text("", "", text)
}

func (s *Summary) restart(p *page) {
	p.head("The no that survives")
	p.text("", "", fmt.Sprintf("After the stories everything was stopped and started again on the same folder. %s.", restartLine(&s.Restart)))
}

// restartLine says what was still known.
func restartLine(r *Restart) string {
	text := count(r.Noes, "no", "noes") + " asked once more"
	if r.Earlier > 0 {
		text += fmt.Sprintf(" (%d of them from earlier runs)", r.Earlier)
	}
	text += fmt.Sprintf(", %d refused, %d got through", r.Refused, r.Through)
	if r.TookBack > 0 {
		text += fmt.Sprintf("; left out: %s that the person had taken back in the settings", count(r.TookBack, "no", "noes"))
	}
	return text
}

func (s *Summary) small(p *page) {
	p.head("What is assumed, and where it is from")
	for _, a := range s.Assumptions {
		p.text("- ", "  ", a)
	}
	p.text("- ", "  ", "Calls per person and yes: "+s.Source+".")
	p.line("")
	p.text("", "", fmt.Sprintf("Policy %s. First decision %.2f s after the start, %s intents decided in %.1f s, the history at %s calls a second.",
		s.Policy, s.FirstAfter, number(s.Wanted), s.Seconds, number(int(s.History.CallsPerSecond))))
	p.text("", "", "The stories, and every no in them, are in "+s.Data+": run the demo again, and they still hold. The campaign was kept in memory. "+
		"--fresh begins anew, -o json prints all this for machines.")
}

// number writes thousands apart.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count is a number and its noun.
func count(n int, one string, more ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(more) > 0:
		return number(n) + " " + more[0]
	}
	return number(n) + " " + one + "s"
}

func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return strconv.Itoa(n) + "st"
	case n%10 == 2:
		return strconv.Itoa(n) + "nd"
	case n%10 == 3:
		return strconv.Itoa(n) + "rd"
	}
	return strconv.Itoa(n) + "th"
}
