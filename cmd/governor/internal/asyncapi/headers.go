package asyncapi

import (
	"slices"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/schemas"
)

// A header is one that a record may have.
type header struct {
	name, about, pattern string
	event                bool // one of CloudEvents' binary mode
	everywhere           bool // any message may have it
	maybe                bool // not on every record of its message
}

const digits = "^[0-9]+$"

// The names that W3C Trace Context has.
const (
	traceParent = "traceparent"
	traceState  = "tracestate"
)

// headers lists those that the governor writes or looks at, but for the ones of a
// dead letter, which have a schema of their own.
func headers() []header {
	return []header{
		{name: "ce_specversion", event: true, about: "Of CloudEvents: 1.0.", pattern: `^1\.0$`},
		{name: "ce_id", event: true, about: "The message's own id."},
		{name: "ce_type", event: true, about: "What sort of message it is."},
		{name: "ce_source", event: true, about: "Who writes: /, and the governors' consumer group."},
		{name: "ce_time", event: true, about: "When it was made, RFC 3339."},
		{name: "content-type", event: true, about: "application/json; where a schema registry frames the value, application/avro or application/protobuf."},
		{name: traceParent, everywhere: true, maybe: true, about: "Of W3C Trace Context, as it came with the intent or signal that this is about."},
		{name: traceState, everywhere: true, maybe: true, about: "Likewise."},
		{name: consumer.HeaderBatch, about: "The number of the partition's atomic step that it is of.", pattern: digits},
		{name: consumer.HeaderIndex, about: "The record's place in that step, from 0.", pattern: digits},
		{name: consumer.HeaderSignals, about: "The signals before this offset were heard.", pattern: "^-?[0-9]+$"},
		{name: consumer.HeaderSource, maybe: true, about: "topic/partition/offset of the record that it came from; absent where time alone brought it about.", pattern: "^.+/[0-9]+/[0-9]+$"},
		{name: consumer.HeaderFirstCall, maybe: true, about: "Of an approved call: when the first call of its campaign was approved, in ms since 1970, as far as the partition knew.", pattern: digits},
		{name: consumer.HeaderFrom, about: "The number of the partition that tells, or api.", pattern: "^([0-9]+|api)$"},
		{name: consumer.HeaderTruncated, maybe: true, about: "How many bytes the value had, where that was too many for a record.", pattern: digits},
	}
}

// deadLetterSchema is the schema whose properties are headers.
const deadLetterSchema = "deadletter.v1"

// headersOf is the JSON Schema of a message's headers. Where others than the workers
// write it, those that are always there are named by must.
func headersOf(m *message) map[string]any {
	properties, required := map[string]any{}, []any{}
	for _, h := range headers() {
		if there := h.everywhere || h.event && m.event != "" || slices.Contains(m.headers, h.name); !there {
			continue
		}
		property := map[string]any{"type": "string", "description": h.about}
		if h.pattern != "" {
			property["pattern"] = h.pattern
		}
		if h.name == "ce_type" {
			property["const"] = m.event
		}
		properties[h.name] = property
		if m.others && m.must == h.name || !m.others && !h.maybe {
			required = append(required, h.name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	if m.schema == deadLetterSchema {
		return map[string]any{"allOf": []any{ref("schemas", deadLetterSchema), out}}
	}
	return out
}

// exampleHeaders are the headers of an example: those that are always there.
func exampleHeaders(m *message, id string) map[string]any {
	if m.others {
		if m.must == "" {
			return nil
		}
		return map[string]any{m.must: "api"}
	}
	out := map[string]any{}
	if m.event != "" {
		for _, h := range schemas.CEHeaders(m.event, "/contact-governor", id, moment(0).String()) {
			out[h.Key] = h.Value
		}
	}
	values := map[string]string{
		consumer.HeaderBatch: "1041", consumer.HeaderIndex: "0", consumer.HeaderSignals: "5201",
		consumer.HeaderSource: "contact.intents/3/88",
	}
	for _, name := range m.headers {
		if v, ok := values[name]; ok {
			out[name] = v
		}
	}
	if m.schema == deadLetterSchema {
		for _, h := range schemas.DeadLetterHeaders("contact.intents", 3, 88, "decode", "schemas.Malformed", "at: has no offset; end it with Z, or with an offset like +02:00") {
			out[h.Key] = string(h.Value)
		}
	}
	return out
}
