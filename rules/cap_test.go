package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// "A half-open window of W at now holds the contacts in (now−W, now]." Every cap
// of the house, with as many contacts as it allows, on both sides of the instant
// at which the oldest leaves.
func TestCapsOpenExactlyWhenTheOldestLeaves(t *testing.T) {
	for _, c := range []struct {
		name    string
		channel rules.Channel
		reason  rules.Reason
		apart   []time.Duration // before the last contact
		window  time.Duration   // from the oldest
	}{
		{"two e-mails a week", "email", "cap.email", []time.Duration{30 * hour, 0}, 168 * hour},
		{"one sms a day", "sms", "cap.sms", []time.Duration{0}, 24 * hour},
		{"one push a day", "push", "cap.push", []time.Duration{0}, 24 * hour},
		{"one call a day", "call", "cap.call.day", []time.Duration{0}, 24 * hour},
		{"three calls a week", "call", "cap.call.week", []time.Duration{96 * hour, 48 * hour, 0}, 168 * hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			who := nobody()
			for i, back := range c.apart {
				// Human acts keep the streak and the silence out; other campaigns the cap per campaign.
				other := campaign(rules.Campaign("c" + string(rune('a'+i))))
				purpose := rules.Purpose("marketing")
				if c.reason == "cap.call.week" {
					purpose = "service" // so that the any-channel cap does not bind as well
				}
				who.Contacts = append(who.Contacts, sent(noon.Add(-back), rules.WasRedeemed|rules.Happened, to(c.channel, purpose, other)))
			}
			who.HumanAct = noon
			in := to(c.channel, who.Contacts[0].Purpose)
			opens(t, house(t), who, in, c.reason, noon.Add(-c.apart[0]).Add(c.window))
		})
	}
}

// "≤3 any channel per 168 h", over channels that have no cap of their own.
func TestAnyCap(t *testing.T) {
	first := at("2026-05-01T10:00:00Z")
	who := with(
		sent(first, rules.WasRedeemed|rules.Happened, to("mail", "marketing", campaign("a"))),
		sent(first.Add(30*hour), rules.WasRedeemed|rules.Happened, to("in_app", "service", campaign("b"))),
		sent(first.Add(60*hour), rules.WasRedeemed|rules.Happened, to("chat", "collection", campaign("c"))),
	)
	in := to("mail", "marketing")
	opens(t, house(t), who, in, "cap.any", first.Add(168*hour))

	t.Run("it binds solicitations only", func(t *testing.T) {
		approved(t, ask(house(t), who, to("mail", "service"), first.Add(61*hour)))
		approved(t, ask(house(t), who, to("mail", "collection"), first.Add(61*hour)))
	})
	t.Run("a service notice that sells is one", func(t *testing.T) {
		vetoed(t, ask(house(t), who, to("mail", "service", promotes), first.Add(61*hour)), "cap.any")
	})
	t.Run("ask is judged as one", func(t *testing.T) {
		vetoed(t, ask(house(t), who, to("mail", "permission_prompt"), first.Add(61*hour)), "cap.any")
	})
	t.Run("exempt classes do not count", func(t *testing.T) {
		for _, purpose := range []rules.Purpose{"receipt", "legal", "confirmation"} {
			who := with(who.Contacts[0], who.Contacts[1], sent(first.Add(60*hour), rules.WasRedeemed|rules.Happened, to("chat", purpose, campaign("c"))))
			approved(t, ask(house(t), who, in, first.Add(61*hour)))
		}
	})
	t.Run("evidence says what was counted, on a yes too", func(t *testing.T) {
		for when, used := range map[rules.Instant]int{first.Add(168*hour - ms): 3, first.Add(168 * hour): 2} {
			d := ask(house(t), who, in, when)
			if want := (rules.Evidence{Rule: "cap.any", Used: used, Limit: 3}); !slices.Contains(d.Evidence(), want) {
				t.Errorf("no %v in %v", want, d.Evidence())
			}
		}
	})
}

// "≤3 ever per person and campaign": no passing of time helps, another campaign
// does.
func TestCallsOfACampaignEver(t *testing.T) {
	who := nobody()
	for i := range 3 {
		who.Contacts = append(who.Contacts, sent(noon.Add(time.Duration(i)*40*day), rules.WasRedeemed|rules.Happened, to("call", "service")))
	}
	later := noon.Add(4000 * day)
	final(t, ask(house(t), who, to("call", "service"), later), "cap.call.campaign")
	approved(t, ask(house(t), who, to("call", "service", campaign("summer")), later))

	t.Run("one given back makes room", func(t *testing.T) {
		who := with(append([]rules.Contact(nil), who.Contacts...)...)
		who.Contacts[1].Fate |= rules.WrongNumber
		approved(t, ask(house(t), who, to("call", "service"), later))
	})
}

// "The call caps and the gap bind and count every call but person and legal
// (service, collection and confirmation too)."
func TestCallCapsBindAndCount(t *testing.T) {
	for purpose, binds := range map[rules.Purpose]bool{
		"marketing": true, "permission_prompt": true, "service": true, "collection": true, "confirmation": true,
		"receipt": false, "legal": false,
	} {
		counted := with(sent(noon, rules.WasRedeemed|rules.Happened, to("call", purpose, campaign("other"))))
		d := ask(house(t), counted, to("call", "service"), noon.Add(5*hour))
		if binds {
			vetoed(t, d, "cap.call.day")
		} else {
			approved(t, d)
		}

		who := with(sent(noon, rules.WasRedeemed|rules.Happened, to("call", "service", campaign("other"))))
		who.OptOut = noon.Add(5 * hour) // so that a confirmation is in time
		d = ask(house(t), who, to("call", purpose), noon.Add(5*hour))
		if binds {
			vetoed(t, d, "cap.call.day")
		} else {
			approved(t, d)
		}
	}
}

// "Expiry without redemption gives back": a cap full of approvals that are out
// opens when the first of them expires, and not before.
func TestCapOpensWhenAnApprovalExpires(t *testing.T) {
	who := with(sent(noon, 0, to("sms", "marketing")))
	opens(t, house(t), who, to("sms", "marketing"), "cap.sms", noon.Add(15*minute))

	// Two of two e-mails; the older was redeemed, the younger is still out.
	who = with(sent(noon.Add(-hour), rules.WasRedeemed, to("email", "marketing")), sent(noon, 0, to("email", "marketing")))
	opens(t, house(t), who, to("email", "marketing"), "cap.email", noon.Add(15*minute))
}

// More than the cap allows may have gone out, under a policy that allowed more: it
// opens when the last but so many has left or expired, whichever those are.
func TestCapOpensWhenEnoughHaveLeft(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "two", Most: 2, In: rules.Window{Length: 24 * hour}}}
	})
	who := with(
		sent(noon.Add(-3*hour), rules.WasRedeemed, to("email", "service")),
		sent(noon.Add(-2*hour), rules.NotSent, to("email", "service")),
		sent(noon.Add(-hour), rules.WasRedeemed, to("email", "service")),
		sent(noon, 0, to("email", "service")), sent(noon+1, 0, to("email", "service")), sent(noon+2, rules.WasRedeemed, to("email", "service")),
	)
	opens(t, p, who, to("email", "service"), "cap.two", noon.Add(23*hour))
}

// "email, sms, push bind and count solicitations": neither is a service e-mail
// bound, nor does it count.
func TestChannelCapsAreOfSolicitations(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("sms", "marketing", campaign("a"))))
	approved(t, ask(house(t), who, to("sms", "service"), noon.Add(hour)))
	who = with(sent(noon, rules.WasRedeemed, to("sms", "service", campaign("a"))))
	approved(t, ask(house(t), who, to("sms", "marketing"), noon.Add(hour)))
}

// A cap of nothing is never open, and one of many counts many: more contacts
// than any fixed room, the slot that frees up is that of the right one.
func TestCapsOfNoneAndOfMany(t *testing.T) {
	none := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "none", Most: 0, In: rules.Window{Length: hour}, Binds: rules.Selector{Channels: []rules.Channel{"push"}}}}
	})
	final(t, ask(none, nobody(), to("push", "service"), noon), "cap.none")
	approved(t, ask(none, nobody(), to("sms", "service"), noon))

	many := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{Name: "many", Most: 40, In: rules.Window{Length: 100 * hour}}}
	})
	who := nobody()
	for i := range 60 {
		who.Contacts = append(who.Contacts, sent(noon.Add(time.Duration(i)*hour), rules.WasRedeemed, to("email", "service")))
	}
	// 60 of 40: the 20th to leave makes room for one, and that is the one made in hour 20.
	opens(t, many, who, to("email", "service"), "cap.many", noon.Add((20+100)*hour))
}

// The veto says in words how many were counted, and how many are allowed.
func TestCapInWords(t *testing.T) {
	for _, c := range []struct {
		most int
		in   rules.Window
		want string
	}{
		{1, rules.Window{Length: 24 * hour}, "1 contact of 1 used within 24h"},
		{2, rules.Window{Length: 90 * minute}, "2 contacts of 2 used within 90m"},
		{2, rules.Window{Length: 90 * time.Second}, "2 contacts of 2 used within 1m30s"},
		{1, rules.Window{Kind: rules.Ever}, "1 contact of 1 used, ever"},
	} {
		p := bare(t, func(s *rules.Spec) { s.Caps = []rules.CapSpec{{Name: "x", Most: c.most, In: c.in}} })
		who := nobody()
		for range c.most {
			who.Contacts = append(who.Contacts, sent(noon, rules.WasRedeemed, to("email", "service")))
		}
		if d := ask(p, who, to("email", "service"), noon); d.Objections[0].Detail != c.want {
			t.Errorf("got %q, want %q", d.Objections[0].Detail, c.want)
		}
	}
}
