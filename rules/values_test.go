package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Times are cut to the millisecond, in which everything is decided; never stays
// never.
func TestInstant(t *testing.T) {
	fine := time.Date(2026, 5, 4, 12, 0, 0, 1_999_999, time.FixedZone("", 3600))
	if got := rules.At(fine); got.String() != "2026-05-04T11:00:00.001Z" || !got.Time().Equal(fine.Truncate(ms)) {
		t.Errorf("got %s", got)
	}
	if got := noon.Add(1500 * time.Microsecond); got != noon+1 {
		t.Errorf("1.5 ms later is %s", got)
	}
	if got := noon.Add(-hour).Sub(noon); got != -hour {
		t.Errorf("an hour before is %s", got)
	}
	for _, i := range []rules.Instant{rules.Never, rules.Never - 5} {
		if got := i.Add(10 * ms); got != rules.Never {
			t.Errorf("%d and 10 ms is %d", i, got)
		}
	}
	if rules.Never.Add(-hour) != rules.Never || rules.Never.String() != "never" || rules.Instant(0).String() != "absent" {
		t.Error("never and absent are told as something else")
	}
}

func TestPosition(t *testing.T) {
	if got := (rules.Position{File: "p.yaml", Line: 7, Column: 3}).String(); got != "p.yaml:7:3" {
		t.Errorf("got %s", got)
	}
	if got := (rules.Position{}).String(); got != "core" {
		t.Errorf("got %s", got)
	}
}

// Every objection points to the line of the policy that it comes from, those of
// the core to none.
func TestObjectionsNameTheirLine(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "x", Most: 0, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(7)}}}
		s.MaxAge = rules.Span{Of: hour, Line: line(9)}
	})
	who := &rules.Person{Noes: []rules.No{refusal(noon, rules.Scope{})}}
	d := ask(p, who, to("email", "marketing", made(noon)), noon.Add(hour))
	vetoed(t, d, rules.RefusedState, "cap.x", rules.Stale)
	for i, want := range []string{"core", "p.yaml:7:3", "p.yaml:9:3"} {
		if got := d.Objections[i].Line.String(); got != want {
			t.Errorf("%s points to %s, want %s", d.Objections[i].Reason, got, want)
		}
	}
}
