//go:build integration

package integration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kafkaServer is a Kafka of one broker, or the first of several. The tests talk to it through franz-go, which shares no code with the client in
// the governor: a mistake in one is not hidden by the same mistake in the other.
type kafkaServer struct {
	*server
	all    []string // the addresses of all brokers; nil where there is one
	copies int16    // of every record; 0 is 1
}

// addresses are those of all brokers.
func (k *kafkaServer) addresses() []string {
	if k.all == nil {
		return []string{k.Addr}
	}
	return k.all
}

// startKafka starts a Kafka for this test alone. Overrides are broker settings, e.g. "message.max.bytes=2000000".
func startKafka(t *testing.T, overrides ...string) *kafkaServer {
	t.Helper()
	k, err := runKafka(patiently(t), overrides...)
	must(t, err)
	k.ownedBy(t)
	return k
}

func runKafka(ctx context.Context, overrides ...string) (*kafkaServer, error) {
	return runKafkaWith(ctx, overrides)
}

func runKafkaWith(ctx context.Context, overrides []string, with ...testcontainers.ContainerCustomizer) (*kafkaServer, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	settings := append([]string{
		fmt.Sprintf("listeners=CLIENT://:%d,CONTROLLER://localhost:9093", port),
		fmt.Sprintf("advertised.listeners=CLIENT://%s", loopback(port)),
	}, overrides...)
	image := kafkaImage()
	s, err := runServer(ctx, image, port, brokersIn(1, loopback(port)), append(with, kafkaSettings(image, settings))...)
	return &kafkaServer{server: s}, err
}

// brokersIn asks a broker whether so many are in.
func brokersIn(n int, addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := kgo.NewClient(kgo.SeedBrokers(addr))
		if err != nil {
			return err
		}
		defer c.Close()
		// A broker answers a ping before its controller has let it in; it names itself only after.
		brokers, err := kadm.NewClient(c).ListBrokers(ctx)
		if err == nil && len(brokers) < n {
			return fmt.Errorf("%d of %d brokers are in", len(brokers), n)
		}
		return err
	}
}

// client returns a client, closed at the end of the test. By default it places records as Java's producer does (murmur2
// of the key) and waits for all replicas.
func (k *kafkaServer) client(t *testing.T, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(k.addresses()...)}, options...)...)
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// createTopics makes topics with the given cleanup policy, "delete" or "compact", that keep what they have for ever.
func (k *kafkaServer) createTopics(t *testing.T, partitions int32, cleanup string, topics ...string) {
	t.Helper()
	k.createTopicsWith(t, partitions, map[string]string{"cleanup.policy": cleanup, "retention.ms": "-1"}, topics...)
}

// createTopicsWith makes topics with the given settings.
func (k *kafkaServer) createTopicsWith(t *testing.T, partitions int32, with map[string]string, topics ...string) {
	t.Helper()
	settings := make(map[string]*string)
	for key, value := range with {
		settings[key] = &value
	}
	admin := kadm.NewClient(k.client(t))
	made, err := admin.CreateTopics(patiently(t), partitions, max(1, k.copies), settings, topics...)
	must(t, err)
	must(t, made.Error())
	// That a topic is made does not mean that the broker knows it yet.
	waitFor(t, "the topics to be there", func() bool {
		ends, err := admin.ListEndOffsets(patiently(t), topics...)
		return err == nil && ends.Error() == nil
	})
}

// produce returns when every record is acknowledged, in the order given where they share a partition.
func (k *kafkaServer) produce(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	must(t, k.client(t).ProduceSync(patiently(t), records...).FirstErr())
}

// listed asks for offsets. A broker on a busy machine may lose its partitions for a moment, and then it is asked again.
func listed(t *testing.T, list func(context.Context, ...string) (kadm.ListedOffsets, error), topics ...string) kadm.ListedOffsets {
	t.Helper()
	var offsets kadm.ListedOffsets
	waitFor(t, "the broker to tell offsets", func() bool {
		var err error
		offsets, err = list(patiently(t), topics...)
		return err == nil && offsets.Error() == nil
	})
	return offsets
}

// count is how many records the topics hold, if nothing was deleted, compacted away or aborted.
func (k *kafkaServer) count(t *testing.T, topics ...string) int {
	t.Helper()
	admin := kadm.NewClient(k.client(t))
	defer admin.Close()
	n := 0
	ends := listed(t, admin.ListEndOffsets, topics...)
	ends.Each(func(end kadm.ListedOffset) { n += int(end.Offset) })
	return n
}

// read returns every record of the topic that was acknowledged before the call and is not deleted, compacted away or
// aborted, by partition and offset.
func (k *kafkaServer) read(t *testing.T, topic string) []*kgo.Record {
	t.Helper()
	ctx := patiently(t)
	admin := kadm.NewClient(k.client(t))
	starts, ends := listed(t, admin.ListStartOffsets, topic), listed(t, admin.ListEndOffsets, topic)

	from := make(map[int32]kgo.Offset)
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(topic, end.Partition); start.Offset < end.Offset {
			from[end.Partition] = kgo.NewOffset().At(start.Offset)
		}
	})
	var records []*kgo.Record
	if len(from) == 0 {
		return records
	}
	// Control records, which mark the ends of transactions, are asked for because one may be the last of a partition.
	c := k.client(t, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}), kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	for len(from) > 0 {
		fetches := c.PollFetches(ctx)
		must(t, fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			end, _ := ends.Lookup(topic, r.Partition)
			if r.Offset < end.Offset && !r.Attrs.IsControl() {
				records = append(records, r)
			}
			if r.Offset >= end.Offset-1 {
				delete(from, r.Partition)
			}
		})
	}
	slices.SortFunc(records, func(a, b *kgo.Record) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	return records
}
