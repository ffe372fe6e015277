package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

func line(n int) rules.Position { return rules.Position{File: "p.yaml", Line: n, Column: 3} }

// "Every error with file:line:column and what to write instead", all at once and
// in the order of the file: one mistake a line, and every text.
func TestCompileReportsEveryMistake(t *testing.T) {
	undeclared := rules.Selector{Channels: []rules.Channel{"fax"}}
	s := &rules.Spec{
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation, Line: line(1)},
			{Name: "marketing", Class: rules.Service, Line: line(2)},
			{Name: "gossip", Class: "chatter", Line: line(3)},
		},
		Channels:        []rules.ChannelSpec{{Name: "email", Line: line(4)}, {Name: "email", Line: line(5)}},
		ApprovalLife:    rules.Span{Of: -time.Hour, Line: line(6)},
		MaxAge:          rules.Span{Of: 0, Line: line(7)},
		Confirmation:    rules.Span{Of: time.Second + time.Microsecond, Line: line(8)},
		ConsentRequired: []rules.ConsentSpec{{Binds: undeclared, Terms: rules.Terms{Line: line(9)}}},
		SameMessage:     &rules.SpanRule{Terms: rules.Terms{Line: line(10)}},
		Silence:         &rules.SpanRule{Terms: rules.Terms{Line: line(11)}},
		Streak:          &rules.StreakSpec{Terms: rules.Terms{Line: line(12)}},
		Hours: []rules.HoursSpec{
			{Terms: rules.Terms{Line: line(13)}},
			{Terms: rules.Terms{Line: line(14)}, Binds: undeclared, Open: []rules.OpenSpec{
				{Days: [7]bool{true}, From: 9 * hour, To: 17 * hour, Line: line(15)},
				{Days: [7]bool{true, true}, From: 16 * hour, To: 20 * hour, Line: line(16)},
				{Days: [7]bool{true}, From: 22 * hour, To: 6 * hour, Line: line(17)},
				{Days: [7]bool{true}, From: 22 * hour, To: 25 * hour, Line: line(18)},
				{Days: [7]bool{true}, From: -hour, To: hour, Line: line(19)},
				{Days: [7]bool{true}, From: hour, To: hour, Line: line(20)},
			}},
		},
		Caps: []rules.CapSpec{
			{Name: "a", Most: 1, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(21)}},
			{Name: "a", Most: 1, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(22)}},
			{Most: 1, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(23)}},
			{Name: "b", Most: -1, In: rules.Window{Length: hour}, Terms: rules.Terms{Line: line(24)}},
			{Name: "c", Most: 1, Terms: rules.Terms{Line: line(25)}},
			{Name: "d", Most: 1, In: rules.Window{Kind: rules.Ever, Length: hour}, Terms: rules.Terms{Line: line(26)}},
			{Name: "e", Most: 1, In: rules.Window{Length: hour}, Binds: rules.Selector{Classes: []rules.Class{"chatter"}}, Terms: rules.Terms{Line: line(27)}},
			{Name: "f", Most: 1, In: rules.Window{Length: hour}, Counts: rules.Selector{Classes: []rules.Class{rules.Ask}}, Terms: rules.Terms{Line: line(28)}},
		},
		Gaps:       []rules.GapSpec{{Terms: rules.Terms{Line: line(29)}}, {Least: hour, Binds: undeclared, Terms: rules.Terms{Line: line(30)}}, {Least: hour, Counts: undeclared, Terms: rules.Terms{Line: line(31)}}},
		OneChannel: &rules.SpanRule{Terms: rules.Terms{Line: line(32)}},
		Abandoned:  &rules.SpanRule{Terms: rules.Terms{Line: line(33)}},
		Notices:    &rules.NoticeSpec{Wait: hour, Terms: rules.Terms{Line: line(34)}},
	}
	want := []string{
		`p.yaml:2:3: purpose "marketing" is declared twice, first at line 1: keep one`,
		`p.yaml:3:3: purpose "gossip" has the class "chatter": write one of [solicitation ask collection service person confirmation legal]`,
		`p.yaml:5:3: channel "email" is declared twice, first at line 4: keep one`,
		"p.yaml:6:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:7:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:8:3: 1.000001s is finer than the millisecond that everything is counted in",
		`p.yaml:9:3: channel "fax" is not declared: write one of [email], or declare it`,
		"p.yaml:10:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:11:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:12:3: a streak of 0 unanswered contacts would end every campaign before it begins: write 1 or more",
		"p.yaml:13:3: hours that never open forbid the channel for good: write at least one span",
		`p.yaml:14:3: channel "fax" is not declared: write one of [email], or declare it`,
		"p.yaml:16:3: these hours overlap others on Sunday: join them",
		"p.yaml:17:3: hours must open before they close, within one day: write 09:00-20:00, and two spans for a night",
		"p.yaml:18:3: hours must open before they close, within one day: write 09:00-20:00, and two spans for a night",
		"p.yaml:19:3: hours must open before they close, within one day: write 09:00-20:00, and two spans for a night",
		"p.yaml:20:3: hours must open before they close, within one day: write 09:00-20:00, and two spans for a night",
		`p.yaml:22:3: cap "a" is there twice, first at line 21: give each a name of its own`,
		"p.yaml:23:3: a cap needs a name: vetoes say cap.<name>",
		`p.yaml:24:3: cap "b" allows -1: write 0 for none at all, or a positive number`,
		"p.yaml:25:3: a duration must be longer than nothing: write for example 24h",
		`p.yaml:26:3: the window is ever and has a length as well: keep one`,
		`p.yaml:27:3: no class "chatter" can be selected: write one of solicitation (it includes ask), collection, service, person, confirmation, legal`,
		`p.yaml:28:3: no class "ask" can be selected: write one of solicitation (it includes ask), collection, service, person, confirmation, legal`,
		"p.yaml:29:3: a duration must be longer than nothing: write for example 24h",
		`p.yaml:30:3: channel "fax" is not declared: write one of [email], or declare it`,
		`p.yaml:31:3: channel "fax" is not declared: write one of [email], or declare it`,
		"p.yaml:32:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:33:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:34:3: a duration must be longer than nothing: write for example 24h",
	}
	p, problems := rules.Compile(s)
	if p != nil {
		t.Error("with mistakes there is a policy")
	}
	var got []string
	for _, problem := range problems {
		got = append(got, problem.String())
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("problem %d:\n got %s\nwant %s", i, strings.Join(got[min(i, len(got)):], "\n     "), strings.Join(want[min(i, len(want)):], "\n     "))
		}
	}
}

// A policy without a vocabulary would make every intent malformed.
func TestCompileWantsAVocabulary(t *testing.T) {
	_, problems := rules.Compile(&rules.Spec{})
	if len(problems) != 2 || !strings.HasPrefix(problems[0].String(), "core: the policy declares no purpose") ||
		!strings.HasPrefix(problems[1].String(), "core: the policy declares no channel") {
		t.Errorf("got %v", problems)
	}
}

// What a policy tells about itself.
func TestPolicy(t *testing.T) {
	p := bare(t, func(*rules.Spec) {})
	if p.Name() != "bare" || p.Hash() != "sha256:bare" {
		t.Errorf("it is %s, %s", p.Name(), p.Hash())
	}
	if got := p.Channels(); !slices.Equal(got, []rules.Channel{"call", "email", "push", "sms"}) {
		t.Errorf("channels %v", got)
	}
	if got := p.Purposes(); len(got) != 10 || !slices.IsSorted(got) {
		t.Errorf("purposes %v", got)
	}
	if !p.HasChannel("sms") || p.HasChannel("fax") {
		t.Error("it knows other channels than it declares")
	}
	if class, ok := p.Class("consent_request"); class != rules.Ask || !ok {
		t.Errorf("class %s, %t", class, ok)
	}
	for channel, reports := range map[rules.Channel]bool{"call": false, "sms": true} {
		if p.ReportsDelivery(channel) != reports {
			t.Errorf("%s reports delivery: %t", channel, !reports)
		}
	}
	for in, want := range map[*rules.Intent]rules.Class{
		{Purpose: "consent_request"}: rules.Solicitation, {Purpose: "service"}: rules.Service,
		{Purpose: "service", Promotes: true}: rules.Solicitation, {Purpose: "receipt", Promotes: true}: rules.Solicitation,
		{Purpose: "legal", Promotes: true}: rules.Legal, {Purpose: "confirmation", Promotes: true}: rules.Confirmation,
	} {
		if got := p.Judged(in); got != want {
			t.Errorf("%s, promotes %t: judged as %s, want %s", in.Purpose, in.Promotes, got, want)
		}
	}
}

// The vocabulary and the rules of the house are those of semantics.md ("Names in
// no-means-no").
func TestNamesOfTheHouse(t *testing.T) {
	p := house(t)
	for purpose, want := range map[rules.Purpose]rules.Class{
		"marketing": rules.Solicitation, "winback": rules.Solicitation, "survey": rules.Solicitation, "onboarding": rules.Solicitation,
		"newsletter": rules.Solicitation, "permission_prompt": rules.Ask, "consent_request": rules.Ask,
		"collection": rules.Collection, "payment_reminder": rules.Collection, "service": rules.Service, "billing": rules.Service,
		"receipt": rules.ByPerson, "password_reset": rules.ByPerson, "reply": rules.ByPerson,
		"confirmation": rules.Confirmation, "legal": rules.Legal,
	} {
		if got, ok := p.Class(purpose); !ok || got != want {
			t.Errorf("%s is %q, want %s", purpose, got, want)
		}
	}
	if n := len(p.Purposes()); n != 16 {
		t.Errorf("there are %d purposes: %v", n, p.Purposes())
	}
	for channel, reports := range map[rules.Channel]bool{"email": true, "sms": true, "call": false, "push": true, "mail": false, "in_app": true, "chat": true} {
		if !p.HasChannel(channel) || p.ReportsDelivery(channel) != reports {
			t.Errorf("%s: declared %t, reports delivery %t", channel, p.HasChannel(channel), p.ReportsDelivery(channel))
		}
	}
	if n := len(p.Channels()); n != 7 {
		t.Errorf("there are %d channels: %v", n, p.Channels())
	}
}

// "Caps, in the order in which the first is chosen: any email sms push call.day
// call.week call.campaign", and the order of a policy's file in general.
func TestCapsObjectInTheOrderOfThePolicy(t *testing.T) {
	who := nobody()
	for i := range 3 {
		who.Contacts = append(who.Contacts, sent(noon.Add(time.Duration(i-3)*hour), rules.WasRedeemed, to("call", "marketing")))
	}
	vetoed(t, ask(house(t), who, to("call", "marketing"), noon),
		rules.SilenceStreak, "cap.any", "cap.call.day", "cap.call.week", "cap.call.campaign", rules.MinGap)
	for _, channel := range []rules.Channel{"email", "sms", "push"} {
		who := nobody()
		for i := range 3 {
			who.Contacts = append(who.Contacts, sent(noon.Add(time.Duration(i-3)*hour), rules.WasRedeemed, to(channel, "marketing", campaign("other"))))
		}
		vetoed(t, ask(house(t), who, to(channel, "marketing"), noon), "cap.any", "cap."+rules.Reason(channel))
	}
}

// "Ids of approved intents stay known for at least 400 days": a policy remembers
// at least as long, longer where a window of its own is longer.
func TestMemory(t *testing.T) {
	if got := house(t).Memory(); got != 400*day {
		t.Errorf("the house remembers %s", got)
	}
	long := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "x", Most: 1, In: rules.Window{Length: 500 * day}}}
	})
	if got := long.Memory(); got != 500*day {
		t.Errorf("with a window of 500 days it remembers %s", got)
	}
}

// A contact is forgotten once nothing under the policy can look at it again, to
// the millisecond, and not before.
func TestForgets(t *testing.T) {
	edge := noon.Add(400 * day)
	calls := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "ever", Most: 3, In: rules.Window{Kind: rules.Ever}, Counts: rules.Selector{Channels: []rules.Channel{"call"}}}, {Name: "day", Most: 1, In: rules.Window{Length: day}}}
	})
	for _, c := range []struct {
		what      string
		p         *rules.Policy
		contact   rules.Contact
		act       rules.Instant
		forgotten bool // at the edge
	}{
		{"a service notice", house(t), sent(noon, rules.WasRedeemed, to("email", "service")), 0, true},
		{"a solicitation that was answered", house(t), delivered(noon, to("email", "marketing")), noon, true},
		{"one that was not", house(t), delivered(noon, to("email", "marketing")), noon - 1, false},
		{"one that was delivered after the answer", house(t), func() rules.Contact {
			c := sent(noon, rules.Happened, to("email", "marketing"))
			c.Delivered = noon.Add(hour)
			return c
		}(), noon.Add(minute), false},
		{"a call that is counted for ever", house(t), sent(noon, rules.WasRedeemed, to("call", "service")), 0, false},
		{"a call that is not", house(t), sent(noon, rules.WasRedeemed, to("call", "legal")), 0, true},
		{"what a cap of a channel does not count", calls, sent(noon, rules.WasRedeemed, to("sms", "service")), 0, true},
		{"what it counts for ever", calls, sent(noon, rules.WasRedeemed, to("call", "legal")), 0, false},
	} {
		who := with(c.contact)
		who.HumanAct = c.act
		if c.p.Forgets(who, &who.Contacts[0], edge-1) {
			t.Errorf("%s is forgotten before its time", c.what)
		}
		if got := c.p.Forgets(who, &who.Contacts[0], edge); got != c.forgotten {
			t.Errorf("%s: forgotten %t", c.what, got)
		}
	}
}

// A person's budget may look back further than every rule of the policy; what it
// counts must not be forgotten before.
func TestForgetsNothingThatABudgetCounts(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")))
	who.Budget = []rules.Budget{{Max: 1, Per: 500 * day}}
	when := noon.Add(450 * day)
	vetoed(t, ask(house(t), who, to("mail", "marketing"), when), rules.BudgetPerson)
	if house(t).Forgets(who, &who.Contacts[0], when) {
		t.Error("the contact that the budget counts is forgotten, so the next one is approved")
	}
}
