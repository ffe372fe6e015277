package schemas

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func headers(pairs ...string) (list []Header) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, Header{pairs[i], []byte(pairs[i+1])})
	}
	return list
}

func binaryHeaders(more ...string) []Header {
	return append(headers("ce_specversion", "1.0", "ce_id", "e1", "ce_source", "/crm", "ce_type", EventIntent), headers(more...)...)
}

var structured = headers("content-type", "application/cloudevents+json; charset=UTF-8")

// "Plain JSON values; CloudEvents 1.0 in binary or structured mode is accepted
// on the way in"
func TestUnwrap(t *testing.T) {
	ce := CloudEvent{ID: "e1", Source: "/crm", Type: EventIntent}
	timed := ce
	timed.Time = at(t, "2026-05-01T10:00:00.123Z")
	envelope := func(rest string) string {
		return `{"specversion":"1.0","id":"e1","source":"/crm","type":"contact.intent.v1",` + rest + `}`
	}
	for _, c := range []struct {
		name    string
		headers []Header
		value   string
		data    string
		ce      CloudEvent
	}{
		{"plain", nil, `{"id":"i1"}`, `{"id":"i1"}`, CloudEvent{}},
		{"plain, with headers of its own", headers("traceparent", "00-1", "content-type", "application/json"), `{}`, `{}`, CloudEvent{}},
		{"plain, and what it is gets found out later", headers("content-type", "text/plain;;"), `x`, `x`, CloudEvent{}},
		{"a tombstone", nil, ``, ``, CloudEvent{}},
		{"binary", binaryHeaders(), `{}`, `{}`, ce},
		{"binary, typed", binaryHeaders("content-type", "application/json; charset=utf-8"), `{}`, `{}`, ce},
		{"binary, of a vendor", binaryHeaders("Content-Type", "application/vnd.crm+json"), `{}`, `{}`, ce},
		{"binary, extended", binaryHeaders("ce_partitionkey", "p1", "ce_subject", "x"), `{}`, `{}`, ce},
		{"binary, to the nanosecond", binaryHeaders("ce_time", "2026-05-01T12:00:00.123456789+02:00"), `{}`, `{}`, timed},
		{"structured", structured, envelope(`"data":{"id":"i1"}`), `{"id":"i1"}`, ce},
		{"structured, spaced", structured, " \n" + envelope(` "data" : {"id" : "i1"} `), `{"id" : "i1"}`, ce},
		{"structured, in full", structured, envelope(`"time":"2026-05-01T10:00:00.1234Z","datacontenttype":"application/json","subject":"x","ext":1,"dataschema":null,"data_base64":null,"data":{}`), `{}`, timed},
		{"structured, in base64", structured, envelope(`"data_base64":"` + base64.StdEncoding.EncodeToString([]byte(`{"id":"i1"}`)) + `"`), `{"id":"i1"}`, ce},
		{"structured outranks binary", append(headers("ce_id", "other"), structured...), envelope(`"data":{}`), `{}`, ce},
	} {
		data, got, err := Unwrap(c.headers, []byte(c.value))
		if err != nil || string(data) != c.data || got != c.ce {
			t.Errorf("%s: %s, %+v, %v; want %s, %+v", c.name, data, got, err, c.data, c.ce)
		}
	}
}

func TestUnwrapRefuses(t *testing.T) {
	for _, c := range []struct {
		headers []Header
		value   string
		want    string
	}{
		{headers("ce_id", "e1"), `{}`, "ce_specversion: is missing; write 1.0, or no envelope at all; ce_source: is missing; add it; ce_type: is missing; add it, like contact.intent.v1"},
		{headers("ce_specversion", "0.3", "ce_id", "e1", "ce_source", "/", "ce_type", "x"), `{}`, "ce_specversion: must be 1.0"},
		{binaryHeaders("ce_id", "e2"), `{}`, "ce_id: appears twice; name an attribute once"},
		{binaryHeaders("ce_time", "yesterday"), `{}`, "ce_time: is not a time; write RFC 3339, like 2026-05-01T10:00:00.250Z"},
		{binaryHeaders("ce_time", ""), `{}`, "ce_time: is empty; leave it out"},
		{binaryHeaders("ce_time", "\xff"), `{}`, "ce_time: is not valid UTF-8"},
		{headers("ce_specversion", "1.0", "ce_id", "a\nb", "ce_source", "/", "ce_type", strings.Repeat("x", 1025)), `{}`,
			"ce_id: has a control character; remove it; ce_type: is longer than 1024 characters; shorten it; ce_id: is missing; add it; ce_type: is missing; add it, like contact.intent.v1"},
		{binaryHeaders("content-type", "application/avro"), `{}`, "content-type: must be application/json, for the data is read as JSON"},
		{headers("content-type", "application/cloudevents-batch+json"), `[]`, "content-type: must be application/cloudevents+json, one event a record"},
		{headers("content-type", "application/cloudevents+avro"), `x`, "content-type: must be application/cloudevents+json, one event a record"},
		{structured, ``, "the record is empty; write one JSON object"},
		{structured, `[]`, "the record must be a JSON object, but is an array"},
		{structured, `{"specversion":"1.0","id":"a","id":"b"}`, "id: appears twice; name a field once"},
		{structured, `{"specversion":1.0,"id":"","source":"/","type":"x","data":{}}`, "id: is empty; leave it out; specversion: must be a string, but is a number"},
		{structured, `{"specversion":"1.0","id":"a","source":"/","type":"x"}`, "data: is missing; put the message there"},
		{structured, `{"specversion":"1.0","id":"a","source":"/","type":"x","data":{},"data_base64":"e30="}`, "data, data_base64: are both there; write one of them"},
		{structured, `{"specversion":"1.0","id":"a","source":"/","type":"x","data_base64":"e30"}`, "data_base64: is not base64"},
		{structured, `{"specversion":"1.0","id":"a","source":"/","type":"x","data_base64":{}}`, "data_base64: must be a string, but is an object"},
		{structured, `{"specversion":"1.0","id":"a","source":"/","type":"x","datacontenttype":"text/xml","data":"<x/>"}`, "datacontenttype: must be application/json, for the data is read as JSON"},
		{structured, `{"data":{}}`, "specversion: is missing; write 1.0, or no envelope at all; id: is missing; add it; source: is missing; add it; type: is missing; add it, like contact.intent.v1"},
		{structured, strings.Repeat(" ", maxEnvelope+1), "the record has 131073 bytes; the limit is 131072"},
	} {
		data, ce, err := Unwrap(c.headers, []byte(c.value))
		if err == nil || err.Error() != c.want || data != nil || ce != (CloudEvent{}) {
			t.Errorf("%.60s\n got  %v\n want %s", c.value, err, c.want)
		}
	}
}

// "and outputs carry ce_* headers": ones that Unwrap reads back.
func TestCEHeaders(t *testing.T) {
	when := at(t, "2026-05-01T10:00:00.25Z")
	var got []Header
	for _, h := range CEHeaders(EventApproved, "/governor/p3", "d1", when.String()) {
		got = append(got, Header{h.Key, []byte(h.Value)})
	}
	want := headers("ce_specversion", "1.0", "ce_id", "d1", "ce_type", "contact.approved.v1", "ce_source", "/governor/p3",
		"ce_time", "2026-05-01T10:00:00.250Z", "content-type", "application/json")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, ce, err := Unwrap(got, []byte(`{}`))
	if err != nil || string(data) != `{}` || ce != (CloudEvent{ID: "d1", Source: "/governor/p3", Type: EventApproved, Time: when}) {
		t.Errorf("%s, %+v, %v", data, ce, err)
	}
}

// "Original key, value and headers, on the same partition number, with the
// headers __connect.errors.topic|partition|offset|stage|exception.class.name|
// exception.message."
func TestDeadLetterHeaders(t *testing.T) {
	got := DeadLetterHeaders("contact.intents", 3, 42, "VALUE_CONVERTER", "Malformed", "at: has no\noffset"+strings.Repeat("人", 2000)+"\xff")
	all := map[string]string{}
	for _, h := range got {
		all[h.Key] = string(h.Value)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := agrees(compile(t, "deadletter.v1"), text); err != nil {
		t.Error(err)
	}
	if short := DeadLetterHeaders("t", 0, 0, "s", "c", "at: is missing"); string(short[5].Value) != "at: is missing" {
		t.Errorf("%s", short[5].Value)
	}
	want := headers(ErrorTopic, "contact.intents", ErrorPartition, "3", ErrorOffset, "42", ErrorStage, "VALUE_CONVERTER",
		ErrorClass, "Malformed", ErrorMessage, "at: has no offset"+strings.Repeat("人", 1024-17))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Nothing makes it panic, and it either refuses or returns something of what
// it was given.
func FuzzUnwrap(f *testing.F) {
	f.Add("content-type", "application/cloudevents+json", "", "", []byte(`{"specversion":"1.0","id":"a","source":"/","type":"x","data":{}}`))
	f.Add("content-type", "application/cloudevents+json", "ce_id", "x", []byte(`{"specversion":"1.0","id":"a","source":"/","type":"x","data_base64":"e30="}`))
	f.Add("ce_specversion", "1.0", "ce_time", "2026-05-01T12:00:00.123456789+02:00", []byte(`{}`))
	f.Add("content-type", "application/cloudevents-batch", "ce_", "", []byte(`[]`))
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string, value []byte) {
		before := string(value)
		data, ce, err := Unwrap(headers(k1, v1, k2, v2), value)
		if string(value) != before {
			t.Fatal("it wrote into the record")
		}
		if err != nil && (data != nil || ce != (CloudEvent{})) {
			t.Fatal("it refuses and answers")
		}
		if err == nil && len(data) > len(value) {
			t.Fatal("more data than record")
		}
		if err == nil && (ce.ID == "") != (ce == CloudEvent{}) {
			t.Fatalf("half an envelope: %+v", ce)
		}
	})
}
