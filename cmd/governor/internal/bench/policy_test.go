package bench

import (
	"bytes"
	"os"
	"testing"

	"github.com/contactgovernor/governor/rules/policyfile"
)

// The policy that is in the binary is the one that is shown in the benchmark's own folder.
func TestThePolicyOfThePeersIsTheOneThatIsShown(t *testing.T) {
	const shown = "../../../../integration/bench/peers.yaml"
	text, err := os.ReadFile(shown)
	if err != nil || !bytes.Equal(text, peersPolicy) {
		t.Errorf("%s is not cmd/governor/internal/bench/peers.yaml (%v): copy it", shown, err)
	}
	p, err := policyfile.Load(shown)
	if err != nil || !p.EventClock() {
		t.Errorf("%v; by the clock of the events: %v", err, p != nil && p.EventClock())
	}
}
