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
	date := func(year, month, day int) rules.Date {
		return rules.Date{Year: year, Month: time.Month(month), Day: day}
	}
	days := func(n int) rules.Window { return rules.Window{Kind: rules.CalendarDays, Days: n} }
	successive := rules.Window{Kind: rules.Successive, Length: 720 * time.Hour}
	dues := rules.Selector{Purposes: []rules.Purpose{"dues"}}
	weekdays := [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}
	some := func(*rules.CustomFacts) (bool, error) { return true, nil }
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
		Channels:      []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}, {Name: "call", Silent: true}},
		Zones:         []rules.ZoneSpec{load("Europe/Paris"), load("America/Martinique")},
		ApprovalLife:  rules.Span{Of: 10 * time.Minute},
		Clock:         rules.ByEvent,
		MaxAge:        rules.Span{Of: 36 * time.Hour},
		Confirmation:  rules.Span{Of: 90 * time.Second},
		OptOutPhrases: []string{"arrêtez"},
		OptOutOf: []rules.OptOutOfSpec{
			{Channel: "call", Phrases: []string{"stop calling me", "do not call me"}},
			{Channel: "sms", Phrases: []string{"no more texts"}},
		},
		OptInPhrases: []string{"text me again", "Reprenez !"},
		AnswerOnce:   &rules.TermsRule{Terms: rules.Terms{Cites: "12 CFR 1006.14(h)(2)(ii)", Unverified: true}},
		ConsentRequired: []rules.ConsentSpec{
			{Binds: sells("sms", "call")},
			{
				Terms: rules.Terms{From: date(2026, 8, 11), Until: date(2027, 1, 30), Shadow: true, Cites: "C. conso. L. 223-1", Unverified: true},
				Binds: rules.Selector{
					Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"call"},
					Modes:  []rules.Mode{rules.ModePredictive, rules.ModePrerecorded},
					Except: &rules.Selector{Purposes: []rules.Purpose{"winback"}, Modes: []rules.Mode{rules.ModePrerecorded}},
				},
			},
		},
		SameMessage: &rules.SpanRule{Within: 48 * time.Hour},
		Silence:     &rules.SpanRule{Within: 1440 * time.Hour, Terms: rules.Terms{From: date(2026, 8, 11)}},
		Streak:      &rules.StreakSpec{Most: 2, Terms: rules.Terms{Until: date(2026, 8, 11)}},
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
		Holidays: []rules.HolidaySpec{{Terms: rules.Terms{Cites: "D. 223-9"}, Binds: on("call"), Days: []rules.HolidayDay{
			{Date: date(0, 1, 1)}, {Easter: true}, {Easter: true, Offset: 39}, {Easter: true, Offset: -2},
			{Date: date(2026, 12, 24)}, {Date: date(0, 2, 29)},
		}}},
		Caps: []rules.CapSpec{
			{Name: "any", Most: 3, In: rules.Window{Length: 168 * time.Hour}, Binds: sells(), Reserve: &rules.ReserveSpec{Slots: 1, Priority: 80},
				Counts: rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Service}}},
			{Name: "call.campaign", Most: 3, In: rules.Window{Kind: rules.Ever}, Per: []rules.Key{rules.PerCampaign}, Binds: on("call"), Counts: on("call"), Arbitrate: 5 * time.Minute},
			{Name: "no-legal-sms", Most: 0, In: rules.Window{Length: 500 * time.Millisecond},
				Binds:  rules.Selector{Classes: []rules.Class{rules.Legal}, Channels: []rules.Channel{"sms"}},
				Counts: rules.Selector{Classes: []rules.Class{rules.Legal}, Channels: []rules.Channel{"sms"}}},
			{Name: "debt", Most: 7, In: days(7), Per: []rules.Key{rules.PerSubject, rules.PerBrand}, Waiver: &rules.WaiverSpec{For: days(7)}, Binds: dues, Counts: dues},
			{Name: "day", Most: 1, In: days(1), Binds: on("email"), Counts: on("email")},
			{Name: "day.too", Most: 1, In: days(1), Binds: on("sms"), Counts: on("sms")},
			{Name: "week", Most: 2, In: rules.Window{Kind: rules.CalendarWeek}, Per: []rules.Key{rules.PerChannel, rules.PerAddress}, Binds: on("email"), Counts: on("email")},
			{Name: "month", Most: 3, In: rules.Window{Kind: rules.CalendarMonth}, Binds: on("email"), Counts: on("email")},
			{Name: "period", Most: 3, In: successive, Binds: on("email"), Counts: on("email")},
		},
		Pauses: []rules.PauseSpec{
			{Name: "talk", Binds: rules.Selector{Classes: []rules.Class{rules.Collection}}, For: days(7), Per: []rules.Key{rules.PerSubject, rules.PerChannel},
				Waiver: &rules.WaiverSpec{For: rules.Window{Length: 72 * time.Hour}}, Terms: rules.Terms{Cites: "1006.14"}},
			{Name: "rest", Binds: sells(), For: rules.Window{Length: 24 * time.Hour}},
		},
		Gaps:       []rules.GapSpec{{Least: 270 * time.Minute, Binds: on("call"), Counts: on("call", "sms")}},
		OneChannel: &rules.SpanRule{Within: 24 * time.Hour, Terms: rules.Terms{Cites: "the essay"}},
		Abandoned:  &rules.SpanRule{Within: 72 * time.Hour, Terms: rules.Terms{Unverified: true}},
		AbandonRates: []rules.RateSpec{
			{Name: "tsr", Most: 30, Period: successive},
			{Name: "utr", Most: 25, Period: rules.Window{Kind: rules.CalendarMonth}, Terms: rules.Terms{Shadow: true}},
			{Name: "ofcom", Most: 0, Period: days(1)},
		},
		Campaigns: []rules.CampaignSpec{
			{Name: "spring-sale", Ends: date(2026, 6, 30), MostAttempts: 3, WayIn: rules.WaySpec{Steps: 2, Label: "Sign up"}, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"}},
			{Name: "Été 2026!", Ends: date(2026, 9, 22), MostAttempts: 1, WayIn: rules.WaySpec{Steps: 1, Label: "Oui"}, WayOut: rules.WaySpec{Steps: 1, Label: "Non"}, Killed: true},
		},
		Registered: &rules.TermsRule{Terms: rules.Terms{From: date(2027, 1, 1)}},
		Custom: []rules.CustomSpec{
			{Name: "nightly", Binds: on("email"), Vetoes: some, Terms: rules.Terms{Shadow: true}},
			{Name: "once", Binds: rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Collection}}, Vetoes: some},
		},
		Notices: &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: 24 * time.Hour, Terms: rules.Terms{Cites: "the essay"}},
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
