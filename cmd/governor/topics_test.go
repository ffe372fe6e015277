package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/topics"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// configFor is a configuration of a Kafka, and of what else is to be in it.
func configFor(t *testing.T, kafka *kfake.Cluster, more ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "governor.yaml")
	lines := append([]string{fmt.Sprintf("kafka: {brokers: [%q], topics: {partitions: 3, create: false}}", kafka.ListenAddrs()[0])}, more...)
	write(t, file, strings.Join(lines, "\n")+"\n")
	return file
}

// typed runs one command line.
func typed(t *testing.T, args ...string) (out, talk string, exit int) {
	t.Helper()
	var o, e bytes.Buffer
	err := execute(t.Context(), args, strings.NewReader(""), &o, &e)
	return o.String(), e.String(), status(err)
}

// tabled runs a command of topics that answers in JSON.
func tabled(t *testing.T, want int, args ...string) map[string]topics.Topic {
	t.Helper()
	out, talk, exit := typed(t, append(append([]string{"topics"}, args...), "-o", "json")...)
	var r topics.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || exit != want {
		t.Fatalf("exit status %d, want %d; %v\n%s%s", exit, want, err, out, talk)
	}
	all := make(map[string]topics.Topic)
	for _, topic := range r.Topics {
		all[topic.Name] = topic
	}
	return all
}

// "Makes the topics that are missing, whatever kafka.topics.create says, and tells which
// it made and which were there." First it is told what would be.
func TestTopicsAreMadeOnce(t *testing.T) {
	kafka := fakeKafka(t)
	file := configFor(t, kafka)
	for name, topic := range tabled(t, 1, "check", "--config", file) {
		mend := "topic " + name + ": is not there; mend: governor topics create --config " + file + ", or kafka-topics --bootstrap-server "
		if topic.Verdict != topics.Missing || len(topic.Wrong) != 1 || !strings.HasPrefix(topic.Wrong[0], mend) {
			t.Errorf("before: %+v", topic)
		}
	}
	would := tabled(t, 0, "create", "--dry-run", "--config", file)
	for name, topic := range would {
		if topic.Verdict != topics.ToMake || topic.Partitions != 3 || kafka.TopicInfo(name) != nil {
			t.Errorf("dry: %+v, made: %t", topic, kafka.TopicInfo(name) != nil)
		}
	}
	made := tabled(t, 0, "create", "--config", file)
	for name, topic := range made {
		if topic.Verdict != topics.Made || topic.Partitions != 3 || topic.Replication != 1 || kafka.TopicInfo(name) == nil {
			t.Errorf("made: %+v", topic)
		}
	}
	for _, do := range []string{"create", "check"} {
		for _, topic := range tabled(t, 0, do, "--config", file) {
			if topic.Verdict != topics.OK || len(topic.Wrong) > 0 {
				t.Errorf("%s afterwards: %+v", do, topic)
			}
		}
	}
	if len(would) < 9 || len(made) != len(would) {
		t.Errorf("%d topics would be made, %d were", len(would), len(made))
	}
	if s := made["contact.standing"]; s.Cleanup != "compact" || s.Retention != "the latest of each key" {
		t.Errorf("standing: %+v", s)
	}
	if s := made["contact.signals"]; s.Cleanup != "delete" || s.Retention != "400d" {
		t.Errorf("signals: %+v", s)
	}
}

// "The intents that are there say how many partitions everything has", and "if one of
// these is wrong it makes none".
func TestTopicsBesideAWrongOneAreNotMade(t *testing.T) {
	kafka := fakeKafka(t, kfake.SeedTopics(5, "contact.intents"))
	if err := kafka.CreateTopic("contact.standing", 5, map[string]string{"cleanup.policy": "delete"}); err != nil {
		t.Fatal(err)
	}
	file := configFor(t, kafka)
	out, talk, exit := typed(t, "topics", "create", "--config", file)
	mend := "\ntopic contact.standing: cleanup.policy is delete, must be compact; mend: kafka-configs --bootstrap-server " + kafka.ListenAddrs()[0] +
		" --alter --entity-type topics --entity-name contact.standing --add-config cleanup.policy=compact\n"
	if exit != 1 || !strings.Contains(out, mend) || !strings.Contains(talk, "1 topic is wrong, and ") || !strings.Contains(talk, "none is made") {
		t.Errorf("exit status %d\n%s%s", exit, out, talk)
	}
	if kafka.TopicInfo("contact.signals") != nil {
		t.Error("a topic was made beside a wrong one")
	}
	checked := tabled(t, 1, "check", "--config", file)
	if c := checked["contact.signals"]; c.Partitions != 5 || c.Verdict != topics.Missing {
		t.Errorf("signals: %+v", c)
	}
	if c := checked["contact.standing"]; c.Verdict != topics.Wrong || len(c.Wrong) != 1 || c.Wrong[0] != strings.TrimSpace(mend) {
		t.Errorf("standing: %+v", c)
	}
}

// What check finds nothing wrong with, run accepts: they are the same topics.
func TestRunGovernsOnTheTopicsThatWereMade(t *testing.T) {
	kafka := fakeKafka(t)
	before, _, exit := typed(t, "topics", "create", "--config", configFor(t, kafka))
	if exit != 0 {
		t.Fatal(before)
	}
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Create, c.Redis.Address = kafka.ListenAddrs(), false, miniredis.RunT(t).Addr()
	ctx, stop := context.WithCancel(t.Context())
	began := false
	a, err := app.New(app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(t), Embedded: true, Ready: func() { began = true; stop() }})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Run(ctx), a.Close()); err != nil || !began {
		t.Errorf("it governs: %t, %v", began, err)
	}
}

func TestTopicsSaysThatKafkaIsAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, fmt.Sprintf("kafka: {brokers: [%q]}\n", nobody(t)))
	for _, do := range []string{"create", "check"} {
		out, talk, exit := typed(t, "topics", do, "--config", file)
		if exit != 1 || out != "" || !strings.HasPrefix(talk, "governor: topics "+do+": cannot reach Kafka at 127.0.0.1:") {
			t.Errorf("%s: exit status %d\n%s%s", do, exit, out, talk)
		}
	}
}
