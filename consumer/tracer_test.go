package consumer_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// follower is a Tracer that remembers.
type follower struct {
	mu      sync.Mutex
	batches []consumer.BatchTrace
	emitted map[string]int // positions of sources, by topic
}

func (f *follower) Batch(_ int32, b *consumer.BatchTrace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := *b
	kept.Stages, kept.Emitted = slices.Clone(b.Stages), nil
	f.batches = append(f.batches, kept)
	for _, e := range b.Emitted {
		if f.emitted == nil {
			f.emitted = make(map[string]int)
		}
		f.emitted[e.Topic]++
		if len(e.Record.Value) == 0 || len(e.Record.Headers) == 0 {
			f.emitted["empty"]++
		}
	}
}

// A Tracer is told of every batch and of everything that it emitted, once, with what each
// stage took and no time between them that nobody accounts for.
func TestATracerIsToldOfEveryBatch(t *testing.T) {
	st := newStage(traced(lifeOfAna()), memstate.New())
	f := &follower{}
	if !st.play(t, st.enter(nil), nil, func(c *consumer.Config) { c.Tracer = f }) {
		t.Fatal("the story has no end")
	}
	for _, topic := range []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.Standing, governor.DeadLetter} {
		if got, want := f.emitted[topic], st.log.size(topic); got != want || want == 0 {
			t.Errorf("told of %d records on %s, where there are %d", got, topic, want)
		}
	}
	if f.emitted["empty"] > 0 {
		t.Errorf("%d records are empty", f.emitted["empty"])
	}
	intents, signals, seen := 0, 0, map[consumer.StageName]bool{}
	for _, b := range f.batches {
		intents, signals = intents+b.Intents, signals+b.Signals
		last := b.Began
		for _, s := range b.Stages {
			if !s.Began.Equal(last) || s.Ended.Before(s.Began) {
				t.Errorf("%s began at %s and ended at %s; what was before it ended at %s", s.Name, s.Began, s.Ended, last)
			}
			last, seen[s.Name] = s.Ended, true
		}
		if b.Ended.Before(last) || b.Err != nil {
			t.Errorf("the batch ended at %s, its last stage at %s: %v", b.Ended, last, b.Err)
		}
	}
	if intents != st.log.size(governor.Intents) || signals != st.log.size(governor.Signals) {
		t.Errorf("told of %d intents and %d signals, of %d and %d", intents, signals, st.log.size(governor.Intents), st.log.size(governor.Signals))
	}
	for _, stage := range []consumer.StageName{consumer.StageFetch, consumer.StageLoad, consumer.StageDecide, consumer.StageCommit, consumer.StageEmit} {
		if !seen[stage] {
			t.Errorf("no batch has a stage %s", stage)
		}
	}
}

// A batch that fails is told with why, and nothing of it counts as emitted; to be told to
// stop is no failure.
func TestATracerIsToldWhatWentWrong(t *testing.T) {
	st := newStage(story{{noon, []input{intent("e", "ana", "email", "marketing", noon)}}, {noon.Add(time.Minute), nil}}, memstate.New())
	f, commits := &follower{}, 0
	if !st.play(t, st.enter(func(op string, _, _ int) fate {
		if op == opCommit {
			if commits++; commits == 2 { // the first takes the partition over
				return fails
			}
		}
		return goesWell
	}), nil, func(c *consumer.Config) { c.Tracer = f }) {
		t.Fatal("the story has no end")
	}
	failed := 0
	for _, b := range f.batches {
		if b.Err == nil {
			continue
		}
		failed++
		if !errors.Is(b.Err, errInjected) {
			t.Errorf("it says %v", b.Err)
		}
	}
	if failed != 1 || f.emitted[governor.Approved] != 1 {
		t.Errorf("told of %d failures and %d approvals", failed, f.emitted[governor.Approved])
	}
}
