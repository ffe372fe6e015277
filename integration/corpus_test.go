//go:build integration

package integration

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The corpus of the project gives the same bytes over the memory of the process and over a real Redis. The test itself is
// that of consumer/replay, which knows of a Redis by its environment.
func TestTheCorpusOverARealRedis(t *testing.T) {
	r := startRedis(t)
	c := exec.CommandContext(patiently(t), "go", "test", "-count=1", "-v", "-run", "^TestCorpusOverRedis$", "../consumer/replay")
	c.Env = append(os.Environ(), "GOVERNOR_TEST_REDIS="+r.Addr)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestCorpusOverRedis/redis ") {
		t.Fatalf("%v\n%s", err, out)
	}
}
