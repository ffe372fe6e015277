package rules

import (
	"cmp"
	"time"
)

// Contact is an approved intent, and what became of it. What it was is frozen
// at the decision: a policy that renames a purpose later does not change what
// was counted.
type Contact struct {
	Intent   IntentID
	Decision DecisionID
	Content  uint64   // Intent.Fingerprint
	Record   PersonID // whose record it was made for, where records were merged; "" where none were

	Made     Instant // when the engine made the intent
	At       Instant // of the decision: from here on it counts
	NotAfter Instant // to be redeemed before this

	Channel  Channel
	Purpose  Purpose
	Class    Class // as it was judged: an ask is a solicitation, so is a service notice that sells
	Campaign Campaign
	Subject  Subject
	Brand    Brand
	Address  Address
	Mode     Mode
	Message  string
	Promotes bool
	ReplyTo  SignalID         // what it answers
	Waived   []string         // caps that a prior consent set aside: it does not count toward them
	Zones    []*time.Location // those that the intent named
	Items    []IntentID       // the intents of the notice, its own included; nil for a single contact

	Fate      Fate
	Redeemed  Instant // when a worker took it; 0 if none did
	Worker    uint64  // the hash of the token of the worker that did; 0 is not known
	Delivered Instant // the earliest sign that it reached the person; 0 if none (semantics.md, "Counting")
	Answered  Instant // of a call: the earliest word that it was answered; 0 if none
	Abandoned Instant // of a call: the earliest word that nobody was there to talk then; 0 if none
}

// Fate is what became of a contact: a set, to which words are only added, so
// that their order does not matter.
type Fate uint16

// The words on a contact's fate.
const (
	WasRedeemed Fate = 1 << iota // a worker took the approval
	WasRevoked                   // the approval was taken back
	Happened                     // any result that says the person was reached for
	NotSent
	OptedOut // the provider refused it for the person
	Busy
	WrongNumber
	Elsewhere // it was approved on a record of the person in another partition, and is redeemed there
	Leaked    // the person said no after a worker took it, and before anything was heard of it
)

const concluded = Happened | NotSent | OptedOut | Busy | WrongNumber

// Has says whether any of the given words was said.
func (f Fate) Has(words Fate) bool { return f&words != 0 }

// Taken says whether a worker took the approval, or an outcome is known of it.
func (c *Contact) Taken() bool { return c.Fate.Has(WasRedeemed | concluded) }

// Underway says whether a worker took the approval, and nothing was heard of the
// contact yet.
func (c *Contact) Underway() bool { return c.Fate.Has(WasRedeemed) && !c.Fate.Has(concluded) }

// TakenBy says whether it is under way in the hands of that worker.
func (c *Contact) TakenBy(worker uint64) bool {
	return worker != 0 && c.Worker == worker && c.Underway()
}

// Contradicted says whether it was said both that the contact happened and that it
// did not. The first of these counts, in whatever order they came.
func (c *Contact) Contradicted() bool {
	return c.Fate.Has(Happened) && c.Fate.Has(NotSent|OptedOut|Busy)
}

// Pending says whether the approval could still be redeemed here, were it in time:
// nobody took it, and nobody took it back.
func (c *Contact) Pending() bool { return !c.Taken() && !c.Fate.Has(WasRevoked|Elsewhere) }

// countsUntil is the instant from which on the contact counts no longer, if
// nothing else happens: its expiry while it is pending, never if it counts for
// good, 0 if it does not count.
//
// "It happened" beats not_sent, opted_out and busy in whatever order, and
// wrong_number beats all. Nobody said: it counts.
func (c *Contact) countsUntil() Instant {
	switch f := c.Fate; {
	case f.Has(WrongNumber):
		return 0
	case f.Has(Happened):
		return Never
	case f.Has(NotSent | OptedOut | Busy):
		return 0
	case f.Has(WasRedeemed):
		return Never
	case f.Has(WasRevoked):
		return 0
	}
	return c.NotAfter
}

// pausesUntil is countsUntil for the gap between contacts, toward which a busy
// line counts too.
func (c *Contact) pausesUntil() Instant {
	if c.Fate.Has(Busy) && !c.Fate.Has(WrongNumber) {
		return Never
	}
	return c.countsUntil()
}

// Learn adds to what became of a contact what another memory of the same contact
// knows. It never says that the other should stay in its place.
func (c *Contact) Learn(other *Contact) bool {
	c.Fate |= other.Fate &^ Elsewhere
	c.Redeemed, c.Delivered = first(c.Redeemed, other.Redeemed), first(c.Delivered, other.Delivered)
	c.Answered, c.Abandoned = first(c.Answered, other.Answered), first(c.Abandoned, other.Abandoned)
	c.Worker = max(c.Worker, other.Worker)
	return false
}

// first is the earlier of two instants, of which either may be absent.
func first(a, b Instant) Instant {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Outweighs says of two contacts under one intent id, of records that were merged,
// whether this one stays: the one that counts longer, or keeps others away longer.
func (c *Contact) Outweighs(other *Contact) bool {
	return cmp.Or(
		cmp.Compare(c.countsUntil(), other.countsUntil()), cmp.Compare(c.pausesUntil(), other.pausesUntil()),
		cmp.Compare(c.At, other.At), cmp.Compare(c.Decision, other.Decision),
	) > 0
}

// CountsAt says whether the contact counts at the given instant.
func (c *Contact) CountsAt(at Instant) bool { return at < c.countsUntil() }

// Fared says how a call fared: when it was answered, 0 if it was not, and whether
// it was abandoned. Where both was said it was abandoned, and counts then.
func (c *Contact) Fared() (at Instant, abandoned bool) {
	if c.Abandoned != 0 {
		return c.Abandoned, true
	}
	return c.Answered, false
}

// Carries says whether the contact is about the intent id: its own, or one that
// it coalesced.
func (c *Contact) Carries(id IntentID) bool {
	if c.Intent == id {
		return true
	}
	for _, item := range c.Items {
		if item == id {
			return true
		}
	}
	return false
}

// AsIntent is the contact as the intent that it was, for judging it again
// (Rejudge). What is known beside the person is for the caller to fill in.
func (c *Contact) AsIntent(person PersonID) Intent {
	return Intent{
		ID: c.Intent, Person: person, Channel: c.Channel, Purpose: c.Purpose, Campaign: c.Campaign,
		Subject: c.Subject, Brand: c.Brand, Address: c.Address, Mode: c.Mode, Message: c.Message,
		Promotes: c.Promotes, ReplyTo: c.ReplyTo, Zones: c.Zones, At: c.Made,
	}
}
