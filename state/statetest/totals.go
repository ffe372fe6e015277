package statetest

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// totals asks for campaigns of one partition.
func totals(t testing.TB, s state.Store, partition int32, campaigns ...rules.Campaign) state.Totals {
	t.Helper()
	got, err := s.Totals(t.Context(), []int32{partition}, campaigns)
	if err != nil {
		t.Fatalf("totals: %v", err)
	}
	if len(got) != 1 {
		t.Fatalf("asked for one partition, got %d", len(got))
	}
	if got[0].Known && len(got[0].Tallies) != len(campaigns) {
		t.Fatalf("asked for %d campaigns, got %d", len(campaigns), len(got[0].Tallies))
	}
	return got[0]
}

func tally(campaign rules.Campaign, value string) state.Total {
	return state.Total{Campaign: campaign, Tally: []byte(value)}
}

func testTotals(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	after := func(what string, number int64, want []state.Total, changes ...state.Total) {
		t.Helper()
		b := batch("ann", number)
		b.Totals = changes
		commit(t, s, at, b)
		same(t, what, acquire(t, s, at, "ann").Totals, want)
	}
	after("at first", 1, []state.Total{tally("spring", "1"), tally("c {p4}\n", string(everyByte()))},
		tally("spring", "1"), tally("c {p4}\n", string(everyByte())), tally("never", ""))
	after("unchanged", 2, []state.Total{tally("spring", "1"), tally("c {p4}\n", string(everyByte()))})
	after("one more, one replaced, one forgotten", 3, []state.Total{tally("spring", "22"), tally("", "x")},
		tally("spring", "22"), tally("", "x"), tally("c {p4}\n", ""))
	after("what is gone to nothing", 4, []state.Total{tally("spring", "22"), tally("", "x")}, tally("c {p4}\n", ""))
}

// Anybody may ask, and is told how far the partition has come.
func testTotalsOfOthers(t *testing.T, s state.Store) {
	same(t, "a partition that nobody has seen", totals(t, s, at, "spring"), state.Totals{})
	acquire(t, s, at, "ann")
	same(t, "one that was only acquired", totals(t, s, at, "spring"), state.Totals{})

	b := batch("ann", 1)
	b.Mark.Signals, b.Mark.Restoring, b.Mark.Policy = math.MaxInt64, true, "hash"
	b.Mark.Tails = map[string]int64{"approved": 7}
	b.Totals = []state.Total{tally("spring", "1"), tally("summer", "2")}
	commit(t, s, at, b)
	acquire(t, s, at+1, "bob")
	commit(t, s, at+1, batch("bob", 1))

	got, err := s.Totals(t.Context(), []int32{at + 1, at + 2, at}, []rules.Campaign{"summer", "autumn", "spring", "summer"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "three partitions", got, []state.Totals{
		{Known: true, Mark: batch("bob", 1).Mark, Tallies: make([][]byte, 4)},
		{},
		{Known: true, Mark: b.Mark, Tallies: [][]byte{[]byte("2"), nil, []byte("1"), []byte("2")}},
	})
	same(t, "no campaign", totals(t, s, at), state.Totals{Known: true, Mark: b.Mark})
	if got, err := s.Totals(t.Context(), nil, []rules.Campaign{"spring"}); err != nil || len(got) != 0 {
		t.Errorf("no partition: %v, %v", got, err)
	}
	if _, err := s.Totals(over(t), []int32{at}, []rules.Campaign{"spring"}); err == nil {
		t.Error("asked after the end")
	}
	b.Totals[0].Tally[0], totals(t, s, at, "spring").Tallies[0][0], acquire(t, s, at, "cem").Totals[0].Tally[0] = 'X', 'X', 'X'
	same(t, "what the caller has in hands", totals(t, s, at, "spring", "summer").Tallies, [][]byte{[]byte("1"), []byte("2")})
}

func testTotalsRefused(t *testing.T, s state.Store) {
	acquire(t, s, at, "ann")
	b := batch("ann", 1)
	b.Totals = []state.Total{tally("spring", "1")}
	commit(t, s, at, b)
	for what, b := range map[string]*state.Batch{"fenced": batch("zoe", 2), "moved": batch("ann", 3), "twice": batch("ann", 2)} {
		b.Totals = []state.Total{tally("spring", "forged")}
		if what == "twice" {
			b.Totals = append(b.Totals, tally("spring", ""))
		}
		if err := s.Commit(t.Context(), at, b); err == nil {
			t.Errorf("%s: it was taken", what)
		}
		same(t, what, totals(t, s, at, "spring").Tallies, [][]byte{[]byte("1")})
	}
}

func testManyTotals(t *testing.T, s state.Store) {
	const campaigns = 10_000
	acquire(t, s, at, "ann")
	full, empty := batch("ann", 1), batch("ann", 2)
	names := make([]rules.Campaign, campaigns)
	want := make([][]byte, campaigns)
	for i := range names {
		names[i], want[i] = rules.Campaign(fmt.Sprintf("campaign-%d", i)), fmt.Appendf(nil, "tally %d", i)
		full.Totals = append(full.Totals, state.Total{Campaign: names[i], Tally: want[i]})
		empty.Totals = append(empty.Totals, state.Total{Campaign: names[i]})
	}
	commit(t, s, at, full)
	for i, got := range totals(t, s, at, names...).Tallies {
		if string(got) != string(want[i]) {
			t.Fatalf("campaign %d has %q", i, got)
		}
	}
	if n := len(acquire(t, s, at, "ann").Totals); n != campaigns {
		t.Errorf("%d campaigns have a tally", n)
	}
	commit(t, s, at, empty)
	same(t, "removed", acquire(t, s, at, "ann").Totals, []state.Total(nil))
}

// What is told of a partition is of one step of its memory, however busy it is.
func testTotalsOfOneStep(t *testing.T, s state.Store) {
	const batches = 300
	acquire(t, s, at, "ann")
	var all sync.WaitGroup
	all.Go(func() {
		for n := int64(1); n <= batches; n++ {
			b := batch("ann", n)
			b.Totals = []state.Total{tally("spring", fmt.Sprint(n)), tally("summer", fmt.Sprint(n))}
			if err := s.Commit(t.Context(), at, b); err != nil {
				t.Errorf("commit: %v", err)
				return
			}
		}
	})
	all.Go(func() {
		for seen := int64(0); seen < batches && !t.Failed(); {
			got, err := s.Totals(t.Context(), []int32{at}, []rules.Campaign{"spring", "summer"})
			if err != nil {
				t.Errorf("totals: %v", err)
				return
			}
			if !got[0].Known {
				continue
			}
			seen = got[0].Mark.Batch
			for _, value := range got[0].Tallies {
				if string(value) != fmt.Sprint(seen) {
					t.Errorf("batch %d has the tally %s", seen, value)
				}
			}
		}
	})
	all.Wait()
}

func testTotalsLost(t *testing.T, s Perishable) {
	acquire(t, s, at, "ann")
	commitTotals := func(number int64, value string) {
		t.Helper()
		b := batch("ann", number)
		b.Totals = []state.Total{tally("spring", value)}
		commit(t, s, at, b)
	}
	commitTotals(1, "1")
	rollBack := s.Keep(t)
	commitTotals(2, "2")
	rollBack()
	same(t, "of a store that went back", totals(t, s, at, "spring"),
		state.Totals{Known: true, Mark: batch("ann", 1).Mark, Tallies: [][]byte{[]byte("1")}})
	s.Lose(t)
	same(t, "of a store that lost everything", totals(t, s, at, "spring"), state.Totals{})
	h := acquire(t, s, at, "bob")
	same(t, "to its next owner", h.Totals, []state.Total(nil))
	if err := s.Commit(t.Context(), at, batch("ann", 3)); !errors.Is(err, state.ErrFenced) {
		t.Errorf("the owner of what was lost commits: %v, want ErrFenced", err)
	}
}
