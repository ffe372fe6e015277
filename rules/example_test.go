package rules_test

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// A policy, a person who said no to e-mail last year, and three intents: what the
// answer is, why, and from when on asking again makes sense.
func Example() {
	policy, problems := rules.Compile(&rules.Spec{
		Name:     "example",
		Purposes: []rules.PurposeSpec{{Name: "newsletter", Class: rules.Solicitation}, {Name: "receipt", Class: rules.ByPerson}},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}},
		Caps: []rules.CapSpec{{
			Name: "sms", Most: 1, In: rules.Window{Length: 24 * time.Hour},
			Binds:  rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"sms"}},
			Counts: rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"sms"}},
		}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}

	now := rules.At(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	person := rules.Person{
		Noes: []rules.No{{Kind: rules.Refused, Scope: rules.Scope{Channel: "email"}, At: now.Add(-365 * 24 * time.Hour)}},
		Contacts: []rules.Contact{{
			Intent: "i0", Class: rules.Solicitation, Channel: "sms", At: now.Add(-time.Hour), Fate: rules.WasRedeemed | rules.Happened,
		}},
	}

	for _, in := range []rules.Intent{
		{ID: "i1", Channel: "email", Purpose: "newsletter", At: now},
		{ID: "i2", Channel: "sms", Purpose: "newsletter", At: now},
		{ID: "i3", Channel: "email", Purpose: "receipt", At: now},
	} {
		d := rules.Decide(policy, &person, &in, now)
		switch {
		case d.Verdict == rules.Approved:
			fmt.Printf("%s: %s, to be redeemed before %s\n", in.ID, d.Verdict, d.NotAfter)
		case d.Final():
			fmt.Printf("%s: %s for good: %s\n", in.ID, d.Verdict, d.Reason())
		default:
			fmt.Printf("%s: %s until %s: %s\n", in.ID, d.Verdict, d.Earliest, d.Reason())
		}
	}
	// Output:
	// i1: vetoed for good: refused.state
	// i2: vetoed until 2026-05-05T11:00:00.000Z: cap.sms
	// i3: approved, to be redeemed before 2026-05-04T12:15:00.000Z
}
