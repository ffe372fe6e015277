package rules_test

import (
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// A digest is an id of ours in half of its length, and nothing else has one.
func TestADigestIsTheIDInHalfOfItsLength(t *testing.T) {
	for _, id := range []rules.DecisionID{rules.DecisionFor("ada", "i1"), rules.RepeatedDecisionFor("ada", "i1", "contact.intents/0/7")} {
		digest, ok := id.Digest()
		if back := rules.DecisionID(rules.AppendDecision(nil, digest)); !ok || back != id {
			t.Errorf("%s comes back as %s, %t", id, back, ok)
		}
	}
	whole := string(rules.DecisionFor("ada", "i1"))
	for _, other := range []string{"", "d-", whole[:33], whole + "0", "e-" + whole[2:], strings.ToUpper(whole), "d-" + strings.Repeat("g", 32), "d-" + strings.Repeat("0", 31) + "/", "d-" + strings.Repeat(":", 32)} {
		if digest, ok := rules.DecisionID(other).Digest(); ok {
			t.Errorf("%q has the digest %x", other, digest)
		}
	}
}
