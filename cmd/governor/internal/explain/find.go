package explain

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// Explain answers a question from a history. The error is a *replay.LineError where
// a line could not be read before the answer was found, a *schemas.Malformed where
// the intent that nobody made cannot be, and ErrNotThere or ErrWhose.
func Explain(ctx context.Context, q *Question, history io.Reader) (*Explanation, error) {
	s := &search{q: q, told: &told{}, x: Explanation{Policy: q.Policy.Name(), Hash: q.Policy.Hash(), Intent: string(q.Intent)}}
	var err error
	if s.replay, err = replay.New(ctx, q.Policy, memstate.New(), s.told); err != nil {
		return nil, err
	}
	if q.Intent != "" && q.At == 0 {
		err = s.follow(ctx, history)
	} else {
		err = s.suppose(ctx, history)
	}
	if err != nil {
		return nil, err
	}
	return &s.x, nil
}

// search looks for the moment at which the intent is judged.
type search struct {
	q      *Question
	replay *replay.Replay
	told   *told
	line   int
	whose  rules.PersonID
	came   int // how often the id came
	x      Explanation

	moment governor.Moment // once found: what the rules are asked, or will be if nothing else happens
	found  bool
	done   bool // it was decided, or never will be
}

// follow goes through the history up to the decision on the intent, and then looks
// whether the id comes again.
func (s *search) follow(ctx context.Context, history io.Reader) error {
	for e, err := range replay.Events(history) {
		if err != nil {
			return err
		}
		first, err := s.first(e)
		if err != nil {
			return err
		}
		if s.done {
			continue
		}
		if err := s.next(ctx, e, first); err != nil {
			return err
		}
	}
	s.x.Again = max(0, s.came-1)
	switch {
	case s.done:
		return nil
	case !s.found:
		return ErrNotThere
	}
	s.x.Supposed = "the history ends while it waits for others, and nothing else happens"
	return s.wait(ctx)
}

// first says whether the event is the intent, and the first of this id.
func (s *search) first(e replay.Event) (bool, error) {
	if e.Topic != governor.Intents || s.q.Intent == "" {
		return false, nil
	}
	var name struct {
		ID     rules.IntentID `json:"id"`
		Person rules.PersonID `json:"person"`
	}
	err := json.Unmarshal(e.Value, &name, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil || name.ID != s.q.Intent {
		return false, nil // what it is then, the replay says
	}
	if s.whose == "" {
		s.whose = cmp.Or(s.q.Person, name.Person)
	}
	if name.Person != s.whose {
		if s.q.Person == "" {
			return false, ErrWhose
		}
		return false, nil
	}
	s.came++
	return s.came == 1, nil
}

// next plays one event, which is the intent or not.
func (s *search) next(ctx context.Context, e replay.Event, first bool) error {
	switch {
	case s.found:
		m, waits, err := s.replay.ConsultHeld(ctx, s.moment.Intent.Person, s.q.Intent)
		if err != nil {
			return err
		}
		if waits && m.Now <= e.Arrived {
			s.moment = m // it is judged before the event happens
		}
	case first:
		if err := s.ask(ctx, e); err != nil {
			return err
		}
	}
	return s.play(ctx, e)
}

// ask notes what the rules are asked about the intent of the event.
func (s *search) ask(ctx context.Context, e replay.Event) error {
	m, err := s.replay.Consult(ctx, e)
	if malformed := (*schemas.Malformed)(nil); errors.As(err, &malformed) {
		s.x.Unreadable, s.x.Arrived, s.done = malformed.Error(), instant(e.Arrived), true
		return nil
	}
	if err != nil {
		return err
	}
	s.moment, s.found = m, true
	s.x.Arrived = instant(e.Arrived)
	s.x.about(&m.Intent, s.q.Policy)
	return nil
}

// play decides the event. If that decides the intent, what the rules had to say is
// told.
func (s *search) play(ctx context.Context, e replay.Event) error {
	s.line = e.Line
	if err := errors.Join(s.replay.Next(ctx, e), s.replay.Flush()); err != nil {
		return err
	}
	if !s.found {
		s.told.Reset()
		return nil
	}
	lines, err := s.told.decisions()
	if err != nil {
		return err
	}
	for i := range lines {
		d := &lines[i]
		if d.Person == string(s.moment.Intent.Person) && slices.Contains(d.Items, s.x.Intent) && d.Intent != s.x.Intent {
			s.x.SpokenFor = d.Intent
		}
		if rules.DecisionID(d.ID) == s.moment.Decision {
			s.done = true
			s.tell(d)
		}
	}
	return nil
}

// wait lets time pass until the notice is due, if nothing else happens.
func (s *search) wait(ctx context.Context) error {
	m, waits, err := s.replay.ConsultHeld(ctx, s.moment.Intent.Person, s.moment.Intent.ID)
	if err != nil {
		return err
	}
	if !waits {
		return fmt.Errorf("intent %q is neither decided nor waiting", s.moment.Intent.ID)
	}
	s.moment = m
	return s.play(ctx, s.event("tick", m.Now, nil))
}

// suppose asks an intent that nobody made, or one of the history once more, against
// what the history has come to by then.
func (s *search) suppose(ctx context.Context, history io.Reader) error {
	value, at := s.q.New, s.q.At
	for e, err := range replay.Events(history) {
		if err != nil {
			return err
		}
		if s.q.At != 0 && e.Topic != "" && e.Arrived > s.q.At {
			break
		}
		first, err := s.first(e)
		if err != nil {
			return err
		}
		if first {
			value = e.Value
		}
		if err := s.play(ctx, e); err != nil {
			return err
		}
		at = max(at, e.Arrived)
	}
	switch {
	case value == nil:
		return ErrNotThere
	case at == 0:
		return ErrWhen
	}
	value, err := s.supposed(value, at)
	if err != nil {
		return err
	}
	e := s.event(governor.Intents, at, value)
	if err := s.ask(ctx, e); err != nil {
		return err
	}
	if s.x.Unreadable != "" {
		return &schemas.Malformed{Reason: s.x.Unreadable}
	}
	if err := s.play(ctx, e); err != nil || s.done {
		return err
	}
	s.x.Supposed += "; it waits for others, and nothing else happens"
	return s.wait(ctx)
}

// supposed is the intent as it is asked: one of the history under a new id, and made
// at the moment; one that nobody made with what it does not say.
func (s *search) supposed(value []byte, at rules.Instant) ([]byte, error) {
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(value, &fields); err != nil {
		return nil, &schemas.Malformed{Reason: "is no intent: write a JSON object: " + err.Error()}
	}
	set := func(name string, to string, over bool) {
		if _, there := fields[name]; !there || over {
			fields[name], _ = json.Marshal(to) // of a string it cannot fail
		}
	}
	again := s.q.Intent != ""
	set("at", at.String(), again)
	if again {
		sum := sha256.Sum256([]byte(s.q.Intent))
		set("id", "again-"+hex.EncodeToString(sum[:8]), true)
		s.x.Supposed = "asked once more at " + at.String() + ", under a new id"
	} else {
		set("id", "supposed", false)
		s.x.Supposed = "asked at " + at.String() + ", by nobody"
		var id string
		if json.Unmarshal(fields["id"], &id) == nil {
			s.x.Intent = id
		}
	}
	return json.Marshal(fields, json.Deterministic(true))
}

// event is one that the history does not have.
func (s *search) event(topic string, at rules.Instant, value jsontext.Value) replay.Event {
	text, _ := json.Marshal(struct { // of what was read it cannot fail
		Arrived string         `json:"arrived"`
		Topic   string         `json:"topic"`
		Value   jsontext.Value `json:"value,omitzero"`
	}{at.String(), topic, value})
	return replay.Event{Line: s.line + 1, Text: text, Topic: topic, Arrived: at, Value: value}
}

// told collects what a replay writes.
type told struct{ bytes.Buffer }

// decisions are those that were written since they were asked for last.
func (t *told) decisions() ([]schemas.Decision, error) {
	defer t.Reset()
	var out []schemas.Decision
	for text := range bytes.Lines(t.Bytes()) {
		var l struct {
			Topic string         `json:"topic"`
			Value jsontext.Value `json:"value"`
		}
		if !bytes.HasPrefix(text, []byte(`{"topic":"contact.approved"`)) && !bytes.HasPrefix(text, []byte(`{"topic":"contact.vetoed"`)) {
			continue
		}
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("read what was decided: %w", err)
		}
		d, err := schemas.DecodeDecision(l.Value)
		if err != nil {
			return nil, fmt.Errorf("read what was decided: %w", err)
		}
		out = append(out, d)
	}
	return out, nil
}
