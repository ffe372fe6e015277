package api

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// Who changed what is in the log, too, by the name under which the audit has them; and what
// the audit could not take is in the log above all. That a worker asked is no change.
func TestTheAuditIsInTheLog(t *testing.T) {
	for _, c := range []struct {
		action string
		failed error
		level  string
	}{
		{"refuse", nil, "info"}, {"erase", nil, "info"}, {"kill", nil, "info"}, {"refuse", errors.New("no broker"), "warn"},
		{actionRedeem, nil, ""}, {actionRedeem, errors.New("no broker"), "warn"},
	} {
		core, logs := observer.New(zap.DebugLevel)
		record := AuditRecord{ID: "a-1", Who: "desk", Action: c.action, Person: Hasher([]byte("key"))("ana"), Signal: "ana's no", Outcome: "done"}
		record.Tell(zap.New(core).Named("api"), c.failed)
		if c.level == "" {
			if logs.Len() > 0 {
				t.Errorf("%s: %v", c.action, logs.All())
			}
			continue
		}
		if logs.Len() != 1 {
			t.Fatalf("%s: %d lines", c.action, logs.Len())
		}
		line := logs.All()[0]
		fields := line.ContextMap()
		if line.Level.String() != c.level || !strings.HasSuffix(line.LoggerName, ".audit") || fields["person"] != record.Person || fields["who"] != "desk" || fields["audit"] != "a-1" {
			t.Errorf("%s: %v %v", c.action, line.Entry, fields)
		}
		for name, value := range fields {
			if text, is := value.(string); is && strings.Contains(text, "ana") {
				t.Errorf("%s: she is in %s", c.action, name)
			}
		}
	}
}
