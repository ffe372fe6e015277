package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// tell is an instant as a person of the scenario would say it.
func (b *builder) tell(at rules.Instant) string { return tell(at, b.zone) }

func tell(at rules.Instant, zone *time.Location) string {
	if zone == nil {
		return wire(at)
	}
	t := at.Time().In(zone)
	y, m, d := t.Date()
	layout := "15:04"
	if t.Second() > 0 || t.Nanosecond() > 0 {
		layout = "15:04:05.999"
	}
	clock := t.Format(layout)
	if again, problem := local(y, m, d, clock, zone); problem != "" || again != at { // it is there twice
		return t.Format(time.RFC3339Nano)
	}
	return t.Format("Mon 2006-01-02 ") + clock
}

// event is the event below which something is expected, and the intent if that says
// more.
func (v *view) event(l *line, e *expectation, c instance) string {
	switch {
	case l.whole:
		return l.told
	case len(e.about) > 0:
		return v.happening(l.last) + " (" + c.name + ")"
	}
	return v.happening(c.step)
}

// happening is a step in the words of its line.
func (v *view) happening(n int) string {
	s := &v.s.steps[n]
	told := v.tell(s.at) + "  " + s.line.told
	if len(s.line.steps) > 1 && s.line.own != string(s.id) {
		told += " (" + string(s.id) + ")"
	}
	return told
}

func (v *view) tell(at rules.Instant) string { return tell(at, v.s.zone) }

// seen is what came, in the words of the language, with as much detail as the
// expectation has.
func (v *view) seen(e *expectation, c instance) string {
	switch {
	case e.totals != nil:
		return v.totals(e, c)
	case e.answer != nil:
		return v.answer(c)
	case e.nothing:
		return v.happened(c)
	case e.dead && c.dead == nil:
		return v.happened(c)
	case c.dead != nil:
		return strings.TrimSuffix("dead letter "+quote(c.dead.headers[headerMessage]), ` ""`)
	case e.open:
		return v.whatever(e, c)
	}
	var parts []string
	if e.verdict != "" {
		parts = v.decision(e, c)
	}
	if e.revoked != nil {
		if c.revoked == nil {
			parts = append(parts, "not revoked")
		} else {
			parts = append(parts, "revoked "+c.revoked.Reason)
		}
	}
	return strings.Join(parts, ", ")
}

// decision says a decision.
func (v *view) decision(e *expectation, c instance) []string {
	d := c.decision
	if d == nil {
		return []string{"held"}
	}
	var parts []string
	if d.Verdict == "approved" {
		parts = append(parts, "approved")
		if e.until != nil {
			parts = append(parts, "until "+v.tell(rules.Instant(d.NotAfter)))
		}
		if e.items != nil || e.open && len(d.Items) > 0 {
			parts = append(parts, "items "+strings.Join(d.Items, " and "))
		}
	} else {
		parts = append(parts, "vetoed "+d.Reason)
		if d.Final {
			parts = append(parts, "for good")
		} else if d.Earliest != 0 {
			parts = append(parts, "from "+v.tell(rules.Instant(d.Earliest)))
		}
		if e.original && v.isOriginal(d) {
			parts = append(parts, "naming the original")
		}
		if e.reasons != nil {
			parts = append(parts, "reasons "+codes(d.Reasons))
		}
	}
	if e.decided != nil {
		parts = append(parts, "decided "+v.tell(rules.Instant(d.Decided)))
	}
	if e.shadow != nil && len(d.Shadow) > 0 {
		parts = append(parts, "shadow "+codes(d.Shadow))
	}
	for _, want := range e.counted {
		for _, got := range d.Evidence {
			if got.Rule == want.rule {
				parts = append(parts, strings.TrimSuffix(fmt.Sprintf("counted %s %d of %d waived", got.Rule, got.Used, got.Limit), map[bool]string{false: " waived"}[got.Waived]))
			}
		}
	}
	return parts
}

func codes(list []objection) string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.Reason
	}
	return strings.Join(out, " and ")
}

// answer says the answer to a redeem.
func (v *view) answer(c instance) string {
	switch {
	case c.answer == nil:
		return "nothing"
	case c.answer.OK:
		return "ok"
	}
	return "not ok " + c.answer.Reason
}

// totals says the totals that are asked for; those that are there, if it is open.
func (v *view) totals(e *expectation, c instance) string {
	var parts []string
	for _, known := range totalled() {
		asked := slices.ContainsFunc(e.totals, func(t total) bool { return t.what == known.topic })
		n := v.total(known.topic, c.by)
		if (!asked && (e.totals != nil || n == 0)) || (known.words == "dead letter") != (known.topic == topicDeadLetter && n == 1) {
			continue
		}
		number := strconv.Itoa(n)
		if n == 0 {
			number = "no"
		}
		parts = append(parts, number+" "+known.words)
	}
	return strings.Join(parts, ", ")
}

// whatever says what came of a line of which nothing is expected yet.
func (v *view) whatever(e *expectation, c instance) string {
	switch {
	case c.whole:
		return v.totals(e, c)
	case c.answer != nil:
		return v.answer(c)
	case v.s.steps[c.step].topic == topicIntents:
		if d := c.decision; d != nil && d.Original != "" {
			e = &expectation{open: true, original: true}
		}
		return strings.Join(v.decision(e, c), ", ")
	}
	return v.happened(c)
}

// happened says what came of an event that is no intent.
func (v *view) happened(c instance) string {
	var groups []group
	for _, o := range v.during(c.step) {
		says := ""
		switch o.topic {
		case topicDeadLetter:
			says = "dead letter"
		case topicRevoked:
			says = "revoked " + o.Reason
		default:
			says = strings.Join(v.decision(&expectation{open: true, decided: late(o, v.s.steps[c.step].at)}, instance{decision: o}), ", ")
		}
		name, several := v.nameOf(o)
		if n := len(groups); n > 0 && groups[n-1].says == says && !several && !groups[n-1].alone {
			groups[n-1].names = append(groups[n-1].names, name)
			continue
		}
		groups = append(groups, group{[]string{name}, says, several})
	}
	if len(groups) == 0 {
		return "nothing"
	}
	var lines []string
	for _, g := range groups {
		lines = append(lines, strings.TrimSpace(together(g.names)+" "+g.says))
	}
	return strings.Join(lines, lineBreak)
}

// nameOf is the name of the intent that a record is about, with its person if several
// people have it.
func (v *view) nameOf(o *came) (name string, several bool) {
	others := slices.ContainsFunc(v.s.records[o.Intent], func(n int) bool { return v.s.steps[n].who != o.Person })
	if others {
		return string(o.Intent) + " of " + string(o.Person), true
	}
	return string(o.Intent), false
}

// late is the moment of a decision that was made before the event arrived, and nil if
// it was made then.
func late(o *came, arrived rules.Instant) *moment {
	if rules.Instant(o.Decided) == arrived {
		return nil
	}
	return &moment{}
}

// group is several names of which the same is said.
type group struct {
	names []string
	says  string
	alone bool // it is one name, and stays that
}

// lineBreak stands between expectations that are written on lines of their own.
const lineBreak = "\n"

// because lists every objection of a decision, a line each.
func (v *view) because(d *came) []string {
	var out []string
	for _, o := range d.Reasons {
		s := o.Reason
		if o.Detail != "" {
			s += ": " + o.Detail
		}
		if o.Earliest != 0 {
			s += "; not before " + v.tell(rules.Instant(o.Earliest))
		}
		if o.Cites != "" {
			s += "; " + o.Cites
		}
		if o.Line != "" {
			s += " (" + o.Line + ")"
		}
		out = append(out, s)
	}
	return out
}

// String tells the failure in lines; the first begins with the place.
func (f Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", f.At, f.Event)
	fmt.Fprintf(&b, "  expected  %s\n", f.Expected)
	fmt.Fprintf(&b, "  came      %s", strings.ReplaceAll(f.Came, lineBreak, "\n            "))
	for i, because := range f.Because {
		if i == 0 {
			b.WriteString("\n  because   " + because)
		} else {
			b.WriteString("\n            " + because)
		}
	}
	return b.String()
}
