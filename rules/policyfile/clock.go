package policyfile

import (
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// The two clocks that a policy can go by.
const (
	byArrival = "arrival"
	byEvent   = "event"
)

// whoseClock reads whose time decisions are made at.
func (r *reader) whoseClock(e entry) {
	said, _ := strictyaml.OneOf(r.Reader, e, "clock", byArrival, byEvent)
	r.spec.ClockLine = r.At(e.Value)
	if said == byEvent {
		r.spec.Clock = rules.ByEvent
	}
}

// clock takes the one that all go by. What is decided when it comes and what is
// decided for the past are two things: where one policy is for each, neither can
// stand in for the other. By the clock of arrival a month of the past would fall
// into one minute, and by that of the events a person would be called at night.
func (c *combination) clock(s, first *rules.Spec) {
	c.all.Clock, c.all.ClockLine = first.Clock, first.ClockLine
	if s.Clock == first.Clock {
		return
	}
	live, past := first, s
	if s.Clock == rules.ByArrival {
		live, past = s, first
	}
	c.wrong(past.ClockLine, "policy %q decides by the clock of the events, and policy %q by that of arrival: let the policies agree, or do not combine them", past.Name, live.Name)
}
