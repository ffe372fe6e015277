package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// veteran is a person with thirty days of history under the house: forty contacts
// on all channels, a few noes and yeses, times of quiet and a budget, and at noon
// nothing that speaks against one more e-mail.
func veteran() *rules.Person {
	who := &rules.Person{
		Noes: []rules.No{
			refusal(noon.Add(-300*day), rules.Scope{Channel: "sms"}), refusal(noon.Add(-200*day), rules.Scope{Purpose: "survey"}),
			refusal(noon.Add(-100*day), rules.Scope{Subject: "domain-renewal"}),
			{Kind: rules.Cancelled, Scope: rules.Scope{Subject: "plan-b", Brand: "zeta"}, At: noon.Add(-50 * day)},
			{Kind: rules.Unreachable, Scope: rules.Scope{Address: "old@x.example"}, At: noon.Add(-40 * day)},
		},
		Consents: []rules.Consent{consent(noon.Add(-250*day), rules.Scope{Channel: "sms", Brand: "acme"}), consent(noon.Add(-20*day), rules.Scope{Channel: "email"})},
		Cases:    []rules.Case{{Brand: "acme", Subject: "parcel", At: noon.Add(-20 * day)}},
		Budget:   []rules.Budget{{Max: 20, Per: 168 * hour}},
		Quiet:    []rules.QuietSpan{{Days: [7]bool{true, true, true, true, true, true, true}, From: 22 * hour, To: 7 * hour}},
		Zones:    []*time.Location{zone("Europe/Berlin")},
		HumanAct: noon.Add(-3 * day),
	}
	for i := range 40 {
		channel := []rules.Channel{"email", "push", "mail", "call", "in_app"}[i%5]
		purpose := rules.Purpose("receipt")
		if i < 30 {
			purpose = []rules.Purpose{"marketing", "service", "newsletter"}[i%3]
		}
		in := to(channel, purpose, campaign(rules.Campaign(fmt.Sprint("c", i%12))), address("me@x.example"), message(fmt.Sprint("m", i)))
		who.Contacts = append(who.Contacts, delivered(noon.Add(-30*day).Add(time.Duration(i)*17*hour), in))
	}
	return who
}

// One decision of the whole house about a person with thirty days of history.
func BenchmarkDecide(b *testing.B) {
	p, who := house(b), veteran()
	for _, c := range []struct {
		name string
		in   rules.Intent
		want rules.Reason
	}{
		{"approved/email", to("email", "marketing", address("me@x.example"), message("new")), ""},
		{"approved/legal", to("call", "legal", address("me@x.example")), ""},
		{"approved/hours", to("push", "service"), ""},
		{"vetoed", to("sms", "marketing", brand("zeta")), rules.RefusedState},
		{"duplicate", to("email", "receipt", id(who.Contacts[0].Intent)), rules.Conflict},
	} {
		c.in.At = noon
		b.Run(c.name, func(b *testing.B) {
			if d := rules.Decide(p, who, &c.in, noon); d.Reason() != c.want {
				b.Fatalf("%s: %v", d.Verdict, d.Objections)
			}
			b.ReportAllocs()
			for b.Loop() {
				rules.Decide(p, who, &c.in, noon)
			}
		})
	}
}

// One approval judged again because of a signal.
func BenchmarkRejudge(b *testing.B) {
	p, who := house(b), veteran()
	c := sent(noon, 0, to("email", "marketing"))
	b.ReportAllocs()
	for b.Loop() {
		judgedAgain(p, who, &c, noon)
	}
}
