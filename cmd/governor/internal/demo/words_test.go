package demo

import (
	"testing"

	"github.com/contactgovernor/governor/rules/policyfile"
)

// Whatever the stories and the campaign can run into has words, and they fit.
func TestReasonsHaveWords(t *testing.T) {
	if _, err := policyfile.Load(Policy); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		"duplicate", "refused.state", "refused.channel_hop", "refused.subject", "refused.cancellation", "refused.reprompt", "refused.reask",
		"refused.address", "refused.tombstone", "silence", "silence.streak", "silence.winback", "quiet.hours", "quiet.person",
		"cap.any", "cap.email", "cap.sms", "cap.push", "cap.call.day", "cap.call.week", "cap.call.campaign", "pace.min_gap", "channel.blast",
		"abandon.cooldown", "coalesced", "moot", "stale",
	} {
		switch w := words(code); {
		case w == code:
			t.Errorf("%s has no words", code)
		case len(w) > mostWords:
			t.Errorf("%s: %q has %d characters", code, w, len(w))
		}
	}
}
