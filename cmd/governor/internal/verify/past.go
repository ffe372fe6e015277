package verify

import (
	"strings"
	"time"
)

// A policy may go by the clock of the events: what it decides is decided at the time
// that the records tell (their at), and never earlier than what came before. The times
// of the broker, years later, say nothing of it then.

// past says whether the decision was made by the clock of the events: the hash of its
// policy begins so.
func (d *decision) past() bool { return strings.HasPrefix(d.policy, "event-") }

// settlePast notes where time stands in a log of the past, and at which time each
// intent was judged, or held, at the latest.
func (p *part) settlePast() {
	for _, d := range p.decisions {
		if d.past() {
			p.past = later(p.past, d.decided)
		}
	}
	if p.past.IsZero() {
		return
	}
	var seen time.Time
	for _, s := range p.signals {
		seen = later(seen, s.at)
	}
	for _, in := range p.intents {
		seen = later(seen, in.at)
		in.at = seen
	}
}

// asked is when the intent was judged, or held, at the latest, and the latest that it
// could have been answered.
func (p *part) asked(in *intent) (at, now time.Time) {
	if !p.past.IsZero() {
		return in.at, p.past
	}
	return in.time, p.newest
}

// came is when the signal came, as the governor took it.
func (p *part) came(s *signal) time.Time {
	if !p.past.IsZero() && s.at.Before(s.time) {
		return s.at
	}
	return s.time
}
