package schemas

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func seed(f *testing.F, message string) {
	f.Helper()
	files, err := filepath.Glob("testdata/" + message + "/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		value, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
}

// beyond lists what the decoder refuses and a schema cannot see.
func beyond(err error) bool {
	for _, reason := range []string{"not in the calendar", "clock was never set", "year 9999", "nests deeper", "limit is",
		"must be a duration", "names the person itself"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// decoderAndSchemaAgree holds one against the other on a record that is JSON.
func decoderAndSchemaAgree(f *testing.F, message string) {
	seed(f, message)
	schema := compile(f, message+".v1")
	f.Fuzz(func(t *testing.T, value []byte) {
		decoded, again, err := decodeAndBack(message, value)
		if err == nil {
			twice, _, err := decodeAndBack(message, again)
			if err != nil {
				t.Fatalf("decoding what AppendJSON wrote: %v\n%s", err, again)
			}
			if diff := cmp.Diff(decoded, twice); diff != "" {
				t.Fatalf("there and back (-first +second):\n%s", diff)
			}
		}
		if !jsontext.Value(value).IsValid() {
			if err == nil {
				t.Fatal("the decoder accepts what is no JSON")
			}
			return
		}
		said := agrees(schema, value)
		if err == nil && said != nil {
			t.Fatalf("only the schema refuses it: %v", said)
		}
		if err != nil && said == nil && !beyond(err) {
			t.Fatalf("only the decoder refuses it: %v", err)
		}
	})
}

func FuzzDecodeIntent(f *testing.F) { decoderAndSchemaAgree(f, "intent") }

func FuzzDecodeSignal(f *testing.F) { decoderAndSchemaAgree(f, "signal") }

// What the governor reads of its own output, it writes the same.
func FuzzDecodeDecision(f *testing.F) {
	f.Add(approval(f).AppendJSON(nil))
	f.Add(veto(f).AppendJSON(nil))
	f.Fuzz(func(t *testing.T, value []byte) {
		d, err := DecodeDecision(value)
		if err != nil {
			return
		}
		again, err := DecodeDecision(d.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Fatalf("there and back (-first +second):\n%s", diff)
		}
	})
}
