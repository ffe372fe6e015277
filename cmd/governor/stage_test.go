package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/schemas"
)

// stage is a `governor run` with a Kafka, a Redis and a door of its own, whose clock a
// story moves; and those of the story around it: an engine that publishes over Kafka, and
// workers who ask over HTTP.
type stage struct {
	t      *testing.T
	clock  atomic.Int64 // ms since 1970
	doors  *doors
	kafka  *kafkaio.Client
	reader *kafkaio.Reader
	read   map[string]int64  // how far each topic was read
	came   []emitted         // of all topics
	asked  int               // how often a worker did
	whose  map[string]string // to whom an intent was published last
}

// emitted is a record that the governor wrote, and where it stands among all that it
// did.
type emitted struct {
	scenario.Output
	batch, index int64
	source       string // the record that it came of
}

// beat is the key of a record that nobody can read. It moves nothing under any policy,
// and when it is a dead letter, everything before it was decided, and what was due by the
// time at which it was published.
const beat = "beat"

// stageTime bounds one thing that is waited for. It is more than the slowest machine needs.
const stageTime = time.Minute

// openStage starts a governor under the policy. There is one partition, as in a replay.
func openStage(t *testing.T, policy *rules.Policy) *stage {
	t.Helper()
	services, err := embedded.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &stage{t: t, read: make(map[string]int64), whose: make(map[string]string)}
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Partitions, c.Redis.Address = services.Brokers(), 1, services.Redis()
	c.API.Listen, c.API.Rate, c.API.Timeout = "127.0.0.1:0", 10_000, stageTime // the clock that limits go by stands still
	c.Redis.Timeout = stageTime
	ready, ended := make(chan struct{}), make(chan error, 1)
	a, err := observe(app.Options{
		Config: c, Policy: policy, Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel)), Embedded: true,
		Clock: s.now, Ready: func() { close(ready) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.doors = &doors{t: t, url: "http://" + a.api.Address(), client: &http.Client{Transport: &http.Transport{}}}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		s.doors.client.CloseIdleConnections()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	})
	if s.kafka, err = kafkaio.New(kafkaio.Config{Brokers: services.Brokers(), DialTimeout: stageTime, RequestTimeout: stageTime}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kafka.Close)
	s.reader = s.kafka.NewReader()
	if s.doors.engine, err = kgo.NewClient(kgo.SeedBrokers(services.Brokers()...), kgo.ProducerLinger(0), kgo.MetadataMinAge(10*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.doors.engine.Close)
	select {
	case <-ready:
	case <-time.After(stageTime):
		t.Fatal("it does not begin")
	}
	return s
}

// now is the present of the story.
func (s *stage) now() time.Time { return time.UnixMilli(s.clock.Load()).UTC() }

// tell lets happen what a story tells, each at its time and when all before it is
// decided, and gives what came out of each, in the governor's order.
func (s *stage) tell(recording []scenario.Record) [][]scenario.Output {
	s.t.Helper()
	until := make([]int64, len(recording)) // the last batch of each
	for i, r := range recording {
		s.clock.Store(int64(r.Arrived))
		if r.Topic != "tick" && r.Arrived.Time().After(time.Now()) {
			s.beat() // Kafka stamps the record with today, so that it would be heard before what is due by then
		}
		switch r.Topic {
		case governor.Intents, governor.Signals:
			s.publish(r.Topic, s.keyOf(r), r.Value)
			until[i] = s.beat()
		case "redeem":
			until[i] = s.redeem(r)
		default:
			until[i] = s.beat()
		}
	}
	s.beat() // everything before it is there now
	for _, topic := range []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Leaked, governor.Standing} {
		s.all(topic)
	}
	slices.SortStableFunc(s.came, func(a, b emitted) int { return cmp.Or(cmp.Compare(a.batch, b.batch), cmp.Compare(a.index, b.index)) })
	came := make([][]scenario.Output, len(recording))
	for _, e := range s.came {
		i, _ := slices.BinarySearch(until, e.batch) // the first that ended with it, or later
		if i == len(until) {
			s.t.Errorf("after the end came %s %s", e.Topic, e.Value)
			continue
		}
		came[i] = append(came[i], e.Output)
	}
	return came
}

// publish is the engine, or whoever has something to say.
func (s *stage) publish(topic, key string, value []byte) (offset int64) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), stageTime)
	defer cancel()
	r, err := s.doors.engine.ProduceSync(ctx, &kgo.Record{Topic: topic, Key: []byte(key), Value: value, Timestamp: s.now()}).First()
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Offset
}

// keyOf is the person of a record, as far as it can be read.
func (s *stage) keyOf(r scenario.Record) string {
	var of struct{ ID, Person string }
	if err := json.Unmarshal(r.Value, &of); err != nil {
		of.Person, _ = schemas.Salvage(nil, r.Value)
	}
	if r.Topic == governor.Intents {
		s.whose[of.ID] = of.Person
	}
	return cmp.Or(of.Person, "nobody")
}

// beat waits until everything that was published is decided, and what is due by now,
// and says in which batch the last of it was.
func (s *stage) beat() (batch int64) {
	s.t.Helper()
	offset := s.publish(governor.Intents, beat, []byte(beat))
	source := governor.Source{Topic: governor.Intents, Offset: offset}.String()
	return s.await(governor.DeadLetter, func(e emitted) bool { return e.source == source }).batch
}

// redeem is a worker that is about to contact somebody, and asks at the door. What it
// hears is what the log says.
func (s *stage) redeem(r scenario.Record) (batch int64) {
	s.t.Helper()
	var ask struct{ Intent, Person, Worker string }
	if err := json.Unmarshal(r.Value, &ask); err != nil {
		s.t.Fatal(err)
	}
	s.asked++
	ask.Person = cmp.Or(ask.Person, s.whose[ask.Intent], "nobody")
	ask.Worker = cmp.Or(ask.Worker, "worker-"+strconv.Itoa(s.asked))
	status, got := s.doors.ask(http.MethodPost, "/v1/redeem", m{"person": ask.Person, "intent": ask.Intent, "worker": ask.Worker})
	if status != http.StatusOK {
		s.t.Fatalf("redeem %s: got %d %v", ask.Intent, status, got)
	}
	e := s.await(governor.Redemption, func(emitted) bool { return true })
	said, err := schemas.DecodeRedemption(e.Value)
	if err != nil || said.Intent != ask.Intent || said.Worker != ask.Worker || said.OK != got["ok"] || said.Reason != got["reason"] {
		s.t.Fatalf("redeem %s: the worker heard %v, the log says %s, %v", ask.Intent, got, e.Value, err)
	}
	e.Topic = "redeem"
	e.Value, err = json.Marshal(m{"intent": got["intent"], "ok": got["ok"], "reason": got["reason"]})
	if err != nil {
		s.t.Fatal(err)
	}
	s.came = append(s.came, e)
	return e.batch
}

// await reads a topic on until a record that is wanted.
func (s *stage) await(topic string, wanted func(emitted) bool) emitted {
	s.t.Helper()
	for end := time.Now().Add(stageTime); time.Now().Before(end); {
		for _, e := range s.next(topic, time.Second) {
			if wanted(e) {
				return e
			}
		}
	}
	s.t.Fatalf("nothing comes on %s", topic)
	return emitted{}
}

// all reads a topic to its end.
func (s *stage) all(topic string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), stageTime)
	defer cancel()
	_, end, err := s.reader.Bounds(ctx, consumer.Slot{Topic: topic})
	if err != nil {
		s.t.Fatal(err)
	}
	for s.read[topic] < end {
		s.next(topic, 0)
	}
}

// next reads what a topic has beyond what was read. It notes all but beats, and answers
// to workers, which they note.
func (s *stage) next(topic string, wait time.Duration) (out []emitted) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), stageTime)
	defer cancel()
	f, err := s.reader.Fetch(ctx, consumer.Slot{Topic: topic}, s.read[topic], wait)
	if err != nil {
		s.t.Fatalf("read %s: %v", topic, err)
	}
	s.read[topic] = f.Next
	for i := range f.Records {
		r := &f.Records[i]
		e := emitted{Output: scenario.Output{Topic: topic, Value: bytes.Clone(r.Value), Headers: make(map[string]string)}}
		if r.Value == nil {
			e.Value = []byte("null")
		}
		for _, h := range r.Headers {
			e.Headers[h.Key] = string(h.Value)
		}
		e.source = e.Headers[consumer.HeaderSource]
		for name, into := range map[string]*int64{consumer.HeaderBatch: &e.batch, consumer.HeaderIndex: &e.index} {
			if *into, err = strconv.ParseInt(e.Headers[name], 10, 64); err != nil {
				s.t.Fatalf("%s has no %s: %v", topic, name, err)
			}
		}
		out = append(out, e)
		if string(r.Key) != beat && topic != governor.Redemption {
			s.came = append(s.came, e)
		}
	}
	return out
}
