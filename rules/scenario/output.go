package scenario

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// The topics of what comes out, as the contract names them.
const (
	topicApproved   = "contact.approved"
	topicVetoed     = "contact.vetoed"
	topicRevoked    = "contact.revoked"
	topicDeadLetter = "contact.deadletter"
)

// Output is one record that came out: a line of what `governor replay` writes.
type Output struct {
	Topic   string            `json:"topic"`
	Value   json.RawMessage   `json:"value"`
	Headers map[string]string `json:"headers,omitempty"`
}

// headerMessage says why a record is a dead letter.
const headerMessage = "__connect.errors.exception.message"

// came is one record that came out, as far as scenarios speak of it.
type came struct {
	step  int // during which it came
	topic string

	ID       string            `json:"id"`
	Person   rules.PersonID    `json:"person"`
	Intent   rules.IntentID    `json:"intent"`
	Verdict  string            `json:"verdict"`
	Reason   string            `json:"reason"`
	Reasons  []objection       `json:"reasons"`
	Shadow   []objection       `json:"shadow"`
	Final    bool              `json:"final"`
	Earliest when              `json:"earliest"`
	NotAfter when              `json:"not_after"`
	Decided  when              `json:"decided"`
	Original string            `json:"original"`
	Items    []string          `json:"items"`
	Evidence []evidence        `json:"evidence"`
	OK       bool              `json:"ok"`
	headers  map[string]string // of a dead letter
}

type objection struct {
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Detail   string `json:"detail"`
	Earliest when   `json:"earliest"`
	Line     string `json:"line"`
	Cites    string `json:"cites"`
}

type evidence struct {
	Rule   string `json:"rule"`
	Used   int    `json:"used"`
	Limit  int    `json:"limit"`
	Waived bool   `json:"waived"`
}

// when is an instant on the wire; 0 is none.
type when rules.Instant

// UnmarshalText reads a time of RFC 3339.
func (w *when) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339, string(b))
	*w = when(rules.At(t))
	return err
}

// read understands what came out, step by step. Dead letters are not read further:
// nobody knows what is in them.
func read(outputs [][]Output) ([]came, error) {
	var out []came
	for i, list := range outputs {
		for _, o := range list {
			c := came{step: i, topic: o.Topic, headers: o.Headers}
			if o.Topic != topicDeadLetter {
				if err := json.Unmarshal(o.Value, &c); err != nil {
					return nil, fmt.Errorf("what came out as %s cannot be read: %w", o.Topic, err)
				}
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func (c *came) decides() bool { return c.topic == topicApproved || c.topic == topicVetoed }
func (c *came) isOf(who rules.PersonID, id rules.IntentID) bool {
	return c.Intent == id && c.Person == who
}
