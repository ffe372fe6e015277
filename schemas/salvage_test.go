package schemas

import (
	"encoding/json"
	"strings"
	"testing"
)

// "An unreadable refusal whose person can be read refuses that person
// everything until someone has looked (doubt is a no)."
func TestSalvage(t *testing.T) {
	for _, c := range []struct {
		name    string
		key     string
		value   string
		person  string
		refusal bool
	}{
		// The type is legible.
		{"a refusal with a mistake", "p1", `{"type":"refusal","channel":7}`, "p1", true},
		{"a cancellation", "p1", `{"type":"cancellation"}`, "p1", true},
		{"a complaint", "p1", `{"type":"complaint"}`, "p1", true},
		{"a reply: it may be a STOP", "p1", `{"type":"reply","text":17}`, "p1", true},
		{"a broken outcome is no refusal", "p1", `{"type":"outcome","result":"?"}`, "p1", false},
		{"nor is a broken merge", "p1", `{"type":"merge"}`, "p1", false},

		// The type is in doubt.
		{"no type", "p1", `{"id":"s1"}`, "p1", true},
		{"an unknown type", "p1", `{"type":"opt_out"}`, "p1", true},
		{"a type in capitals", "p1", `{"type":"OUTCOME"}`, "p1", true},
		{"a type that is no string", "p1", `{"type":["outcome"]}`, "p1", true},
		{"nothing at all", "p1", ``, "p1", true},
		{"not JSON", "p1", `type=outcome`, "p1", true},
		{"one of two types says no", "p1", `{"type":"outcome","type":"refusal"}`, "p1", true},
		{"in whatever order", "p1", `{"type":"refusal","type":"outcome"}`, "p1", true},
		{"two that do not", "p1", `{"type":"outcome","type":"merge"}`, "p1", false},

		// Records that are not JSON.
		{"cut off after the type", "p1", `{"id":"s1","type":"outcome","resu`, "p1", false},
		{"cut off after another type", "p1", `{"id":"s1","type":"refusal","chan`, "p1", true},
		{"cut off in the type", "p1", `{"id":"s1","type":"outco`, "p1", true},
		{"cut off before the type", "p1", `{"id":"s1","ty`, "p1", true},
		{"with a comma too many", "p1", "{\"type\" :\r\n\"engagement\",}", "p1", false},
		{"cut off behind the type of something else", "p1", `{"meta":{"type":"merge"},"id":"s1","ty`, "p1", true},
		{"with a bracket too many", "p1", `{"a":1},"type":"merge"}`, "p1", true},
		{"with a quote too many", "p1", `{"text":"5" tall","type":"outcome"}`, "p1", true},
		{"two records in one", "p1", `{"type":"outcome"}{"type":"refusal"}`, "p1", true},
		{"with quotes that hide a no", "p1", `{"text":"5" tall","type":"refusal","x":"type":"outcome"}`, "p1", true},
		{"names and words in escapes", "p1", `{"t\u0079pe":"\u0072efusal","type":"outcome",}`, "p1", true},
		{"a text that talks of types", "p1", `{"type":"outcome","text":"\"type\":\"refusal\""}`, "p1", false},

		{"a no below the surface of what is not JSON", "p1", `{"type":"outcome","meta":{"type":"refusal"}`, "p1", true},

		// Below the surface it counts only where the surface says nothing.
		{"a field of an unknown field", "p1", `{"type":"outcome","meta":{"type":"refusal"}}`, "p1", false},
		{"a type of an unknown field", "p1", `{"meta":{"type":"outcome"}}`, "p1", true},
		{"an envelope", "p1", `{"specversion":"1.0","type":"contact.signal.v1","data":{"type":"outcome"}}`, "p1", false},
		{"an envelope around a no", "p1", `{"specversion":"1.0","type":"outcome","data":{"type":"refusal"}}`, "p1", true},
		{"an envelope in base64", "p1", `{"specversion":"1.0","type":"contact.signal.v1","data_base64":"e30="}`, "p1", true},
		{"what only looks like one", "p1", `{"type":"contact.signal.v1","data":{"type":"outcome"}}`, "p1", true},

		// Who it is.
		{"the key outranks the field", "p1", `{"person":"p2","type":"refusal"}`, "p1", true},
		{"no key", "", `{"person":"p2","type":"refusal"}`, "p2", true},
		{"no key and cut off", "", `{"person":"p2","type":"refu`, "p2", true},
		{"a key that is no text", "\xff", `{"person":"p2"}`, "p2", true},
		{"a key that is too long", strings.Repeat("p", 257), `{"person":"p2"}`, "p2", true},
		{"a key of the longest kind", strings.Repeat("人", 256), ``, strings.Repeat("人", 256), true},
		{"the first readable person", "", `{"person":"","person":7,"person":"p3","person":"p4"}`, "p3", true},
		{"a person in an envelope", "", `{"specversion":"1.0","data":{"person":"p2","type":"merge"}}`, "p2", false},
		{"the person on the surface", "", `{"meta":{"person":"p2"},"person":"p3",`, "p3", true},
		{"a person below it", "", `{"meta":{"person":"p2"},`, "p2", true},
		{"a person that is not UTF-8", "", "{\"person\":\"p\xff\"}", "", true},
		{"nobody", "", `{"type":"refusal"}`, "", true},
		{"an array", "", `["person","p1"]`, "", true},
	} {
		person, refusal := Salvage([]byte(c.key), []byte(c.value))
		if person != c.person || refusal != c.refusal {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, person, refusal, c.person, c.refusal)
		}
	}
}

// Of a record beyond every broker's limit, the beginning is looked at.
func TestSalvageIsBounded(t *testing.T) {
	long := `{"type":"outcome","x":"` + strings.Repeat(`\"`, maxSalvage) + `","type":"refusal"}`
	if person, refusal := Salvage(nil, []byte(long)); person != "" || refusal {
		t.Errorf("%q, %v", person, refusal)
	}
}

// What DecodeSignal can read, Salvage reads the same; what it cannot read is
// never taken for harmless unless it says so, and nothing makes it panic.
func FuzzSalvage(f *testing.F) {
	for _, s := range []string{`{"type":"refusal"}`, `{"type":"outcome"`, `{"type":"outcome","type":"reply"}`, `"type":"merge"`,
		`{"t\u0079pe":"outcome"`, `{"person":"p1","type":"x"`, "\"\\", `{"type":{"type":"merge"}}`, "", "\x00\x00\x00\x00\x01{}"} {
		f.Add([]byte("p1"), []byte(s))
		f.Add([]byte(nil), []byte(s))
	}
	f.Fuzz(func(t *testing.T, key, value []byte) {
		person, refusal := Salvage(key, value)
		if person != "" && !readablePerson([]byte(person)) {
			t.Fatalf("an unreadable person: %q", person)
		}
		if readablePerson(key) && person != string(key) {
			t.Fatalf("%q is not the key", person)
		}
		if !refusal {
			said := false
			for _, typ := range SignalTypes() {
				said = said || !typ.saysNo() && (strings.Contains(string(value), string(typ)) || strings.Contains(string(value), `\u`))
			}
			if !said {
				t.Fatal("nothing in it says that it is harmless")
			}
		}
		if s, _, err := DecodeSignal(value); err == nil && refusal != s.Type.saysNo() {
			t.Fatalf("a readable %s is taken for refusal: %v", s.Type, refusal)
		}
		var lenient struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(value, &lenient) == nil && strings.Contains(string(value), `"type"`) &&
			SignalType(lenient.Type).saysNo() && !refusal {
			t.Fatal("a lenient reader sees a no here")
		}
	})
}
