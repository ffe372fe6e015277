package explain

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

const now = rules.Instant(1_777_896_000_000) // Monday, 2026-05-04T12:00:00Z

func ago(d time.Duration) rules.Instant { return now.Add(-d) }

// sent is a contact that happened, so long ago.
func sent(d time.Duration, change func(*rules.Contact)) rules.Contact {
	c := rules.Contact{
		Intent: "before", Decision: "d-before", At: ago(d), Made: ago(d), NotAfter: ago(d) + 1, Channel: "email", Purpose: "marketing", Class: rules.Solicitation,
		Campaign: "c", Mode: rules.ModeManual, Fate: rules.Happened, Delivered: ago(d),
	}
	change(&c)
	return c
}

func same(*rules.Contact) {}

// "What would have to change, in plain words per reason code". Each story has one thing in the way.
func TestWhatWouldHaveToChange(t *testing.T) {
	const day = 24 * time.Hour
	refused := func(kind rules.NoKind, s rules.Scope) rules.No {
		return rules.No{Kind: kind, Scope: s, At: ago(day), Signal: "s"}
	}
	for _, c := range []struct {
		reason string
		rules  string // of the policy
		who    rules.Person
		in     func(*rules.Intent)
		change []string // how what is told begins
	}{
		{"refused.state", "", rules.Person{Noes: []rules.No{refused(rules.Refused, rules.Scope{Channel: "email"})}}, nil,
			[]string{"Only the person can lift it, by a consent to exactly this (channel email, purpose marketing)"}},
		{"refused.state", "", rules.Person{Noes: []rules.No{refused(rules.Complained, rules.Scope{})}}, nil, []string{"Only the person can lift it"}},
		{"refused.channel_hop", "", rules.Person{Noes: []rules.No{refused(rules.Refused, rules.Scope{Channel: "sms", Subject: "a"})}},
			func(in *rules.Intent) { in.Subject = "a" }, []string{"Only the person can lift it"}},
		{"refused.subject", "", rules.Person{Noes: []rules.No{refused(rules.Refused, rules.Scope{Subject: "a"})}},
			func(in *rules.Intent) { in.Subject = "a" }, []string{"Only the person can lift it"}},
		{"refused.cancellation", "", rules.Person{Noes: []rules.No{refused(rules.Cancelled, rules.Scope{})}}, nil, []string{"Only the person can lift it"}},
		{"refused.reprompt", "", rules.Person{Noes: []rules.No{refused(rules.Refused, rules.Scope{})}},
			func(in *rules.Intent) { in.Purpose = "permission_prompt" }, []string{"Do not ask for it again.", "Only the person can lift it"}},
		{"refused.reask", "", rules.Person{Noes: []rules.No{refused(rules.Refused, rules.Scope{Purpose: "marketing"})}},
			func(in *rules.Intent) { in.Purpose, in.Subject = "consent_request", "marketing" }, []string{"Do not ask for it again.", "Only the person can lift it"}},
		{"refused.tombstone", "", rules.Person{Noes: []rules.No{{Kind: rules.Refused, At: ago(day), Erased: true}}}, nil,
			[]string{"The person asked to be forgotten.", "Only the person can lift it"}},
		{"refused.address", "", rules.Person{Noes: []rules.No{refused(rules.Unreachable, rules.Scope{Address: "a@b"})}},
			func(in *rules.Intent) { in.Address = "a@b" }, []string{"No consent lifts it: the address bounced", "Or another address"}},
		{"refused.address", "", rules.Person{},
			func(in *rules.Intent) {
				in.Address = "a@b"
				in.AddressNoes = []rules.AddressNo{{No: refused(rules.Refused, rules.Scope{Address: "a@b"})}}
			}, []string{"Somebody else said no at this address", "Or another address"}},
		{"consent.required", "consent_required: {class: solicitation, channel: email}", rules.Person{}, nil, []string{"It takes a consent to exactly this"}},
		{"consent.void", "", rules.Person{Numbers: []rules.Number{{Address: "a@b", At: ago(day), Reassigned: true}}},
			func(in *rules.Intent) { in.Address = "a@b" }, []string{"The address is somebody else's now.", "It takes a consent", "Or another address"}},
		{"inhibited", "", rules.Person{Cases: []rules.Case{{Subject: "heat", At: ago(day), Open: true}}}, nil,
			[]string{"Close the complaint first, subject heat: a case_closed signal"}},
		{"silence", "silence: {after: 3d}", rules.Person{Contacts: []rules.Contact{sent(4*day, same)}}, nil, []string{"Only the person ends it, by doing something"}},
		{"silence.winback", "silence: {after: 3d}", rules.Person{Contacts: []rules.Contact{sent(4*day, same)}},
			func(in *rules.Intent) { in.Purpose = "winback" }, []string{"Only the person ends it, by doing something"}},
		{"silence.streak", "streak: {at_most: 1}", rules.Person{Contacts: []rules.Contact{sent(4*day, same)}}, nil, []string{"Only the person ends it, by doing something"}},
		{"dedupe.content", "same_message: {within: 24h}", rules.Person{Contacts: []rules.Contact{sent(time.Hour, func(c *rules.Contact) { c.Message = "m" })}},
			func(in *rules.Intent) { in.Message = "m" }, []string{"The same words under another id", "Wait until 2026-05-05T11:00:00.000Z."}},
		{"confirm.late", "", rules.Person{}, func(in *rules.Intent) { in.Purpose = "confirmation" }, []string{"Nothing: a confirmation answers an opt-out"}},
		{"confirm.once", "", rules.Person{OptOut: ago(time.Minute), Contacts: []rules.Contact{sent(time.Second, func(c *rules.Contact) { c.Class = rules.Confirmation })}},
			func(in *rules.Intent) { in.Purpose = "confirmation" }, []string{"One confirmation of an opt-out is all there is."}},
		{"confirm.promo", "", rules.Person{OptOut: ago(time.Minute)},
			func(in *rules.Intent) { in.Purpose, in.Promotes = "confirmation", true }, []string{"A confirmation of an opt-out does not sell", "Or it sells nothing"}},
		{"not_yet", "", rules.Person{}, func(in *rules.Intent) { in.NotBefore = now + 1000 }, []string{"The intent itself says not before.", "Wait until 2026-05-04T12:00:01.000Z."}},
		{"quiet.hours", "quiet_hours: [{of: {channel: email}, outside: {days: mon-sun, from: 13:00, to: 20:00}}]", rules.Person{}, nil, []string{"Wait until 2026-05-04T13:00:00.000Z."}},
		{"quiet.holiday", "holidays: [{of: {channel: email}, closed: [05-04]}]", rules.Person{}, nil, []string{"Wait until 2026-05-05T00:00:00.000Z."}},
		{"quiet.person", "", rules.Person{Quiet: []rules.QuietSpan{{Days: [7]bool{1: true}, From: 10 * time.Hour, To: 14 * time.Hour}}}, nil,
			[]string{"The person drew this line", "Wait until 2026-05-04T14:00:00.000Z."}},
		{"cap.x", "caps: [{name: x, of: {channel: email}, at_most: 1, within: 24h}]", rules.Person{Contacts: []rules.Contact{sent(time.Hour, same)}}, nil,
			[]string{"Wait until 2026-05-05T11:00:00.000Z."}},
		{"cap.x", "caps: [{name: x, of: {channel: email}, at_most: 1, within: ever}]", rules.Person{Contacts: []rules.Contact{sent(time.Hour, same)}}, nil,
			[]string{"Nothing: 1 is all that there is, for good."}},
		{"cap.x", "caps: [{name: x, of: {channel: email}, at_most: 0, within: 24h}]", rules.Person{}, nil, []string{"The policy allows none at all."}},
		{"cap.x", "caps: [{name: x, of: {channel: email}, at_most: 1, within: 24h, waived_by: {consent: 24h}}]", rules.Person{Contacts: []rules.Contact{sent(time.Hour, same)}}, nil,
			[]string{"Wait until", "Or the person gives a consent to exactly this"}},
		{"cap.talk", "pauses: [{name: talk, of: {channel: email}, after: conversation, none_for: 24h, per: channel}]",
			rules.Person{Talks: []rules.Talk{{Channel: "email", At: ago(time.Hour)}}}, nil, []string{"Wait until 2026-05-05T11:00:00.000Z."}},
		{"budget.person", "", rules.Person{Budget: []rules.Budget{{Max: 1, Per: day}}, Contacts: []rules.Contact{sent(time.Hour, same)}}, nil,
			[]string{"The person named the number", "Wait until 2026-05-05T11:00:00.000Z."}},
		{"pace.min_gap", "gaps: [{of: {channel: email}, at_least: 4h}]", rules.Person{Contacts: []rules.Contact{sent(time.Hour, same)}}, nil, []string{"Wait until 2026-05-04T15:00:00.000Z."}},
		{"channel.blast", "one_channel: {within: 24h}", rules.Person{Contacts: []rules.Contact{sent(time.Hour, func(c *rules.Contact) { c.Channel = "sms" })}}, nil,
			[]string{"Wait until 2026-05-05T11:00:00.000Z."}},
		{"abandon.cooldown", "abandoned_calls: {no_predictive_for: 72h}", rules.Person{Abandoned: ago(time.Hour)},
			func(in *rules.Intent) { in.Channel, in.Mode = "call", rules.ModePredictive }, []string{"Wait until 2026-05-07T11:00:00.000Z.", "Or a human dials"}},
		{"abandon.rate", "abandon_rates: [{name: r, at_most: 3%, per: successive 30d}]", rules.Person{},
			func(in *rules.Intent) {
				in.Channel, in.Mode = "call", rules.ModePredictive
				in.Rates = []rules.Rate{{Rule: "abandon.rate.r", Until: now.Add(day), Answered: 10, Abandoned: 1}}
			}, []string{"Too many people answered", "Wait until 2026-05-05T12:00:00.000Z.", "Or a human dials"}},
		{"campaign.unfit", "registered_only: {}", rules.Person{}, nil, []string{"Mend the campaign, or register it"}},
		{"campaign.ended", "campaigns: {c: {ends: 2026-01-01, most_attempts: 1, way_in: {steps: 1, label: Join}, way_out: {steps: 1, label: Unsubscribe}}}", rules.Person{}, nil,
			[]string{"The campaign is over"}},
		{"campaign.killed", "campaigns: {c: {ends: 2026-12-01, most_attempts: 1, killed: true, way_in: {steps: 1, label: Join}, way_out: {steps: 1, label: Unsubscribe}}}", rules.Person{}, nil,
			[]string{"Its owner stopped it"}},
		{"outranked", "caps: [{name: x, of: {channel: email}, at_most: 2, within: 24h, reserve: {slots: 1, priority: 80}}]", rules.Person{Contacts: []rules.Contact{sent(time.Hour, same)}}, nil,
			[]string{"Wait until 2026-05-05T11:00:00.000Z.", "Or a priority of 80 or more, if it is that urgent."}},
		{"stale", "", rules.Person{}, func(in *rules.Intent) { in.At = ago(96 * time.Hour) }, []string{"Make a new intent"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			spec, err := policyfile.Parse("p.yaml", []byte("policy: p\nvocabulary: no-means-no\n"+c.rules+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			policy, _ := rules.Compile(spec)
			in := rules.Intent{ID: "i", Person: "anna.smith", Channel: "email", Purpose: "marketing", Campaign: "c", Mode: rules.ModeManual, At: now, Priority: 50}
			if c.in != nil {
				c.in(&in)
			}
			a := asked{policy, &governor.Moment{Person: c.who, Intent: in, Now: now}}
			var found []Rule
			for _, r := range a.rules() {
				if r.Objects && r.Reason == c.reason {
					found = append(found, r)
				}
			}
			if len(found) != 1 {
				t.Fatalf("it objects %d times", len(found))
			}
			ok := slices.EqualFunc(found[0].Change, c.change, strings.HasPrefix)
			if !ok {
				t.Errorf("what would have to change is told as %q", found[0].Change)
			}
			if (len(c.who.Noes) > 0 || len(in.AddressNoes) > 0) != (len(found[0].Noes) > 0) || len(c.who.Contacts) > 0 && len(found[0].Contacts) != 1 {
				t.Errorf("because of %v and %v", found[0].Noes, found[0].Contacts)
			}
		})
	}
}

// What became of a contact is told in a word.
func TestFates(t *testing.T) {
	for want, c := range map[string]rules.Contact{
		"redeemed":                {Fate: rules.WasRedeemed},
		"delivered":               {Fate: rules.Happened, Delivered: 1, Channel: "email"},
		"happened":                {Fate: rules.Happened, Channel: "call", Delivered: 1},
		"busy":                    {Fate: rules.Busy},
		"wrong number":            {Fate: rules.WrongNumber | rules.Happened},
		"not sent":                {Fate: rules.NotSent | rules.WasRedeemed},
		"stopped by the provider": {Fate: rules.OptedOut},
		"taken back":              {Fate: rules.WasRevoked, NotAfter: now + 1},
		"expired":                 {NotAfter: now},
		"approved, may be redeemed until 2026-05-04T12:00:00.001Z": {NotAfter: now + 1},
	} {
		if got := fate(&c, now); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
