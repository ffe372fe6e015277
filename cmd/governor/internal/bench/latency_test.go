package bench

import (
	"testing"
	"time"
)

// Whoever makes the intents shares the machine: a rate that they do not come at is not kept up with, however soon
// each is decided.
func TestARateIsNotKeptUpWithWhereIntentsComeTooLate(t *testing.T) {
	at := func(seconds float64) time.Time {
		return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
	}
	for name, c := range map[string]struct {
		lastIntent, lastDecision, want float64
	}{
		"both keep up":                     {19.995, 20.25, 0.25},
		"the governor does not":            {19.995, 25, 5},
		"who makes them does not":          {29.5, 30, 10},
		"decided before the end of a tick": {19.990, 19.998, 0},
	} {
		came, went := span{at(0), at(c.lastIntent)}, span{at(0.01), at(c.lastDecision)}
		if got := behind(came, went, 20_000, 1000); got != c.want {
			t.Errorf("%s: %v s behind, want %v", name, got, c.want)
		}
	}
}

// The highest rate is found in a few steps also where it is far below the first that is tried.
func TestTheNextRateIsWhatWasDecidedAtMost(t *testing.T) {
	for behind, want := range map[float64]float64{1.1: 850, 5: 800, 20: 500, 60: 250} {
		if got := slower(1000, 20*time.Second, behind); got != want {
			t.Errorf("%v s behind: next are %v a second, want %v", behind, got, want)
		}
	}
}

// Until all were decided is from when the governor was started: how long was waited for Redis before is not its.
func TestHowLongARunTook(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	run := Run{N: 300, began: began}
	run.timed(span{began.Add(time.Second), began.Add(4 * time.Second)})
	if run.Total != 4 || run.FirstToLast != 3 || run.Rate != 100 {
		t.Errorf("%v s, %v s from first to last, %v a second", run.Total, run.FirstToLast, run.Rate)
	}
}
