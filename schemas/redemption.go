package schemas

// Redemption answers a worker that asked, just before a contact, whether it still
// may: on contact.redeemed, once for each signal of the type redeem.
type Redemption struct {
	ID       string // of the signal that asked
	Intent   string
	Decision string // the approval; "" where there is none
	Person   string
	Worker   string // who asked: its token
	OK       bool
	Reason   string // "" when OK; else as in a RedeemAnswer
	NotAfter Time   // when OK: the contact is to begin before this
	Again    bool   // when OK: the same worker asked before, and had the same answer
	Answered Time   // when it was decided
}

// AppendJSON appends the answer as one JSON object.
func (r Redemption) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", r.ID)
	w.str("intent", r.Intent)
	w.optional("decision", r.Decision)
	w.str("person", r.Person)
	w.str("worker", r.Worker)
	w.bool("ok", r.OK)
	w.str("reason", r.Reason)
	w.optionalTime("not_after", r.NotAfter)
	if r.Again {
		w.bool("again", true)
	}
	w.time("answered", r.Answered)
	return w.close()
}

// DecodeRedemption reads an answer that AppendJSON wrote, as DecodeDecision does a
// decision.
func DecodeRedemption(value []byte) (Redemption, error) {
	var o object
	if err := o.openWritten(value); err != nil {
		return Redemption{}, err
	}
	r := Redemption{
		ID:       o.str(fID, 0, words),
		Intent:   o.str(fIntent, 0, words),
		Decision: o.str(fDecision, 0, words),
		Person:   o.str(fPerson, 0, words),
		Worker:   o.str(fWorker, 0, words),
		OK:       o.boolean(fOK),
		Reason:   o.str(fReason, 0, words),
		NotAfter: o.time(fNotAfter),
		Again:    o.boolean(fAgain),
		Answered: o.time(fAnswered),
	}
	o.require(1<<fID | 1<<fIntent | 1<<fPerson | 1<<fWorker | 1<<fAnswered)
	if err := o.err(); err != nil {
		return Redemption{}, err
	}
	return r, nil
}
