// Package backtest decides one recording under two policies, side by side, and
// tells where they part: what each would have approved that the other did not.
//
// Both sides are whole replays of their own. What one of them decides differently
// changes what it decides later, as it would have in the world; what the people would
// then have said and done nobody knows, so the recording says it for both.
//
// It reads the recording once, line by line. It keeps the people, as every replay
// does; the intents that one side has not decided yet; and a count, with one example,
// for every campaign, rule and day at which the two part.
package backtest

import (
	"context"
	"fmt"
	"io"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
)

// Question asks for the difference between two policies.
type Question struct {
	A, B *rules.Policy

	// CarryOut takes every approval of which the recording does not say what became
	// of it as one that was acted on, at the last moment. Otherwise it expires, and
	// gives its slot back.
	CarryOut bool

	Told func(line int) // is called now and then with the line that was reached; may be nil
}

// batch is how many lines a side decides before the other is waited for.
const batch = 512

// Run decides the recording under both policies. The error is a *replay.LineError
// where a line cannot be read.
func Run(ctx context.Context, q *Question, recording io.Reader) (*Report, error) {
	a, err := newSide(ctx, q.A, q.CarryOut)
	if err != nil {
		return nil, err
	}
	b, err := newSide(ctx, q.B, q.CarryOut)
	if err != nil {
		return nil, err
	}
	m := newMerger(q)
	events := make([]replay.Event, 0, batch)
	decide := func() error {
		if len(events) == 0 {
			return nil
		}
		done := make(chan error, 1)
		go func() { done <- a.decide(ctx, events) }()
		wrongB := b.decide(ctx, events)
		wrongA := <-done
		if wrongA != nil || wrongB != nil { // the same line for both, or a cause of its own
			return first(wrongA, wrongB)
		}
		m.take(events, a.results, b.results)
		events = events[:0]
		return nil
	}
	for e, err := range replay.Events(recording) {
		if err != nil {
			return nil, err
		}
		if events = append(events, e); len(events) == batch {
			if err := decide(); err != nil {
				return nil, err
			}
		}
	}
	if err := decide(); err != nil {
		return nil, err
	}
	return m.report(), nil
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// result is what became of an intent on one side.
type result struct {
	verdict  verdict
	decision rules.DecisionID // whose it is; "" of a dead letter: that of the event itself
	event    int              // of a dead letter: which event of the batch
	rule     Rule             // the first that objected
	reasons  []string
}

type verdict uint8

const (
	waiting verdict = iota
	approved
	vetoed
	unreadable
	revoked // not a verdict, but what came of one
)

// String is the verdict in a word.
func (v verdict) String() string {
	switch v {
	case approved:
		return "approved"
	case vetoed:
		return "vetoed"
	case unreadable:
		return "a dead letter"
	}
	return "waiting"
}

// Rule is a rule that objected: its reason, and where it stands.
type Rule struct {
	Reason string `json:"reason"`
	Line   string `json:"line"`
}

// String is the reason, and where the rule stands if that is not the core.
func (r Rule) String() string {
	if r.Line == "core" || r.Line == "" {
		return r.Reason
	}
	return fmt.Sprintf("%s (%s)", r.Reason, r.Line)
}
