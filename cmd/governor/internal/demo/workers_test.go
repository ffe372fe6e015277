package demo

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// "An engine, a mailer and a dialer together with a person who says no in the middle" (issue 6). What it says word for word
// is in cmd/governor/testdata/demo-workers.txt; it says the same each time, and leaves nothing behind.
func TestWorkers(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var first, second bytes.Buffer
	if err := Workers(t.Context(), &first, false); err != nil {
		t.Fatalf("%v\n%s", err, &first)
	}
	if err := Workers(t.Context(), &second, true); err != nil {
		t.Fatal(err)
	}
	if bold := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(second.String()); bold != first.String() || second.String() == bold {
		t.Errorf("told again it is different:\n%s", &second)
	}
	for line := range strings.Lines(first.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWorkersAreStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Workers(ctx, &bytes.Buffer{}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
