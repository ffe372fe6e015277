package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// rejudged judges again what went to the person last.
func rejudged(p *rules.Policy, who *rules.Person, when rules.Instant) (rules.Reason, bool) {
	o, objects := judgedAgain(p, who, &who.Contacts[len(who.Contacts)-1], when)
	return o.Reason, objects
}

// "Every signal re-judges the person's unredeemed approvals by all rules but the
// counting ones": what each of them says of an approval that is out.
// judgedAgain is an approval judged again, as the governor does it.
func judgedAgain(p *rules.Policy, who *rules.Person, c *rules.Contact, now rules.Instant) (rules.Objection, bool) {
	in := c.AsIntent("p")
	return rules.Rejudge(p, who, &in, now)
}

func TestRejudgeByAllButTheCountingRules(t *testing.T) {
	soon := noon.Add(minute)
	for _, c := range []struct {
		in     rules.Intent
		change func(*rules.Person)
		want   rules.Reason
	}{
		{to("email", "marketing"), func(*rules.Person) {}, ""},
		{to("email", "marketing"), func(who *rules.Person) { who.Noes = []rules.No{refusal(soon, rules.Scope{})} }, rules.RefusedState},
		{to("email", "marketing"), func(who *rules.Person) { who.Noes = []rules.No{{Kind: rules.Cancelled, At: soon}} }, rules.RefusedCancellation},
		{to("push", "permission_prompt"), func(who *rules.Person) { who.Noes = []rules.No{refusal(soon, rules.Scope{})} }, rules.RefusedReprompt},
		{to("push", "consent_request"), func(who *rules.Person) { who.Noes = []rules.No{refusal(soon, rules.Scope{Purpose: "marketing"})} }, rules.RefusedReask},
		{to("sms", "service", subject("x")), func(who *rules.Person) {
			who.Noes = []rules.No{refusal(soon, rules.Scope{Subject: "x", Channel: "email"})}
		}, rules.RefusedChannelHop},
		{to("sms", "service", address("a")), func(who *rules.Person) {
			who.Noes = []rules.No{{Kind: rules.Unreachable, Scope: rules.Scope{Address: "a"}, At: soon}}
		}, rules.RefusedAddress},
		{to("sms", "receipt", address("a")), func(who *rules.Person) { who.Numbers = []rules.Number{{Address: "a", At: soon, Reassigned: true}} }, rules.ConsentVoid},
		{to("email", "marketing", brand("b")), func(who *rules.Person) { who.Cases = []rules.Case{{Brand: "b", At: soon, Open: true}} }, rules.Inhibited},
		{to("email", "marketing"), func(who *rules.Person) {
			who.Quiet = []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 12 * hour, To: 13 * hour}}
		}, rules.QuietPerson},
		{to("sms", "marketing"), func(who *rules.Person) { who.Zones = []*time.Location{zone("Asia/Tokyo")} }, rules.QuietHours},
		{to("call", "marketing", mode(rules.ModePredictive)), func(who *rules.Person) { who.Abandoned = soon }, rules.AbandonCooldown},
		{to("email", "marketing"), func(who *rules.Person) {
			who.Contacts = append([]rules.Contact{delivered(noon.Add(-90*day), to("mail", "survey", campaign("old")))}, who.Contacts...)
		}, rules.Silence},
		{to("email", "winback"), func(who *rules.Person) {
			who.Contacts = append([]rules.Contact{delivered(noon.Add(-90*day), to("mail", "survey", campaign("old")))}, who.Contacts...)
		}, rules.SilenceWinback},
		{to("email", "marketing"), func(who *rules.Person) { who.Contacts[0].Made = soon.Add(-72 * hour) }, rules.Stale},

		// The counting ones.
		{to("email", "marketing"), func(who *rules.Person) { who.Budget = []rules.Budget{{Max: 0, Per: hour}} }, ""},
		{to("email", "confirmation"), func(*rules.Person) {}, ""}, // it would be late
		{to("call", "marketing"), func(who *rules.Person) { who.Contacts = append(who.Contacts, who.Contacts[0], who.Contacts[0]) }, ""},
		{to("email", "marketing", message("m")), func(who *rules.Person) {
			who.Contacts = append([]rules.Contact{
				sent(noon-3, rules.WasRedeemed, to("sms", "marketing", message("m"))), sent(noon-2, rules.WasRedeemed, to("call", "marketing")),
				sent(noon-1, rules.WasRedeemed, to("push", "marketing")),
			}, who.Contacts...)
		}, ""},
	} {
		who := with(sent(noon, 0, c.in))
		c.change(who)
		got, objects := rejudged(house(t), who, soon)
		if got != c.want || objects != (c.want != "") {
			t.Errorf("%s %s: got %q, want %q", c.in.Channel, c.in.Purpose, got, c.want)
		}
	}
}

// The code is "the code that a veto would carry now": the first in the order.
func TestRejudgeNamesTheFirstReason(t *testing.T) {
	who := with(sent(noon, 0, to("email", "marketing")))
	who.Cases = []rules.Case{{At: noon, Open: true}}
	who.Noes = []rules.No{{Kind: rules.Cancelled, At: noon}, refusal(noon, rules.Scope{})}
	if got, _ := rejudged(house(t), who, noon.Add(minute)); got != rules.RefusedState {
		t.Errorf("got %q", got)
	}
}

// The engine's own window was kept when the approval was given its end; it is not
// asked again.
func TestRejudgeKeepsTheZonesOfTheIntent(t *testing.T) {
	tokyo := at("2026-05-04T10:50:00Z") // 19:50 there
	who := with(sent(tokyo, 0, to("sms", "marketing", zones("Asia/Tokyo"))))
	if got, objects := rejudged(house(t), who, tokyo.Add(9*minute)); objects {
		t.Errorf("at 19:59 in Tokyo it is taken back: %s", got)
	}
	if got, _ := rejudged(house(t), who, tokyo.Add(10*minute)); got != rules.QuietHours {
		t.Errorf("at 20:00 in Tokyo: %q", got)
	}
}
