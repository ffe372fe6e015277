package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/schemas"
)

// minutes is how long anything here may take on a machine that is busy.
const minutes = 3 * time.Minute

// operated is a Kafka, a governor that may run on it, and an operator who types.
type operated struct {
	t      *testing.T
	kafka  *kfake.Cluster
	config string // file
	engine *kgo.Client
	ctx    context.Context
	came   map[string][]*kgo.Record // by topic
	stop   func()                   // the governor
	change []func(o *app.Options)   // of the governor
}

// operate is a Kafka with the topics of a governor that has gone.
func operate(t *testing.T, change ...func(*app.Options)) *operated {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), minutes)
	t.Cleanup(cancel)
	o := &operated{t: t, kafka: fakeKafka(t), ctx: ctx, came: map[string][]*kgo.Record{}, change: change}
	o.config = filepath.Join(t.TempDir(), "governor.yaml")
	write(t, o.config, fmt.Sprintf("kafka: {brokers: [%q], topics: {partitions: 4}}\n", o.kafka.ListenAddrs()[0]))
	var err error
	if o.engine, err = kgo.NewClient(kgo.SeedBrokers(o.kafka.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ConsumeTopics("contact.approved", "contact.vetoed", "contact.revoked", "contact.signals", "contact.standing", "contact.deadletter", "contact.audit"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(10*time.Millisecond), kgo.MetadataMaxAge(200*time.Millisecond),
		kgo.FetchMaxWait(20*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.engine.Close)
	o.govern()
	return o
}

// govern starts a governor, and waits until it governs.
func (o *operated) govern() {
	o.t.Helper()
	ready := make(chan struct{})
	a := newApp(o.t, o.kafka, append([]func(*app.Options){func(p *app.Options) {
		p.Config.Kafka.Topics.Partitions, p.Ready = 4, func() { close(ready) }
	}}, o.change...)...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	over := false
	o.stop = func() {
		cancel()
		if over {
			return
		}
		over = true
		if err := <-ended; err != nil {
			o.t.Errorf("the governor ended: %v", err)
		}
	}
	o.t.Cleanup(o.stop)
	select {
	case <-ready:
	case <-o.ctx.Done():
		o.t.Fatal("the governor is not ready")
	}
}

// partition is where a key belongs.
func (o *operated) partition(key string) int32 {
	return int32(kgo.StickyKeyPartitioner(nil).ForTopic("t").Partition(&kgo.Record{Key: []byte(key)}, 4))
}

// publish appends a record where its key belongs.
func (o *operated) publish(topic, key, value string, headers ...kgo.RecordHeader) *kgo.Record {
	o.t.Helper()
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value), Partition: o.partition(key), Headers: headers}
	if err := o.engine.ProduceSync(o.ctx, r).FirstErr(); err != nil {
		o.t.Fatal(err)
	}
	return r
}

// wants makes an engine want a contact.
func (o *operated) wantsTo(id, person, rest string) {
	o.t.Helper()
	o.publish("contact.intents", person, fmt.Sprintf(`{"id":%q,"person":%q,"at":%q,%s}`, id, person, stamp(), rest))
}

// says makes a person say something.
func (o *operated) says(id, person, rest string) {
	o.t.Helper()
	o.publish("contact.signals", person, fmt.Sprintf(`{"id":%q,"person":%q,"at":%q,%s}`, id, person, stamp(), rest))
}

func stamp() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// waitFor waits for a record of a topic.
func (o *operated) waitFor(topic string, is func(*kgo.Record) bool) *kgo.Record {
	o.t.Helper()
	for {
		for _, r := range o.came[topic] {
			if is(r) {
				return r
			}
		}
		fetched := o.engine.PollFetches(o.ctx)
		if o.ctx.Err() != nil {
			o.t.Fatalf("it is not on %s", topic)
		}
		for r := range fetched.RecordsAll() {
			o.came[r.Topic] = append(o.came[r.Topic], r)
		}
	}
}

// decision waits for the decision on an intent.
func (o *operated) decision(topic, intent string) schemas.Decision {
	o.t.Helper()
	var d schemas.Decision
	o.waitFor(topic, func(r *kgo.Record) bool {
		var err error
		d, err = schemas.DecodeDecision(r.Value)
		return err == nil && d.Intent == intent
	})
	return d
}

// types is what the governor answers to a command line; CONFIG in it is the file.
func (o *operated) types(in string, args ...string) (out, talk string, exit int) {
	o.t.Helper()
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "CONFIG", o.config)
	}
	var said, told bytes.Buffer
	err := execute(o.ctx, args, strings.NewReader(in), &said, &told)
	return said.String(), told.String(), status(err)
}

// answers wants a command to succeed, and its answer to have these words.
func (o *operated) answers(args []string, words ...string) string {
	o.t.Helper()
	out, talk, exit := o.types("", args...)
	if exit != 0 {
		o.t.Errorf("%v: exit %d: %s", args, exit, talk)
	}
	return has(o.t, out, words...)
}

// has wants a text to have these words, however it is wrapped.
func has(t *testing.T, text string, words ...string) string {
	t.Helper()
	plain := strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		if !strings.Contains(plain, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
	return text
}

// lines are the objects of an answer as JSON lines.
func lines[T any](t *testing.T, text string) (all []T) {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(text))
	for in.More() {
		var one T
		if err := in.Decode(&one); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		all = append(all, one)
	}
	return all
}
