package statetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func testLoadOrder(t *testing.T, s state.Store) {
	same(t, "nobody", load(t, s, at), []state.Memory(nil))
	acquire(t, s, at, "ann")
	commit(t, s, at, batch("ann", 1, both("ada", "a", "A"), both("bea", "b", "B")))
	same(t, "people", load(t, s, at, "bea", "nobody", "ada", "bea"),
		[]state.Memory{memory("b", "B"), {}, memory("a", "A"), memory("b", "B")})

	refused := state.Change{Person: state.AddressID("ada"), SetStanding: true, Memory: state.Memory{Standing: []byte("refused")}}
	killed := state.Change{Person: state.CampaignID("ada"), SetStanding: true, Memory: state.Memory{Standing: []byte("killed")}}
	commit(t, s, at, batch("ann", 2, refused, killed))
	same(t, "people, an address and a campaign of the same name", load(t, s, at, "ada", refused.Person, killed.Person, "bea"),
		[]state.Memory{memory("a", "A"), memory("refused", ""), memory("killed", ""), memory("b", "B")})
}

func testParts(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	number := int64(0)
	after := func(what string, c state.Change, want state.Memory) {
		t.Helper()
		number++
		c.Person = "ada"
		commit(t, s, at, batch("ann", number, c, both("bea", "b", "B")))
		same(t, what, load(t, s, at, "ada", "bea"), []state.Memory{want, memory("b", "B")})
	}
	after("nothing set", state.Change{Memory: memory("x", "y")}, state.Memory{})
	after("the standing", state.Change{Memory: memory("no", "y"), SetStanding: true}, memory("no", ""))
	after("the log", state.Change{Memory: memory("x", "log"), SetLog: true}, memory("no", "log"))
	after("nothing set again", state.Change{Memory: memory("x", "y")}, memory("no", "log"))
	after("both", state.Change{Memory: memory("no 2", "log 2"), SetStanding: true, SetLog: true}, memory("no 2", "log 2"))
	after("the log to nothing", state.Change{SetLog: true}, memory("no 2", ""))
	after("the standing to nothing", state.Change{SetStanding: true, Memory: state.Memory{Standing: []byte{}}}, state.Memory{})
	after("what is gone to nothing", state.Change{SetStanding: true, SetLog: true}, state.Memory{})
}

// everyByte has every byte, and those that end lines and strings once more.
func everyByte() []byte {
	b := []byte("\x00\r\n$-1\r\n*3\r\n")
	for i := range 256 {
		b = append(b, byte(i))
	}
	return append(b, 0, '\r', '\n', 0)
}

func testBinary(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	value := string(everyByte())
	large := strings.Repeat("x", 1<<20)
	commit(t, s, at, batch("ann", 1, both("ada", value, "\x00"), both("bea", large, value), both("cem", "12345678901234567890", "1e15")))
	same(t, "people", load(t, s, at, "ada", "bea", "cem"),
		[]state.Memory{memory(value, "\x00"), memory(large, value), memory("12345678901234567890", "1e15")})
}

func testOddIDs(t *testing.T, s state.Store) {
	ids := []rules.PersonID{
		"a b", " ", "", "{p4}", "}{", "{p3}:no:ada", "no:ada", "log:ada", "ada", "ADA", "line\nbreak", "\r\n", "*", "[a-z]?", "\\",
		"ada:1", "Zoë", "Zoe\u0308", "人", "\U0001f937", "\x00", "\xff\xfe", "0", "-1",
		rules.PersonID(strings.Repeat("x", 256)), rules.PersonID(strings.Repeat("人", 256)),
	}
	acquire(t, s, at, "ann")
	b := batch("ann", 1)
	var want []state.Memory
	for i, id := range ids {
		no, log := fmt.Sprintf("no %d", i), fmt.Sprintf("log %d", i)
		b.People = append(b.People, both(id, no, log))
		b.Waiting = append(b.Waiting, state.Waiting{Person: id, Due: rules.Instant(i + 1)})
		want = append(want, memory(no, log))
	}
	commit(t, s, at, b)
	same(t, "people", load(t, s, at, ids...), want)
	same(t, "waiting", acquire(t, s, at, "ann").Waiting, b.Waiting)

	gone := batch("ann", 2)
	for _, id := range ids[1:] {
		gone.People = append(gone.People, state.Change{Person: id, SetStanding: true, SetLog: true})
		gone.Waiting = append(gone.Waiting, state.Waiting{Person: id})
	}
	commit(t, s, at, gone)
	same(t, "people left", load(t, s, at, ids...), append([]state.Memory{want[0]}, make([]state.Memory, len(ids)-1)...))
	same(t, "waiting left", acquire(t, s, at, "ann").Waiting, b.Waiting[:1])
}

func testPartitionsApart(t *testing.T, s state.Store) {
	acquire(t, s, 1, "ann")
	acquire(t, s, 11, "bob")
	first := batch("ann", 1, both("ada", "no", "log"))
	first.Outbox, first.Waiting = []byte("one"), []state.Waiting{{Person: "ada", Due: 5}}
	commit(t, s, 1, first)
	commit(t, s, 11, batch("bob", 1, both("bea", "b", "B")))
	commit(t, s, 11, batch("bob", 2, state.Change{Person: "ada", SetStanding: true, SetLog: true}))

	same(t, "people of 1", load(t, s, 1, "ada", "bea"), []state.Memory{memory("no", "log"), {}})
	same(t, "people of 11", load(t, s, 11, "ada", "bea"), []state.Memory{{}, memory("b", "B")})
	same(t, "holding of 1", acquire(t, s, 1, "cem"),
		state.Holding{Known: true, Epoch: 2, Mark: first.Mark, Outbox: first.Outbox, Waiting: first.Waiting})
	same(t, "holding of 11", acquire(t, s, 11, "cem"), state.Holding{Known: true, Epoch: 2, Mark: batch("bob", 2).Mark})
}

func testLarge(t *testing.T, s state.Store) {
	const people = 10_000
	acquire(t, s, at, "ann")
	ids := make([]rules.PersonID, people)
	want := make([]state.Memory, people)
	full, empty := batch("ann", 1), batch("ann", 2)
	for i := range ids {
		ids[i], want[i] = person(i), memory(fmt.Sprintf("no %d", i), fmt.Sprintf("log %d", i))
		full.People = append(full.People, state.Change{Person: ids[i], Memory: want[i], SetStanding: true, SetLog: true})
		full.Waiting = append(full.Waiting, state.Waiting{Person: ids[i], Due: rules.Instant(i + 1)})
		empty.People = append(empty.People, state.Change{Person: ids[i], SetStanding: true, SetLog: true})
		empty.Waiting = append(empty.Waiting, state.Waiting{Person: ids[i]})
	}
	commit(t, s, at, full)
	for i, got := range load(t, s, at, ids...) {
		if string(got.Standing) != string(want[i].Standing) || string(got.Log) != string(want[i].Log) {
			t.Fatalf("person %d has %q and %q", i, got.Standing, got.Log)
		}
	}
	waiting := acquire(t, s, at, "ann").Waiting
	for _, w := range waiting {
		if want[w.Due-1].Standing == nil || ids[w.Due-1] != w.Person {
			t.Fatalf("%s waits until %d", w.Person, w.Due)
		}
		want[w.Due-1].Standing = nil // each waits once
	}
	if len(waiting) != people {
		t.Errorf("%d people wait", len(waiting))
	}
	commit(t, s, at, empty)
	for i, got := range load(t, s, at, ids...) {
		if len(got.Standing)+len(got.Log) > 0 {
			t.Fatalf("person %d is removed and has %q and %q", i, got.Standing, got.Log)
		}
	}
	same(t, "waiting, removed", acquire(t, s, at, "ann").Waiting, []state.Waiting(nil))
}

func testNotShared(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	b := batch("ann", 1, both("ada", "no", "log"))
	b.Outbox, b.Waiting = []byte("out"), []state.Waiting{{Person: "ada", Due: 5}}
	b.Mark.Tails = map[string]int64{"approved": 1}
	commit(t, s, at, b)
	spoil := func(m state.Memory) { m.Standing[0], m.Log[0] = 'X', 'X' }

	spoil(b.People[0].Memory)
	b.Outbox[0], b.Waiting[0].Due, b.Mark.Tails["approved"] = 'X', 6, 2
	spoil(load(t, s, at, "ada")[0])
	h := acquire(t, s, at, "ann")
	h.Outbox[0], h.Waiting[0].Due, h.Mark.Tails["approved"] = 'X', 6, 2

	same(t, "people", load(t, s, at, "ada"), []state.Memory{memory("no", "log")})
	h = acquire(t, s, at, "ann")
	if string(h.Outbox) != "out" || h.Waiting[0].Due != 5 || h.Mark.Tails["approved"] != 1 {
		t.Errorf("the caller's hands are in the store: %+v", h)
	}
}
