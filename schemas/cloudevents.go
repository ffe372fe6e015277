package schemas

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strings"
)

// CloudEvent is the envelope that a record came in; the zero value is none.
// The governor decides by what is inside only.
type CloudEvent struct {
	ID     string
	Source string
	Type   string // like contact.intent.v1
	Time   Time   // 0 where the envelope has none; cut to the millisecond
}

// The CloudEvents types of the messages, in and out.
const (
	EventIntent   = "contact.intent.v1"
	EventSignal   = "contact.signal.v1"
	EventApproved = "contact.approved.v1"
	EventVetoed   = "contact.vetoed.v1"
	EventRevoked  = "contact.revoked.v1"
	EventRedeemed = "contact.redeemed.v1"
	EventLeaked   = "contact.leaked.v1"
	EventStanding = "contact.standing.v1"
	EventVetoRate = "contact.veto-rates.v1"
)

const (
	contentType     = "content-type"
	jsonContent     = "application/json"
	structuredMedia = "application/cloudevents"
	attributePrefix = "ce_"
	specVersion     = "1.0"

	// maxEnvelope leaves room for a full record in base64 and its envelope.
	maxEnvelope = 2 * MaxRecord
	// maxAttribute is the most characters that an attribute may have.
	maxAttribute = 1024
)

// CEHeader is one header of an outgoing record in CloudEvents' binary mode.
type CEHeader struct{ Key, Value string }

// CEHeaders returns the headers of an outgoing record in CloudEvents' binary
// mode, in their order: typ is one of the Event constants, source names the
// governor that writes, id is the message's own id, time when it was made, as
// Time writes it.
func CEHeaders(typ, source, id, time string) [6]CEHeader {
	return [...]CEHeader{
		{"ce_specversion", specVersion},
		{"ce_id", id},
		{"ce_type", typ},
		{"ce_source", source},
		{"ce_time", time},
		{contentType, jsonContent},
	}
}

// Unwrap returns the message in a record: value itself if it is plain JSON (no
// ce_ header) or in CloudEvents' binary mode, and what is inside of the
// envelope if it is in structured mode. data is a view into value, unless it
// came as base64.
//
// It refuses, with a *Malformed, any other version than 1.0, an attribute that
// is missing or given twice, a batch, and content that is no JSON. In plain
// JSON it looks at nothing: that is for DecodeIntent and DecodeSignal.
func Unwrap(headers []Header, value []byte) (data []byte, ce CloudEvent, err error) {
	media, binary := "", false
	for _, h := range headers {
		if strings.EqualFold(h.Key, contentType) {
			media, _, err = mime.ParseMediaType(string(h.Value))
			if err != nil {
				media = strings.ToLower(string(h.Value)) // told below, if it matters
			}
		}
		binary = binary || strings.HasPrefix(h.Key, attributePrefix)
	}
	switch {
	case strings.HasPrefix(media, structuredMedia):
		if media != structuredMedia+"+json" {
			return nil, CloudEvent{}, &Malformed{Field: contentType,
				Reason: "must be application/cloudevents+json, one event a record"}
		}
		return unwrapStructured(value)
	case binary:
		return unwrapBinary(headers, value, media)
	}
	return value, CloudEvent{}, nil
}

// unwrapBinary reads the attributes from the headers.
func unwrapBinary(headers []Header, value []byte, media string) ([]byte, CloudEvent, error) {
	var bad object // only to gather mistakes
	var ce CloudEvent
	version, at := "", ""
	for _, h := range headers {
		var to *string
		switch h.Key {
		case "ce_specversion":
			to = &version
		case "ce_id":
			to = &ce.ID
		case "ce_source":
			to = &ce.Source
		case "ce_type":
			to = &ce.Type
		case "ce_time":
			to = &at
		default:
			continue // extensions say nothing to the governor
		}
		if reason := unfitAttribute(h.Value); reason != "" {
			bad.fail(h.Key, reason)
		} else if *to != "" {
			bad.fail(h.Key, "appears twice; name an attribute once")
		} else {
			*to = string(h.Value)
		}
	}
	ce.Time = bad.envelope(ce, version, at, attributePrefix)
	if media != "" && !isJSON(media) {
		bad.fail(contentType, "must be application/json, for the data is read as JSON")
	}
	if err := bad.err(); err != nil {
		return nil, CloudEvent{}, err
	}
	return value, ce, nil
}

// envelope checks the attributes and returns the time among them.
func (o *object) envelope(ce CloudEvent, version, at, prefix string) Time {
	if version == "" {
		o.fail(prefix+"specversion", "is missing; write 1.0, or no envelope at all")
	} else if version != specVersion {
		o.fail(prefix+"specversion", "must be 1.0")
	}
	if ce.ID == "" {
		o.fail(prefix+"id", "is missing; add it")
	}
	if ce.Source == "" {
		o.fail(prefix+"source", "is missing; add it")
	}
	if ce.Type == "" {
		o.fail(prefix+"type", "is missing; add it, like "+EventIntent)
	}
	if at == "" {
		return 0
	}
	t, reason := parseTime(toMillis([]byte(at)))
	if reason != "" {
		o.fail(prefix+"time", reason)
	}
	return t
}

// toMillis cuts digits after the third off a time's fraction: the libraries
// that write envelopes have nanoseconds, and nothing is decided by them.
func toMillis(s []byte) []byte {
	point := bytes.IndexByte(s, '.')
	if point < 0 {
		return s
	}
	end := point + 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end <= point+4 {
		return s
	}
	return append(s[:point+4:point+4], s[end:]...)
}

func unfitAttribute(v []byte) string {
	if len(v) == 0 {
		return "is empty; leave it out"
	}
	if string(bytes.ToValidUTF8(v, nil)) != string(v) {
		return "is not valid UTF-8"
	}
	return unfit(v, maxAttribute, line)
}

// isJSON reports whether a media type, parameters off, is JSON.
func isJSON(media string) bool {
	return media == jsonContent || media == "text/json" || strings.HasSuffix(media, "+json")
}

// envelope is a structured event, taken apart.
type envelope struct {
	id, source, typ, version, at, media []byte
	data, base64                        []byte
}

// unwrapStructured reads the envelope around the data.
func unwrapStructured(value []byte) ([]byte, CloudEvent, error) {
	var o object
	if len(value) > maxEnvelope {
		return nil, CloudEvent{}, tooLarge(len(value), maxEnvelope)
	}
	if bad := valid(value); bad != nil {
		return nil, CloudEvent{}, bad
	}
	if kind := kindOf(value); kind != "an object" {
		return nil, CloudEvent{}, &Malformed{Reason: "the record must be a JSON object, but is " + kind}
	}
	var e envelope
	e.read(value)
	text := func(name string, raw []byte) string {
		if raw == nil {
			return ""
		}
		if raw[0] != '"' {
			o.fail(name, "must be a string, but is "+kindOf(raw))
			return ""
		}
		s := unquote(raw)
		if reason := unfitAttribute(s); reason != "" {
			o.fail(name, reason)
		}
		return string(s)
	}
	ce := CloudEvent{ID: text("id", e.id), Source: text("source", e.source), Type: text("type", e.typ)}
	version, at, media := text("specversion", e.version), text("time", e.at), text("datacontenttype", e.media)
	if o.mistakes == nil {
		ce.Time = o.envelope(ce, version, at, "")
	}
	if media != "" {
		if m, _, err := mime.ParseMediaType(media); err != nil || !isJSON(m) {
			o.fail("datacontenttype", "must be application/json, for the data is read as JSON")
		}
	}
	data := e.content(&o)
	if err := o.err(); err != nil {
		return nil, CloudEvent{}, err
	}
	return data, ce, nil
}

// read finds the attributes and the data. A null is as good as nothing.
func (e *envelope) read(value []byte) {
	c := inside(value)
	for name, raw, ok := c.pair(); ok; name, raw, ok = c.pair() {
		if raw[0] == 'n' {
			continue
		}
		switch string(unquote(name)) {
		case "id":
			e.id = raw
		case "source":
			e.source = raw
		case "type":
			e.typ = raw
		case "specversion":
			e.version = raw
		case "time":
			e.at = raw
		case "datacontenttype":
			e.media = raw
		case "data":
			e.data = raw
		case "data_base64":
			e.base64 = raw
		}
	}
}

// content returns the data, whichever way it came.
func (e *envelope) content(o *object) []byte {
	switch {
	case e.data != nil && e.base64 != nil:
		o.fail("data, data_base64", "are both there; write one of them")
	case e.data != nil:
		return e.data
	case e.base64 == nil:
		o.fail("data", "is missing; put the message there")
	case e.base64[0] != '"':
		o.fail("data_base64", "must be a string, but is "+kindOf(e.base64))
	default:
		data, err := base64.StdEncoding.DecodeString(string(unquote(e.base64)))
		if err != nil {
			o.fail("data_base64", "is not base64")
		}
		return data
	}
	return nil
}
