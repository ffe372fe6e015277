package state_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "The log is the truth …; for noes and yeses the order does not even matter, each
// is kept with the time at which it was said" (doc.go). So signals that arrive in
// any order leave the same person, but for the order of the lists.
//
// Where two things with one scope were said at the very same time, it is also
// open which of the two signals is named (and whose evidence, if both were
// consents): the same stands in either case. Here no two are said at once.
func TestTheOrderOfNoesAndYesesDoesNotMatter(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := rapid.SliceOfN(anySignal(), 1, 8).Draw(t, "signals")
		for i := range signals {
			signals[i].ID = rules.SignalID(fmt.Sprint(i))
			signals[i].At += rules.Instant(i) // no two at once
		}
		first := told(p, signals)
		second := told(p, rapid.Permutation(signals).Draw(t, "in another order"))
		if one, other := writtenSorted(t, first), writtenSorted(t, second); one != other {
			t.Fatalf("another order leaves another person:\n%s\n%s", one, other)
		}
	})
}

// What is said at the very same time is decided without the order: the same
// intents are vetoed.
func TestTheOrderOfWhatWasSaidAtOnceDecidesNothing(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := rapid.SliceOfN(anySignal(), 1, 8).Draw(t, "signals")
		for i := range signals {
			signals[i].ID, signals[i].At = rules.SignalID(fmt.Sprint(i)), hours(rapid.IntRange(0, 1).Draw(t, "hour"))
		}
		first := told(p, signals)
		second := told(p, rapid.Permutation(signals).Draw(t, "in another order"))
		in := rules.Intent{
			ID: "i", Purpose: "marketing", At: days(2), Channel: oneOf[rules.Channel](t, "email", "sms"),
			Subject: oneOf[rules.Subject](t, "", "loan"), Brand: oneOf[rules.Brand](t, "", "b"), Address: oneOf[rules.Address](t, "", "+49"),
		}
		one, other := rules.Decide(p, &first.Person, &in, days(2)), rules.Decide(p, &second.Person, &in, days(2))
		if one.Verdict != other.Verdict || one.Reason() != other.Reason() {
			t.Fatalf("%q and %q", one.Reason(), other.Reason())
		}
	})
}

// told tells a person everything, all of it arriving on the same day.
func told(p *rules.Policy, signals []state.Signal) *state.Person {
	var who state.Person
	for i := range signals {
		state.ApplySignal(p, &who, &signals[i], days(1))
	}
	return &who
}

func oneOf[T any](t *rapid.T, values ...T) T { return rapid.SampledFrom(values).Draw(t, "one of") }

func anySignal() *rapid.Generator[state.Signal] {
	return rapid.Custom(func(t *rapid.T) state.Signal {
		return state.Signal{
			Type: oneOf(t, state.Refusal, state.Consent, state.Reply, state.Cancellation, state.Complaint,
				state.Conversation, state.Engagement, state.Preference, state.CaseOpened, state.CaseClosed, state.AddressOf),
			At: hours(rapid.IntRange(0, 3).Draw(t, "hour")),
			Scope: rules.Scope{
				Channel: oneOf[rules.Channel](t, "", "email", "sms"), Purpose: oneOf[rules.Purpose](t, "", "marketing"),
				Subject: oneOf[rules.Subject](t, "", "loan"), Brand: oneOf[rules.Brand](t, "", "b"), Address: oneOf[rules.Address](t, "", "+49"),
			},
			Source: oneOf(t, "", state.SourceSettings), Evidence: oneOf(t, "", "form"),
			Text: oneOf(t, "stop", "stop 12", "start", "hello"), Auto: rapid.Bool().Draw(t, "auto"), Human: rapid.Bool().Draw(t, "human"),
			HasBudget: rapid.Bool().Draw(t, "has budget"), Budget: []rules.Budget{{Max: rapid.IntRange(1, 3).Draw(t, "max"), Per: 1}},
			Status: oneOf(t, state.Assigned, state.Removed, state.Reassigned),
		}
	})
}

// writtenSorted is what stands, with every list in an order of its own.
func writtenSorted(t *rapid.T, p *state.Person) string {
	by := func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	sorted := *p
	sorted.Noes, sorted.Consents, sorted.Cases = slices.Clone(p.Noes), slices.Clone(p.Consents), slices.Clone(p.Cases)
	sorted.Numbers, sorted.Heard = slices.Clone(p.Numbers), slices.Clone(p.Heard)
	slices.SortFunc(sorted.Noes, func(a, b rules.No) int { return by(a, b) })
	slices.SortFunc(sorted.Consents, func(a, b rules.Consent) int { return by(a, b) })
	slices.SortFunc(sorted.Cases, func(a, b rules.Case) int { return by(a, b) })
	slices.SortFunc(sorted.Numbers, func(a, b rules.Number) int { return by(a, b) })
	sorted.Talks = slices.Clone(p.Talks)
	slices.SortFunc(sorted.Talks, func(a, b rules.Talk) int { return by(a, b) })
	slices.SortFunc(sorted.Heard, func(a, b state.Heard) int { return by(a, b) })
	b, err := state.EncodeStanding("ada", &sorted)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
