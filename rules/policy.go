package rules

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// The defaults of what every policy has.
const (
	DefaultApprovalLife = 15 * time.Minute
	DefaultMaxAge       = 72 * time.Hour
	DefaultConfirmation = 5 * time.Minute
)

// Policy is a checked policy. It is immutable and may be used by any number of
// goroutines. Only Compile makes one; a nil Policy is a mistake.
type Policy struct {
	name        string
	hash        string
	clock       Clock
	purposes    map[Purpose]PurposeSpec
	channels    map[Channel]ChannelSpec
	zones       []*time.Location
	life        time.Duration
	maxAge      time.Duration
	notices     *notices
	rules       []entry // in the order in which the first reason is chosen
	shadows     []entry // rules on trial
	limits      []*limit
	arbitrating []*limit // those whose last slot waits
	keepers     []keeper
	rates       []RatePeriod
	answers     bool // whoever asks through a refused medium is answered once
	optOuts     map[string]bool
	optIns      map[string]bool
	named       map[string]Channel // the channels that phrases for a no name
	memory      time.Duration

	questions sync.Pool // of *question: deciding allocates none
}

// Name is the policy's name.
func (p *Policy) Name() string { return p.name }

// Hash identifies the bytes that the policy was read from, and says whose clock it
// goes by (EventHash). Decisions carry it.
func (p *Policy) Hash() string { return p.hash }

// Class is the class of a purpose and whether the policy declares it.
func (p *Policy) Class(purpose Purpose) (Class, bool) {
	spec, ok := p.purposes[purpose]
	return spec.Class, ok
}

// Judged is the class that an intent is judged and counted as.
func (p *Policy) Judged(in *Intent) Class {
	return judged(p.purpose(in.Purpose).Class, in.Promotes)
}

// purpose is what the policy declares, and of what it does not (any more) a
// solicitation: the strictest reading.
func (p *Policy) purpose(name Purpose) PurposeSpec {
	if spec, ok := p.purposes[name]; ok {
		return spec
	}
	return PurposeSpec{Name: name, Class: Solicitation}
}

// HasChannel says whether the policy declares the channel.
func (p *Policy) HasChannel(channel Channel) bool {
	_, ok := p.channels[channel]
	return ok
}

// ReportsDelivery says whether the channel tells when a contact reached the
// person. Where it does not, sending counts as reaching.
func (p *Policy) ReportsDelivery(channel Channel) bool { return !p.channels[channel].Silent }

// Purposes and Channels list what the policy declares, sorted.
func (p *Policy) Purposes() []Purpose { return slices.Sorted(maps.Keys(p.purposes)) }

// Channels lists the channels that the policy declares, sorted.
func (p *Policy) Channels() []Channel { return slices.Sorted(maps.Keys(p.channels)) }

// Memory is how long contacts must be remembered for the policy's sake, not
// counting what it counts for ever: the longest of its windows.
func (p *Policy) Memory() time.Duration { return p.memory }

// Forgets says whether nothing under this policy will look at the contact
// again: it is older than every window and the memory of its id, no rule counts
// it for ever, and no silence or streak began with it.
func (p *Policy) Forgets(who *Person, c *Contact, now Instant) bool {
	if now < c.At.Add(p.memory) || (c.Class == Solicitation && (c.At > who.HumanAct || c.Delivered > who.HumanAct)) {
		return false
	}
	for i := range who.Budget {
		if now < c.At.Add(who.Budget[i].Per) {
			return false // the person's own windows may be longer than the policy's
		}
	}
	for _, k := range p.keepers {
		if k.keeps(p, who, c) {
			return false
		}
	}
	return true
}
