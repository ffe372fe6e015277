package policyfile

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
)

// lineAt is what stands at a place of a text, to the end of the line.
func lineAt(text string, at rules.Position) string {
	lines := strings.Split(text, "\n")
	if at.Line > len(lines) || at.Column > len(lines[at.Line-1]) {
		return ""
	}
	return lines[at.Line-1][at.Column-1:]
}

func TestEveryKey(t *testing.T) {
	got, err := Parse("good.yaml", read1(t, "testdata/good.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	load := func(name string) rules.ZoneSpec {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return rules.ZoneSpec{Zone: loc}
	}
	clock := func(hour, minute time.Duration) time.Duration { return hour*time.Hour + minute*time.Minute }
	on := func(channels ...rules.Channel) rules.Selector { return rules.Selector{Channels: channels} }
	sells := func(channels ...rules.Channel) rules.Selector {
		return rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: channels}
	}
	weekdays := [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}
	want := &rules.Spec{
		Name: "every-key",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation},
			{Name: "winback", Class: rules.Solicitation, Role: rules.Winback},
			{Name: "may_we", Class: rules.Ask, Role: rules.ConsentRequest},
			{Name: "dues", Class: rules.Collection},
			{Name: "news_of_order", Class: rules.Service},
			{Name: "receipt", Class: rules.ByPerson},
			{Name: "confirmation", Class: rules.Confirmation},
			{Name: "legal", Class: rules.Legal},
		},
		Channels:        []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}, {Name: "call", Silent: true}},
		Zones:           []rules.ZoneSpec{load("Europe/Paris"), load("America/Martinique")},
		ApprovalLife:    rules.Span{Of: 10 * time.Minute},
		MaxAge:          rules.Span{Of: 36 * time.Hour},
		Confirmation:    rules.Span{Of: 90 * time.Second},
		OptOutPhrases:   []string{"arrêtez"},
		OptInPhrases:    []string{"text me again", "Reprenez !"},
		ConsentRequired: []rules.ConsentSpec{{Binds: sells("sms", "call")}},
		SameMessage:     &rules.SpanRule{Within: 48 * time.Hour},
		Silence:         &rules.SpanRule{Within: 1440 * time.Hour},
		Streak:          &rules.StreakSpec{Most: 2},
		Hours: []rules.HoursSpec{
			{Binds: on("call"), Open: []rules.OpenSpec{
				{Days: weekdays, From: clock(10, 0), To: clock(13, 0)},
				{Days: weekdays, From: clock(14, 0), To: clock(20, 0)},
				{Days: [7]bool{6: true}, From: 0, To: clock(24, 0)},
			}},
			{Binds: sells("sms"), Open: []rules.OpenSpec{
				{Days: [7]bool{0: true, 1: true, 6: true}, From: clock(8, 30), To: clock(21, 15)},
			}},
		},
		Caps: []rules.CapSpec{
			{Name: "any", Most: 3, In: rules.Window{Length: 168 * time.Hour}, Binds: sells(),
				Counts: rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Service}}},
			{Name: "call.campaign", Most: 3, In: rules.Window{Kind: rules.Ever}, Per: []rules.Key{rules.PerCampaign}, Binds: on("call"), Counts: on("call")},
			{Name: "no-legal-sms", Most: 0, In: rules.Window{Length: 500 * time.Millisecond},
				Binds:  rules.Selector{Classes: []rules.Class{rules.Legal}, Channels: []rules.Channel{"sms"}},
				Counts: rules.Selector{Classes: []rules.Class{rules.Legal}, Channels: []rules.Channel{"sms"}}},
		},
		Gaps:       []rules.GapSpec{{Least: 270 * time.Minute, Binds: on("call"), Counts: on("call", "sms")}},
		OneChannel: &rules.SpanRule{Within: 24 * time.Hour},
		Abandoned:  &rules.SpanRule{Within: 72 * time.Hour},
		Notices:    &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: 24 * time.Hour},
	}
	if diff := cmp.Diff(want, got, meaningOnly()); diff != "" {
		t.Errorf("good.yaml (-want +got):\n%s", diff)
	}
}

// The core is nothing that a policy must write, and nothing that it can take
// away: the least policy has the defaults and no rule of the house.
func TestLeastPolicy(t *testing.T) {
	got, err := Parse("least.yaml", []byte("policy: least\npurposes: {marketing: solicitation}\nchannels: {email: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &rules.Spec{
		Name:     "least",
		Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}},
	}
	if diff := cmp.Diff(want, got, meaningOnly()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(got.Hash) {
		t.Errorf("the hash is %q, want 16 hex digits", got.Hash)
	}
}
