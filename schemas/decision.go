package schemas

import "math"

// Verdict is yes or no.
type Verdict string

// The verdicts.
const (
	Approved Verdict = "approved"
	Vetoed   Verdict = "vetoed"
)

// Decision is what the governor says to one intent, on contact.approved or
// contact.vetoed. Strings are as on the wire; an absent one is "".
//
// On the wire, nil and empty slices are the same, and are nil when read.
type Decision struct {
	ID string // deterministic: the same intent, redelivered, has the same id and bytes

	Intent, Person, Channel, Purpose, Campaign, Subject, Brand, Engine string // copied from the intent

	Verdict  Verdict
	Reason   string      // the first of Reasons; "" on approval
	Reasons  []Objection // every rule that said no
	Shadow   []Objection // every rule on trial that would have said no: nothing followed from it
	Final    bool        // asking again is pointless until the person acts
	Earliest Time        // on a veto that is not final: the first instant without objection
	NotAfter Time        // on approval: redeem before this
	Original string      // on a duplicate: the decision that the id got first
	Items    []string    // on an approval that coalesces: the ids of the intents in it
	Leave    *Leave      // on approval, where the channel carries one: the way out; nil otherwise
	Evidence []Evidence  // what was counted
	Decided  Time        // when it was decided, by the governor's clock
	Policy   string      // hash of the policy
	Signals  int64       // position in contact.signals that it was made at
}

// Objection is one rule that said no.
type Objection struct {
	Rule     string // the rule's name in the policy
	Reason   string // the reason code
	Detail   string // for a person to read
	Earliest Time   // from when this rule would not object; 0 where time does not help
	Line     string // where in the policy it stands, as file:line:column
	Cites    string // the sentence or paragraph that the rule comes from
}

// Evidence is what one rule counted, on a yes as well as on a no.
type Evidence struct {
	Rule   string
	Used   int
	Limit  int
	Waived bool // a consent of the person set the rule aside: the contact does not count toward it
	Shadow bool // the rule is on trial
}

// AppendJSON appends the decision as one JSON object, fields in the order of
// the contract. Always there: id, intent, person, channel, purpose, campaign,
// verdict, reason, reasons, decided, policy, signals, and final on a veto.
func (d Decision) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", d.ID)
	w.str("intent", d.Intent)
	w.str("person", d.Person)
	w.str("channel", d.Channel)
	w.str("purpose", d.Purpose)
	w.str("campaign", d.Campaign)
	w.optional("subject", d.Subject)
	w.optional("brand", d.Brand)
	w.optional("engine", d.Engine)
	w.str("verdict", string(d.Verdict))
	w.str("reason", d.Reason)
	w.objections("reasons", d.Reasons)
	if len(d.Shadow) > 0 {
		w.objections("shadow", d.Shadow)
	}
	if d.Final || d.Verdict == Vetoed {
		w.bool("final", d.Final)
	}
	w.optionalTime("earliest", d.Earliest)
	w.optionalTime("not_after", d.NotAfter)
	w.optional("original", d.Original)
	if len(d.Items) > 0 {
		w.strs("items", d.Items)
	}
	w.leave(d.Leave)
	if len(d.Evidence) > 0 {
		w.evidence(d.Evidence)
	}
	w.time("decided", d.Decided)
	w.str("policy", d.Policy)
	w.int("signals", d.Signals)
	return w.close()
}

func (w *writer) objections(name string, list []Objection) {
	w.name(name)
	w.b = append(w.b, '[')
	for i, r := range list {
		w.comma(i)
		e := open(w.b)
		e.str("rule", r.Rule)
		e.str("reason", r.Reason)
		e.optional("detail", r.Detail)
		e.optionalTime("earliest", r.Earliest)
		e.optional("line", r.Line)
		e.optional("cites", r.Cites)
		w.b = e.close()
	}
	w.b = append(w.b, ']')
}

func (w *writer) evidence(list []Evidence) {
	w.name("evidence")
	w.b = append(w.b, '[')
	for i, v := range list {
		w.comma(i)
		e := open(w.b)
		e.str("rule", v.Rule)
		e.int("used", int64(v.Used))
		e.int("limit", int64(v.Limit))
		if v.Waived {
			e.bool("waived", true)
		}
		if v.Shadow {
			e.bool("shadow", true)
		}
		w.b = e.close()
	}
	w.b = append(w.b, ']')
}

// DecodeDecision reads a decision that AppendJSON wrote, be it by a later
// release: fields that are not known here are read over. It is as strict as
// the other decoders in JSON and in types, but sets no limits, for what is
// read was within them. The error is a *Malformed.
func DecodeDecision(value []byte) (Decision, error) {
	var o object
	if err := o.openWritten(value); err != nil {
		return Decision{}, err
	}
	d := Decision{
		ID:       o.str(fID, 0, words),
		Intent:   o.str(fIntent, 0, words),
		Person:   o.str(fPerson, 0, words),
		Channel:  o.str(fChannel, 0, words),
		Purpose:  o.str(fPurpose, 0, words),
		Campaign: o.str(fCampaign, 0, words),
		Subject:  o.str(fSubject, 0, words),
		Brand:    o.str(fBrand, 0, words),
		Engine:   o.str(fEngine, 0, words),
		Verdict:  choice(&o, fVerdict, []Verdict{Approved, Vetoed}),
		Reason:   o.str(fReason, 0, words),
		Reasons:  o.objections(fReasons, "reasons"),
		Shadow:   o.objections(fShadow, "shadow"),
		Final:    o.boolean(fFinal),
		Earliest: o.time(fEarliest),
		NotAfter: o.time(fNotAfter),
		Original: o.str(fOriginal, 0, words),
		Items:    o.items(),
		Leave:    o.leave(value),
		Evidence: o.evidence(),
		Decided:  o.time(fDecided),
		Policy:   o.str(fPolicy, 0, words),
		Signals:  o.whole(fSignals, math.MinInt64, math.MaxInt64, 0),
	}
	o.require(1<<fID | 1<<fIntent | 1<<fPerson | 1<<fVerdict | 1<<fDecided)
	if err := o.err(); err != nil {
		return Decision{}, err
	}
	return d, nil
}

func (o *object) objections(f field, name string) (list []Objection) {
	o.array(f, 0, func(i int, raw []byte) {
		e := object{path: entry(name, i)}
		if e.open(raw, anyField) {
			list = append(list, Objection{
				Rule:     e.str(fRule, 0, words),
				Reason:   e.str(fReason, 0, words),
				Detail:   e.str(fDetail, 0, words),
				Earliest: e.time(fEarliest),
				Line:     e.str(fLine, 0, words),
				Cites:    e.str(fCites, 0, words),
			})
		}
		o.take(&e)
	})
	return list
}

func (o *object) evidence() (list []Evidence) {
	o.array(fEvidence, 0, func(i int, raw []byte) {
		e := object{path: entry("evidence", i)}
		if e.open(raw, anyField) {
			list = append(list, Evidence{
				Rule:   e.str(fRule, 0, words),
				Used:   int(e.whole(fUsed, math.MinInt64, math.MaxInt64, 0)),
				Limit:  int(e.whole(fLimit, math.MinInt64, math.MaxInt64, 0)),
				Waived: e.boolean(fWaived),
				Shadow: e.boolean(fShadow),
			})
		}
		o.take(&e)
	})
	return list
}

// items reads the ids that an approval carries.
func (o *object) items() []string {
	items := o.strs(fItems, 0, 0, words)
	if len(items) == 0 {
		return nil
	}
	return items
}
