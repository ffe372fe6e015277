package state

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// ApplyDecision folds a decision on an intent into the person: an approval
// becomes a contact that counts from now on, a veto leaves the id known for a
// day and costs nothing else. Items are the ids that a notice coalesced, nil for
// a single contact.
//
// A duplicate or a conflict leaves no trace: the first decision stands.
func ApplyDecision(p *rules.Policy, who *Person, in *rules.Intent, id rules.DecisionID, d *rules.Decision, items []rules.IntentID, now rules.Instant) {
	if d.Original != "" {
		return
	}
	if d.Verdict == rules.Vetoed {
		who.Known.Add(rules.Known{Intent: in.ID, Content: in.Fingerprint(), Decision: id, At: now})
		return
	}
	c := rules.Contact{
		Intent: in.ID, Decision: id, Content: in.Fingerprint(), Record: who.on(in.Person),
		Made: in.At, At: now, NotAfter: d.NotAfter,
		Channel: in.Channel, Purpose: in.Purpose, Class: p.Judged(in), Campaign: in.Campaign,
		Subject: in.Subject, Brand: in.Brand, Address: in.Address, Mode: in.Mode, Message: in.Message,
		Promotes: in.Promotes, ReplyTo: in.ReplyTo, Waived: d.Waived(), Zones: in.Zones, Items: items,
	}
	if n := len(who.Contacts); n > 0 {
		share(&c, &who.Contacts[n-1])
	}
	who.Contacts = append(roomier(who.Contacts), c)
}

// roomier has room for one more, and for a quarter of what is there: contacts are large
// and stay for months, so to double their room, as append does, is to keep as much again
// for nothing.
func roomier(contacts []rules.Contact) []rules.Contact {
	n := len(contacts)
	if n < cap(contacts) {
		return contacts
	}
	return append(make([]rules.Contact, 0, n+n/4+1), contacts...)
}

// Hold keeps a notice, unjudged, until its group is due.
func Hold(who *Person, held rules.Held) { who.Held = append(who.Held, held) }

// Release takes the held notices about a subject out, in order of arrival.
func Release(who *Person, subject rules.Subject) []rules.Held {
	var out []rules.Held
	who.Held = slices.DeleteFunc(who.Held, func(h rules.Held) bool {
		if h.Intent.Subject != subject {
			return false
		}
		out = append(out, h)
		return true
	})
	return out
}

// RedeemAnswer is what a worker hears that asks, just before contacting. The
// empty answer is yes.
type RedeemAnswer string

// The answers, in the order in which they are considered.
const (
	Redeemed        RedeemAnswer = ""
	NotApproved     RedeemAnswer = "not_approved" // vetoed, held, coalesced or unknown
	AlreadyRedeemed RedeemAnswer = "already_redeemed"
	Revoked         RedeemAnswer = "revoked"
	Expired         RedeemAnswer = "expired"
)

// Redeem takes an approval, once, if it is still good. The worker is the hash of
// whoever asks (HashWorker), 0 if that is nobody in particular.
//
// Who took it may ask again, for the answer may have been lost, and hears the same:
// as long as it is in time, and nothing was heard of the contact. Whether anything
// was refused since is for the caller to find out (rules.Rejudge).
func Redeem(p *rules.Policy, who *Person, intent rules.IntentID, worker uint64, now rules.Instant) RedeemAnswer {
	i := slices.IndexFunc(who.Contacts, func(c rules.Contact) bool { return c.Intent == intent })
	if i < 0 {
		return NotApproved
	}
	c := &who.Contacts[i]
	if c.TakenBy(worker) {
		if now >= c.NotAfter {
			return Expired
		}
		return Redeemed
	}
	switch {
	case c.Fate.Has(rules.Elsewhere):
		return NotApproved // here; where it was approved it may be good
	case c.Taken():
		return AlreadyRedeemed
	case c.Fate.Has(rules.WasRevoked):
		return Revoked
	case now >= c.NotAfter:
		return Expired
	}
	Take(p, c, worker, now)
	return Redeemed
}

// Take notes that a worker took the approval.
func Take(p *rules.Policy, c *rules.Contact, worker uint64, now rules.Instant) {
	c.Fate |= rules.WasRedeemed
	c.Redeemed, c.Worker = now, worker
	if !p.ReportsDelivery(c.Channel) {
		reached(c, now)
	}
}

// HashWorker stands for a worker's token in the memory. It is 0 for no token only.
func HashWorker(token string) uint64 {
	if token == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(token))
	return max(1, binary.LittleEndian.Uint64(sum[:]))
}

// Revoke takes an approval back; the slot that it reserved is free again.
func Revoke(c *rules.Contact) { c.Fate |= rules.WasRevoked }

// reached notes that the contact reached the person.
func reached(c *rules.Contact, at rules.Instant) { earliest(&c.Delivered, at) }

// earliest notes when something was: the earliest word counts, in whatever order
// they come.
func earliest(when *rules.Instant, at rules.Instant) {
	if *when == 0 || at < *when {
		*when = at
	}
}
