package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// "Clean exits, time to honour, pester index … as metrics" (issue 7), of what a governor
// really writes: one person was let go in peace, another was not.
func TestARunningGovernorTellsTheFigures(t *testing.T) {
	kafka, at := fakeKafka(t), nobody(t)
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Partitions, c.Redis.Address = kafka.ListenAddrs(), 4, miniredis.RunT(t).Addr()
	c.HTTP.Listen, c.API.Listen = at, nobody(t)
	a, err := observe(app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(t, zaptest.Level(zapcore.WarnLevel)), Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	}()
	answered := func(path string, words ...string) {
		t.Helper()
		for end := time.Now().Add(minutes); ; time.Sleep(20 * time.Millisecond) {
			code, body := toldBy(t, at, path)
			if code == 200 && hasAll(body, words) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("GET %s is answered %d, %s; want 200 and %q", path, code, body, words)
			}
		}
	}
	answered("/readyz", `"ready":true`)
	engine, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	publish := func(topic, person, id, rest string) {
		t.Helper()
		value := fmt.Sprintf(`{"id":%q,"person":%q,"at":%q,%s}`, id, person, stamp(), rest)
		if err := engine.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Key: []byte(person), Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	const mail = `"channel":"email","purpose":"marketing","campaign":"spring","engine":"crm"`
	publish("contact.intents", "ana", "i1", mail)
	publish("contact.signals", "ana", "s1", `"type":"refusal","channel":"sms"`)
	publish("contact.signals", "ben", "s2", `"type":"reply","channel":"email","text":"Stop."`)
	publish("contact.intents", "ana", "i2", mail)
	publish("contact.intents", "ben", "i3", mail)
	publish("contact.intents", "ben", "i4", mail)
	answered("/metrics", "governor_figures_caught_up 1\n", "governor_figures_one_in 1\n", "governor_figures_exits 2\n", "governor_figures_clean_exits 1\n",
		"governor_figures_intents 4\n", "governor_figures_intents_after_no 2\n", "governor_figures_silent_people 0\n", "governor_figures_leaked 0\n",
		`governor_figures_honour_seconds{percent="99"}`, `governor_figures_quiet_seconds{percent="50"}`)
}
