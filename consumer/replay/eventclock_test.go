package replay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/schemas"
)

// Under a policy for the past a recording of years ago that arrives in a second is
// decided at the times that its records tell, and counted by their days; a worker's
// question and a tick are now.
func TestARecordingOfThePast(t *testing.T) {
	file := filepath.Join(t.TempDir(), "past.yaml")
	text := "policy: past\npurposes: {marketing: solicitation}\nchannels: {email: {}}\nclock: event\n" +
		"approvals: {live: 7d}\ncaps: {name: week, of: {class: solicitation}, at_most: 1, within: 7d}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	arrives := func(topic, value string) string {
		return fmt.Sprintf(`{"arrived":"2029-01-01T00:00:00Z","topic":%q,"value":%s}`, topic, value)
	}
	ask := func(id, at string) string {
		return arrives("contact.intents", fmt.Sprintf(`{"id":%q,"person":"p","channel":"email","purpose":"marketing","campaign":"c","at":%q}`, id, at))
	}
	got, out, err := run(t, file,
		ask("i1", "2026-05-04T10:00:00Z"),
		ask("i2", "2026-05-04T23:59:59.999Z"),
		ask("i3", "2026-05-11T09:59:59.999Z"),
		ask("i4", "2026-05-11T10:00:00Z"), // a week later to the instant
		ask("i5", "2026-05-10T00:00:00Z"), // time does not go back
		arrives("contact.signals", `{"id":"s1","person":"p","type":"refusal","at":"2026-05-12T00:00:00Z"}`),
		ask("i6", "2026-05-20T00:00:00Z"),
		arrives("redeem", `{"intent":"i4"}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, l := range got {
		switch l.Topic {
		case "contact.approved", "contact.vetoed":
			told = append(told, l.field("intent")+" "+l.field("reason")+" "+l.field("decided")[:10])
		case "contact.revoked":
			told = append(told, "revoked "+l.field("intent")+" "+l.field("revoked")[:10])
		}
	}
	want := []string{
		"i1  2026-05-04", "i2 cap.week 2026-05-04", "i3 cap.week 2026-05-11", "i4  2026-05-11", "i5 cap.week 2026-05-11",
		"revoked i4 2026-05-12", "i6 refused.state 2026-05-20",
	}
	if !slices.Equal(told, want) {
		t.Errorf("got  %q\nwant %q", told, want)
	}
	var rates []string
	for line := range strings.Lines(out) {
		if _, value, is := strings.Cut(line, `"contact.veto-rates","value":`); is {
			rate, err := schemas.DecodeVetoRate([]byte(strings.TrimSuffix(value, "}\n")))
			if err != nil {
				t.Fatal(err)
			}
			rates = append(rates, fmt.Sprintf("%s %s %d", rate.Minute.String()[:16], rate.Reason, rate.Count))
		}
	}
	want = []string{
		"2026-05-04T00:00  1", "2026-05-04T00:00 cap.week 1",
		"2026-05-11T00:00  1", "2026-05-11T00:00 cap.week 2", "2026-05-20T00:00 refused.state 1",
	}
	if !slices.Equal(rates, want) {
		t.Errorf("rates %q\nwant  %q", rates, want)
	}
}
