package rules

import "strings"

// Clock is whose time a decision is made at.
type Clock uint8

// The clocks.
const (
	// ByArrival is the governor's own clock: an intent is judged when it comes.
	ByArrival Clock = iota
	// ByEvent is what the records say: an intent is judged at its own instant, or at
	// that of what came before it on its partition, whichever is later. It is for
	// what is over, a benchmark or a history that fills a memory: a month of it may
	// pass in a second, and what is approved then must reach nobody.
	ByEvent
)

// EventClock says whether the policy is for the past: its decisions are made at
// the instants of the records, and not when they come.
func (p *Policy) EventClock() bool { return p.clock == ByEvent }

// eventMark begins the hashes of policies that are for the past, so that whoever
// reads a decision knows at whose time it was made.
const eventMark = "event-"

// mark is the hash of a policy under the clock. That of a policy for today is as it
// is.
func (c Clock) mark(hash string) string {
	if c == ByEvent {
		return eventMark + hash
	}
	return hash
}

// EventHash says whether a decision was made by the clock of the events, from the
// hash of the policy that it carries.
func EventHash(hash string) bool { return strings.HasPrefix(hash, eventMark) }
