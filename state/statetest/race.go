package statetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/contactgovernor/governor/state"
)

// testRace lets two acquire, and then both commit the same batch at the same
// time, over and over.
func testRace(t *testing.T, s state.Store) {
	const rounds = 200
	for round := range rounds {
		var owners [2]string
		together(len(owners), func(i int) {
			owners[i] = fmt.Sprintf("%d-%d", round, i)
			acquire(t, s, at, owners[i])
		})
		var errs [2]error
		together(len(owners), func(i int) {
			errs[i] = s.Commit(t.Context(), at, batch(owners[i], int64(round+1), standing("ada", owners[i])))
		})
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		if errs[winner] != nil || !errors.Is(errs[1-winner], state.ErrFenced) {
			t.Fatalf("round %d: %v and %v, want one win and one ErrFenced", round, errs[0], errs[1])
		}
		same(t, "what stands", load(t, s, at, "ada"), []state.Memory{memory(owners[winner], "")})
	}
	if h := acquire(t, s, at, "last"); h.Mark.Batch != rounds || h.Epoch != 2*rounds+1 {
		t.Errorf("after %d rounds of two: batch %d, epoch %d", rounds, h.Mark.Batch, h.Epoch)
	}
}

// testManyRace lets workers acquire and commit without any order between them.
// A worker that is not fenced is where it thinks it is, so ErrMoved never comes.
func testManyRace(t *testing.T, s state.Store) {
	const workers, rounds = 4, 50
	var mu sync.Mutex
	wins := map[int64]string{}
	together(workers, func(i int) {
		for round := range rounds {
			owner := fmt.Sprintf("%d-%d", i, round)
			next := acquire(t, s, at, owner).Mark.Batch + 1
			err := s.Commit(t.Context(), at, batch(owner, next))
			if errors.Is(err, state.ErrFenced) {
				continue
			}
			mu.Lock()
			if err != nil {
				t.Errorf("commit: %v", err)
			} else if other, twice := wins[next]; twice {
				t.Errorf("batch %d was won by %s and by %s", next, other, owner)
			} else {
				wins[next] = owner
			}
			mu.Unlock()
		}
	})
	if h := acquire(t, s, at, "last"); int(h.Mark.Batch) != len(wins) {
		t.Errorf("the store is at batch %d, but %d were won", h.Mark.Batch, len(wins))
	}
}

// together runs n at the same time and waits for all.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	all.Wait()
}
