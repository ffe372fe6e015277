package schemas

import (
	"strings"
)

// signalHead is what every signal must have.
const signalHead fieldSet = 1<<fID | 1<<fPerson | 1<<fType | 1<<fAt

// DecodeSignal reads one signal, strictly. The error is a *Malformed with
// every mistake found; the Signal is then zero, and Salvage says whether a no
// may be lost with it. A field that belongs to another type of signal is
// ignored and counted, like an unknown one. value is not kept.
func DecodeSignal(value []byte) (Signal, Ignored, error) {
	var o object
	if err := o.openRecord(value); err != nil {
		return Signal{}, Ignored{}, err
	}
	if !o.open(value, anyField) {
		return Signal{}, Ignored{}, o.err()
	}
	s := Signal{Type: choice(&o, fType, SignalTypes())}
	may, must := s.Type.fields()
	o.restrict(signalHead | may)
	s.ID = o.str(fID, maxID, line)
	s.Person = o.str(fPerson, maxPerson, line)
	s.At = o.time(fAt)
	o.body(&s)
	o.require(signalHead | must)
	if err := o.err(); err != nil {
		return Signal{}, o.ignored, err
	}
	return s, o.ignored, nil
}

// body reads what the type has beside the head. Fields of other types are
// gone by now, so it may ask for all.
func (o *object) body(s *Signal) {
	s.Channel = o.str(fChannel, maxName, line)
	s.Purpose = o.str(fPurpose, maxName, line)
	s.Subject = o.str(fSubject, maxSubject, line)
	s.Brand = o.str(fBrand, maxBrand, line)
	s.Address = o.str(fAddress, maxAddress, line)
	s.Source = o.str(fSource, maxSource, line)
	s.Evidence = o.str(fEvidence, maxEvidence, words)
	s.Text = o.str(fText, maxText, words)
	s.Auto = o.boolean(fAuto)
	s.Intent = o.str(fIntent, maxID, line)
	s.Decision = o.str(fDecision, maxID, line)
	s.Result = choice(o, fResult, Results())
	s.Kind = choice(o, fKind, Kinds())
	s.Actor = choice(o, fActor, Actors())
	s.Campaign = o.str(fCampaign, maxCampaign, line)
	s.Quiet = o.quiet()
	s.Zones = o.zones()
	s.Budget = o.budgets()
	s.Value = o.str(fValue, maxAddress, line)
	s.Status = choice(o, fStatus, Statuses())
	s.Into = o.str(fInto, maxPerson, line)
	s.Worker = o.str(fWorker, maxID, line)

	switch s.Type {
	case TypeOutcome:
		if o.missing(fIntent) && o.missing(fDecision) {
			o.fail("intent, decision", "are missing; name one of them")
		}
	case TypePreference:
		if !o.has(fQuiet) && !o.has(fZones) && !o.has(fBudget) {
			o.fail("quiet, zones, budget", "are missing; a preference has one of them at least")
		}
	case TypeMerge:
		if s.Into != "" && s.Into == s.Person {
			o.fail("into", "names the person itself; name the other record")
		}
	}
}

// choice reads one of a closed list of words; absent is "".
func choice[T ~string](o *object, f field, list []T) T {
	raw := o.raw[f]
	if raw == nil || o.missing(f) {
		return ""
	}
	if raw[0] != '"' {
		o.fail(f.String(), "must be a string, but is "+kindOf(raw))
		return ""
	}
	word := unquote(raw)
	for _, v := range list {
		if string(word) == string(v) {
			return v
		}
	}
	o.fail(f.String(), "must be "+oneOf(list))
	return ""
}

// oneOf writes "a, b or c".
func oneOf[T ~string](list []T) string {
	var s strings.Builder
	for i, v := range list {
		switch {
		case i > 0 && i == len(list)-1:
			s.WriteString(" or ")
		case i > 0:
			s.WriteString(", ")
		}
		s.WriteString(string(v))
	}
	return s.String()
}
