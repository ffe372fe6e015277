package policyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

func combined(t *testing.T, texts ...string) *rules.Spec {
	t.Helper()
	var specs []*rules.Spec
	for i, text := range texts {
		name := string(rune('a' + i))
		specs = append(specs, mustParse(t, name+".yaml", vocabularyOf(name)+text))
	}
	s, problems := combine(specs)
	if problems != nil {
		t.Fatal(problems)
	}
	return s
}

// Where neither of two rules holds whenever the other does, both stay: a rule that
// begins next month replaces none that holds today, and one on trial none at all.
func TestTermsThatDiffer(t *testing.T) {
	for _, c := range []struct {
		name string
		of   []string
		want []string
	}{
		{"the stricter holds always", []string{"after: 90d", "after: 30d"}, []string{"30d"}},
		{"it begins later", []string{"after: 90d", "after: 30d, from: 2026-08-11"}, []string{"90d", "30d from 11"}},
		{"it ends sooner", []string{"after: 90d", "after: 30d, until: 2026-08-11"}, []string{"90d", "30d until 11"}},
		{"it holds whenever the other does", []string{"after: 90d, from: 2026-08-12, until: 2026-08-20", "after: 30d, from: 2026-08-12, until: 2026-08-20"}, []string{"30d from 12 until 20"}},
		{"and before, and after", []string{"after: 30d, from: 2026-08-11, until: 2026-08-21", "after: 90d, from: 2026-08-12, until: 2026-08-20"}, []string{"30d from 11 until 21"}},
		{"a day short before", []string{"after: 30d, from: 2026-08-12", "after: 90d, from: 2026-08-11"}, []string{"30d from 12", "90d from 11"}},
		{"a day short after", []string{"after: 30d, until: 2026-08-11", "after: 90d, until: 2026-08-12"}, []string{"30d until 11", "90d until 12"}},
		{"the stricter is on trial", []string{"after: 90d", "after: 30d, shadow: true"}, []string{"90d", "30d on trial"}},
		{"the laxer is on trial", []string{"after: 90d, shadow: true", "after: 30d"}, []string{"90d on trial", "30d"}},
		{"both are on trial", []string{"after: 90d, shadow: true", "after: 30d, shadow: true"}, []string{"30d on trial"}},
		{"three", []string{"after: 90d, from: 2026-08-11", "after: 60d, until: 2026-08-11", "after: 30d"}, []string{"30d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var texts []string
			for _, terms := range c.of {
				texts = append(texts, "silence: {"+terms+"}")
			}
			for range 2 {
				s := combined(t, texts...)
				var got []string
				for _, of := range append([]*rules.Spec{s}, s.Beside...) {
					got = append(got, told(of.Silence))
				}
				slices.Sort(got)
				want := slices.Sorted(slices.Values(c.want))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				slices.Reverse(texts)
			}
		})
	}
}

func told(r *rules.SpanRule) string {
	s := fmt.Sprintf("%dd", r.Within/(24*time.Hour))
	if r.From != (rules.Date{}) {
		s += fmt.Sprintf(" from %d", r.From.Day)
	}
	if r.Until != (rules.Date{}) {
		s += fmt.Sprintf(" until %d", r.Until.Day)
	}
	if r.Shadow {
		s += " on trial"
	}
	return s
}

// Each of the rules of which there is one keeps its own company.
func TestEachSingleRuleBeside(t *testing.T) {
	const all = "same_message: {within: %[1]sTERMS}\nsilence: {after: %[1]sTERMS}\nstreak: {at_most: %[2]dTERMS}\n" +
		"one_channel: {within: %[1]sTERMS}\nabandoned_calls: {no_predictive_for: %[1]sTERMS}\n"
	text := func(span string, most int, terms string) string {
		return strings.ReplaceAll(fmt.Sprintf(all, span, most), "TERMS", terms)
	}
	s := combined(t, text("24h", 2, ""), text("48h", 1, ", from: 2026-08-11"), text("12h", 3, ", from: 2026-08-11"))
	// The longer window is the stricter one of three of them, the shorter silence of the fourth.
	if len(s.Beside) != 1 {
		t.Fatalf("got %d beside", len(s.Beside))
	}
	b := s.Beside[0]
	if b.SameMessage.Within != 48*time.Hour || b.OneChannel.Within != 48*time.Hour || b.Abandoned.Within != 48*time.Hour ||
		b.Silence.Within != 12*time.Hour || b.Streak.Most != 1 || s.Silence.Within != 24*time.Hour || s.Streak.Most != 2 {
		t.Errorf("got %+v beside %+v", b, s)
	}
}

const (
	way     = "way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}"
	longWay = "way_in: {steps: 1, label: Sign up}, way_out: {steps: 2, label: Unsubscribe}"
	faster  = "way_in: {steps: 2, label: Sign up}, way_out: {steps: 2, label: Unsubscribe}"
)

// A campaign that two register: "earlier end, fewer attempts, killed by any", and
// unfit if it is under either.
func TestCampaignOfTwo(t *testing.T) {
	text := func(ends string, attempts int, ways, killed string) string {
		return fmt.Sprintf("campaigns: {spring: {ends: %s, most_attempts: %d, %s%s}}", ends, attempts, ways, killed)
	}
	for _, c := range []struct{ a, b, want string }{
		{text("2026-06-30", 3, way, ""), text("2026-05-31", 4, way, ", killed: true"), "2026-05-31, 3, fit, killed true"},
		{text("2026-06-30", 3, way, ""), text("2027-05-31", 2, longWay, ""), "2026-06-30, 2, unfit, killed false"},
		{text("2026-06-30", 3, longWay, ""), text("2026-06-30", 3, faster, ""), "2026-06-30, 3, unfit, killed false"},
		{text("2026-06-30", 3, way, ""), text("2026-06-30", 3, faster, ""), "2026-06-30, 3, fit, killed false"},
	} {
		for _, s := range []*rules.Spec{combined(t, c.a, c.b), combined(t, c.b, c.a)} {
			got := s.Campaigns[0]
			fit := "fit"
			if rules.Fitness(&got) != nil {
				fit = "unfit"
			}
			if text := fmt.Sprintf("%d-%02d-%02d, %d, %s, killed %v", got.Ends.Year, got.Ends.Month, got.Ends.Day, got.MostAttempts, fit, got.Killed); text != c.want || len(s.Campaigns) != 1 {
				t.Errorf("got %s, want %s", text, c.want)
			}
		}
	}
}

// One policy lets only its own campaigns through, another one registers more: what
// the first does not know it vetoes.
func TestRegisteredOnlyOfOne(t *testing.T) {
	campaigns := func(names ...string) string {
		out := "campaigns:\n"
		for _, name := range names {
			out += "  " + name + ": {ends: 2027-06-30, most_attempts: 3, " + way + "}\n"
		}
		return out
	}
	s := combined(t, campaigns("spring")+"registered_only: {}\n", campaigns("spring", "summer"))
	p, problems := rules.Compile(s)
	if problems != nil {
		t.Fatal(problems)
	}
	now := rules.At(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	for campaign, want := range map[rules.Campaign]rules.Reason{"spring": "", "summer": "campaign.unfit", "autumn": "campaign.unfit"} {
		in := rules.Intent{ID: "i", Channel: "email", Purpose: "marketing", Campaign: campaign, At: now}
		if d := rules.Decide(p, &rules.Person{}, &in, now); d.Reason() != want {
			t.Errorf("%s: %q, want %q", campaign, d.Reason(), want)
		}
	}
}

// A custom rule sees the counts of its own policy, under the names that it knows,
// whatever others call theirs.
func TestCustomSeesItsOwn(t *testing.T) {
	const cap = "caps: {name: any, of: {channel: %s}, at_most: 9, within: 7d}\ncustom: {name: x, of: {class: solicitation}, veto_when: '%s'}\n"
	s := combined(t, fmt.Sprintf(cap, "email", `counts["any"] > 1 || size(counts) > 1`), fmt.Sprintf(cap, "call", `counts["any"] > 0 || size(counts) > 1`))
	if s.Custom[1].Name != "b.x" || s.Caps[1].Name != "b.any" {
		t.Errorf("they are called %s and %s", s.Custom[1].Name, s.Caps[1].Name)
	}
	for _, c := range []struct {
		mails, calls int
		want         []bool
	}{{0, 0, []bool{false, false}}, {2, 0, []bool{true, false}}, {1, 1, []bool{false, true}}} {
		f := rules.CustomFacts{Intent: &rules.Intent{}, Counts: map[string]int{"any": c.mails, "b.any": c.calls}}
		for i, want := range c.want {
			if no, err := s.Custom[i].Vetoes(&f); no != want || err != nil {
				t.Errorf("%d mails, %d calls: %s says %v, %v", c.mails, c.calls, s.Custom[i].Name, no, err)
			}
		}
	}
}

// A policy without zones is in UTC, also beside one that has some.
func TestZonesOfNone(t *testing.T) {
	s := combined(t, "", "default_zones: [Europe/Paris, Europe/Berlin]", "default_zones: UTC")
	var got []string
	for _, z := range s.Zones {
		got = append(got, z.Zone.String())
	}
	if want := []string{"UTC", "Europe/Paris", "Europe/Berlin"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s := combined(t, "", ""); s.Zones != nil {
		t.Errorf("where none names any: %v", s.Zones)
	}
}

// Rates stand side by side, each in the calendar of its own policy.
func TestRatesOfTwo(t *testing.T) {
	const rate = "abandon_rates: {name: x, at_most: 3%, per: calendar month}\n"
	s := combined(t, rate, "default_zones: [America/Toronto, UTC]\n"+rate)
	if a, b := s.AbandonRates[0], s.AbandonRates[1]; a.Name != "x" || a.Zone != time.UTC || b.Name != "b.x" || b.Zone.String() != "America/Toronto" {
		t.Errorf("got %+v and %+v", a, b)
	}
}

// What lets something through must be in all: an answer, and a word for yes, which
// must not be heard as a no by any.
func TestWhatLetsThroughMustBeInAll(t *testing.T) {
	if s := combined(t, "answer_once: {}", "answer_once: {}"); s.AnswerOnce == nil {
		t.Error("what is in all is gone")
	}
	for _, s := range []*rules.Spec{combined(t, "answer_once: {}", ""), combined(t, "", "answer_once: {}"), combined(t, "answer_once: {}", "answer_once: {}", "")} {
		if s.AnswerOnce != nil {
			t.Error("what is not in all is there")
		}
	}
	s := combined(t, "opt_in_phrases: [again please, genug jetzt]\nopt_out_phrases: genug", "opt_in_phrases: [again please, genug jetzt]\nopt_out_phrases: jetzt")
	if want := []string{"again please"}; !slices.Equal(s.OptInPhrases, want) {
		t.Errorf("got %q, want %q", s.OptInPhrases, want)
	}
	if _, problems := rules.Compile(s); problems != nil {
		t.Error(problems)
	}
}
