package kafkaio

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go"
)

// TopicState is what a topic is like, and what of it is not as it must be.
type TopicState struct {
	Name   string
	Exists bool // otherwise the rest is what Ensure would make; 0: the broker's default

	Partitions  int
	Replication int // the fewest copies that a partition has

	// Settings are those that matter, as Kafka names them; only those that the
	// broker tells, or a new topic would be given.
	Settings map[string]string

	// Wrong has one error for each thing that Ensure would refuse, in its words:
	// what it is, what it must be, and the command that mends it. A topic that is
	// not there is wrong only in that: see Make.
	Wrong []error

	// Make is the command that makes a missing topic by hand; empty for one that
	// exists.
	Make string
}

// Inspect tells how the topics are, in the order of the specs, and changes nothing.
// Its error is that Kafka could not be asked; what is wrong with topics is in them.
func (a *Admin) Inspect(ctx context.Context, specs []TopicSpec) ([]TopicState, error) {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	m, err := a.metadata(ctx, names)
	if err != nil {
		return nil, err
	}
	present := slices.DeleteFunc(slices.Clone(specs), func(s TopicSpec) bool {
		t, ok := topicNamed(m, s.Name)
		return !ok || t.Error != nil
	})
	settings := map[string]topicSettings{}
	if len(present) > 0 {
		if settings, err = a.settings(ctx, present); err != nil {
			return nil, err
		}
	}
	out := make([]TopicState, len(specs))
	for i, s := range specs {
		out[i] = a.state(s, wantPartitions(s, specs, m), m, settings[s.Name])
	}
	return out, nil
}

// state is how one topic is.
func (a *Admin) state(s TopicSpec, partitions int, m *kafka.MetadataResponse, is topicSettings) TopicState {
	out := TopicState{Name: s.Name, Settings: map[string]string{}}
	c := &checker{brokers: a.config.addresses()}
	t, exists := topicNamed(m, s.Name)
	switch {
	case !exists:
		out.Partitions, out.Replication = partitions, s.Replication
		for _, e := range s.entries() {
			out.Settings[e.ConfigName] = e.ConfigValue
		}
		out.Make = c.make(s, partitions)
		return out
	case t.Error != nil:
		c.unseen(s, t)
	default:
		out.Partitions, out.Replication = len(t.Partitions), fewestReplicas(t)
		maps.Copy(out.Settings, is.values)
		c.layout(s, t, partitions)
		c.settings(s, is)
	}
	out.Exists, out.Wrong = true, c.bad
	return out
}

// make is the command that makes the topic.
func (c *checker) make(s TopicSpec, partitions int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kafka-topics --bootstrap-server %s --create --topic %s", c.brokers, s.Name)
	if partitions > 0 {
		fmt.Fprintf(&b, " --partitions %d", partitions)
	}
	if s.Replication > 0 {
		fmt.Fprintf(&b, " --replication-factor %d", s.Replication)
	}
	for _, e := range s.entries() {
		fmt.Fprintf(&b, " --config %s=%s", e.ConfigName, e.ConfigValue)
	}
	return b.String()
}

// fewestReplicas is how many copies the partition has that has the fewest.
func fewestReplicas(t kafka.Topic) int {
	fewest := math.MaxInt
	for _, p := range t.Partitions {
		fewest = min(fewest, len(p.Replicas))
	}
	return fewest
}
