package rules_test

import (
	"slices"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

func waiting(when rules.Instant, s rules.Subject) rules.Held {
	return rules.Held{Intent: to("email", "service", subject(s), id("i"+rules.IntentID(when.String()))), Arrived: when}
}

// "A notice is an intent of class service or collection with a subject, on any
// channel but call."
func TestIsNotice(t *testing.T) {
	for purpose, class := range classes {
		for _, channel := range []rules.Channel{"email", "sms", "push", "mail", "in_app", "chat", "call"} {
			in := to(channel, purpose, subject("bill"))
			want := (class == rules.Service || class == rules.Collection) && channel != "call"
			if house(t).IsNotice(&in) != want {
				t.Errorf("%s by %s: notice %t", purpose, channel, !want)
			}
			in.Subject = ""
			if house(t).IsNotice(&in) {
				t.Errorf("%s by %s without a subject is a notice", purpose, channel)
			}
		}
	}
	sells := to("email", "service", subject("bill"), promotes)
	if house(t).IsNotice(&sells) {
		t.Error("a notice that sells is held as one; it is a solicitation")
	}
	in := to("email", "service", subject("bill"))
	if bare(t, func(*rules.Spec) {}).IsNotice(&in) {
		t.Error("a policy without the rule holds notices")
	}
}

// "The group is due at the later of: 15 minutes after its first, 24 h after the
// last counted notice of the group."
func TestDue(t *testing.T) {
	p := house(t)
	notice := to("sms", "collection", subject("bill"))
	for _, c := range []struct {
		what     string
		contacts []rules.Contact
		want     rules.Instant
	}{
		{"nothing went before", nil, noon.Add(15 * minute)},
		{"one went an hour before", []rules.Contact{sent(noon.Add(-hour), rules.WasRedeemed, notice)}, noon.Add(23 * hour)},
		{"two went: the last", []rules.Contact{sent(noon.Add(-2*hour), rules.WasRedeemed, notice), sent(noon.Add(-hour), rules.WasRedeemed, notice)}, noon.Add(23 * hour)},
		{"24 h are over within the wait", []rules.Contact{sent(noon.Add(-24*hour).Add(15*minute), rules.WasRedeemed, notice)}, noon.Add(15 * minute)},
		{"24 h are over just after the wait", []rules.Contact{sent(noon.Add(-24*hour).Add(15*minute+ms), rules.WasRedeemed, notice)}, noon.Add(15*minute + ms)},
		{"given back", []rules.Contact{sent(noon.Add(-hour), rules.NotSent, notice)}, noon.Add(15 * minute)},
		{"still out: it may expire", []rules.Contact{sent(noon.Add(10*minute), 0, notice)}, noon.Add(25 * minute)},
		{"about something else", []rules.Contact{sent(noon.Add(-hour), rules.WasRedeemed, to("sms", "service", subject("parcel")))}, noon.Add(15 * minute)},
		{"by call", []rules.Contact{sent(noon.Add(-hour), rules.WasRedeemed, to("call", "service", subject("bill")))}, noon.Add(15 * minute)},
		{"of another class", []rules.Contact{sent(noon.Add(-hour), rules.WasRedeemed, to("email", "receipt", subject("bill")))}, noon.Add(15 * minute)},
	} {
		who := with(c.contacts...)
		who.Held = []rules.Held{waiting(noon.Add(minute), "parcel"), waiting(noon, "bill"), waiting(noon.Add(5*minute), "bill")}
		if got := p.Due(who, "bill"); got != c.want {
			t.Errorf("%s: due %s, want %s", c.what, got, c.want)
		}
		if got := p.Due(who, "rent"); got != rules.Never {
			t.Errorf("%s: nothing is held about rent, and it is due %s", c.what, got)
		}
		next, group := p.NextDue(who)
		want, together := c.want, []int{1, 2}
		if parcel := p.Due(who, "parcel"); parcel < want {
			want, together = parcel, []int{0}
		}
		if next != want || !slices.Equal(group, together) {
			t.Errorf("%s: next %s is %v, want %v at %s", c.what, next, group, together, want)
		}
	}
	if next, group := p.NextDue(nobody()); next != rules.Never || group != nil {
		t.Errorf("nothing is held, and %v is due %s", group, next)
	}
}

// A store may hold notices from a time when the policy put them together: with
// the rule gone they are due at once, rather than never.
func TestHeldUnderAPolicyThatHoldsNoLonger(t *testing.T) {
	who := &rules.Person{Held: []rules.Held{waiting(noon, "bill")}}
	if due := bare(t, func(*rules.Spec) {}).Due(who, "bill"); due != noon {
		t.Errorf("due %s", due)
	}
}
