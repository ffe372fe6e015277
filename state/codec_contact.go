package state

import (
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// contactParts says what is written of a contact: a set. A name is in it if it differs
// from that of the contact before; of anything else, what is not in it is absent.
type contactParts uint64

// The lowest bits are the names, in their order.
const (
	partRedeemed contactParts = 1 << (iota + nameCount)
	partDelivered
	partWorker
	partPromotes
	partZones
	partItems
	partReplyTo
	partRecord
	partWaived
	partAnswered
	partAbandoned

	partsKnown = 1<<(iota+nameCount) - 1
)

func (s contactParts) has(part contactParts) bool { return s&part != 0 }

// others are the parts of a contact that are no names.
func others(c *rules.Contact) (s contactParts) {
	add := func(part contactParts, there bool) {
		if there {
			s |= part
		}
	}
	add(partRedeemed, c.Redeemed != 0)
	add(partDelivered, c.Delivered != 0)
	add(partWorker, c.Worker != 0)
	add(partPromotes, c.Promotes)
	add(partZones, len(c.Zones) > 0)
	add(partItems, len(c.Items) > 0)
	add(partReplyTo, c.ReplyTo != "")
	add(partRecord, c.Record != "")
	add(partWaived, len(c.Waived) > 0)
	add(partAnswered, c.Answered != 0)
	add(partAbandoned, c.Abandoned != 0)
	return s
}

func (w *packer) contact(c *rules.Contact) {
	s, now := others(c), namesOf(c)
	for i := range now {
		if now[i] != w.names[i] {
			s |= 1 << i
		}
	}
	w.uint(uint64(s))
	for i := range now {
		if s.has(1 << i) {
			w.string(now[i])
		}
	}
	w.names = now
	w.string(string(c.Intent))
	w.decision(c.Decision)
	w.fixed(c.Content)
	w.instant(c.Made)
	w.instant(c.At)
	w.instant(c.NotAfter)
	w.uint(uint64(c.Fate))
	for _, at := range [...]rules.Instant{c.Redeemed, c.Delivered, c.Answered, c.Abandoned} {
		if at != 0 {
			w.instant(at)
		}
	}
	if s.has(partWorker) {
		w.fixed(c.Worker)
	}
	if s.has(partZones) {
		names := zones.Names(c.Zones)
		w.strings(len(names), func(i int) string { return names[i] })
	}
	if s.has(partItems) {
		w.strings(len(c.Items), func(i int) string { return string(c.Items[i]) })
	}
	if s.has(partReplyTo) {
		w.string(string(c.ReplyTo))
	}
	if s.has(partRecord) {
		w.string(string(c.Record))
	}
	if s.has(partWaived) {
		w.strings(len(c.Waived), func(i int) string { return c.Waived[i] })
	}
}

func (r *unpacker) contact(c *rules.Contact) {
	if r.version < 5 {
		r.contact4(c)
		return
	}
	s := contactParts(r.uint())
	if s > partsKnown {
		r.fail(ErrSpoilt)
		return
	}
	n := &r.names
	for i := range n {
		if s.has(1 << i) {
			n[i] = r.string()
		}
	}
	*c = rules.Contact{
		Intent: rules.IntentID(r.string()), Decision: r.decision(), Content: r.fixed(),
		Made: r.instant(), At: r.instant(), NotAfter: r.instant(),
		Fate: rules.Fate(r.uint()), Promotes: s.has(partPromotes),
	}
	n.name(c)
	for _, when := range [...]struct {
		part contactParts
		at   *rules.Instant
	}{{partRedeemed, &c.Redeemed}, {partDelivered, &c.Delivered}, {partAnswered, &c.Answered}, {partAbandoned, &c.Abandoned}} {
		if s.has(when.part) {
			*when.at = r.instant()
		}
	}
	if s.has(partWorker) {
		c.Worker = r.fixed()
	}
	if s.has(partZones) {
		c.Zones = r.zones()
	}
	if s.has(partItems) {
		for _, item := range r.strings() {
			c.Items = append(c.Items, rules.IntentID(item))
		}
	}
	if s.has(partReplyTo) {
		c.ReplyTo = rules.SignalID(r.string())
	}
	if s.has(partRecord) {
		c.Record = rules.PersonID(r.string())
	}
	if s.has(partWaived) {
		c.Waived = r.strings()
	}
}

// contact4 reads a contact as it was written before version 5.
func (r *unpacker) contact4(c *rules.Contact) {
	*c = rules.Contact{
		Intent: rules.IntentID(r.string()), Decision: rules.DecisionID(r.string()), Channel: rules.Channel(r.string()),
		Purpose: rules.Purpose(r.string()), Class: rules.Class(r.string()), Campaign: rules.Campaign(r.string()),
		Subject: rules.Subject(r.string()), Brand: rules.Brand(r.string()), Address: rules.Address(r.string()),
		Mode: rules.Mode(r.string()), Message: r.string(), Content: r.fixed(),
		Made: r.instant(), At: r.instant(), NotAfter: r.instant(), Redeemed: r.absent(), Delivered: r.absent(),
		Fate: rules.Fate(r.uint()), Promotes: r.bool(),
	}
	c.Zones = r.zones()
	for _, item := range r.strings() {
		c.Items = append(c.Items, rules.IntentID(item))
	}
	if r.version >= 2 {
		c.ReplyTo, c.Record, c.Waived = rules.SignalID(r.string()), rules.PersonID(r.string()), r.strings()
		c.Answered, c.Abandoned = r.absent(), r.absent()
	}
	if r.version >= 3 {
		c.Worker = r.uint()
	}
}
