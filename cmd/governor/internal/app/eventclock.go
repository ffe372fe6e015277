package app

import (
	"fmt"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/rules"
)

// warnOfThePast says it where nothing that is approved may reach anybody.
func (a *App) warnOfThePast() {
	if now := a.policy.Load(); now.EventClock() {
		a.o.Log.Warn("THIS IS NOT FOR LIVE TRAFFIC: by clock: event every intent is judged at the time that its engine wrote; let no dialer and no mailer read what is approved, or take the key out of the policy",
			zap.String("policy", now.Name()), zap.String("hash", now.Hash()))
	}
}

// sameClock is an error where the next policy goes by another clock than the one in
// force. What was decided by the one and what is decided by the other lie years apart,
// and whoever edits a file is not to turn a governor of people into one of the past.
func sameClock(now, next *rules.Policy) error {
	if now.EventClock() == next.EventClock() {
		return nil
	}
	word := map[bool]string{false: "arrival", true: "event"}
	return fmt.Errorf("policy %q has clock: %s, and the one in force has clock: %s: a clock does not change while the governor runs; stop it, and start it anew",
		next.Name(), word[next.EventClock()], word[now.EventClock()])
}
