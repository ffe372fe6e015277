//go:build integration

package integration

import (
	"os/exec"
	"testing"
)

// verified has the independent checker look at everything that the governor wrote at the place: nothing is under way any
// more, and it must find nothing.
func verified(t *testing.T, p *place) {
	t.Helper()
	binary, err := governorBinary()
	must(t, err)
	out, err := exec.CommandContext(patiently(t), binary, "verify", "--brokers", p.kafka.Addr, "--prefix", p.prefix,
		"--settled", "--trust-times", "--slack", "10s").CombinedOutput()
	if err != nil {
		t.Errorf("governor verify: %v\n%s", err, out)
		return
	}
	t.Logf("governor verify:\n%s", out)
}
