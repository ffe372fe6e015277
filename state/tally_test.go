package state_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// What is added up is there to be found, by rule and period, and what comes to
// nothing is not kept.
func TestATallyAddsUp(t *testing.T) {
	var tally state.Tally
	count := func(rule string, from rules.Instant, answered, abandoned int) {
		tally.Add(state.Count{Rule: rule, From: from, Until: from + 10, Answered: answered, Abandoned: abandoned})
	}
	count("b", 20, 1, 0)
	count("b", 10, 1, 1)
	count("a", 20, 1, 0)
	count("b", 20, 2, 1)
	before := tally.Clone()
	count("b", 10, -1, -1)
	if got, want := tally.Find("b", 20), (state.Count{Rule: "b", From: 20, Until: 30, Answered: 3, Abandoned: 1}); got != want {
		t.Errorf("found %+v, want %+v", got, want)
	}
	if got := tally.Find("b", 10); got != (state.Count{}) {
		t.Errorf("found %+v, want nothing", got)
	}
	if len(tally.Counts) != 2 || len(before.Counts) != 3 {
		t.Errorf("%+v, and before it %+v", tally, before)
	}
	tally.Forget(29)
	if len(tally.Counts) != 2 {
		t.Errorf("a period was forgotten that was not over: %+v", tally)
	}
	tally.Forget(30)
	if len(tally.Counts) != 0 {
		t.Errorf("a period that was over is still there: %+v", tally)
	}
}

func TestATallyIsReadAsItWasWritten(t *testing.T) {
	whole := state.Tally{First: 1_790_000_000_123, Settled: true, Counts: []state.Count{
		{Rule: "abandon.rate.tsr", From: 1_790_000_000_123, Until: 1_792_592_000_123, Answered: 100, Abandoned: 3},
		{Rule: "abandon.rate.tsr", From: 1_792_592_000_123, Until: 1_795_184_000_123, Answered: -1, Abandoned: 1},
	}}
	for what, tally := range map[string]state.Tally{"whole": whole, "only begun": {First: 5}, "moved here": {Counts: whole.Counts[1:]}, "nothing": {}} {
		b, err := state.EncodeTally(&tally)
		if err != nil {
			t.Fatal(err)
		}
		got, err := state.DecodeTally(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tally, got); diff != "" {
			t.Errorf("%s (-written +read):\n%s", what, diff)
		}
	}
	b, err := state.EncodeTally(&whole)
	const want = `{"first":"2026-09-21T14:13:20.123Z","settled":true,"counts":[` +
		`{"rule":"abandon.rate.tsr","from":"2026-09-21T14:13:20.123Z","until":"2026-10-21T14:13:20.123Z","answered":100,"abandoned":3},` +
		`{"rule":"abandon.rate.tsr","from":"2026-10-21T14:13:20.123Z","until":"2026-11-20T14:13:20.123Z","answered":-1,"abandoned":1}]}`
	if err != nil || string(b) != want {
		t.Errorf("written as %s, %v", b, err)
	}
	for _, bad := range []string{"{", `{"later":1}`, `{"first":"soon"}`, `{"counts":[{"rule":"r","from":"x","until":"y"}]}`} {
		if got, err := state.DecodeTally([]byte(bad)); err == nil {
			t.Errorf("%s is read as %+v", bad, got)
		}
	}
}
