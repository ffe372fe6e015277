//go:build integration

package integration

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The tests below are about the harness itself: what the other tests take for granted about their servers.

// The keys and their hashes are those of Apache Kafka's own test of murmur2, taken modulo our four partitions.
func TestRecordsLandWhereJavaWouldPutThemAndAreReadInOrder(t *testing.T) {
	p := newPlace(t)
	partitions := map[string]int32{"foobar": 2, "21": 0, "abc": 3}
	for key := range partitions {
		p.send(t, "contact.intents", key, "first", "second")
	}

	said := make(map[string][]string)
	for _, r := range p.read(t, "contact.intents") {
		key := string(r.Key)
		if r.Partition != partitions[key] {
			t.Errorf("%q is on partition %d, want %d", key, r.Partition, partitions[key])
		}
		said[key] = append(said[key], string(r.Value))
	}
	for key := range partitions {
		if got := strings.Join(said[key], ", "); got != "first, second" {
			t.Errorf("%q says %q, want both of its records, in order", key, got)
		}
	}
	if got := p.read(t, "contact.signals"); len(got) != 0 {
		t.Errorf("nobody sent a signal, but %d are there", len(got))
	}
}

// A transaction leaves a marker behind it that no consumer sees; reading to the end must not wait for it.
func TestATopicIsReadToItsEndAlsoWhereATransactionEndedIt(t *testing.T) {
	p := newPlace(t)
	c := p.kafka.client(t, kgo.TransactionalID(p.group))
	must(t, c.BeginTransaction())
	must(t, c.ProduceSync(t.Context(), &kgo.Record{Topic: p.topic("contact.approved"), Value: []byte("yes")}).FirstErr())
	must(t, c.EndTransaction(patiently(t), kgo.TryCommit))

	if got := p.read(t, "contact.approved"); len(got) != 1 {
		t.Errorf("read %d records, want 1", len(got))
	}
}

func TestRedisNeverEvicts(t *testing.T) {
	p := newPlace(t)
	db := p.redis.client(t, p.database)
	memory, err := db.Info(t.Context(), "memory").Result()
	must(t, err)
	if !strings.Contains(memory, "maxmemory_policy:noeviction") {
		t.Errorf("INFO memory does not say noeviction:\n%s", memory)
	}
	must(t, db.Set(t.Context(), "mine", "1", 0).Err())
	other := newPlace(t)
	n, err := other.redis.client(t, other.database).DBSize(t.Context()).Result()
	must(t, err)
	if n != 0 {
		t.Errorf("another test's place holds %d keys", n)
	}
}

func TestAKilledRedisForgetsUnlessItKeepsALog(t *testing.T) {
	for _, c := range []struct {
		options []string
		keeps   int64
	}{
		{nil, 0},
		{[]string{"--appendonly", "yes", "--appendfsync", "always"}, 1},
	} {
		r := startRedis(t, c.options...)
		db := r.client(t, 0)
		must(t, db.Set(t.Context(), "refusal", "everything", 0).Err())
		r.Kill(t)
		r.Start(t)
		n, err := db.DBSize(t.Context()).Result()
		must(t, err)
		if n != c.keeps {
			t.Errorf("with %q %d keys are left, want %d", c.options, n, c.keeps)
		}
	}
}

func TestAPausedRedisAnswersOnlyOnceItIsResumed(t *testing.T) {
	r := startRedis(t)
	db := r.client(t, 0)
	r.Pause(t)
	impatient := db.WithTimeout(300 * time.Millisecond)
	if impatient.Ping(t.Context()).Err() == nil {
		t.Error("a paused Redis answered")
	}
	r.Resume(t)
	must(t, db.Ping(patiently(t)).Err())
}

func TestAKilledKafkaKeepsWhatItAcknowledged(t *testing.T) {
	p := newPlaceOn(t, startKafka(t), sharedRedis)
	p.send(t, "contact.signals", "ada", "no")
	p.kafka.Kill(t)
	p.kafka.Start(t)
	p.send(t, "contact.signals", "ada", "still no")
	p.kafka.Stop(t)
	p.kafka.Start(t)
	if got := p.read(t, "contact.signals"); len(got) != 2 {
		t.Errorf("%d records are left, want 2", len(got))
	}
}

func TestAProcessIsHeardHoweverItEnds(t *testing.T) {
	patient := `trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.05; done`

	stopped := startProcess(t, exec.Command("sh", "-c", patient))
	waitFor(t, "a greeting", func() bool { return strings.Contains(stopped.Logs(t), "hello") })
	stopped.Stop(t)
	if got := stopped.Logs(t); got != "hello\nbye\n" {
		t.Errorf("a stopped process said %q", got)
	}

	killed := startProcess(t, exec.Command("sh", "-c", patient))
	waitFor(t, "a greeting", func() bool { return strings.Contains(killed.Logs(t), "hello") })
	killed.Kill(t)
	if got := killed.Logs(t); got != "hello\n" {
		t.Errorf("a killed process said %q", got)
	}

	if code := startProcess(t, exec.Command("sh", "-c", "exit 3")).Ended(t); code != 3 {
		t.Errorf("a process that gave up with 3 ended with %d", code)
	}
}
