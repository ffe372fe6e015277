package schemas

import (
	"slices"
	"time"
)

// Signal is what a person did or said, or what became of a contact, as
// published on contact.signals. Which fields it has depends on Type; the
// others are zero. An absent string is "".
type Signal struct {
	ID     string
	Person string // equals the record key
	Type   SignalType
	At     Time

	// The scope of a no or a yes: an absent field widens.
	Channel string
	Purpose string
	Subject string
	Brand   string
	Address string

	Source   string // refusal, consent: where it was given; SourceSettings lifts
	Evidence string // consent: what proves it

	Text string // reply: the words
	Auto bool   // reply: an automatic one

	Intent   string // outcome, redeem: of this intent …
	Decision string // … or of this decision; one of them is there
	Result   Result

	Kind     Kind   // engagement
	Actor    Actor  // engagement
	Campaign string // engagement

	// A preference replaces the fields that it has: nil says nothing, and an
	// empty slice that is not nil takes back what stood there.
	Quiet  []Quiet
	Zones  []string // IANA names by their form; whether they exist is not known here
	Budget []Budget

	Value  string // address: the address itself
	Status Status // address: what became of it

	Into string // merge: the other record of the same person

	Worker string // redeem: the token of whoever is about to contact, for this one contact
}

// SourceSettings is the source of what a person set with their own hand.
const SourceSettings = "settings"

// SignalType says what a signal is about.
type SignalType string

// The types of signals. A type that is not here is malformed.
const (
	TypeRefusal      SignalType = "refusal"
	TypeConsent      SignalType = "consent"
	TypeReply        SignalType = "reply"
	TypeCancellation SignalType = "cancellation"
	TypeComplaint    SignalType = "complaint"
	TypeOutcome      SignalType = "outcome"
	TypeConversation SignalType = "conversation"
	TypeEngagement   SignalType = "engagement"
	TypePreference   SignalType = "preference"
	TypeResolved     SignalType = "resolved"
	TypeCaseOpened   SignalType = "case_opened"
	TypeCaseClosed   SignalType = "case_closed"
	TypeAddress      SignalType = "address"
	TypeMerge        SignalType = "merge"
	TypeErasure      SignalType = "erasure"
	TypeRedeem       SignalType = "redeem" // no word of the person: a worker asks, just before the contact
)

// SignalTypes lists every type, in the order of the contract.
func SignalTypes() []SignalType {
	return []SignalType{TypeRefusal, TypeConsent, TypeReply, TypeCancellation, TypeComplaint, TypeOutcome,
		TypeConversation, TypeEngagement, TypePreference, TypeResolved, TypeCaseOpened, TypeCaseClosed,
		TypeAddress, TypeMerge, TypeErasure, TypeRedeem}
}

// fields returns what a signal of this type may and must have beside id,
// person, type and at. It is the contract's table.
func (t SignalType) fields() (may, must fieldSet) {
	switch t {
	case TypeRefusal:
		return 1<<fChannel | 1<<fPurpose | 1<<fSubject | 1<<fBrand | 1<<fAddress | 1<<fSource, 0
	case TypeConsent:
		return 1<<fChannel | 1<<fPurpose | 1<<fSubject | 1<<fBrand | 1<<fAddress | 1<<fSource | 1<<fEvidence, 0
	case TypeReply:
		return 1<<fChannel | 1<<fText | 1<<fAuto | 1<<fBrand | 1<<fAddress, 0
	case TypeCancellation:
		return 1<<fSubject | 1<<fBrand, 0
	case TypeComplaint:
		return 1<<fChannel | 1<<fBrand, 0
	case TypeOutcome: // and one of intent and decision
		return 1<<fIntent | 1<<fDecision | 1<<fResult, 1 << fResult
	case TypeConversation:
		return 1<<fChannel | 1<<fSubject, 1 << fChannel
	case TypeEngagement:
		return 1<<fKind | 1<<fActor | 1<<fCampaign, 1<<fKind | 1<<fActor
	case TypePreference: // and one of them
		return 1<<fQuiet | 1<<fZones | 1<<fBudget, 0
	case TypeResolved:
		return 1 << fSubject, 1 << fSubject
	case TypeCaseOpened, TypeCaseClosed:
		return 1<<fSubject | 1<<fBrand, 0
	case TypeAddress:
		return 1<<fChannel | 1<<fValue | 1<<fStatus, 1<<fChannel | 1<<fValue | 1<<fStatus
	case TypeMerge:
		return 1 << fInto, 1 << fInto
	case TypeRedeem:
		return 1<<fIntent | 1<<fWorker, 1<<fIntent | 1<<fWorker
	case TypeErasure: // nothing
	}
	return 0, 0
}

// known reports whether the contract has this type.
func (t SignalType) known() bool { return slices.Contains(SignalTypes(), t) }

// saysNo reports whether a signal of this type may be a no: one that must not
// get lost, not even unread.
func (t SignalType) saysNo() bool {
	switch t {
	case TypeRefusal, TypeReply, TypeCancellation, TypeComplaint:
		return true
	}
	return false
}

// Result is what became of a contact.
type Result string

// The results of an outcome.
const (
	ResultSent              Result = "sent"
	ResultDelivered         Result = "delivered"
	ResultAnswered          Result = "answered"
	ResultConversation      Result = "conversation"
	ResultNoAnswer          Result = "no_answer"
	ResultBusy              Result = "busy"
	ResultVoicemail         Result = "voicemail"
	ResultRinglessVoicemail Result = "ringless_voicemail"
	ResultAbandoned         Result = "abandoned"
	ResultHoldTimeout       Result = "hold_timeout"
	ResultBounced           Result = "bounced"
	ResultWrongNumber       Result = "wrong_number"
	ResultNotSent           Result = "not_sent"
	ResultOptedOut          Result = "opted_out"
)

// Results lists every result, in the order of the contract.
func Results() []Result {
	return []Result{ResultSent, ResultDelivered, ResultAnswered, ResultConversation, ResultNoAnswer, ResultBusy,
		ResultVoicemail, ResultRinglessVoicemail, ResultAbandoned, ResultHoldTimeout, ResultBounced,
		ResultWrongNumber, ResultNotSent, ResultOptedOut}
}

// Kind is what sort of engagement it was.
type Kind string

// The kinds of engagement.
const (
	KindOpen     Kind = "open"
	KindClick    Kind = "click"
	KindLogin    Kind = "login"
	KindPurchase Kind = "purchase"
	KindVisit    Kind = "visit"
)

// Kinds lists every kind of engagement.
func Kinds() []Kind { return []Kind{KindOpen, KindClick, KindLogin, KindPurchase, KindVisit} }

// Actor is who engaged. Only a human ends a silence.
type Actor string

// The actors of an engagement.
const (
	ActorHuman   Actor = "human"
	ActorMachine Actor = "machine"
	ActorUnknown Actor = "unknown"
)

// Actors lists every actor.
func Actors() []Actor { return []Actor{ActorHuman, ActorMachine, ActorUnknown} }

// Status is what became of an address.
type Status string

// The statuses of an address.
const (
	StatusAssigned   Status = "assigned"
	StatusRemoved    Status = "removed"
	StatusReassigned Status = "reassigned"
)

// Statuses lists every status of an address.
func Statuses() []Status { return []Status{StatusAssigned, StatusRemoved, StatusReassigned} }

// Quiet is a stretch of the person's week in which nothing may come.
type Quiet struct {
	Days []string // of mon … sun: the days on which it starts; one at least
	From int      // minutes after local midnight, 0 to 1439
	To   int      // likewise, up to 1440; not after From: it crosses midnight
}

// Budget is the most contacts that the person wants.
type Budget struct {
	Channel string        // "" for all channels together
	Max     int           // 0 to 1000000
	Per     time.Duration // a millisecond or more
}
