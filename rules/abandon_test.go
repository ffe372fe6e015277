package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "No predictive call to the person for 72 h from the outcome's at
// (abandon.cooldown)." A human may dial, and predictive rules exempt nobody.
func TestAbandonCooldown(t *testing.T) {
	who := &rules.Person{Abandoned: noon}
	opens(t, house(t), who, to("call", "marketing", mode(rules.ModePredictive)), rules.AbandonCooldown, noon.Add(72*hour))
	for _, purpose := range []rules.Purpose{"service", "collection", "receipt", "legal"} {
		vetoed(t, ask(house(t), who, to("call", purpose, mode(rules.ModePredictive)), noon.Add(hour)), rules.AbandonCooldown)
	}
	for _, m := range []rules.Mode{rules.ModeManual, rules.ModePreview, rules.ModePrerecorded} {
		approved(t, ask(house(t), who, to("call", "marketing", mode(m)), noon.Add(hour)))
	}
	approved(t, ask(house(t), nobody(), to("call", "marketing", mode(rules.ModePredictive)), noon))
}
