//go:build integration

package integration

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// "Malformed → dead letter and on": whatever cannot be read is kept as it came, with a reason a person can act on; what
// comes after it is decided; nothing panics and nothing is lost.
func TestWhatCannotBeReadIsADeadLetterAndTheNextIsDecided(t *testing.T) {
	p := newPlace(t)
	g := startGovernor(t, p.config())
	good := func(id, person string) string { return text(t, marketing(id, person, "email", "c")) }
	change := func(old, new string) string {
		out := strings.Replace(good("i", "p"), old, new, 1)
		if out == good("i", "p") {
			t.Fatalf("%q is not in an intent", old)
		}
		return out
	}
	now := stamp(time.Now())[:4] // the year is enough to find the time
	bad := []struct {
		what   string
		record *kgo.Record
		says   string
	}{
		{"malformed JSON", &kgo.Record{Key: []byte("p"), Value: []byte(`{"id":`)}, "JSON"},
		{"an unknown purpose", &kgo.Record{Key: []byte("p"), Value: []byte(change("marketing", "pestering"))}, "purpose"},
		{"an unknown channel", &kgo.Record{Key: []byte("p"), Value: []byte(change("email", "telepathy"))}, "channel"},
		{"a missing field", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"campaign":"c",`, ""))}, "campaign"},
		{"a value that is too large", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"campaign":"c"`, `"campaign":"c","x":"`+strings.Repeat("x", 900_000)+`"`))}, "65536"},
		{"a time before there were such engines", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"at":"`+now, `"at":"1970`))}, "at"},
		{"a time that never comes", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"at":"`+now, `"at":"9999`))}, "at"},
		{"a person of 10 kB", &kgo.Record{Key: []byte("p"), Value: []byte(good("i", strings.Repeat("p", 10_000)))}, "person"},
		{"no key", &kgo.Record{Value: []byte(good("i", "p"))}, "key"},
		{"another key", &kgo.Record{Key: []byte("q"), Value: []byte(good("i", "p"))}, "key"},
		{"a key twice", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"id":"i"`, `"id":"i","id":"j"`))}, "id"},
		{"text that is none", &kgo.Record{Key: []byte("p"), Value: []byte(change(`"c"`, "\"\xff\""))}, "UTF-8"},
	}
	for i := range bad {
		bad[i].record.Topic = p.topic("contact.intents")
		bad[i].record.Headers = []kgo.RecordHeader{{Key: "engine-run", Value: []byte("42")}}
		p.kafka.produce(t, bad[i].record)
	}
	// An aborted transaction was never said.
	abort(t, p, p.record(t, "contact.intents", "aborted", marketing("aborted", "aborted", "email", "c")))

	if d := p.ask(t, marketing("after", "p", "email", "c")); d.Verdict != "approved" {
		t.Errorf("the good intent after the bad ones: %s %s", d.Verdict, d.Reason)
	}
	waitFor(t, "the dead letters", func() bool { return len(p.read(t, "contact.deadletter")) >= len(bad) })
	letters := p.read(t, "contact.deadletter")
	if len(letters) != len(bad) {
		t.Errorf("%d dead letters, want %d", len(letters), len(bad))
	}
	for _, b := range bad {
		letter := find(letters, b.record)
		if letter == nil {
			t.Errorf("%s: its bytes are in no dead letter", b.what)
			continue
		}
		why := header(letter, "__connect.errors.exception.message")
		if !strings.Contains(why, b.says) {
			t.Errorf("%s: the dead letter says %q, which does not name %q", b.what, why, b.says)
		}
		if header(letter, "engine-run") != "42" || header(letter, "__connect.errors.topic") != p.topic("contact.intents") && header(letter, "__connect.errors.topic") != "contact.intents" {
			t.Errorf("%s: the dead letter lacks headers: %v", b.what, letter.Headers)
		}
		if letter.Partition != b.record.Partition {
			t.Errorf("%s: the dead letter is on partition %d, its record was on %d", b.what, letter.Partition, b.record.Partition)
		}
	}
	for _, d := range p.decisions(t) {
		if d.Intent != "after" {
			t.Errorf("something that cannot be read was decided: %+v", d)
		}
	}
	g.Stop(t)
}

// A record of 10 MiB does not fit into the dead letters of a broker's default size. Its beginning does, with its full size
// beside it; the rest stays at its source.
func TestARecordOfTenMebibytesIsCutAndTheNextIsDecided(t *testing.T) {
	const size = 10 << 20
	p := newPlace(t)
	most := "12582912"
	_, err := kadm.NewClient(p.kafka.client(t)).AlterTopicConfigs(patiently(t),
		[]kadm.AlterConfig{{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &most}}, p.topic("contact.intents"))
	must(t, err)
	startGovernor(t, p.config())
	huge := &kgo.Record{Topic: p.topic("contact.intents"), Key: []byte("p"), Value: bytes.Repeat([]byte("x"), size)}
	client := p.kafka.client(t, kgo.ProducerBatchMaxBytes(size+1<<20), kgo.ProducerBatchCompression(kgo.NoCompression()))
	must(t, client.ProduceSync(patiently(t), huge).FirstErr())

	if d := p.ask(t, marketing("after", "p", "email", "c")); d.Verdict != "approved" {
		t.Errorf("the good intent after the huge one: %s %s", d.Verdict, d.Reason)
	}
	letters := p.read(t, "contact.deadletter")
	if len(letters) != 1 {
		t.Fatalf("%d dead letters, want 1", len(letters))
	}
	if l := letters[0]; !bytes.HasPrefix(huge.Value, l.Value) || len(l.Value) < 512<<10 || header(l, "governor_truncated") != "10485760" {
		t.Errorf("the dead letter has %d bytes and says it had %q", len(l.Value), header(l, "governor_truncated"))
	}
}

// abort sends a record in a transaction that is then aborted.
func abort(t *testing.T, p *place, r *kgo.Record) {
	t.Helper()
	client := p.kafka.client(t, kgo.TransactionalID(p.prefix+"abort"))
	must(t, client.BeginTransaction())
	must(t, client.ProduceSync(patiently(t), r).FirstErr())
	must(t, client.EndTransaction(context.WithoutCancel(t.Context()), kgo.TryAbort))
}

// find is the dead letter that holds the record.
func find(letters []*kgo.Record, r *kgo.Record) *kgo.Record {
	for _, letter := range letters {
		if bytes.Equal(letter.Value, r.Value) && bytes.Equal(letter.Key, r.Key) {
			return letter
		}
	}
	return nil
}

func header(r *kgo.Record, key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}
