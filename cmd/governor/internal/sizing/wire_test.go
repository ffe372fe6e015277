package sizing

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// A governor, whole but embedded, decides: the records that it reads and writes are as
// large as is said here, key, value and headers together.
func TestRecordsAreAsLargeAsIsSaid(t *testing.T) {
	const people, each = 60, 3
	services, err := embedded.Start("")
	must(t, err)
	defer func() { must(t, services.Close()) }()
	policy, err := policyfile.Load("no-means-no")
	must(t, err)
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Partitions, c.Redis.Address, c.Redis.Timeout = services.Brokers(), 1, services.Redis(), time.Minute
	topics, err := app.TopicsOf(&c.Kafka, policy)
	must(t, err)
	must(t, topics.Make(t.Context()))
	topics.Close()
	client, err := kafkaio.New(kafkaio.Config{Brokers: services.Brokers(), DialTimeout: time.Minute, RequestTimeout: time.Minute})
	must(t, err)
	defer client.Close()
	writer := client.NewWriter()
	defer writer.Close()
	at := schemas.TimeOf(time.Now())
	var intents, signals []consumer.Record
	for i := range people * each {
		person := fmt.Sprintf("person-%06d@example.org", i%people)
		in := benchIntent(i, person, at)
		intents = append(intents, consumer.Record{Key: []byte(person), Value: in.AppendJSON(nil)})
		s := schemas.Signal{ID: fmt.Sprintf("sig-0000-%06d", i), Person: person, Type: "outcome", At: at, Intent: in.ID, Result: "delivered"}
		signals = append(signals, consumer.Record{Key: []byte(person), Value: s.AppendJSON(nil)})
		if i < people {
			no := schemas.Signal{ID: fmt.Sprintf("no-0000-%06d", i), Person: person, Type: "refusal", At: at, Brand: "acme"}
			signals = append(signals, consumer.Record{Key: []byte(person), Value: no.AppendJSON(nil)})
		}
	}
	must(t, writer.Produce(t.Context(), []consumer.Append{{Slot: consumer.Slot{Topic: "contact.intents"}, Records: intents}}))
	ctx, stop := context.WithCancel(t.Context())
	d := &done{stop: stop, all: people * each}
	d.publish = func() { // when all is decided, people say no; one more intent shows that this was heard
		d.publish = nil
		must(t, writer.Produce(t.Context(), []consumer.Append{{Slot: consumer.Slot{Topic: "contact.signals"}, Records: signals}}))
		last := benchIntent(people*each, "person-000000@example.org", at)
		must(t, writer.Produce(t.Context(), []consumer.Append{{Slot: consumer.Slot{Topic: "contact.intents"}, Records: []consumer.Record{{Key: []byte(last.Person), Value: last.AppendJSON(nil)}}}}))
	}
	a, err := app.New(app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel)), Observer: d, Embedded: true})
	must(t, err)
	must(t, a.Run(ctx))
	must(t, a.Close())
	for topic, said := range map[string]float64{
		"contact.intents": intentBytes, "contact.signals": signalBytes, "contact.approved": decisionBytes, "contact.vetoed": decisionBytes,
		"contact.veto-rates": rateBytes, "contact.standing": standingRecord + Person{Noes: 1, Heard: each}.Standing(),
	} {
		records, bytes := wire(t, client, topic)
		if is := bytes / records; math.Abs(is-said) > 0.2*said {
			t.Errorf("a record of %s has %.0f bytes (of %.0f records), and %.0f are said", topic, is, records, said)
		}
	}
}

// wire is how many records a topic has, and how many bytes are in them.
func wire(t *testing.T, client *kafkaio.Client, topic string) (records, bytes float64) {
	t.Helper()
	reader, slot := client.NewReader(), consumer.Slot{Topic: topic}
	from, end, err := reader.Bounds(t.Context(), slot)
	must(t, err)
	for from < end {
		got, err := reader.Fetch(t.Context(), slot, from, time.Second)
		must(t, err)
		for _, r := range got.Records {
			records++
			bytes += float64(len(r.Key) + len(r.Value))
			for _, h := range r.Headers {
				bytes += float64(len(h.Key) + len(h.Value))
			}
		}
		from = got.Next
	}
	return records, bytes
}

// benchIntent is the intent of an engine that mails.
func benchIntent(i int, person string, at schemas.Time) schemas.Intent {
	return schemas.Intent{
		ID: fmt.Sprintf("intent-0000-%06d", i), Person: person, Channel: "email", Purpose: "marketing", Campaign: fmt.Sprintf("spring-%d", i/benchPeople), At: at,
		Engine: "mailer", Brand: "acme", Address: person, Priority: schemas.DefaultPriority, Zones: []string{"Europe/Berlin"},
	}
}

// done stops when all intents are decided, and one more if it then publishes.
type done struct {
	stop    context.CancelFunc
	all     int64
	publish func()
	intents atomic.Int64
}

// Acquired implements consumer.Observer.
func (*done) Acquired(int32, int64) {}

// Held implements consumer.Observer.
func (*done) Held(int32, error, time.Time) {}

// Rebuilding implements consumer.Observer.
func (*done) Rebuilding(int32, consumer.Progress) {}

// Resumed implements consumer.Observer.
func (*done) Resumed(int32, time.Duration) {}

// Released implements consumer.Observer.
func (*done) Released(int32) {}

// Committed implements consumer.Observer.
func (d *done) Committed(_ int32, r consumer.BatchReport) {
	switch n := d.intents.Add(int64(r.Intents)); {
	case n >= d.all && d.publish != nil:
		d.all++
		d.publish()
	case n >= d.all:
		d.stop()
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
