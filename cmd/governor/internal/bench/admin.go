package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// admin makes topics as they are needed for measuring, and takes them away.
type admin struct {
	way         kafkaio.Config
	transport   *kafka.Transport
	client      *kafka.Client
	replication int
}

// asking is how long one request may take.
const asking = 30 * time.Second

// again is how soon it is looked again at what was made.
const again = 50 * time.Millisecond

func newAdmin(way kafkaio.Config, replication int) *admin {
	transport := &kafka.Transport{ClientID: "governor-bench", Dial: way.Dial, SASL: way.SASL, MetadataTTL: time.Second}
	return &admin{way, transport, &kafka.Client{Addr: kafka.TCP(way.Brokers...), Transport: transport, Timeout: asking}, replication}
}

func (a *admin) close() { a.transport.CloseIdleConnections() }

// make makes topics that keep all they get. The broker stamps what is appended to those
// that are stamped.
func (a *admin) make(ctx context.Context, partitions int, stamped bool, names ...string) error {
	stamp := "CreateTime"
	if stamped {
		stamp = "LogAppendTime"
	}
	var topics []kafka.TopicConfig
	for _, name := range names {
		topics = append(topics, kafka.TopicConfig{
			Topic: name, NumPartitions: partitions, ReplicationFactor: a.replication,
			ConfigEntries: []kafka.ConfigEntry{{ConfigName: "retention.ms", ConfigValue: "-1"}, {ConfigName: "message.timestamp.type", ConfigValue: stamp}},
		})
	}
	made, err := a.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: topics})
	if err != nil {
		return fmt.Errorf("make topics: %w", err)
	}
	for _, name := range names {
		if err := made.Errors[name]; err != nil {
			return fmt.Errorf("make topic %s: %w (with --config, kafka.topics.replication says how many copies there are)", name, err)
		}
	}
	for tries := asking / again; tries > 0; tries-- { // until every partition has a leader
		ready, err := a.ready(ctx, partitions, names)
		if err != nil || ready {
			return err
		}
		select {
		case <-ctx.Done():
			return errInterrupted
		case <-time.After(again):
		}
	}
	return fmt.Errorf("make topics: %s have no leaders after %v", strings.Join(names, ", "), asking)
}

func (a *admin) ready(ctx context.Context, partitions int, names []string) (bool, error) {
	m, err := a.client.Metadata(ctx, &kafka.MetadataRequest{Topics: names})
	if err != nil {
		return false, fmt.Errorf("look at the topics that were made: %w", err)
	}
	led := 0
	for _, t := range m.Topics {
		for _, p := range t.Partitions {
			if t.Error == nil && p.Error == nil && p.Leader.Host != "" {
				led++
			}
		}
	}
	return led == partitions*len(names), nil
}

// ends is how many records each topic has in each of its partitions. A partition whose leader
// is just being found is asked again.
func (a *admin) ends(ctx context.Context, partitions int, names ...string) (ends map[string][]int64, err error) {
	for tries := asking / lookEvery; tries > 0; tries-- {
		if ends, err = a.ask(ctx, partitions, names); err == nil || ctx.Err() != nil {
			return ends, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
	}
	return nil, err
}

func (a *admin) ask(ctx context.Context, partitions int, names []string) (map[string][]int64, error) {
	asked := make(map[string][]kafka.OffsetRequest)
	for _, name := range names {
		for p := range partitions {
			asked[name] = append(asked[name], kafka.LastOffsetOf(p))
		}
	}
	found, err := a.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: asked})
	if err != nil {
		return nil, fmt.Errorf("ask how far the topics are: %w", err)
	}
	ends := make(map[string][]int64)
	for name, all := range found.Topics {
		ends[name] = make([]int64, partitions)
		for _, p := range all {
			if p.Error != nil {
				return nil, fmt.Errorf("ask how far %s is: %w", name, p.Error)
			}
			ends[name][p.Partition] = p.LastOffset
		}
	}
	return ends, nil
}

// settles is how long a topic may come late that a governor asked for before it was ended.
const settles = 300 * time.Millisecond

// remove takes away every topic whose name begins so, and the groups, if they are there. It
// looks again until there is nothing more to take away.
func (a *admin) remove(ctx context.Context, prefix string, groups ...string) error {
	var bad []error
	for {
		found, err := a.removeFound(ctx, prefix)
		bad = append(bad, err)
		if found == 0 || ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(settles):
		}
	}
	if len(groups) > 0 {
		_, err := a.client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: groups})
		bad = append(bad, err) // a group that is not there is told with the answer, which nobody needs
	}
	return errors.Join(bad...)
}

func (a *admin) removeFound(ctx context.Context, prefix string) (found int, err error) {
	a = newAdmin(a.way, a.replication) // one that has been asked before answers from what it knew then
	defer a.close()
	m, err := a.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return 0, fmt.Errorf("look for what is to be removed: %w", err)
	}
	var names []string
	for _, t := range m.Topics {
		if strings.HasPrefix(t.Name, prefix) {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return 0, nil
	}
	gone, err := a.client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: names})
	if err != nil {
		return 0, fmt.Errorf("remove topics: %w", err)
	}
	var bad []error
	for name, err := range gone.Errors {
		if err != nil && !errors.Is(err, kafka.UnknownTopicOrPartition) {
			bad = append(bad, fmt.Errorf("remove topic %s: %w", name, err))
		}
	}
	if len(bad) > 0 {
		return 0, errors.Join(bad...) // to try again would not help
	}
	return len(names), nil
}
