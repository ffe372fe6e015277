package app

import (
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/contactgovernor/governor/rules"
)

func clocked(t *testing.T, clock rules.Clock) *rules.Policy {
	t.Helper()
	p, problems := rules.Compile(&rules.Spec{
		Name: "ours", Hash: "h", Clock: clock,
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}}, Channels: []rules.ChannelSpec{{Name: "email"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return p
}

// Whoever governs people by the clock of the past is told, in capitals; whoever does
// not is told nothing.
func TestAPolicyForThePastIsLoud(t *testing.T) {
	for clock, want := range map[rules.Clock]int{rules.ByArrival: 0, rules.ByEvent: 1} {
		core, logs := observer.New(zapcore.InfoLevel)
		a := &App{o: Options{Log: zap.New(core)}}
		a.policy.Store(clocked(t, clock))
		a.warnOfThePast()
		if n := logs.FilterMessageSnippet("THIS IS NOT FOR LIVE TRAFFIC").FilterLevelExact(zapcore.WarnLevel).Len(); n != want || logs.Len() != want {
			t.Errorf("clock %d: it says %v", clock, logs.All())
		}
	}
}

// No edit of a file makes of a governor of people one of the past, nor the reverse.
func TestAClockDoesNotChange(t *testing.T) {
	live, past := clocked(t, rules.ByArrival), clocked(t, rules.ByEvent)
	for _, c := range []struct {
		now, next *rules.Policy
		want      string
	}{
		{live, live, ""}, {past, past, ""},
		{live, past, `has clock: event, and the one in force has clock: arrival`},
		{past, live, `has clock: arrival, and the one in force has clock: event`},
	} {
		switch err := sameClock(c.now, c.next); {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
