//go:build unix

package logging

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
)

// With SIGUSR1 the log tells everything, with the next as much as before; that is told, too.
func TestTheLevelIsAnotherOnASignal(t *testing.T) {
	p := &paper{}
	log, level, err := Adjustable(p, "warn", "json")
	if err != nil {
		t.Fatal(err)
	}
	stop := OnSignal(log, level)
	defer stop()
	for i, want := range []string{`"level":"debug"`, `"level":"warn"`} {
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); strings.Count(p.String(), "by SIGUSR1") <= i; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the signal is not heard: %s", p)
			}
		}
		if lines := p.lines(t); lines[i]["logger"] != "audit" || !strings.Contains(p.String(), want) {
			t.Errorf("%v", lines[i])
		}
	}
	if level.Level() != zap.WarnLevel {
		t.Errorf("it is %s", level.Level())
	}
}
