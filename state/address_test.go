package state_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

const phone rules.Address = "+49301234"

// there is what is remembered of the telephone after the people have said what they
// have to.
func there(t testing.TB, authors ...*ada) *state.Address {
	t.Helper()
	var a state.Address
	for i, author := range authors {
		says := author.AsAuthor(rules.PersonID(fmt.Sprint("p", i)), phone)
		a.Absorb(&says)
	}
	return &a
}

// others would be vetoed so at the telephone.
func (a *ada) othersVetoed(address *state.Address, at rules.Instant, in rules.Intent) rules.Reason {
	in.Address, in.AddressNoes, in.At = phone, address.Noes([]rules.PersonID{"somebody else"}), at
	if in.Purpose == "" {
		in.Purpose = "marketing"
	}
	d := rules.Decide(a.policy, &rules.Person{}, &in, at)
	return d.Reason()
}

// "A refusal that names one binds everybody at that address", but no reply, bounce or
// wrong number does, and no refusal of another address.
func TestWhatBindsOthersAtAnAddress(t *testing.T) {
	at := rules.Scope{Address: phone}
	for name, c := range map[string]struct {
		signal state.Signal
		want   rules.Reason
	}{
		"a refusal of it":       {state.Signal{Type: state.Refusal, Scope: at}, rules.RefusedAddress},
		"of its channel there":  {state.Signal{Type: state.Refusal, Scope: rules.Scope{Channel: "call", Address: phone}}, rules.RefusedAddress},
		"of another channel":    {state.Signal{Type: state.Refusal, Scope: rules.Scope{Channel: "sms", Address: phone}}, ""},
		"of everything":         {state.Signal{Type: state.Refusal}, ""},
		"of another":            {state.Signal{Type: state.Refusal, Scope: rules.Scope{Address: "+1"}}, ""},
		"a reply from it":       {state.Signal{Type: state.Reply, Text: "stop", Scope: rules.Scope{Channel: "call", Address: phone}}, ""},
		"a wrong number":        {outcome("i1", state.WrongNumber), ""},
		"a bounce":              {outcome("i1", state.Bounced), ""},
		"that it is reassigned": {state.Signal{Type: state.AddressOf, Status: state.Reassigned, Scope: at}, ""},
	} {
		a := newAda(t)
		a.approve(hours(0), rules.Intent{ID: "i1", Channel: "call", Address: phone})
		c.signal.ID = "s"
		a.hears(hours(1), c.signal)
		want(t, name, a.othersVetoed(there(t, a), hours(2), rules.Intent{ID: "i", Channel: "call"}), c.want)
	}
}

// "Only its author's consent lifts it, and then for all."
func TestTheAuthorLiftsWhatWasRefusedOfAnAddress(t *testing.T) {
	a, b := newAda(t), newAda(t)
	refusal := state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Address: phone}}
	a.hears(hours(1), refusal)
	a.hears(hours(2), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings, Scope: rules.Scope{Channel: "call"}})
	a.hears(hours(2), state.Signal{ID: "elsewhere", Type: state.Consent, Source: state.SourceSettings, Scope: rules.Scope{Channel: "sms", Address: "+1"}})
	a.hears(hours(2), state.Signal{ID: "nothing", Type: state.Consent, Scope: rules.Scope{Channel: "sms"}})
	one := there(t, a)
	want(t, "what it covers", a.othersVetoed(one, hours(3), rules.Intent{ID: "i", Channel: "call"}), "")
	want(t, "what it does not", a.othersVetoed(one, hours(3), rules.Intent{ID: "i", Channel: "sms"}), rules.RefusedAddress)

	b.hears(hours(1), refusal)
	want(t, "two refused, one agreed", a.othersVetoed(there(t, a, b), hours(3), rules.Intent{ID: "i", Channel: "call"}), rules.RefusedAddress)
}

// Who refused an address is bound by it in the full way, and not as somebody else.
func TestTheAuthorIsNoOther(t *testing.T) {
	a := newAda(t)
	a.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Address: phone}})
	want(t, "as another", len(there(t, a).Noes([]rules.PersonID{"p0"})), 0)
	want(t, "as another with the same record", len(there(t, a).Noes([]rules.PersonID{"q", "p0"})), 0)
	want(t, "to others", len(there(t, a).Noes([]rules.PersonID{"q"})), 1)
}

// "Erasure keeps every no (then refused.tombstone) …, forgets the rest, consents …
// too (so what a consent had lifted stands again)": for others at the address too.
func TestAnAuthorIsForgotten(t *testing.T) {
	a := newAda(t)
	a.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Address: phone}})
	a.hears(hours(2), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	address := there(t, a)
	before := a.AsAuthor("p0", phone)
	a.hears(hours(3), state.Signal{ID: "forget", Type: state.Erasure})
	says := a.AsAuthor("p0", phone)
	want(t, "news", address.Absorb(&says), true)
	in := rules.Intent{ID: "i", Channel: "call"}
	want(t, "then", a.othersVetoed(address, hours(4), in), rules.RefusedTombstone)
	want(t, "what was said before, heard once more, is news", address.Absorb(&before), false)
	want(t, "then still", a.othersVetoed(address, hours(4), in), rules.RefusedTombstone)

	a.hears(hours(5), state.Signal{ID: "yes again", Type: state.Consent, Source: state.SourceSettings})
	says = a.AsAuthor("p0", phone)
	address.Absorb(&says)
	want(t, "after a yes", a.othersVetoed(address, hours(6), in), "")
}

// A merged author lifts on one record what the other refused only if it is given
// anew.
func TestAnAuthorIsMerged(t *testing.T) {
	a, b := newAda(t), newAda(t)
	a.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Person: "p0", Scope: rules.Scope{Address: phone}})
	b.hears(hours(2), state.Signal{ID: "yes", Type: state.Consent, Person: "p1", Source: state.SourceSettings})
	address := there(t, a)
	state.Join(&a.Person, &b.Person, rules.Merge{Record: "p1", Into: "p0", At: hours(3)})
	tell := func() {
		says := a.AsAuthor("p1", phone) // whatever record it is told by
		address.Absorb(&says)
	}
	tell()
	want(t, "authors", len(address.Authors), 1)
	in := rules.Intent{ID: "i", Channel: "call"}
	want(t, "merged", a.othersVetoed(address, hours(4), in), rules.RefusedAddress)
	a.hears(hours(5), state.Signal{ID: "yes, anew", Type: state.Consent, Person: "p1", Source: state.SourceSettings})
	tell()
	want(t, "anew", a.othersVetoed(address, hours(6), in), "")
}

// It names nobody, and comes back as it was.
func TestTheMemoryOfAnAddressComesBack(t *testing.T) {
	a, b := newAda(t), newAda(t)
	a.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Channel: "call", Address: phone}})
	a.hears(hours(2), state.Signal{ID: "yes", Type: state.Consent, Evidence: "a recording of Ada", Scope: rules.Scope{Purpose: "marketing"}})
	b.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Address: phone, Subject: "loan"}})
	b.hears(hours(2), state.Signal{ID: "forget", Type: state.Erasure})
	address := there(t, a, b)
	bytesOf := func() []byte {
		b, err := state.EncodeAddress(phone, address)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	got, err := state.DecodeAddress(bytesOf())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the address", &got, address)
	if b := bytesOf(); bytes.Contains(b, []byte(`"p0"`)) || bytes.Contains(b, []byte("Ada")) {
		t.Errorf("it tells who: %s", b)
	}
	var nobody state.Address
	if b, err := state.EncodeAddress(phone, &nobody); err != nil || b != nil {
		t.Errorf("of an address that nobody refused it is %q, %v", b, err)
	}
	if back, err := state.DecodeAddress(nil); err != nil || len(back.Authors) != 0 {
		t.Errorf("nothing is %+v, %v", back, err)
	}
	for _, bad := range []string{"{", `{"address":"a","odd":1}`, `{"refused_by":[{"record":"abc"}]}`, `{"refused_by":[{"record":"","refusals":[{"kind":"refusal","at":"now"}]}]}`} {
		if _, err := state.DecodeAddress([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// What is kept of an address is bounded, and then the widest reading is taken.
func TestMoreRefusalsOfAnAddressThanCanBeKept(t *testing.T) {
	a := newAda(t)
	for i := range 2500 {
		a.arrives(hours(1), state.Signal{ID: rules.SignalID(fmt.Sprint(i)), Type: state.Refusal, At: hours(1),
			Scope: rules.Scope{Address: phone, Subject: rules.Subject(fmt.Sprint(strings.Repeat("s", 250), i))}})
	}
	address := there(t, a)
	b, err := state.EncodeAddress(phone, address)
	if err != nil || len(b) > state.MostStanding {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	want(t, "others", a.othersVetoed(address, hours(2), rules.Intent{ID: "i", Channel: "mail"}), rules.RefusedAddress)
}

// Of a person who said more than can be kept, the latest refusals of addresses are:
// others are bound by them, and a later yes lifts them.
func TestACondensedAuthor(t *testing.T) {
	a := newAda(t)
	a.hears(hours(1), state.Signal{ID: "no", Type: state.Refusal, Scope: rules.Scope{Address: phone, Channel: "call"}})
	a.Condense()
	in := rules.Intent{ID: "i", Channel: "call"}
	want(t, "refused", a.othersVetoed(there(t, a), hours(2), in), rules.RefusedAddress)
	a.hears(hours(3), state.Signal{ID: "yes", Type: state.Consent, Source: state.SourceSettings})
	want(t, "lifted", a.othersVetoed(there(t, a), hours(4), in), "")
}

// An address is kept under an id that is nobody's.
func TestTheIDOfAnAddress(t *testing.T) {
	a, is := state.IsAddress(state.AddressID(phone))
	want(t, "the address", a, phone)
	want(t, "it is one", is, true)
	_, is = state.IsAddress(rules.PersonID(phone))
	want(t, "a person of that name is one", is, false)
}

// In whatever order what several authors say comes, and how often, it is the same.
func TestTheOrderOfWhatAuthorsSayDoesNotMatter(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		var says []state.Address
		people := []*state.Person{{}, {}}
		for i := range rapid.IntRange(1, 12).Draw(t, "signals") {
			who := rapid.IntRange(0, 1).Draw(t, "who")
			s := anySignal().Draw(t, "signal")
			s.Type = oneOf(t, state.Refusal, state.Refusal, state.Consent, state.Erasure)
			s.ID, s.Scope.Address = rules.SignalID(fmt.Sprint(i)), oneOf(t, phone, "")
			s.At += rules.Instant(i)
			state.ApplySignal(p, people[who], &s, days(1))
			says = append(says, people[who].AsAuthor(rules.PersonID(fmt.Sprint(who)), phone))
		}
		written := func(list []state.Address) string {
			var a state.Address
			for i := range list {
				b, err := state.EncodeAddress(phone, &list[i])
				if err != nil {
					t.Fatal(err)
				}
				x, err := state.DecodeAddress(b)
				if err != nil {
					t.Fatal(err)
				}
				a.Absorb(&x)
			}
			var noes []string
			for _, no := range a.Noes(nil) {
				noes = append(noes, fmt.Sprint(no.No, len(no.Consents)))
			}
			return strings.Join(slices.Sorted(slices.Values(noes)), "\n")
		}
		latest := written(says)
		if got := written(rapid.Permutation(append(says, says...)).Draw(t, "in another order")); got != latest {
			t.Fatalf("in another order it is\n%s\ninstead of\n%s", got, latest)
		}
	})
}

// Which addresses a person refused, each once; what bounced is not refused.
func TestWhichAddressesAreRefused(t *testing.T) {
	a := newAda(t)
	a.approve(hours(0), rules.Intent{ID: "i1", Channel: "email", Address: "bounced"})
	a.hears(hours(1), outcome("i1", state.Bounced))
	for i, scope := range []rules.Scope{{Address: phone}, {Address: phone, Channel: "sms"}, {Channel: "sms"}, {Address: "b"}} {
		a.hears(hours(1), state.Signal{ID: rules.SignalID(fmt.Sprint("s", i)), Type: state.Refusal, Scope: scope})
	}
	want(t, "refused", a.Refuses(), []rules.Address{phone, "b"})
}
