package rules

import (
	"slices"
	"time"
)

// Person is what is remembered about one person. Decide reads it and never
// changes it; package state folds decisions and signals into it.
//
// The zero value is a person of whom nothing is known: nobody has refused,
// nothing was sent.
type Person struct {
	Noes     []No
	Consents []Consent
	Contacts []Contact // approvals, in the order of their decision
	Known    KnownIDs  // of vetoed intents, for 24 h
	Spent    Spent     // the ids that are known no longer
	Held     []Held    // what waits, unjudged, in order of arrival
	Cases    []Case
	Numbers  []Number // addresses that were assigned or reassigned

	Talks []Talk    // conversations with the person, the latest of each kind
	Asked []Request // what the person wrote or said that may be answered

	Merges []Merge // how several records became one person; nil where there is but one

	HumanAct  Instant // the latest sign of life by a human; 0 is none yet
	Abandoned Instant // the latest abandoned call or timed-out hold
	Erased    Instant // when the person asked to be forgotten, the last time; 0 is never
	OptOut    Instant // arrival of the latest opt-out by refusal or reply, which may be confirmed once

	Zones    []*time.Location // where the person is known to be
	ZonesAt  Instant          // when the person said so
	Quiet    []QuietSpan      // times that the person named as inconvenient
	QuietAt  Instant
	Budget   []Budget // how much the person wants at most
	BudgetAt Instant
}

// Talk is the latest conversation with the person on a channel about a subject,
// whoever began it.
type Talk struct {
	Channel Channel
	Subject Subject // "" where nobody said what it was about
	At      Instant
}

// Request is a reply or a conversation of the person, which an intent may answer
// (reply_to).
type Request struct {
	Signal  SignalID
	Channel Channel
	At      Instant
}

// NoKind says where a no comes from. Reasons stand side by side: lifting one
// lifts no other.
type NoKind string

// The kinds of no.
const (
	Refused     NoKind = "refusal"
	Cancelled   NoKind = "cancellation"
	Complained  NoKind = "complaint"
	Unreachable NoKind = "unreachable" // the address bounced or belongs to somebody else; no consent lifts it
)

// No is one no of the person. It has no end: a no is a state, not a suggestion,
// and nothing but a later consent that covers the intent stands against it.
type No struct {
	Kind   NoKind
	Scope  Scope
	At     Instant // when it was said
	Signal SignalID
	Erased bool // said before the person asked to be forgotten

	// Record is whose record it was said on, where records were merged; "" where
	// none were.
	Record PersonID
}

// AddressNo is what somebody else refused at an address that is shared: it binds
// whoever is contacted there, within its exact scope. Only its author's consent
// lifts it.
type AddressNo struct {
	No
	Consents []Consent // the author's, of those that may lift it
}

// Consent is a yes. It stands against a no only if it is Effective: the person
// gave it in the settings, or there is evidence of it.
type Consent struct {
	Scope     Scope
	At        Instant
	Effective bool
	Evidence  string
	Signal    SignalID

	// Record is whose record it was given on, where records were merged; "" where
	// none were. It lifts only noes of that record, and of those that were merged
	// with it by then.
	Record PersonID
}

// Case is a complaint that was opened, and perhaps closed, about a subject of a
// brand.
type Case struct {
	Subject Subject
	Brand   Brand
	At      Instant // of the latest word on it
	Open    bool
}

// Number is the latest word on who has an address now.
type Number struct {
	Address    Address
	At         Instant
	Reassigned bool // it is somebody else's now: a consent does not outlive that
}

// QuietSpan is a time of the week at which the person does not want to be
// contacted. From and To are local times since midnight, half-open; a span
// whose To is not after its From ends on the next day.
type QuietSpan struct {
	Days     [7]bool // indexed by time.Weekday: the days on which it starts
	From, To time.Duration
}

// Budget is how many contacts the person wants at most within Per, on one
// channel or, where Channel is empty, on all together.
type Budget struct {
	Channel Channel
	Max     int
	Per     time.Duration
}

// Held is an intent that waits, unjudged, for its group to be due: a notice for
// others about the same subject, or one that would take the last slot of a cap for
// whoever needs that more urgently.
type Held struct {
	Intent   Intent
	Arrived  Instant
	Decision DecisionID // the id that its decision will carry
	Source   int64      // the offset of its record
	Trace    string     // what its record said of the trace that it is part of, for its decision's; nothing here looks at it

	Slots []string // the rules of the caps whose last slot it would take; nil of a notice
	By    Instant  // it must be judged then at the latest; 0 of a notice
}

// Arbitrated says whether it waits for the last slot of a cap.
func (h *Held) Arbitrated() bool { return h.Slots != nil }

// Spent remembers, as hashes, ids that are no longer known but had a decision:
// if one is asked again its decision needs an id of its own. It keeps the
// latest; once it had to drop one, every id may be spent.
type Spent struct {
	Hashes  []uint64
	Dropped bool
}

// mostSpent bounds how many hashes are kept of one person.
const mostSpent = 512

// Add remembers that the id had a decision.
func (s *Spent) Add(id IntentID) {
	if len(s.Hashes) == mostSpent {
		s.Hashes = s.Hashes[:copy(s.Hashes, s.Hashes[1:])]
		s.Dropped = true
	}
	s.Hashes = append(s.Hashes, id.hash())
}

// Join remembers what another remembers.
func (s *Spent) Join(other *Spent) {
	for _, hash := range other.Hashes {
		if !slices.Contains(s.Hashes, hash) {
			s.Hashes = append(s.Hashes, hash)
		}
	}
	over := max(0, len(s.Hashes)-mostSpent)
	s.Hashes = s.Hashes[over:]
	s.Dropped = s.Dropped || other.Dropped || over > 0
}

// May says whether the id may have had a decision before.
func (s *Spent) May(id IntentID) bool {
	return s.Dropped || slices.Contains(s.Hashes, id.hash())
}

func (id IntentID) hash() uint64 { return uint64(fnvOffset.with(string(id))) }

// DecisionID is the id that a decision on the intent will carry. The first one
// is made from the person and the intent's id; one on an id that had a decision
// before also takes the position of its record.
func (p *Person) DecisionID(person PersonID, intent IntentID, position func() string) DecisionID {
	taken := p.Spent.May(intent) || p.Known.latest(intent) != nil
	for i := range p.Contacts {
		taken = taken || p.Contacts[i].Intent == intent
	}
	for i := range p.Held {
		taken = taken || p.Held[i].Intent.ID == intent
	}
	if taken {
		return RepeatedDecisionFor(person, intent, position())
	}
	return DecisionFor(person, intent)
}

// MemoryOfVetoes is how long the id of a vetoed intent stays known, half-open;
// MemoryOfApprovals how long at least that of an approved one does
// (semantics.md, "The same again").
const (
	MemoryOfVetoes    = 24 * time.Hour
	MemoryOfApprovals = 400 * 24 * time.Hour
)

// yes is the effective consent, made after the given instant, that covers the
// intent. A tie goes to the no.
func (p *Person) yes(in *Intent, after Instant) bool {
	for i := range p.Consents {
		c := &p.Consents[i]
		if c.Effective && c.At > after && c.Scope.covers(in) {
			return true
		}
	}
	return false
}
