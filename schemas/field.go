package schemas

import "math/bits"

// A field is one field name of any message: there is one list for all of them,
// because they share most. A message is then a fieldSet.
type field uint8

const (
	fID field = iota
	fPerson
	fType
	fAt
	fChannel
	fPurpose
	fCampaign
	fSubject
	fBrand
	fEngine
	fNotBefore
	fNotAfter
	fAddress
	fZones
	fMode
	fPriority
	fMessage
	fReplyTo
	fContainsPromotion

	fSource
	fEvidence
	fText
	fAuto
	fIntent
	fDecision
	fResult
	fKind
	fActor
	fQuiet
	fBudget
	fValue
	fStatus
	fInto
	fDays
	fFrom
	fTo
	fMax
	fPer

	fVerdict
	fReason
	fReasons
	fFinal
	fEarliest
	fOriginal
	fItems
	fDecided
	fPolicy
	fSignals
	fRule
	fDetail
	fLine
	fUsed
	fLimit
	fSignal
	fRevoked
	fOK
	fShadow
	fCites
	fWaived
	fWorker
	fAgain
	fAnswered

	fieldCount
	noField = fieldCount
)

// A fieldSet is a set of fields, written 1<<fID | 1<<fPerson; 0 is empty.
type fieldSet uint64

// anyField is the set of all.
const anyField fieldSet = 1<<fieldCount - 1

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

// pop takes the first field out of the set, which must not be empty.
func (s *fieldSet) pop() field {
	f := field(bits.TrailingZeros64(uint64(*s)))
	*s &= *s - 1
	return f
}

// String returns the name on the wire.
func (f field) String() string {
	names := [...]string{
		fID: "id", fPerson: "person", fType: "type", fAt: "at", fChannel: "channel", fPurpose: "purpose",
		fCampaign: "campaign", fSubject: "subject", fBrand: "brand", fEngine: "engine", fNotBefore: "not_before",
		fNotAfter: "not_after", fAddress: "address", fZones: "zones", fMode: "mode", fPriority: "priority",
		fMessage: "message", fReplyTo: "reply_to", fContainsPromotion: "contains_promotion",
		fSource: "source", fEvidence: "evidence", fText: "text", fAuto: "auto", fIntent: "intent", fDecision: "decision",
		fResult: "result", fKind: "kind", fActor: "actor", fQuiet: "quiet", fBudget: "budget", fValue: "value",
		fStatus: "status", fInto: "into", fDays: "days", fFrom: "from", fTo: "to", fMax: "max", fPer: "per",
		fVerdict: "verdict", fReason: "reason", fReasons: "reasons", fFinal: "final", fEarliest: "earliest",
		fOriginal: "original", fItems: "items", fDecided: "decided", fPolicy: "policy", fSignals: "signals",
		fRule: "rule", fDetail: "detail", fLine: "line", fUsed: "used", fLimit: "limit", fSignal: "signal",
		fRevoked: "revoked", fOK: "ok", fShadow: "shadow", fCites: "cites", fWaived: "waived", fWorker: "worker", fAgain: "again", fAnswered: "answered",
	}
	return names[f]
}

// fieldNamed returns the field with that name, or noField. Names are
// case-sensitive: "ID" is not "id". It is a switch and not a map so that
// nothing is allocated and nothing is package state; a test holds it against
// String.
func fieldNamed(name []byte) field {
	switch string(name) {
	case "id":
		return fID
	case "person":
		return fPerson
	case "type":
		return fType
	case "at":
		return fAt
	case "channel":
		return fChannel
	case "purpose":
		return fPurpose
	case "campaign":
		return fCampaign
	case "subject":
		return fSubject
	case "brand":
		return fBrand
	case "engine":
		return fEngine
	case "not_before":
		return fNotBefore
	case "not_after":
		return fNotAfter
	case "address":
		return fAddress
	case "zones":
		return fZones
	case "mode":
		return fMode
	case "priority":
		return fPriority
	case "message":
		return fMessage
	case "reply_to":
		return fReplyTo
	case "contains_promotion":
		return fContainsPromotion
	case "source":
		return fSource
	case "evidence":
		return fEvidence
	case "text":
		return fText
	case "auto":
		return fAuto
	case "intent":
		return fIntent
	case "decision":
		return fDecision
	case "result":
		return fResult
	case "kind":
		return fKind
	case "actor":
		return fActor
	case "quiet":
		return fQuiet
	case "budget":
		return fBudget
	case "value":
		return fValue
	case "status":
		return fStatus
	case "into":
		return fInto
	case "days":
		return fDays
	case "from":
		return fFrom
	case "to":
		return fTo
	case "max":
		return fMax
	case "per":
		return fPer
	case "worker":
		return fWorker
	}
	return outputField(name)
}

// outputField is fieldNamed for the names that only the governor's own
// messages have.
func outputField(name []byte) field {
	switch string(name) {
	case "verdict":
		return fVerdict
	case "reason":
		return fReason
	case "reasons":
		return fReasons
	case "final":
		return fFinal
	case "earliest":
		return fEarliest
	case "original":
		return fOriginal
	case "items":
		return fItems
	case "decided":
		return fDecided
	case "policy":
		return fPolicy
	case "signals":
		return fSignals
	case "rule":
		return fRule
	case "detail":
		return fDetail
	case "line":
		return fLine
	case "used":
		return fUsed
	case "limit":
		return fLimit
	case "signal":
		return fSignal
	case "revoked":
		return fRevoked
	case "ok":
		return fOK
	case "shadow":
		return fShadow
	case "cites":
		return fCites
	case "waived":
		return fWaived
	case "again":
		return fAgain
	case "answered":
		return fAnswered
	}
	return noField
}
