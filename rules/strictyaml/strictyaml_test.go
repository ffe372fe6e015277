package strictyaml

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// settings are what the language of these tests can say: one key for each kind
// of value.
type settings struct {
	Name    string
	Note    string
	Count   int
	On      bool
	Wait    time.Duration
	Colour  string
	Doors   []string
	Nested  string
	Friends map[string]string
}

func source(text string) Source {
	return Source{
		File: "s.yaml", Text: []byte(text), Noun: "setting",
		Empty: "begin with a name", Large: "split it", Second: "one file holds one setting",
	}
}

// read reads the language of these tests.
func read(s Source) (settings, error) {
	r, root := Read(s)
	var out settings
	if root != nil {
		r.Mapping(Root(root, "name: x"), "a setting",
			Must("name", "x", func(e Entry) { out.Name, _ = r.Text(e) }),
			May("note", "hello", func(e Entry) { out.Note, _ = r.MaybeText(e) }),
			May("count", "3", func(e Entry) { out.Count, _ = r.Whole(e) }),
			May("on", "true", func(e Entry) { out.On, _ = r.Bool(e) }),
			May("wait", "24h", func(e Entry) { out.Wait, _ = r.Duration(e) }),
			May("colour", "green", func(e Entry) { out.Colour, _ = OneOf(r, e, "colour", "green", "red") }),
			May("doors", "[north, south]", func(e Entry) {
				for _, item := range r.Items(e) {
					if door, ok := r.Text(item); ok {
						out.Doors = append(out.Doors, door)
					}
				}
			}),
			May("keys", "[a]", func(e Entry) {
				if r.Is(e, "keys", yaml.SequenceNode) {
					r.Items(Entry{Key: e.Key, Value: e.Value, Write: e.Write, Needed: true})
				}
			}),
			May("nested", "{deep: x}", func(e Entry) {
				r.Mapping(e, "nested", Must("deep", "x", func(e Entry) { out.Nested, _ = r.Text(e) }))
			}),
			Never("default", "a setting has no default: leave the key out"),
			May("friends", "{mara: x}", func(e Entry) {
				out.Friends = map[string]string{}
				for _, friend := range r.Entries(e.Value) {
					out.Friends[friend.Key.Value], _ = r.Text(friend)
				}
			}),
		)
	}
	return out, Failure(r.Problems(), s.File)
}

func TestReads(t *testing.T) {
	want := settings{
		Name: "x", Note: "", Count: -3, On: true, Wait: 36*time.Hour + 250*time.Millisecond, Colour: "red",
		Doors: []string{"north", "5"}, Nested: "true", Friends: map[string]string{"mara": "yes", "1": "2"},
	}
	for name, text := range map[string]string{
		"YAML": "# settings\nname: x\nnote: ''\ncount: -3\non: true\nwait: 1d12h250ms\ncolour: red\n" +
			"doors:\n  - north\n  - 5\nnested: {deep: true}\nfriends:\n  mara: yes\n  1: 2\n",
		"JSON": "{\n  \"name\": \"x\",\n  \"note\": \"\",\n  \"count\": -3,\n  \"on\": true,\n  \"wait\": \"36h250ms\",\n" +
			"  \"colour\": \"red\",\n  \"doors\": [\n    \"north\",\n    \"5\"\n  ],\n" +
			"  \"nested\": {\"deep\": \"true\"},\n  \"friends\": {\"mara\": \"yes\", \"1\": \"2\"}\n}\n",
		"JSON in one line": `{"name":"x","note":"","count":-3,"on":true,"wait":"36h250ms","colour":"red","doors":["north","5"],` +
			`"nested":{"deep":"true"},"friends":{"mara":"yes","1":"2"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(source(text))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestAListOfOneNeedsNoList(t *testing.T) {
	got, err := read(source("name: x\ndoors: north\n"))
	if err != nil || !reflect.DeepEqual(got.Doors, []string{"north"}) {
		t.Errorf("got %v, %v", got.Doors, err)
	}
}

func TestMayBeEmptyIfNobodyMinds(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "null", "---\n...\n"} {
		r, root := Read(Source{File: "s.yaml", Text: []byte(text)})
		if root != nil || len(r.Problems()) > 0 || r.Failures() > 0 {
			t.Errorf("%q: got %v, %v", text, root, r.Problems())
		}
	}
}

// Each row is one mistake and all that its author is told of it.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// The whole.
		{"", `1:1: the setting is empty: begin with a name`},
		{"# only a comment\n", `1:1: the setting is empty: begin with a name`},
		{"---\n", `1:1: the setting is empty: begin with a name`},
		{"- name: x\n", `1:1: a setting must be a mapping, not a list: write for example name: x`},
		{"just words\n", `1:1: a setting must be a mapping, not "just words": write for example name: x`},
		{"name: x\n---\nname: y\n", `2:1: a second document begins here: one file holds one setting`},
		{"name: x\n---\nname: y\n  z: [\n", `4:3: this is no YAML: mapping values are not allowed in this context: look at this line and its neighbours`},
		{"name: x\nnote: \xff\n", `2:7: byte 0xff is no UTF-8: save the file as UTF-8`},
		{"name: x\x00\n", `1:8: an invisible control character (U+0000) is here: take it away`},

		// Syntax.
		{"name: x\nnested:\n\tdeep: x\n", `3:1: a tab in the indentation is no YAML: indent with spaces`},
		{"name: x\ndoors: [north\n", `1:1: this is no YAML: did not find expected ',' or ']': look at this line and its neighbours`},
		{"name: x\n  note: y\n", `2:3: this is no YAML: mapping values are not allowed in this context: look at this line and its neighbours`},
		{"name: *nobody\n", `1:7: an alias is not allowed in a setting: write out what *nobody stands for`},

		// What makes a line mean more than it says.
		{"name: &a x\n", `1:7: an anchor is not allowed in a setting: take away &a, and write out its aliases`},
		{"name: &a x\nnote: *a\n", "1:7: an anchor is not allowed in a setting: take away &a, and write out its aliases\n" +
			"2:7: an alias is not allowed in a setting: write out what *a stands for"},
		{"name: !!str x\n", `1:7: a tag is not allowed in a setting: take away !!str`},
		{"name: x\ncount: !!float 3\n", `2:8: a tag is not allowed in a setting: take away !!float`},

		// Keys.
		{"{}\n", `1:1: a setting needs the key "name": write for example name: x`},
		{"name: x\nnotes: y\n", `2:1: unknown key "notes" in a setting: did you mean note?`},
		{"name: x\nnested: {dep: y}\n", "2:9: nested needs the key \"deep\": write for example deep: x\n" +
			`2:10: unknown key "dep" in nested: did you mean deep?`},
		{"name: x\ndefault: y\n", `2:1: a setting has no default: leave the key out`},
		{"name: x\ndefault:\n", `2:1: a setting has no default: leave the key out`},
		{"name: x\ndefalt: y\n", `2:1: unknown key "defalt" in a setting: write one of name, note, count, on, wait, colour, doors, keys, nested, friends`},
		{"name: x\nname: y\n", `2:1: the key "name" is there twice, first at line 1: keep one`},
		{"name: x\n[a, b]: y\n", `2:1: a key must be a word, not a list`},
		{"name: x\nnote:\n", `2:1: "note" has no value: write for example note: hello`},
		{"name: x\nnote: ~\n", `2:1: "note" has no value: write for example note: hello`},
		{"name: x\nfriends: {mara: x, mara: y}\n", `2:20: the key "mara" is there twice, first at line 2: keep one`},

		// Kinds.
		{"name: [x]\n", `1:7: "name" must be a single value, not a list: write for example x`},
		{"name: {x: y}\n", `1:7: "name" must be a single value, not a mapping: write for example x`},
		{"name: ''\n", `1:7: "name" is empty: write for example x`},
		{"name: x\nnested: 5\n", `2:9: nested must be a mapping, not "5": write for example {deep: x}`},
		{"name: x\nkeys: a\n", `2:7: keys must be a list, not "a": write for example [a]`},

		// Lists.
		{"name: x\ndoors: []\n", `2:8: "doors" is an empty list: write for example [north, south], or leave the key out`},
		{"name: x\nkeys: []\n", `2:7: "keys" is an empty list: write for example [a]`},
		{"name: x\ndoors: [a, b, a]\n", `2:15: "a" is there twice, first at line 2: keep one`},
		{"name: x\ndoors: [a, ~]\n", `2:12: "doors" must be a single value, not nothing: write for example [north, south]`},

		// Numbers.
		{"name: x\ncount: three\n", `2:8: "count" must be a whole number in plain digits, not "three": write for example 3`},
		{"name: x\ncount: [3]\n", `2:8: "count" must be a single value, not a list: write for example 3`},
		{"name: x\ncount: '3'\n", `2:8: "count" must be a whole number in plain digits, not the text "3": write for example 3`},
		{"name: x\ncount: 010\n", `2:8: "count" must be a whole number in plain digits, not "010": write for example 3`},
		{"name: x\ncount: +1\n", `2:8: "count" must be a whole number in plain digits, not "+1": write for example 3`},
		{"name: x\ncount: 1_000\n", `2:8: "count" must be a whole number in plain digits, not "1_000": write for example 3`},
		{"name: x\ncount: 0x1F\n", `2:8: "count" must be a whole number in plain digits, not "0x1F": write for example 3`},
		{"name: x\ncount: 2.5\n", `2:8: "count" must be a whole number in plain digits, not "2.5": write for example 3`},
		{"name: x\ncount: 99999999999999999999\n", `2:8: "count" must be a whole number in plain digits, not "99999999999999999999": write for example 3`},

		// Yes and no.
		{"name: x\non: yes\n", `2:5: "on" must be true or false, not "yes": write for example true`},
		{"name: x\non: True\n", `2:5: "on" must be true or false, not "True": write for example true`},
		{"name: x\non: 'true'\n", `2:5: "on" must be true or false, not the text "true": write for example true`},
		{"name: x\non: 1\n", `2:5: "on" must be true or false, not "1": write for example true`},
		{"name: x\non: []\n", `2:5: "on" must be a single value, not a list: write for example true`},

		// Durations.
		{"name: x\nwait: 15\n", `2:7: "wait" has no unit: write for example 15m, 15h or 15d`},
		{"name: x\nwait: 0\n", `2:7: "wait" must be longer than nothing, not 0: write for example 24h, or leave it out`},
		{"name: x\nwait: 0h\n", `2:7: "wait" must be longer than nothing, not 0h: write for example 24h, or leave it out`},
		{"name: x\nwait: -1h\n", `2:7: "wait" must be longer than nothing, not -1h: write for example 24h, or leave it out`},
		{"name: x\nwait: 1w\n", `2:7: "wait" must be a duration, not "1w": write for example 24h, with the units d (24h), h, m, s, ms`},
		{"name: x\nwait: 1.5d\n", `2:7: "wait" must be a duration, not "1.5d": write for example 24h, with the units d (24h), h, m, s, ms`},
		{"name: x\nwait: 1d+1h\n", `2:7: "wait" must be a duration, not "1d+1h": write for example 24h, with the units d (24h), h, m, s, ms`},
		{"name: x\nwait: 5us\n", `2:7: "wait" is finer than the millisecond that everything is counted in: write for example 0s`},
		{"name: x\nwait: 40000d\n", `2:7: "wait" is longer than a hundred years: write for example 24h`},
		{"name: x\nwait: 99999999999h\n", `2:7: "wait" must be a duration, not "99999999999h": write for example 24h, with the units d (24h), h, m, s, ms`},
		{"name: x\nwait: 4294967295d23h\n", `2:7: "wait" is longer than a hundred years: write for example 24h`},
		{"name: x\nwait: {h: 1}\n", `2:7: "wait" must be a single value, not a mapping: write for example 24h`},

		// Words of a closed list.
		{"name: x\ncolour: gren\n", `2:9: unknown colour "gren": did you mean green?`},
		{"name: x\ncolour: mauve\n", `2:9: unknown colour "mauve": write one of green, red`},
		{"name: x\ncolour: []\n", `2:9: "colour" must be a single value, not a list: write for example green`},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := read(source(c.text))
			want := "s.yaml:" + strings.ReplaceAll(c.want, "\n", "\ns.yaml:")
			if err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	_, err := read(source(strings.Repeat("#", Largest+1)))
	if want := "s.yaml:1:1: the setting has more than 1048576 bytes: split it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := read(source("name: x\n" + strings.Repeat("#", Largest-8))); err != nil {
		t.Error(err)
	}
}

func TestReadFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(file, []byte("name: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadFile(file); err != nil || string(b) != "name: x\n" {
		t.Errorf("got %q, %v", b, err)
	}
	if _, err := ReadFile(file + ".gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	// What never ends is not read to its end.
	if b, err := ReadFile("/dev/zero"); err != nil || len(b) != Largest+1 {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"silence", "streak", "caps"}
	for word, want := range map[string]string{
		"silnce":                    "did you mean silence?",
		"sielnce":                   "did you mean silence?",
		"SILENCE":                   "did you mean silence?",
		"cap":                       "did you mean caps?",
		"caps_of":                   "did you mean caps?",
		"x":                         "write one of silence, streak, caps",
		strings.Repeat("caps", 100): "did you mean caps?",
		strings.Repeat("x", 100):    "write one of silence, streak, caps",
		"":                          "write one of silence, streak, caps",
	} {
		if got := Suggest(word, known); got != want {
			t.Errorf("Suggest(%.20q) is %q, want %q", word, got, want)
		}
	}
	if got := Suggest("x", known[:1]); got != "write silence" {
		t.Errorf("of one word: %q", got)
	}
}

// "In the order of the files, then of the lines."
func TestFailureIsInTheOrderOfTheText(t *testing.T) {
	at := func(file string, line, column int) rules.Problem {
		return rules.Problem{At: rules.Position{File: file, Line: line, Column: column}, What: fmt.Sprint(len(file))}
	}
	given := []rules.Problem{at("a", 3, 1), at("b", 1, 1), at("a", 2, 9), at("a", 2, 1)}
	err := Failure(given, "b", "a")
	if want := "b:1:1: 1\na:2:1: 1\na:2:9: 1\na:3:1: 1"; err == nil || err.Error() != want {
		t.Errorf("got\n%v", err)
	}
	if typed := (*Errors)(nil); !errors.As(err, &typed) || len(typed.Problems) != len(given) {
		t.Errorf("got %T", err)
	}
	if given[0] != at("a", 3, 1) {
		t.Error("the caller's problems were moved")
	}
	if err := Failure(nil, "a"); err != nil {
		t.Errorf("without problems: %v", err)
	}
}

// A value with a language of its own has its mistakes where they stand. The value
// is a text with an X in it, and X is what is looked for.
func TestWithin(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a: bcX\n", "1:6"},
		{"a: X\n", "1:4"},
		{"a:   bcX   # no X\n", "1:8"},
		{"a: {b: cX}\n", "1:9"},
		{"a: 'it''s X'\n", "1:11"},
		{"a: \"äö\\u00fc\\x41\\\"\\n X\"\n", "1:22"},
		{"a: \"\\U0001F6D1X\"\n", "1:15"},
		{"a: ü b\n  c X\n", "2:5"},
		{"a: 'b\n  c X'\n", "2:5"},
		{"a: |\n  b\n    X\n", "3:5"},
		{"a: |\n\n  b\n\n  X\n", "5:3"},
		{"a: >-\n  b\n  X\n", "3:3"},
		{"a: >-\n  b &&\n  (c\n  X)\n", "4:3"},
		{"k: 1\na: |\n  X", "3:3"},
		// What cannot be followed begins where it begins.
		{"a: \"b\\\n  cX\"\n", "1:4"},
		{"a: 'b\n\n  X'\n", "1:4"},
		{"a: b\t\n  X\n", "1:4"},
	} {
		r, root := Read(source(c.text))
		if root == nil {
			t.Fatalf("%q: %v", c.text, r.Problems())
		}
		n := root.Content[len(root.Content)-1]
		for n.Kind != yaml.ScalarNode {
			n = n.Content[len(n.Content)-1]
		}
		before := len([]rune(n.Value[:strings.Index(n.Value, "X")]))
		if got := r.Within(n, before).String(); got != "s.yaml:"+c.want {
			t.Errorf("%q: the X is at %s, want %s", c.text, got, c.want)
		}
		r.WrongWithin(n, before, "here")
		if p := r.Problems(); len(p) != 1 || p[0].At != r.Within(n, before) {
			t.Errorf("%q: it is told at %v", c.text, p)
		}
		if end := r.Within(n, len(n.Value)+1); end.Line < n.Line {
			t.Errorf("%q: its end is at %s", c.text, end)
		}
	}
}

// Whatever the text, there is a value or a mistake, and every mistake has a place.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "name: x\n", "name: &a [*a]\n", "\t", "{\"name\": \"x\"", "- - -", "name: x\n---\nname: y", "? [a]\n: b", "count: 010"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(source(text))
		var typed *Errors
		switch {
		case err == nil && got.Name == "":
			t.Error("neither read nor refused")
		case err != nil && !errors.As(err, &typed):
			t.Errorf("want *Errors, got %T", err)
		case err != nil:
			for _, p := range typed.Problems {
				if p.At.File != "s.yaml" || p.At.Line < 1 || p.At.Column < 1 || p.What == "" || !strings.Contains(text, "%!") && strings.Contains(p.What, "%!") {
					t.Errorf("a problem without a place or words: %v", p)
				}
			}
		}
	})
}
