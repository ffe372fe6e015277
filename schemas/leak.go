package schemas

import "time"

// Leak says that the person said no after a worker had taken the approval, and
// before anything was heard of the contact: it may have happened after the no. It is
// on contact.leaked, once for each approval at most.
type Leak struct {
	ID       string
	Decision string // the approval
	Intent   string
	Person   string
	Reason   string // the code that a veto would carry now
	Signal   string // id of the signal that brought it about
	Redeemed Time   // when the worker took it
	Refused  Time   // when the no was heard
}

// Seconds is how long the worker had had it when the no came.
func (l Leak) Seconds() float64 {
	return (time.Duration(l.Refused-l.Redeemed) * time.Millisecond).Seconds()
}

// AppendJSON appends the leak as one JSON object.
func (l Leak) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", l.ID)
	w.str("decision", l.Decision)
	w.str("intent", l.Intent)
	w.str("person", l.Person)
	w.str("reason", l.Reason)
	w.optional("signal", l.Signal)
	w.time("redeemed", l.Redeemed)
	w.time("refused", l.Refused)
	w.millis("seconds", max(0, int64(l.Refused-l.Redeemed)))
	return w.close()
}

// DecodeLeak reads which approval a leak is of, and whose: what a memory is made
// anew from.
func DecodeLeak(value []byte) (person, decision string, err error) {
	var o object
	if err := o.openWritten(value); err != nil {
		return "", "", err
	}
	person, decision = o.str(fPerson, 0, words), o.str(fDecision, 0, words)
	o.require(1<<fPerson | 1<<fDecision)
	return person, decision, o.err()
}
