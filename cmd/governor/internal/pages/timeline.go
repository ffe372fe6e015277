package pages

import (
	"cmp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/schemas"
)

// moment is one thing that happened to a person, or did not.
type moment struct {
	At      time.Time
	Kind    string // approved, vetoed, no (it was taken back, or came too late) or note
	Badge   string
	What    string // what was wanted
	Why     []why  // what spoke against it
	Counted []counted
	Next    string
	Raw     string // the record, as it is in the log

	campaign, channel, reason string
	earliest                  time.Time
	final                     bool
}

// why is one rule that objected.
type why struct {
	Reason, Words, Detail, Line, Cites string
	Next                               string
}

// counted is what a rule had counted.
type counted struct {
	Rule        string
	Used, Limit int
}

// momentOf tells what a receipt of the doors says.
func momentOf(r *receipt) moment {
	m := moment{At: r.At.Time(), Kind: "note", What: r.Told, Raw: pretty(r.Record)}
	switch r.Topic {
	case "contact.approved", "contact.vetoed":
		if d, err := schemas.DecodeDecision(r.Record); err == nil {
			m.decision(&d)
		}
	case "contact.revoked":
		m.Kind, m.Badge = "no", "taken back"
		if d, err := schemas.DecodeRevocation(r.Record); err == nil {
			m.What = "The approval for " + d.Intent + " was taken back before anybody used it."
			m.Why = []why{{Reason: d.Reason, Words: words(d.Reason)}}
		}
	case "contact.redeemed":
		if d, err := schemas.DecodeRedemption(r.Record); err == nil && d.OK {
			m.Badge, m.What = "begun", "A worker was about to make contact, for "+d.Intent+", and was allowed to."
		} else if err == nil {
			m.Badge, m.What = "not begun", "A worker was about to make contact, for "+d.Intent+", and was not allowed to."
			m.Why = []why{{Reason: d.Reason, Words: words(d.Reason)}}
		}
	case "contact.leaked":
		m.Kind, m.Badge = "no", "leak"
		m.What = "The no came when a worker had the approval already: that contact may have come after it."
	}
	return m
}

// decision tells a decision.
func (m *moment) decision(d *schemas.Decision) {
	m.What = wanted(d)
	m.campaign, m.channel = d.Campaign, d.Channel
	for _, e := range d.Evidence {
		m.Counted = append(m.Counted, counted{e.Rule, e.Used, e.Limit})
	}
	if d.Verdict == schemas.Approved {
		m.Kind, m.Badge = "approved", "approved"
		m.Next = "to begin before " + minute(d.NotAfter.Std())
		return
	}
	m.Kind, m.Badge, m.reason, m.final = "vetoed", "vetoed", d.Reason, d.Final
	for _, o := range d.Reasons {
		m.Why = append(m.Why, whyOf(&o))
	}
	switch {
	case d.Final:
		m.Next = "not again, unless the person acts"
	case d.Earliest != 0:
		m.earliest = d.Earliest.Std()
		m.Next = "not before " + minute(m.earliest)
	}
}

func whyOf(o *schemas.Objection) why {
	w := why{Reason: o.Reason, Words: words(o.Reason), Detail: o.Detail, Line: o.Line, Cites: o.Cites}
	if o.Earliest != 0 {
		w.Next = "until " + minute(o.Earliest.Std())
	}
	return w
}

// wanted says who wanted what.
func wanted(d *schemas.Decision) string {
	out := cmp.Or(d.Engine, "An engine") + " wanted " + d.Channel + " for " + d.Purpose + ", campaign " + d.Campaign
	if d.Subject != "" {
		out += ", about " + d.Subject
	}
	return out + "."
}

// pretty is a record with a line for each field.
func pretty(record []byte) string {
	var v any
	if err := json.Unmarshal(record, &v); err != nil {
		return ""
	}
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return ""
	}
	return string(b)
}

// mostNext is how many campaigns and channels are told apart.
const mostNext = 6

// nextOf is, of each campaign and channel, what was decided last. The newest come first.
func nextOf(timeline []moment) (out []next) {
	seen := make(map[[2]string]bool)
	for i := range timeline {
		m := &timeline[i]
		at := [2]string{m.campaign, m.channel}
		if m.campaign == "" || seen[at] || len(out) == mostNext {
			continue
		}
		seen[at] = true
		n := next{What: m.campaign + ", " + m.channel, Approved: m.Kind == "approved", Reason: m.reason, Words: words(m.reason)}
		switch {
		case n.Approved:
			n.When = "was approved " + minute(m.At)
		case m.final:
			n.When = "not again, unless the person acts"
		case !m.earliest.IsZero():
			n.When, n.Instant = "not before "+minute(m.earliest), machine(m.earliest)
		default:
			n.When = "no time helps"
		}
		out = append(out, n)
	}
	return out
}
