package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "Every no standing on either record stands on both; a consent lifts only noes of
// the record it was given on, until given anew."
func TestAConsentLiftsTheNoesOfItsRecord(t *testing.T) {
	p := house(t)
	in := to("email", "marketing")
	on := func(record rules.PersonID, when rules.Instant) rules.Consent {
		c := consent(when, rules.Scope{})
		c.Record = record
		return c
	}
	no := refusal(noon, rules.Scope{})
	no.Record = "a"
	merged := noon.Add(10 * hour)
	for name, c := range map[string]struct {
		yes  rules.Consent
		lift bool
	}{
		"on the same record":               {on("a", noon.Add(hour)), true},
		"on the other":                     {on("b", noon.Add(hour)), false},
		"on the other, when it was merged": {on("b", merged), false},
		"on the other, anew":               {on("b", merged+1), true},
		"on the same, anew":                {on("a", merged+1), true},
	} {
		who := &rules.Person{
			Noes: []rules.No{no}, Consents: []rules.Consent{c.yes},
			Merges: []rules.Merge{{Record: "b", Into: "a", At: merged}},
		}
		d := ask(p, who, in, noon.Add(3*day))
		if (d.Reason() == "") != c.lift {
			t.Errorf("%s: %q", name, d.Reason())
		}
	}
}

// "Chains of merges are one person": what was said on some of its records, when
// these were one already, is about these.
func TestJoined(t *testing.T) {
	who := &rules.Person{Merges: []rules.Merge{
		{Record: "a", Into: "b", At: 10}, {Record: "c", Into: "d", At: 20}, {Record: "d", Into: "a", At: 30},
	}}
	for _, c := range []struct {
		one, other rules.PersonID
		by         rules.Instant
		want       bool
	}{
		{"a", "a", 0, true}, {"a", "b", 10, false}, {"a", "b", 11, true}, {"b", "a", 11, true},
		{"c", "d", 20, false}, {"c", "d", 21, true}, {"b", "c", 30, false}, {"b", "c", 31, true}, {"c", "b", 31, true},
		{"a", "elsewhere", 99, false},
		// A no of a person who said more than can be kept is on every record.
		{"", "a", 30, false}, {"", "a", 31, true}, {"a", "", 30, false}, {"a", "", 31, true},
	} {
		if got := who.Joined(c.one, c.other, c.by); got != c.want {
			t.Errorf("%q and %q by %d: %t", c.one, c.other, c.by, got)
		}
	}
	if !(&rules.Person{}).Joined("", "", 0) {
		t.Error("a person with one record is not one person")
	}
}

// Ids that had a decision on either record had one.
func TestSpentIsJoined(t *testing.T) {
	var one, other rules.Spent
	one.Add("i1")
	other.Add("i1")
	other.Add("i2")
	one.Join(&other)
	if len(one.Hashes) != 2 || !one.May("i1") || !one.May("i2") || one.May("i3") {
		t.Errorf("joined they are %v", one)
	}
}

// Of two contacts under one id that stays which counts longer; of two that count as
// long the later.
func TestOutweighs(t *testing.T) {
	out, gone := sent(noon, 0, to("email", "marketing")), sent(noon.Add(1), rules.WasRevoked, to("email", "marketing"))
	for _, c := range []struct {
		one, other rules.Contact
		want       bool
	}{{out, gone, true}, {gone, out, false}, {out, out, false}} {
		if got := c.one.Outweighs(&c.other); got != c.want {
			t.Errorf("%+v outweighs %+v: %t", c.one, c.other, got)
		}
	}
}
