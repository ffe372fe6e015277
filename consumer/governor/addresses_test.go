package governor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

const phone rules.Address = "+49301234"

// there puts an intent at the telephone that several people share.
func there(in rules.Intent) rules.Intent {
	in.Address = phone
	return in
}

// "A refusal that names one binds everybody at that address within its scope (a
// shared telephone) … Others meet only the exact scope (no hop, no other brand)."
func TestARefusalOfAnAddressBindsEverybodyThere(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("x", refusalOf(rules.Scope{Channel: "sms", Brand: "acme", Address: phone})))
		ask := func(id rules.IntentID, person rules.PersonID, change func(*rules.Intent)) rules.Reason {
			in := there(of(person, to(id, "sms", "billing")))
			in.Brand = "acme"
			change(&in)
			return rules.Reason(w.ask(noon.Add(hour), in).Reason)
		}
		for name, c := range map[string]struct {
			person rules.PersonID
			change func(*rules.Intent)
			want   rules.Reason
		}{
			"somebody else there":         {"y", func(*rules.Intent) {}, rules.RefusedAddress},
			"elsewhere":                   {"y", func(in *rules.Intent) { in.Address = "+1" }, ""},
			"without an address":          {"y", func(in *rules.Intent) { in.Address = "" }, ""},
			"on another channel":          {"y", func(in *rules.Intent) { in.Channel = "email" }, ""},
			"under another brand":         {"y", func(in *rules.Intent) { in.Brand = "zeta" }, ""},
			"what they asked for":         {"y", func(in *rules.Intent) { in.Purpose = "receipt" }, ""},
			"its author there":            {"x", func(*rules.Intent) {}, rules.RefusedAddress},
			"its author, nobody says how": {"x", func(in *rules.Intent) { in.Address = "" }, rules.RefusedAddress},
			"its author elsewhere":        {"x", func(in *rules.Intent) { in.Address = "+1" }, ""},
		} {
			if got := ask(rules.IntentID(name), c.person, c.change); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

// "Only its author's consent lifts it, and then for all."
func TestTheAuthorLiftsIt(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("x", refusalOf(rules.Scope{Address: phone})))
		w.hear(noon.Add(hour), says("y", yes))
		vetoed(t, w.ask(noon.Add(2*hour), there(of("y", to("i1", "sms", "billing")))), rules.RefusedAddress)
		w.hear(noon.Add(3*hour), says("x", state.Signal{Type: state.Consent, Evidence: "form 7", Scope: rules.Scope{Channel: "sms"}}))
		approved(t, w.ask(noon.Add(4*hour), there(of("y", to("i2", "sms", "billing")))))
		approved(t, w.ask(noon.Add(4*hour), there(of("z", to("i3", "sms", "billing")))))
		vetoed(t, w.ask(noon.Add(4*hour), there(of("z", to("i4", "email", "billing")))), rules.RefusedAddress)
	})
}

// "A refusal of an address also re-judges what is out to that address, whosever it
// is."
func TestARefusalOfAnAddressReachesWhatIsOut(t *testing.T) {
	for _, between := range []mood{remembers, forgets} {
		w := newWorld(t)
		w.between = between
		approved(t, w.ask(noon, there(of("y", to("i1", "sms", "billing")))))
		approved(t, w.ask(noon, there(of("z", to("i2", "sms", "receipt")))))
		approved(t, w.ask(noon, of("z", to("i3", "sms", "billing"))))
		approved(t, w.ask(noon, there(to("i4", "email", "billing"))))
		w.hear(noon.Add(minute), state.Signal{ID: "no", Type: state.Refusal, Person: "x", Scope: rules.Scope{Channel: "sms", Address: phone}})
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedAddress}) {
			t.Errorf("what is out there is revoked for %v", got)
		}
		for _, id := range []rules.IntentID{"i2", "i3", "i4"} {
			if got := w.revocations(id); got != nil {
				t.Errorf("%s, which was not refused, is revoked for %v", id, got)
			}
		}
		if got := w.redeemFor(noon.Add(2*minute), "y", "i1"); got != state.Revoked {
			t.Errorf("redeemed: %q", got)
		}
		for _, o := range w.out {
			if o.Topic == governor.Revoked && (o.Person != "y" || !strings.Contains(string(o.Value), `"signal":"no"`)) {
				t.Errorf("revoked is %s %s", o.Person, o.Value)
			}
		}
	}
}

// Whoever took the partition over may not know who has something out at the address.
// Then the refusal reaches the approval when it is redeemed.
func TestARefusalThatReachesNobody(t *testing.T) {
	w := newWorld(t)
	w.between = dies
	approved(t, w.ask(noon, there(of("y", to("i1", "sms", "billing")))))
	w.hear(noon.Add(minute), says("x", refusalOf(rules.Scope{Address: phone})))
	if got := w.revocations("i1"); got != nil {
		t.Errorf("it was known at once: %v", got)
	}
	if got := w.redeemFor(noon.Add(2*minute), "y", "i1"); got != state.Revoked {
		t.Errorf("redeemed: %q", got)
	}
	if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedAddress}) {
		t.Errorf("revoked for %v", got)
	}
	// Or when anything else is heard of the person.
	w = newWorld(t)
	w.between = dies
	approved(t, w.ask(noon, there(of("y", to("i1", "sms", "billing")))))
	w.hear(noon.Add(minute), says("x", refusalOf(rules.Scope{Address: phone})))
	w.hear(noon.Add(2*minute), says("y", state.Signal{Type: state.Engagement, Human: true}))
	if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedAddress}) {
		t.Errorf("revoked for %v", got)
	}
}

// "A refusal in between counts then": a held notice is judged by what others have
// refused at the address until it is due.
func TestAHeldNoticeToARefusedAddress(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		held(t, w.ask(noon, there(of("y", toll("i1", "x")))))
		w.hear(noon.Add(minute), says("x", refusalOf(rules.Scope{Address: phone})))
		w.until(noon.Add(15 * minute))
		vetoed(t, w.decision("i1"), rules.RefusedAddress)
	})
}

// "`bounced` and `wrong_number` make that address `refused.address` for the person";
// "a reply's address binds nobody else".
func TestWhatIsNobodyElsesMatter(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		approved(t, w.ask(noon, there(of("x", to("i1", "sms", "billing")))))
		w.hear(noon, says("x", outcome("i1", state.WrongNumber)))
		w.hear(noon, state.Signal{Type: state.Reply, Person: "z", Text: "STOP", Scope: rules.Scope{Channel: "sms", Address: phone}})
		w.hear(noon, state.Signal{Type: state.AddressOf, Person: "v", Status: state.Reassigned, Scope: rules.Scope{Address: phone}})
		approved(t, w.ask(noon.Add(hour), there(of("y", to("i2", "sms", "billing")))))
		vetoed(t, w.ask(noon.Add(hour), there(of("x", to("i3", "sms", "billing")))), rules.RefusedAddress)
	})
}

// "Erasure keeps every no (then refused.tombstone) …, forgets the rest, consents …
// too (so what a consent had lifted stands again)", and reaches what was approved
// there meanwhile.
func TestTheAuthorIsForgotten(t *testing.T) {
	for _, between := range []mood{remembers, forgets} {
		w := newWorld(t)
		w.between = between
		w.hear(noon, says("x", refusalOf(rules.Scope{Address: phone})))
		w.hear(noon.Add(minute), says("x", yes))
		approved(t, w.ask(noon.Add(2*minute), there(of("y", to("i1", "sms", "billing")))))
		w.hear(noon.Add(3*minute), says("x", state.Signal{Type: state.Erasure}))
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedTombstone}) {
			t.Errorf("revoked for %v", got)
		}
		vetoed(t, w.ask(noon.Add(hour), there(of("z", to("i2", "sms", "billing")))), rules.RefusedTombstone)
	}
}

// Who turns out to be the author meets the refusal in the full way, and so does what
// is out to them.
func TestTheAuthorTurnsOutToBeTheOther(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("x", refusalOf(rules.Scope{Channel: "sms", Subject: "loan", Address: phone})))
		hop := of("y", to("i1", "email", "billing"))
		hop.Subject = "loan"
		hop.Promotes = true // else it is held
		approved(t, w.ask(noon.Add(minute), hop))
		w.hear(noon.Add(2*minute), merge("y", "x"))
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedChannelHop}) {
			t.Errorf("revoked for %v", got)
		}
		// A third is bound as before, and y lifts it now, anew.
		third := there(of("z", to("i2", "sms", "billing")))
		third.Subject, third.Promotes = "loan", true
		vetoed(t, w.ask(noon.Add(3*minute), third), rules.RefusedSubject)
		w.hear(noon.Add(4*minute), says("y", yes))
		third.ID = "i3"
		approved(t, w.ask(noon.Add(5*minute), third))
	})
}

// The memory of an address is kept beside that of people, and told only where a
// rebuild finds it again: there is no person to whom it belongs, and it names none.
func TestAnAddressIsKeptByItself(t *testing.T) {
	w := newWorld(t)
	w.hear(noon, says("x", refusalOf(rules.Scope{Address: phone})))
	m := w.memory[state.AddressID(phone)]
	if !strings.Contains(string(m.Standing), string(phone)) || m.Log != nil || strings.Contains(string(m.Standing), `"x"`) {
		t.Errorf("kept is %s and %q", m.Standing, m.Log)
	}
	told := false
	for _, o := range w.out {
		_, is := state.IsAddress(o.Person)
		if is && (o.Topic != governor.Standing || strings.Contains(string(o.Value), `"x"`)) {
			t.Errorf("told is %s on %s", o.Value, o.Topic)
		}
		told = told || is
	}
	if !told {
		t.Error("contact.standing says nothing of the address: a rebuild would lose the no")
	}
	w.unreadable(noon.Add(minute), state.AddressID(phone)) // a key that is garbage
	approved(t, w.ask(noon.Add(hour), of("y", to("i1", "sms", "billing"))))
	if err := w.g.Remember(state.AddressID("broken"), state.Memory{Standing: []byte("{")}); err == nil {
		t.Error("what cannot be read is taken for an address that nobody refused")
	}
}

// Random refusals and consents of three people at two addresses, against a model that
// knows nothing but who said what.
func TestAddressesAgainstAModel(t *testing.T) {
	people := []rules.PersonID{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.between = mood(rapid.IntRange(0, 2).Draw(r, "mood"))
		var noes, yeses []word
		now := noon
		for i := range rapid.IntRange(5, 40).Draw(r, "events") {
			now = now.Add(5 * minute)
			who := rapid.SampledFrom(people).Draw(r, "who")
			scope := rules.Scope{
				Channel: rapid.SampledFrom([]rules.Channel{"", "mail"}).Draw(r, "channel"),
				Brand:   rapid.SampledFrom([]rules.Brand{"", "acme"}).Draw(r, "brand"),
				Address: rapid.SampledFrom([]rules.Address{"x", "y", ""}).Draw(r, "address"),
			}
			switch rapid.IntRange(0, 3).Draw(r, "kind") {
			case 0:
				noes = append(noes, word{who, scope, now})
				w.hear(now, state.Signal{Type: state.Refusal, Person: who, Scope: scope})
			case 1:
				yeses = append(yeses, word{who, scope, now})
				w.hear(now, state.Signal{Type: state.Consent, Person: who, Scope: scope, Source: state.SourceSettings})
			default:
				in := of(who, to(rules.IntentID(fmt.Sprint("i", i)), rapid.SampledFrom([]rules.Channel{"mail", "in_app"}).Draw(r, "on"), "billing"))
				in.Brand, in.Address = scope.Brand, scope.Address
				refused := slices.ContainsFunc(noes, func(no word) bool {
					s := no.scope
					if s.Channel != "" && s.Channel != in.Channel || s.Brand != "" && s.Brand != in.Brand {
						return false
					}
					if no.record == who {
						if s.Address != "" && in.Address != "" && s.Address != in.Address {
							return false
						}
					} else if s.Address == "" || s.Address != in.Address {
						return false
					}
					return !slices.ContainsFunc(yeses, func(yes word) bool {
						y := yes.scope
						return yes.record == no.record && yes.at > no.at && (y.Channel == "" || y.Channel == in.Channel) &&
							(y.Brand == "" || y.Brand == in.Brand) && (y.Address == "" || y.Address == in.Address)
					})
				})
				d := w.ask(now, in)
				if (d.Reason != "") != refused {
					r.Fatalf("%+v at %s: %q, want refused %t", in, now, d.Reason, refused)
				}
			}
		}
	})
}
