package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// policyPage is the policy in force, with what each rule of it did.
type policyPage struct {
	Name, Hash string
	Rules      []rule
	Most       int64
	Purposes   []purpose
	Channels   []string
	Since      time.Time // of what it did
}

// rule is one rule of the policy.
type rule struct {
	Rule, Reason, Words string
	Text                string // what it says, in a sentence; "" where that is not known
	Line                string // file:line; "" of what no policy can take away
	Cites               string
	Trial, Unverified   bool
	Objected            int64 // how often
	First               int64 // and was the first reason
	Counted             bool  // it is known how often
	Bar                 float64
}

type purpose struct{ Name, Class string }

func (v *visit) policy() {
	v.show(http.StatusOK, "policy", frame{Title: "Policy", Page: v.ruling()})
}

// ruling is the policy of this moment.
func (v *visit) ruling() policyPage {
	p, view := v.o.Policies.InForce(), v.o.Desk.View()
	out := policyPage{Name: p.Name(), Hash: p.Hash(), Since: since(view), Rules: v.rules(p)}
	first := make(map[string]int64)
	for _, s := range view.ByReason {
		first[s.Name] = s.Vetoed
	}
	for i := range out.Rules {
		r := &out.Rules[i]
		r.First = first[r.Reason]
		if r.Counted = r.Line != ""; r.Counted {
			r.Objected = view.Lines[r.Line]
		}
		out.Most = max(out.Most, r.Objected)
	}
	for i := range out.Rules {
		if out.Most > 0 {
			out.Rules[i].Bar = 100 * float64(out.Rules[i].Objected) / float64(out.Most)
		}
	}
	for _, name := range p.Purposes() {
		class, _ := p.Class(name)
		out.Purposes = append(out.Purposes, purpose{string(name), string(class)})
	}
	for _, name := range p.Channels() {
		out.Channels = append(out.Channels, string(name))
	}
	return out
}

// rules are those of the policy, in the order in which the first reason is chosen.
func (v *visit) rules(p *rules.Policy) (out []rule) {
	sentences := map[string]string{}
	if v.o.Sentences != nil {
		sentences = v.o.Sentences()
	}
	for _, o := range rules.Opinions(p, &rules.Person{}, &rules.Intent{}, rules.At(v.o.Clock())) {
		one := rule{Rule: o.Rule, Reason: string(o.Reason), Words: words(string(o.Reason)), Cites: o.Cites, Trial: o.Shadow, Unverified: o.Unverified}
		if o.Line != (rules.Position{}) {
			one.Line = o.Line.File + ":" + strconv.Itoa(o.Line.Line)
			one.Text = sentences[one.Line]
		}
		out = append(out, one)
	}
	return out
}

// lineOf is file:line of file:line:column.
func lineOf(position string) string {
	if i := strings.LastIndexByte(position, ':'); i > 0 && strings.Contains(position[:i], ":") {
		return position[:i]
	}
	return position
}
