package kafkalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify/kafkalog"
)

func cluster(t *testing.T, prefix string) *kfake.Cluster {
	t.Helper()
	topics := verify.Topics()
	for i := range topics {
		topics[i] = prefix + topics[i]
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(2, topics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func client(t *testing.T, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func produce(t *testing.T, client *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, c *kfake.Cluster, prefix string) *kafkalog.Log {
	t.Helper()
	log, err := kafkalog.Open(t.Context(), kafkalog.Options{Brokers: c.ListenAddrs(), Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	return log
}

// values reads the values of a topic's partition 0.
func values(t *testing.T, log *kafkalog.Log, topic string) (all []string) {
	t.Helper()
	if _, err := log.Read(t.Context(), topic, 0, func(r *verify.Record) error {
		all = append(all, string(r.Value))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// "kafka-go hands aborted transactions and control markers to the application": a
// checker that believed them would miss answers to what was never asked.
func TestWhatWasAbortedIsNotThere(t *testing.T) {
	c := cluster(t, "")
	plain := client(t, c)
	engine := client(t, c, kgo.TransactionalID("engine"))
	say := func(by *kgo.Client, value string) {
		produce(t, by, &kgo.Record{Topic: verify.Intents, Value: []byte(value)})
	}
	transaction := func(end kgo.TransactionEndTry, values ...string) {
		if err := engine.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			say(engine, v)
			say(plain, "beside "+v)
		}
		if err := engine.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	transaction(kgo.TryAbort, "a", "b")
	transaction(kgo.TryCommit, "c", "d")
	transaction(kgo.TryAbort, "e")
	say(plain, "end")
	want := []string{"beside a", "beside b", "c", "beside c", "d", "beside d", "beside e", "end"}
	if diff := cmp.Diff(want, values(t, open(t, c, ""), verify.Intents)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every byte arrives, however it was packed, and nil is not empty.
func TestEveryByteArrives(t *testing.T) {
	for name, codec := range map[string]kgo.CompressionCodec{
		"plain": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t, "here.")
			at := time.Date(2026, 5, 4, 12, 0, 0, 7e6, time.UTC)
			var sent []*kgo.Record
			for i := range 500 {
				sent = append(sent, &kgo.Record{
					Topic: "here." + verify.Signals, Partition: 1, Timestamp: at.Add(time.Duration(i) * time.Second),
					Key: fmt.Appendf(nil, "k%d", i), Value: slices.Repeat([]byte{byte(i), 0xff}, i),
					Headers: []kgo.RecordHeader{{Key: "h", Value: fmt.Append(nil, i)}, {Key: "h"}},
				})
			}
			sent[1].Key, sent[2].Value, sent[3].Key = nil, nil, []byte{}
			produce(t, client(t, c, kgo.ProducerBatchCompression(codec)), sent...)
			i := 0
			first, err := open(t, c, "here.").Read(t.Context(), verify.Signals, 1, func(r *verify.Record) error {
				s := sent[i]
				want := verify.Record{Place: verify.Place{Topic: verify.Signals, Partition: 1, Offset: int64(i)}, Time: s.Timestamp, Key: s.Key, Value: s.Value}
				for _, h := range s.Headers {
					want.Headers = append(want.Headers, verify.Header{Key: h.Key, Value: h.Value})
				}
				if diff := cmp.Diff(want, *r); diff != "" {
					return errors.New(diff)
				}
				i++
				return nil
			})
			if err != nil || first != 0 || i != len(sent) {
				t.Errorf("%d of %d records, the first at %d: %v", i, len(sent), first, err)
			}
		})
	}
}

// A log that is still written to is read to where it ended when it was opened; and
// a leader that moves meanwhile is followed.
func TestReadingEndsWhereTheLogDid(t *testing.T) {
	c := cluster(t, "")
	p := client(t, c)
	produce(t, p, &kgo.Record{Topic: verify.Vetoed, Value: []byte("before")})
	log := open(t, c, "")
	produce(t, p, &kgo.Record{Topic: verify.Vetoed, Value: []byte("after")})
	for leader := range int32(2) {
		if err := c.MoveTopicPartition(verify.Vetoed, 0, leader); err != nil {
			t.Fatal(err)
		}
		if got := values(t, log, verify.Vetoed); !slices.Equal(got, []string{"before"}) {
			t.Errorf("led by %d: %q", leader, got)
		}
	}
	if n := log.Len(); n != 1 {
		t.Errorf("it has %d records", n)
	}
	if got := log.Partitions(); !slices.Equal(got, []int32{0, 1}) {
		t.Errorf("the partitions are %v", got)
	}
}

// Who opens no doors has no audit; where there is one it is read.
func TestTheAuditNeedNotBeThere(t *testing.T) {
	c := cluster(t, "")
	if got := values(t, open(t, c, ""), verify.Audit); got != nil {
		t.Errorf("there is no audit, and it says %q", got)
	}
	if err := c.CreateTopic(verify.Audit, 2, nil); err != nil {
		t.Fatal(err)
	}
	produce(t, client(t, c), &kgo.Record{Topic: verify.Audit, Value: []byte("refuse")})
	if got := values(t, open(t, c, ""), verify.Audit); !slices.Equal(got, []string{"refuse"}) {
		t.Errorf("the audit says %q", got)
	}
}

func TestATopicThatIsNotThereIsNamed(t *testing.T) {
	c := cluster(t, "here.")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := kafkalog.Open(ctx, kafkalog.Options{Brokers: c.ListenAddrs(), Prefix: "there."})
	if err == nil {
		t.Error("topics that are not there were opened")
	}
	t.Log(err)
}
