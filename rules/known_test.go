package rules_test

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// The ids of an engine that pesters are found as those of anybody else: what a list
// would say is what KnownIDs say, after whatever was added and forgotten.
func TestKnownIDsAreAList(t *testing.T) {
	policy := house(t)
	rapid.Check(t, func(t *rapid.T) {
		var ids rules.KnownIDs
		var list []rules.Known
		if rapid.Bool().Draw(t, "from a list") {
			for i := range rapid.IntRange(0, 60).Draw(t, "had") {
				list = append(list, known(name(i%40), i))
			}
			ids = rules.KnownOf(slices.Clone(list)...)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				for range rapid.IntRange(1, 50).Draw(t, "more") {
					next := known(name(rapid.IntRange(0, 60).Draw(t, "id")), ids.Len())
					ids.Add(next)
					list = append(list, next)
				}
			case 2: // the oldest
				n := rapid.IntRange(0, len(list)).Draw(t, "oldest")
				ids.DeleteFunc(func(rules.Known) bool { n--; return n >= 0 })
				n = len(list) - ids.Len()
				list = slices.Clone(list[n:])
			default: // any
				odd := rapid.Uint64Range(2, 5).Draw(t, "every")
				gone := func(k rules.Known) bool { return k.Content%odd == 0 }
				ids.DeleteFunc(gone)
				list = slices.DeleteFunc(list, gone)
			}
			if !slices.Equal(ids.All(), list) {
				t.Fatalf("they are %v, not %v", ids.All(), list)
			}
			for i := range 61 {
				who := rules.Person{Known: ids}
				_, there := latest(list, name(i))
				if who.Knows(name(i), 0) != there {
					t.Fatalf("%s is known: %v", name(i), !there)
				}
				if !there {
					continue
				}
				d := rules.Decide(policy, &who, &rules.Intent{ID: name(i), Person: "p"}, 0)
				if original, _ := latest(list, name(i)); d.Original != original.Decision {
					t.Fatalf("the original of %s is %q", name(i), d.Original)
				}
			}
		}
	})
}

func known(id rules.IntentID, i int) rules.Known {
	return rules.Known{Intent: id, Content: uint64(i), Decision: rules.DecisionID("d" + strconv.Itoa(i)), At: rules.Instant(i)}
}

func name(i int) rules.IntentID { return rules.IntentID("i" + strconv.Itoa(i)) }

func latest(list []rules.Known, id rules.IntentID) (rules.Known, bool) {
	for _, k := range slices.Backward(list) {
		if k.Intent == id {
			return k, true
		}
	}
	return rules.Known{}, false
}

func TestTheSameIDsAreEqual(t *testing.T) {
	one, other := rules.Known{Intent: "i1", At: 1}, rules.Known{Intent: "i2", At: 2}
	if !rules.KnownOf(one, other).Equal(rules.KnownOf(one, other)) || rules.KnownOf(one, other).Equal(rules.KnownOf(other, one)) {
		t.Error("the order is told wrong")
	}
}
