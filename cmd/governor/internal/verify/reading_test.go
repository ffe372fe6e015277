package verify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// A limits file says what it must, and a mistake is told with what to write.
func TestLimitsAreReadStrictly(t *testing.T) {
	good := `
purposes: {promo: solicitation, bill: service}
winback: [promo]
caps:
  - {name: week, most: 3, within: 168h, of: [solicitation], counting: [solicitation, service], channel: email, per: campaign, arbitrates: true}
  - {name: ever, most: 0, within: ever, of: [solicitation]}
live: 10m
notices: {wait: 15m, repeat: 24h}
answer_once: true
`
	l, err := verify.ReadLimits(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	want := verify.Limits{
		Purposes: map[string]string{"promo": "solicitation", "bill": "service"}, Winback: []string{"promo"},
		Caps: []verify.Cap{
			{Name: "week", Most: 3, Within: 168 * time.Hour, Of: []string{"solicitation"}, Counting: []string{"solicitation", "service"}, Channel: "email", Campaign: true, Arbitrates: true},
			{Name: "ever", Of: []string{"solicitation"}},
		},
		Live: 10 * time.Minute, NoticeWait: 15 * time.Minute, NoticeRepeat: 24 * time.Hour, AnswerOnce: true,
	}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, mistake := range map[string]string{
		"cap: []":                          "cap not found",
		"purposes: {promo: selling}":       "write one of solicitation, ask",
		"caps: [{name: a, of: [service]}]": "write name, most and of",
		"caps: [{name: a, most: 1, within: 7d, of: [service]}]":             "write a duration like 168h, or ever",
		"caps: [{name: a, most: 1, within: 1h, of: [service], per: brand}]": "write campaign, or leave it out",
	} {
		if _, err := verify.ReadLimits(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s: %v, and not %q", text, err, mistake)
		}
	}
}

// However a dump was written, its records are the same.
func TestDumpsAreReadInAnyForm(t *testing.T) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	headers := []verify.Header{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("2")}}
	place := verify.Place{Topic: verify.Signals, Partition: 3, Offset: 7}
	whole := verify.Record{Place: place, Time: at, Key: []byte("k"), Value: []byte(`{"x":1}`), Headers: headers}
	for line, want := range map[string]verify.Record{
		`{"topic":"contact.signals","partition":3,"offset":7,"timestamp":"2026-05-04T14:00:00+02:00","key":"k","value":"{\"x\":1}","headers":[["a","1"],["b","2"]]}`: whole,
		`{"topic":"contact.signals","partition":3,"offset":7,"timestamp":1777896000000,"key":"k","value":{"x":1},"headers":{"b":"2","a":"1"}}`:                       whole,
		`{"topic":"contact.signals","partition":3,"offset":7,"ts":1777896000000,"broker":1,"key":"k","payload":"{\"x\":1}","headers":["a","1","b","2"]}`:             whole,
		`{"topic":"contact.signals","partition":3,"offset":7,"key_base64":"aw==","value_base64":"/w==","order":9,"appended":true}`:                                   {Place: place, Key: []byte("k"), Value: []byte{0xff}, Order: 9, Appended: true},
		`{"topic":"contact.signals","partition":3,"offset":7,"key":null,"value":null,"headers":[["a",null]]}`:                                                        {Place: place, Headers: []verify.Header{{Key: "a"}}},
	} {
		got, err := readDump(t, line)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d records, %v", line, len(got), err)
			continue
		}
		if diff := cmp.Diff(want, got[0], cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", line, diff)
		}
	}
	for line, mistake := range map[string]string{
		`{"topic":"contact.signals","partition":3}`: "a partition and an offset",
		`[]`: "as a JSON object",
		`{"topic":"contact.signals","offset":7,"timestamp":"noon"}`:                                "write RFC 3339",
		`{"topic":"contact.signals","offset":7,"partition":3,"headers":["a"]}`:                     "write pairs",
		`{"topic":"contact.signals","offset":7,"partition":3,"value_base64":"%"}`:                  "no base64",
		`{"topic":"contact.signals","offset":7}` + "\n" + `{"topic":"contact.signals","offset":7}`: "is there twice",
	} {
		if _, err := readDump(t, line); err == nil || !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s: %v, and not %q", line, err, mistake)
		}
	}
}

func readDump(t *testing.T, text string) (got []verify.Record, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dump.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	dump, err := verify.OpenDump(path, "")
	if err != nil {
		return nil, err
	}
	defer dump.Close()
	for _, partition := range dump.Partitions() {
		if _, err = dump.Read(t.Context(), verify.Signals, partition, func(r *verify.Record) error {
			got = append(got, *r)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return got, nil
}
