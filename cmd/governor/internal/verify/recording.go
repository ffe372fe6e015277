package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Recording is what governor replay read and wrote. It has one partition, and no
// batches; which intent a decision is about is found by its id.
type Recording struct {
	records map[string][]Record
	asked   []ask // lines by which workers ask, in order
	lines   int
}

// ReadRecording reads the events that a replay was given, and its outputs.
func ReadRecording(events, out io.Reader) (*Recording, error) {
	r := &Recording{records: make(map[string][]Record)}
	if err := r.events(events); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	if err := r.outputs(out); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
	}
	return r, nil
}

// Options are what is known of any recording.
func (r *Recording) Options() Options {
	return Options{Recording: true, Settled: true}
}

// Len is how many records there are.
func (r *Recording) Len() int { return r.lines }

// Partitions is the one that there is.
func (r *Recording) Partitions() []int32 { return []int32{0} }

// Read visits the records of a topic.
func (r *Recording) Read(_ context.Context, topic string, _ int32, visit func(*Record) error) (int64, error) {
	for i := range r.records[topic] {
		if err := visit(&r.records[topic][i]); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// eachLine reads JSON objects, one a line.
func eachLine(in io.Reader, visit func(number int64, text []byte) error) error {
	lines := bufio.NewReaderSize(in, 1<<20)
	for number := int64(1); ; number++ {
		text, err := readLine(lines)
		if len(bytes.TrimSpace(text)) > 0 {
			if err := visit(number, text); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}

// events makes records of what was read. The place of an intent is its line; a
// signal's is how many there were before it, for that is what decisions tell.
func (r *Recording) events(in io.Reader) error {
	return eachLine(in, func(number int64, text []byte) error {
		var m struct {
			Arrived string         `json:"arrived"`
			Topic   string         `json:"topic"`
			Value   jsontext.Value `json:"value"`
		}
		if err := json.Unmarshal(text, &m, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return fmt.Errorf("write {\"arrived\":…,\"topic\":…,\"value\":…}: %w", err)
		}
		if m.Topic == recorded {
			r.asked = append(r.asked, readAsk(m.Value, m.Arrived, len(r.records[Signals])))
		}
		if m.Topic != Intents && m.Topic != Signals {
			return nil // time passes
		}
		e := Record{Place: Place{m.Topic, 0, number}, Time: instant(m.Arrived), Value: m.Value, Headers: []Header{{"line", strconv.AppendInt(nil, number, 10)}}}
		if m.Topic == Signals {
			e.Offset = int64(len(r.records[Signals]))
		}
		var who struct {
			Person string `json:"person"`
		}
		if json.Unmarshal(m.Value, &who, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil {
			e.Key = []byte(who.Person) // a recording has no keys; an unreadable no is hers, if she is legible
		}
		r.put(e)
		return nil
	})
}

func (r *Recording) put(e Record) {
	r.records[e.Topic] = append(r.records[e.Topic], e)
	r.lines++
}

// outputs makes records of what was written.
func (r *Recording) outputs(in io.Reader) error {
	asked := make(map[[2]string][]int64) // person and intent → lines
	for i := range r.records[Intents] {
		e := &r.records[Intents][i]
		q := readIntent(e, &entry{Place: e.Place})
		asked[[2]string{q.person, q.id}] = append(asked[[2]string{q.person, q.id}], q.Offset)
	}
	workers := r.workers()
	return eachLine(in, func(number int64, text []byte) error {
		var m struct {
			Topic   string            `json:"topic"`
			Value   jsontext.Value    `json:"value"`
			Headers map[string]string `json:"headers"`
		}
		if err := json.Unmarshal(text, &m, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return fmt.Errorf("write {\"topic\":…,\"value\":…}, as governor replay does: %w", err)
		}
		var v struct {
			ID     string `json:"id"`
			Person string `json:"person"`
			Intent string `json:"intent"`
		}
		_ = decode(m.Value, &v) // a dead letter may be anything
		e := Record{Place: Place{m.Topic, 0, number}, Value: m.Value, Key: []byte(v.Person)}
		switch m.Topic {
		case recorded:
			var err error
			if e, err = workers.answer(number, m.Value); err != nil {
				return err
			}
		case Redeemed:
			e.Headers = workers.question(&e)
		case Approved, Vetoed:
			workers.decided(&e)
			who := [2]string{v.Person, v.Intent}
			at, rest := claim(v.ID, who, asked[who])
			if asked[who] = rest; at >= 0 {
				e.Headers = append(e.Headers, Header{"governor_source", []byte(Place{Intents, 0, at}.String())})
			}
		case DeadLetter:
			e.Headers = r.letterHeaders(m.Headers)
		}
		r.put(e)
		return nil
	})
}

// claim finds the line that a decision is about: the one whose place its id takes,
// or else the first of which no decision was found yet.
func claim(id string, who [2]string, lines []int64) (line int64, rest []int64) {
	for i, l := range lines {
		if id == idOf(who[0], who[1], Place{Intents, 0, l}.String()) || id == idOf(who[0], who[1]) {
			return l, append(append([]int64(nil), lines[:i]...), lines[i+1:]...)
		}
	}
	return -1, lines
}

// letterHeaders are a dead letter's, with a signal's line made into its place.
func (r *Recording) letterHeaders(told map[string]string) (headers []Header) {
	for name, value := range told {
		if name == errorHeaders+"offset" && told[errorHeaders+"topic"] == Signals {
			for i := range r.records[Signals] {
				if s := &r.records[Signals][i]; string(s.Headers[0].Value) == value {
					value = strconv.FormatInt(s.Offset, 10)
					break
				}
			}
		}
		headers = append(headers, Header{name, []byte(value)})
	}
	return headers
}
