package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// newApp is an app on this Kafka and a Redis of its own.
func newApp(t *testing.T, kafka *kfake.Cluster, change ...func(*app.Options)) *app.App {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Kafka.Brokers = kafka.ListenAddrs()
	c.Kafka.Topics.Partitions = 2
	c.Redis.Address = miniredis.RunT(t).Addr()
	o := app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(t), Embedded: true}
	for _, f := range change {
		f(&o)
	}
	a, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// An engine publishes what it intends, a person says no, and the governor
// answers; it stops when it is told to.
func TestTheAppGoverns(t *testing.T) {
	kafka := fakeKafka(t)
	ready := make(chan struct{})
	a := newApp(t, kafka, func(o *app.Options) {
		o.Config.Kafka.Topics.Prefix = "test."
		o.Ready = func() { close(ready) }
	})
	ctx, stop := context.WithCancel(soon(t))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("it ended: %v", err)
	}

	engine, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...),
		kgo.ConsumeTopics("test.contact.approved", "test.contact.vetoed"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	at := time.Now().UTC().Format(time.RFC3339)
	for _, message := range []struct{ topic, value string }{
		{"test.contact.intents", `{"id":"i1","person":"p1","channel":"email","purpose":"receipt","campaign":"order-7","at":%q}`},
		{"test.contact.signals", `{"id":"s1","person":"p1","type":"refusal","channel":"email","source":"footer","at":%q}`},
		{"test.contact.intents", `{"id":"i2","person":"p1","channel":"email","purpose":"newsletter","campaign":"may","at":%q}`},
	} {
		record := &kgo.Record{Topic: message.topic, Key: []byte("p1"), Value: fmt.Appendf(nil, message.value, at)}
		if err := engine.ProduceSync(ctx, record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	answers := map[string]schemas.Decision{}
	for len(answers) < 2 {
		fetched := engine.PollFetches(ctx)
		if err := fetched.Err0(); err != nil {
			t.Fatal(err)
		}
		for r := range fetched.RecordsAll() {
			d, err := schemas.DecodeDecision(r.Value)
			if err != nil {
				t.Fatalf("%s: %v", r.Value, err)
			}
			if string(r.Key) != "p1" {
				t.Errorf("a decision has the key %q", r.Key)
			}
			answers[d.Intent] = d
		}
	}
	if d := answers["i1"]; d.Verdict != schemas.Approved {
		t.Errorf("the receipt is %s: %s", d.Verdict, d.Reason)
	}
	if d := answers["i2"]; d.Verdict != schemas.Vetoed || d.Reason != "refused.state" || !d.Final {
		t.Errorf("the newsletter is %s: %s", d.Verdict, d.Reason)
	}

	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("it does not stop")
	}
}

// refusal is what Run ends with, by itself.
func refusal(t *testing.T, a *app.App) []string {
	t.Helper()
	err := a.Run(soon(t))
	if err == nil {
		t.Fatal("it found nothing wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return lines
}

func create(t *testing.T, kafka *kfake.Cluster, topic string, partitions int32, configs map[string]string) {
	t.Helper()
	if err := kafka.CreateTopic(topic, partitions, configs); err != nil {
		t.Fatal(err)
	}
}

// "Those that are there are checked, never changed: what is wrong with them is
// told with the command that mends it, and nothing starts."
func TestTheAppNamesEverythingThatIsWrongWithTopics(t *testing.T) {
	kafka := fakeKafka(t)
	create(t, kafka, "contact.intents", 4, nil)
	create(t, kafka, "contact.approved", 3, map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"})
	create(t, kafka, "contact.signals", 4, map[string]string{"cleanup.policy": "delete", "retention.ms": "604800000", "retention.bytes": "-1"})
	create(t, kafka, "contact.standing", 4, map[string]string{"cleanup.policy": "delete"})
	got := refusal(t, newApp(t, kafka))
	at := "--bootstrap-server " + kafka.ListenAddrs()[0]
	alter := "mend: kafka-configs " + at + " --alter --entity-type topics --entity-name "
	want := []string{
		"topic contact.approved: partition count is 3, must be 4, as contact.intents has; mend: kafka-topics " + at + " --alter --topic contact.approved --partitions 4",
		"topic contact.signals: retention.ms is 604800000, must be 34560000000 or more, or -1 (for ever); " + alter + "contact.signals --add-config retention.ms=34560000000",
		"topic contact.standing: cleanup.policy is delete, must be compact; " + alter + "contact.standing --add-config cleanup.policy=compact",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if kafka.TopicInfo("contact.vetoed") != nil {
		t.Error("a topic was made beside wrong ones")
	}
}

// "Make the topics that are missing. With false they must be there."
func TestTheAppMakesTopicsOnlyIfItMay(t *testing.T) {
	kafka := fakeKafka(t)
	got := refusal(t, newApp(t, kafka, func(o *app.Options) { o.Config.Kafka.Topics.Create = false }))
	if len(got) != 1 || !hasAll(got[0], []string{"contact.intents does not exist", "kafka.topics.create"}) {
		t.Errorf("got %q", got)
	}
	if kafka.TopicInfo("contact.intents") != nil {
		t.Error("it made a topic")
	}
}

// "Of the topics that are made; contact.intents, where it is there already, says
// how many the others get."
func TestTheAppMakesTopicsLikeTheIntents(t *testing.T) {
	kafka := fakeKafka(t)
	create(t, kafka, "contact.intents", 3, nil)
	ctx, stop := context.WithCancel(soon(t))
	a := newApp(t, kafka, func(o *app.Options) { o.Ready = stop })
	if err := a.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"intents", "signals", "approved", "vetoed", "revoked", "standing", "deadletter"} {
		if kafka.PartitionInfo("contact."+topic, 2) == nil || kafka.PartitionInfo("contact."+topic, 3) != nil {
			t.Errorf("contact.%s is not there, or has other than 3 partitions", topic)
		}
	}
}

func TestTheAppTellsAPasswordFileThatIsGone(t *testing.T) {
	c := config.Default()
	c.Redis.PasswordFile = "/nowhere/redis"
	_, err := app.New(app.Options{Config: c, Log: zaptest.NewLogger(t)})
	if err == nil || err.Error() != "redis.password_file: open /nowhere/redis: no such file or directory" {
		t.Errorf("got %v", err)
	}
}
