package rules_test

import (
	"slices"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// The tests of this package are stories in time: a person, what was sent and
// said, and what the answer is one millisecond before and exactly at an edge.
// Here are the few words that they are told with.

const (
	ms     = time.Millisecond
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// house is the built-in policy, as it is shipped.
func house(t testing.TB) *rules.Policy {
	t.Helper()
	p, err := loadHouse()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var loadHouse = sync.OnceValues(func() (*rules.Policy, error) { return policyfile.Load("no-means-no") })

// bare is a policy with the core only, and what the test adds.
func bare(t testing.TB, add func(*rules.Spec)) *rules.Policy {
	t.Helper()
	s := bareSpec()
	add(s)
	p, problems := rules.Compile(s)
	if len(problems) > 0 {
		t.Fatalf("the policy of the test has problems: %v", problems)
	}
	return p
}

func bareSpec() *rules.Spec {
	return &rules.Spec{
		Name: "bare", Hash: "sha256:bare",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation}, {Name: "survey", Class: rules.Solicitation},
			{Name: "winback", Class: rules.Solicitation, Role: rules.Winback},
			{Name: "permission_prompt", Class: rules.Ask}, {Name: "consent_request", Class: rules.Ask, Role: rules.ConsentRequest},
			{Name: "collection", Class: rules.Collection}, {Name: "service", Class: rules.Service},
			{Name: "receipt", Class: rules.ByPerson}, {Name: "confirmation", Class: rules.Confirmation}, {Name: "legal", Class: rules.Legal},
		},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}, {Name: "call", Silent: true}, {Name: "push"}},
	}
}

// nobody is a person of whom nothing is known.
func nobody() *rules.Person { return &rules.Person{} }

// at is the instant of a time in RFC 3339.
func at(s string) rules.Instant {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return rules.At(t)
}

// noon is a Monday at noon, UTC: within every hour that the house knows.
var noon = at("2026-05-04T12:00:00Z")

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

// to is an intent of the campaign "spring" under the id "i". What the options
// do not say is absent; At is when it is asked (see ask).
func to(channel rules.Channel, purpose rules.Purpose, options ...func(*rules.Intent)) rules.Intent {
	in := rules.Intent{ID: "i", Person: "p", Channel: channel, Purpose: purpose, Campaign: "spring", Mode: rules.ModeManual}
	for _, o := range options {
		o(&in)
	}
	return in
}

func id(s rules.IntentID) func(*rules.Intent) { return func(in *rules.Intent) { in.ID = s } }
func campaign(s rules.Campaign) func(*rules.Intent) {
	return func(in *rules.Intent) { in.Campaign = s }
}
func subject(s rules.Subject) func(*rules.Intent) { return func(in *rules.Intent) { in.Subject = s } }
func brand(s rules.Brand) func(*rules.Intent)     { return func(in *rules.Intent) { in.Brand = s } }
func address(s rules.Address) func(*rules.Intent) { return func(in *rules.Intent) { in.Address = s } }
func message(s string) func(*rules.Intent)        { return func(in *rules.Intent) { in.Message = s } }
func mode(m rules.Mode) func(*rules.Intent)       { return func(in *rules.Intent) { in.Mode = m } }
func replyTo(s rules.SignalID) func(*rules.Intent) {
	return func(in *rules.Intent) { in.ReplyTo = s }
}
func made(i rules.Instant) func(*rules.Intent) { return func(in *rules.Intent) { in.At = i } }
func notBefore(i rules.Instant) func(*rules.Intent) {
	return func(in *rules.Intent) { in.NotBefore = i }
}
func notAfter(i rules.Instant) func(*rules.Intent) { return func(in *rules.Intent) { in.NotAfter = i } }
func promotes(in *rules.Intent)                    { in.Promotes = true }

func zones(names ...string) func(*rules.Intent) {
	return func(in *rules.Intent) {
		for _, name := range names {
			in.Zones = append(in.Zones, zone(name))
		}
	}
}

// classes are what the purposes of the house are judged and counted as.
var classes = map[rules.Purpose]rules.Class{
	"marketing": rules.Solicitation, "newsletter": rules.Solicitation, "survey": rules.Solicitation, "winback": rules.Solicitation,
	"permission_prompt": rules.Solicitation, "consent_request": rules.Solicitation, "onboarding": rules.Solicitation,
	"collection": rules.Collection, "payment_reminder": rules.Collection, "service": rules.Service, "billing": rules.Service,
	"receipt": rules.ByPerson, "confirmation": rules.Confirmation, "legal": rules.Legal,
}

// sent is an approval of the intent, decided at when, with what became of it
// since. With no fate it is still out, until 15 minutes after when.
func sent(when rules.Instant, fate rules.Fate, in rules.Intent) rules.Contact {
	c := rules.Contact{
		Intent: in.ID + "@" + rules.IntentID(when.String()), Decision: "d-" + rules.DecisionID(when.String()),
		Made: when, At: when, NotAfter: when.Add(15 * minute),
		Channel: in.Channel, Purpose: in.Purpose, Class: classes[in.Purpose], Campaign: in.Campaign, Subject: in.Subject,
		Brand: in.Brand, Address: in.Address, Mode: in.Mode, Message: in.Message, Promotes: in.Promotes, ReplyTo: in.ReplyTo, Zones: in.Zones, Fate: fate,
	}
	if in.Promotes && !c.Class.Exempt() {
		c.Class = rules.Solicitation
	}
	return c
}

// delivered is a contact that reached the person at when.
func delivered(when rules.Instant, in rules.Intent) rules.Contact {
	c := sent(when, rules.WasRedeemed|rules.Happened, in)
	c.Delivered = when
	return c
}

// with is a person to whom these contacts went.
func with(contacts ...rules.Contact) *rules.Person {
	slices.SortStableFunc(contacts, func(a, b rules.Contact) int { return int(a.At - b.At) })
	return &rules.Person{Contacts: contacts}
}

// refusal, consent: a no and a yes.
func refusal(when rules.Instant, s rules.Scope) rules.No {
	return rules.No{Kind: rules.Refused, Scope: s, At: when, Signal: "s"}
}

func consent(when rules.Instant, s rules.Scope) rules.Consent {
	return rules.Consent{Scope: s, At: when, Effective: true, Signal: "s"}
}

// ask decides at the given instant an intent that was made right then, if it
// does not say otherwise.
func ask(p *rules.Policy, who *rules.Person, in rules.Intent, when rules.Instant) rules.Decision {
	if in.At == 0 {
		in.At = when
	}
	return rules.Decide(p, who, &in, when)
}

// reasons are the codes of all objections, in order.
func reasons(d rules.Decision) []rules.Reason {
	var out []rules.Reason
	for _, o := range d.Objections {
		out = append(out, o.Reason)
	}
	return out
}

// evidence is what was counted.
func evidence(d rules.Decision) []rules.Evidence { return d.Evidence() }

// approved wants a yes.
func approved(t *testing.T, d rules.Decision) {
	t.Helper()
	if d.Verdict != rules.Approved || len(d.Objections) > 0 || d.Reason() != "" || d.Earliest != 0 || d.Final() {
		t.Errorf("got %s %v, want an approval", d.Verdict, d.Objections)
	}
}

// vetoed wants a no for exactly these reasons, in this order.
func vetoed(t *testing.T, d rules.Decision, want ...rules.Reason) {
	t.Helper()
	if d.Verdict != rules.Vetoed || !slices.Equal(reasons(d), want) || d.Reason() != want[0] || d.NotAfter != 0 {
		t.Errorf("got %s %v, want a veto for %v", d.Verdict, d.Objections, want)
	}
	for _, o := range d.Objections {
		if o.Rule == "" || o.Detail == "" {
			t.Errorf("the objection %v says too little to a person", o)
		}
	}
}

// final wants a no for these reasons that no passing of time mends.
func final(t *testing.T, d rules.Decision, want ...rules.Reason) {
	t.Helper()
	vetoed(t, d, want...)
	if d.Earliest != 0 || !d.Final() {
		t.Errorf("got earliest %s, want a final veto", d.Earliest)
	}
}

// opens wants the intent to be vetoed for the reason one millisecond before
// when, with when as the earliest, and to be approved exactly then.
func opens(t *testing.T, p *rules.Policy, who *rules.Person, in rules.Intent, reason rules.Reason, when rules.Instant) {
	t.Helper()
	before := ask(p, who, in, when-1)
	vetoed(t, before, reason)
	if before.Earliest != when || before.Final() {
		t.Errorf("1 ms before: earliest %s, want %s", before.Earliest, when)
	}
	approved(t, ask(p, who, in, when))
}

// closes wants the intent to be approved one millisecond before when, and to be
// vetoed for the reason exactly then; what the veto says of earliest is next,
// 0 for nothing.
func closes(t *testing.T, p *rules.Policy, who *rules.Person, in rules.Intent, reason rules.Reason, when, next rules.Instant) {
	t.Helper()
	approved(t, ask(p, who, in, when-1))
	then := ask(p, who, in, when)
	vetoed(t, then, reason)
	if then.Earliest != next || then.Final() != (next == 0) {
		t.Errorf("then: earliest %s, want %s", then.Earliest, next)
	}
}
