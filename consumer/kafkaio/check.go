package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// The settings of a topic that matter.
const (
	cleanupPolicy  = "cleanup.policy"
	retentionTime  = "retention.ms"
	retentionSize  = "retention.bytes"
	minInSync      = "min.insync.replicas"
	maxMessageSize = "max.message.bytes"
	uncleanLeader  = "unclean.leader.election.enable"
	mostLag        = "max.compaction.lag.ms"
	timestampType  = "message.timestamp.type"
)

// mostLagTime is how long a record may stay that another has taken the place of, in a
// compacted topic that is made: a day. By default that may be for ever, and somebody who
// was erased would be there as long.
const mostLagTime = "86400000"

// entries are the settings that a new topic gets.
func (s TopicSpec) entries() []kafka.ConfigEntry {
	set := []kafka.ConfigEntry{
		{ConfigName: minInSync, ConfigValue: strconv.Itoa(s.leastInSync())},
	}
	if s.Cleanup != "" {
		set = append(set, kafka.ConfigEntry{ConfigName: cleanupPolicy, ConfigValue: s.Cleanup})
	}
	if s.Cleanup == "compact" {
		set = append(set, kafka.ConfigEntry{ConfigName: mostLag, ConfigValue: mostLagTime})
	}
	if s.MinRetention != 0 && s.Cleanup != "compact" {
		set = append(set,
			kafka.ConfigEntry{ConfigName: retentionTime, ConfigValue: s.retention()},
			kafka.ConfigEntry{ConfigName: retentionSize, ConfigValue: "-1"})
	}
	if s.MaxMessageBytes > 0 {
		set = append(set, kafka.ConfigEntry{ConfigName: maxMessageSize, ConfigValue: strconv.Itoa(s.MaxMessageBytes)})
	}
	return set
}

func (s TopicSpec) leastInSync() int {
	switch {
	case s.MinInSync > 0:
		return s.MinInSync
	case s.Replication >= 3:
		return 2
	}
	return 1
}

func (s TopicSpec) retention() string {
	if s.MinRetention < 0 {
		return "-1"
	}
	return strconv.FormatInt(int64((s.MinRetention+time.Millisecond-1)/time.Millisecond), 10)
}

// wantPartitions is how many partitions a topic must have: those of the existing
// topic that it must equal, or what is asked for. 0 means any number.
func wantPartitions(s TopicSpec, specs []TopicSpec, m *kafka.MetadataResponse) int {
	if s.SameAs == "" {
		return s.Partitions
	}
	if t, ok := topicNamed(m, s.SameAs); ok && t.Error == nil {
		return len(t.Partitions)
	}
	i := slices.IndexFunc(specs, func(other TopicSpec) bool { return other.Name == s.SameAs })
	if i >= 0 && specs[i].Partitions > 0 {
		return specs[i].Partitions
	}
	return s.Partitions
}

// checker collects what is wrong with topics.
type checker struct {
	brokers string
	bad     []error
}

// wrong adds a line. The tool and its arguments are the command that mends it.
func (c *checker) wrong(topic, setting, is, must, mend string) {
	c.bad = append(c.bad, fmt.Errorf("topic %s: %s is %s, must be %s; mend: %s", topic, setting, is, must, mend))
}

func (c *checker) configs(topic, setting, value string) string {
	if strings.Contains(value, ",") {
		value = "[" + value + "]"
	}
	return fmt.Sprintf("kafka-configs --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s=%s",
		c.brokers, topic, setting, value)
}

// check compares the topics that exist with what they must be.
func (a *Admin) check(ctx context.Context, specs []TopicSpec, m *kafka.MetadataResponse) error {
	c := &checker{brokers: a.config.addresses()}
	var present []TopicSpec
	for _, s := range specs {
		t, ok := topicNamed(m, s.Name)
		switch {
		case !ok:
			continue
		case t.Error != nil:
			c.unseen(s, t)
			continue
		}
		present = append(present, s)
		c.layout(s, t, wantPartitions(s, specs, m))
	}
	if len(present) > 0 {
		settings, err := a.settings(ctx, present)
		if err != nil {
			return err
		}
		for _, s := range present {
			c.settings(s, settings[s.Name])
		}
	}
	return errors.Join(c.bad...)
}

// unseen tells of a topic that Kafka does not describe.
func (c *checker) unseen(s TopicSpec, t kafka.Topic) {
	c.bad = append(c.bad, fmt.Errorf("topic %s: %w; grant this principal DESCRIBE on it, or look at the brokers", s.Name, t.Error))
}

// layout checks partitions and copies.
func (c *checker) layout(s TopicSpec, t kafka.Topic, partitions int) {
	if n := len(t.Partitions); partitions > 0 && n != partitions {
		must := strconv.Itoa(partitions)
		if s.SameAs != "" {
			must += ", as " + s.SameAs + " has"
		}
		mend := "partitions cannot be taken away, so make the topic anew with " + strconv.Itoa(partitions)
		if n < partitions {
			mend = fmt.Sprintf("kafka-topics --bootstrap-server %s --alter --topic %s --partitions %d, "+
				"but only while it is empty: records that are there stay where they are, and persons would be in two places",
				c.brokers, s.Name, partitions)
		}
		c.wrong(s.Name, "partition count", strconv.Itoa(n), must, mend)
	}
	if fewest := fewestReplicas(t); fewest < s.Replication {
		c.wrong(s.Name, "replication factor", strconv.Itoa(fewest), strconv.Itoa(s.Replication)+" or more",
			fmt.Sprintf("kafka-reassign-partitions --bootstrap-server %s --execute --reassignment-json-file FILE, with %d replicas for each partition",
				c.brokers, s.Replication))
	}
}

// topicSettings are a topic's settings by name.
type topicSettings struct {
	values map[string]string
	err    error
}

func (a *Admin) settings(ctx context.Context, topics []TopicSpec) (map[string]topicSettings, error) {
	req := &kafka.DescribeConfigsRequest{}
	for _, s := range topics {
		req.Resources = append(req.Resources, kafka.DescribeConfigRequestResource{
			ResourceType: kafka.ResourceTypeTopic,
			ResourceName: s.Name,
			ConfigNames:  []string{cleanupPolicy, retentionTime, retentionSize, minInSync, maxMessageSize, uncleanLeader, timestampType},
		})
	}
	client, done := a.client([]string{})
	defer done()
	res, err := client.DescribeConfigs(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("describe topics: %w", err)
	}
	all := make(map[string]topicSettings, len(res.Resources))
	for _, r := range res.Resources {
		t := topicSettings{values: make(map[string]string), err: r.Error}
		for _, e := range r.ConfigEntries {
			t.values[e.ConfigName] = e.ConfigValue
		}
		all[r.ResourceName] = t
	}
	return all, nil
}

// settings checks one topic's settings. What a broker does not know is not
// checked.
func (c *checker) settings(s TopicSpec, is topicSettings) {
	if is.err != nil {
		c.bad = append(c.bad, fmt.Errorf("topic %s: its settings cannot be read: %w; grant this principal DESCRIBE_CONFIGS on it", s.Name, is.err))
		return
	}
	if have, ok := is.values[cleanupPolicy]; ok && s.Cleanup != "" && have != s.Cleanup {
		c.wrong(s.Name, cleanupPolicy, have, s.Cleanup, c.configs(s.Name, cleanupPolicy, s.Cleanup))
	}
	if s.MinRetention != 0 && s.Cleanup != "compact" {
		c.atLeast(s.Name, is, retentionTime, s.retention())
		c.atLeast(s.Name, is, retentionSize, "-1")
	}
	c.atLeast(s.Name, is, minInSync, strconv.Itoa(s.leastInSync()))
	if s.MaxMessageBytes > 0 {
		c.atLeast(s.Name, is, maxMessageSize, strconv.Itoa(s.MaxMessageBytes))
	}
	if is.values[uncleanLeader] == "true" {
		c.wrong(s.Name, uncleanLeader, "true", "false, or what was acknowledged can be lost",
			c.configs(s.Name, uncleanLeader, "false"))
	}
}

// atLeast checks a number, of which -1 is the largest: without bound.
func (c *checker) atLeast(topic string, is topicSettings, setting, least string) {
	have, ok := is.values[setting]
	if !ok || unbounded(have) >= unbounded(least) {
		return
	}
	must := least + " or more"
	switch {
	case least == "-1":
		must = "-1 (without bound)"
	case setting == retentionTime:
		must += ", or -1 (for ever)"
	}
	c.wrong(topic, setting, have, must, c.configs(topic, setting, least))
}

func unbounded(number string) int64 {
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil:
		return math.MinInt64
	case n == -1:
		return math.MaxInt64
	}
	return n
}
