package deadletters

import (
	"testing"
)

// "A value that is JSON is taken as it stands, any other is a text"; all else stays as it
// is, byte for byte.
func TestMending(t *testing.T) {
	for _, c := range []struct{ name, value, set, unset, want string }{
		{"a text", `{"a": 1.0, "channel":"emial"}`, "channel=email", "", `{"a":1.0,"channel":"email"}`},
		{"a number", `{"priority":"5"}`, "priority=5", "", `{"priority":5}`},
		{"a text of digits", `{"id":5}`, `id="5"`, "", `{"id":"5"}`},
		{"a new field", `{"id":"i"}`, "at=2026-05-04T10:00:00Z", "", `{"id":"i","at":"2026-05-04T10:00:00Z"}`},
		{"a field that is there twice", `{"id":"i","channel":"sms","id":"j","channel":"call"}`, "channel=email", "", `{"id":"i","channel":"email","id":"j"}`},
		{"a field inside of another", `{"specversion":"1.0","data":{"channel":"emial"}}`, "data.channel=email", "", `{"specversion":"1.0","data":{"channel":"email"}}`},
		{"an empty text", `{"brand":"x"}`, "brand=", "", `{"brand":""}`},
		{"one less", `{"id":"i","zones":5}`, "", "zones", `{"id":"i"}`},
		{"one less that is not there", `{"id":"i"}`, "", "zones", `{"id":"i"}`},
		{"a value with equal signs", `{}`, "text=a=b", "", `{"text":"a=b"}`},
		{"bytes that are no UTF-8", "{\"text\":\"\xff\",\"at\":1}", "at=x", "", "{\"text\":\"\xff\",\"at\":\"x\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Mend
			if c.set != "" {
				f, err := ParseSet(c.set)
				if err != nil {
					t.Fatal(err)
				}
				m.Set = append(m.Set, f)
			}
			if c.unset != "" {
				path, err := ParseUnset(c.unset)
				if err != nil {
					t.Fatal(err)
				}
				m.Unset = append(m.Unset, path)
			}
			got, err := m.apply([]byte(c.value))
			if err != nil || string(got) != c.want {
				t.Errorf("it is %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

// What is no object cannot be mended, and what is to be done instead is said.
func TestWhatCannotBeMended(t *testing.T) {
	for _, value := range []string{``, `[]`, `"text"`, `{"id":"i"`, `{"id"}`, `{"id":"i",}`} {
		m := Mend{Set: []Field{{"id", []byte(`"x"`)}}}
		if _, err := m.apply([]byte(value)); err == nil || err.Error() != errNoObject.Error() {
			t.Errorf("%s: %v", value, err)
		}
	}
	m := Mend{Set: []Field{{"data.id", []byte(`"x"`)}}}
	for value, want := range map[string]string{
		`{"data":5}`: "data: " + errNoObject.Error(), `{}`: "data: there is no such field",
	} {
		if _, err := m.apply([]byte(value)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", value, err)
		}
	}
	for _, typed := range []string{"", "channel", "=email", "a..b=c", ".a=b"} {
		if _, err := ParseSet(typed); err == nil {
			t.Errorf("%q is taken", typed)
		}
	}
}

// A mended object can be taken apart again, whatever was in it.
func FuzzMend(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"a":1,"a":2}`, `{"data":{"a":[]}}`, "{\"\xff\":1}", `{`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		m := Mend{Set: []Field{{"a", []byte(`"x"`)}}, Unset: []string{"b"}}
		got, err := m.apply(value)
		if err != nil {
			return
		}
		members, err := open(got)
		if err != nil {
			t.Fatalf("%q became %q", value, got)
		}
		n := 0
		for _, m := range members {
			switch m.name {
			case "a":
				n++
			case "b":
				t.Errorf("b is still in %q", got)
			}
		}
		if n != 1 {
			t.Errorf("a is %d times in %q", n, got)
		}
	})
}
