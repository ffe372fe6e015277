package statetest

import (
	"errors"
	"testing"

	"github.com/contactgovernor/governor/state"
)

// history lets ann commit batches up to the given number.
func history(t *testing.T, s state.Store, from, to int64) {
	t.Helper()
	for n := from; n <= to; n++ {
		b := batch("ann", n, both("ada", "no", "log"))
		b.Outbox, b.Waiting = []byte("out"), []state.Waiting{{Person: "ada", Due: 5}}
		commit(t, s, at, b)
	}
}

func testLost(t *testing.T, s Perishable) {
	acquire(t, s, at, "ann")
	history(t, s, 1, 3)
	s.Lose(t)
	if err := s.Commit(t.Context(), at, batch("ann", 4)); !errors.Is(err, state.ErrFenced) {
		t.Errorf("the owner of what was lost commits: %v, want ErrFenced", err)
	}
	if err := s.Commit(t.Context(), at, batch("ann", 1)); !errors.Is(err, state.ErrFenced) {
		t.Errorf("the owner of what was lost begins anew: %v, want ErrFenced", err)
	}
	same(t, "people", load(t, s, at, "ada"), []state.Memory{{}})
	h := acquire(t, s, at, "bob")
	if h.Known {
		t.Errorf("what was lost is known: %+v", h)
	}
	h.Epoch = 0 // is lost too
	same(t, "holding", h, state.Holding{})
}

func testLostTwice(t *testing.T, s Perishable) {
	acquire(t, s, at, "ann")
	history(t, s, 1, 3)
	s.Lose(t)
	acquire(t, s, at, "bob") // and dies before its first batch
	if h := acquire(t, s, at, "cem"); h.Known {
		t.Errorf("an owner makes no memory: %+v", h)
	}
	if err := s.Commit(t.Context(), at, batch("cem", 4)); !errors.Is(err, state.ErrMoved) {
		t.Errorf("a batch that goes on from what was lost: %v, want ErrMoved", err)
	}
	commit(t, s, at, batch("cem", 1))
	same(t, "holding", acquire(t, s, at, "dan"), state.Holding{Known: true, Epoch: 3, Mark: batch("cem", 1).Mark})
}

func testRolledBack(t *testing.T, s Perishable) {
	acquire(t, s, at, "ann")
	history(t, s, 1, 2)
	rollBack := s.Keep(t)
	history(t, s, 3, 4)
	rollBack()
	if err := s.Commit(t.Context(), at, batch("ann", 5)); !errors.Is(err, state.ErrMoved) {
		t.Errorf("the owner goes on from what was lost: %v, want ErrMoved", err)
	}
	if h := acquire(t, s, at, "ann again"); !h.Known || h.Mark.Batch != 2 {
		t.Errorf("went back to batch 2, and says %+v", h)
	}
}

func testRolledBackToAnother(t *testing.T, s Perishable) {
	acquire(t, s, at, "zoe")
	rollBack := s.Keep(t)
	acquire(t, s, at, "ann")
	history(t, s, 1, 2)
	rollBack()
	if err := s.Commit(t.Context(), at, batch("ann", 3)); !errors.Is(err, state.ErrFenced) {
		t.Errorf("the owner whose ownership was lost: %v, want ErrFenced", err)
	}
	if h := acquire(t, s, at, "bob"); h.Known {
		t.Errorf("went back to before the first batch, and says %+v", h)
	}
}
