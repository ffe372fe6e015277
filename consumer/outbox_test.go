package consumer

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/governor"
)

// What an owner left in the outbox the next one emits byte for byte, each record to
// its partition (README of package state).
func TestAnOutboxIsReadAsItWasWritten(t *testing.T) {
	at := time.UnixMilli(1_790_000_000_123).UTC()
	out := []emission{
		{governor.Approved, 3, Record{Time: at, Key: []byte("ana"), Value: []byte("{}"), Headers: []Header{{"h", []byte("v")}, {"h", nil}}}},
		{governor.DeadLetter, 3, Record{Time: at, Key: nil, Value: []byte{}}},
		{governor.Signals, 7, Record{Time: at, Key: []byte("ben"), Value: nil}},
		{governor.Signals, 0, Record{Time: at, Key: []byte("ben"), Value: nil}},
	}
	// More than a piece, and a record that is more than one by itself.
	for range 2 * piece / 100 {
		out = append(out, emission{governor.Vetoed, 3, Record{Time: at, Key: []byte("ana"), Value: bytes.Repeat([]byte("no "), 30)}})
	}
	out = append(out, emission{governor.DeadLetter, 3, Record{Time: at, Value: bytes.Repeat([]byte{7}, 3*piece)}})
	var box outbox
	for range 2 { // its memory is used again
		b, err := box.encode(out)
		if err != nil {
			t.Fatal(err)
		}
		same(t, b, out)
	}
	if b, err := box.encode(nil); err != nil || b != nil {
		t.Errorf("of nothing: %v, %v", b, err)
	}
	if got, err := readOutbox(nil, 3); err != nil || got != nil {
		t.Errorf("an empty one: %v, %v", got, err)
	}
}

func same(t *testing.T, b []byte, out []emission) {
	t.Helper()
	got, err := readOutbox(b, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out, got, cmp.AllowUnexported(emission{})); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

// What is broken is told, and not emitted.
func TestABrokenOutboxIsNotRead(t *testing.T) {
	var box outbox
	b, err := box.encode([]emission{{governor.Vetoed, 3, Record{Time: time.UnixMilli(1), Key: []byte("ana"), Value: bytes.Repeat([]byte("no "), 100)}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(b); n++ {
		if got, err := readOutbox(b[:n], 3); err == nil {
			t.Fatalf("its first %d bytes are read as %v", n, got)
		}
	}
	more := bytes.Clone(b)
	more[1]++ // a record more than there is
	if got, err := readOutbox(more, 3); err == nil {
		t.Errorf("one with a wrong count is read as %v", got)
	}
}

// An outbox of the first version knows no other partition than its own, and those before the present are not packed.
func TestAnOutboxOfTheVersionBefore(t *testing.T) {
	old := []byte("\x01\x01\x11contact.approved\xc8\x01\x04ana\x02x\x00")
	got, err := readOutbox(old, 3)
	want := []emission{{governor.Approved, 3, Record{Time: time.UnixMilli(100).UTC(), Key: []byte("ana"), Value: []byte("x")}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(emission{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	later := bytes.Clone(old)
	later[0] = outboxVersion + 1
	for what, b := range map[string][]byte{"of a later version": later, "of none": append([]byte{0}, old...), "cut": old[:len(old)-3], "with more behind it": append(old, 0)} {
		if got, err := readOutbox(b, 3); err == nil {
			t.Errorf("one %s is read as %v", what, got)
		}
	}
}
