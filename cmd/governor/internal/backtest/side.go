package backtest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// side is the replay under one of the policies.
type side struct {
	replay   *replay.Replay
	out      bytes.Buffer
	results  []result // of the last batch
	carryOut bool
	open     []approval // the first to end first; only where they are carried out
}

// approval is one that may still be acted on.
type approval struct {
	person, intent string
	until          rules.Instant
}

func newSide(ctx context.Context, p *rules.Policy, carryOut bool) (*side, error) {
	s := &side{carryOut: carryOut}
	var err error
	s.replay, err = replay.New(ctx, p, memstate.New(), &s.out)
	return s, err
}

// decide decides a batch of events.
func (s *side) decide(ctx context.Context, events []replay.Event) error {
	s.results = s.results[:0]
	for i := range events {
		e := &events[i]
		if err := s.act(ctx, e); err != nil {
			return err
		}
		if err := s.next(ctx, *e, i); err != nil {
			return err
		}
	}
	return nil
}

// act carries out, at the last moment, what would be too late when the event
// happens. What was acted on or taken back before is answered so, and stays as it is.
// What becomes due meanwhile is decided at its own time, for it may be carried out
// before the event as well.
func (s *side) act(ctx context.Context, e *replay.Event) error {
	for s.carryOut && e.Topic != "" {
		due, held := s.replay.NextDue()
		held = held && due < e.Arrived && due > s.replay.Now()
		late := len(s.open) > 0 && s.open[0].until <= e.Arrived
		var next any
		switch {
		case late && (!held || s.open[0].until-1 < due):
			a := s.open[0]
			s.open = s.open[1:]
			next = recorded{max(a.until-1, s.replay.Now()).String(), "redeem", &asks{a.intent, a.person}}
		case held:
			next = recorded{due.String(), "tick", nil}
		default:
			return nil
		}
		text, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("carry out an approval: %w", err)
		}
		if err := s.next(ctx, replay.Event{Line: e.Line, Text: text}, -1); err != nil {
			return err
		}
	}
	return nil
}

// recorded is a line that the recording does not have.
type recorded struct {
	Arrived string `json:"arrived"`
	Topic   string `json:"topic"`
	Value   *asks  `json:"value,omitzero"`
}

type asks struct {
	Intent string `json:"intent"`
	Person string `json:"person"`
}

// next decides one event, the n-th of the batch, and notes what came of it.
func (s *side) next(ctx context.Context, e replay.Event, n int) error {
	if err := s.replay.Next(ctx, e); err != nil {
		return err
	}
	if err := s.replay.Flush(); err != nil {
		return err
	}
	defer s.out.Reset()
	for line := range bytes.Lines(s.out.Bytes()) {
		if err := s.note(line, e.Topic, n); err != nil {
			return fmt.Errorf("read what was decided: %w", err)
		}
	}
	return nil
}

// note reads a line of the replay, if it is about an intent.
func (s *side) note(line []byte, topic string, n int) error {
	is := func(topic string) bool { return bytes.HasPrefix(line, []byte(`{"topic":"`+topic+`"`)) }
	decision := is(governor.Approved) || is(governor.Vetoed)
	if !decision && !is(governor.Revoked) && !(is(governor.DeadLetter) && topic == governor.Intents) {
		return nil
	}
	var w struct {
		Value   jsontext.Value    `json:"value"`
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(line, &w, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return err
	}
	switch {
	case is(governor.Revoked):
		s.results = append(s.results, result{verdict: revoked})
	case !decision:
		why := w.Headers["__connect.errors.exception.message"]
		s.results = append(s.results, result{verdict: unreadable, event: n, rule: Rule{Reason: "dead letter"}, reasons: []string{why}})
	default:
		d, err := schemas.DecodeDecision(w.Value)
		if err != nil {
			return err
		}
		s.decided(&d)
	}
	return nil
}

func (s *side) decided(d *schemas.Decision) {
	r := result{verdict: approved, decision: rules.DecisionID(d.ID)}
	if d.Verdict != schemas.Approved {
		r.verdict = vetoed
		r.rule = Rule{d.Reason, d.Reasons[0].Line}
		for _, o := range d.Reasons {
			if text := o.Reason + ": " + o.Detail; !slices.Contains(r.reasons, text) {
				r.reasons = append(r.reasons, text)
			}
		}
	} else if s.carryOut {
		until := rules.Instant(d.NotAfter)
		i, _ := slices.BinarySearchFunc(s.open, until, func(a approval, u rules.Instant) int { return cmp.Compare(a.until, u) })
		s.open = slices.Insert(s.open, i, approval{d.Person, d.Intent, until})
	}
	s.results = append(s.results, r)
}
