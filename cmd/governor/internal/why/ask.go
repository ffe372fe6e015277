package why

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
)

// Question asks why somebody was contacted, or left alone.
type Question struct {
	ID     string         // of an intent or a decision; "" for all that happened to the person
	Person rules.PersonID // whose; "" where that is not known. Known, only their partition is read
	Last   int64          // how many of the latest records of each topic and partition are looked at; 0: all

	Policy *rules.Policy // that is in force now
	Now    rules.Instant

	Told func(done, all int64) // hears how many records were looked at; it may be nil
}

// What is wrong with a question.
var (
	ErrNotThere = errors.New("there is nothing about it")
	ErrWhose    = errors.New("several people have an intent of this id")
)

// Answer is all that was found.
type Answer struct {
	Stories []Story  `json:"stories,omitempty"` // of the id, one
	Person  []Event  `json:"person,omitempty"`  // all that happened to a person, in the order of time
	Letters []Letter `json:"letters,omitempty"` // dead letters in which the id stands
	Looked  []Looked `json:"looked"`            // how far back
	Merged  bool     `json:"merged,omitempty"`  // the person has other records, of which nothing is told here
}

// Letter is a dead letter that may be the intent.
type Letter struct {
	Letter string `json:"letter"` // partition/offset
	At     string `json:"at"`
	Reason string `json:"reason"`
}

// Ask answers a question from the log. The error is ErrNotThere or ErrWhose, with what
// was looked at in the answer, or what went wrong with reading.
func Ask(ctx context.Context, log Log, q *Question) (*Answer, error) {
	s := &search{log: log, q: q, find: &zones.Finder{}}
	s.reader = governor.Reader{Policy: q.Policy, Zones: s.find}
	n, err := log.Partitions(ctx)
	if err != nil {
		return &s.out, err
	}
	person := q.Person
	if person == "" {
		if person, err = s.whose(ctx, n); err != nil {
			return &s.out, err
		}
	}
	s.out.Looked = nil // of the topics that are read now
	partition := log.PartitionOf([]byte(person), n)
	if err := s.read(ctx, theirs(), []int32{partition}, func(r *consumer.Record, at *span) error {
		if string(r.Key) == string(person) {
			found := at.record(r)
			if at.topic == governor.Intents || at.topic == governor.Signals {
				found.value = bytes.Clone(s.message(r))
			}
			s.records = append(s.records, found)
		}
		return nil
	}); err != nil {
		return &s.out, err
	}
	s.person = person
	if q.ID == "" {
		return &s.out, s.life()
	}
	return &s.out, s.story(ctx)
}

// search looks for an answer.
type search struct {
	log       Log
	q         *Question
	find      *zones.Finder
	reader    governor.Reader
	person    rules.PersonID
	records   []record // of the person, by topic, then by offset
	out       Answer
	done, all int64
}

// whose finds out whose an id is: by the decisions, or, where there is none, by the
// intents; and whether it is a dead letter.
func (s *search) whose(ctx context.Context, n int32) (rules.PersonID, error) {
	var partitions []int32
	for p := range n {
		partitions = append(partitions, p)
	}
	var found []rules.PersonID
	note := func(id string) {
		if person := rules.PersonID(id); id != "" && !slices.Contains(found, person) {
			found = append(found, person)
		}
	}
	id := []byte(s.q.ID)
	look := func(topics []string, visit func(*consumer.Record, *span)) error {
		return s.read(ctx, topics, partitions, func(r *consumer.Record, at *span) error {
			if bytes.Contains(r.Value, id) || bytes.ContainsRune(r.Value, '\\') { // an id may be escaped
				visit(r, at)
			}
			return nil
		})
	}
	if err := look([]string{governor.Approved, governor.Vetoed}, func(r *consumer.Record, _ *span) {
		if d, err := schemas.DecodeDecision(r.Value); err == nil && about(&d, s.q.ID) {
			note(d.Person)
		}
	}); err != nil {
		return "", err
	}
	if len(found) == 0 {
		if err := look([]string{governor.Intents, governor.DeadLetter}, func(r *consumer.Record, at *span) {
			if at.topic == governor.DeadLetter {
				s.letter(r, at)
			} else if in, _, err := schemas.DecodeIntent(s.message(r)); err == nil && in.ID == s.q.ID {
				note(in.Person)
			}
		}); err != nil {
			return "", err
		}
	}
	switch len(found) {
	case 0:
		return "", ErrNotThere
	case 1:
		return found[0], nil
	}
	return "", ErrWhose
}

// about says whether a decision is the one that is asked for, or about the intent that is.
func about(d *schemas.Decision, id string) bool {
	return d.ID == id || d.Intent == id || slices.Contains(d.Items, id)
}

// message is what is in a record, be it in an envelope or not.
func (s *search) message(r *consumer.Record) []byte {
	headers := make([]schemas.Header, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = schemas.Header(h)
	}
	value, _, err := schemas.Unwrap(headers, r.Value)
	if err != nil {
		return r.Value
	}
	return value
}

// quoted is an id as it stands in a record that may be no JSON.
func quoted(id string) []byte { return []byte(`"` + id + `"`) }

// letter notes a dead letter in which the id stands as a text of its own.
func (s *search) letter(r *consumer.Record, at *span) {
	if !bytes.Contains(r.Value, quoted(s.q.ID)) {
		return
	}
	l := Letter{Letter: fmt.Sprintf("%d/%d", at.partition, r.Offset), At: text(rules.At(r.Time))}
	for _, h := range r.Headers {
		if h.Key == schemas.ErrorMessage {
			l.Reason = string(h.Value)
		}
	}
	s.out.Letters = append(s.out.Letters, l)
}
