package governor_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// inEveryMood tells a story three times: to a governor that remembers, to one that
// forgets everybody after every event, and to one that is replaced after every
// event.
func inEveryMood(t *testing.T, story func(*testing.T, *world)) {
	t.Helper()
	for mood, name := range map[mood]string{remembers: "remembers", forgets: "forgets", dies: "dies"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.between = mood
			story(t, w)
		})
	}
}

// of puts an intent or a signal on another record.
func of(person rules.PersonID, in rules.Intent) rules.Intent {
	in.Person = person
	return in
}

func says(person rules.PersonID, s state.Signal) state.Signal {
	s.Person = person
	return s
}

func merge(one, into rules.PersonID) state.Signal {
	return state.Signal{Type: state.Merge, Person: one, Into: into}
}

var yes = state.Signal{Type: state.Consent, Source: state.SourceSettings}

// "Merge is symmetric: every no standing on either record stands on both", whichever
// was merged into which.
func TestEveryNoStandsOnBoth(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("p", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "sms"})))
		w.hear(noon.Add(hour), merge("p", "q"))
		for _, person := range []rules.PersonID{"p", "q"} {
			vetoed(t, w.ask(noon.Add(2*hour), of(person, to("e-"+rules.IntentID(person), "email", "marketing"))), rules.RefusedState)
			vetoed(t, w.ask(noon.Add(2*hour), of(person, to("s-"+rules.IntentID(person), "sms", "marketing"))), rules.RefusedState)
			approved(t, w.ask(noon.Add(2*hour), of(person, to("m-"+rules.IntentID(person), "mail", "receipt"))))
		}
	})
}

// "A consent lifts only noes of the record it was given on, until given anew."
func TestAConsentOfOneRecord(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("p", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "sms"})))
		w.hear(noon.Add(hour), says("p", yes))
		w.hear(noon.Add(2*hour), merge("p", "q"))
		late := says("p", yes) // said before the merge, and heard after it
		late.At = noon.Add(2*hour - ms)
		w.hear(noon.Add(3*hour), late)
		approved(t, w.ask(noon.Add(4*hour), of("q", to("i1", "email", "marketing"))))
		vetoed(t, w.ask(noon.Add(4*hour), of("p", to("i2", "sms", "marketing"))), rules.RefusedState)
		w.hear(noon.Add(5*hour), says("p", yes))
		approved(t, w.ask(noon.Add(30*hour), of("p", to("i3", "sms", "survey"))))
	})
}

// "b is approved, then b turns out to be a, who refused: revoked before it is
// redeemed" (case I3), in either direction, and whoever is out.
func TestAMergeReachesWhatIsOut(t *testing.T) {
	for _, m := range []state.Signal{merge("p", "q"), merge("q", "p")} {
		inEveryMood(t, func(t *testing.T, w *world) {
			w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "email"})))
			approved(t, w.ask(noon, to("i1", "email", "marketing")))
			approved(t, w.ask(noon, to("i2", "mail", "billing")))
			w.hear(noon.Add(minute), m)
			if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedState}) {
				t.Errorf("revoked for %v", got)
			}
			if got := w.revocations("i2"); got != nil {
				t.Errorf("what nobody refused is revoked for %v", got)
			}
			for _, o := range w.out {
				if o.Topic == governor.Revoked && o.Person != "p" {
					t.Errorf("p's approval is revoked for %s", o.Person)
				}
			}
			if got := w.redeemFor(noon.Add(2*minute), "q", "i1"); got != state.Revoked {
				t.Errorf("redeemed under the other record: %q", got)
			}
			if got := w.redeemFor(noon.Add(2*minute), "q", "i2"); got != state.Redeemed {
				t.Errorf("what nobody refused, under the other record: %q", got)
			}
			if got := w.redeemFor(noon.Add(2*minute), "p", "i2"); got != state.AlreadyRedeemed {
				t.Errorf("and once more under its own: %q", got)
			}
		})
	}
}

// "Contacts are the union by intent id": two on one record and one on the other are
// three; one that both have is one.
func TestContactsAreTheUnion(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		send := func(when rules.Instant, person rules.PersonID, id rules.IntentID) {
			in := of(person, to(id, "mail", "marketing"))
			in.Campaign = rules.Campaign(id)
			approved(t, w.ask(when, in))
			w.redeemFor(when, person, id)
		}
		send(noon, "p", "i1")
		send(noon.Add(hour), "q", "i1")
		send(noon.Add(2*hour), "q", "i2")
		w.hear(noon.Add(3*hour), merge("q", "p"))
		send(noon.Add(4*hour), "p", "i3")
		d := w.ask(noon.Add(5*hour), of("q", to("i4", "mail", "marketing")))
		vetoed(t, d, "cap.any")
		// What both have is counted from the later of the two.
		if d.Earliest != schemas.Time(noon.Add(hour+168*hour)) {
			t.Errorf("free from %s on", rules.Instant(d.Earliest))
		}
	})
}

// "Ids are known per person, after a merge over both records; the same id of another
// person is another intent." The person is part of the content, so an id that is
// asked under the other record is another contact under a known id.
func TestIDsAreKnownOverBothRecords(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		first := w.ask(noon, to("i1", "email", "marketing"))
		approved(t, first)
		later := of("q", to("i2", "mail", "marketing"))
		later.NotBefore = noon.Add(day)
		vetoed(t, w.ask(noon, later), rules.NotYet)
		approved(t, w.ask(noon, of("r", to("i1", "email", "marketing"))))
		w.hear(noon.Add(minute), merge("q", "p"))

		d := w.ask(noon.Add(hour), of("q", to("i1", "email", "marketing")))
		vetoed(t, d, rules.Conflict)
		if d.Original != first.ID {
			t.Errorf("the original is %s, want %s", d.Original, first.ID)
		}
		again := w.ask(noon.Add(hour), to("i1", "email", "marketing"))
		vetoed(t, again, rules.Duplicate)
		if d.ID == again.ID || again.ID == first.ID {
			t.Error("two decisions have one id")
		}
		vetoed(t, w.ask(noon.Add(hour), of("p", to("i2", "mail", "marketing"))), rules.Conflict)
	})
}

// What became of a contact may be reported under any record of the person.
func TestOutcomesOfTheOtherRecord(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		for i := range 3 {
			in := to(rules.IntentID(fmt.Sprint("i", i)), "mail", "marketing")
			in.Campaign = rules.Campaign(in.ID)
			approved(t, w.ask(noon, in))
			w.redeem(noon, in.ID)
		}
		w.hear(noon.Add(minute), merge("p", "q"))
		vetoed(t, w.ask(noon.Add(hour), of("q", to("i3", "mail", "marketing"))), "cap.any")
		w.hear(noon.Add(hour), says("q", outcome("i0", state.WrongNumber)))
		approved(t, w.ask(noon.Add(hour), of("q", to("i4", "mail", "marketing"))))
	})
}

// "Held groups of one subject become one": due with the first of them, and the
// approval carries every id.
func TestHeldGroupsBecomeOne(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		held(t, w.ask(noon, toll("i1", "x")))
		held(t, w.ask(noon.Add(5*minute), of("q", toll("i2", "x"))))
		held(t, w.ask(noon.Add(6*minute), of("q", toll("i3", "y"))))
		held(t, w.ask(noon.Add(7*minute), of("q", toll("i1", "x")))) // its own intent, under p's id
		w.hear(noon.Add(8*minute), merge("q", "p"))
		if len(w.waiting) != 1 || w.waiting["p"] != noon.Add(15*minute) {
			t.Errorf("the store waits for %v", w.waiting)
		}
		w.until(noon.Add(15 * minute))
		all := w.decisions(0)
		if len(all) != 3 || all[0].Person != "p" || !slices.Equal(all[0].Items, []string{"i1", "i2"}) {
			t.Fatalf("decided is %+v", all)
		}
		approved(t, &all[0])
		vetoed(t, &all[1], rules.Coalesced)
		vetoed(t, &all[2], rules.Coalesced)
		if all[1].Person != "q" || all[2].Person != "q" {
			t.Errorf("the others are of %s and %s", all[1].Person, all[2].Person)
		}
		w.until(noon.Add(21 * minute))
		approved(t, w.decision("i3"))
		if got := w.redeemFor(noon.Add(21*minute), "q", "i1"); got != state.Redeemed {
			t.Errorf("redeemed: %q", got)
		}
		if len(w.waiting) != 0 {
			t.Errorf("nothing is held, and the store waits for %v", w.waiting)
		}
	})
}

// "A notice … 24 h after the last counted notice of the group": of the group of both.
func TestANoticeOfTheOtherRecordIsWaitedFor(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		held(t, w.ask(noon, toll("i1", "x")))
		w.redeem(noon.Add(15*minute), "i1")
		held(t, w.ask(noon.Add(hour), of("q", toll("i2", "x"))))
		w.hear(noon.Add(hour), merge("p", "q"))
		w.until(noon.Add(24*hour + 15*minute - ms))
		held(t, w.decision("i2"))
		w.until(noon.Add(24*hour + 15*minute))
		approved(t, w.decision("i2"))
	})
}

// "Chains of merges are one person", and there is nothing to merge twice.
func TestChainsAreOnePerson(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("a", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon, says("d", refusalOf(rules.Scope{Channel: "sms"})))
		w.hear(noon.Add(minute), merge("a", "b"))
		w.hear(noon.Add(2*minute), merge("d", "c"))
		w.hear(noon.Add(3*minute), merge("c", "a"))
		before := maps.Clone(w.memory)
		n := len(w.out)
		for i, again := range []state.Signal{merge("a", "b"), merge("b", "a"), merge("d", "a"), merge("a", "a")} {
			again.ID = rules.SignalID(fmt.Sprint("again", i))
			w.hear(noon.Add(4*minute), again)
		}
		if d := w.decisions(n); d != nil {
			t.Errorf("merging once more decides %+v", d)
		}
		for _, person := range []rules.PersonID{"a", "b", "c", "d"} {
			if string(before[person].Log) != string(w.memory[person].Log) {
				t.Errorf("the memory of %s changed", person)
			}
		}
		for _, person := range []rules.PersonID{"a", "b", "c", "d"} {
			vetoed(t, w.ask(noon.Add(hour), of(person, to("e-"+rules.IntentID(person), "email", "marketing"))), rules.RefusedState)
			vetoed(t, w.ask(noon.Add(hour), of(person, to("s-"+rules.IntentID(person), "sms", "marketing"))), rules.RefusedState)
		}
	})
}

// What was said anew on two records that were one does not lift what a third had
// refused.
func TestAConsentOfSomeOfAChain(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("a", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon, says("c", refusalOf(rules.Scope{Channel: "sms"})))
		w.hear(noon.Add(hour), merge("a", "b"))
		w.hear(noon.Add(2*hour), says("b", yes))
		w.hear(noon.Add(3*hour), merge("b", "c"))
		approved(t, w.ask(noon.Add(4*hour), of("c", to("i1", "email", "marketing"))))
		vetoed(t, w.ask(noon.Add(4*hour), of("a", to("i2", "sms", "marketing"))), rules.RefusedState)
	})
}

// "Erasure … of every record merged with it."
func TestErasureOfEveryRecord(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon.Add(minute), says("q", yes))
		w.hear(noon.Add(2*minute), merge("q", "p"))
		approved(t, w.ask(noon.Add(3*minute), of("q", to("i1", "mail", "marketing"))))
		held(t, w.ask(noon.Add(3*minute), of("q", toll("i2", "x"))))
		w.hear(noon.Add(4*minute), says("p", state.Signal{Type: state.Erasure}))
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedTombstone}) {
			t.Errorf("revoked for %v", got)
		}
		vetoed(t, w.decision("i2"), rules.RefusedTombstone)
		vetoed(t, w.ask(noon.Add(hour), of("p", to("i3", "email", "marketing"))), rules.RefusedTombstone)
		// They are still one person.
		w.hear(noon.Add(2*hour), says("p", refusalOf(rules.Scope{Channel: "sms"})))
		vetoed(t, w.ask(noon.Add(3*hour), of("q", to("i4", "sms", "marketing"))), rules.RefusedState)
	})
}

// Whoever was forgotten on one record was so on the other, of which it is known
// later: what is from before is forgotten there, what came since is not.
func TestAMergeAfterAnErasure(t *testing.T) {
	for _, m := range []state.Signal{merge("p", "q"), merge("q", "p")} {
		inEveryMood(t, func(t *testing.T, w *world) {
			w.hear(noon, says("p", refusalOf(rules.Scope{Channel: "email"})))
			w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "sms"})))
			w.hear(noon.Add(minute), says("q", yes))
			approved(t, w.ask(noon.Add(2*minute), of("q", to("before", "mail", "marketing"))))
			notice := func(id rules.IntentID) rules.Intent {
				in := of("q", toll(id, "x"))
				in.Channel = "in_app"
				return in
			}
			held(t, w.ask(noon.Add(2*minute), notice("held")))
			w.hear(noon.Add(3*minute), says("p", state.Signal{Type: state.Erasure}))
			approved(t, w.ask(noon.Add(4*minute), of("q", to("since", "mail", "survey"))))
			held(t, w.ask(noon.Add(4*minute), notice("held since")))
			w.hear(noon.Add(5*minute), m)

			if got := w.revocations("before"); !slices.Equal(got, []rules.Reason{rules.RefusedTombstone}) {
				t.Errorf("what was out before is revoked for %v", got)
			}
			if got := w.revocations("since"); got != nil {
				t.Errorf("what was approved since is revoked for %v", got)
			}
			vetoed(t, w.decision("held"), rules.RefusedTombstone)
			held(t, w.decision("held since"))
			vetoed(t, w.ask(noon.Add(6*minute), of("q", to("i1", "email", "marketing"))), rules.RefusedTombstone)
			vetoed(t, w.ask(noon.Add(6*minute), of("p", to("i2", "sms", "marketing"))), rules.RefusedTombstone) // its yes is forgotten
			w.until(noon.Add(19 * minute))
			approved(t, w.decision("held since"))
		})
	}
}

// "Of preferences the latest of any record stands, field by field."
func TestPreferencesOfTwoRecords(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		every := [7]bool{true, true, true, true, true, true, true}
		w.hear(noon, says("p", state.Signal{Type: state.Preference,
			HasQuiet: true, Quiet: []rules.QuietSpan{{Days: every, From: 12 * hour, To: 13 * hour}}, HasBudget: true, Budget: []rules.Budget{{Max: 9, Per: day}}}))
		w.hear(noon.Add(minute), says("q", state.Signal{Type: state.Preference,
			HasQuiet: true, Quiet: []rules.QuietSpan{{Days: every, From: 15 * hour, To: 16 * hour}}}))
		w.hear(noon.Add(2*minute), says("p", state.Signal{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 0, Per: day}}}))
		w.hear(noon.Add(3*minute), merge("p", "q"))
		d := w.ask(noon.Add(30*minute), of("q", to("i1", "mail", "marketing")))
		vetoed(t, d, rules.BudgetPerson) // p's, the later one
		vetoed(t, w.ask(noon.Add(3*hour), of("p", to("i2", "mail", "survey"))), rules.QuietPerson)
	})
}

// Human acts, abandoned calls and open cases of either record count for both.
func TestWhatElseAMergeUnites(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		in := to("i1", "call", "service")
		in.Mode = rules.ModePredictive
		in.Zones = []*time.Location{time.UTC}
		approved(t, w.ask(noon, in))
		w.hear(noon, outcome("i1", state.Abandoned))
		w.hear(noon, says("q", state.Signal{Type: state.CaseOpened}))
		w.hear(noon.Add(minute), merge("p", "q"))
		other := of("q", in)
		other.ID, other.Campaign = "i2", "summer"
		vetoed(t, w.ask(noon.Add(25*hour), other), rules.AbandonCooldown)
		vetoed(t, w.ask(noon.Add(25*hour), to("i3", "mail", "marketing")), rules.Inhibited)
	})
}

// What stands is told for every record, and is the same but for the name.
func TestEveryRecordHasItsStanding(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, says("p", refusalOf(rules.Scope{Channel: "email"})))
		w.hear(noon.Add(minute), merge("q", "p"))
		n := len(w.out)
		w.hear(noon.Add(2*minute), says("q", refusalOf(rules.Scope{Channel: "sms"})))
		var told []rules.PersonID
		for _, o := range w.out[n:] {
			if o.Topic == governor.Standing {
				told = append(told, o.Person)
			}
		}
		if !slices.Equal(told, []rules.PersonID{"p", "q"}) {
			t.Errorf("told of %v", told)
		}
	})
}

// A refusal of one record that cannot be read is about both.
func TestAnUnreadableRefusalOfOneRecord(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		w.hear(noon, merge("q", "p"))
		w.unreadable(noon.Add(minute), "q")
		vetoed(t, w.ask(noon.Add(hour), to("i1", "mail", "marketing")), rules.RefusedState)
		w.hear(noon.Add(2*hour), says("p", yes))
		approved(t, w.ask(noon.Add(3*hour), of("q", to("i2", "mail", "marketing"))))
	})
}

// Nobody has more records than can be kept together: whoever would have is taken in
// the widest reading, on either side, until they say yes.
func TestMoreRecordsThanCanBeKept(t *testing.T) {
	w := newWorld(t)
	for i := range state.MostRecords {
		w.hear(noon.Add(time.Duration(i)), merge(rules.PersonID(fmt.Sprint("p", i)), "p"))
	}
	last := rules.PersonID(fmt.Sprint("p", state.MostRecords-1))
	for i, person := range []rules.PersonID{"p", "p0", last} {
		vetoed(t, w.ask(noon.Add(hour), of(person, to(rules.IntentID(fmt.Sprint("i", i)), "mail", "marketing"))), rules.RefusedState)
	}
	w.hear(noon.Add(2*hour), says("p0", yes))
	approved(t, w.ask(noon.Add(3*hour), of("p", to("j1", "mail", "marketing"))))
	vetoed(t, w.ask(noon.Add(3*hour), of(last, to("j2", "mail", "marketing"))), rules.RefusedState)
}

// Random histories of four records against a model that knows nothing but lists:
// every no with its record, every yes, every merge with its time, and contacts by
// their id.
func TestMergesAgainstAModel(t *testing.T) {
	records := []rules.PersonID{"a", "b", "c", "d"}
	channels := []rules.Channel{"", "mail", "in_app"}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.between = mood(rapid.IntRange(0, 2).Draw(r, "mood"))
		m := model{sent: map[rules.PersonID]map[rules.IntentID]rules.Instant{}}
		now := noon
		for i := range rapid.IntRange(5, 60).Draw(r, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(r, "hours")) * hour)
			who := rapid.SampledFrom(records).Draw(r, "who")
			scope := rules.Scope{Channel: rapid.SampledFrom(channels).Draw(r, "scope")}
			said := now.Add(-time.Duration(rapid.IntRange(0, 30).Draw(r, "said before")) * hour)
			switch rapid.IntRange(0, 9).Draw(r, "kind") {
			case 0:
				m.noes = append(m.noes, word{who, scope, said})
				w.hear(now, state.Signal{Type: state.Refusal, Person: who, Scope: scope, At: said})
			case 1, 2:
				m.yeses = append(m.yeses, word{who, scope, said})
				w.hear(now, state.Signal{Type: state.Consent, Person: who, Scope: scope, At: said, Source: state.SourceSettings})
			case 3:
				if other := rapid.SampledFrom(records).Draw(r, "into"); other != who {
					m.merge(who, other, now)
					w.hear(now, merge(who, other))
				}
			default:
				id := rules.IntentID(fmt.Sprint("i", rapid.IntRange(0, 12).Draw(r, "id")))
				in := of(who, to(id, rapid.SampledFrom(channels[1:]).Draw(r, "channel"), "marketing"))
				in.Campaign = rules.Campaign(fmt.Sprint("c", i))
				want := m.answer(&in, now)
				got := w.ask(now, in)
				if got.Reason != want && (want != "known" || got.Reason != string(rules.Duplicate) && got.Reason != string(rules.Conflict)) {
					r.Fatalf("%s to %s at %s: %q, want %q", id, who, now, got.Reason, want)
				}
				switch want {
				case "":
					w.redeemFor(now, who, id)
					m.send(who, id, now)
				case "known":
				default:
					m.vetoed = append(m.vetoed, asked{who, id, now})
				}
			}
		}
	})
}

type word struct {
	record rules.PersonID
	scope  rules.Scope
	at     rules.Instant
}

type asked struct {
	record rules.PersonID
	id     rules.IntentID
	at     rules.Instant
}

type model struct {
	noes, yeses []word
	merges      []rules.Merge
	vetoed      []asked
	sent        map[rules.PersonID]map[rules.IntentID]rules.Instant
}

func (m *model) merge(one, into rules.PersonID, at rules.Instant) {
	if !m.one(one, into, at+1) {
		m.merges = append(m.merges, rules.Merge{Record: one, Into: into, At: at})
	}
}

// one says whether two records were one person before the instant.
func (m *model) one(a, b rules.PersonID, by rules.Instant) bool {
	group := map[rules.PersonID]bool{a: true}
	for range m.merges {
		for _, x := range m.merges {
			if x.At < by && (group[x.Record] || group[x.Into]) {
				group[x.Record], group[x.Into] = true, true
			}
		}
	}
	return group[b]
}

func (m *model) send(record rules.PersonID, id rules.IntentID, at rules.Instant) {
	if m.sent[record] == nil {
		m.sent[record] = map[rules.IntentID]rules.Instant{}
	}
	m.sent[record][id] = at
}

// answer is what the rules of the house say, of which only refusals, known ids and
// the cap of three contacts in 168 hours are at work here.
func (m *model) answer(in *rules.Intent, now rules.Instant) string {
	sent := map[rules.IntentID]rules.Instant{}
	for record, ids := range m.sent {
		if m.one(in.Person, record, now+1) {
			for id, at := range ids {
				sent[id] = max(sent[id], at)
			}
		}
	}
	if _, known := sent[in.ID]; known {
		return "known"
	}
	for _, v := range m.vetoed {
		if v.id == in.ID && m.one(in.Person, v.record, now+1) && now.Sub(v.at) < day {
			return "known"
		}
	}
	for _, no := range m.noes {
		if m.one(in.Person, no.record, now+1) && (no.scope.Channel == "" || no.scope.Channel == in.Channel) && !m.lifted(no, in) {
			return string(rules.RefusedState)
		}
	}
	n := 0
	for _, at := range sent {
		if now.Sub(at) < 168*hour {
			n++
		}
	}
	if n >= 3 {
		return "cap.any"
	}
	return ""
}

func (m *model) lifted(no word, in *rules.Intent) bool {
	return slices.ContainsFunc(m.yeses, func(yes word) bool {
		return yes.at > no.at && (yes.scope.Channel == "" || yes.scope.Channel == in.Channel) && m.one(no.record, yes.record, yes.at)
	})
}

// A memory that is recalled is saved in pieces, and somebody may die between two: one
// record knows of the merge then and the other does not. Nothing of either is lost.
func TestAMergeThatWasSavedInPieces(t *testing.T) {
	for _, order := range [][]rules.PersonID{{"p", "q"}, {"q", "p"}} {
		w := newWorld(t)
		w.hear(noon, says("q", refusalOf(rules.Scope{Channel: "email"})))
		before := w.memory["q"]
		w.hear(noon.Add(minute), merge("q", "p"))

		later := newWorld(t)
		later.memory = map[rules.PersonID]state.Memory{"p": w.memory["p"], "q": before}
		later.until(noon.Add(2 * minute))
		later.remember(order...)
		later.hear(noon.Add(3*minute), state.Signal{ID: "new", Type: state.Refusal, Person: "q", Scope: rules.Scope{Channel: "sms"}})
		for _, channel := range []rules.Channel{"email", "sms"} {
			for _, person := range order {
				in := of(person, to(rules.IntentID(channel)+"-"+rules.IntentID(person), channel, "marketing"))
				vetoed(t, later.ask(noon.Add(hour), in), rules.RefusedState)
			}
		}
		if string(later.memory["p"].Log) != string(later.memory["q"].Log) {
			t.Error("the two are two")
		}
	}
}
