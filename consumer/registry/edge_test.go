package registry

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

const anIntent = `{"id":"i1","person":"ann","channel":"email","purpose":"marketing","campaign":"spring","at":"2026-05-04T08:00:00.000Z"}`

func record(value []byte, headers ...consumer.Header) consumer.Record {
	return consumer.Record{Key: []byte("ann"), Value: value, Headers: headers}
}

// fetch reads a topic through the registry.
func fetch(t *testing.T, r *Registry, l *log, topic string) ([]consumer.Record, error) {
	t.Helper()
	f, err := r.Reader(l).Fetch(t.Context(), at(topic), 0, 0)
	return f.Records, err
}

// "Engines publish Avro, Protobuf and JSON Schema and plain JSON side by side": all of
// them come as the same JSON, and the log's own records stay as they are.
func TestSideBySide(t *testing.T) {
	f := fake(t)
	l := newLog()
	l.append(at(governor.Intents), record([]byte(anIntent)))
	for i, format := range framedFormats() {
		l.append(at(governor.Intents), record(seed(t, f, i+1, "intent.v1", format).must(t, anIntent)))
	}
	l.append(at("somebody.elses"), record([]byte{0, 1}))
	before := slices.Clone(l.slots[at(governor.Intents)])
	got, err := fetch(t, client(t, f), l, governor.Intents)
	if err != nil || len(got) != 4 {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i := range got {
		if string(got[i].Value) != anIntent || got[i].Offset != int64(i) {
			t.Errorf("%d: %s", i, got[i].Value)
		}
	}
	if diff := cmp.Diff(before, l.slots[at(governor.Intents)]); diff != "" {
		t.Errorf("the log's own records changed:\n%s", diff)
	}
	if other, err := fetch(t, client(t, f), l, "somebody.elses"); err != nil || len(other[0].Value) != 2 {
		t.Errorf("a topic of somebody else: %v, %v", other, err)
	}
}

// "Registry away: an unknown id is transient, a known id is cached."
func TestTheRegistryIsAway(t *testing.T) {
	f := fake(t)
	l := newLog()
	l.append(at(governor.Intents), record(seed(t, f, 1, "intent.v1", Avro).must(t, anIntent)))
	r := client(t, f)
	for name, answer := range map[string]srfake.Interceptor{
		"broken":        answering(500, `{"error_code":50001,"message":"the store"}`),
		"no registry":   answering(404, `<html>nothing here`),
		"no right":      answering(403, `{"error_code":40301,"message":"no"}`),
		"not as itself": answering(200, `hello`),
	} {
		f.Intercept(answer)
		if got, err := fetch(t, r, l, governor.Intents); !errors.Is(err, ErrAway) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		} else if bad := (*Malformed)(nil); errors.As(err, &bad) {
			t.Errorf("%s: it is no fault of the record's: %v", name, err)
		}
		f.ClearInterceptors()
	}
	asked := 0
	f.Intercept(counted(&asked))
	for range 3 {
		if _, err := fetch(t, r, l, governor.Intents); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("it was asked %d times for one schema", asked)
	}
	f.Close()
	if _, err := fetch(t, r, l, governor.Intents); err != nil {
		t.Errorf("what is known needs no registry: %v", err)
	}
	l.append(at(governor.Intents), record([]byte{0, 0, 0, 0, 9, 'x'}))
	if _, err := fetch(t, r, l, governor.Intents); !errors.Is(err, ErrAway) {
		t.Errorf("what is not known does: %v", err)
	}
}

// Where the registry says that there is no such schema, the record goes on as it came,
// and its dead letter says why, and what to do.
func TestADeadLetterIsWhatItWas(t *testing.T) {
	f := fake(t)
	good := seed(t, f, 1, "intent.v1", Avro)
	late := good.must(t, strings.Replace(anIntent, `"id":"i1",`, `"id":"",`, 1)) // turned, and refused by the strict decoder
	for name, one := range map[string]struct {
		value []byte
		want  string // the message
		json  bool
	}{
		"no schema":  {[]byte{0, 0, 0, 0, 77, 'x'}, "there is no schema 77 in the registry: register it there, or send the record to the registry's own cluster", false},
		"cut off":    {[]byte{0, 0, 1}, "the record is cut off: it begins as a schema registry's frame does, and is 3 bytes long; send the whole", false},
		"no record":  {[]byte{0, 0, 0, 0, 1, 200}, "schema 1: the record is not what its Avro schema says: encode it with the schema that its id names", false},
		"too large":  {append([]byte{0, 0, 0, 0, 1}, make([]byte, mostFramed)...), "the record has 57349 bytes; framed it may have 57344", false},
		"unreadable": {late, "id: is missing; add it", true},
	} {
		l, r := newLog(), client(t, f)
		came := record(one.value, consumer.Header{Key: "Content-Type", Value: []byte("avro/binary")}, consumer.Header{Key: "x", Value: []byte("y")})
		l.append(at(governor.Intents), came)
		got, err := fetch(t, r, l, governor.Intents)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if isFramed(got[0].Value) == one.json {
			t.Errorf("%s: %q", name, got[0].Value)
		}
		value, _, err := schemas.Unwrap(asSchemas(got[0].Headers), got[0].Value)
		if err == nil {
			_, _, err = schemas.DecodeIntent(value)
		}
		if err == nil {
			t.Fatalf("%s: it is read", name)
		}
		// What the worker makes of it.
		dead := got[0]
		for _, h := range governor.DeadLetterHeaders(governor.Source{Topic: governor.Intents}, err) {
			dead.Headers = append(dead.Headers, consumer.Header(h))
		}
		w, err := r.Writer(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Produce(t.Context(), []consumer.Append{{Slot: at(governor.DeadLetter), Records: []consumer.Record{dead}}}); err != nil {
			t.Fatal(err)
		}
		letter := l.slots[at(governor.DeadLetter)][0]
		if !bytes.Equal(letter.Value, one.value) {
			t.Errorf("%s: the value is %q", name, letter.Value)
		}
		if diff := cmp.Diff(came.Headers, letter.Headers[:2]); diff != "" {
			t.Errorf("%s: the headers that it came with (-came +letter):\n%s", name, diff)
		}
		if got := header(&letter, schemas.ErrorMessage); got != one.want {
			t.Errorf("%s: it says\n%s\nwant\n%s", name, got, one.want)
		}
		if hasOurs(letter.Headers) || len(letter.Headers) != 8 {
			t.Errorf("%s: %v", name, letter.Headers)
		}
		// Whoever compares the two by other means sees that it is the same.
		for topic, rec := range map[string]*consumer.Record{governor.Intents: &came, governor.DeadLetter: &letter} {
			if err := r.Plain(t.Context(), topic, rec); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(came.Value, letter.Value) || !cmp.Equal(came.Headers, letter.Headers[:2]) {
			t.Errorf("%s: %v is %v", name, came, letter)
		}
	}
}

func asSchemas(headers []consumer.Header) (out []schemas.Header) {
	for _, h := range headers {
		out = append(out, schemas.Header(h))
	}
	return out
}

// Whoever sends our headers along says nothing by them.
func TestOurHeadersAreNobodysElse(t *testing.T) {
	l, r := newLog(), client(t, fake(t))
	l.append(at(governor.Signals), record([]byte(`{`), consumer.Header{Key: headerWhy, Value: []byte("pay here")}, consumer.Header{Key: headerFramed, Value: []byte("x")}))
	got, err := fetch(t, r, l, governor.Signals)
	if err != nil || len(got[0].Headers) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// A CloudEvent whose data is framed is one, whatever its content-type says of the frame.
func TestFramedCloudEvents(t *testing.T) {
	f := fake(t)
	l := newLog()
	l.append(at(governor.Intents), record(seed(t, f, 1, "intent.v1", Avro).must(t, anIntent),
		consumer.Header{Key: "ce_specversion", Value: []byte("1.0")}, consumer.Header{Key: "ce_id", Value: []byte("1")},
		consumer.Header{Key: "ce_source", Value: []byte("/shop")}, consumer.Header{Key: "ce_type", Value: []byte("contact.intent.v1")},
		consumer.Header{Key: "content-type", Value: []byte("application/avro")}))
	got, err := fetch(t, client(t, f), l, governor.Intents)
	if err != nil {
		t.Fatal(err)
	}
	if value, _, err := schemas.Unwrap(asSchemas(got[0].Headers), got[0].Value); err != nil || string(value) != anIntent {
		t.Errorf("%s, %v", value, err)
	}
}

// outputsOf are records as a worker emits them, one a topic, and a tombstone.
func outputsOf(t *testing.T) []consumer.Append {
	t.Helper()
	var batch []consumer.Append
	all := outputs()
	for _, topic := range sorted(all) {
		message := all[topic]
		a := consumer.Append{Slot: at("staging." + topic)}
		for _, sample := range full(t, message) {
			a.Records = append(a.Records, record(sample, consumer.Header{Key: contentType, Value: []byte("application/json")}, consumer.Header{Key: consumer.HeaderBatch, Value: []byte("1")}))
		}
		a.Records = append(a.Records, record(nil))
		batch = append(batch, a)
	}
	return append(batch, consumer.Append{Slot: at("staging." + governor.Signals), Records: []consumer.Record{record([]byte(`{"type":"governor.record"}`))}})
}

// "Decisions come out framed; crash and recovery read them": every output is written in
// every format, always as the same bytes, and read back as it was; what governors tell
// each other stays plain.
func TestOutputsThereAndBack(t *testing.T) {
	for _, format := range Formats() {
		f := fake(t)
		set := func(o *Options) { o.Outputs, o.Prefix, o.Register = format, "staging.", true }
		var logs [2]*log
		batch := outputsOf(t)
		for i := range logs {
			logs[i] = newLog()
			w, err := client(t, f, set).Writer(t.Context(), logs[i])
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if err := w.Produce(t.Context(), batch); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			w.Close()
			if !logs[i].closed {
				t.Error("the log was not closed")
			}
		}
		if diff := cmp.Diff(logs[0].slots, logs[1].slots); diff != "" {
			t.Errorf("%s: another process writes other bytes:\n%s", format, diff)
		}
		if diff := cmp.Diff(outputsOf(t), batch); diff != "" {
			t.Errorf("%s: the batch changed, which may be tried again:\n%s", format, diff)
		}
		// Somebody who reads only, after the registry's ids were forgotten.
		r := client(t, f, func(o *Options) { o.Prefix = "staging." })
		for _, a := range batch {
			for _, rec := range logs[0].slots[a.Slot] {
				framed := format != Plain && rec.Value != nil && a.Topic != "staging."+governor.Signals
				if isFramed(rec.Value) != framed {
					t.Errorf("%s on %s: %q", format, a.Topic, rec.Value)
				}
				if framed && header(&rec, contentType) != media(format) {
					t.Errorf("%s: %s", format, header(&rec, contentType))
				}
			}
			back, err := fetch(t, r, logs[0], a.Topic)
			if err != nil {
				t.Fatal(err)
			}
			for i := range back {
				back[i].Offset = 0
			}
			if diff := cmp.Diff(a.Records, back); diff != "" {
				t.Errorf("%s on %s (-written +read):\n%s", format, a.Topic, diff)
			}
		}
	}
}

// "Registered at start if registry.register, else must exist": and then nothing is
// asked any more.
func TestPins(t *testing.T) {
	f := fake(t)
	wants := func(o *Options) { o.Outputs = Protobuf }
	_, err := client(t, f, wants).Writer(t.Context(), newLog())
	if !errors.Is(err, ErrNoSchema) || !strings.Contains(err.Error(), "set registry.register") {
		t.Fatalf("%v", err)
	}
	if f.SubjectExists("contact.approved-value") {
		t.Error("it registers though it may not")
	}
	if err := client(t, f, func(o *Options) { o.Outputs, o.Register = Protobuf, true }).Pin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for topic, message := range outputs() {
		s, ok := f.GetSchema(topic+"-value", 1)
		if want, _ := schemaOf(message, Protobuf); !ok || s.Type != sr.TypeProtobuf || s.Schema.Schema != want.Schema {
			t.Errorf("%s: %v, %s", topic, ok, s.Schema.Schema)
		}
	}
	r := client(t, f, wants)
	for range 2 {
		if _, err := r.Writer(t.Context(), newLog()); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	w, err := r.Writer(t.Context(), newLog())
	if err != nil {
		t.Fatalf("the ids are known: %v", err)
	}
	if err := w.Produce(t.Context(), outputsOf(t)); err != nil {
		t.Error(err)
	}
	if _, err := client(t, f, wants).Writer(t.Context(), newLog()); !errors.Is(err, ErrAway) {
		t.Errorf("a writer without ids: %v", err)
	}
}

// Whatever of the governor's own cannot be read back stops everything: to take it for
// nothing would be to decide again what was decided.
func TestOwnOutputsAreNeverPassedOver(t *testing.T) {
	f := fake(t)
	seed(t, f, 1, "approved.v1", Avro)
	for _, value := range [][]byte{{0, 0, 0, 0, 99, 'x'}, {0, 0}, append([]byte{0, 0, 0, 0, 1}, 0xff)} {
		l := newLog()
		l.append(at(governor.Approved), record(value, consumer.Header{Key: consumer.HeaderBatch, Value: []byte("1")}))
		if _, err := fetch(t, client(t, f), l, governor.Approved); !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "contact.approved/0/0") {
			t.Errorf("%v: %v", value, err)
		}
		l = newLog()
		l.append(at(governor.Approved), record(value))
		if got, err := fetch(t, client(t, f), l, governor.Approved); err != nil || !bytes.Equal(got[0].Value, value) {
			t.Errorf("%v, somebody else's: %v, %v", value, got, err)
		}
	}
}

// Who asks is told on each request, and a registry that lets nobody in says so.
func TestAuthorize(t *testing.T) {
	f := fake(t, srfake.WithAuth("Bearer second"))
	token := "first"
	r := client(t, f, func(o *Options) {
		o.Outputs, o.Register = Avro, true
		o.Authorize = func(req *http.Request) error {
			if token == "" {
				return errors.New("/run/secrets/registry: no such file")
			}
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
	})
	if err := r.Pin(t.Context()); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "mend its user, password or token") {
		t.Errorf("%v", err)
	}
	token = ""
	if err := r.Pin(t.Context()); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "/run/secrets/registry") {
		t.Errorf("%v", err)
	}
	token = "second"
	if err := r.Pin(t.Context()); err != nil {
		t.Errorf("%v", err)
	}
}

// Schemas that name others are understood with them; one that names too many is not.
func TestReferences(t *testing.T) {
	f := fake(t)
	f.SeedSchema("segment", 1, 1, sr.Schema{Type: sr.TypeAvro, Schema: `{"type":"record","name":"Segment","namespace":"shop","fields":[{"name":"score","type":"int"}]}`})
	f.SeedSchema("wish", 1, 2, sr.Schema{
		Type: sr.TypeAvro, Schema: `{"type":"record","name":"Wish","namespace":"shop","fields":[{"name":"id","type":"string"},{"name":"segment","type":["null","Segment"]}]}`,
		References: []sr.SchemaReference{{Name: "shop.Segment", Subject: "segment", Version: 1}},
	})
	f.SeedSchema("common", 1, 3, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; package shop; message Segment { int32 score = 1; }`})
	f.SeedSchema("wish-proto", 1, 4, sr.Schema{
		Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; import "shop/common.proto"; message Wish { string id = 1; shop.Segment segment = 2; }`,
		References: []sr.SchemaReference{{Name: "shop/common.proto", Subject: "common", Version: 1}},
	})
	f.SeedSchema("gone", 1, 8, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; message G {}`})
	f.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		return strings.HasPrefix(req.URL.Path, "/subjects/gone/") && answering(404, `{"error_code":40401,"message":"gone"}`)(w, req)
	})
	f.SeedSchema("lost", 1, 5, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; import "gone.proto"; message W {}`,
		References: []sr.SchemaReference{{Name: "gone.proto", Subject: "gone", Version: 1}}})
	f.SeedSchema("odd", 1, 6, sr.Schema{Type: sr.TypeAvro, Schema: `"string"`})
	r := client(t, f)
	for name, payload := range map[string][]byte{
		"avro":     {0, 0, 0, 0, 2, 4, 'i', '1', 2, 14},
		"protobuf": {0, 0, 0, 0, 4, 0, 10, 2, 'i', '1', 18, 2, 8, 7},
	} {
		if got, err := r.Turn(t.Context(), payload); err != nil || string(got) != `{"id":"i1","segment":{"score":7}}` {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	f.SeedSchema("long", 1, 7, sr.Schema{Type: sr.TypeProtobuf, Schema: "message " + strings.Repeat("x\n", 3000)})
	if l := newLog(); true {
		l.append(at(governor.Intents), record([]byte{0, 0, 0, 0, 7, 0}))
		got, err := fetch(t, r, l, governor.Intents)
		if err != nil {
			t.Fatal(err)
		}
		if why := header(&got[0], headerWhy); len(why) > mostWhy || strings.ContainsAny(why, "\n\r") || !strings.HasPrefix(why, "schema 7: ") {
			t.Errorf("a reason is a line: %q", why)
		}
	}
	for id, want := range map[byte]string{5: "refers to one that is not in the registry", 6: "schema 6: it cannot be understood: a record is needed"} {
		bad := (*Malformed)(nil)
		if _, err := r.Turn(t.Context(), []byte{0, 0, 0, 0, id, 0}); !errors.As(err, &bad) || !strings.Contains(bad.Reason, want) {
			t.Errorf("%d: %v", id, err)
		}
	}
}

// What is remembered of schemas has a bound: the latest used stay.
func TestTheCacheIsBounded(t *testing.T) {
	c := newCache(2)
	c.put(1, verbatim{})
	c.put(2, verbatim{})
	_, _ = c.get(1)
	c.put(3, verbatim{})
	c.put(3, verbatim{})
	for id, want := range map[int]bool{1: true, 2: false, 3: true} {
		if _, ok := c.get(id); ok != want {
			t.Errorf("%d: %v", id, ok)
		}
	}
	if len(c.byID) != 2 || c.order.Len() != 2 {
		t.Errorf("%d, %d", len(c.byID), c.order.Len())
	}
}

// A Reader can wait where its log can.
func TestWaiting(t *testing.T) {
	r := client(t, fake(t))
	if _, can := r.Reader(newLog()).(consumer.Waiter); can {
		t.Error("it waits for a log that cannot")
	}
	if _, can := r.Reader(waiting{newLog()}).(consumer.Waiter); !can {
		t.Error("it does not wait for a log that can")
	}
}
