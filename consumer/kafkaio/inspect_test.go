package kafkaio

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

func TestInspectTellsWhatEnsureWouldMakeAndMakesNothing(t *testing.T) {
	c := fakeCluster(t)
	states, err := newClient(t, c).Admin().Inspect(within(t), specs())
	must(t, err)
	if len(states) != len(specs()) {
		t.Fatalf("got %d topics", len(states))
	}
	for i, s := range states {
		if s.Name != specs()[i].Name || s.Exists || len(s.Wrong) > 0 || s.Partitions != 4 {
			t.Errorf("got %+v", s)
		}
		if !strings.HasPrefix(s.Make, "kafka-topics --bootstrap-server "+c.ListenAddrs()[0]+" --create --topic "+s.Name+" --partitions 4 --config ") {
			t.Errorf("%s is made by %s", s.Name, s.Make)
		}
		if c.TopicInfo(s.Name) != nil {
			t.Errorf("%s was made", s.Name)
		}
	}
	if got := states[1].Settings[retentionTime]; got != "2419200000" {
		t.Errorf("approved would be kept for %q", got)
	}
}

func TestInspectFindsWhatEnsureMadeInOrder(t *testing.T) {
	admin := newClient(t, fakeCluster(t)).Admin()
	must(t, admin.Ensure(within(t), specs()))
	states, err := admin.Inspect(within(t), specs())
	must(t, err)
	for _, s := range states {
		if !s.Exists || len(s.Wrong) > 0 || s.Partitions != 4 || s.Replication != 1 || s.Make != "" {
			t.Errorf("got %+v", s)
		}
	}
	if got := states[3].Settings[cleanupPolicy]; got != "compact" {
		t.Errorf("the cleanup of standing is %q", got)
	}
}

// Both tell the same of the same topics, so that whoever looks before knows what will
// be refused.
func TestInspectSaysWhatEnsureSays(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(4, "intents"))
	must(t, c.CreateTopic("approved", 3, map[string]string{"cleanup.policy": "compact", "retention.ms": "604800000"}))
	must(t, c.CreateTopic("standing", 8, map[string]string{"cleanup.policy": "compact,delete"}))
	admin := newClient(t, c).Admin()
	states, err := admin.Inspect(within(t), specs())
	must(t, err)
	var got []string
	for _, s := range states {
		for _, wrong := range s.Wrong {
			got = append(got, wrong.Error())
		}
	}
	refused := admin.Ensure(within(t), specs())
	if refused == nil {
		t.Fatal("Ensure found nothing wrong")
	}
	want := strings.Split(refused.Error(), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("Inspect says\n%s\nEnsure says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestInspectSaysThatKafkaIsAway(t *testing.T) {
	client, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer client.Close()
	if _, err := client.Admin().Inspect(within(t), specs()); err == nil || !strings.HasPrefix(err.Error(), "cannot reach Kafka at 127.0.0.1:1: ") {
		t.Errorf("got %v", err)
	}
}
