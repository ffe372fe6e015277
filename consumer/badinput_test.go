package consumer_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// record is an input of which everything is given.
func record(topic string, key []byte, value []byte, headers ...string) input {
	r := input{topic: topic, poison: true, Record: consumer.Record{Time: noon, Key: key, Value: value}}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Headers = append(r.Headers, consumer.Header{Key: headers[i], Value: []byte(headers[i+1])})
	}
	return r
}

// wellMeant is a good intent's bytes, to be spoilt.
func wellMeant(change ...string) []byte {
	return []byte(strings.NewReplacer(change...).Replace(
		`{"id":"bad","person":"ana","channel":"email","purpose":"marketing","campaign":"spring","at":"2026-05-04T12:00:00Z"}`))
}

// elsewhere is at home on another partition.
const elsewhere = "elsewhere"

func homeOf(key []byte) int32 {
	if string(key) == elsewhere {
		return 1
	}
	return 0
}

// governed plays a story of two phases: the records, and later one good intent
// for ana and one for ben. What is readable of the first goes on; what comes
// after it too.
func governed(t *testing.T, in ...input) *fakeLog {
	t.Helper()
	st := newStage(story{
		{noon, append(in, intent("after", "ben", "email", "marketing", noon))},
		{noon.Add(time.Minute), []input{intent("later", "ana", "email", "marketing", noon), intent("later", "ben", "email", "marketing", noon)}},
	}, memstate.New())
	st.log.largest = 1 << 20 // as a broker has it by default
	w := &watcher{}
	if !st.play(t, st.enter(nil), w, func(c *consumer.Config) { c.PartitionOf = homeOf }) {
		t.Fatal("the story has no end")
	}
	checkInvariants(t, st.log)
	if w.count("held") > 0 {
		t.Errorf("the partition was held: %v", w.why())
	}
	if got := decided(st.log, governor.Approved); !strings.Contains(fmt.Sprint(got), "after  0s") || !strings.Contains(fmt.Sprint(got), "later  1m0s") {
		t.Errorf("what came after was not decided: %v", got)
	}
	return st.log
}

// deadHeader is the one dead letter's header of the given name.
func deadHeader(t *testing.T, l *fakeLog, name string) string {
	t.Helper()
	dead := l.history(true).topics[governor.DeadLetter]
	if len(dead) != 1 {
		t.Fatalf("%d dead letters, not one", len(dead))
	}
	v, _ := dead[0].header(name)
	return v
}

// Whatever somebody publishes as an intent that is none becomes a dead letter
// with its bytes as they were and a reason that a person can act on; what comes
// after it is decided (contract, "Dead letter"; I12).
func TestBadIntents(t *testing.T) {
	ana := []byte("ana")
	long := strings.Repeat("p", 10_000)
	structured := func(data string) []byte {
		return []byte(`{"specversion":"1.0","id":"1","source":"/e","type":"contact.intent.v1",` + data + `}`)
	}
	binary := func(without string) []string {
		var h []string
		for _, a := range []string{"ce_specversion", "1.0", "ce_id", "1", "ce_source", "/e", "ce_type", "contact.intent.v1"} {
			if h = append(h, a); len(h)%2 == 0 && h[len(h)-2] == without {
				h = h[:len(h)-2]
			}
		}
		return h
	}
	for _, tc := range []struct {
		name string
		in   input
		why  string // is told
	}{
		{"malformed JSON", record(governor.Intents, ana, []byte(`{"id":"x`)), "JSON"},
		{"no object", record(governor.Intents, ana, []byte(`[1]`)), "object"},
		{"nothing", record(governor.Intents, ana, []byte{}), "empty"},
		{"a tombstone", record(governor.Intents, ana, nil), "empty"},
		{"unknown purpose", record(governor.Intents, ana, wellMeant("marketing", "nagging")), "purpose"},
		{"unknown channel", record(governor.Intents, ana, wellMeant("email", "pigeon")), "channel"},
		{"missing campaign", record(governor.Intents, ana, wellMeant(`"campaign":"spring",`, "")), "campaign"},
		{"missing everything", record(governor.Intents, ana, []byte(`{}`)), "id"},
		{"10 MiB", record(governor.Intents, ana, bytes.Repeat([]byte("x"), 10<<20)), "limit"},
		{"made in 1970", record(governor.Intents, ana, wellMeant("2026-05-04", "1970-01-01")), "at"},
		{"made in 9999", record(governor.Intents, ana, wellMeant("2026-05-04", "9999-12-31")), "at"},
		{"made next week", record(governor.Intents, ana, wellMeant("2026-05-04", "2026-05-11")), "24 h"},
		{"a person of 10 kB", record(governor.Intents, []byte(long), wellMeant("ana", long)), "person"},
		{"without a key", record(governor.Intents, nil, wellMeant()), "key"},
		{"with an empty key", record(governor.Intents, []byte{}, wellMeant()), "key"},
		{"key and person differ", record(governor.Intents, []byte("ben"), wellMeant()), "key"},
		{"on the wrong partition", record(governor.Intents, []byte(elsewhere), wellMeant("ana", elsewhere)), "partition"},
		{"invalid UTF-8", record(governor.Intents, ana, wellMeant("spring", "spr\xff")), "UTF-8"},
		{"duplicate keys", record(governor.Intents, ana, wellMeant(`{`, `{"id":"good",`)), "twice"},
		{"a time without an offset", record(governor.Intents, ana, wellMeant("00Z", "00")), "at"},
		{"CloudEvents, binary, no id", record(governor.Intents, ana, wellMeant(), binary("ce_id")...), "ce_id"},
		{"CloudEvents, binary, from the future", record(governor.Intents, ana, wellMeant(), append(binary("ce_specversion"), "ce_specversion", "2.0")...), "1.0"},
		{"CloudEvents, structured, no data", record(governor.Intents, ana, structured(`"x":1`), "content-type", "application/cloudevents+json"), "data"},
		{"CloudEvents, structured, bad base64", record(governor.Intents, ana, structured(`"data_base64":"?"`), "content-type", "application/cloudevents+json"), "base64"},
		{"CloudEvents, a batch", record(governor.Intents, ana, []byte(`[]`), "content-type", "application/cloudevents-batch+json"), "one event"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			log := governed(t, tc.in)
			if why := deadHeader(t, log, "__connect.errors.exception.message"); !strings.Contains(why, tc.why) || strings.Contains(why, "ana") || strings.Contains(why, long) {
				t.Errorf("the reason is %.200q: it should mention %q, and nobody", why, tc.why)
			}
			if got := fmt.Sprint(decided(log, governor.Approved)); got != "[after  0s later  1m0s later  1m0s]" {
				t.Errorf("approved %v", got)
			}
		})
	}
}

// CloudEvents in either mode are what is in them.
func TestGoodCloudEvents(t *testing.T) {
	good := func(in input) input { in.poison = false; return in }
	envelope := `{"specversion":"1.0","id":"1","source":"/e","type":"contact.intent.v1",%s}`
	for name, in := range map[string]input{
		"binary": record(governor.Intents, []byte("ana"), wellMeant(),
			"ce_specversion", "1.0", "ce_id", "1", "ce_source", "/e", "ce_type", "contact.intent.v1", "content-type", "application/json"),
		"structured": record(governor.Intents, []byte("ana"), fmt.Appendf(nil, envelope, `"data":`+string(wellMeant())),
			"content-type", "application/cloudevents+json; charset=utf-8"),
		"structured, base64": record(governor.Intents, []byte("ana"), fmt.Appendf(nil, envelope, `"data_base64":"`+base64.StdEncoding.EncodeToString(wellMeant())+`"`),
			"content-type", "application/cloudevents+json"),
	} {
		t.Run(name, func(t *testing.T) {
			log := governed(t, good(in))
			if got := fmt.Sprint(decided(log, governor.Approved)); !strings.Contains(got, "bad  0s") {
				t.Errorf("the intent was not approved: %v", got)
			}
		})
	}
}

// "An unreadable refusal whose person can be read refuses that person everything
// (doubt is a no)", and it is a dead letter all the same.
func TestAnUnreadableRefusalRefusesEverything(t *testing.T) {
	ana := []byte("ana")
	no := `{"id":"no","person":"ana","type":"refusal","at":"2026-05-04T12:00:00Z"}`
	for _, tc := range []struct {
		name string
		in   input
	}{
		{"cut off", record(governor.Signals, ana, []byte(no[:50]))},
		{"at no time", record(governor.Signals, ana, []byte(strings.Replace(no, "2026-05-04T12:00:00Z", "yesterday", 1)))},
		{"more than 24 h ahead", record(governor.Signals, ana, []byte(strings.Replace(no, "2026-05-04", "2026-05-06", 1)))},
		{"of a channel that is a number", record(governor.Signals, ana, []byte(strings.Replace(no, `{`, `{"channel":5,`, 1)))},
		{"invalid UTF-8", record(governor.Signals, ana, []byte(strings.Replace(no, `"no"`, "\"n\xff\"", 1)))},
		{"of an unknown type", record(governor.Signals, ana, []byte(strings.Replace(no, "refusal", "leave_me_alone", 1)))},
		{"a tombstone: nobody knows what it took away", record(governor.Signals, ana, nil)},
		{"10 MiB of it", record(governor.Signals, ana, []byte(no[:len(no)-1]+strings.Repeat(" ", 10<<20)+"}"))},
		{"without a key", record(governor.Signals, nil, []byte(no))},
		{"in a broken envelope", record(governor.Signals, ana, []byte(no), "ce_id", "1")},
		{"in a structured envelope, broken", record(governor.Signals, ana, []byte(`{"specversion":"0.3","data":`+no+`}`), "content-type", "application/cloudevents+json")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			log := governed(t, tc.in)
			deadHeader(t, log, "__connect.errors.exception.message")
			if got := fmt.Sprint(decided(log, governor.Vetoed)); got != "[later refused.state 1m0s]" {
				t.Errorf("ana said no, somehow; vetoed: %v, approved: %v", got, decided(log, governor.Approved))
			}
		})
	}
}

// The person of a refusal can be read although the key names somebody else: doubt
// is a no, for both.
func TestARefusalUnderAnotherKey(t *testing.T) {
	log := governed(t, record(governor.Signals, []byte("cem"), []byte(`{"id":"no","person":"ana","type":"refusal","at":"2026-05-04T12:00:00Z"}`)))
	if got := fmt.Sprint(decided(log, governor.Vetoed)); got != "[later refused.state 1m0s]" {
		t.Errorf("ana said no, under a key that is not hers; vetoed: %v, approved: %v", got, decided(log, governor.Approved))
	}
}

// What is legibly no no does not refuse anything.
func TestAnUnreadableSignalOfAnotherKind(t *testing.T) {
	log := governed(t, record(governor.Signals, []byte("ana"), []byte(`{"id":"x","person":"ana","type":"engagement","at":"yesterday"}`)))
	deadHeader(t, log, "__connect.errors.exception.message")
	if got := fmt.Sprint(decided(log, governor.Vetoed)); got != "[]" {
		t.Errorf("an open that nobody can read was taken for a no: %v", got)
	}
}

// A dead letter keeps the headers that it came with. If those are ours, because
// somebody published a dead letter once more, or are forged, whoever takes the
// partition over must not read them as its own: else one record stops the
// partition for good (I12, I14).
func TestForgedBatchHeaders(t *testing.T) {
	for _, forged := range []string{"999999", "1", "-1", "x"} {
		t.Run(forged, func(t *testing.T) {
			st := newStage(story{
				{noon, []input{record(governor.Intents, []byte("ana"), []byte("?"),
					"governor_batch", forged, "governor_index", "0", "governor_signals", forged, "governor_source", "contact.intents/0/7")}},
				{noon.Add(time.Minute), []input{intent("i", "ana", "email", "marketing", noon)}},
			}, memstate.New())
			crashed := st.enter(func(op string, nth, _ int) fate {
				if op == opGroupCommit && nth == 1 {
					return dies
				}
				return goesWell
			})
			st.play(t, crashed, nil)
			w := &watcher{}
			next := st.enter(nil)
			next.decide = func(op string, nth, _ int) fate {
				if op == opAcquire && nth > 3 {
					return dies // it would go on for ever
				}
				return goesWell
			}
			if !st.play(t, next, w) {
				t.Fatalf("a header stops the partition for good: %v", w.why())
			}
			checkInvariants(t, st.log)
			if n := st.log.size(governor.DeadLetter); n != 1 {
				t.Errorf("%d dead letters, not one", n)
			}
		})
	}
}

// A record that a broker took, but that would not fit once the reason is added,
// must not stop the partition (I12, I14): whatever is large is cut.
func TestADeadLetterAlwaysFits(t *testing.T) {
	big := strings.Repeat("h", 1<<20-200)
	for name, in := range map[string]input{
		"a large value":  record(governor.Intents, []byte("ana"), []byte(big)),
		"a large header": record(governor.Intents, []byte("ana"), []byte("?"), "trace", big),
		"many headers":   record(governor.Intents, []byte("ana"), []byte("?"), strings.Split(strings.Repeat("some-header|"+strings.Repeat("v", 85)+"|", 10_920), "|")...),
		"a large key":    record(governor.Intents, []byte(big), []byte("?")),
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(story{{noon, []input{in, intent("i", "ana", "email", "marketing", noon)}}}, memstate.New())
			st.log.largest = 1 << 20
			w := &watcher{}
			p := st.enter(func(op string, nth, _ int) fate {
				if op == opAcquire && nth > 3 {
					return dies // it would go on for ever
				}
				return goesWell
			})
			if !st.play(t, p, w) {
				t.Fatalf("one record stops the partition for good: %v", w.why())
			}
			if st.log.size(governor.Approved) != 1 || st.log.size(governor.DeadLetter) != 1 {
				t.Errorf("%d approvals and %d dead letters, not one of each", st.log.size(governor.Approved), st.log.size(governor.DeadLetter))
			}
		})
	}
}

// A fetch of much garbage is committed in pieces, and memory is bounded; but
// nobody is forgotten between being brought into memory and being judged. Ana
// said no long ago, and a good intent for her comes behind garbage.
func TestNobodyIsForgottenBehindGarbage(t *testing.T) {
	garbage := strings.Repeat("x", 900_000)
	s := story{
		{noon, []input{signal("no", "ana", "refusal", noon), signal("no", "ben", "refusal", noon)}},
		{noon.Add(time.Minute), []input{intent("i0", "cem", "email", "marketing", noon)}},
		{noon.Add(2 * time.Minute), []input{
			poison(governor.Intents, "x", garbage), poison(governor.Intents, "x", garbage), poison(governor.Intents, "x", garbage),
			poison(governor.Intents, "x", garbage), poison(governor.Intents, "x", garbage), poison(governor.Intents, "x", garbage),
			intent("i1", "ana", "email", "marketing", noon), intent("i2", "ben", "email", "marketing", noon),
		}},
	}
	st := newStage(s, memstate.New())
	st.log.atOnce = 1000
	if !st.play(t, st.enter(nil), nil, func(c *consumer.Config) { c.MaxPeople = 1 }) {
		t.Fatal("the story has no end")
	}
	if got := decided(st.log, governor.Approved); len(got) != 1 || !strings.HasPrefix(got[0], "i0") {
		t.Errorf("approved: %v, of whom only i0 had not said no", got)
	}
	if n := st.log.size(governor.DeadLetter); n != 6 {
		t.Errorf("%d dead letters of 6", n)
	}
}

// The same where notices fall due in pieces between two signals.
func TestNobodyIsForgottenBehindNotices(t *testing.T) {
	s := story{
		{noon, []input{
			signal("no", "ana", "refusal", noon),
			intent("n1", "p1", "email", "reminder", noon, "subject:s"), intent("n2", "p2", "email", "reminder", noon, "subject:s"),
			intent("n3", "p3", "email", "reminder", noon, "subject:s"),
		}},
		{noon.Add(time.Hour), []input{
			signal("s1", "ben", "conversation", noon.Add(time.Hour), "channel:call"),
			signal("s2", "ana", "conversation", noon.Add(time.Hour), "channel:call"),
			intent("i1", "ana", "email", "marketing", noon.Add(time.Hour)),
		}},
	}
	st := newStage(s, memstate.New())
	st.log.atOnce = 1000
	if !st.play(t, st.enter(nil), nil, func(c *consumer.Config) { c.MaxPeople = 1 }) {
		t.Fatal("the story has no end")
	}
	for _, got := range decided(st.log, governor.Approved) {
		if strings.HasPrefix(got, "i1") {
			t.Error("ana had said no, and was approved")
		}
	}
	if n := st.log.size(governor.Approved); n != 3 {
		t.Errorf("%d notices of 3 went out", n)
	}
}
