package registry

import (
	"bytes"
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// codecs are one of each kind, and of schemas in which anything can be.
func codecs(t testing.TB) []codec {
	t.Helper()
	all := []codec{
		must(newAvro(engineAvro, nil))(t),
		must(newProtobuf(engineProto, []reference{{"shop/segment.proto", `syntax = "proto3"; package shop; message Segment { Segment next = 1; repeated Segment all = 2; double x = 3; }`}}))(t),
		must(newAvro(`{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]},{"name":"nulls","type":{"type":"array","items":"null"}},{"name":"maps","type":{"type":"map","values":{"type":"array","items":"N"}}}]}`, nil))(t),
	}
	for _, message := range messages() {
		for _, format := range framedFormats() {
			all = append(all, pinOf(t, message, format).codec)
		}
	}
	return all
}

// Whatever comes framed makes JSON, or is refused with a reason; nothing panics, nothing
// grows beyond what came. Of JSON Schema the payload is for the strict decoder to judge.
func FuzzFrame(f *testing.F) {
	all := codecs(f)
	for i := range all {
		f.Add(uint8(i), []byte{0, 0, 0, 0, 7, 2, 0})
	}
	for i, message := range messages() {
		for j, format := range framedFormats() {
			frame, err := pinOf(f, message, format).encode(full(f, message)[0])
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(3+3*i+j), frame)
		}
	}
	f.Add(uint8(2), []byte{0, 0, 0, 0, 1, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0})
	f.Fuzz(func(t *testing.T, which uint8, value []byte) {
		c := all[int(which)%len(all)]
		if !isFramed(value) {
			return
		}
		_, payload, err := unframe(value)
		var got []byte
		if err == nil {
			got, err = c.decode(payload)
		}
		if err != nil {
			if bad := (*Malformed)(nil); !errors.As(err, &bad) || bad.Reason == "" {
				t.Fatalf("%T, %v", err, err)
			}
			return
		}
		if _, is := c.(verbatim); is || bytes.Contains(got, []byte(wholeField)) {
			return
		}
		if err := checkJSON(got); err != nil {
			t.Fatalf("%v\n%q", err, got)
		}
	})
}

// checkJSON says whether it is one JSON value, of whatever depth.
func checkJSON(b []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true))
	_, err := d.ReadValue()
	return err
}

// Whatever the governor writes, of any length and with anything in it, comes back byte
// for byte, or is refused before it goes out.
func FuzzOutput(f *testing.F) {
	for _, message := range messages() {
		if isOutput(message) {
			f.Add(full(f, message)[0])
		}
	}
	pins := []pin{pinOf(f, "standing.v1", Avro), pinOf(f, "standing.v1", Protobuf), pinOf(f, "vetoed.v1", Avro), pinOf(f, "vetoed.v1", Protobuf)}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !jsontext.Value(text).IsValid() {
			return
		}
		for _, p := range pins {
			frame, err := p.encode(text)
			if err != nil {
				if bad := (*Malformed)(nil); !errors.As(err, &bad) {
					t.Fatal(err)
				}
				continue
			}
			_, payload, err := unframe(frame)
			if err != nil {
				t.Fatal(err)
			}
			back, err := p.codec.decode(payload)
			if err != nil || !bytes.Equal(back, text) {
				t.Fatalf("%q\n%q, %v", text, back, err)
			}
		}
	})
}
