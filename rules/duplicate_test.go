package rules_test

import (
	"fmt"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// knownAs puts the intent's id into each place where ids are known.
func knownAs(in rules.Intent) map[string]*rules.Person {
	c := sent(noon, rules.WasRedeemed, in)
	c.Intent, c.Decision, c.Content = in.ID, "first", in.Fingerprint()
	return map[string]*rules.Person{
		"approved": with(sent(noon-1, rules.WasRedeemed, to("mail", "receipt")), c),
		"held":     {Held: []rules.Held{{Intent: to("mail", "receipt", id("other"))}, {Intent: in, Arrived: noon, Decision: "first"}}},
		"vetoed":   {Known: rules.KnownOf(rules.Known{Intent: in.ID, Content: in.Fingerprint(), Decision: "first", At: noon}, rules.Known{Intent: "other", At: noon})},
	}
}

// "A new record with a known id and the same content: duplicate, final, own id,
// original named (also while the first is still held)"; "another value in one of
// these: intent.conflict, final". Every field of the content, and every field
// that is none, under every way in which an id is known.
func TestDuplicateAndConflict(t *testing.T) {
	in := to("email", "service", subject("s"), brand("b"), address("a"), message("m"))
	in.ReplyTo = "r"
	for where, who := range knownAs(in) {
		t.Run(where, func(t *testing.T) {
			for field, change := range map[string]func(*rules.Intent){
				"person": func(in *rules.Intent) { in.Person = "q" }, "channel": func(in *rules.Intent) { in.Channel = "sms" },
				"purpose": func(in *rules.Intent) { in.Purpose = "billing" }, "campaign": campaign("x"), "subject": subject("x"),
				"brand": brand("x"), "address": address("x"), "message": message("x"), "mode": mode(rules.ModePreview),
				"contains_promotion": promotes, "reply_to": func(in *rules.Intent) { in.ReplyTo = "x" },
			} {
				other := in
				change(&other)
				d := ask(house(t), who, other, noon.Add(hour))
				final(t, d, rules.Conflict)
				if d.Original != "first" {
					t.Errorf("%s: original %q", field, d.Original)
				}
			}
			for field, change := range map[string]func(*rules.Intent){
				"at": made(noon.Add(minute)), "not_before": notBefore(noon), "not_after": notAfter(noon.Add(9 * hour)),
				"engine": func(in *rules.Intent) { in.Engine = "x" }, "priority": func(in *rules.Intent) { in.Priority = 9 },
				"zones": zones("Asia/Tokyo"), "nothing": func(*rules.Intent) {},
			} {
				same := in
				change(&same)
				d := ask(house(t), who, same, noon.Add(hour))
				final(t, d, rules.Duplicate)
				if d.Original != "first" {
					t.Errorf("%s: original %q", field, d.Original)
				}
			}
		})
	}
}

// The fields of the content do not run into each other.
func TestContentKeepsFieldsApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, in := range []rules.Intent{
		{Subject: "ab"}, {Subject: "a", Brand: "b"}, {Brand: "ab"}, {Campaign: "ab"}, {Campaign: "a", Subject: "b"},
		{Address: "ab"}, {Message: "ab"}, {Mode: "ab"}, {ReplyTo: "ab"}, {}, {Promotes: true},
	} {
		f, text := in.Fingerprint(), fmt.Sprintf("%+v", in)
		if other, twice := seen[f]; twice {
			t.Errorf("%s and %s have one content", text, other)
		}
		seen[f] = text
	}
}

// "About a known id no other rule is asked", however many would object.
func TestAboutAKnownIDNoOtherRuleIsAsked(t *testing.T) {
	in := to("call", "marketing", mode(rules.ModePredictive), made(noon))
	who := knownAs(in)["vetoed"]
	who.Noes = []rules.No{refusal(noon, rules.Scope{})}
	d := ask(house(t), who, in, noon.Add(23*hour))
	final(t, d, rules.Duplicate)
	if len(d.Evidence()) != 0 {
		t.Errorf("somebody counted: %v", d.Evidence())
	}
}

// "Those of vetoed ones for 24 h, half-open; then they are judged anew." Ids of
// approved and held ones stay known.
func TestHowLongAnIDIsKnown(t *testing.T) {
	in := to("email", "marketing", made(noon))
	for where, who := range knownAs(in) {
		if !who.Knows("i", noon.Add(24*hour-ms)) {
			t.Errorf("%s: not known after 23:59:59.999", where)
		}
		if known := who.Knows("i", noon.Add(24*hour)); known != (where != "vetoed") {
			t.Errorf("%s: known %t after 24 h", where, known)
		}
		if who.Knows("unheard", noon) {
			t.Errorf("%s: knows what it never heard", where)
		}
	}
	approved(t, ask(house(t), knownAs(in)["vetoed"], in, noon.Add(24*hour)))

	t.Run("asked anew, and vetoed anew, the latest counts", func(t *testing.T) {
		who := &rules.Person{Known: rules.KnownOf(
			rules.Known{Intent: "i", Content: 1, Decision: "first", At: noon},
			rules.Known{Intent: "i", Content: in.Fingerprint(), Decision: "second", At: noon.Add(24 * hour)},
		)}
		if d := ask(house(t), who, in, noon.Add(25*hour)); d.Reason() != rules.Duplicate || d.Original != "second" {
			t.Errorf("got %s of %s", d.Reason(), d.Original)
		}
	})
}

// "dedupe.content: the same message to the same person within 24 h (half-open,
// any campaign and channel, contacts that count; vetoed ones do not)." Exempt
// classes are not exempt from it.
func TestSameMessage(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "receipt", message("hello"), campaign("a"))))
	opens(t, house(t), who, to("mail", "marketing", message("hello")), rules.SameContent, noon.Add(24*hour))
	for _, purpose := range []rules.Purpose{"receipt", "legal", "service", "collection"} {
		vetoed(t, ask(house(t), who, to("mail", purpose, message("hello")), noon.Add(hour)), rules.SameContent)
	}
	approved(t, ask(house(t), who, to("mail", "receipt", message("bye")), noon.Add(hour)))
	approved(t, ask(house(t), who, to("mail", "receipt"), noon.Add(hour)))
	approved(t, ask(house(t), with(sent(noon, rules.WasRedeemed, to("email", "receipt"))), to("mail", "receipt"), noon.Add(hour)))

	t.Run("what was given back does not count", func(t *testing.T) {
		for _, fate := range []rules.Fate{rules.NotSent, rules.WasRevoked, rules.WrongNumber, rules.OptedOut} {
			who.Contacts[0].Fate = fate
			approved(t, ask(house(t), who, to("mail", "receipt", message("hello")), noon.Add(hour)))
		}
		who.Contacts[0].Fate = 0
		opens(t, house(t), who, to("mail", "receipt", message("hello")), rules.SameContent, noon.Add(15*minute))
	})
}

// A decision's id is made from the intent's id and the person; that of any later
// decision on the same id also takes the position of its record, however the
// first one came to be known or forgotten.
func TestDecisionIDs(t *testing.T) {
	here, there := func() string { return "here" }, func() string { return "there" }
	fresh := nobody().DecisionID("p", "i", here)
	if fresh != rules.DecisionFor("p", "i") || fresh != nobody().DecisionID("p", "i", there) {
		t.Error("the first decision's id depends on where the record stands")
	}
	if fresh == rules.DecisionFor("i", "p") || rules.DecisionFor("ab", "c") == rules.DecisionFor("a", "bc") {
		t.Error("two intents share a decision id")
	}
	people := knownAs(to("email", "service"))
	spent := nobody()
	spent.Spent.Add("i")
	people["spent"] = spent
	people["dropped"] = &rules.Person{Spent: rules.Spent{Dropped: true}}
	for where, who := range people {
		one, other := who.DecisionID("p", "i", here), who.DecisionID("p", "i", there)
		if one == fresh || other == fresh || one == other {
			t.Errorf("%s: ids %s, %s and %s are not three", where, fresh, one, other)
		}
		if other := who.DecisionID("p", "unheard", here); where != "dropped" && other != rules.DecisionFor("p", "unheard") {
			t.Errorf("%s: an id never heard is taken", where)
		}
	}
}

// Ids that are spent are remembered up to a bound; once one had to be dropped
// every id may be spent: an id too many of its own does no harm, two decisions
// that share one would.
func TestSpentIsBounded(t *testing.T) {
	var s rules.Spent
	for i := range 512 {
		s.Add(rules.IntentID(fmt.Sprint(i)))
	}
	if s.May("unheard") || !s.May("0") || !s.May("511") {
		t.Error("512 ids are not remembered exactly")
	}
	s.Add("512")
	if len(s.Hashes) != 512 || !s.May("512") || !s.May("0") || !s.May("unheard") {
		t.Errorf("after the 513th: %d hashes, dropped %t", len(s.Hashes), s.Dropped)
	}
}
