// Package statetest is the one conformance suite of state.Store. Whoever writes
// a store runs it; whoever finds that two stores differ adds a test here, and
// not to one of them.
package statetest

import (
	"context"
	"reflect"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// Perishable is a store whose server can be lost and rolled back. A store that
// opens as one is also put through that; the others cannot lose anything but
// with the process.
type Perishable interface {
	state.Store

	// Lose makes the server forget everything.
	Lose(t testing.TB)

	// Keep notes what the server holds now. The function that it returns takes
	// the server back to that, as a failover to a replica that lagged does.
	Keep(t testing.TB) (rollBack func())
}

// Run runs the suite. It opens a fresh store for each test, and closes none:
// open does that with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) state.Store) {
	test := func(name string, body func(t *testing.T, s state.Store)) {
		t.Run(name, func(t *testing.T) { body(t, open(t)) })
	}
	test("a partition nobody has seen is unknown", testUnknown)
	test("whoever acquires last is the owner", testAcquire)
	test("what was committed is found by the next owner", testFound)
	test("a mark replaces the one before, tails too", testMarkReplaced)
	test("the outbox is replaced, byte for byte", testOutbox)
	test("the rates are replaced, byte for byte, or stay", testRates)
	test("who waits changes by person", testWaiting)
	test("an old owner can change nothing", testFenced)
	test("a batch that leaves a gap, or was there before, is refused", testMoved)
	test("numbers of batches may be skipped, if the batch says so", testSkips)
	test("a batch with a person in it twice is refused", testTwice)
	test("people come in the order asked for", testLoadOrder)
	test("a part that is not set stays, one set to nothing goes", testParts)
	test("any bytes are kept", testBinary)
	test("any id is an id", testOddIDs)
	test("partitions do not touch", testPartitionsApart)
	test("ten thousand people in a batch", testLarge)
	test("nothing is shared with the caller", testNotShared)
	test("totals change by campaign", testTotals)
	test("anybody may ask for totals", testTotalsOfOthers)
	test("a refused batch leaves the totals", testTotalsRefused)
	test("ten thousand campaigns in a batch", testManyTotals)
	test("totals are of one step", testTotalsOfOneStep)
	test("a context that is over changes nothing", testContext)
	test("of two who race for a batch one wins", testRace)
	test("many who acquire and commit never win a batch twice", testManyRace)
	test("it does what a naive model does", testModel)

	if _, ok := open(t).(Perishable); !ok {
		return
	}
	perish := func(name string, body func(t *testing.T, s Perishable)) {
		t.Run(name, func(t *testing.T) { body(t, open(t).(Perishable)) })
	}
	perish("a store that lost everything is noticed", testLost)
	perish("a store that lost everything stays unknown until a batch is there", testLostTwice)
	perish("a store that went back under its owner is noticed", testRolledBack)
	perish("a store that went back to another owner is noticed", testRolledBackToAnother)
	perish("totals go with the rest", testTotalsLost)
}

// at is the partition that most tests use.
const at = 3

func acquire(t testing.TB, s state.Store, partition int32, owner string) state.Holding {
	t.Helper()
	h, err := s.Acquire(t.Context(), partition, owner)
	if err != nil {
		t.Fatalf("acquire: %v", err)
	}
	return h
}

func commit(t testing.TB, s state.Store, partition int32, b *state.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), partition, b); err != nil {
		t.Fatalf("commit of batch %d: %v", b.Mark.Batch, err)
	}
}

func load(t testing.TB, s state.Store, partition int32, people ...rules.PersonID) []state.Memory {
	t.Helper()
	got, err := s.Load(t.Context(), partition, people)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if len(got) != len(people) {
		t.Fatalf("asked for %d people, got %d", len(people), len(got))
	}
	return got
}

// same compares what a store returned with what it should have. Absent and empty
// bytes are the same, and so are absent and empty lists; who waits has no order,
// nor have totals.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := difference(got, want); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func difference(got, want any) string {
	isBytes := func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[[]byte]() }
	isNot := func(p cmp.Path) bool { return !isBytes(p) }
	return cmp.Diff(want, got,
		cmp.FilterPath(isBytes, cmp.Transformer("text", func(b []byte) string { return string(b) })),
		cmp.FilterPath(isNot, cmpopts.EquateEmpty()),
		cmpopts.SortSlices(func(a, b state.Waiting) bool { return a.Person < b.Person }),
		cmpopts.SortSlices(func(a, b state.Total) bool { return a.Campaign < b.Campaign }))
}

// batch is the simplest step to the given number.
func batch(owner string, number int64, people ...state.Change) *state.Batch {
	return &state.Batch{Owner: owner, Mark: state.Mark{Batch: number, Intents: number * 10}, People: people}
}

func standing(id rules.PersonID, value string) state.Change {
	return state.Change{Person: id, Memory: state.Memory{Standing: []byte(value)}, SetStanding: true}
}

func both(id rules.PersonID, no, log string) state.Change {
	return state.Change{Person: id, Memory: memory(no, log), SetStanding: true, SetLog: true}
}

func memory(no, log string) state.Memory {
	return state.Memory{Standing: []byte(no), Log: []byte(log)}
}

// person is the nth of many.
func person(n int) rules.PersonID { return rules.PersonID("person-" + strconv.Itoa(n)) }

// over is a context that is over.
func over(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
