package state

import (
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Signal is what a person did or said, or what became of a contact. The
// contract says which fields belong to which type.
type Signal struct {
	ID     rules.SignalID
	Person rules.PersonID
	Type   SignalType
	At     rules.Instant

	Scope    rules.Scope // of a refusal, consent, reply, cancellation, complaint, case or resolution
	Source   string      // of a consent
	Evidence string      // of a consent

	Text string // of a reply
	Auto bool   // of a reply: nobody wrote it

	Intent   rules.IntentID   // of an outcome or a redemption: the contact by its intent,
	Decision rules.DecisionID // or by its decision
	Result   Result

	Human bool // of an engagement: a human acted, surely

	Quiet     []rules.QuietSpan // of a preference; the flags tell an empty list from an absent one
	HasQuiet  bool
	Zones     []*time.Location
	HasZones  bool
	Budget    []rules.Budget
	HasBudget bool

	Status AddressStatus // of an address, which is in Scope.Address

	Into rules.PersonID // of a merge: the other record

	Worker string // of a redemption: the token of whoever asks

	// Raw is the signal as it came. It is a view, good for as long as the record is.
	Raw []byte

	// Of what another partition tells: whose record it is of, what is remembered of
	// that, and what was said of it; or what was refused of the address in Scope. And
	// what the HTTP API tells of a campaign.
	Record   rules.PersonID
	Memory   *Person
	Said     *Signal
	There    *Address
	Campaign *Campaign
}

// SignalType is the type of a signal. The names are the contract's.
type SignalType string

// The types.
const (
	Refusal      SignalType = "refusal"
	Consent      SignalType = "consent"
	Reply        SignalType = "reply"
	Cancellation SignalType = "cancellation"
	Complaint    SignalType = "complaint"
	Outcome      SignalType = "outcome"
	Conversation SignalType = "conversation"
	Engagement   SignalType = "engagement"
	Preference   SignalType = "preference"
	Resolved     SignalType = "resolved"
	CaseOpened   SignalType = "case_opened"
	CaseClosed   SignalType = "case_closed"
	AddressOf    SignalType = "address"
	Merge        SignalType = "merge"
	Erasure      SignalType = "erasure"

	// A worker asks, just before a contact. It is no word of the person: ApplySignal
	// knows nothing of it, Redeem does.
	Redemption SignalType = "redeem"

	// What one partition tells another, and the HTTP API all of them, and nobody else
	// says. ApplySignal knows nothing of them.
	ToldRecord   SignalType = "governor.record"
	ToldAddress  SignalType = "governor.address"
	ToldCampaign SignalType = "governor.campaign"
)

// Result is what became of a contact.
type Result string

// The results.
const (
	Sent              Result = "sent"
	Delivered         Result = "delivered"
	Answered          Result = "answered"
	Conversed         Result = "conversation"
	NoAnswer          Result = "no_answer"
	Busy              Result = "busy"
	Voicemail         Result = "voicemail"
	RinglessVoicemail Result = "ringless_voicemail"
	Abandoned         Result = "abandoned"
	HoldTimeout       Result = "hold_timeout"
	Bounced           Result = "bounced"
	WrongNumber       Result = "wrong_number"
	NotSent           Result = "not_sent"
	OptedOut          Result = "opted_out"
)

// AddressStatus says whose an address is now.
type AddressStatus string

// The statuses.
const (
	Assigned   AddressStatus = "assigned"
	Removed    AddressStatus = "removed" // says nothing about whose it is now
	Reassigned AddressStatus = "reassigned"
)

// SourceSettings is the source of a consent that the person gave in the
// settings: it needs no other evidence.
const SourceSettings = "settings"
