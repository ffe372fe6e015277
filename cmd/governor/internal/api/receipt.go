package api

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// How many of the latest records of each topic are looked at.
const (
	mostReceipts = 20_000
	mostExported = 200_000
)

// receiptTopics are where it says why somebody was contacted, or left alone.
func receiptTopics() []string {
	return []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked}
}

// receipt says why the person was contacted, or left alone, once.
type receipt struct {
	At     string         `json:"at"`
	Topic  string         `json:"topic"`
	Told   string         `json:"told"`   // one sentence
	Record jsontext.Value `json:"record"` // as it was written
}

// receipts are those of records of the log, in the order of time.
func receipts(records []Record, now rules.Instant) []receipt {
	out := []receipt{}
	for i := range records {
		r := &records[i]
		if told, at, ok := Tell(r, now, You); ok {
			out = append(out, receipt{at, r.Topic, told, r.Value})
		}
	}
	slices.SortStableFunc(out, func(a, b receipt) int { return cmp.Compare(a.At, b.At) })
	return out
}

// Whom is how a person is called in a sentence about them.
type Whom string

// Who reads the sentence: the person, or somebody else.
const (
	You  Whom = "you"
	They Whom = "the person"
)

// Tell says in one sentence what a record of the receipts' topics says, and when that was
// decided. Ok is false of any other record. It names nobody.
func Tell(r *Record, now rules.Instant, whom Whom) (told, at string, ok bool) {
	switch r.Topic {
	case governor.Approved, governor.Vetoed:
		d, err := schemas.DecodeDecision(r.Value)
		return tellDecision(&d, now, whom), d.Decided.String(), err == nil
	case governor.Revoked:
		d, err := schemas.DecodeRevocation(r.Value)
		return fmt.Sprintf("The approval for %s was taken back before anybody used it (%s).", d.Intent, d.Reason), d.Revoked.String(), err == nil
	case governor.Redemption:
		d, err := schemas.DecodeRedemption(r.Value)
		if d.OK {
			return fmt.Sprintf("A worker was about to contact %s for %s, and was allowed to begin until %s.", whom, d.Intent, d.NotAfter), d.Answered.String(), err == nil
		}
		return fmt.Sprintf("A worker was about to contact %s for %s, and was not allowed to (%s).", whom, d.Intent, d.Reason), d.Answered.String(), err == nil
	case governor.Leaked:
		_, _, err := schemas.DecodeLeak(r.Value)
		who, their := "You", "your"
		if whom != You {
			who, their = "The person", "their"
		}
		return who + " said no when a worker had already been allowed to begin: that contact may have come after " + their + " no.", text(rules.At(r.Time)), err == nil
	}
	return "", "", false
}

// tellDecision says in one sentence what was wanted, and why it was allowed or not.
func tellDecision(d *schemas.Decision, now rules.Instant, whom Whom) string {
	var s strings.Builder
	by := cmp.Or(d.Engine, "An engine")
	fmt.Fprintf(&s, "%s wanted to contact %s by %s for %s (campaign %s)", by, whom, d.Channel, d.Purpose, d.Campaign)
	if d.Subject != "" {
		fmt.Fprintf(&s, " about %s", d.Subject)
	}
	if d.Verdict == schemas.Approved {
		s.WriteString("; it was allowed to, since nothing spoke against it")
		for i, e := range d.Evidence {
			sep := ", "
			if i == 0 {
				sep = ": "
			}
			fmt.Fprintf(&s, "%s%s had %d of %d", sep, e.Rule, e.Used, e.Limit)
		}
		return s.String() + "."
	}
	fmt.Fprintf(&s, "; it was not allowed to (%s)", d.Reason)
	if len(d.Reasons) > 0 && d.Reasons[0].Detail != "" {
		fmt.Fprintf(&s, ": %s", d.Reasons[0].Detail)
	}
	switch {
	case d.Final:
		acts := "act"
		if whom != You {
			acts = "acts"
		}
		fmt.Fprintf(&s, ". Asking again is pointless unless %s %s", whom, acts)
	case rules.Instant(d.Earliest) > now:
		fmt.Fprintf(&s, ". It may ask again from %s on", d.Earliest)
	}
	return s.String() + "."
}
