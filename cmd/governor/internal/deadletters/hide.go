package deadletters

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/schemas"
)

// harmless are the fields that say nothing of who a person is, what they said, or where
// they can be reached.
func harmless() []string {
	return []string{
		"type", "at", "channel", "purpose", "campaign", "brand", "engine", "source", "result", "kind", "actor", "status", "mode", "auto",
		"priority", "contains_promotion", "not_before", "not_after", "specversion", "datacontenttype", "time",
	}
}

// telling are the other fields that messages and their envelopes have. Their names tell
// nothing.
func telling() []string {
	return []string{
		"id", "person", "subject", "address", "message", "reply_to", "text", "evidence", "intent", "decision", "value", "into", "worker",
		"zones", "record", "standing", "log", "data_base64",
	}
}

// nested are the fields of which the inside is looked at.
func nested() []string { return []string{"data", "signal", "quiet", "budget"} }

// HiddenValue is the letter's value for somebody who must not see whose it is: of an object its
// fields, and of those that could tell somebody only how long they are; of anything else
// only how long it is. Nothing of it is guessed: what is not known to be harmless is
// hidden.
func (l *Letter) HiddenValue() string { return l.hidden(l.Plain) }

func (l *Letter) hidden(value []byte) string {
	members, err := open(value)
	if err != nil {
		return fmt.Sprintf("(%d bytes that are no JSON object; --show-person shows them)", len(value))
	}
	var s strings.Builder
	s.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			s.WriteString(", ")
		}
		name := m.name
		known := slices.Contains(harmless(), name) || slices.Contains(nested(), name) || slices.Contains(telling(), name)
		if !known && !l.safe(name) {
			name = "(a name of " + fmt.Sprint(utf8.RuneCountInString(name)) + " characters)"
		}
		fmt.Fprintf(&s, "%q: ", name)
		switch {
		case slices.Contains(nested(), m.name) && m.value.Kind() == '{':
			s.WriteString(l.hidden(m.value))
		case slices.Contains(harmless(), m.name) && m.value.Kind() != '{' && m.value.Kind() != '[' && l.safe(string(m.value)):
			s.Write(m.value)
		default:
			s.WriteString(hiddenValue(m.value))
		}
	}
	s.WriteByte('}')
	return s.String()
}

// mostName is how long a name may be that is shown: no field of a message has a longer one.
const mostName = 40

// safe says whether a text is short, and has nobody's id in it.
func (l *Letter) safe(text string) bool {
	for _, id := range l.people() {
		if strings.Contains(text, id) {
			return false
		}
	}
	return utf8.RuneCountInString(text) <= mostName
}

func hiddenValue(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return "(a text that is not in order)"
		}
		return fmt.Sprintf("(%d characters)", utf8.RuneCount(text))
	case '{':
		return "(an object)"
	case '[':
		return "(a list)"
	case 'n', 't', 'f':
		return string(v)
	}
	return "(a number)"
}

// Shown are the headers that the letter came with, for somebody who must not see whose it
// is: only those of CloudEvents that are no id, the content's type, and the governor's own.
func (l *Letter) Shown(person bool) []consumer.Header {
	out := make([]consumer.Header, 0, len(l.Headers))
	for _, h := range l.Headers {
		known := slices.Contains([]string{"ce_specversion", "ce_type", "ce_time", "ce_source", "content-type", HeaderReplayed, HeaderMended}, strings.ToLower(h.Key)) ||
			strings.HasPrefix(h.Key, "__connect.errors.")
		if !person && (!known || !l.safeHeader(h)) {
			h.Value = fmt.Appendf(nil, "(%d bytes)", len(h.Value))
		}
		out = append(out, h)
	}
	return out
}

func (l *Letter) safeHeader(h consumer.Header) bool {
	for _, id := range l.people() {
		if bytes.Contains(h.Value, []byte(id)) {
			return false
		}
	}
	return true
}

// ErrorHeaders are what the governor wrote on the letter, in its order.
func (l *Letter) ErrorHeaders() []schemas.Header {
	return schemas.DeadLetterHeaders(l.From.Topic, l.From.Partition, l.From.Offset, l.Stage, l.Class, l.Reason)
}
