package schemas

// Revocation takes back an approval that was not redeemed yet, on
// contact.revoked.
type Revocation struct {
	ID       string
	Decision string // the approval that is taken back
	Intent   string
	Person   string
	Reason   string // the code that a veto would carry now
	Signal   string // id of the signal that brought it about
	Revoked  Time
}

// AppendJSON appends the revocation as one JSON object, fields in the order of
// the contract.
func (r Revocation) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", r.ID)
	w.str("decision", r.Decision)
	w.str("intent", r.Intent)
	w.str("person", r.Person)
	w.str("reason", r.Reason)
	w.optional("signal", r.Signal)
	w.time("revoked", r.Revoked)
	return w.close()
}

// DecodeRevocation reads a revocation that AppendJSON wrote, as DecodeDecision
// does a decision.
func DecodeRevocation(value []byte) (Revocation, error) {
	var o object
	if err := o.openWritten(value); err != nil {
		return Revocation{}, err
	}
	r := Revocation{
		ID:       o.str(fID, 0, words),
		Decision: o.str(fDecision, 0, words),
		Intent:   o.str(fIntent, 0, words),
		Person:   o.str(fPerson, 0, words),
		Reason:   o.str(fReason, 0, words),
		Signal:   o.str(fSignal, 0, words),
		Revoked:  o.time(fRevoked),
	}
	o.require(1<<fID | 1<<fDecision | 1<<fIntent | 1<<fPerson | 1<<fReason | 1<<fRevoked)
	if err := o.err(); err != nil {
		return Revocation{}, err
	}
	return r, nil
}

// RedeemAnswer is what a worker hears that asks, just before a contact,
// whether it still may.
type RedeemAnswer struct {
	Intent string
	OK     bool
	Reason string // "" when OK; else expired, already_redeemed, revoked, not_approved, or a reason code
}

// AppendJSON appends the answer as one JSON object.
func (a RedeemAnswer) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("intent", a.Intent)
	w.bool("ok", a.OK)
	w.str("reason", a.Reason)
	return w.close()
}
