package scenario

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
)

// The topics of a recording, as the contract names them.
const (
	topicIntents = "contact.intents"
	topicSignals = "contact.signals"
	topicRedeem  = "redeem"
	topicTick    = "tick"
)

// line is one event as it was told: it may happen several times, and several
// things may happen in it.
type line struct {
	at      rules.Position
	told    string // the words, as they are written
	own     string // the intent that it is about, perhaps a span; "" if about none
	expects []*expectation
	steps   []int            // of the scenario, those that what is expected is about, in their order
	of      map[string][]int // those of each intent
	last    int              // the last step that it has
	whole   bool             // it is the end, and nothing happens
}

// step is one event as it happens.
type step struct {
	at    rules.Instant
	topic string
	who   rules.PersonID // of the intent, or who is named by the redeem
	id    rules.IntentID // of the intent or the redeem
	value string         // JSON
	line  *line
	must  bool // the redeem must be answered with ok

	erases  bool // somebody asks to be forgotten
	unnamed bool // it is a signal, and its id is yet to be given
}

// sentence is one thing that happens in a line, as it is being read.
type sentence struct {
	topic  string
	fields []field
	who    string // names or spans, as they are written
	id     string
	names  []token // all names, which must be spans of one length or none
	must   bool

	raw string // the record, if it is written out

	unnamed bool
	erases  bool
	nowhere bool // in no zone was said
}

// field is one field of a record, with how it is written in the n-th time, which
// arrives at an instant.
type field struct {
	name string
	json func(n int, arrived rules.Instant) string
}

// text adds a field that is a text.
func (s *sentence) text(name string, t token) {
	s.names = append(s.names, t)
	s.put(name, func(n int, _ rules.Instant) string { return quote(nth(t.text, n)) })
}

// plain adds a field that is the same each time.
func (s *sentence) plain(name string, value any) {
	b, _ := json.Marshal(value) // texts, numbers and lists of them can always be written
	s.put(name, func(int, rules.Instant) string { return string(b) })
}

// moment adds a field that is a time.
func (s *sentence) moment(name string, m moment) {
	s.put(name, func(_ int, arrived rules.Instant) string { return quote(wire(m.of(arrived))) })
}

func (s *sentence) put(name string, json func(int, rules.Instant) string) {
	s.fields = append(s.fields, field{name, json})
}

func (s *sentence) has(name string) bool {
	return slices.ContainsFunc(s.fields, func(f field) bool { return f.name == name })
}

// json is the record in the n-th time.
func (s *sentence) json(n int, arrived rules.Instant) string {
	var b strings.Builder
	for _, f := range s.fields {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(f.name) + ":" + f.json(n, arrived))
	}
	return "{" + b.String() + "}"
}

// wire is an instant as records have it.
func wire(at rules.Instant) string { return at.Time().Format("2006-01-02T15:04:05.999Z07:00") }

// Record is one line of a recording: what arrives, and when.
type Record struct {
	Arrived rules.Instant
	Topic   string
	Value   []byte // JSON; nil if the topic has none
}

// AppendJSON appends the record as `governor replay` reads it, without a line end.
func (r Record) AppendJSON(b []byte) []byte {
	b = append(b, `{"arrived":"`+wire(r.Arrived)+`","topic":`+quote(r.Topic)...)
	if r.Value != nil {
		b = append(append(b, `,"value":`...), r.Value...)
	}
	return append(b, '}')
}

// Recording is all that arrives in the scenario, in order. A signal that has no
// name in the scenario is called s1, s2 and so on.
func (s *Scenario) Recording() []Record {
	out := make([]Record, len(s.steps))
	for i, e := range s.steps {
		out[i] = Record{Arrived: e.at, Topic: e.topic}
		if e.value != "" {
			out[i].Value = []byte(e.value)
		}
	}
	return out
}

// nameSignals gives an id to each signal that has none.
func (b *builder) nameSignals(steps []step) {
	n := 0
	for i := range steps {
		if !steps[i].unnamed {
			continue
		}
		for n++; b.named["s"+strconv.Itoa(n)]; n++ {
		}
		steps[i].value = `{"id":"s` + strconv.Itoa(n) + `",` + steps[i].value[1:]
	}
}
