package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
)

func on(t testing.TB, day string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func parse(t testing.TB, file, text string) *rules.Spec {
	t.Helper()
	s, err := policyfile.Parse(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// "Every rule as one sentence with its line": no rule of any built-in policy is left out, and no line is too wide.
func TestEveryRuleOfEveryPackIsTold(t *testing.T) {
	for _, name := range packs.Names() {
		text, _ := packs.Find(name)
		s := parse(t, packs.File(name), string(text))
		sheet := Of(s, packs.File(name), on(t, "2026-09-01"), true)
		policy, problems := rules.Compile(s)
		if problems != nil {
			t.Fatal(problems)
		}
		in := rules.Intent{ID: "i", Channel: "call", Purpose: "marketing", Mode: rules.ModeManual, At: 1}
		for _, o := range rules.Opinions(policy, &rules.Person{}, &in, 1) {
			told := slices.ContainsFunc(sheet.Rules, func(r Rule) bool {
				return r.at == o.Line && r.Cites == o.Cites && r.Trial == o.Shadow && r.Unverified == o.Unverified
			})
			if o.Line != (rules.Position{}) && o.Reason != rules.Stale && !told {
				t.Errorf("%s: nobody tells %s at %s", name, o.Rule, o.Line)
			}
		}
		var b strings.Builder
		if err := Write(&b, []*Sheet{sheet}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 79 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

// A campaign is warned about from two weeks before its end on, a rule as long as it is not in force.
func TestTheDayMatters(t *testing.T) {
	s := parse(t, "p.yaml", `policy: p
purposes: {newsletter: solicitation}
channels: {email: {}}
default_zones: Europe/Berlin
caps: [{name: email, of: {channel: email}, at_most: 2, within: 7d, from: 2026-05-10, until: 2026-05-20}]
campaigns:
  may: {ends: 2026-05-31, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}
`)
	for day, want := range map[string][]string{
		"2026-05-09": {"no cap binds solicitations by email", "not in force before 2026-05-10"},
		"2026-05-10": nil,
		"2026-05-16": nil,
		"2026-05-17": {"campaign may ends on 2026-05-31, in 14 days"},
		"2026-05-20": {"campaign may ends on 2026-05-31, in 11 days"},
		"2026-05-21": {"no cap binds", "the last day of this rule was 2026-05-20", "ends on 2026-05-31, in 10 days"},
		"2026-05-31": {"no cap binds", "the last day of this rule", "ends on 2026-05-31, in 0 days"},
		"2026-06-01": {"no cap binds", "the last day of this rule", "the last day of campaign may was 2026-05-31"},
	} {
		sheet := Of(s, "p.yaml", on(t, day), true)
		ok := len(sheet.Warnings) == len(want)
		for i := range want {
			ok = ok && strings.Contains(sheet.Warnings[i].What, want[i])
		}
		if !ok {
			t.Errorf("%s: %v", day, sheet.Warnings)
		}
	}
}

// A policy for the past is not for live traffic, and looks like any other but for a
// word.
func TestAPolicyForThePastIsWarnedOf(t *testing.T) {
	text := "policy: p\npurposes: {news: solicitation}\nchannels: {email: {}}\ndefault_zones: Europe/Berlin\n" +
		"caps: {name: any, of: {class: solicitation}, at_most: 2, within: 7d}\n"
	for says, warnings := range map[string][]string{"": nil, "clock: arrival\n": nil, "clock: event\n": {"p.yaml:6:8: clock: event is for what is over"}} {
		sheet := Of(parse(t, "p.yaml", text+says), "p.yaml", on(t, "2026-05-09"), true)
		if past := warnings != nil; rules.EventHash(sheet.Hash) != past || slices.ContainsFunc(sheet.Core, func(s string) bool { return strings.Contains(s, "at its own time") }) != past {
			t.Errorf("%q: hash %s, %q", says, sheet.Hash, sheet.Core)
		}
		var got []string
		for _, w := range sheet.Warnings {
			got = append(got, w.At+": "+w.What[:min(len(w.What), 32)])
		}
		if !slices.Equal(got, warnings) {
			t.Errorf("%q: %q, want %q", says, got, warnings)
		}
	}
}

func TestASilentPolicySaysWhereItLooks(t *testing.T) {
	sheet := Of(parse(t, "p.yaml", "policy: p\npurposes: {receipt: person}\nchannels: {email: {}}\n"), "p.yaml", on(t, "2026-05-09"), true)
	if len(sheet.Warnings) != 2 || !strings.HasPrefix(sheet.Warnings[0].What, "no default_zones") || sheet.Warnings[0].At != "p.yaml:1:1" {
		t.Errorf("%v", sheet.Warnings)
	}
	var b strings.Builder
	if err := Write(&b, []*Sheet{sheet}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"in UTC (by default)", "none: it has what every policy has"} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("nobody says %q:\n%s", line, b.String())
		}
	}
}

// What a spec can say beyond what the files of today do.
func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{what(&rules.Selector{}), "everything"},
		{what(&rules.Selector{Classes: []rules.Class{"service"}, Purposes: []rules.Purpose{"a", "b"}, Channels: []rules.Channel{"call"}, Modes: []rules.Mode{"predictive"}}), "service for a or b by call (predictive)"},
		{what(&rules.Selector{Except: &rules.Selector{Channels: []rules.Channel{"mail"}}}), "everything, but not by mail"},
		{days([7]bool{true, true, false, true, true, false, true}), "mon, wed-thu, sat-sun"},
		{days([7]bool{}), ""},
		{clock(24 * time.Hour), "24:00"}, {clock(9*time.Hour + 5*time.Minute), "09:05"},
		{span(90 * 24 * time.Hour), "90d"}, {span(24 * time.Hour), "24h"}, {span(15 * time.Minute), "15m"},
		{share(30), "3%"}, {share(25), "2.5%"},
		{window(rules.Window{Kind: rules.CalendarMonth}), "a calendar month"},
		{window(rules.Window{Kind: rules.Successive, Length: 720 * time.Hour}), "successive 30d"},
		{holiday(&rules.HolidayDay{Easter: true}), "easter"}, {holiday(&rules.HolidayDay{Easter: true, Offset: -2}), "easter-2"},
		{fmt.Sprint(names([]string{"a", "b"})), `"a" and "b"`},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
	custom := told(&rules.Spec{Custom: []rules.CustomSpec{{Name: "nightly", Binds: rules.Selector{Channels: []rules.Channel{"push"}}}}}, time.Time{})
	if custom[0].Text != "Everything by push: not if the policy's own expression says so, there (custom.nightly)." {
		t.Error(custom[0].Text)
	}
}
