package deadletters

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Place is where a letter lies: a partition of contact.deadletter, and an offset.
type Place struct {
	Partition int32
	Offset    int64
}

// String is partition/offset, as it is typed.
func (p Place) String() string { return fmt.Sprintf("%d/%d", p.Partition, p.Offset) }

// ParsePlace reads what String wrote; contact.deadletter/ may stand before it.
func ParsePlace(s string) (Place, error) {
	partition, offset, ok := strings.Cut(strings.TrimPrefix(s, governor.DeadLetter+"/"), "/")
	p, err := strconv.ParseInt(partition, 10, 32)
	o, wrong := strconv.ParseInt(offset, 10, 64)
	if !ok || err != nil || wrong != nil || p < 0 || o < 0 {
		return Place{}, fmt.Errorf("%q is no dead letter: write partition/offset, like 3/17, as governor dlt list has it", s)
	}
	return Place{int32(p), o}, nil
}

// Letter is one dead letter.
type Letter struct {
	Place
	Time    time.Time // when it was written
	Key     []byte
	Value   []byte
	Headers []consumer.Header // those that the record came with
	Plain   []byte            // the value as the governor read it: what a schema registry framed as JSON

	From   governor.Source // where it came from; the topic as the contract has it
	Stage  string
	Class  string
	Reason string // what is wrong, and what to write instead; it names nobody
	Bytes  int    // of the value as it was, where the letter has only the beginning of it; else 0

	// Named says that the letter says where it came from. One that does not was not
	// written by a governor.
	Named bool

	// SaidNo are the people who were refused everything because of it: what it says may
	// be a no, and nobody knows of what. Until somebody has looked, doubt is a no.
	SaidNo []rules.PersonID
}

// Cut says whether the letter has only the beginning of what it was.
func (l *Letter) Cut() bool { return l.Bytes > 0 }

// Open reads a record of contact.deadletter, of which the plain value is given too. It
// keeps nothing of them. PartitionOf is where a key belongs, of so many.
func Open(r *consumer.Record, plain []byte, partition, partitions int32, partitionOf func([]byte, int32) int32) Letter {
	l := Letter{Place: Place{partition, r.Offset}, Time: r.Time, Key: clone(r.Key), Value: clone(r.Value), Plain: clone(plain)}
	// The original may have been a dead letter itself: the governor's own headers begin
	// with the last that names a topic.
	own := len(r.Headers)
	for i := range r.Headers {
		if r.Headers[i].Key == schemas.ErrorTopic {
			own = i
		}
	}
	for _, h := range r.Headers[:own] {
		l.Headers = append(l.Headers, consumer.Header{Key: h.Key, Value: clone(h.Value)})
	}
	l.From.Partition, l.From.Offset = -1, -1
	for _, h := range r.Headers[own:] {
		text := string(h.Value)
		number, err := strconv.ParseInt(text, 10, 64)
		switch h.Key {
		case schemas.ErrorTopic:
			l.From.Topic = text
		case schemas.ErrorPartition:
			if err == nil && number == int64(int32(number)) {
				l.From.Partition = int32(number)
			}
		case schemas.ErrorOffset:
			if err == nil {
				l.From.Offset = number
			}
		case schemas.ErrorStage:
			l.Stage = text
		case schemas.ErrorClass:
			l.Class = text
		case schemas.ErrorMessage:
			l.Reason = text
		case consumer.HeaderTruncated:
			if err == nil {
				l.Bytes = int(number)
			}
		}
	}
	l.Named = (l.From.Topic == governor.Intents || l.From.Topic == governor.Signals) && l.From.Partition >= 0 && l.From.Offset >= 0
	if l.Named && l.From.Topic == governor.Signals {
		l.SaidNo = saidNo(&l, func(id string) bool {
			return id != "" && partitionOf([]byte(id), partitions) == l.From.Partition
		})
	}
	return l
}

// saidNo are those who were refused everything: whom the partition's worker found when
// it could not read the signal. Where key and record name two people it is both of them.
func saidNo(l *Letter, belongs func(string) bool) (people []rules.PersonID) {
	for _, key := range [][]byte{l.Key, nil} {
		id, refusal := schemas.Salvage(key, l.Plain)
		person := rules.PersonID(id)
		if refusal && belongs(id) && !state.IsNobody(person) && !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	return people
}

// clone keeps nil apart from empty.
func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// people are all whose ids can be read in the letter: whoever must not see them is to see
// something else.
func (l *Letter) people() (ids []string) {
	ids = append(ids, string(l.Key))
	for _, key := range [][]byte{l.Key, nil} {
		if id, _ := schemas.Salvage(key, l.Plain); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}
