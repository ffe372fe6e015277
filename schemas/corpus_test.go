package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The corpus: testdata/intent and testdata/signal, one record a file.
//
//	valid-….json      decodes, and the schema accepts it
//	invalid-….json    is refused by both; the file is named for the mistake
//	strict-….json     is refused by the decoder; a schema cannot see the mistake
//
// Beside each refused record, ….txt is what a person reads about it.
// Only commit rewritten ones if you understand what changed them.
var rewrite = flag.Bool("rewrite", false, "rewrite the error texts in testdata")

func compile(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// agrees asks the schema.
func agrees(s *jsonschema.Schema, value []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// decodeAndBack decodes, and encodes what was decoded.
func decodeAndBack(message string, value []byte) (decoded any, again []byte, err error) {
	if message == "intent" {
		in, _, err := DecodeIntent(value)
		return in, in.AppendJSON(nil), err
	}
	s, _, err := DecodeSignal(value)
	return s, s.AppendJSON(nil), err
}

// "Unknown fields are ignored and counted, never an error (engines evolve); a
// missing required field, a duplicate key, invalid UTF-8, a wrong type or a
// value over its limit sends the record to the dead-letter topic with a reason
// a person can act on."
func TestDecoderAndSchemaAgreeOnTheCorpus(t *testing.T) {
	for _, message := range []string{"intent", "signal"} {
		schema := compile(t, message+".v1")
		files, err := filepath.Glob("testdata/" + message + "/*.json")
		if err != nil || len(files) < 50 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, file := range files {
			t.Run(message+"/"+filepath.Base(file), func(t *testing.T) {
				value, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				decoded, again, err := decodeAndBack(message, value)
				said := agrees(schema, value)
				switch class, _, _ := strings.Cut(filepath.Base(file), "-"); class {
				case "valid":
					if err != nil || said != nil {
						t.Fatalf("decoder: %v\nschema: %v", err, said)
					}
					same(t, message, decoded, again)
					if said := agrees(schema, again); said != nil {
						t.Errorf("the schema refuses what AppendJSON wrote: %v\n%s", said, again)
					}
				case "invalid":
					if said == nil {
						t.Error("the schema accepts it")
					}
					golden(t, file, err)
				case "strict":
					golden(t, file, err)
				default:
					t.Fatal("name it valid-, invalid- or strict-")
				}
			})
		}
	}
}

// "Decode(AppendJSON(x)) == x"
func same(t *testing.T, message string, decoded any, again []byte) {
	t.Helper()
	twice, _, err := decodeAndBack(message, again)
	if err != nil {
		t.Fatalf("decoding what AppendJSON wrote: %v\n%s", err, again)
	}
	if diff := cmp.Diff(decoded, twice); diff != "" {
		t.Errorf("there and back (-first +second):\n%s", diff)
	}
}

func golden(t *testing.T, file string, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("the decoder accepts it")
	}
	if bad := (*Malformed)(nil); !errors.As(err, &bad) {
		t.Fatalf("%T is no *Malformed", err)
	}
	path := strings.TrimSuffix(file, ".json") + ".txt"
	if *rewrite {
		if err := os.WriteFile(path, []byte(err.Error()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, readErr := os.ReadFile(path)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if got := err.Error() + "\n"; got != string(want) {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestEverySchemaCompiles(t *testing.T) {
	names := Names()
	for _, want := range []string{"intent.v1", "signal.v1", "approved.v1", "vetoed.v1", "revoked.v1", "deadletter.v1",
		"redeem-answer.v1", "redeemed.v1", "leaked.v1", "veto-rates.v1"} {
		if !strings.Contains(strings.Join(names, " "), want) {
			t.Errorf("%s has no schema", want)
		}
	}
	for _, name := range names {
		compile(t, name)
	}
	if _, err := Schema("intent.v9"); err == nil || !strings.Contains(err.Error(), "intent.v1") {
		t.Errorf("an unknown schema should be told which there are: %v", err)
	}
}

// The runnable cases lie beside the project; where they do, all of their
// records decode.
func TestTheSharedCasesDecode(t *testing.T) {
	files, _ := filepath.Glob("../../shared/cases/*.json")
	if len(files) == 0 {
		t.Skip("no ../../shared/cases here")
	}
	schemas := map[string]*jsonschema.Schema{"intent": compile(t, "intent.v1"), "signal": compile(t, "signal.v1")}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Events []struct {
				Topic string
				Value json.RawMessage
			}
		}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i, e := range c.Events {
			message, ok := map[string]string{"contact.intents": "intent", "contact.signals": "signal"}[e.Topic]
			if !ok {
				continue
			}
			if _, _, err := decodeAndBack(message, e.Value); err != nil {
				t.Errorf("%s, event %d: %v", file, i, err)
			}
			if err := agrees(schemas[message], e.Value); err != nil {
				t.Errorf("%s, event %d: %v", file, i, err)
			}
		}
	}
}
