package rules_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// A desk answers intents to one person the way package governor does: what contests
// a last slot is held, and judged when it is due.
type desk struct {
	policy  *rules.Policy
	who     rules.Person
	answers map[rules.IntentID]rules.Decision
	when    map[rules.IntentID]rules.Instant
	judging func(round []rules.Held, due rules.Instant) (judged func())
}

// arbitrated is a desk under a policy of caps.
func arbitrated(t testing.TB, caps ...rules.CapSpec) *desk {
	t.Helper()
	return newDesk(bare(t, func(s *rules.Spec) { s.Caps = caps }))
}

func newDesk(p *rules.Policy) *desk {
	return &desk{policy: p, answers: map[rules.IntentID]rules.Decision{}, when: map[rules.IntentID]rules.Instant{},
		judging: func([]rules.Held, rules.Instant) func() { return func() {} }}
}

// lastOf is a cap on a channel, all if it is "", of which the last slot waits.
func lastOf(name string, channel rules.Channel, most int, wait time.Duration) rules.CapSpec {
	c := rules.CapSpec{Name: name, Most: most, In: rules.Window{Length: 24 * hour}, Arbitrate: wait}
	if channel != "" {
		c.Binds.Channels, c.Counts.Channels = []rules.Channel{channel}, []rules.Channel{channel}
	}
	return c
}

func priority(n int) func(*rules.Intent) { return func(in *rules.Intent) { in.Priority = n } }

// until lets time pass: what is due is judged at its own instant.
func (d *desk) until(when rules.Instant) {
	for due, group := d.policy.NextDue(&d.who); due <= when; due, group = d.policy.NextDue(&d.who) {
		var round []rules.Held
		for _, i := range group {
			round = append(round, d.who.Held[i])
		}
		d.who.Held = slices.DeleteFunc(slices.Clone(d.who.Held), func(h rules.Held) bool {
			return slices.ContainsFunc(round, func(r rules.Held) bool { return r.Decision == h.Decision })
		})
		rules.Ranked(round)
		judged := d.judging(round, due)
		for i := range round {
			h := &round[i]
			var above []rules.DecisionID
			for _, r := range round[:i] {
				if a := d.answers[r.Intent.ID]; a.Verdict == rules.Approved && r.Intent.Priority > h.Intent.Priority {
					above = append(above, r.Decision)
				}
			}
			a := rules.Decide(d.policy, &d.who, &h.Intent, due)
			d.policy.Outrank(&d.who, &h.Intent, due, &a, above)
			d.settle(&h.Intent, due, a)
		}
		judged()
	}
}

func (d *desk) settle(in *rules.Intent, when rules.Instant, a rules.Decision) {
	d.answers[in.ID], d.when[in.ID] = a, when
	if a.Verdict != rules.Approved {
		return
	}
	c := sent(when, rules.WasRedeemed, *in)
	c.Intent, c.Decision, c.NotAfter, c.Waived = in.ID, rules.DecisionID(in.ID), a.NotAfter, a.Waived()
	d.who.Contacts = append(d.who.Contacts, c)
}

// ask puts an intent that was made when it comes.
func (d *desk) ask(when rules.Instant, in rules.Intent) {
	d.until(when)
	if in.At == 0 {
		in.At = when
	}
	a := rules.Decide(d.policy, &d.who, &in, when)
	slots, by := d.policy.Contests(&d.who, &in, when, &a)
	if slots == nil {
		d.settle(&in, when, a)
		return
	}
	d.who.Held = append(d.who.Held, rules.Held{
		Intent: in, Arrived: when, Decision: rules.DecisionID(in.ID), Source: int64(len(d.who.Held)), Slots: slots, By: by,
	})
}

// wants says what became of intents: "approved", a reason, or "held"; and when.
func (d *desk) wants(t *testing.T, when rules.Instant, want map[rules.IntentID]string) {
	t.Helper()
	for id, says := range want {
		a, answered := d.answers[id]
		got := "held"
		if answered {
			if got = string(a.Reason()); got == "" {
				got = "approved"
			}
		}
		if got != says {
			t.Errorf("%s: %s, want %s (%v)", id, got, says, a.Objections)
		}
		if answered && d.when[id] != when {
			t.Errorf("%s is decided at %s, want %s", id, d.when[id], when)
		}
	}
}

// "The last slot goes to the highest priority that came within the window": with
// one slot more nobody waits, and what comes at exactly the end comes too late.
func TestTheLastSlotGoesToTheMostUrgent(t *testing.T) {
	d := arbitrated(t, lastOf("day", "", 2, 5*minute))
	d.ask(noon, to("email", "marketing", id("first")))
	d.wants(t, noon, map[rules.IntentID]string{"first": "approved"})

	d.ask(noon.Add(minute), to("email", "marketing", id("i50"), priority(50)))
	d.ask(noon.Add(2*minute), to("sms", "survey", id("i90"), priority(90)))
	d.ask(noon.Add(3*minute), to("push", "marketing", id("i70"), priority(70)))
	d.until(noon.Add(6*minute - ms))
	d.wants(t, 0, map[rules.IntentID]string{"i50": "held", "i90": "held", "i70": "held"})
	d.ask(noon.Add(6*minute), to("call", "marketing", id("i100"), priority(100)))
	d.wants(t, noon.Add(6*minute), map[rules.IntentID]string{
		"i90": "approved", "i70": "outranked", "i50": "outranked", "i100": "cap.day",
	})

	// "Outranked, with earliest as the cap would give it, and the cap's evidence."
	a := d.answers["i50"]
	o := a.Objections[0]
	if a.Earliest != noon.Add(24*hour) || o.Earliest != a.Earliest || o.Rule != "cap.day" ||
		o.Detail != "2 contacts of 2 used within 24h; what is more urgent came within the same window" {
		t.Errorf("it says %+v, earliest %s", o, a.Earliest)
	}
	if got := a.Evidence(); !slices.Equal(got, []rules.Evidence{{Rule: "cap.day", Used: 2, Limit: 2}}) {
		t.Errorf("it counted %v", got)
	}
}

// "Ties by arrival": of those with the same priority the first, and the others have
// the cap's own reason, for nobody outranked them.
func TestOfTheSamePriorityTheFirst(t *testing.T) {
	d := arbitrated(t, lastOf("day", "", 1, 5*minute))
	for i, p := range []int{40, 60, 60, 60, 40} {
		d.ask(noon.Add(time.Duration(i)*minute), to("email", "marketing", id(rules.IntentID(fmt.Sprint("i", i))), priority(p)))
	}
	d.until(noon.Add(5 * minute))
	d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"i0": "outranked", "i1": "approved", "i2": "cap.day", "i3": "cap.day", "i4": "outranked"})
}

// "They are judged at that instant": what was said in between counts, and what else
// took the slot. A rule that objects in any case keeps its own reason.
func TestWhatHappensInBetweenCounts(t *testing.T) {
	d := arbitrated(t, lastOf("day", "", 1, 5*minute))
	d.ask(noon, to("email", "marketing", id("e"), priority(90)))
	d.ask(noon.Add(minute), to("sms", "marketing", id("s"), priority(10)))
	d.ask(noon.Add(2*minute), to("email", "survey", id("e2"), priority(5)))
	d.who.Noes = append(d.who.Noes, refusal(noon.Add(3*minute), rules.Scope{Channel: "email"}))
	d.until(noon.Add(5 * minute))
	d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"e": "refused.state", "s": "approved", "e2": "refused.state"})
	if got := reasons(d.answers["e2"]); !slices.Equal(got, []rules.Reason{rules.RefusedState, rules.Outranked}) {
		t.Errorf("it objects with %v", got)
	}

	d = arbitrated(t, lastOf("day", "", 1, 5*minute))
	d.ask(noon, to("email", "marketing", id("e"), priority(90)))
	d.ask(noon.Add(minute), to("sms", "marketing", id("s"), priority(10)))
	d.who.Contacts = append(d.who.Contacts, sent(noon.Add(2*minute), rules.WasRedeemed, to("call", "legal")))
	d.until(noon.Add(5 * minute))
	d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"e": "cap.day", "s": "cap.day"})

	d = arbitrated(t, lastOf("day", "", 1, 5*minute))
	d.who.Contacts = append(d.who.Contacts, sent(noon, 0, to("call", "marketing")))
	d.who.Contacts[0].NotAfter = noon.Add(minute)
	d.ask(noon.Add(minute), to("email", "marketing", id("e"), priority(90)))
	d.until(noon.Add(6 * minute))
	d.wants(t, noon.Add(6*minute), map[rules.IntentID]string{"e": "approved"})
}

// Every rule that objects because of the one that was taken says so.
func TestEveryRuleThatObjectsBecauseOfTheWinnerIsOutranked(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{lastOf("day", "", 2, 5*minute), {Name: "calls", Most: 1, In: rules.Window{Length: hour}, Binds: rules.Selector{Channels: []rules.Channel{"call"}}}}
		s.Gaps = []rules.GapSpec{{Least: 4 * hour}}
		s.OneChannel = &rules.SpanRule{Within: 24 * hour}
	})
	d := newDesk(p)
	d.who.Contacts = []rules.Contact{sent(noon.Add(-5*hour), rules.WasRedeemed, to("sms", "receipt"))}
	d.ask(noon, to("call", "marketing", id("call"), priority(1)))
	d.ask(noon, to("email", "marketing", id("mail"), priority(2)))
	d.until(noon.Add(5 * minute))
	d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"mail": "approved", "call": "outranked"})
	a := d.answers["call"]
	if got := names(a.Objections); !slices.Equal(got, []string{"cap.calls", "cap.day", "channel.blast", "pace.min_gap"}) {
		t.Errorf("it objects with %v", got)
	}
	for _, o := range a.Objections {
		if o.Reason != rules.Outranked {
			t.Errorf("%s says %s", o.Rule, o.Reason)
		}
	}
	if a.Earliest != noon.Add(24*hour+5*minute) {
		t.Errorf("earliest %s", a.Earliest)
	}

	// Who finds a slot all the same, and something else in the way, was not outranked.
	d = newDesk(p)
	d.who.Contacts = []rules.Contact{sent(noon.Add(-24*hour+minute), rules.WasRedeemed, to("sms", "receipt"))}
	d.ask(noon, to("call", "marketing", id("call"), priority(1)))
	d.ask(noon, to("email", "marketing", id("mail"), priority(2)))
	d.until(noon.Add(5 * minute))
	d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"mail": "approved", "call": "cap.calls"})
}

// "An intent that would be approved now and would take the last free slot": no
// other one waits.
func TestWhoDoesNotWait(t *testing.T) {
	day := lastOf("day", "email", 1, 5*minute)
	selling := day
	selling.Binds.Classes = []rules.Class{rules.Solicitation}
	elsewhere := day
	elsewhere.Counts.Channels = []rules.Channel{"sms"}
	trial, tomorrow, over := day, day, day
	trial.Shadow = true
	tomorrow.From = rules.Date{Year: 2026, Month: 5, Day: 5}
	over.Until = rules.Date{Year: 2026, Month: 5, Day: 3}
	reserved := lastOf("day", "email", 2, 5*minute)
	reserved.Reserve = &rules.ReserveSpec{Slots: 1, Priority: 80}
	consented := day
	consented.Waiver = &rules.WaiverSpec{For: rules.Window{Length: 24 * hour}}
	plain := day
	plain.Arbitrate = 0
	waived := &rules.Person{Consents: []rules.Consent{consent(noon.Add(-hour), rules.Scope{})}}
	for what, c := range map[string]struct {
		cap   rules.CapSpec
		in    rules.Intent
		who   *rules.Person
		waits bool
	}{
		"the last slot":                      {day, to("email", "marketing"), nil, true},
		"there are more":                     {lastOf("day", "email", 2, 5*minute), to("email", "marketing"), nil, false},
		"there is none":                      {day, to("email", "marketing"), with(sent(noon.Add(-hour), rules.WasRedeemed, to("email", "service"))), false},
		"another channel":                    {day, to("sms", "marketing"), nil, false},
		"another class":                      {selling, to("email", "service"), nil, false},
		"a service":                          {day, to("email", "service"), nil, true},
		"what the person started":            {day, to("email", "receipt"), nil, false},
		"what the person started, and sells": {day, to("email", "receipt", promotes), nil, true},
		"what the law demands":               {day, to("email", "legal"), nil, false},
		"a cap that does not count it":       {elsewhere, to("email", "marketing"), nil, false},
		"a cap on trial":                     {trial, to("email", "marketing"), nil, false},
		"a cap of tomorrow":                  {tomorrow, to("email", "marketing"), nil, false},
		"a cap of yesterday":                 {over, to("email", "marketing"), nil, false},
		"a cap that was waived":              {consented, to("email", "marketing"), waived, false},
		"a cap that could be waived":         {consented, to("email", "marketing"), nil, true},
		"a cap that waits for nobody":        {plain, to("email", "marketing"), nil, false},
		"a slot that is not reserved":        {reserved, to("email", "marketing", priority(79)), nil, false},
		"the last one, and reserved":         {reserved, to("email", "marketing", priority(80)), with(sent(noon.Add(-hour), rules.WasRedeemed, to("email", "service"))), true},
	} {
		t.Run(what, func(t *testing.T) {
			d := arbitrated(t, c.cap)
			if c.who != nil {
				d.who = *c.who
			}
			c.in.ID = "i"
			d.ask(noon, c.in)
			if _, answered := d.answers["i"]; answered == c.waits {
				t.Errorf("waits: %t", !answered)
			}
		})
	}
}

// "Whose own time ends before the window does waits for half of it": its own end,
// its age, and the edge of the hours. All who wait with it are judged then. Nobody
// waits for longer than a day.
func TestNobodyWaitsInVain(t *testing.T) {
	hours := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{lastOf("day", "", 1, hour)}
		s.Hours = []rules.HoursSpec{{Open: []rules.OpenSpec{daily(9*hour, 12*hour+30*minute)}}}
	})
	day := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "week", Most: 1, In: rules.Window{Length: 7 * day}, Arbitrate: 24 * hour}}
	})
	short := bare(t, func(s *rules.Spec) { s.Caps = []rules.CapSpec{lastOf("day", "", 1, hour)} })
	for what, c := range map[string]struct {
		policy *rules.Policy
		in     rules.Intent
		due    time.Duration
	}{
		"it has time": {short, to("email", "marketing", made(noon)), hour},
		"its end is not before that of the window": {short, to("email", "marketing", made(noon), notAfter(noon.Add(hour+ms))), hour},
		"its end is that of the window":            {short, to("email", "marketing", made(noon), notAfter(noon.Add(hour))), 30 * minute},
		"its end is soon":                          {short, to("email", "marketing", made(noon), notAfter(noon.Add(10*minute))), 5 * minute},
		"it is old":                                {short, to("email", "marketing", made(noon.Add(-72*hour+20*minute))), 10 * minute},
		"the hours end":                            {hours, to("email", "marketing", made(noon)), 15 * minute},
		"a day":                                    {day, to("email", "marketing", made(noon)), 24 * hour},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(c.policy)
			c.in.ID = "i"
			d.ask(noon, c.in)
			other := to("sms", "marketing", made(noon), id("other"), priority(100))
			d.ask(noon, other)
			d.until(noon.Add(25 * hour))
			d.wants(t, noon.Add(c.due), map[rules.IntentID]string{"other": "approved", "i": "outranked"})
		})
	}
	d := newDesk(short)
	d.ask(noon, to("email", "marketing", id("i"), notAfter(noon.Add(ms))))
	d.until(noon)
	d.wants(t, noon, map[rules.IntentID]string{"i": "approved"})
}

// "It waits for the longest of their windows, and with everybody who waits for any
// of them": which of what is held is judged together, and when.
func TestRounds(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Combined = true // two of the caps are idle beside the first
		s.Caps = []rules.CapSpec{
			lastOf("any", "", 9, 20*minute), lastOf("email", "email", 9, 5*minute), lastOf("sms", "sms", 9, 10*minute),
			{Name: "each", Most: 9, In: rules.Window{Kind: rules.Ever}, Arbitrate: 7 * minute, Binds: rules.Selector{Channels: []rules.Channel{"push"}},
				Per: []rules.Key{rules.PerCampaign, rules.PerSubject, rules.PerBrand, rules.PerChannel, rules.PerAddress}},
		}
		s.Notices = &rules.NoticeSpec{Wait: 6 * minute, Repeat: hour}
	})
	held := func(after time.Duration, in rules.Intent, slots ...string) rules.Held {
		return rules.Held{Intent: in, Arrived: noon.Add(after), Slots: slots, By: noon.Add(after + 24*hour)}
	}
	email, sms, push := to("email", "marketing"), to("sms", "marketing"), to("push", "marketing")
	soon := held(minute, sms, "cap.sms")
	soon.By = noon.Add(3 * minute)
	for what, c := range map[string]struct {
		held []rules.Held
		due  time.Duration
		want []int
	}{
		"one slot, from its first":         {[]rules.Held{held(0, email, "cap.email"), held(minute, email, "cap.email")}, 5 * minute, []int{0, 1}},
		"the first came later in the list": {[]rules.Held{held(minute, email, "cap.email"), held(0, email, "cap.email")}, 5 * minute, []int{0, 1}},
		"two slots":                        {[]rules.Held{held(0, sms, "cap.sms"), held(minute, email, "cap.email")}, 6 * minute, []int{1}},
		"two slots, the other one first":   {[]rules.Held{held(0, sms, "cap.sms"), held(6*minute, email, "cap.email")}, 10 * minute, []int{0}},
		"both of one":                      {[]rules.Held{held(0, email, "cap.email", "cap.any")}, 20 * minute, []int{0}},
		"one that both need":               {[]rules.Held{held(0, email, "cap.email"), held(minute, sms, "cap.sms", "cap.any")}, 21 * minute, []int{0, 1}},
		"one that somebody else waits for": {[]rules.Held{held(0, email, "cap.email"), held(minute, sms, "cap.sms"), held(2*minute, push, "cap.any")}, 22 * minute, []int{0, 1, 2}},
		"one must be judged":               {[]rules.Held{held(0, sms, "cap.sms"), soon}, 3 * minute, []int{0, 1}},
		"a cap that waits no more":         {[]rules.Held{held(0, email, "cap.email"), held(minute, email, "cap.gone")}, 5 * minute, []int{0, 1}},
		"two that wait no more":            {[]rules.Held{held(0, email, "cap.gone"), held(minute, sms, "cap.gone")}, 0, []int{0, 1}},
		"each its own":                     {[]rules.Held{held(0, to("push", "marketing", campaign("a")), "cap.each"), held(0, to("push", "marketing", campaign("b")), "cap.each")}, 7 * minute, []int{0}},
		"a notice is due before":           {[]rules.Held{held(0, sms, "cap.sms"), held(0, to("sms", "service", subject("s"))), held(0, to("sms", "service", subject("s")), "cap.sms")}, 6 * minute, []int{1}},
		"a notice is due later":            {[]rules.Held{held(0, to("sms", "service", subject("s"))), held(0, email, "cap.email")}, 5 * minute, []int{1}},
		"joined by the last": {[]rules.Held{held(0, email, "cap.email"), held(0, sms, "cap.sms"), held(0, push, "cap.each"),
			held(minute, push, "cap.any")}, 21 * minute, []int{0, 1, 2, 3}},
	} {
		t.Run(what, func(t *testing.T) {
			due, group := p.NextDue(&rules.Person{Held: c.held})
			if due != noon.Add(c.due) || !slices.Equal(group, c.want) {
				t.Errorf("%v are due at %s, want %v at %s", group, due, c.want, noon.Add(c.due))
			}
		})
	}
}

// Under a policy that arbitrates no more, what a store still holds is judged at once,
// in the order of priority; nobody is outranked by then.
func TestWhatIsHeldUnderAPolicyThatArbitratesNoLonger(t *testing.T) {
	d := arbitrated(t, lastOf("day", "", 1, 5*minute))
	d.ask(noon, to("email", "marketing", id("i1"), priority(1)))
	d.ask(noon.Add(minute), to("email", "marketing", id("i2"), priority(2)))
	plain := lastOf("day", "", 1, 0)
	d.policy = bare(t, func(s *rules.Spec) { s.Caps = []rules.CapSpec{plain} })
	if due, _ := d.policy.NextDue(&d.who); due != noon {
		t.Errorf("due %s", due)
	}
	d.until(noon.Add(2 * minute))
	d.wants(t, noon, map[rules.IntentID]string{"i2": "approved", "i1": "cap.day"})
}

// "No cap is ever exceeded, and the winner among those held has the highest priority
// among those that no other rule vetoed": random caps, and a random stream of
// intents and of noes.
func TestArbitrationExceedsNoCapAndPrefersTheUrgent(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		spec := drawArbitration(r)
		p, problems := rules.Compile(spec)
		if len(problems) > 0 {
			r.Fatalf("problems: %v", problems)
		}
		d := newDesk(p)
		held := map[rules.IntentID]rules.Held{}
		d.judging = func(round []rules.Held, due rules.Instant) func() {
			alone(r, spec, round, d.who.Held)
			for i := range round {
				if h := &round[i]; due > h.By || due < h.Arrived {
					r.Fatalf("%s, there since %s and to be judged by %s, is judged at %s", h.Intent.ID, h.Arrived, h.By, due)
				}
				held[round[i].Intent.ID] = round[i]
			}
			before := d.who
			return func() { fair(r, spec, &before, round, d, due) }
		}
		now := noon
		for i := range rapid.IntRange(3, 25).Draw(r, "events") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 5, 20, 50, 200}).Draw(r, "after")) * minute)
			d.until(now)
			if sometimes(r, "no", 9) {
				d.who.Noes = append(slices.Clone(d.who.Noes), refusal(now, rules.Scope{Channel: rapid.SampledFrom([]rules.Channel{"email", "sms"}).Draw(r, "refused"), Brand: "b"}))
			}
			in := to(
				rapid.SampledFrom([]rules.Channel{"email", "sms", "push"}).Draw(r, "channel"), rapid.SampledFrom([]rules.Purpose{"marketing", "service", "legal"}).Draw(r, "purpose"),
				campaign(rapid.SampledFrom([]rules.Campaign{"a", "b"}).Draw(r, "campaign")), brand(rapid.SampledFrom([]rules.Brand{"a", "b"}).Draw(r, "brand")),
				id(rules.IntentID(fmt.Sprint("i", i))), priority(rapid.IntRange(0, 4).Draw(r, "priority")),
			)
			if sometimes(r, "hurries", 5) {
				in.NotAfter = now.Add(time.Duration(rapid.IntRange(1, 100).Draw(r, "not after")) * minute)
			}
			d.ask(now, in)
			if a, answered := d.answers[in.ID]; answered && a.Verdict == rules.Approved {
				within(r, spec, d, in, now)
			}
		}
		d.until(now.Add(25 * hour))
		if len(d.who.Held) > 0 {
			r.Fatalf("a day later %d are held", len(d.who.Held))
		}
		for id, h := range held {
			if d.answers[id].Verdict == rules.Approved {
				within(r, spec, d, h.Intent, d.when[id])
			}
		}
	})
}

// drawArbitration is a policy of some caps, of most of which the last slot waits.
func drawArbitration(r *rapid.T) *rules.Spec {
	spec := bareSpec()
	spec.Combined = true
	for i := range rapid.IntRange(1, 4).Draw(r, "caps") {
		c := rules.CapSpec{
			Name: fmt.Sprint("c", i), Most: rapid.IntRange(1, 3).Draw(r, "most"), In: rules.Window{Length: time.Duration(rapid.IntRange(2, 30).Draw(r, "within")) * hour},
			Per: rapid.SampledFrom([][]rules.Key{nil, nil, {rules.PerCampaign}, {rules.PerChannel}}).Draw(r, "per"),
		}
		if channel := rapid.SampledFrom([]rules.Channel{"", "", "email", "sms"}).Draw(r, "of"); channel != "" {
			c.Binds.Channels = []rules.Channel{channel}
		}
		c.Counts = c.Binds
		if !sometimes(r, "first come, first served", 4) {
			c.Arbitrate = time.Duration(rapid.IntRange(1, 110).Draw(r, "wait")) * minute
		}
		spec.Caps = append(spec.Caps, c)
	}
	return spec
}

// within wants that no cap that binds an intent which was approved at the instant
// held more then than it allows.
func within(r *rapid.T, spec *rules.Spec, d *desk, in rules.Intent, when rules.Instant) {
	who := rules.Person{}
	for _, c := range d.who.Contacts {
		if c.At <= when {
			who.Contacts = append(who.Contacts, c)
		}
	}
	for i := range spec.Caps {
		c := &spec.Caps[i]
		n := second{spec: spec, who: &who, in: &in, now: when}
		if used := n.counted(c); n.binds(&c.Binds) && used > c.Most {
			r.Fatalf("with %s at %s cap %s holds %d of %d", in.ID, when, c.Name, used, c.Most)
		}
	}
}

// fair wants of a round that was judged that the first to whom no other rule objected
// was approved, that whoever was vetoed had found what came before in the order of
// priority, and who is called outranked had found somebody more urgent.
func fair(r *rapid.T, spec *rules.Spec, before *rules.Person, round []rules.Held, d *desk, due rules.Instant) {
	who := *before
	for i := range round {
		h := &round[i]
		for j := range round[:i] {
			if round[j].Intent.Priority < h.Intent.Priority || round[j].Intent.Priority == h.Intent.Priority && round[j].Arrived > h.Arrived {
				r.Fatalf("%s is judged before %s", round[j].Intent.ID, h.Intent.ID)
			}
		}
		n := second{spec: spec, who: &who, in: &h.Intent, now: due}
		objections, _ := n.objections()
		a := d.answers[h.Intent.ID]
		if (a.Verdict == rules.Vetoed) != (len(objections) > 0) {
			r.Fatalf("%s: %s, and by the naive reading %v objects", h.Intent.ID, a.Verdict, objections)
		}
		if a.Reason() == rules.Outranked && !slices.ContainsFunc(round[:i], func(o rules.Held) bool {
			return o.Intent.Priority > h.Intent.Priority && d.answers[o.Intent.ID].Verdict == rules.Approved
		}) {
			r.Fatalf("%s was outranked by nobody", h.Intent.ID)
		}
		for _, c := range d.who.Contacts {
			if c.Intent == h.Intent.ID {
				who.Contacts = append(slices.Clone(who.Contacts), c)
			}
		}
	}
}

// alone wants that nobody is left waiting for a slot that one of the round may take.
func alone(r *rapid.T, spec *rules.Spec, round, rest []rules.Held) {
	for i := range rest {
		for j := range round {
			for k := range spec.Caps {
				c, a, b := &spec.Caps[k], &round[j].Intent, &rest[i].Intent
				mine, theirs := second{in: a, spec: spec}, second{in: b, spec: spec}
				if slices.Contains(rest[i].Slots, "cap."+c.Name) && mine.binds(&c.Binds) && theirs.binds(&c.Binds) &&
					(!slices.Contains(c.Per, rules.PerCampaign) || a.Campaign == b.Campaign) && (!slices.Contains(c.Per, rules.PerChannel) || a.Channel == b.Channel) {
					r.Fatalf("%s is judged while %s waits for the last of %s", a.ID, b.ID, c.Name)
				}
			}
		}
	}
}

// Of a cap that is per something each has its own last slot, and its own window.
func TestEachHasItsOwnLastSlot(t *testing.T) {
	for key, differs := range map[rules.Key]func(*rules.Intent){
		rules.PerCampaign: campaign("other"), rules.PerSubject: subject("other"), rules.PerBrand: brand("other"),
		rules.PerChannel: func(in *rules.Intent) { in.Channel = "sms" }, rules.PerAddress: address("other"),
	} {
		each := lastOf("each", "", 1, 5*minute)
		each.Per = []rules.Key{key}
		d := arbitrated(t, each)
		d.ask(noon, to("email", "marketing", id("i1"), priority(90)))
		d.ask(noon.Add(minute), to("email", "marketing", id("i2"), priority(10), differs))
		d.ask(noon.Add(2*minute), to("email", "marketing", id("i3"), priority(20), differs))
		d.until(noon.Add(5 * minute))
		d.wants(t, noon.Add(5*minute), map[rules.IntentID]string{"i1": "approved", "i2": "held", "i3": "held"})
		d.until(noon.Add(6 * minute))
		d.wants(t, noon.Add(6*minute), map[rules.IntentID]string{"i3": "approved", "i2": "outranked"})
	}
}
