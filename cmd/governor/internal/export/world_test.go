package export

import (
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// world is a Kafka with what governors of two partitions wrote.
type world struct {
	t      *testing.T
	fake   *kfake.Cluster
	client *kgo.Client
	now    time.Time
	batch  int64
	log    []*kgo.Record
}

func newWorld(t *testing.T) *world {
	t.Helper()
	var topics []string
	for _, table := range Tables() {
		for _, topic := range table.topics {
			topics = append(topics, "here."+topic)
		}
	}
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, topics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(fake.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &world{t: t, fake: fake, client: client, now: noon}
}

// append appends a record under a batch of its own.
func (w *world) append(topic string, partition int32, key string, value []byte) {
	w.t.Helper()
	w.batch++
	w.send(&kgo.Record{
		Topic: "here." + topic, Partition: partition, Key: []byte(key), Value: value, Timestamp: w.now,
		Headers: []kgo.RecordHeader{
			{Key: consumer.HeaderBatch, Value: strconv.AppendInt(nil, w.batch, 10)},
			{Key: consumer.HeaderIndex, Value: []byte("0")},
		},
	})
}

func (w *world) send(r *kgo.Record) {
	w.t.Helper()
	again := *r
	w.log = append(w.log, &again)
	if err := w.client.ProduceSync(w.t.Context(), r).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// repeat is a zombie's: everything once more, byte for byte.
func (w *world) repeat() {
	w.t.Helper()
	for _, r := range append([]*kgo.Record(nil), w.log...) {
		again := *r
		w.send(&again)
	}
}

func (w *world) decides(partition int32, d schemas.Decision) {
	w.t.Helper()
	d.Decided = schemas.TimeOf(w.now)
	topic := "contact." + string(d.Verdict)
	w.append(topic, partition, d.Person, d.AppendJSON(nil))
}

func (w *world) stands(partition int32, person string, p *state.Person) {
	w.t.Helper()
	value, err := state.EncodeStanding(rules.PersonID(person), p)
	if err != nil {
		w.t.Fatal(err)
	}
	w.append("contact.standing", partition, person, value)
}

// options are for the table, with people as they are.
func (w *world) options(table string) Options {
	w.t.Helper()
	client, err := kafkaio.New(kafkaio.Config{Brokers: w.fake.ListenAddrs()})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	found, ok := Find(table)
	if !ok {
		w.t.Fatalf("no table %s", table)
	}
	log := client.NewReader()
	return Options{Log: log, Since: log.Since, Partitions: 2, Prefix: "here.", Table: found, Person: func(id string) string { return id }}
}

// rows is a Writer that keeps them.
type rows struct{ all []Row }

// Write implements Writer.
func (r *rows) Write(row Row) error {
	r.all = append(r.all, append(Row(nil), row...))
	return nil
}

// Close implements Writer.
func (r *rows) Close() error { return nil }

// export runs an export.
func (w *world) export(o Options) ([]Row, Summary) {
	w.t.Helper()
	var to rows
	s, err := Run(w.t.Context(), o, &to)
	if err != nil {
		w.t.Fatal(err)
	}
	return to.all, s
}

// fill writes some of everything.
func (w *world) fill() {
	w.t.Helper()
	at := func(d time.Duration) schemas.Time { return schemas.TimeOf(w.now.Add(d)) }
	w.decides(0, schemas.Decision{
		ID: "d1", Intent: "i1", Person: "ana@example.org", Channel: "email", Purpose: "marketing", Campaign: `"spring", \2026`, Subject: "a\nb", Brand: "Müller & Söhne",
		Engine: "=crm", Verdict: schemas.Approved, NotAfter: at(15 * time.Minute), Items: []string{"i1", "i0"}, Policy: "p", Signals: 7,
	})
	w.now = w.now.Add(1500 * time.Millisecond)
	w.decides(1, schemas.Decision{
		ID: "d2", Intent: "i2", Person: "ben", Channel: "sms", Purpose: "marketing", Campaign: "may", Verdict: schemas.Vetoed, Reason: "refused.state",
		Reasons: []schemas.Objection{{Rule: "refused.state", Reason: "refused.state", Line: "house.yaml:3:1"}, {Rule: "any", Reason: "cap.any", Line: "house.yaml:9:5"}},
		Shadow:  []schemas.Objection{{Rule: "t", Reason: "cap.trial"}}, Final: true, Policy: "p",
	})
	w.now = w.now.Add(time.Hour)
	w.decides(0, schemas.Decision{
		ID: "d3", Intent: "i1", Person: "ana@example.org", Channel: "email", Purpose: "marketing", Campaign: "may", Verdict: schemas.Vetoed, Reason: "cap.any",
		Reasons: []schemas.Objection{{Rule: "any", Reason: "cap.any"}}, Earliest: at(time.Hour), Original: "d1", Policy: "p",
	})
	w.append("contact.revoked", 0, "ana", schemas.Revocation{ID: "r1", Decision: "d1", Intent: "i1", Person: "ana", Reason: "refused.state", Signal: "s1", Revoked: at(0)}.AppendJSON(nil))
	w.append("contact.redeemed", 0, "ana", schemas.Redemption{ID: "q1", Intent: "i1", Decision: "d1", Person: "ana", Worker: "secret", Reason: "revoked", Answered: at(0)}.AppendJSON(nil))
	w.append("contact.leaked", 1, "ben", schemas.Leak{ID: "l1", Decision: "d2", Intent: "i2", Person: "ben", Reason: "refused.state", Signal: "s2", Redeemed: at(-time.Minute), Refused: at(0)}.AppendJSON(nil))
	ben := &state.Person{Person: rules.Person{Noes: []rules.No{{Kind: rules.Refused, Scope: rules.Scope{Channel: "sms", Address: "+49"}, At: rules.At(w.now), Signal: "s2"}}}}
	w.stands(1, "ben", ben)
	ben.Noes = append(ben.Noes, rules.No{Kind: rules.Cancelled, Scope: rules.Scope{Subject: "b", Brand: "x"}, At: rules.At(w.now.Add(time.Minute)), Signal: "s3"})
	ben.Consents = []rules.Consent{{Scope: rules.Scope{Channel: "email"}, At: rules.At(w.now), Effective: true}, {At: rules.At(w.now)}}
	w.stands(1, "ben", ben)
	w.stands(0, "gone", ben)
	w.append("contact.standing", 0, "gone", nil)
	w.append("contact.standing", 0, "\x1ehash", []byte(`{"person":"\u001ehash","sealed":"AAAA"}`))
	for _, n := range []int64{1, 2, 5} {
		r := schemas.VetoRate{Minute: schemas.TimeOf(noon), Partition: 1, Campaign: "may", Channel: "sms", Purpose: "marketing", Verdict: schemas.Vetoed, Reason: "refused.state", Count: n}
		w.append("contact.veto-rates", 1, string(r.Key()), r.AppendJSON(nil))
	}
}
