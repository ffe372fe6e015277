package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/registry"
	"github.com/contactgovernor/governor/schemas"
)

// shop is who has engines that speak Avro, Protobuf, JSON Schema and plain JSON, and the
// registry, the Kafka and the Redis that they and the governor use.
type shop struct {
	t        *testing.T
	schemas  *srfake.Registry
	kafka    *kfake.Cluster
	redis    *miniredis.Miniredis
	engine   *kgo.Client
	intent   *avro.Schema
	password string // the file
}

// The ids under which the shop registered the schemas of what it says.
const (
	avroIntent  = 101
	protoSignal = 102
	jsonIntent  = 103
)

// longest bounds whatever is waited for. It is more than the slowest machine needs.
const longest = 4 * time.Minute

func shopTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	t.Cleanup(cancel)
	return ctx
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, kafka: fakeKafka(t), redis: miniredis.RunT(t), password: t.TempDir() + "/password"}
	s.schemas = srfake.New(srfake.WithAuth("Basic dXM6aHVzaA==")) // us:hush
	t.Cleanup(s.schemas.Close)
	if err := os.WriteFile(s.password, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := func(name string) string {
		b, err := registry.Files.ReadFile("schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	intent, err := schemas.Schema("intent.v1")
	if err != nil {
		t.Fatal(err)
	}
	s.intent = avro.MustParse(text("intent.v1.avsc"))
	s.schemas.SeedSchema("contact.intents-value", 1, avroIntent, sr.Schema{Type: sr.TypeAvro, Schema: s.intent.String()})
	s.schemas.SeedSchema("contact.signals-value", 1, protoSignal, sr.Schema{Type: sr.TypeProtobuf, Schema: text("signal.v1.proto")})
	s.schemas.SeedSchema("shop-intents-value", 1, jsonIntent, sr.Schema{Type: sr.TypeJSON, Schema: string(intent)})
	if s.engine, err = kgo.NewClient(kgo.SeedBrokers(s.kafka.ListenAddrs()...), kgo.ProducerLinger(0)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.engine.Close)
	return s
}

func framed(id uint32, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, id), payload...)
}

// asAvro is an intent as an engine encodes it that has Avro.
func (s *shop) asAvro(id, purpose string) []byte {
	s.t.Helper()
	b, err := s.intent.Encode(map[string]any{
		"id": id, "person": "ann", "channel": "email", "purpose": purpose, "campaign": "c-" + id, "at": time.Now(), "engine": "mailer-7",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return framed(avroIntent, b)
}

func asJSON(id, purpose string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"person":"ann","channel":"email","purpose":%q,"campaign":"c-%s","at":%q}`, id, purpose, id, time.Now().UTC().Format(time.RFC3339))
}

// refusalInProtobuf is a signal as a preference centre encodes it that has Protobuf.
func refusalInProtobuf(id string) []byte {
	b := []byte{0} // the first message of the file
	for i, text := range []string{id, "ann", "refusal"} {
		b = protowire.AppendString(protowire.AppendTag(b, protowire.Number(i+1), protowire.BytesType), text)
	}
	at := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(time.Now().Unix()))
	b = protowire.AppendBytes(protowire.AppendTag(b, 4, protowire.BytesType), at)
	b = protowire.AppendString(protowire.AppendTag(b, 5, protowire.BytesType), "email")
	return framed(protoSignal, b)
}

func (s *shop) publish(topic string, value []byte) { s.publishOf("ann", topic, value) }

func (s *shop) publishOf(person, topic string, value []byte) {
	s.t.Helper()
	if err := s.engine.ProduceSync(shopTime(s.t), &kgo.Record{Topic: topic, Key: []byte(person), Value: value}).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

// govern runs a governor that writes in the format until the function returned is
// called.
func (s *shop) govern(format registry.Format, redis string) (stop func()) {
	s.t.Helper()
	ready := make(chan struct{})
	a := newApp(s.t, s.kafka, func(o *app.Options) {
		o.Config.Redis.Address, o.Ready = redis, func() { close(ready) }
		c := &o.Config.Registry
		c.URLs, c.Outputs, c.Register, c.Username, c.PasswordFile, c.Timeout = []string{s.schemas.URL()}, string(format), true, "us", s.password, longest
	})
	ctx, cancel := context.WithCancel(shopTime(s.t))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	select {
	case <-ready:
	case err := <-ended:
		s.t.Fatalf("it ended: %v", err)
	}
	return func() {
		s.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
}

// came waits until so many records are on a topic.
func (s *shop) came(topic string, records int) (out []*kgo.Record) {
	s.t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(s.kafka.ListenAddrs()...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	ctx := shopTime(s.t)
	for len(out) < records {
		fetched := c.PollFetches(ctx)
		if err := fetched.Err0(); err != nil {
			s.t.Fatalf("%d of %d on %s: %v", len(out), records, topic, err)
		}
		out = append(out, fetched.Records()...)
	}
	return out
}

// reader is somebody who reads decisions and has nothing but the registry.
func (s *shop) reader() *registry.Registry {
	s.t.Helper()
	r, err := registry.New(registry.Options{URLs: []string{s.schemas.URL()}, HTTP: &http.Client{Timeout: longest}, Authorize: func(req *http.Request) error {
		req.SetBasicAuth("us", "hush")
		return nil
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// decisions reads a topic of decisions through the registry, by the id of the intent.
func (s *shop) decisions(topic string, records int) map[string]schemas.Decision {
	s.t.Helper()
	all := make(map[string]schemas.Decision)
	for _, r := range s.came(topic, records) {
		if r.Value[0] != 0 {
			s.t.Errorf("%s is not framed: %s", topic, r.Value)
		}
		value, err := s.reader().Turn(s.t.Context(), r.Value)
		if err != nil {
			s.t.Fatal(err)
		}
		d, err := schemas.DecodeDecision(value)
		if err != nil {
			s.t.Fatalf("%v\n%s", err, value)
		}
		all[d.Intent] = d
	}
	return all
}

// "An engine publishes Avro, Protobuf and JSON-Schema framed intents and plain JSON side
// by side; decisions come out framed; crash and recovery read them": in each format.
func TestTheGovernorWithARegistry(t *testing.T) {
	for _, format := range []registry.Format{registry.Avro, registry.Protobuf, registry.JSONSchema} {
		t.Run(string(format), func(t *testing.T) { theShopsDay(openShop(t), format) })
	}
}

func theShopsDay(s *shop, format registry.Format) {
	t := s.t
	t.Helper()
	stop := s.govern(format, s.redis.Addr())
	s.publish(governor.Intents, s.asAvro("i1", "receipt"))
	s.publish(governor.Intents, framed(jsonIntent, asJSON("i2", "receipt")))
	s.publish(governor.Intents, asJSON("i3", "receipt"))
	s.publish(governor.Signals, refusalInProtobuf("s1"))
	s.publish(governor.Intents, s.asAvro("i4", "newsletter"))
	s.publish(governor.Intents, framed(999, []byte("whatever")))
	approved, vetoed := s.decisions(governor.Approved, 3), s.decisions(governor.Vetoed, 1)
	if len(approved) != 3 || approved["i1"].Engine != "mailer-7" || vetoed["i4"].Reason != "refused.state" {
		t.Errorf("approved %v\nvetoed %v", approved, vetoed)
	}
	letter := s.came(governor.DeadLetter, 1)[0]
	if string(letter.Value) != string(framed(999, []byte("whatever"))) {
		t.Errorf("the dead letter is %q", letter.Value)
	}
	if h := letter.Headers; !hasHeader(h, schemas.ErrorMessage, "there is no schema 999 in the registry: register it there, or send the record to the registry's own cluster") {
		t.Errorf("it says %q", h)
	}

	// A crash between the memory and the log: the first answer to a veto's batch is lost, and
	// what landed of it is found by reading it back.
	var lost atomic.Bool
	s.kafka.ControlKey(kmsg.Produce.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		s.kafka.KeepControl()
		produce := req.(*kmsg.ProduceRequest)
		if len(produce.Topics) == 0 || !aboutVetoes(produce) || !lost.CompareAndSwap(false, true) {
			return nil, nil, false
		}
		return nil, kerr.RequestTimedOut, true
	})
	s.publish(governor.Intents, asJSON("i5", "newsletter"))
	if vetoed = s.decisions(governor.Vetoed, 2); vetoed["i5"].Reason != "refused.state" || !lost.Load() {
		t.Errorf("%v, %v", vetoed, lost.Load())
	}
	stop()

	// Redis is lost with all that it remembered; the log has it, framed.
	stop = s.govern(format, miniredis.RunT(t).Addr())
	s.publish(governor.Intents, s.asAvro("i6", "newsletter"))
	s.publish(governor.Intents, s.asAvro("i1", "receipt"))
	vetoed = s.decisions(governor.Vetoed, 4)
	if vetoed["i6"].Reason != "refused.state" {
		t.Errorf("the no was forgotten: %v", vetoed["i6"])
	}
	if d := vetoed["i1"]; d.Reason != "intent.conflict" && d.Reason != "duplicate" { // another time of day in it
		t.Errorf("the approval was forgotten: %v", d)
	}

	// A signal that nobody can read is a no, framed or not.
	s.publishOf("bob", governor.Signals, framed(998, []byte("whatever")))
	s.publishOf("bob", governor.Intents, []byte(strings.Replace(string(asJSON("i7", "newsletter")), `"ann"`, `"bob"`, 1)))
	if d := s.decisions(governor.Vetoed, 5)["i7"]; d.Reason != "refused.state" {
		t.Errorf("bob's signal was lost: %v", d)
	}
	s.registryAway()
	stop()
	s.verify()
}

// registryAway: while the registry does not answer, a schema that nobody knows yet holds
// the partition, and whatever is behind it waits; nothing is passed over.
func (s *shop) registryAway() {
	s.t.Helper()
	const another = 9104
	s.schemas.SeedSchema("another-value", 1, another, sr.Schema{Type: sr.TypeAvro, Schema: strings.Replace(s.intent.String(), "contactgovernor.v1", "another", 1)})
	var asked atomic.Int64
	s.schemas.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/schemas/ids/9104") {
			return false
		}
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	value := s.asAvro("i8", "receipt")
	s.publish(governor.Intents, append(framed(another, nil), value[5:]...))
	s.publish(governor.Intents, asJSON("i9", "receipt"))
	for end := time.Now().Add(longest); asked.Load() < 3; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("it does not ask again")
		}
	}
	if _, early := s.decisions(governor.Approved, 3)["i9"]; early {
		s.t.Error("it passed over what it could not read yet")
	}
	s.schemas.ClearInterceptors()
	if approved := s.decisions(governor.Approved, 5); approved["i8"].Engine != "mailer-7" || approved["i9"].ID == "" {
		s.t.Errorf("%v", approved)
	}
}

func aboutVetoes(r *kmsg.ProduceRequest) bool {
	for _, t := range r.Topics {
		if t.Topic == governor.Vetoed {
			return true
		}
	}
	return false
}

func hasHeader(all []kgo.RecordHeader, key, value string) bool {
	for _, h := range all {
		if h.Key == key && string(h.Value) == value {
			return true
		}
	}
	return false
}

// verify is somebody who checks, over the topics alone, that every promise was kept.
func (s *shop) verify() {
	t := s.t
	t.Helper()
	file := t.TempDir() + "/governor.yaml"
	text := fmt.Sprintf("kafka: {brokers: [%q]}\nregistry: {urls: [%q], username: us, password_file: %q}\n", s.kafka.ListenAddrs()[0], s.schemas.URL(), s.password)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, talk strings.Builder
	err := execute(shopTime(t), []string{"verify", "--config", file, "--settled", "--trust-times"}, strings.NewReader(""), &out, &talk)
	if err != nil || !strings.Contains(out.String(), "nothing was found") {
		t.Errorf("%v\n%s%s", err, &out, &talk)
	}
}
