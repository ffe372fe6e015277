// Package explain tells of one intent what every rule had to say about it, what it
// counted, and what would have to change.
//
// It decides nothing by itself. It drives a replay to the moment at which the
// intent is judged, and asks the rules what the replay asks them; what they
// counted, and what would lift an objection, it learns by asking them again with
// one thing changed.
//
// It shows no person's id, no address and no evidence of a consent.
package explain

import (
	"errors"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Question asks about one intent: one of the history, or one that nobody made.
type Question struct {
	Policy *rules.Policy
	Name   string // how the policy was asked for

	Intent rules.IntentID // of the history; "" where it is one that nobody made
	Person rules.PersonID // whose; "" where the id is one person's only
	New    []byte         // the intent that nobody made, as JSON
	At     rules.Instant  // when it is asked; 0: when it was, or at the end of the history
}

// What is wrong with a question.
var (
	ErrNotThere = errors.New("the history has no such intent")
	ErrWhose    = errors.New("several people have an intent of this id")
	ErrWhen     = errors.New("the history is empty, and nobody says when")
)

// Explanation is the answer.
type Explanation struct {
	Policy string `json:"policy"`
	Hash   string `json:"hash"`

	Intent   string `json:"intent"`
	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Class    string `json:"class"` // as it is judged
	Campaign string `json:"campaign"`
	Subject  string `json:"subject,omitempty"`
	Brand    string `json:"brand,omitempty"`
	Mode     string `json:"mode,omitempty"`

	Decision   string  `json:"decision,omitempty"`   // its id
	Verdict    string  `json:"verdict,omitempty"`    // approved or vetoed; "" where the intent could not be read
	Reason     string  `json:"reason,omitempty"`     // the first
	Detail     string  `json:"detail,omitempty"`     // in words
	Decided    Instant `json:"decided,omitempty"`    // when it was judged, or would be
	Arrived    Instant `json:"arrived,omitempty"`    // when it came
	Earliest   Instant `json:"earliest,omitempty"`   // on a veto: when nothing known would object
	NotAfter   Instant `json:"not_after,omitempty"`  // on an approval
	Final      bool    `json:"final,omitempty"`      // no passing of time helps
	Original   string  `json:"original,omitempty"`   // on a duplicate: the decision that the id got first
	Unreadable string  `json:"unreadable,omitempty"` // why it is a dead letter
	Supposed   string  `json:"supposed,omitempty"`   // what is assumed that the history does not say
	Unasked    string  `json:"unasked,omitempty"`    // why no rule was asked
	SpokenFor  string  `json:"spoken_for,omitempty"` // the intent that spoke for this one too
	Again      int     `json:"again,omitempty"`      // how often the same id came once more, later

	Rules    []Rule    `json:"rules,omitempty"`
	Channels []Channel `json:"channels,omitempty"` // what another channel would bring
}

// Rule is what one rule had to say.
type Rule struct {
	Reason     string    `json:"reason"`
	Rule       string    `json:"rule"`
	Line       string    `json:"line"` // where in the policy; core where no policy can take it away
	Cites      string    `json:"cites,omitempty"`
	Unverified bool      `json:"unverified,omitempty"`
	Trial      bool      `json:"trial,omitempty"`
	Objects    bool      `json:"objects"`
	Detail     string    `json:"detail,omitempty"`
	Until      Instant   `json:"until,omitempty"`    // when it would no longer object; "" where time does not help
	Counts     *Count    `json:"counts,omitempty"`   // of a rule that counts contacts, and binds the intent
	Contacts   []Contact `json:"contacts,omitempty"` // what it counted, or what it objects because of
	Noes       []No      `json:"noes,omitempty"`
	Change     []string  `json:"change,omitempty"` // what would have to change
}

// Count is what a rule counted.
type Count struct {
	Used   int  `json:"used"`
	Limit  int  `json:"limit"`
	Waived bool `json:"waived,omitempty"` // a consent of the person set the rule aside
}

// Contact is one contact that a rule counted.
type Contact struct {
	At       Instant `json:"at"`
	Intent   string  `json:"intent"`
	Channel  string  `json:"channel"`
	Campaign string  `json:"campaign"`
	State    string  `json:"state"`
}

// No is one no of a person that a rule objects because of.
type No struct {
	At     Instant `json:"at"`
	Kind   string  `json:"kind"`
	Scope  string  `json:"scope"`
	Signal string  `json:"signal,omitempty"`
}

// Channel is what would become of the intent on another channel.
type Channel struct {
	Channel string   `json:"channel"`
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons,omitempty"`
	Until   Instant  `json:"earliest,omitempty"`
}

// Instant is a time of RFC 3339, in UTC; "" is none.
type Instant string

func instant(at rules.Instant) Instant {
	if at == 0 || at == rules.Never {
		return ""
	}
	return Instant(at.String())
}

func (x *Explanation) about(in *rules.Intent, p *rules.Policy) {
	x.Channel, x.Purpose, x.Class, x.Campaign = string(in.Channel), string(in.Purpose), string(p.Judged(in)), string(in.Campaign)
	x.Subject, x.Brand = string(in.Subject), string(in.Brand)
	if in.Channel == rules.ChannelCall {
		x.Mode = string(in.Mode)
	}
}

func (x *Explanation) decided(d *schemas.Decision) {
	x.Decision, x.Verdict, x.Reason, x.Final, x.Original = d.ID, string(d.Verdict), d.Reason, d.Final, d.Original
	x.Decided, x.Earliest, x.NotAfter = instant(rules.Instant(d.Decided)), instant(rules.Instant(d.Earliest)), instant(rules.Instant(d.NotAfter))
	if len(d.Reasons) > 0 {
		x.Detail = d.Reasons[0].Detail
	}
}
