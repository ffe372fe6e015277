package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// TopicSpec says what a topic must be like.
type TopicSpec struct {
	Name string

	// Partitions is how many the topic must have. 0: as many as it has, or, to
	// create it, as the topic that SameAs names, or else as brokers do by default.
	Partitions int

	// SameAs names another topic of the list that must have the same number of
	// partitions, so that a person is in the same partition of both. It wins over
	// Partitions where that topic exists already.
	SameAs string

	// Replication is how many copies there must be at least. 0: any number.
	Replication int

	// MinInSync is how many copies must be in sync to append, min.insync.replicas,
	// at least. 0: 2 where Replication is 3 or more, else 1.
	MinInSync int

	// Cleanup is "delete" or "compact", and exactly that.
	Cleanup string

	// MinRetention is how long records must be kept at least, in time and whatever
	// their size. 0: any time. Forever: without end. It says nothing of a
	// compacted topic.
	MinRetention time.Duration

	// MaxMessageBytes is how large batches must be allowed to be. 0: any size.
	MaxMessageBytes int
}

// Forever is the retention of what is never deleted, retention.ms=-1.
const Forever time.Duration = -1

// Admin looks after topics. It connects for each call and leaves nothing behind.
type Admin struct{ config Config }

// Admin returns the administrator of the cluster.
func (c *Client) Admin() *Admin { return &Admin{config: c.config} }

// Ping tells whether Kafka can be reached: an address that was given, and from
// here every broker under the address that it tells its clients.
func (a *Admin) Ping(ctx context.Context) error {
	m, err := a.metadata(ctx, []string{})
	if err != nil {
		return err
	}
	var bad []error
	for _, b := range m.Brokers {
		address := net.JoinHostPort(b.Host, strconv.Itoa(b.Port))
		ctx, cancel := context.WithTimeout(ctx, a.config.DialTimeout)
		conn, err := a.config.Dial(ctx, "tcp", address)
		cancel()
		if err != nil {
			bad = append(bad, fmt.Errorf("cannot reach Kafka at %s: %w; the cluster answers at %s but says that broker %d is there: "+
				"correct that broker's advertised.listeners, or the network", address, err, a.config.addresses(), b.ID))
			continue
		}
		_ = conn.Close()
	}
	return errors.Join(bad...)
}

// Partitions returns how many partitions a topic has.
func (a *Admin) Partitions(ctx context.Context, topic string) (int, error) {
	m, err := a.metadata(ctx, []string{topic})
	if err != nil {
		return 0, err
	}
	t, ok := topicNamed(m, topic)
	if !ok {
		return 0, fmt.Errorf("topic %s does not exist: %w", topic, kafka.UnknownTopicOrPartition)
	}
	if t.Error != nil {
		return 0, fmt.Errorf("topic %s: %w", topic, t.Error)
	}
	return len(t.Partitions), nil
}

// Ensure creates the topics that are missing and checks those that are there. It
// changes none that is there, and creates none while another is wrong. The error
// has one line for each thing that is wrong: the topic, the setting, what it is,
// what it must be, and the command that mends it.
func (a *Admin) Ensure(ctx context.Context, specs []TopicSpec) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	m, err := a.metadata(ctx, names)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(specs), func(s TopicSpec) bool {
		_, ok := topicNamed(m, s.Name)
		return ok
	})
	if err := a.check(ctx, specs, m); err != nil || len(missing) == 0 {
		return err
	}
	if err := a.create(ctx, missing, specs, m); err != nil {
		return err
	}
	if m, err = a.await(ctx, missing, names); err != nil {
		return err
	}
	return a.check(ctx, specs, m)
}

// create makes topics. That somebody else made one meanwhile is as good.
func (a *Admin) create(ctx context.Context, missing, specs []TopicSpec, m *kafka.MetadataResponse) error {
	topics := make([]kafka.TopicConfig, len(missing))
	names := make([]string, len(missing)) // kafka-go waits until its metadata know them
	for i, s := range missing {
		names[i] = s.Name
		topics[i] = kafka.TopicConfig{
			Topic:             s.Name,
			NumPartitions:     orUnset(wantPartitions(s, specs, m)),
			ReplicationFactor: orUnset(s.Replication),
			ConfigEntries:     s.entries(),
		}
	}
	client, done := a.client(names)
	defer done()
	res, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: topics})
	if err != nil {
		return fmt.Errorf("create topics: %w", err)
	}
	var bad []error
	for _, s := range missing {
		switch err := res.Errors[s.Name]; {
		case err == nil, errors.Is(err, kafka.TopicAlreadyExists):
		case errors.Is(err, kafka.InvalidReplicationFactor):
			bad = append(bad, fmt.Errorf("topic %s: cannot be created with %d copies, the cluster has %d brokers: %w; start more brokers or ask for fewer copies",
				s.Name, s.Replication, len(m.Brokers), err))
		default:
			bad = append(bad, fmt.Errorf("topic %s: cannot be created: %w", s.Name, err))
		}
	}
	return errors.Join(bad...)
}

func orUnset(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// await waits until every partition of the topics has a leader.
func (a *Admin) await(ctx context.Context, topics []TopicSpec, names []string) (*kafka.MetadataResponse, error) {
	const pause = 50 * time.Millisecond
	for {
		m, err := a.metadata(ctx, names)
		if err != nil {
			return nil, err
		}
		waiting := slices.IndexFunc(topics, func(s TopicSpec) bool {
			t, ok := topicNamed(m, s.Name)
			return !ok || t.Error != nil || len(t.Partitions) == 0 ||
				slices.ContainsFunc(t.Partitions, func(p kafka.Partition) bool { return p.Leader.Host == "" })
		})
		if waiting < 0 {
			return m, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("topic %s: was created, but its partitions have no leaders yet: %w", topics[waiting].Name, ctx.Err())
		}
	}
}

// metadata asks the cluster, not a cache. An empty list asks for no topic.
func (a *Admin) metadata(ctx context.Context, topics []string) (*kafka.MetadataResponse, error) {
	client, done := a.client(topics)
	defer done()
	m, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
	if err != nil {
		return nil, cannotReach(a.config.addresses(), err)
	}
	return m, nil
}

// client returns a kafka.Client with a connection pool of its own. Its metadata
// are of these topics.
func (a *Admin) client(topics []string) (client *kafka.Client, done func()) {
	t := a.config.transport(topics)
	return &kafka.Client{
		Addr:      kafka.TCP(a.config.Brokers...),
		Timeout:   a.config.RequestTimeout + a.config.DialTimeout,
		Transport: t,
	}, t.CloseIdleConnections
}

func topicNamed(m *kafka.MetadataResponse, name string) (kafka.Topic, bool) {
	i := slices.IndexFunc(m.Topics, func(t kafka.Topic) bool {
		return t.Name == name && !errors.Is(t.Error, kafka.UnknownTopicOrPartition)
	})
	if i < 0 {
		return kafka.Topic{}, false
	}
	return m.Topics[i], true
}
