package statetest

import (
	"errors"
	"math"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func testUnknown(t *testing.T, s state.Store) {
	same(t, "holding", acquire(t, s, at, "ann"), state.Holding{Epoch: 1})
	same(t, "holding of the second, before any batch", acquire(t, s, at, "bob"), state.Holding{Epoch: 2})
	same(t, "people", load(t, s, at, "ada"), []state.Memory{{}})

	if _, err := s.Acquire(t.Context(), at, ""); err == nil {
		t.Error("nobody can own a partition")
	}
	if err := s.Commit(t.Context(), at+1, batch("ann", 1)); !errors.Is(err, state.ErrFenced) {
		t.Errorf("commit to a partition that nobody acquired: %v, want ErrFenced", err)
	}
}

func testAcquire(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	acquire(t, s, at, "bob")
	if err := s.Commit(t.Context(), at, batch("ann", 1, standing("ada", "no"))); !errors.Is(err, state.ErrFenced) {
		t.Errorf("commit of the first owner: %v, want ErrFenced", err)
	}
	commit(t, s, at, batch("bob", 1))
	h := acquire(t, s, at, "ann")
	if !h.Known || h.Epoch != 3 || h.Mark.Batch != 1 {
		t.Errorf("after three acquired and one committed: %+v", h)
	}
	same(t, "people", load(t, s, at, "ada"), []state.Memory{{}})
}

// The largest numbers are here because Lua, JSON and scores know only doubles.
func testFound(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	b := &state.Batch{
		Owner: "ann",
		Mark: state.Mark{
			Batch: 1, Intents: 1<<53 + 1, Signals: math.MaxInt64, Now: 1795321017801300,
			Tails:     map[string]int64{"contact.approved": 1<<60 + 1, "odd topic:{p3}": 0, "": 7},
			Restoring: true, Policy: "a hash", Partitions: 7,
		},
		Outbox:  []byte("approved, twice"),
		Waiting: []state.Waiting{{Person: "ada", Due: 1<<53 + 1}, {Person: "bea", Due: rules.Never}},
		Totals:  []state.Total{tally("spring", "a tally")},
		People:  []state.Change{both("ada", "her no", "her log")},
	}
	commit(t, s, at, b)
	same(t, "holding", acquire(t, s, at, "bob"), state.Holding{
		Known: true, Epoch: 2, Mark: b.Mark, Outbox: b.Outbox, Waiting: b.Waiting, Totals: b.Totals,
	})
	same(t, "people", load(t, s, at, "ada", "bea"), []state.Memory{memory("her no", "her log"), {}})
}

func testMarkReplaced(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	first := batch("ann", 1)
	first.Mark.Tails = map[string]int64{"approved": 5, "vetoed": 6}
	commit(t, s, at, first)

	second := batch("ann", 2)
	second.Mark.Now = 99
	second.Mark.Tails = map[string]int64{"approved": 4, "revoked": 0}
	commit(t, s, at, second)
	same(t, "mark", acquire(t, s, at, "bob").Mark, second.Mark)

	commit(t, s, at, batch("bob", 3))
	same(t, "mark without tails", acquire(t, s, at, "cem").Mark, batch("bob", 3).Mark)
}

func testOutbox(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	for i, outbox := range [][]byte{everyByte(), []byte("\r\n"), make([]byte, 1<<20), nil, []byte("last")} {
		b := batch("ann", int64(i+1))
		b.Outbox = outbox
		commit(t, s, at, b)
		h := acquire(t, s, at, "ann")
		same(t, "outbox", h.Outbox, outbox)
	}
}

func testRates(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	want := []byte(nil)
	for i, rates := range [][]byte{nil, everyByte(), nil, {0}, make([]byte, 1<<16), nil} {
		b := batch("ann", int64(i+1))
		b.Rates = rates
		commit(t, s, at, b)
		if rates != nil {
			want = rates
		}
		h := acquire(t, s, at, "ann")
		same(t, "rates", h.Rates, want)
	}
}

func testWaiting(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	waiting := func(number int64, changes ...state.Waiting) []state.Waiting {
		b := batch("ann", number)
		b.Waiting = changes
		commit(t, s, at, b)
		return acquire(t, s, at, "ann").Waiting
	}
	same(t, "at first", waiting(1, state.Waiting{Person: "ada", Due: 10}, state.Waiting{Person: "b {p4}\n", Due: 20}),
		[]state.Waiting{{Person: "ada", Due: 10}, {Person: "b {p4}\n", Due: 20}})
	same(t, "unchanged", waiting(2), []state.Waiting{{Person: "ada", Due: 10}, {Person: "b {p4}\n", Due: 20}})
	same(t, "later", waiting(3, state.Waiting{Person: "ada", Due: 11}, state.Waiting{Person: "b {p4}\n"}),
		[]state.Waiting{{Person: "ada", Due: 11}})
	same(t, "who did not wait waits no longer", waiting(4, state.Waiting{Person: "cem"}, state.Waiting{Person: "ada"}), []state.Waiting(nil))
}

func testFenced(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	commit(t, s, at, batch("ann", 1, standing("ada", "no")))
	acquire(t, s, at, "bob")

	zombie := func(number int64) {
		t.Helper()
		b := batch("ann", number, standing("ada", "forged"), standing("bea", "forged"))
		b.Waiting, b.Outbox = []state.Waiting{{Person: "ada", Due: 1}}, []byte("forged")
		if err := s.Commit(t.Context(), at, b); !errors.Is(err, state.ErrFenced) {
			t.Errorf("the old owner's batch %d: %v, want ErrFenced", number, err)
		}
	}
	zombie(2) // would fit
	zombie(7) // would not
	commit(t, s, at, batch("bob", 2))
	zombie(2)
	zombie(3) // would fit again

	h := acquire(t, s, at, "cem")
	same(t, "holding", h, state.Holding{Known: true, Epoch: 3, Mark: batch("bob", 2).Mark})
	same(t, "people", load(t, s, at, "ada", "bea"), []state.Memory{memory("no", ""), {}})
}

func testMoved(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	refused := func(number int64) {
		t.Helper()
		b := batch("ann", number, standing("ada", "wrong"))
		b.Waiting, b.Outbox = []state.Waiting{{Person: "ada", Due: 1}}, []byte("wrong")
		if err := s.Commit(t.Context(), at, b); !errors.Is(err, state.ErrMoved) {
			t.Errorf("batch %d: %v, want ErrMoved", number, err)
		}
	}
	refused(0)
	refused(2)
	commit(t, s, at, batch("ann", 1))
	refused(1)
	refused(3)
	refused(-1)
	commit(t, s, at, batch("ann", 2))
	same(t, "holding", acquire(t, s, at, "bob"), state.Holding{Known: true, Epoch: 2, Mark: batch("ann", 2).Mark})
	same(t, "people", load(t, s, at, "ada"), []state.Memory{{}})
}

func testTwice(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	waiting := batch("ann", 1)
	waiting.Waiting = []state.Waiting{{Person: "ada", Due: 1}, {Person: "ada"}}
	for _, b := range []*state.Batch{waiting, batch("ann", 1, standing("ada", "1"), standing("bea", "2"), standing("ada", "3"))} {
		switch err := s.Commit(t.Context(), at, b); {
		case err == nil:
			t.Error("a person was in it twice, and it was taken")
		case errors.Is(err, state.ErrFenced), errors.Is(err, state.ErrMoved):
			t.Errorf("a person was in it twice, and the answer is %v", err)
		}
	}
	if h := acquire(t, s, at, "ann"); h.Known {
		t.Errorf("a refused batch left %+v", h)
	}
}

func testContext(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	commit(t, s, at, batch("ann", 1, standing("ada", "no")))
	if _, err := s.Acquire(over(t), at, "bob"); err == nil {
		t.Error("acquired after the end")
	}
	if _, err := s.Load(over(t), at, []rules.PersonID{"ada"}); err == nil {
		t.Error("loaded after the end")
	}
	if err := s.Commit(over(t), at, batch("ann", 2)); err == nil {
		t.Error("committed after the end")
	}
	commit(t, s, at, batch("ann", 2))
}

// A store that lost its last batches goes on with numbers that the log does not
// have yet.
func testSkips(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	commit(t, s, at, batch("ann", 1))
	far := batch("ann", 500, standing("ada", "no"))
	if err := s.Commit(t.Context(), at, far); !errors.Is(err, state.ErrMoved) {
		t.Errorf("a gap that the batch does not speak of: %v, want ErrMoved", err)
	}
	far.Skips = 498
	commit(t, s, at, far)
	if err := s.Commit(t.Context(), at, far); !errors.Is(err, state.ErrMoved) {
		t.Errorf("the same once more: %v, want ErrMoved", err)
	}
	commit(t, s, at, batch("ann", 501))
	if h := acquire(t, s, at, "bob"); h.Mark.Batch != 501 {
		t.Errorf("the store is at batch %d, not 501", h.Mark.Batch)
	}
}
