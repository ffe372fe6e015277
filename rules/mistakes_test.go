package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// mistakes compiles a policy and wants exactly these problems, in this order.
func mistakes(t *testing.T, s *rules.Spec, want ...string) {
	t.Helper()
	p, problems := rules.Compile(s)
	if (p != nil) != (len(want) == 0) {
		t.Errorf("with %d mistakes there is a policy: %t", len(want), p != nil)
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

func lined(n int) rules.Terms { return rules.Terms{Line: line(n)} }

// Every mistake about days: of terms, of holidays, of windows of the calendar. One
// that two rules share is told once.
func TestMistakesAboutDays(t *testing.T) {
	s := bareSpec()
	dated := func(n int, from, until rules.Date) rules.Terms {
		return rules.Terms{Line: line(n), From: from, Until: until}
	}
	may := rules.Date{Year: 2026, Month: 5, Day: 1}
	s.Silence = &rules.SpanRule{Terms: dated(1, rules.Date{Year: 2026, Month: 2, Day: 30}, rules.Date{}), Within: day}
	s.OneChannel = &rules.SpanRule{Terms: dated(2, rules.Date{Month: 5, Day: 1}, rules.Date{}), Within: day}
	s.SameMessage = &rules.SpanRule{Terms: dated(3, may, rules.Date{Year: 2026, Month: 4, Day: 30}), Within: day}
	s.Abandoned = &rules.SpanRule{Terms: dated(4, may, may), Within: day}
	s.Gaps = []rules.GapSpec{{Terms: dated(5, rules.Date{}, rules.Date{Year: 2027, Month: 2, Day: 29}), Least: hour}}
	s.Holidays = []rules.HolidaySpec{
		{Terms: lined(6)},
		{Terms: lined(7), Binds: rules.Selector{Modes: []rules.Mode{"shouting"}}, Days: []rules.HolidayDay{
			{Date: rules.Date{Month: 2, Day: 30}, Line: line(8)}, {Date: rules.Date{Year: 2027, Month: 2, Day: 29}, Line: line(9)}, {Line: line(10)},
			{Date: rules.Date{Month: 2, Day: 29}, Line: line(11)}, {Date: rules.Date{Year: 2028, Month: 2, Day: 29}, Line: line(12)},
			{Date: rules.Date{Month: 2, Day: 29}, Line: line(13)}, {Easter: true, Offset: 1, Line: line(14)}, {Easter: true, Line: line(15)}, {Easter: true, Offset: 1, Line: line(16)},
		}},
	}
	s.Caps = []rules.CapSpec{
		{Terms: lined(17), Name: "a", Most: 1, In: rules.Window{Kind: rules.CalendarDays}},
		{Terms: lined(18), Name: "b", Most: 1, In: rules.Window{Kind: rules.CalendarDays, Days: 1001}},
		{Terms: lined(19), Name: "c", Most: 1, In: rules.Window{Kind: rules.CalendarDays, Days: 1, Length: hour}},
		{Terms: lined(20), Name: "d", Most: 1, In: rules.Window{Kind: rules.CalendarWeek, Length: hour}},
		{Terms: lined(21), Name: "e", Most: 1, In: rules.Window{Kind: rules.CalendarMonth, Days: 3}},
		{Terms: lined(22), Name: "f", Most: 1, In: rules.Window{Kind: rules.Ever, Days: 3}},
		{Terms: lined(23), Name: "g", Most: 1, In: rules.Window{Kind: rules.Rolling, Length: hour, Days: 3}},
		{Terms: lined(24), Name: "h", Most: 1, In: rules.Window{Kind: rules.Successive}},
		{Terms: lined(25), Name: "i", Most: 1, In: rules.Window{Kind: rules.Successive, Length: 1500 * time.Microsecond}},
		{Terms: lined(26), Name: "j", Most: 1, In: rules.Window{Kind: 17, Length: hour}},
	}
	mistakes(t, s,
		"p.yaml:1:3: there is no day 2026-02-30",
		"p.yaml:2:3: there is no day 0000-05-01",
		"p.yaml:3:3: the rule ends before it begins: let until be no earlier than from",
		"p.yaml:5:3: there is no day 2027-02-29",
		"p.yaml:6:3: holidays without a day close nothing: write at least one, for example 12-25",
		`p.yaml:7:3: there is no mode "shouting": write one of [manual preview predictive prerecorded]`,
		"p.yaml:8:3: there is no such day: write 12-25, 2026-12-25 or easter+1",
		"p.yaml:9:3: there is no such day: write 12-25, 2026-12-25 or easter+1",
		"p.yaml:10:3: there is no such day: write 12-25, 2026-12-25 or easter+1",
		"p.yaml:13:3: this day is there twice, first at line 11: keep one",
		"p.yaml:16:3: this day is there twice, first at line 14: keep one",
		"p.yaml:17:3: a window has from 1 to 1000 calendar days, not 0",
		"p.yaml:18:3: a window has from 1 to 1000 calendar days, not 1001",
		"p.yaml:19:3: the window is a calendar day and has a length as well: keep one",
		"p.yaml:20:3: the window is a calendar week and has a length as well: keep one",
		"p.yaml:21:3: the window is a calendar month and has days as well: keep one",
		"p.yaml:22:3: the window is ever and has days as well: keep one",
		"p.yaml:23:3: the window is 1h and has days as well: keep one",
		"p.yaml:24:3: a duration must be longer than nothing: write for example 24h",
		"p.yaml:25:3: 1.5ms is finer than the millisecond that everything is counted in",
		"p.yaml:26:3: this rule cannot count over 1h",
	)
}

// Every mistake about caps and pauses, whose names share a room, and about what they
// select, tell apart, set aside and reserve.
func TestMistakesAboutCapsAndPauses(t *testing.T) {
	s, in := bareSpec(), rules.Window{Length: hour}
	s.Caps = []rules.CapSpec{
		{Terms: lined(1), Name: "a", Most: 1, In: in, Per: []rules.Key{"planet", rules.PerBrand, rules.PerBrand}},
		{Terms: lined(2), Name: "b", Most: 1, In: in, Waiver: &rules.WaiverSpec{For: rules.Window{Kind: rules.Ever}}},
		{Terms: lined(3), Name: "c", Most: 1, In: in, Reserve: &rules.ReserveSpec{Slots: 0, Priority: 50}},
		{Terms: lined(4), Name: "d", Most: 1, In: in, Reserve: &rules.ReserveSpec{Slots: 2, Priority: 50}},
		{Terms: lined(5), Name: "e", Most: 2, In: in, Reserve: &rules.ReserveSpec{Slots: 2, Priority: 0}},
		{Terms: lined(6), Name: "f", Most: 2, In: in, Reserve: &rules.ReserveSpec{Slots: 1, Priority: 101}},
		{Terms: lined(7), Name: "g", Most: 2, In: in, Binds: rules.Selector{Purposes: []rules.Purpose{"gossip"}}},
		{Terms: lined(15), Name: "k", Most: 2, In: in, Arbitrate: time.Millisecond},
		{Terms: lined(16), Name: "l", Most: 2, In: in, Arbitrate: 25 * hour},
		{Terms: lined(17), Name: "m", Most: 2, In: in, Arbitrate: minute + time.Microsecond},
		{Terms: lined(18), Name: "n", Most: 0, In: in, Arbitrate: minute},
		{Terms: lined(19), Name: "o", Most: 2, In: in, Arbitrate: hour},
		{Terms: lined(20), Name: "p", Most: 2, In: in, Arbitrate: minute, Binds: rules.Selector{Classes: []rules.Class{rules.Legal, rules.Confirmation}}},
		{Terms: lined(8), Name: "h", Most: 2, In: in, Counts: rules.Selector{Except: &rules.Selector{Channels: []rules.Channel{"fax"}, Except: &rules.Selector{Classes: []rules.Class{"chatter"}}}}},
	}
	s.Pauses = []rules.PauseSpec{
		{Terms: lined(9), Name: "a", For: in},
		{Terms: lined(10), For: in},
		{Terms: lined(11), Name: "q", For: rules.Window{Kind: rules.CalendarWeek}},
		{Terms: lined(12), Name: "r", For: rules.Window{Kind: rules.Successive, Length: hour}, Binds: rules.Selector{Modes: []rules.Mode{"loud"}}},
		{Terms: lined(13), Name: "s", For: in, Per: []rules.Key{rules.PerSubject, rules.PerCampaign}},
		{Terms: lined(14), Name: "t", For: in, Waiver: &rules.WaiverSpec{For: rules.Window{Kind: rules.CalendarMonth}}},
	}
	mistakes(t, s,
		`p.yaml:1:3: this rule cannot count per "planet": write one or more of [campaign subject brand channel address]`,
		`p.yaml:1:3: "brand" is there twice: keep one`,
		"p.yaml:2:3: this rule cannot count over ever",
		`p.yaml:3:3: cap "c" has 1 slots, of which 0 cannot be reserved: write from 1 to 1`,
		`p.yaml:4:3: cap "d" has 1 slots, of which 2 cannot be reserved: write from 1 to 1`,
		`p.yaml:5:3: cap "e" reserves for the priority 0: write from 1 to 100; everybody has 0`,
		`p.yaml:6:3: cap "f" reserves for the priority 101: write from 1 to 100; everybody has 0`,
		`p.yaml:7:3: purpose "gossip" is not declared: write one of [collection confirmation consent_request legal marketing permission_prompt receipt service survey winback], or declare it`,
		`p.yaml:8:3: channel "fax" is not declared: write one of [call email push sms], or declare it`,
		`p.yaml:8:3: no class "chatter" can be selected: write one of solicitation (it includes ask), collection, service, person, confirmation, legal`,
		`p.yaml:9:3: pause "a" is there twice, first at line 1: give each a name of its own`,
		"p.yaml:10:3: a pause needs a name: vetoes say cap.<name>",
		"p.yaml:11:3: this rule cannot count over a calendar week",
		`p.yaml:12:3: there is no mode "loud": write one of [manual preview predictive prerecorded]`,
		"p.yaml:12:3: this rule cannot count over successive 1h",
		`p.yaml:13:3: this rule cannot count per "campaign": write one or more of [subject channel]`,
		"p.yaml:14:3: this rule cannot count over a calendar month",
		`p.yaml:15:3: the last slot of cap "k" cannot wait for 1ms: write from 1s to 24h, in whole milliseconds`,
		`p.yaml:16:3: the last slot of cap "l" cannot wait for 25h0m0s: write from 1s to 24h, in whole milliseconds`,
		`p.yaml:17:3: the last slot of cap "m" cannot wait for 1m0.000001s: write from 1s to 24h, in whole milliseconds`,
		`p.yaml:18:3: cap "n" allows none, so there is no last slot to wait for: leave arbitrate out`,
		`p.yaml:19:3: the last slot of cap "o" waits for 1h, and within 1h all slots are free again: write less`,
		`p.yaml:20:3: cap "p" stops only what never waits for anybody (legal, confirmation): leave arbitrate out`,
	)
}

// Every mistake about campaigns, abandon rates and rules of the policy's own, about
// purposes, phrases, and what cannot be tried out or put off.
func TestMistakesAboutTheRest(t *testing.T) {
	s := bareSpec()
	s.Purposes = append(s.Purposes, rules.PurposeSpec{Name: "come_back", Class: rules.Legal, Role: rules.Winback, Line: line(1)})
	s.OptOutPhrases = []string{"leave me alone"}
	s.OptOutOf = []rules.OptOutOfSpec{{Channel: "call", Phrases: []string{"stop calling"}, Line: line(26)}, {Channel: "fax", Phrases: []string{"stop faxing"}, Line: line(27)}}
	s.OptInPhrases = []string{"yes please", "?!", "Leave me alone!", "stop", "stop calling?"}
	s.AnswerOnce = &rules.TermsRule{Terms: rules.Terms{Line: line(2), Shadow: true}}
	s.Notices = &rules.NoticeSpec{Terms: rules.Terms{Line: line(3), Until: rules.Date{Year: 2026, Month: 5, Day: 1}}, Wait: hour, Repeat: hour}
	tsr := rules.Window{Kind: rules.Successive, Length: 30 * day}
	s.AbandonRates = []rules.RateSpec{
		{Terms: lined(4), Name: "a", Most: 30, Period: tsr}, {Terms: lined(5), Name: "a", Most: 30, Period: tsr}, {Terms: lined(6), Most: 1001, Period: tsr},
		{Terms: lined(7), Name: "b", Most: -10, Period: rules.Window{Length: hour}}, {Terms: lined(8), Name: "c", Most: 30, Period: rules.Window{Kind: rules.CalendarDays, Days: 2}},
		{Terms: lined(9), Name: "d", Most: 30, Period: rules.Window{Kind: rules.Ever}},
	}
	spring := *wayOut("Unsubscribe")
	with := func(n int, change func(*rules.CampaignSpec)) rules.CampaignSpec {
		c := spring
		c.Line, c.WayIn.Line, c.WayOut.Line, c.Name = line(n), line(n), line(n), rules.Campaign(rune('a'+n))
		change(&c)
		return c
	}
	s.Campaigns = []rules.CampaignSpec{
		with(10, func(c *rules.CampaignSpec) { c.Name = "spring" }), with(11, func(c *rules.CampaignSpec) { c.Name = "spring" }),
		with(12, func(c *rules.CampaignSpec) { c.Ends = rules.Date{} }), with(13, func(c *rules.CampaignSpec) { c.Ends.Year = 0 }),
		with(14, func(c *rules.CampaignSpec) { c.Ends.Day = 31 }), with(15, func(c *rules.CampaignSpec) { c.MostAttempts = 0 }),
		with(16, func(c *rules.CampaignSpec) { c.WayIn.Steps = 0 }), with(17, func(c *rules.CampaignSpec) { c.WayOut.Steps = -1 }),
		with(18, func(c *rules.CampaignSpec) { c.WayOut.Label = "Please stay" }), // unfit, and no mistake of the policy
	}
	never := func(*rules.CustomFacts) (bool, error) { return false, nil }
	s.Custom = []rules.CustomSpec{
		{Terms: lined(19), Name: "a", Vetoes: never}, {Terms: lined(20), Name: "a", Vetoes: never}, {Terms: lined(21), Vetoes: never}, {Terms: lined(22), Name: "b"},
		{Terms: lined(23), Name: "c", Vetoes: never, Binds: rules.Selector{Channels: []rules.Channel{"fax"}}},
	}
	s.Registered = &rules.TermsRule{Terms: rules.Terms{Line: line(24), From: rules.Date{Year: 2026, Month: 5, Day: 1}, Until: rules.Date{Year: 2026, Month: 4, Day: 1}}}
	mistakes(t, s,
		`core: the phrase "?!" has no word in it, so nobody can say it: leave it out`,
		`core: the phrase "Leave me alone!" is heard as a no, so it can be no yes: leave it out`,
		`core: the phrase "stop" is heard as a no, so it can be no yes: leave it out`,
		`core: the phrase "stop calling?" is heard as a no, so it can be no yes: leave it out`,
		`p.yaml:1:3: purpose "come_back" wins back under the class legal, which no refusal holds: write solicitation`,
		"p.yaml:2:3: an answer that is let through is there or is not there: leave out shadow, from and until",
		"p.yaml:3:3: what holds notices back is there or is not there: leave out shadow, from and until",
		`p.yaml:5:3: abandon rate "a" is there twice, first at line 4: give each a name of its own`,
		"p.yaml:6:3: an abandon rate needs a name, which tells it apart from those of other policies",
		"p.yaml:6:3: a share of 100.1% is none: write from 0% to 100%",
		"p.yaml:7:3: a share of -1% is none: write from 0% to 100%",
		"p.yaml:7:3: this rule cannot count over 1h",
		"p.yaml:8:3: periods of 2 calendar days overlap: write a calendar day, week or month, or successive 30d",
		"p.yaml:9:3: this rule cannot count over ever",
		`p.yaml:11:3: campaign "spring" is registered twice, first at line 10: keep one`,
		`p.yaml:12:3: campaign "m" must name its last day: write for example ends: 2026-06-30`,
		`p.yaml:13:3: campaign "n" must name its last day: write for example ends: 2026-06-30`,
		`p.yaml:14:3: campaign "o" must name its last day: write for example ends: 2026-06-30`,
		`p.yaml:15:3: campaign "p" must name how often it comes to a person at most: write 1 or more`,
		`p.yaml:16:3: campaign "q" has a way of 0 steps: the shortest has one, the press of a button`,
		`p.yaml:17:3: campaign "r" has a way of -1 steps: the shortest has one, the press of a button`,
		`p.yaml:20:3: custom rule "a" is there twice, first at line 19: give each a name of its own`,
		"p.yaml:21:3: a custom rule needs a name and an expression: vetoes say custom.<name>",
		"p.yaml:22:3: a custom rule needs a name and an expression: vetoes say custom.<name>",
		`p.yaml:23:3: channel "fax" is not declared: write one of [call email push sms], or declare it`,
		"p.yaml:24:3: the rule ends before it begins: let until be no earlier than from",
		`p.yaml:27:3: channel "fax" is not declared: write one of [call email push sms], or declare it`,
	)
}

// "A cap that another of the same file makes meaningless (it can never be the one
// that objects) is an error naming both lines." Each of these would have meaning if
// it were a little otherwise.
func TestCapsThatAnotherMakesMeaningless(t *testing.T) {
	mails := rules.Selector{Channels: []rules.Channel{"email"}}
	idle := rules.CapSpec{Terms: lined(1), Name: "idle", Most: 3, In: rules.Window{Length: 24 * hour}, Binds: mails, Counts: mails, Per: []rules.Key{rules.PerCampaign, rules.PerBrand}}
	strict := rules.CapSpec{Terms: lined(2), Name: "strict", Most: 3, In: rules.Window{Length: 24 * hour}, Binds: mails, Counts: mails, Per: []rules.Key{rules.PerCampaign}}
	const told = `p.yaml:1:3: cap "idle" can never be the one that objects: cap "strict", at line 2, allows no more in no less time; leave one out`
	for what, c := range map[string]struct {
		change      func(idle, strict *rules.CapSpec)
		meaningless bool
	}{
		"the same, but for whom it tells apart": {func(*rules.CapSpec, *rules.CapSpec) {}, true},
		"more contacts":                         {func(i, _ *rules.CapSpec) { i.Most = 5 }, true},
		"fewer contacts":                        {func(i, _ *rules.CapSpec) { i.Most = 2 }, false},
		"a shorter window":                      {func(i, _ *rules.CapSpec) { i.In.Length = hour }, true},
		"a longer window":                       {func(i, _ *rules.CapSpec) { i.In.Length = 25 * hour }, false},
		"beside one for ever":                   {func(_, s *rules.CapSpec) { s.In = rules.Window{Kind: rules.Ever} }, true},
		"for ever":                              {func(i, _ *rules.CapSpec) { i.In = rules.Window{Kind: rules.Ever} }, false},
		"weeks of the calendar beside such": {func(i, s *rules.CapSpec) {
			i.In, s.In = rules.Window{Kind: rules.CalendarWeek}, rules.Window{Kind: rules.CalendarWeek}
		}, true},
		"fewer days of the calendar": {func(i, s *rules.CapSpec) {
			i.In, s.In = rules.Window{Kind: rules.CalendarDays, Days: 2}, rules.Window{Kind: rules.CalendarDays, Days: 3}
		}, true},
		"more days of the calendar": {func(i, s *rules.CapSpec) {
			i.In, s.In = rules.Window{Kind: rules.CalendarDays, Days: 3}, rules.Window{Kind: rules.CalendarDays, Days: 2}
		}, false},
		"days of the calendar beside hours": {func(i, _ *rules.CapSpec) { i.In = rules.Window{Kind: rules.CalendarDays, Days: 1} }, false},
		"successive periods, which have beginnings of their own": {func(i, s *rules.CapSpec) {
			i.In, s.In = rules.Window{Kind: rules.Successive, Length: hour}, rules.Window{Kind: rules.Successive, Length: hour}
		}, false},
		"it tells fewer apart":                      {func(i, _ *rules.CapSpec) { i.Per = nil }, false},
		"it binds more":                             {func(i, _ *rules.CapSpec) { i.Binds = rules.Selector{} }, false},
		"it binds less":                             {func(_, s *rules.CapSpec) { s.Binds = rules.Selector{} }, true},
		"it binds less, by exception":               {func(i, _ *rules.CapSpec) { i.Binds.Except = &rules.Selector{Purposes: []rules.Purpose{"survey"}} }, true},
		"it counts more":                            {func(i, _ *rules.CapSpec) { i.Counts = rules.Selector{} }, false},
		"it counts other channels":                  {func(i, _ *rules.CapSpec) { i.Counts.Channels = []rules.Channel{"email", "sms"} }, false},
		"it counts one of several":                  {func(_, s *rules.CapSpec) { s.Counts.Channels = []rules.Channel{"sms", "email"} }, true},
		"it counts what is excepted":                {func(_, s *rules.CapSpec) { s.Counts.Except = &rules.Selector{Purposes: []rules.Purpose{"survey"}} }, false},
		"the other may be set aside":                {func(_, s *rules.CapSpec) { s.Waiver = &rules.WaiverSpec{For: rules.Window{Length: hour}} }, false},
		"it may be set aside":                       {func(i, _ *rules.CapSpec) { i.Waiver = &rules.WaiverSpec{For: rules.Window{Length: hour}} }, true},
		"it keeps slots":                            {func(i, _ *rules.CapSpec) { i.Reserve = &rules.ReserveSpec{Slots: 1, Priority: 50} }, false},
		"the other keeps slots":                     {func(_, s *rules.CapSpec) { s.Reserve = &rules.ReserveSpec{Slots: 1, Priority: 50} }, true},
		"its last slot waits":                       {func(i, _ *rules.CapSpec) { i.Arbitrate = minute }, false},
		"its last slot waits as long":               {func(i, s *rules.CapSpec) { i.Arbitrate, s.Arbitrate = minute, minute }, true},
		"its last slot waits, and is never reached": {func(i, s *rules.CapSpec) { i.Arbitrate, i.Most = minute, s.Most+1 }, true},
		"it is tried out":                           {func(i, _ *rules.CapSpec) { i.Shadow = true }, false},
		"the other is tried out":                    {func(_, s *rules.CapSpec) { s.Shadow = true }, false},
		"both are tried out":                        {func(i, s *rules.CapSpec) { i.Shadow, s.Shadow = true, true }, false},
		"the other begins later":                    {func(_, s *rules.CapSpec) { s.From = rules.Date{Year: 2026, Month: 5, Day: 1} }, false},
		"the other ends":                            {func(_, s *rules.CapSpec) { s.Until = rules.Date{Year: 2026, Month: 5, Day: 1} }, false},
		"both end on one day":                       {func(i, s *rules.CapSpec) { i.Until = rules.Date{Year: 2026, Month: 5, Day: 1}; s.Until = i.Until }, true},
		"the other has a mistake itself":            {func(_, s *rules.CapSpec) { s.Per = append(s.Per, "planet") }, false},
	} {
		s, a, b := bareSpec(), idle, strict
		c.change(&a, &b)
		s.Caps = []rules.CapSpec{a, b}
		_, problems := rules.Compile(s)
		if got := slices.ContainsFunc(problems, func(p rules.Problem) bool { return p.String() == told }); got != c.meaningless {
			t.Errorf("%s: meaningless %t: %v", what, got, problems)
		}
		s.Combined = true // "of policies that are put together it is what one expects"
		if _, problems := rules.Compile(s); c.meaningless && len(problems) > 0 {
			t.Errorf("%s, put together: %v", what, problems)
		}
	}
	s := bareSpec()
	same := strict
	same.Terms, same.Name = lined(3), "same"
	s.Caps = []rules.CapSpec{strict, same}
	mistakes(t, s, `p.yaml:3:3: cap "same" can never be the one that objects: cap "strict", at line 2, allows no more in no less time; leave one out`)
	s.Caps = []rules.CapSpec{idle, strict, same}
	mistakes(t, s, told, `p.yaml:3:3: cap "same" can never be the one that objects: cap "strict", at line 2, allows no more in no less time; leave one out`)
}

// And it is true: where a cap is called meaningless, the other objects whenever it
// does, whatever happened to the person.
func TestACapThatIsCalledMeaninglessIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now, s := drawNow(r), bareSpec()
		for found := false; !found; {
			s.Caps = drawAlike(r)
			_, problems := rules.Compile(s)
			found = slices.ContainsFunc(problems, func(p rules.Problem) bool { return strings.Contains(p.What, `cap "c0" can never`) })
		}
		s.Combined = true
		who, in := drawAnybody(r, now), drawAsked(r, now)
		d := rules.Decide(compiled(r, s), who, &in, now)
		if told := names(d.Objections); slices.Contains(told, "cap.c0") && !slices.Contains(told, "cap.c1") {
			r.Fatalf("it is the one that objects: %v", d.Objections)
		}
	})
}

// drawAlike draws two caps of which the second has little that the first has not.
func drawAlike(r *rapid.T) []rules.CapSpec {
	a := rules.CapSpec{Name: "c0", Most: rapid.IntRange(0, 2).Draw(r, "most"), In: drawWindow(r), Binds: drawSelector(r), Counts: drawSelector(r), Waiver: drawWaiver(r), Per: []rules.Key{rules.PerCampaign}}
	b := a
	b.Name, b.Waiver = "c1", nil
	switch rapid.IntRange(0, 5).Draw(r, "other") {
	case 0:
		b.In = drawWindow(r)
	case 1:
		b.Binds = drawSelector(r)
	case 2:
		b.Counts = drawSelector(r)
	case 3:
		b.Per = rapid.SampledFrom([][]rules.Key{nil, {rules.PerSubject}, {rules.PerSubject, rules.PerCampaign}}).Draw(r, "per")
	case 4:
		a.Most += rapid.IntRange(-1, 1).Draw(r, "more")
		a.Most = max(a.Most, 0)
	}
	return []rules.CapSpec{a, b}
}
