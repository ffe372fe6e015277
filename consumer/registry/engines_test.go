package registry

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/contactgovernor/governor/schemas"
)

// An engine's own schema: logical types, an enum, unions, a name in another namespace,
// and fields that nobody here knows.
const engineAvro = `{"type":"record","name":"Wish","namespace":"shop.engine","fields":[
	{"name":"id","type":"string"},
	{"name":"person","type":["null","string"]},
	{"name":"channel","type":{"type":"enum","name":"Channel","symbols":["email","sms","call"]}},
	{"name":"purpose","type":"string"},
	{"name":"campaign","type":["string","int"]},
	{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"not_after","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},
	{"name":"subject","type":["null","string"],"default":null},
	{"name":"brand","type":"string","default":""},
	{"name":"zones","type":["null",{"type":"array","items":"string"}],"default":null},
	{"name":"priority","type":["null","int"],"default":null},
	{"name":"contains_promotion","type":"boolean"},
	{"name":"cost","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
	{"name":"segment","type":{"type":"record","name":"Segment","fields":[{"name":"score","type":"double"},{"name":"next","type":["null","Segment"]}]}},
	{"name":"labels","type":{"type":"map","values":["null","string"]}},
	{"name":"trace","type":{"type":"fixed","name":"Trace","size":2}},
	{"name":"day","type":{"type":"int","logicalType":"date"}},
	{"name":"alarm","type":{"type":"int","logicalType":"time-millis"}},
	{"name":"message","type":{"type":"fixed","name":"Message","size":16,"logicalType":"uuid"}}
]}`

// The mapping of Avro, as the README has it.
func TestAvroOfAnEngine(t *testing.T) {
	c := must(newAvro(engineAvro, nil))(t)
	at := time.Date(2026, 5, 4, 8, 0, 0, 250e6, time.UTC)
	payload, err := avro.MustParse(engineAvro).Encode(map[string]any{
		"id": "i1", "person": "ann", "channel": "call", "purpose": "marketing", "campaign": "spring", "at": at, "not_after": at.Add(time.Hour),
		"brand": "", "zones": []any{"Europe/Berlin"}, "priority": 7, "contains_promotion": true, "cost": "1.25",
		"segment": map[string]any{"score": 0.1, "next": map[string]any{"score": 2.0}}, "labels": map[string]any{"b": nil, "a": "x"}, "trace": []byte{1, 2},
		"day": at, "alarm": 90 * time.Minute, "message": "123e4567-e89b-12d3-a456-426614174000",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"i1","person":"ann","channel":"call","purpose":"marketing","campaign":"spring","at":"2026-05-04T08:00:00.250Z",` +
		`"not_after":"2026-05-04T09:00:00.250Z","brand":"","zones":["Europe/Berlin"],"priority":7,"contains_promotion":true,"cost":1.25,` +
		`"segment":{"score":0.100,"next":{"score":2.000}},"labels":{"a":"x","b":null},"trace":"AQI=","day":"2026-05-04","alarm":"01:30","message":"123e4567-e89b-12d3-a456-426614174000"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	in, ignored, err := schemas.DecodeIntent(got)
	if err != nil || in.Priority != 7 || in.Brand != "" || in.Subject != "" || in.At != schemas.TimeOf(at) || ignored.Count != 6 {
		t.Errorf("%+v, %+v, %v", in, ignored, err)
	}
}

// "absent ≠ null": a null is as good as nothing, and a required field that is null is
// missing, as the strict decoder has it.
func TestNullsAreAbsent(t *testing.T) {
	c := must(newAvro(`{"type":"record","name":"I","fields":[{"name":"id","type":["null","string"]},{"name":"priority","type":["null","int"]}]}`, nil))(t)
	got, err := c.decode([]byte{0, 0})
	if err != nil || string(got) != `{}` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err = c.decode([]byte{2, 0, 2, 0}); err != nil || string(got) != `{"id":"","priority":0}` {
		t.Errorf("an empty text and a zero are there: %s, %v", got, err)
	}
}

// Finer than milliseconds is refused where it is read, and not cut off here: the same
// record as JSON would be refused too. A time without an offset is none.
func TestTimesThatAreNone(t *testing.T) {
	for logical, want := range map[string]string{
		`"timestamp-micros"`:       `{"at":"1970-01-01T00:00:00.000001Z"}`,
		`"local-timestamp-millis"`: `{"at":"1970-01-01T00:00:00.001"}`,
	} {
		c := must(newAvro(`{"type":"record","name":"I","fields":[{"name":"at","type":{"type":"long","logicalType":`+logical+`}}]}`, nil))(t)
		got, err := c.decode([]byte{2})
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", logical, got, err)
		}
	}
}

const engineProto = `syntax = "proto3";
package shop.engine;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/duration.proto";
import "shop/segment.proto";

message Other { string x = 1; }

message Envelope {
  message Wish {
    enum Channel { CHANNEL_UNSPECIFIED = 0; CHANNEL_EMAIL = 1; CHANNEL_IN_APP = 2; }
    string id = 1;
    string person = 2;
    Channel channel = 3;
    google.protobuf.StringValue purpose = 4;
    string campaign = 5;
    google.protobuf.Timestamp at = 6;
    optional int32 priority = 7;
    bool contains_promotion = 8;
    repeated string zones = 9;
    oneof about { string subject = 10; int64 number = 11; }
    shop.Segment segment = 12;
    map<string, int32> labels = 13;
    bytes trace = 14;
    google.protobuf.Duration every = 15;
    string replyTo = 16 [json_name = "reply_to"];
    uint64 big = 17;
    double score = 18;
  }
}`

// The mapping of Protobuf, as the README has it: a message within a message of a file,
// by its index; an import; and what Protobuf calls well-known.
func TestProtobufOfAnEngine(t *testing.T) {
	c := must(newProtobuf(engineProto, []reference{{"shop/segment.proto", `syntax = "proto3"; package shop; message Segment { repeated Kind kinds = 1; enum Kind { KIND_UNKNOWN = 0; KIND_NEW = 1; } }`}}))(t).(*protoCodec)
	m := dynamicpb.NewMessage(c.file.Messages().ByName("Envelope").Messages().ByName("Wish"))
	if err := protojson.Unmarshal([]byte(`{"id":"i1","person":"ann","channel":"CHANNEL_IN_APP","purpose":"marketing","campaign":"spring","at":"2026-05-04T08:00:00.250Z",
		"priority":0,"zones":["Europe/Berlin"],"subject":"s","segment":{"kinds":["KIND_NEW","KIND_UNKNOWN"]},"labels":{"b":2,"a":1},"trace":"AQI=","every":"5400s",
		"reply_to":"s9","big":"18446744073709551615","score":1.5}`), m); err != nil {
		t.Fatal(err)
	}
	payload, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.decode(append(appendMessageIndex(nil, []int{1, 0}), payload...))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"i1","person":"ann","channel":"in_app","purpose":"marketing","campaign":"spring","at":"2026-05-04T08:00:00.250Z",` +
		`"priority":0,"zones":["Europe/Berlin"],"subject":"s","segment":{"kinds":["new","unknown"]},"labels":{"a":1,"b":2},"trace":"AQI=",` +
		`"every":"1h30m0s","reply_to":"s9","big":18446744073709551615,"score":1.500}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if in, _, err := schemas.DecodeIntent(got); err != nil || in.Channel != "in_app" || in.Priority != 0 || in.ReplyTo != "s9" {
		t.Errorf("%+v, %v", in, err)
	}
	// Fields that the schema does not have are dropped, and a number that an enum does not
	// have is a word that nobody knows.
	odd := append(appendMessageIndex(nil, []int{1, 0}), 0x18, 9, 0xfa, 0x3f, 1, 'x')
	if got, err = c.decode(odd); err != nil || string(got) != `{"channel":"the number 9"}` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err = c.decode(append(appendMessageIndex(nil, []int{1, 0}), 0x18, 0)); err != nil || string(got) != `{}` {
		t.Errorf("an unspecified channel is none: %s, %v", got, err)
	}
}

// What is wrong with a record is said in words for whoever sends it, and never with what
// stands in it.
func TestWhatCannotBeTurnedSaysWhatToDo(t *testing.T) {
	av := must(newAvro(`{"type":"record","name":"I","fields":[{"name":"id","type":"string"}]}`, nil))(t)
	pb := must(newProtobuf(engineProto, []reference{{"shop/segment.proto", `syntax = "proto3"; package shop; message Segment {}`}}))(t)
	anyField := must(newProtobuf(`syntax = "proto3"; import "google/protobuf/any.proto"; message I { google.protobuf.Any a = 1; }`, nil))(t)
	secret := "ann@example.org"
	for name, one := range map[string]struct {
		c       codec
		payload []byte
		want    string
	}{
		"avro, cut off":          {av, append([]byte{60}, secret...), "is not what its Avro schema says"},
		"avro, too long":         {av, append([]byte{2, 'x'}, secret...), "goes on for 15 bytes"},
		"protobuf, no index":     {pb, nil, "which message of its Protobuf file"},
		"protobuf, wrong index":  {pb, []byte{2, 40}, "no message of the number"},
		"protobuf, below zero":   {pb, []byte{2, 1}, "no message of the number"},
		"protobuf, cut off":      {pb, append([]byte{4, 2, 0, 10, 99}, secret...), "is not what its Protobuf schema says"},
		"protobuf, a great many": {pb, binary.AppendVarint(nil, 1<<40), "which message of its Protobuf file"},
		"protobuf, any":          {anyField, []byte{0, 10, 0}, "google.protobuf.Any, which is not read here"},
	} {
		_, err := one.c.decode(one.payload)
		bad := (*Malformed)(nil)
		if !errors.As(err, &bad) || !strings.Contains(bad.Reason, one.want) || strings.Contains(bad.Reason, secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Schemas that are of no use are told from those that are.
func TestSchemasOfNoUse(t *testing.T) {
	for text, want := range map[string]string{
		`"string"`:                         "a record is needed",
		`{"type":"record","name":"I"`:      "",
		`{"type":"array","items":"string"`: "",
	} {
		if _, err := newAvro(text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{`syntax = "proto3";`, `message`, `syntax = "proto3"; import "nobody.proto"; message I {}`} {
		if _, err := newProtobuf(text, nil); err == nil {
			t.Errorf("%s is of use", text)
		}
	}
	if _, err := compile(9, "", nil); err == nil {
		t.Error("a type of schema that there is not")
	}
}
