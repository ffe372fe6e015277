package policyfile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/celrule"
	"github.com/contactgovernor/governor/rules/packs"
)

// everyDay is open from so many hours until so many, on every day of the week.
func everyDay(from, to time.Duration) []rules.OpenSpec {
	return []rules.OpenSpec{{Days: [7]bool{true, true, true, true, true, true, true}, From: from * time.Hour, To: to * time.Hour}}
}

// house is no-means-no, written a second time from design.md ("The built-in
// policy no-means-no") and semantics.md ("Names in no-means-no", "Counting"),
// without its phrases and places.
func house() *rules.Spec {
	const day = 24 * time.Hour
	solicitations := func(channels ...rules.Channel) rules.Selector {
		return rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: channels}
	}
	calls := rules.Selector{ // every call but person and legal
		Classes:  []rules.Class{rules.Solicitation, rules.Collection, rules.Service, rules.Confirmation},
		Channels: []rules.Channel{"call"},
	}
	return &rules.Spec{
		Name: "no-means-no",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation},
			{Name: "newsletter", Class: rules.Solicitation},
			{Name: "onboarding", Class: rules.Solicitation},
			{Name: "survey", Class: rules.Solicitation},
			{Name: "winback", Class: rules.Solicitation, Role: rules.Winback},
			{Name: "permission_prompt", Class: rules.Ask},
			{Name: "consent_request", Class: rules.Ask, Role: rules.ConsentRequest},
			{Name: "collection", Class: rules.Collection},
			{Name: "payment_reminder", Class: rules.Collection},
			{Name: "service", Class: rules.Service},
			{Name: "billing", Class: rules.Service},
			{Name: "receipt", Class: rules.ByPerson},
			{Name: "password_reset", Class: rules.ByPerson},
			{Name: "reply", Class: rules.ByPerson},
			{Name: "confirmation", Class: rules.Confirmation},
			{Name: "legal", Class: rules.Legal},
		},
		Channels: []rules.ChannelSpec{
			{Name: "email"}, {Name: "sms"}, {Name: "call", Silent: true}, {Name: "push"},
			{Name: "mail", Silent: true}, {Name: "in_app"}, {Name: "chat"},
		},
		Zones:        []rules.ZoneSpec{{Zone: time.UTC}},
		ApprovalLife: rules.Span{Of: 15 * time.Minute},
		MaxAge:       rules.Span{Of: 72 * time.Hour},
		Confirmation: rules.Span{Of: 5 * time.Minute},
		SameMessage:  &rules.SpanRule{Within: day},
		Silence:      &rules.SpanRule{Within: 90 * day},
		Streak:       &rules.StreakSpec{Most: 3},
		Hours: []rules.HoursSpec{
			{Binds: rules.Selector{Channels: []rules.Channel{"call", "sms", "push"}}, Open: everyDay(9, 20)},
		},
		Caps: []rules.CapSpec{
			{Name: "any", Most: 3, In: rules.Window{Length: 168 * time.Hour}, Binds: solicitations(),
				Counts: rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Service, rules.Collection}}},
			{Name: "email", Most: 2, In: rules.Window{Length: 168 * time.Hour}, Binds: solicitations("email"), Counts: solicitations("email")},
			{Name: "sms", Most: 1, In: rules.Window{Length: day}, Binds: solicitations("sms"), Counts: solicitations("sms")},
			{Name: "push", Most: 1, In: rules.Window{Length: day}, Binds: solicitations("push"), Counts: solicitations("push")},
			{Name: "call.day", Most: 1, In: rules.Window{Length: day}, Binds: calls, Counts: calls},
			{Name: "call.week", Most: 3, In: rules.Window{Length: 168 * time.Hour}, Binds: calls, Counts: calls},
			{Name: "call.campaign", Most: 3, In: rules.Window{Kind: rules.Ever}, Per: []rules.Key{rules.PerCampaign}, Binds: calls, Counts: calls},
		},
		Gaps:       []rules.GapSpec{{Least: 4 * time.Hour, Binds: calls, Counts: calls}},
		OneChannel: &rules.SpanRule{Within: day},
		Abandoned:  &rules.SpanRule{Within: 72 * time.Hour},
		AbandonRates: []rules.RateSpec{{
			Name: "house", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 30 * day}, Zone: time.UTC,
		}},
		Notices: &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: day},
	}
}

// meaningOnly compares what Specs say, not where they say it.
func meaningOnly() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreTypes(rules.Position{}),
		cmpopts.IgnoreFields(rules.Spec{}, "Hash"),
		cmp.Comparer(func(a, b celrule.Rule) bool { return (a == nil) == (b == nil) }),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	}
}

func TestHouseSaysWhatTheDesignSays(t *testing.T) {
	text, ok := packs.Find("no-means-no")
	if !ok {
		t.Fatal("no-means-no is not built in")
	}
	got, err := Parse("no-means-no.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.OptOutPhrases) == 0 || got.OptInPhrases != nil {
		t.Errorf("want some phrases for a no and none for a yes, got %q and %q", got.OptOutPhrases, got.OptInPhrases)
	}
	got.OptOutPhrases, got.OptOutOf = nil, nil
	if diff := cmp.Diff(house(), got, meaningOnly()); diff != "" {
		t.Errorf("no-means-no (-want +got):\n%s", diff)
	}
}

// Semantics, "What a no covers": "please stop texting me" is a refusal if the
// phrase list has it, and "please stop by the shop" is not one.
func TestHouseUnderstands(t *testing.T) {
	p, err := Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	for text, no := range map[string]bool{
		"Please stop texting me.":              true,
		"DON'T CALL ME!":                       true,
		"leave me alone":                       true,
		"please stop by the shop":              false,
		"do not call me before noon":           false,
		"I am out of the office until Monday.": false,
	} {
		if got := p.Understand(text).OptOut; got != no {
			t.Errorf("%q is a no: %v, want %v", text, got, no)
		}
	}
}

// A decision points at the line of its rule, so every rule must have one.
func TestHouseHasPlaces(t *testing.T) {
	text, _ := packs.Find("no-means-no")
	got, err := Parse("no-means-no.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]rules.Position{
		"max_age": got.MaxAge.Line, "live": got.ApprovalLife.Line, "within": got.Confirmation.Line,
		"same_message": got.SameMessage.Line, "silence": got.Silence.Line, "streak": got.Streak.Line,
		"of: {channel: [call": got.Hours[0].Line, "name: call.week": got.Caps[5].Line,
		"of: {class: [solicitation, coll": got.Gaps[0].Line, "one_channel": got.OneChannel.Line,
		"abandoned_calls": got.Abandoned.Line, "notices": got.Notices.Line,
		"winback": got.Purposes[4].Line, "mail": got.Channels[4].Line, "UTC": got.Zones[0].Line,
	}
	for word, at := range places {
		if at.File != "no-means-no.yaml" || at.Line < 1 || at.Column < 1 {
			t.Errorf("%s is at %s", word, at)
			continue
		}
		if stands := lineAt(string(text), at); len(stands) < len(word) || stands[:len(word)] != word {
			t.Errorf("%s: want %q to stand there, got %q", at, word, stands)
		}
	}
}
