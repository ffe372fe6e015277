package consumer_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is a record on a topic, as the checker sees it.
type entry struct {
	topic     string
	partition int32
	offset    int64
	order     int64 // of the append, over all topics; 0 where nobody knows
	at        time.Time
	key       []byte
	value     []byte
	headers   [][2]string
	poison    bool // known to be unreadable

	decoded message // of value
	all     string  // what a copy must have in common
	said    string  // the same but for who said it, which no two terms have in common
}

// ready notes what a copy must have in common.
func (e *entry) ready() {
	var all, said strings.Builder
	all.Write(e.key)
	fmt.Fprint(&all, " ", e.key == nil, e.value == nil, " ")
	all.Write(e.value)
	said.WriteString(all.String())
	for _, h := range e.headers {
		all.WriteString(" " + h[0] + "=" + h[1])
		if h[0] != "governor_owner" {
			said.WriteString(" " + h[0] + "=" + h[1])
		}
	}
	e.all, e.said = all.String(), said.String()
}

// decode makes the value ready to be looked at again and again.
func (e *entry) decode() {
	e.decoded = message{}
	if len(e.value) < 1<<20 {
		_ = json.Unmarshal(e.value, &e.decoded) // what is no JSON is a message without fields
	}
}

func (e *entry) where() string { return fmt.Sprintf("%s/%d/%d", e.topic, e.partition, e.offset) }

// header is the last of its name: what the governor adds comes last.
func (e *entry) header(name string) (string, bool) {
	for _, h := range slices.Backward(e.headers) {
		if h[0] == name {
			return h[1], true
		}
	}
	return "", false
}

func (e *entry) number(name string) int64 {
	s, _ := e.header(name)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (e *entry) bytes() string { return e.all }

// message is whatever fields of any message the checker looks at.
type message struct {
	ID, Person, Type, Channel, Purpose, Subject, Intent, Decision, Verdict, Reason, Original, Result, Source, Evidence, Worker, Policy string
	OK                                                                                                                                 bool
	Decided, At, Answered                                                                                                              time.Time
	NotAfter                                                                                                                           time.Time `json:"not_after"`
	Items                                                                                                                              []string
	Signals                                                                                                                            int64
}

func (e *entry) message() message { return e.decoded }
