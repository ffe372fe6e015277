package state_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func sortOf(campaign, engine string) state.Sort {
	return state.Sort{Campaign: rules.Campaign(campaign), Channel: "sms", Purpose: "marketing", Engine: engine, Verdict: rules.Vetoed, Reason: "quiet.hours"}
}

// "Counts per minute": the last millisecond of a minute is in it, the next is not.
func TestDecisionsAreCountedByMinute(t *testing.T) {
	noon := rules.At(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	var r state.Rates
	for _, at := range []rules.Instant{noon, noon.Add(time.Minute - time.Millisecond), noon.Add(time.Minute)} {
		r.Count(at, sortOf("spring", ""))
	}
	r.Count(noon, sortOf("autumn", ""))
	want := map[rules.Instant]map[state.Sort]int64{
		noon:                  {sortOf("spring", ""): 2, sortOf("autumn", ""): 1},
		noon.Add(time.Minute): {sortOf("spring", ""): 1},
	}
	if diff := cmp.Diff(want, r.Minutes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Forget(noon.Add(time.Minute - time.Millisecond))
	if len(r.Minutes) != 2 {
		t.Error("a minute was forgotten that is not over")
	}
	r.Forget(noon.Add(time.Minute))
	if len(r.Minutes) != 1 {
		t.Error("a minute that is over is still there")
	}
}

// Whatever engines write, a minute has so many sorts and no more, and nothing is
// left uncounted.
func TestAMinuteHasNoMoreSortsThanItCanHold(t *testing.T) {
	var r state.Rates
	const n = 10 * state.MostSorts
	for i := range n {
		r.Count(1, sortOf(fmt.Sprint("campaign ", i%3), fmt.Sprint("engine ", i)))
	}
	r.Count(1, sortOf("campaign 0", "engine 0")) // was there before it became too many
	sum := int64(0)
	for _, count := range r.Minutes[0] {
		sum += count
	}
	if len(r.Minutes[0]) != state.MostSorts+1 || sum != n+1 {
		t.Errorf("%d sorts, %d decisions", len(r.Minutes[0]), sum)
	}
	if got := r.Minutes[0][sortOf("campaign 0", "engine 0")]; got != 2 {
		t.Errorf("one that was told apart has %d", got)
	}
	if got := r.Minutes[0][sortOf(state.ManySorts, state.ManySorts)]; got != n-state.MostSorts {
		t.Errorf("those that were not have %d", got)
	}
}

func TestRatesAreReadAsTheyWereWritten(t *testing.T) {
	r := state.Rates{Batch: 1<<53 + 1, Minutes: map[rules.Instant]map[state.Sort]int64{}}
	for i := range 40 {
		r.Count(rules.Instant(1_790_000_000_000+i*7_000), sortOf(fmt.Sprint(i%3), "\x00 engine"))
	}
	b := state.EncodeRates(&r)
	for range 5 {
		if string(state.EncodeRates(&r)) != string(b) {
			t.Fatal("equal rates have other bytes")
		}
	}
	got, err := state.DecodeRates(b)
	if diff := cmp.Diff(r, got); err != nil || diff != "" {
		t.Errorf("%v (-written +read):\n%s", err, diff)
	}
	if got, err := state.DecodeRates(nil); err != nil || len(got.Minutes) != 0 || got.Batch != 0 {
		t.Errorf("no bytes are %+v, %v", got, err)
	}
	for cut := 1; cut < len(b); cut++ {
		if _, err := state.DecodeRates(b[:cut]); !errors.Is(err, state.ErrSpoilt) {
			t.Fatalf("%d bytes of %d are read: %v", cut, len(b), err)
		}
	}
	for what, spoilt := range map[string][]byte{"another version": append([]byte{9}, b[1:]...), "something behind": append(b[:len(b):len(b)], 0)} {
		if _, err := state.DecodeRates(spoilt); !errors.Is(err, state.ErrSpoilt) {
			t.Errorf("%s is read: %v", what, err)
		}
	}
}
