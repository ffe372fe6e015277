package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/schemas"
)

// framedFormats are those that encode anything.
func framedFormats() []Format { return []Format{Avro, Protobuf, JSONSchema} }

// pinOf is what a message is encoded by.
func pinOf(t testing.TB, message string, format Format) pin {
	t.Helper()
	s, err := schemaOf(message, format)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compile(s.Type, s.Schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pin{7, c}
}

// usesWhole says whether the record stands in a field of its own.
func usesWhole(frame, text []byte) bool {
	return bytes.Contains(frame, text) && frame[headLen] != '{'
}

// "JSON, encoded, and JSON again is byte-identical", and by its fields: nothing that the
// governor writes needs the field that holds the whole.
func TestThereAndBack(t *testing.T) {
	for _, message := range messages() {
		for _, format := range framedFormats() {
			p := pinOf(t, message, format)
			for _, sample := range full(t, message) {
				frame, err := p.encode(sample)
				if err != nil {
					t.Fatalf("%s in %s: %v", message, format, err)
				}
				if usesWhole(frame, sample) {
					t.Errorf("%s in %s has no words for\n%s", message, format, sample)
				}
				checkThereAndBack(t, p, sample)
			}
		}
	}
}

func checkThereAndBack(t rapid.TB, p pin, text []byte) {
	t.Helper()
	frame, err := p.encode(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	again, err := p.encode(text)
	if err != nil || !bytes.Equal(frame, again) {
		t.Fatalf("the same JSON makes other bytes: %v\n%s", err, text)
	}
	id, payload, err := unframe(frame)
	if err != nil || id != 7 {
		t.Fatalf("%d, %v", id, err)
	}
	back, err := p.codec.decode(payload)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !bytes.Equal(back, text) {
		t.Fatalf("there  %s\nback   %s", text, back)
	}
}

// Every record of the corpus that is valid, in every format: as the governor would write
// it, byte for byte; as it is, to the same message.
func TestTheCorpusThereAndBack(t *testing.T) {
	for _, message := range []string{"intent", "signal"} {
		files, err := filepath.Glob("../../schemas/testdata/" + message + "/valid-*.json")
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			written := rewritten(t, message, text)
			for _, format := range framedFormats() {
				p := pinOf(t, message+".v1", format)
				frame, err := p.encode(written)
				if err != nil {
					t.Fatalf("%s in %s: %v", file, format, err)
				}
				if usesWhole(frame, written) {
					t.Errorf("%s in %s: there are no words for it", file, format)
				}
				checkThereAndBack(t, p, written)
				// As it is: an engine that reads it with a JSON library and encodes that.
				o, err := readObject(text)
				if err != nil {
					t.Fatal(err)
				}
				payload, err := p.codec.encode(nil, o)
				if err != nil {
					continue // a null in it, or a number of another form: not what a serializer is given
				}
				back, err := p.codec.decode(payload)
				if err != nil {
					t.Fatalf("%s in %s: %v", file, format, err)
				}
				if again := rewritten(t, message, back); !bytes.Equal(again, written) {
					t.Errorf("%s in %s says\n%s\nand said\n%s", file, format, again, written)
				}
			}
		}
	}
}

// rewritten is a message as the governor would write it.
func rewritten(t *testing.T, message string, text []byte) []byte {
	t.Helper()
	if message == "intent" {
		in, _, err := schemas.DecodeIntent(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return in.AppendJSON(nil)
	}
	s, _, err := schemas.DecodeSignal(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s.AppendJSON(nil)
}

// Random records of every message, with any fields in or out, and any texts: byte for
// byte. What a schema has no words for goes in whole, and comes back all the same.
func TestRandomThereAndBack(t *testing.T) {
	for _, message := range messages() {
		s, _ := shapeOf(t, message)
		for _, format := range framedFormats() {
			p := pinOf(t, message, format)
			t.Run(message+"/"+string(format), rapid.MakeCheck(func(t *rapid.T) {
				w := writer{}
				draw(t, &w, &s, rapid.IntRange(0, 9).Draw(t, "odd") == 0 && isOutput(message))
				checkThereAndBack(t, p, w.b)
			}))
		}
	}
}

// draw writes a value of the shape as the governor would. What is odd lacks fields that
// must be there, and has others.
func draw(t *rapid.T, w *writer, s *shape, odd bool) {
	switch s.kind {
	case "string":
		w.str(rapid.StringN(1, -1, 40).Draw(t, "text"))
	case "time":
		w.time(schemas.Time(rapid.Int64Range(946684800000, 253370764799999).Draw(t, "time")).Std())
	case "bool":
		w.bool(rapid.Bool().Draw(t, "bool"))
	case "int":
		w.int(rapid.Int64().Draw(t, "int"))
	case "number":
		w.float(float64(rapid.Int64Range(0, 1<<40).Draw(t, "thousandths")) / 1000)
	case "list":
		w.b = append(w.b, '[')
		for range rapid.IntRange(1, 3).Draw(t, "entries") {
			w.comma('[')
			draw(t, w, s.items, odd)
		}
		w.b = append(w.b, ']')
	case "record":
		w.open()
		for i := range s.fields {
			f := &s.fields[i]
			if (!f.required || odd) && rapid.Bool().Draw(t, "without "+f.name) {
				continue
			}
			w.name(f.name)
			draw(t, w, &f.shape, odd)
		}
		if odd {
			w.name("of_a_later_release")
			w.b = append(w.b, `{"x":[1.50,null]}`...)
		}
		w.close()
	}
}

// What the schema has no words for comes back as it was, and says whom it is about where
// everybody finds it.
func TestWhole(t *testing.T) {
	for _, format := range framedFormats() {
		p := pinOf(t, "standing.v1", format)
		for _, text := range []string{
			`{"person":"ann","at_last":{"a":[1,2.50,null]}}`,
			`{"campaign":"spring","killed":"2026-05-04T08:00:00.000Z"}`,
			`{"person":"ann", "cases":[]}`,
			`{"person":7}`,
			`{"person":"ann","cases":[{"at":"yesterday","open":true}]}`,
			`{"person":null,"erased":"2026-05-04T08:00:00.123456Z"}`,
			`{}`,
		} {
			checkThereAndBack(t, p, []byte(text))
		}
		for _, text := range []string{``, `[]`, `null`, `{`} {
			frame, err := p.encode([]byte(text))
			if bad := (*Malformed)(nil); !errors.As(err, &bad) {
				t.Errorf("%s: %q, %v", text, frame, err)
			}
		}
	}
	c := pinOf(t, "standing.v1", Avro).codec.(*avroCodec)
	frame, err := pinOf(t, "standing.v1", Avro).encode([]byte(`{"person":"ann","new":1}`))
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if _, err := c.schema.Decode(frame[headLen:], &v); err != nil || v["person"] != "ann" || v[wholeField] != `{"person":"ann","new":1}` {
		t.Errorf("%v, %v", v, err)
	}
}

// Only our schemas have a field for the whole: of anybody else's, a field of that name is
// one that nobody knows.
func TestAFieldNamedJSONIsNoBackdoor(t *testing.T) {
	for name, c := range map[string]codec{
		"avro":     must(newAvro(`{"type":"record","name":"I","namespace":"shop","fields":[{"name":"id","type":"string"},{"name":"json","type":["null","string"]}]}`, nil))(t),
		"protobuf": must(newProtobuf(`syntax = "proto3"; package shop; message I { string id = 1; string json = 2; }`, nil))(t),
	} {
		payload, err := c.encode(nil, object{fields: map[string]any{"id": "i1", "json": `{"id":"another"}`}})
		if err != nil {
			t.Fatal(err)
		}
		back, err := c.decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(back, &got); err != nil || got["id"] != "i1" {
			t.Errorf("%s: %s, %v", name, back, err)
		}
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Frames of other lengths than five bytes and more are none.
func TestFrames(t *testing.T) {
	if isFramed(nil) || isFramed([]byte(`{}`)) || !isFramed([]byte{0}) {
		t.Error("frames are told by their first byte, which is 0")
	}
	if _, _, err := unframe([]byte{0, 0, 0, 1}); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("%v", err)
	}
	for _, path := range [][]int{{0}, {1}, {2, 0}, {0, 3, 1}} {
		b := appendMessageIndex(nil, path)
		got, rest, err := messageIndex(append(b, 'x'))
		if err != nil || string(rest) != "x" || len(got) != len(path) {
			t.Errorf("%v: %v, %q, %v", path, got, rest, err)
		}
	}
}
