package replay

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Event is one line of a recording, for whoever wants to look in between. Of a line
// that cannot be read Topic is empty; Next says why.
type Event struct {
	Line    int    // from 1 on
	Text    []byte // the line itself
	Topic   string
	Arrived rules.Instant
	Value   []byte
}

// Events reads a recording line by line. Blank lines are left out, though counted.
// What an event holds is its reader's own. The error is a *LineError, and the end.
func Events(in io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		lines := bufio.NewScanner(in)
		lines.Buffer(make([]byte, 64<<10), maxLine)
		number := 0
		for lines.Scan() {
			number++
			if len(bytes.TrimSpace(lines.Bytes())) > 0 && !yield(read(number, bytes.Clone(lines.Bytes())), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = fmt.Errorf("is longer than %d MiB, and no record is that large; is it one JSON object a line?", maxLine>>20)
			}
			yield(Event{}, &LineError{number + 1, err})
		}
	}
}

func read(number int, text []byte) Event {
	e := Event{Line: number, Text: text}
	var raw event
	if err := json.Unmarshal(text, &raw, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return e
	}
	at, err := schemas.ParseTime(raw.Arrived)
	if err != nil {
		return e
	}
	e.Topic, e.Arrived, e.Value = raw.Topic, rules.Instant(at), raw.Value
	return e
}

// Next decides the next line. The error is a *LineError if that could not be read.
// What was decided is written once Flush is called.
func (r *Replay) Next(ctx context.Context, e Event) error {
	r.line = int64(e.Line)
	if err := r.Line(ctx, e.Text); err != nil {
		return &LineError{e.Line, err}
	}
	return nil
}

// Flush writes what was decided so far, with the rates as they are.
func (r *Replay) Flush() error { return errors.Join(r.tellRates(), r.out.Flush()) }

// Now is the present of the replay; 0 before the first line.
func (r *Replay) Now() rules.Instant { return r.governor.Now() }

// NextDue is when the next of what waits is due, if anything does.
func (r *Replay) NextDue() (rules.Instant, bool) { return r.governor.NextDue() }

// Consult is what the rules will be asked about the intent of an event that is the
// next: time moves to its arrival, and what is due by then is decided. The intent
// itself is not decided, and brings nothing about. The error is a
// *schemas.Malformed if the intent will be a dead letter.
func (r *Replay) Consult(ctx context.Context, e Event) (governor.Moment, error) {
	if e.Arrived > r.governor.Now() {
		if err := r.advance(ctx, e.Arrived); err != nil {
			return governor.Moment{}, err
		}
	}
	in, _, err := r.reader.Intent(e.Value, e.Arrived)
	if err != nil {
		return governor.Moment{}, err
	}
	if err := r.bring(ctx, func() []rules.PersonID { return r.governor.Involves(&in) }); err != nil {
		return governor.Moment{}, err
	}
	src := governor.Source{Topic: e.Topic, Partition: partition, Offset: int64(e.Line)}
	return r.governor.Consult(src, &in)
}

// ConsultHeld is what the rules will be asked about an intent that waits, when it is
// due and if nothing else happens until then; false if it does not wait.
func (r *Replay) ConsultHeld(ctx context.Context, person rules.PersonID, id rules.IntentID) (governor.Moment, bool, error) {
	if err := r.remember(ctx, person); err != nil {
		return governor.Moment{}, false, err
	}
	return r.governor.ConsultHeld(person, id)
}
