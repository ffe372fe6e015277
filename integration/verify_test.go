//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// verified has the independent checker look at everything that the governor wrote at the place: nothing is under way any
// more, and it must find nothing.
func verified(t *testing.T, p *place) {
	t.Helper()
	judged(t, p, 10*time.Second, "--trust-times")
}

// verdict is what governor verify told.
type verdict struct {
	Records  map[string]int `json:"records"`  // that it read, by topic
	Repeats  int            `json:"repeats"`  // exact copies, which are allowed
	Breaches map[string]int `json:"breaches"` // by name
}

// read is how many records were read, and found how many breaches.
func (v verdict) read() int  { return sum(v.Records) }
func (v verdict) found() int { return sum(v.Breaches) }

func sum(counts map[string]int) int {
	all := 0
	for _, n := range counts {
		all += n
	}
	return all
}

// judged is verified where an acknowledgement may have taken longer. It fails the test if anything is found, and returns
// what was told.
func judged(t *testing.T, p *place, slack time.Duration, flags ...string) verdict {
	t.Helper()
	binary, err := governorBinary()
	must(t, err)
	args := append([]string{"verify", "--brokers", strings.Join(p.kafka.addresses(), ","), "--prefix", p.prefix,
		"--settled", "--slack", slack.String(), "--output", "json"}, flags...)
	command := exec.CommandContext(patiently(t), binary, args...)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		t.Errorf("governor verify: %v\n%s%s", err, out.Bytes(), said.Bytes())
	}
	var last struct {
		Summary verdict `json:"summary"`
		Whole   bool    `json:"whole"`
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || !last.Whole {
		t.Errorf("governor verify did not look at everything: %v", err)
	}
	t.Logf("governor verify: %s", lines[len(lines)-1])
	return last.Summary
}
