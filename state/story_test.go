package state_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// The tests of this package are stories: a person, what is told of her, and what
// is remembered. Each cites the sentence of semantics.md that it proves.

// policy is a small house: one purpose of each class, calls and mail that report
// no delivery, calls that are counted for ever, and a phrase of its own.
func policy(t testing.TB) *rules.Policy {
	t.Helper()
	p, problems := rules.Compile(&rules.Spec{
		Name: "test",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation}, {Name: "consent_request", Class: rules.Ask, Role: rules.ConsentRequest},
			{Name: "collection", Class: rules.Collection}, {Name: "service", Class: rules.Service},
			{Name: "receipt", Class: rules.ByPerson}, {Name: "confirmation", Class: rules.Confirmation}, {Name: "legal", Class: rules.Legal},
		},
		Channels: []rules.ChannelSpec{
			{Name: "email"}, {Name: "sms"}, {Name: "call", Silent: true}, {Name: "mail", Silent: true},
		},
		OptOutPhrases: []string{"please stop texting me"},
		OptInPhrases:  []string{"yes please"},
		Silence:       &rules.SpanRule{Within: 90 * 24 * time.Hour},
		Caps: []rules.CapSpec{{
			Name: "call.campaign", Most: 3, In: rules.Window{Kind: rules.Ever}, Per: []rules.Key{rules.PerCampaign},
			Binds: rules.Selector{Channels: []rules.Channel{"call"}}, Counts: rules.Selector{Channels: []rules.Channel{"call"}},
		}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// noon is when the stories begin; hours and days are told from there.
const noon rules.Instant = 1_790_000_000_000

func hours(n int) rules.Instant { return noon.Add(time.Duration(n) * time.Hour) }
func days(n int) rules.Instant  { return hours(24 * n) }

// ada is a person to whom things happen.
type ada struct {
	t      testing.TB
	policy *rules.Policy
	state.Person
}

func newAda(t testing.TB) *ada { return &ada{t: t, policy: policy(t)} }

// hears applies a signal at the hour at which it was said.
func (a *ada) hears(at rules.Instant, s state.Signal) {
	a.t.Helper()
	s.At = at
	a.arrives(at, s)
}

// arrives applies a signal later than it was said.
func (a *ada) arrives(now rules.Instant, s state.Signal) {
	a.t.Helper()
	if !state.ApplySignal(a.policy, &a.Person, &s, now) {
		a.t.Errorf("signal %q was new, and is taken for one that was heard", s.ID)
	}
}

// approve approves an intent, and says what was counted.
func (a *ada) approve(at rules.Instant, in rules.Intent) *rules.Contact {
	if in.Purpose == "" {
		in.Purpose = "marketing"
	}
	in.Person = "ada"
	d := rules.Decision{Verdict: rules.Approved, NotAfter: at.Add(15 * time.Minute)}
	state.ApplyDecision(a.policy, &a.Person, &in, rules.DecisionFor("ada", in.ID), &d, nil, at)
	return &a.Contacts[len(a.Contacts)-1]
}

// vetoed says with which reason an intent would be vetoed; "" if it would not.
func (a *ada) vetoed(at rules.Instant, in rules.Intent) rules.Reason {
	if in.Purpose == "" {
		in.Purpose = "marketing"
	}
	in.At = at
	d := rules.Decide(a.policy, &a.Person.Person, &in, at)
	return d.Reason()
}

// stands is what stands for her, as it is written.
func (a *ada) stands() string {
	a.t.Helper()
	return written(a.t, &a.Person)
}

func written(t testing.TB, p *state.Person) string {
	t.Helper()
	b, err := state.EncodeStanding("ada", p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func want[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, alike()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// alike takes absent and empty lists as the same, and zones of one name.
func alike() cmp.Option {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	}
}
