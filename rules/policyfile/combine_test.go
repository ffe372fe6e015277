package policyfile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

func mustParse(t *testing.T, file, text string) *rules.Spec {
	t.Helper()
	s, err := Parse(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func vocabularyOf(name string) string {
	return "policy: " + name + "\npurposes: {marketing: solicitation}\nchannels: {email: {}, call: {}}\n"
}

// "Several policies: the strictest of all." (semantics.md) Each case has a rule
// of the one, a rule of the other, and what holds, in whichever order.
func TestStrictest(t *testing.T) {
	for _, c := range []struct{ name, a, b, both string }{
		{"approvals live for the shortest", "approvals: {live: 10m}", "approvals: {live: 20m}", "approvals: {live: 10m}"},
		{"what is not said is the default", "", "approvals: {live: 20m}", ""},
		{"shorter than the default", "", "approvals: {live: 5m}", "approvals: {live: 5m}"},
		{"longer than the default in all", "approvals: {live: 30m}", "approvals: {live: 20m}", "approvals: {live: 20m}"},
		{"one clock, said and not said", "clock: arrival", "", ""},
		{"the clock of the events in both", "clock: event", "clock: event", "clock: event"},
		{"age", "max_age: 24h", "", "max_age: 24h"},
		{"confirmation", "confirmation: {within: 1m}", "confirmation: {within: 2m}", "confirmation: {within: 1m}"},
		{"silence", "silence: {after: 90d}", "silence: {after: 30d}", "silence: {after: 30d}"},
		{"silence of one", "silence: {after: 90d}", "", "silence: {after: 90d}"},
		{"streak", "streak: {at_most: 3}", "streak: {at_most: 2}", "streak: {at_most: 2}"},
		{"same message", "same_message: {within: 24h}", "same_message: {within: 2d}", "same_message: {within: 2d}"},
		{"one channel", "one_channel: {within: 1h}", "one_channel: {within: 24h}", "one_channel: {within: 24h}"},
		{"abandoned", "abandoned_calls: {no_predictive_for: 72h}", "abandoned_calls: {no_predictive_for: 1h}", "abandoned_calls: {no_predictive_for: 72h}"},
		{"notices", "notices: {wait: 15m, repeat: 1h}", "notices: {wait: 5m, repeat: 24h}", "notices: {wait: 15m, repeat: 24h}"},
		{"notices of one", "notices: {wait: 15m, repeat: 1h}", "", "notices: {wait: 15m, repeat: 1h}"},
		{"a yes must be one in both", `opt_in_phrases: ["more, please", again]`, `opt_in_phrases: [again, yes]`, "opt_in_phrases: [again]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := mustParse(t, "a.yaml", vocabularyOf("a")+c.a), mustParse(t, "b.yaml", vocabularyOf("b")+c.b)
			want := mustParse(t, "both.yaml", vocabularyOf("both")+c.both)
			for _, order := range [][]*rules.Spec{{a, b}, {b, a}} {
				got, problems := combine(order)
				if problems != nil {
					t.Fatal(problems)
				}
				if !got.Combined {
					t.Error("the combination does not say that it is one")
				}
				got.Name, got.Combined = "both", false
				if diff := cmp.Diff(want, got, meaningOnly()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What can stand side by side does.
func TestUnion(t *testing.T) {
	a := mustParse(t, "a.yaml", `
policy: a
purposes: {marketing: solicitation, winback: {class: solicitation, role: winback}}
channels: {email: {}, call: {}}
default_zones: [UTC, Europe/Paris]
opt_out_phrases: [leave me]
consent_required: {channel: call}
quiet_hours: {of: {channel: call}, outside: [{days: mon-fri, from: 08:00, to: 20:00}, {days: sat-sun, closed: true}]}
caps: {name: call.day, of: {channel: call}, at_most: 2, within: 24h}
pauses: {name: talk, of: {channel: call}, after: conversation, none_for: 7d}
holidays: {of: {channel: call}, closed: 12-25}
campaigns: {spring: {ends: 2026-06-30, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}}
gaps: {of: {channel: call}, at_least: 1h}
`)
	b := mustParse(t, "b.yaml", `
policy: b
purposes: {marketing: solicitation, legal: legal}
channels: {call: {delivery: unreported}, sms: {}}
default_zones: [Europe/Paris, Europe/Berlin]
opt_out_phrases: [enough]
consent_required: {channel: sms}
quiet_hours: {of: {channel: call}, outside: {days: mon-sun, from: 10:00, to: 22:00}}
caps:
  - {name: call.day, of: {channel: call}, at_most: 1, within: 12h}
  - {name: sms, of: {channel: sms}, at_most: 1, within: 24h}
pauses: {name: talk, of: {channel: sms}, after: conversation, none_for: 7d}
holidays: {of: {channel: sms}, closed: easter}
campaigns: {summer: {ends: 2026-06-30, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}}
gaps: {of: {channel: call}, at_least: 4h}
`)
	want := mustParse(t, "both.yaml", `
policy: both
purposes: {marketing: solicitation, winback: {class: solicitation, role: winback}, legal: legal}
channels: {email: {}, call: {delivery: unreported}, sms: {}}
default_zones: [UTC, Europe/Paris, Europe/Berlin]
opt_out_phrases: [leave me, enough]
consent_required: [{channel: call}, {channel: sms}]
quiet_hours:
  - {of: {channel: call}, outside: [{days: mon-fri, from: 08:00, to: 20:00}, {days: sat-sun, closed: true}]}
  - {of: {channel: call}, outside: {days: mon-sun, from: 10:00, to: 22:00}}
caps:
  - {name: call.day, of: {channel: call}, at_most: 2, within: 24h}
  - {name: b.call.day, of: {channel: call}, at_most: 1, within: 12h}
  - {name: sms, of: {channel: sms}, at_most: 1, within: 24h}
pauses:
  - {name: talk, of: {channel: call}, after: conversation, none_for: 7d}
  - {name: b.talk, of: {channel: sms}, after: conversation, none_for: 7d}
holidays: [{of: {channel: call}, closed: 12-25}, {of: {channel: sms}, closed: easter}]
campaigns:
  spring: {ends: 2026-06-30, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}
  summer: {ends: 2026-06-30, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}
gaps: [{of: {channel: call}, at_least: 1h}, {of: {channel: call}, at_least: 4h}]
`)
	got, problems := combine([]*rules.Spec{a, b})
	if problems != nil {
		t.Fatal(problems)
	}
	if got.Name != "a+b" {
		t.Errorf("the combination is called %q", got.Name)
	}
	if at := got.Caps[1].Line; at.File != "b.yaml" {
		t.Errorf("the cap of b.yaml is at %s", at)
	}
	got.Name, got.Combined = "both", false
	if diff := cmp.Diff(want, got, meaningOnly()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(a.Caps) != 1 || a.Channels[1].Silent || len(a.Zones) != 2 {
		t.Error("combining changed what it combined")
	}
}

func TestConflicts(t *testing.T) {
	a := mustParse(t, "a.yaml", vocabularyOf("a")+"caps:\n  - {name: x, of: {channel: call}, at_most: 1, within: 24h}\n  - {name: b.x, of: {channel: call}, at_most: 2, within: 48h}\n")
	b := mustParse(t, "b.yaml", "policy: b\npurposes: {marketing: {class: solicitation, role: winback}}\nchannels: {call: {}}\n"+
		"caps: {name: x, of: {channel: call}, at_most: 1, within: 24h}\n")
	_, problems := combine([]*rules.Spec{a, b})
	want := []string{
		`b.yaml:2:12: purpose "marketing" is solicitation with the role winback here, and solicitation at a.yaml:2:12: let the policies agree, or do not combine them`,
		`b.yaml:4:7: cap "b.x" is there already, at a.yaml:6:5: give one of them another name`,
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A policy for the past and one for today cannot be one, in whichever order. What
// is complained about is the one that is not for live traffic.
func TestTwoClocks(t *testing.T) {
	today := mustParse(t, "today.yaml", vocabularyOf("today"))
	past := mustParse(t, "past.yaml", vocabularyOf("past")+"clock: event\n")
	for _, order := range [][]*rules.Spec{{today, past}, {past, today}, {today, past, today}} {
		_, problems := combine(order)
		want := `past.yaml:4:8: policy "past" decides by the clock of the events, and policy "today" by that of arrival: let the policies agree, or do not combine them`
		if len(problems) != 1 || problems[0].String() != want {
			t.Errorf("got %v, want %s", problems, want)
		}
	}
}

// Every policy of a combination keeps its veto: what one of them forbids is
// forbidden, and nobody has to wait less than either says.
func TestCombinationIsNoLaxer(t *testing.T) {
	inFolder(t, map[string]string{
		"daily.yaml":  vocabularyOf("daily") + "caps: {name: call, of: {channel: call}, at_most: 2, within: 24h}\n",
		"weekly.yaml": vocabularyOf("weekly") + "caps: {name: call, of: {channel: call}, at_most: 1, within: 7d}\n",
	})
	p, err := Load("daily.yaml,weekly.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := rules.At(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	who := rules.Person{Contacts: []rules.Contact{{
		Intent: "i1", Channel: "call", Purpose: "marketing", Class: rules.Solicitation, Campaign: "c",
		At: now.Add(-48 * time.Hour), Fate: rules.Happened,
	}}}
	in := rules.Intent{ID: "i2", Person: "p", Channel: "call", Purpose: "marketing", Campaign: "d", At: now}
	d := rules.Decide(p, &who, &in, now)
	if d.Reason() != "cap.weekly.call" || d.Objections[0].Line.File != "weekly.yaml" || d.Earliest != now.Add(5*24*time.Hour) {
		t.Errorf("got %s at %s, earliest %s", d.Reason(), d.Objections[0].Line, d.Earliest)
	}
}
