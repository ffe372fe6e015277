package state_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// What joins two people must know every field of them, also one that somebody adds
// later.
func TestJoinTakesInEverything(t *testing.T) {
	other := filled()
	m := rules.Merge{Record: "ada", Into: "eve", At: days(1)}
	var who state.Person
	state.Join(&who, &other, m)
	expected := filled()
	expected.Merges = append(expected.Merges, m)
	want(t, "who took everything in", who, expected)

	other = filled()
	state.Join(&other, &state.Person{}, m)
	want(t, "who took nothing in", other, expected)
}

// Whoever was forgotten on one record leaves nothing on the other but the noes, that
// they are one person, and which signals and ids there were.
func TestJoinForgetsForBoth(t *testing.T) {
	for _, swap := range []bool{false, true} {
		who, other := filled(), state.Person{Person: rules.Person{Erased: days(1)}}
		m := rules.Merge{Record: "ada", Into: "eve", At: days(2)}
		one := &who
		if swap {
			state.Join(&other, &who, m)
			one = &other
		} else {
			state.Join(&who, &other, m)
		}
		expected := state.Person{
			Person: rules.Person{Noes: filled().Noes, Spent: one.Spent, Merges: append(filled().Merges, m), Erased: days(1)},
			Heard:  filled().Heard,
		}
		want(t, "who was forgotten", *one, expected)
		known := filled().Known
		for _, id := range []rules.IntentID{filled().Contacts[0].Intent, known.All()[0].Intent, filled().Held[0].Intent.ID} {
			want(t, "spent", one.Spent.May(id), true)
		}
	}
}

// What came after the person asked to be forgotten is not.
func TestJoinKeepsWhatCameSince(t *testing.T) {
	a := newAda(t)
	a.hears(hours(2), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Channel: "sms"}})
	a.hears(hours(2), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	a.hears(hours(2), state.Signal{ID: "wish", Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 1, Per: 1}}})
	a.hears(hours(2), state.Signal{ID: "talk", Type: state.Conversation, Scope: rules.Scope{Channel: "call"}})
	before := a.Person
	state.Join(&a.Person, &state.Person{Person: rules.Person{Erased: hours(1)}}, rules.Merge{Record: "eve", Into: "ada", At: hours(3)})
	want(t, "talks", a.Talks, before.Talks)
	want(t, "asked", a.Asked, before.Asked)
	want(t, "budget", a.Budget, before.Budget)
	want(t, "sign of life", a.HumanAct, hours(2))
	want(t, "opt-out", a.OptOut, hours(2))
	want(t, "the no", a.Noes[0].Erased, false)
	want(t, "yeses", len(a.Consents), 1)
}

// "Merge is symmetric": who is merged into whom decides nothing, and neither does
// telling it twice.
func TestJoinIsSymmetric(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := rapid.SliceOfN(anySignal(), 1, 10).Draw(t, "signals")
		whose := func(i int) rules.PersonID { return []rules.PersonID{"ada", "eve"}[i%2] }
		lives := func() (ada, eve *state.Person) {
			people := []*state.Person{{}, {}}
			for i := range signals {
				s := signals[i]
				s.ID, s.Person = rules.SignalID(fmt.Sprint(i)), whose(i)
				state.ApplySignal(p, people[i%2], &s, days(1))
			}
			return people[0], people[1]
		}
		one, eve := lives()
		state.Join(one, eve, rules.Merge{Record: "eve", Into: "ada", At: days(1)})
		ada, other := lives()
		state.Join(other, ada, rules.Merge{Record: "ada", Into: "eve", At: days(1)})
		for i, person := range []rules.PersonID{"ada", "eve"} {
			in := rules.Intent{
				ID: "i", Person: person, Purpose: "marketing", At: days(2), Channel: oneOf[rules.Channel](t, "email", "sms"),
				Subject: oneOf[rules.Subject](t, "", "loan"), Brand: oneOf[rules.Brand](t, "", "b"), Address: oneOf[rules.Address](t, "", "+49"),
			}
			a, b := rules.Decide(p, &one.Person, &in, days(2)), rules.Decide(p, &other.Person, &in, days(2))
			if a.Reason() != b.Reason() || a.Verdict != b.Verdict {
				t.Fatalf("%d: %q and %q", i, a.Reason(), b.Reason())
			}
		}
	})
}

// The record that the others were merged into is the first, and chains are followed
// in the order in which they were told.
func TestRecords(t *testing.T) {
	merged := func(pairs ...rules.PersonID) *state.Person {
		var who state.Person
		for i := 0; i < len(pairs); i += 2 {
			state.Join(&who, &state.Person{}, rules.Merge{Record: pairs[i], Into: pairs[i+1], At: hours(i)})
		}
		return &who
	}
	for _, c := range []struct {
		who  *state.Person
		of   rules.PersonID
		want []rules.PersonID
	}{
		{merged(), "a", []rules.PersonID{"a"}},
		{merged("b", "a"), "b", []rules.PersonID{"a", "b"}},
		{merged("a", "b"), "a", []rules.PersonID{"b", "a"}},
		{merged("c", "b", "b", "a"), "c", []rules.PersonID{"a", "b", "c"}},
		{merged("c", "b", "c", "a"), "b", []rules.PersonID{"a", "b", "c"}},
		{merged("a", "b", "d", "c", "a", "d"), "b", []rules.PersonID{"c", "a", "b", "d"}},
		{merged("a", "b", "b", "a"), "a", []rules.PersonID{"b", "a"}}, // each was merged into the other: the first word stands
	} {
		want(t, "records", c.who.Records(c.of), c.want)
	}
}

// Of two contacts under one id that stays which counts the longer.
func TestOneContactUnderOneID(t *testing.T) {
	contact := func(decision rules.DecisionID, at rules.Instant, fate rules.Fate) rules.Contact {
		return rules.Contact{Intent: "i", Decision: decision, At: at, NotAfter: at + 10, Fate: fate}
	}
	for name, c := range map[string]struct{ stays, goes rules.Contact }{
		"taken before given back":  {contact("a", 1, rules.WasRedeemed), contact("b", 2, rules.NotSent)},
		"taken before out":         {contact("a", 1, rules.WasRedeemed), contact("b", 2, 0)},
		"out before revoked":       {contact("a", 1, 0), contact("b", 2, rules.WasRevoked)},
		"busy before given back":   {contact("a", 1, rules.Busy), contact("b", 2, rules.NotSent)},
		"the later of two":         {contact("a", 2, rules.Happened), contact("b", 1, rules.Happened)},
		"any of two that are same": {contact("b", 1, rules.Happened), contact("a", 1, rules.Happened)},
	} {
		for _, both := range [][]rules.Contact{{c.stays, c.goes}, {c.goes, c.stays}} {
			who := state.Person{Person: rules.Person{Contacts: slices.Clone(both[:1])}}
			state.Join(&who, &state.Person{Person: rules.Person{Contacts: slices.Clone(both[1:])}}, rules.Merge{Record: "x", Into: "y"})
			if len(who.Contacts) != 1 || who.Contacts[0].Decision != c.stays.Decision {
				t.Errorf("%s: %+v stay", name, who.Contacts)
			}
		}
	}
}

// Ids that are spent stay so on both records, as far as there is room.
func TestSpentIDsAreJoined(t *testing.T) {
	var one, other rules.Spent
	for i := range 300 {
		one.Add(rules.IntentID(fmt.Sprint("a", i)))
		other.Add(rules.IntentID(fmt.Sprint("b", i)))
	}
	other.Add("a7")
	joined := rules.Spent{Hashes: slices.Clone(one.Hashes[:100])}
	joined.Join(&other)
	want(t, "how many", len(joined.Hashes), 400)
	want(t, "of one", joined.May("a7"), true)
	want(t, "of the other", joined.May("b7"), true)
	want(t, "of none", joined.May("c7"), false)
	one.Join(&other)
	want(t, "dropped: any may be spent", one.May("c7"), true)
}
