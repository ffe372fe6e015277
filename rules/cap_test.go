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
	if d := ask(p, who, to("email", "service"), noon+2); d.Earliest != noon.Add(23*hour) {
		t.Errorf("asked while some are out: earliest %s", d.Earliest)
	}
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
		{1, rules.Window{Kind: rules.CalendarDays, Days: 1}, "1 contact of 1 used within a calendar day"},
		{1, rules.Window{Kind: rules.CalendarDays, Days: 7}, "1 contact of 1 used within 7 calendar days"},
		{2, rules.Window{Kind: rules.CalendarWeek}, "2 contacts of 2 used within a calendar week"},
		{2, rules.Window{Kind: rules.CalendarMonth}, "2 contacts of 2 used within a calendar month"},
		{2, rules.Window{Kind: rules.Successive, Length: 30 * day}, "2 contacts of 2 used within successive 720h"},
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

// "Per person, campaign, subject, brand, channel, address or any of these together":
// only what is the same in all of them is counted.
func TestCapsPerKey(t *testing.T) {
	in := to("email", "service", campaign("spring"), subject("rent"), brand("acme"), address("a"))
	others := map[rules.Key]rules.Intent{}
	for _, k := range rules.Keys() {
		other := in
		switch k {
		case rules.PerCampaign:
			other.Campaign = "summer"
		case rules.PerSubject:
			other.Subject = ""
		case rules.PerBrand:
			other.Brand = ""
		case rules.PerChannel:
			other.Channel = "sms"
		case rules.PerAddress:
			other.Address = ""
		}
		others[k] = other
	}
	for scoped := range 1 << len(others) {
		var per []rules.Key
		for i, k := range rules.Keys() {
			if scoped&(1<<i) != 0 {
				per = append(per, k)
			}
		}
		p := bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{Name: "x", Most: 1, In: rules.Window{Length: 24 * hour}, Per: per}}
		})
		opens(t, p, with(sent(noon, rules.WasRedeemed, in)), in, "cap.x", noon.Add(24*hour))
		for k, other := range others {
			d := ask(p, with(sent(noon, rules.WasRedeemed, other)), in, noon.Add(hour))
			if told := slices.Contains(per, k); told == (d.Verdict == rules.Vetoed) {
				t.Errorf("per %v, and another %s: %s", per, k, d.Verdict)
			}
		}
	}
}

// "Priority and reservation of slots": the last slots are for what is urgent, and
// whoever is not is outranked, until one more than the reserved is free. When
// nothing is left at all, nothing is left for the urgent either.
func TestReservedSlots(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{
			Terms: rules.Terms{Line: line(4), Cites: "our own promise"}, Name: "day", Most: 3, In: rules.Window{Length: 24 * hour},
			Binds: rules.Selector{Channels: []rules.Channel{"push"}}, Reserve: &rules.ReserveSpec{Slots: 2, Priority: 80},
		}}
	})
	priority := func(n int) rules.Intent {
		in := to("push", "marketing")
		in.Priority = n
		return in
	}
	first, second, third := sent(noon, rules.WasRedeemed, to("sms", "service")), sent(noon.Add(hour), 0, to("sms", "service")), sent(noon.Add(hour+minute), rules.WasRedeemed, to("sms", "service"))
	for _, n := range []int{0, 50, 79} {
		approved(t, ask(p, nobody(), priority(n), noon))
		opens(t, p, with(first), priority(n), rules.Outranked, noon.Add(24*hour))
		opens(t, p, with(first, second), priority(n), rules.Outranked, noon.Add(24*hour))
	}
	for _, n := range []int{80, 100} {
		approved(t, ask(p, with(first, second), priority(n), noon.Add(hour)))
		opens(t, p, with(first, second, third), priority(n), "cap.day", noon.Add(hour+15*minute)) // the second expires
	}
	other := to("sms", "marketing")
	approved(t, ask(p, with(first, second), other, noon.Add(hour)))

	t.Run("both say so, with what they counted", func(t *testing.T) {
		d := ask(p, with(first, second, third), priority(50), noon.Add(hour+minute))
		vetoed(t, d, "cap.day", rules.Outranked)
		if d.Earliest != noon.Add(25*hour+minute) {
			t.Errorf("earliest %s", d.Earliest) // then the third is gone too: one is free, and two are reserved
		}
		want := []rules.Evidence{{Rule: "cap.day", Used: 3, Limit: 3}, {Rule: "cap.day.reserved", Used: 3, Limit: 1}}
		if got := d.Evidence(); !slices.Equal(got, want) {
			t.Errorf("evidence %v, want %v", got, want)
		}
		o := d.Objections[1]
		if o.Detail != "3 contacts of 1 used within 24h, and what is left is kept for a priority of 80 or more" || o.Rule != "cap.day.reserved" || o.Line != line(4) || o.Cites != "our own promise" {
			t.Errorf("the objection is %+v", o)
		}
		if d := ask(p, nobody(), priority(80), noon); len(d.Evidence()) != 1 {
			t.Errorf("the urgent are not bound by what is kept for them: %v", d.Evidence())
		}
	})
	t.Run("all may be reserved", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.Caps = []rules.CapSpec{{Name: "day", Most: 1, In: rules.Window{Length: 24 * hour}, Reserve: &rules.ReserveSpec{Slots: 1, Priority: 100}}}
		})
		final(t, ask(p, nobody(), priority(99), noon), rules.Outranked)
		approved(t, ask(p, nobody(), priority(100), noon))
	})
	t.Run("it takes nothing back", func(t *testing.T) {
		if reason, objects := rejudged(p, with(first, sent(noon.Add(hour), 0, priority(100))), noon.Add(hour)); objects {
			t.Errorf("taken back for %s", reason)
		}
	})
}

// A cap on trial is told, with what it counted, and stands in nobody's way.
func TestCapsOnTrial(t *testing.T) {
	p := bare(t, func(s *rules.Spec) {
		s.Caps = []rules.CapSpec{{
			Terms: rules.Terms{Line: line(5), Shadow: true, Cites: "a draft"}, Name: "x", Most: 1, In: rules.Window{Length: 24 * hour},
			Reserve: &rules.ReserveSpec{Slots: 1, Priority: 90},
		}}
	})
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")))
	d := ask(p, who, to("email", "service"), noon.Add(hour))
	approved(t, d)
	if d.NotAfter != noon.Add(hour+15*minute) {
		t.Errorf("it lives until %s", d.NotAfter)
	}
	want := []rules.Objection{
		{Reason: "cap.x", Rule: "cap.x", Detail: "1 contact of 1 used within 24h", Earliest: noon.Add(24 * hour), Line: line(5), Cites: "a draft"},
		{Reason: rules.Outranked, Rule: "cap.x.reserved", Detail: "1 contact of 0 used within 24h, and what is left is kept for a priority of 90 or more", Line: line(5), Cites: "a draft"},
	}
	if !slices.Equal(d.Shadow, want) {
		t.Errorf("on trial: %v", d.Shadow)
	}
	if got := d.Evidence(); !slices.Equal(got, []rules.Evidence{{Rule: "cap.x", Used: 1, Limit: 1, Shadow: true}, {Rule: "cap.x.reserved", Used: 1, Limit: 0, Shadow: true}}) {
		t.Errorf("evidence %v", got)
	}
	in := to("email", "service")
	if opinions := rules.Opinions(p, who, &in, noon.Add(hour)); !opinions[len(opinions)-1].Shadow || !opinions[len(opinions)-1].Objects {
		t.Errorf("the last opinion is %+v", opinions[len(opinions)-1])
	}
}
