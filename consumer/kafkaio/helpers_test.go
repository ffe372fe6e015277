package kafkaio

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/consumer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCluster starts an in-process Kafka that ends with the test.
func fakeCluster(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// newClient connects our client to the cluster.
func newClient(t testing.TB, c *kfake.Cluster, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{Brokers: c.ListenAddrs()}
	for _, f := range change {
		f(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// franz connects an independent client to the cluster.
func franz(t testing.TB, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(c.ListenAddrs()...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// within returns a context that ends with the test, or after a time that no
// test should need.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// must is for what cannot fail unless the test's own tools are broken.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readAll reads a slot from an offset up to its stable end, and copies.
func readAll(t testing.TB, r *Reader, slot consumer.Slot, from int64) []consumer.Record {
	t.Helper()
	ctx := within(t)
	_, end, err := r.Bounds(ctx, slot)
	must(t, err)
	var all []consumer.Record
	for from < end {
		got, err := r.Fetch(ctx, slot, from, 100*time.Millisecond)
		must(t, err)
		if got.Next <= from {
			t.Fatalf("%v: stuck at offset %d, stable end %d", slot, from, end)
		}
		for _, rec := range got.Records {
			all = append(all, copied(rec))
		}
		from = got.Next
	}
	return all
}

func copied(r consumer.Record) consumer.Record {
	clone := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		return append([]byte{}, b...)
	}
	r.Key, r.Value = clone(r.Key), clone(r.Value)
	headers := r.Headers
	r.Headers = nil
	for _, h := range headers {
		r.Headers = append(r.Headers, consumer.Header{Key: h.Key, Value: clone(h.Value)})
	}
	return r
}

func values(records []consumer.Record) []string {
	var all []string
	for _, r := range records {
		all = append(all, string(r.Value))
	}
	return all
}

// numbered returns records whose values say which they are.
func numbered(from, n int) []consumer.Record {
	at := time.UnixMilli(1_800_000_000_000).UTC()
	records := make([]consumer.Record, n)
	for i := range records {
		records[i] = consumer.Record{
			Time:  at.Add(time.Duration(i) * time.Millisecond),
			Key:   fmt.Appendf(nil, "person-%d", from+i),
			Value: fmt.Appendf(nil, "value-%d", from+i),
		}
	}
	return records
}

// slot0 is the slot of tests that need but one.
var slot0 = consumer.Slot{Topic: "t"}
