package schemas

import (
	"errors"
	"strings"
	"testing"
)

// What one governor tells another comes back as it was.
func TestToldComesBack(t *testing.T) {
	at, err := ParseTime("2026-05-01T10:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Told{
		{ID: "g-1", Person: "ada", Type: ToldRecord, At: at, Record: "eve", Standing: []byte(`{"person":"eve"}`), Log: []byte{1, 0, 255}, Signal: []byte(`{"id":"s1"}`)},
		{ID: "g-2", Person: "\x1f+49", Type: ToldAddress, At: at, Address: []byte(`{"address":"+49"}`)},
		{ID: "c-1", Person: "\x1dspring", Type: ToldCampaign, At: at, Campaign: []byte(`{"campaign":"spring"}`)},
	} {
		b := want.AppendJSON(nil)
		got, ours, err := DecodeTold(b)
		if err != nil || !ours {
			t.Fatalf("%s: %v, %t", b, err, ours)
		}
		same := got.ID == want.ID && got.Person == want.Person && got.Type == want.Type && got.At == want.At && got.Record == want.Record &&
			string(got.Standing) == string(want.Standing) && string(got.Log) == string(want.Log) &&
			string(got.Signal) == string(want.Signal) && string(got.Address) == string(want.Address) &&
			string(got.Campaign) == string(want.Campaign)
		if !same {
			t.Errorf("it came back as %+v, want %+v", got, want)
		}
		if _, _, err := DecodeSignal(b); err == nil {
			t.Errorf("%s is a signal of the contract", b)
		}
	}
}

// Whatever is of no such type is not ours to judge; what is, is read strictly.
func TestWhatIsNotTold(t *testing.T) {
	for _, value := range []string{``, `{`, `[]`, `{"type":"refusal"}`, `{"type":7}`, `{"type":"governor.record","type":"refusal"}`,
		`{"type":"governor.record","log":"` + strings.Repeat("A", MaxTold) + `"}`} {
		if _, ours, err := DecodeTold([]byte(value)); ours || err != nil {
			t.Errorf("%.60s is taken for one: %v", value, err)
		}
	}
	for _, value := range []string{
		`{"type":"governor.record"}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-01T10:00:00Z","record":"q","address":{}}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-01T10:00:00Z","record":"q","later":{}}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-01T10:00:00","record":"q"}`,
		`{"id":"g","person":"p","type":"governor.address","at":"2026-05-01T10:00:00Z"}`,
		`{"id":"c","person":"p","type":"governor.campaign","at":"2026-05-01T10:00:00Z"}`,
		`{"id":"c","person":"p","type":"governor.campaign","at":"2026-05-01T10:00:00Z","campaign":{},"address":{}}`,
		`{"id":"g","person":"p","type":"governor.address","at":"2026-05-01T10:00:00Z","campaign":{},"address":{}}`,
		`{"id":"","person":"p","type":"governor.address","at":"2026-05-01T10:00:00Z","address":{}}`,
		`{"id":"g","person":"p","type":"governor.record","at":"2026-05-01T10:00:00Z","record":"q","log":"?"}`,
		`{"id":7,"person":"p","type":"governor.record","at":"2026-05-01T10:00:00Z","record":"q"}`,
	} {
		_, ours, err := DecodeTold([]byte(value))
		bad := &Malformed{}
		if !ours || !errors.As(err, &bad) {
			t.Errorf("%s: %v, %t", value, err, ours)
		}
		if strings.Contains(err.Error(), "later") {
			t.Errorf("it repeats what stood there: %v", err)
		}
	}
}

// Whatever comes, it is read or refused, and what is read comes back.
func FuzzDecodeTold(f *testing.F) {
	f.Add([]byte(`{"id":"g","person":"p","type":"governor.record","at":"2026-05-01T10:00:00Z","record":"q","standing":{},"log":"AAA="}`))
	f.Add([]byte(`{"id":"g","person":"\u001fp","type":"governor.address","at":"2026-05-01T10:00:00Z","address":[]}`))
	f.Add([]byte(`{"id":"c","person":"\u001dc","type":"governor.campaign","at":"2026-05-01T10:00:00Z","campaign":{}}`))
	f.Add([]byte(`{"type":"governor.record"`))
	f.Fuzz(func(t *testing.T, value []byte) {
		told, ours, err := DecodeTold(value)
		if !ours || err != nil {
			return
		}
		again, ours, err := DecodeTold(told.AppendJSON(nil))
		if !ours || err != nil {
			t.Fatalf("%s: what was read cannot be read again: %v", value, err)
		}
		if again.ID != told.ID || again.Person != told.Person || string(again.Log) != string(told.Log) {
			t.Fatalf("%s: it came back as %+v", value, again)
		}
	})
}
