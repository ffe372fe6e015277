package deadletters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// paperLog is a log on paper, of four partitions.
type paperLog struct {
	slots   map[string][]consumer.Record
	first   map[string]int64
	audit   []leave.Said
	refused error // what Append answers
}

func newPaperLog() *paperLog {
	return &paperLog{slots: map[string][]consumer.Record{}, first: map[string]int64{}}
}

func at(topic string, partition int32) string { return fmt.Sprintf("%s/%d", topic, partition) }

func (l *paperLog) Partitions(context.Context) (int32, error) { return 4, nil }

func (l *paperLog) PartitionOf(key []byte, n int32) int32 { return partitionOf(key, n) }

func partitionOf(key []byte, n int32) int32 { return int32(len(key)) % n }

func (l *paperLog) Append(_ context.Context, topic string, partition int32, r consumer.Record) error {
	if l.refused != nil {
		return l.refused
	}
	r.Offset = int64(len(l.slots[at(topic, partition)]))
	l.slots[at(topic, partition)] = append(l.slots[at(topic, partition)], r)
	return nil
}

func (l *paperLog) Audit(_ context.Context, s leave.Said) error {
	l.audit = append(l.audit, s)
	return nil
}

func (l *paperLog) Bounds(_ context.Context, topic string, partition int32) (first, end int64, err error) {
	return l.first[at(topic, partition)], int64(len(l.slots[at(topic, partition)])), nil
}

func (l *paperLog) Read(_ context.Context, topic string, partition int32, from, to int64, visit func(*consumer.Record) error) error {
	for _, r := range l.slots[at(topic, partition)][from:to] {
		if err := visit(&r); err != nil {
			return err
		}
	}
	return nil
}

func (l *paperLog) Plain(context.Context, string, *consumer.Record) error { return nil }

// bury puts a record on paper, and its letter.
func (l *paperLog) bury(topic string, partition int32, r consumer.Record, why string, more ...consumer.Header) Place {
	_ = l.Append(context.Background(), topic, partition, r)
	from := governor.Source{Topic: topic, Partition: partition, Offset: int64(len(l.slots[at(topic, partition)]) - 1)}
	letter := r
	letter.Headers = slices.Clone(r.Headers)
	for _, h := range governor.DeadLetterHeaders(from, errors.New(why)) {
		letter.Headers = append(letter.Headers, consumer.Header(h))
	}
	letter.Headers = append(letter.Headers, more...)
	_ = l.Append(context.Background(), governor.DeadLetter, partition, letter)
	return Place{partition, int64(len(l.slots[at(governor.DeadLetter, partition)]) - 1)}
}

func newBox(t *testing.T, l *paperLog) *Box {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	return &Box{Log: l, Policy: policy, Clock: func() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }}
}

func (b *Box) sendOne(t *testing.T, at Place, s Sending) Fate {
	t.Helper()
	l, err := b.Get(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	var fate Fate
	if err := b.Send(t.Context(), []*Letter{l}, &s, func(f *Fate) error {
		fate = *f
		return nil
	}); err != nil && !errors.Is(err, errAway) {
		t.Fatal(err)
	}
	return fate
}

var errAway = errors.New("away")

const good = `{"id":"s1","person":"ann1","type":"refusal","at":"2026-05-04T11:00:00Z"}`

// The original may have been a dead letter itself, with headers of the same names: its own
// come back, and the governor's are left out.
func TestALetterOfALetter(t *testing.T) {
	l := newPaperLog()
	headers := []consumer.Header{{Key: schemas.ErrorTopic, Value: []byte("elsewhere")}, {Key: schemas.ErrorMessage, Value: []byte("old")}, {Key: "a", Value: nil}}
	place := l.bury(governor.Signals, 0, consumer.Record{Key: []byte("ann1"), Value: []byte(good), Headers: headers}, "new")
	b := newBox(t, l)
	letter, err := b.Get(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	if letter.Reason != "new" || letter.From != (governor.Source{Topic: governor.Signals}) || len(letter.Headers) != 3 {
		t.Errorf("it is %+v", letter)
	}
	if f := b.sendOne(t, place, Sending{}); !f.Sent || !f.Audited || f.To != 0 {
		t.Fatalf("%+v", f)
	}
	sent := l.slots[at(governor.Signals, 0)][1]
	if len(sent.Headers) != 4 || string(sent.Headers[0].Value) != "elsewhere" || sent.Headers[2].Value != nil || sent.Headers[3].Key != HeaderReplayed {
		t.Errorf("its headers are %v", sent.Headers)
	}
}

// Of a letter that has only the beginning of it, the whole is sent, from where it came,
// as long as that is kept.
func TestALetterThatWasCut(t *testing.T) {
	l := newPaperLog()
	cut := consumer.Header{Key: consumer.HeaderTruncated, Value: []byte(fmt.Sprint(len(good)))}
	place := l.bury(governor.Signals, 0, consumer.Record{Key: []byte("ann1"), Value: []byte(good)}, "too long", cut)
	lies := l.slots[at(governor.DeadLetter, 0)]
	lies[0].Value = lies[0].Value[:20]
	b := newBox(t, l)
	if f := b.sendOne(t, place, Sending{}); !f.Sent {
		t.Errorf("%+v", f)
	}
	if sent := l.slots[at(governor.Signals, 0)][1]; string(sent.Value) != good {
		t.Errorf("it is %s", sent.Value)
	}
	l.first[at(governor.Signals, 0)] = 1
	if f := b.sendOne(t, place, Sending{Again: true}); f.Sent || !strings.Contains(f.Why, "does not have it any more: ask its sender") {
		t.Errorf("%+v", f)
	}
}

// A record that was on the wrong partition goes to the right one, once: it is looked for
// there too.
func TestALetterThatWasOnTheWrongPartition(t *testing.T) {
	l := newPaperLog()
	place := l.bury(governor.Signals, 3, consumer.Record{Key: []byte("ann1"), Value: []byte(good)}, "the record is on the wrong partition")
	b := newBox(t, l)
	letter, _ := b.Get(t.Context(), place)
	if len(letter.SaidNo) != 0 {
		t.Error("it refused somebody everything where they are not")
	}
	if f := b.sendOne(t, place, Sending{}); !f.Sent || f.To != 0 {
		t.Errorf("%+v", f)
	}
	if f := b.sendOne(t, place, Sending{}); f.Sent || f.Before != "contact.signals/0/0" {
		t.Errorf("%+v", f)
	}
}

// What no governor wrote is sent nowhere, whatever its headers name.
func TestALetterFromElsewhere(t *testing.T) {
	l := newPaperLog()
	place := l.bury("contact.approved", 0, consumer.Record{Key: []byte("ann1"), Value: []byte(good)}, "x")
	if f := newBox(t, l).sendOne(t, place, Sending{}); f.Sent || !strings.Contains(f.Why, "no governor wrote it") {
		t.Errorf("%+v", f)
	}
	if len(l.slots["contact.approved/0"]) != 1 {
		t.Error("it was sent")
	}
}

// What was not acknowledged is not known to be there, and is said to be so; the audit too.
func TestASendingThatIsNotAcknowledged(t *testing.T) {
	l := newPaperLog()
	place := l.bury(governor.Signals, 0, consumer.Record{Key: []byte("ann1"), Value: []byte(good)}, "x")
	l.refused = errAway
	f := newBox(t, l).sendOne(t, place, Sending{By: "cli:mo"})
	if f.Sent || !strings.Contains(f.Why, "nobody knows whether it is there: type the same again") {
		t.Errorf("%+v", f)
	}
	if len(l.audit) != 1 || l.audit[0].Stored || l.audit[0].By != "cli:mo" {
		t.Errorf("the audit is %+v", l.audit)
	}
}

// Key and record name two people: either may have said no, so both are told of.
func TestANoOfTwoPeople(t *testing.T) {
	l := newPaperLog()
	place := l.bury(governor.Signals, 0, consumer.Record{Key: []byte("ann1"), Value: []byte(`{"person":"bob2","type":"refusal","channel":1}`)}, "x")
	letter, err := newBox(t, l).Get(t.Context(), place)
	if err != nil || !slices.Equal(letter.SaidNo, []rules.PersonID{"ann1", "bob2"}) {
		t.Errorf("%v %v", letter.SaidNo, err)
	}
	for _, harmless := range []string{`{"person":"bob2","type":"conversation"}`, `{"person":"bob2","type":"outcome"`} {
		place := l.bury(governor.Signals, 0, consumer.Record{Key: []byte("ann1"), Value: []byte(harmless)}, "x")
		if letter, err := newBox(t, l).Get(t.Context(), place); err != nil || letter.SaidNo != nil || letter.Advice(nil) != nil {
			t.Errorf("%s: %v %v", harmless, letter.SaidNo, err)
		}
	}
}

// Whoever must not see whose it is sees nothing that could tell: not in values, not in
// names, not in headers, not in what is no JSON.
func TestWhatIsHidden(t *testing.T) {
	for _, value := range []string{
		`{"person":"canary","address":"canary@example.org","text":"I am canary","canary":1,"type":"canary","campaign":"for canary","zones":["canary"],"data":{"subject":"canary","at":"2026"}}`,
		`canary`, `{"person":"canary"`, `["canary"]`, "{\"text\":\"canary\xff\"}",
	} {
		l := Letter{Key: []byte("canary"), Value: []byte(value), Plain: []byte(value), Headers: []consumer.Header{{Key: "trace", Value: []byte("x")}, {Key: "ce_source", Value: []byte("/of/canary")}}}
		if got := l.HiddenValue(); strings.Contains(got, "canary") {
			t.Errorf("it shows %s", got)
		}
		for _, h := range l.Shown(false) {
			if strings.Contains(string(h.Value), "canary") || h.Key == "trace" && string(h.Value) == "x" {
				t.Errorf("it shows %s: %s", h.Key, h.Value)
			}
		}
		if got := l.Shown(true); string(got[1].Value) != "/of/canary" {
			t.Errorf("it hides %s", got[1].Value)
		}
	}
	l := Letter{Key: []byte("p1"), Plain: []byte(`{"type":"refusal","channel":"sms","at":5}`)}
	if got := l.HiddenValue(); got != `{"type": "refusal", "channel": "sms", "at": 5}` {
		t.Errorf("it shows %s", got)
	}
}

// A place is typed as it is printed.
func TestPlaces(t *testing.T) {
	for _, typed := range []string{"3/17", "contact.deadletter/3/17"} {
		if p, err := ParsePlace(typed); err != nil || p != (Place{3, 17}) {
			t.Errorf("%s: %v %v", typed, p, err)
		}
	}
	for _, typed := range []string{"", "3", "3/", "/17", "3/17/1", "-1/5", "3/-5", "a/b", "contact.intents/3/17"} {
		if p, err := ParsePlace(typed); err == nil {
			t.Errorf("%s is %v", typed, p)
		}
	}
}
