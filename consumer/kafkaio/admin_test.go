package kafkaio

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

var week = 7 * 24 * time.Hour

func specs() []TopicSpec {
	return []TopicSpec{
		{Name: "intents", Partitions: 4, Cleanup: "delete"},
		{Name: "approved", SameAs: "intents", Cleanup: "delete", MinRetention: 4 * week, MaxMessageBytes: 1 << 20},
		{Name: "signals", SameAs: "intents", Cleanup: "delete", MinRetention: Forever},
		{Name: "standing", SameAs: "intents", Cleanup: "compact"},
	}
}

func TestEnsureCreatesWhatIsMissing(t *testing.T) {
	c := fakeCluster(t)
	admin := newClient(t, c).Admin()
	for range 2 { // the second time it finds them as they must be
		must(t, admin.Ensure(within(t), specs()))
	}
	for _, s := range specs() {
		if n, err := admin.Partitions(within(t), s.Name); err != nil || n != 4 {
			t.Errorf("%s has %d partitions, %v", s.Name, n, err)
		}
	}
	for topic, want := range map[string]map[string]string{
		"approved": {cleanupPolicy: "delete", retentionTime: "2419200000", retentionSize: "-1", maxMessageSize: "1048576"},
		"signals":  {retentionTime: "-1"},
		"standing": {cleanupPolicy: "compact", mostLag: "86400000"},
	} {
		got := c.TopicInfo(topic).Configs
		for k, v := range want {
			if got[k] == nil || *got[k] != v {
				t.Errorf("%s: %s is %v, want %s", topic, k, got[k], v)
			}
		}
	}
}

func TestEnsureFollowsTheTopicThatIsThere(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(6, "intents"))
	admin := newClient(t, c).Admin()
	s := specs()
	s[0].Partitions = 0
	must(t, admin.Ensure(within(t), s))
	if n, err := admin.Partitions(within(t), "standing"); err != nil || n != 6 {
		t.Errorf("standing has %d partitions, %v", n, err)
	}
}

func TestEnsureReportsEverythingThatIsWrong(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(4, "intents"))
	must(t, c.CreateTopic("approved", 3, map[string]string{
		"cleanup.policy": "compact", "retention.ms": "604800000", "retention.bytes": "1000000", "max.message.bytes": "1000",
	}))
	must(t, c.CreateTopic("standing", 8, map[string]string{"cleanup.policy": "compact,delete"}))
	s := specs()
	s[1].MinInSync = 2
	s[1].Replication = 9
	err := newClient(t, c).Admin().Ensure(within(t), s)
	if err == nil {
		t.Fatal("found nothing wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	at := " --bootstrap-server " + c.ListenAddrs()[0] + " "
	for _, want := range []string{
		"topic approved: partition count is 3, must be 4, as intents has; mend: kafka-topics" + at + "--alter --topic approved --partitions 4, but only while it is empty",
		"topic approved: replication factor is 1, must be 9 or more; mend: kafka-reassign-partitions" + at,
		"topic approved: cleanup.policy is compact, must be delete; mend: kafka-configs" + at + "--alter --entity-type topics --entity-name approved --add-config cleanup.policy=delete",
		"topic approved: retention.ms is 604800000, must be 2419200000 or more, or -1 (for ever); mend: kafka-configs",
		"topic approved: retention.bytes is 1000000, must be -1 (without bound); mend: kafka-configs",
		"topic approved: min.insync.replicas is 1, must be 2 or more; mend: kafka-configs",
		"topic approved: max.message.bytes is 1000, must be 1048576 or more; mend: kafka-configs",
		"topic standing: partition count is 8, must be 4, as intents has; mend: partitions cannot be taken away",
		"topic standing: cleanup.policy is compact,delete, must be compact; mend: kafka-configs",
	} {
		found := false
		for i, line := range lines {
			if strings.HasPrefix(line, want) {
				lines[i], found = "", true
			}
		}
		if !found {
			t.Errorf("nothing said of: %s", want)
		}
	}
	if rest := strings.TrimSpace(strings.Join(lines, "\n")); rest != "" {
		t.Errorf("also said:\n%s", rest)
	}
	if c.TopicInfo("signals") != nil {
		t.Error("a topic was created beside wrong ones")
	}
}

func TestEnsureSaysWhyATopicCannotBeCreated(t *testing.T) {
	c := fakeCluster(t)
	err := newClient(t, c).Admin().Ensure(within(t), []TopicSpec{{Name: "intents", Partitions: 1, Replication: 3}})
	if !errors.Is(err, kafka.InvalidReplicationFactor) || !strings.Contains(err.Error(), "the cluster has 1 brokers") {
		t.Errorf("got %v", err)
	}
}

func TestPartitionsOfAMissingTopic(t *testing.T) {
	c := fakeCluster(t)
	_, err := newClient(t, c).Admin().Partitions(within(t), "nothing")
	if !errors.Is(err, kafka.UnknownTopicOrPartition) {
		t.Errorf("got %v", err)
	}
}

func TestPing(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(2))
	must(t, newClient(t, c).Admin().Ping(within(t)))
}

func TestPingSaysWhatCannotBeReached(t *testing.T) {
	client, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer client.Close()
	err = client.Admin().Ping(within(t))
	if err == nil || !strings.HasPrefix(err.Error(), "cannot reach Kafka at 127.0.0.1:1: ") {
		t.Errorf("got %v", err)
	}
	_, err = client.NewReader().Fetch(within(t), slot0, 0, 0)
	if err == nil || !strings.Contains(err.Error(), "cannot reach Kafka at 127.0.0.1:1: ") {
		t.Errorf("got %v", err)
	}
}

// A cluster whose brokers tell their clients an address that leads nowhere.
func TestPingFindsWrongAdvertisedListeners(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(2))
	asked := c.ListenAddrs()[0]
	client := newClient(t, c, func(config *Config) {
		config.Brokers = []string{asked}
		config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != asked {
				return nil, errors.New("no route to host")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	})
	err := client.Admin().Ping(within(t))
	if err == nil || !strings.Contains(err.Error(), "advertised.listeners") || strings.Contains(err.Error(), "cannot reach Kafka at "+asked) {
		t.Errorf("got %v", err)
	}
}
