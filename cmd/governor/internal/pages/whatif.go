package pages

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/schemas"
)

// whatIfPage is where somebody asks what would be decided about an intent.
type whatIfPage struct {
	Intent string // as it was written
	Wrong  *problem
	Answer *foretold
}

// exampleIntent is what stands there at first.
const exampleIntent = `{
  "person": "p-1",
  "channel": "email",
  "purpose": "marketing",
  "campaign": "spring",
  "engine": "newsletter"
}`

// foretold is what would be decided, and what every rule has to say.
type foretold struct {
	Approved bool
	Reason   string
	Words    string
	Next     string
	Note     string
	Held     bool
	Until    time.Time
	Ignored  []string
	AsOf     time.Time
	Objects  []opinion
	Passes   []opinion
}

// opinion is what one rule has to say about the intent.
type opinion struct {
	rule
	Objects     bool
	Detail      string
	Next        string
	Counts      bool
	Used, Limit int
	Waived      bool
}

// asked is the answer of POST /v1/preflight, as openapi.yaml has it.
type asked struct {
	Note     string         `json:"note"`
	Held     bool           `json:"held"`
	Until    stamp          `json:"until"`
	Ignored  []string       `json:"ignored"`
	Asked    stamp          `json:"asked"`
	Decision jsontext.Value `json:"decision"`
}

func (v *visit) askWhatIf() {
	v.show(http.StatusOK, "what-if", frame{Title: "What if", Page: whatIfPage{Intent: exampleIntent}})
}

// whatIf asks what would be decided.
func (v *visit) whatIf() {
	out := whatIfPage{Intent: v.r.PostForm.Get("intent")}
	a, err := v.ask(http.MethodPost, "/v1/preflight", []byte(out.Intent))
	code := http.StatusOK
	switch {
	case err != nil || out.Intent == "":
		out.Wrong, code = &problem{Title: "Which intent?", Detail: "Paste one, as an engine would publish it."}, http.StatusUnprocessableEntity
	case a.status != http.StatusOK:
		out.Wrong, code = a.problem(), a.status
	default:
		if out.Answer, err = v.foretell(a.body.Bytes()); err != nil {
			out.Wrong, code = &problem{Title: "The answer cannot be read", Detail: "What the doors say is not what this page knows: are both of one release?"}, http.StatusBadGateway
		}
	}
	v.show(code, "what-if", frame{Title: "What if", Page: out})
}

// foretell puts the decision beside every rule of the policy.
func (v *visit) foretell(b []byte) (*foretold, error) {
	var a asked
	if err := json.Unmarshal(b, &a); err != nil {
		return nil, err
	}
	d, err := schemas.DecodeDecision(a.Decision)
	if err != nil {
		return nil, err
	}
	out := &foretold{
		Approved: d.Verdict == schemas.Approved, Reason: d.Reason, Words: words(d.Reason), Note: a.Note,
		Held: a.Held, Until: a.Until.Time(), Ignored: a.Ignored, AsOf: a.Asked.Time(),
	}
	switch {
	case out.Approved:
		out.Next = "It would have to begin before " + minute(d.NotAfter.Std()) + "."
	case d.Final:
		out.Next = "Asking again would be pointless, unless the person acts."
	case d.Earliest != 0:
		out.Next = "Earliest next: " + minute(d.Earliest.Std()) + "."
	}
	out.opinions(v.rules(v.o.Policies.InForce()), &d)
	return out, nil
}

// opinions are what every rule says: those that object first.
func (f *foretold) opinions(all []rule, d *schemas.Decision) {
	said := make(map[string]bool) // by rule and line
	objections := append(append([]schemas.Objection{}, d.Reasons...), d.Shadow...)
	for i := range objections {
		o := &objections[i]
		line := lineOf(o.Line)
		one := opinion{rule: rule{Rule: o.Rule, Reason: o.Reason, Words: words(o.Reason), Line: line, Cites: o.Cites, Trial: i >= len(d.Reasons)}, Objects: true, Detail: o.Detail}
		if line == "core" {
			one.Line, line = "", ""
		}
		for _, r := range all {
			if r.Rule == o.Rule && r.Line == line {
				one.Text, one.Unverified = r.Text, r.Unverified
			}
		}
		if o.Earliest != 0 {
			one.Next = "until " + minute(o.Earliest.Std())
		}
		one.counted(d.Evidence)
		said[o.Rule+" "+line] = true
		f.Objects = append(f.Objects, one)
	}
	for _, r := range all {
		if said[r.Rule+" "+r.Line] {
			continue
		}
		one := opinion{rule: r}
		one.counted(d.Evidence)
		f.Passes = append(f.Passes, one)
	}
}

// counted notes what the rule counted, where it did.
func (o *opinion) counted(evidence []schemas.Evidence) {
	for _, e := range evidence {
		if e.Rule == o.Rule {
			o.Counts, o.Used, o.Limit, o.Waived = true, e.Used, e.Limit, e.Waived
		}
	}
}
