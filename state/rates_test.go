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
	count := func(at rules.Instant, campaign string, wantMinute rules.Instant, want int64) {
		t.Helper()
		as := r.Count(state.CountedIn(at, "hash"), sortOf(campaign, ""))
		if r.Minute != wantMinute || as != sortOf(campaign, "") || r.Counts[as].Count != want {
			t.Errorf("at %s the minute is %s, and %+v has %d, not %d", at, r.Minute, as, r.Counts[as].Count, want)
		}
	}
	count(noon, "spring", noon, 1)
	count(noon, "autumn", noon, 1)
	count(noon.Add(time.Minute-time.Millisecond), "spring", noon, 2)
	count(noon.Add(time.Minute), "spring", noon.Add(time.Minute), 1)
	count(noon, "spring", noon.Add(time.Minute), 2) // a notice that was due then, and is decided now
}

// Under the clock of the events a day of UTC is a minute, and an hour that comes after
// one by that of arrival counts in the minute of that: minutes do not go back.
func TestDecisionsOfThePastAreCountedByDay(t *testing.T) {
	may, noon := rules.At(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)), rules.At(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	const past, today = "event-hash", "hash"
	var r state.Rates
	for _, c := range []struct {
		at     rules.Instant
		policy string
		minute rules.Instant
		count  int64
	}{
		{may.Add(-time.Millisecond), past, may.Add(-24 * time.Hour), 1},
		{may, past, may, 1},
		{noon.Add(time.Minute), past, may, 2},
		{may.Add(24*time.Hour - time.Millisecond), past, may, 3},
		{noon.Add(24 * time.Hour), today, noon.Add(24 * time.Hour), 1},
		{noon.Add(25 * time.Hour), past, noon.Add(24 * time.Hour), 2},
		{noon.Add(36 * time.Hour), past, may.Add(48 * time.Hour), 1},
	} {
		as := r.Count(state.CountedIn(c.at, c.policy), sortOf("spring", ""))
		if r.Minute != c.minute || r.Counts[as].Count != c.count {
			t.Errorf("at %s, by %s: %d in %s, not %d in %s", c.at, c.policy, r.Counts[as].Count, r.Minute, c.count, c.minute)
		}
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
	for _, count := range r.Counts {
		sum += count.Count
	}
	if len(r.Counts) != state.MostSorts+1 || sum != n+1 {
		t.Errorf("%d sorts, %d decisions", len(r.Counts), sum)
	}
	if got := r.Counts[sortOf("campaign 0", "engine 0")].Count; got != 2 {
		t.Errorf("one that was told apart has %d", got)
	}
	if got := r.Counts[sortOf(state.ManySorts, state.ManySorts)].Count; got != n-state.MostSorts {
		t.Errorf("those that were not have %d", got)
	}
}

func TestRatesAreReadAsTheyWereWritten(t *testing.T) {
	r := state.Rates{Batch: 1<<53 + 1}
	for i := range 40 {
		r.Count(state.MinuteOf(rules.Instant(1_790_000_000_000+i)), sortOf(fmt.Sprint(i%3), "\x00 engine"))
	}
	r.Counts[sortOf("1", "\x00 engine")].Untold = false
	if len(r.Untold()) != 2 {
		t.Errorf("%v are untold", r.Untold())
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
	if got, err := state.DecodeRates(nil); err != nil || len(got.Counts) != 0 || got.Batch != 0 {
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
