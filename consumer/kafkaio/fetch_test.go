package kafkaio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/contactgovernor/governor/consumer"
)

// write appends values to slot0 as one batch, by the independent client, and
// returns the first's offset.
func write(t testing.TB, client *kgo.Client, values ...string) int64 {
	t.Helper()
	var records []*kgo.Record
	for _, v := range values {
		records = append(records, &kgo.Record{Topic: slot0.Topic, Key: []byte("k" + v), Value: []byte(v)})
	}
	results := client.ProduceSync(within(t), records...)
	must(t, results.FirstErr())
	return records[0].Offset
}

func transaction(t testing.TB, client *kgo.Client, end kgo.TransactionEndTry, values ...string) {
	t.Helper()
	must(t, client.BeginTransaction())
	for _, v := range values { // a batch each
		write(t, client, v)
	}
	must(t, client.EndTransaction(within(t), end))
}

func TestAbortedRecordsAndMarkersAreHidden(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	plain := franz(t, c)
	one := franz(t, c, kgo.TransactionalID("one"))
	two := franz(t, c, kgo.TransactionalID("two"))
	write(t, plain, "plain-1")
	transaction(t, one, kgo.TryAbort, "aborted-1", "aborted-2")
	transaction(t, one, kgo.TryCommit, "committed-1", "committed-2")
	must(t, one.BeginTransaction())
	must(t, two.BeginTransaction())
	for i := range 3 { // two transactions and a plain producer, interleaved
		write(t, one, fmt.Sprintf("aborted-3-%d", i))
		write(t, plain, fmt.Sprintf("plain-2-%d", i))
		write(t, two, fmt.Sprintf("committed-3-%d", i))
	}
	must(t, two.EndTransaction(within(t), kgo.TryCommit))
	write(t, plain, "plain-3")
	must(t, one.EndTransaction(within(t), kgo.TryAbort))
	transaction(t, one, kgo.TryCommit, "committed-4")

	want := []string{"plain-1", "committed-1", "committed-2", "plain-2-0", "committed-3-0", "plain-2-1", "committed-3-1",
		"plain-2-2", "committed-3-2", "plain-3", "committed-4"}
	for _, most := range []int{1, 300, 1 << 20} { // a batch at a time, a few, all at once
		r := newClient(t, c, func(c *Config) { c.FetchBytes = most }).NewReader()
		if diff := cmp.Diff(want, values(readAll(t, r, slot0, 0))); diff != "" {
			t.Errorf("by %d bytes (-want +got):\n%s", most, diff)
		}
		for from := int64(0); from < 19; from++ { // begin anywhere, also inside a transaction
			got := readAll(t, r, slot0, from)
			if len(got) > 0 && got[0].Offset < from {
				t.Errorf("from %d: got offset %d", from, got[0].Offset)
			}
			if tail := values(got); !strings.HasSuffix(strings.Join(want, " "), strings.Join(tail, " ")) {
				t.Errorf("from %d: got %v", from, tail)
			}
		}
	}
}

func TestAnOpenTransactionHidesWhatFollowsIt(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	plain := franz(t, c)
	open := franz(t, c, kgo.TransactionalID("open"))
	r := newClient(t, c).NewReader()
	write(t, plain, "before")
	must(t, open.BeginTransaction())
	write(t, open, "inside")
	write(t, plain, "after")

	_, end, err := r.Bounds(within(t), slot0)
	must(t, err)
	got, err := r.Fetch(within(t), slot0, 0, 0)
	must(t, err)
	if end != 1 || got.Stable != 1 || got.Next != 1 || !cmp.Equal(values(got.Records), []string{"before"}) {
		t.Errorf("the transaction is open: end %d, got %+v", end, got)
	}
	must(t, open.EndTransaction(within(t), kgo.TryCommit))
	if got := values(readAll(t, r, slot0, 0)); !cmp.Equal(got, []string{"before", "inside", "after"}) {
		t.Errorf("the transaction is committed: got %v", got)
	}
}

func TestBatchesOfEveryCodecAreRead(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	var want []string
	for name, codec := range map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		client := franz(t, c, kgo.ProducerBatchCompression(codec))
		batch := make([]string, 100)
		for i := range batch {
			batch[i] = strings.Repeat(name, 50) + fmt.Sprint(i)
		}
		write(t, client, batch...)
		want = append(want, batch...)
	}
	if diff := cmp.Diff(want, values(readAll(t, r, slot0, 0))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompactedLogsAreReadToTheirEnd(t *testing.T) {
	c := fakeCluster(t)
	compact := "compact"
	must(t, c.CreateTopic(slot0.Topic, 1, map[string]string{"cleanup.policy": compact, "delete.retention.ms": "0"}))
	client := franz(t, c)
	for round := range 10 {
		var records []*kgo.Record
		for key := range 20 {
			if key%(round+1) != 0 && round != 0 {
				continue
			}
			value := fmt.Appendf(nil, "%d-%d", key, round)
			if key == 5 && round == 4 {
				value = nil // a tombstone
			}
			records = append(records, &kgo.Record{Topic: slot0.Topic, Key: fmt.Append(nil, key), Value: value})
		}
		must(t, client.ProduceSync(within(t), records...).FirstErr())
	}
	r := newClient(t, c, func(c *Config) { c.FetchBytes = 1 }).NewReader()
	latest := make(map[string]string)
	for _, rec := range readAll(t, r, slot0, 0) {
		latest[string(rec.Key)] = string(rec.Value)
	}
	c.Compact()
	first, end, err := r.Bounds(within(t), slot0)
	must(t, err)
	all := readAll(t, r, slot0, first)
	if int64(len(all)) >= end-first {
		t.Fatalf("%d records from %d to %d: nothing was compacted", len(all), first, end)
	}
	got := make(map[string]string)
	for _, rec := range all {
		got[string(rec.Key)] = string(rec.Value)
	}
	if got["5"] == "" {
		got["5"] = "" // the tombstone may be gone
	}
	if diff := cmp.Diff(latest, got); diff != "" {
		t.Errorf("(-before compaction +after):\n%s", diff)
	}
	for from := first; from < end; from++ { // also from offsets that are gone
		tail := readAll(t, r, slot0, from)
		if len(tail) > 0 && tail[0].Offset < from {
			t.Errorf("from %d: got offset %d", from, tail[0].Offset)
		}
	}
}

func TestARecordLargerThanEveryLimitComesThrough(t *testing.T) {
	c := fakeCluster(t)
	must(t, c.CreateTopic(slot0.Topic, 1, map[string]string{"max.message.bytes": "20000000"}))
	client := newClient(t, c)
	w, r := client.NewWriter(), client.NewReader()
	huge := numbered(0, 3)
	huge[1].Value = bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)
	for _, codec := range []string{"none", "zstd"} {
		w.packer.codec, _ = codecNamed(codec)
		must(t, w.Produce(within(t), []consumer.Append{{Slot: slot0, Records: huge}}))
	}
	got := readAll(t, r, slot0, 0)
	if len(got) != 6 || !bytes.Equal(got[1].Value, huge[1].Value) || !bytes.Equal(got[4].Value, huge[1].Value) {
		t.Errorf("got %d records", len(got))
	}
	if s := r.idle[slot0]; cap(s.body) > 2*DefaultFetchBytes {
		t.Errorf("a buffer of %d bytes was kept", cap(s.body))
	}
}

func TestAnOffsetThatIsNotThereIsAnError(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	client := franz(t, c)
	for i := range 4 {
		write(t, client, fmt.Sprint(i))
	}
	must(t, c.DeleteRecords(slot0.Topic, 0, 2))
	for from, ok := range map[int64]bool{-1: false, 0: false, 1: false, 2: true, 4: true, 5: false} {
		_, err := r.Fetch(within(t), slot0, from, 0)
		if (err == nil) != ok || (err != nil && !errors.Is(err, consumer.ErrOutOfRange)) {
			t.Errorf("from %d: got %v", from, err)
		}
	}
	if first, end, err := r.Bounds(within(t), slot0); first != 2 || end != 4 || err != nil {
		t.Errorf("bounds are %d, %d, %v", first, end, err)
	}
}

func TestNothingComesWithoutAnError(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	begin := time.Now()
	got, err := r.Fetch(within(t), slot0, 0, 50*time.Millisecond)
	if err != nil || len(got.Records) > 0 || got.Next != 0 || got.Stable != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if waited := time.Since(begin); waited < 40*time.Millisecond {
		t.Errorf("waited only %v", waited)
	}
}

func TestAFetchEndsWithItsContext(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	client := franz(t, c)
	for i := range 40 { // the abandoned buffers must not be written to any more
		written := make(chan error, 1)
		ctx, cancel := context.WithCancel(within(t))
		time.AfterFunc(time.Millisecond, cancel)
		time.AfterFunc(time.Millisecond, func() {
			client.Produce(context.Background(), &kgo.Record{Topic: slot0.Topic, Value: []byte("v")}, func(_ *kgo.Record, err error) { written <- err })
		})
		got, err := r.Fetch(ctx, slot0, int64(i), time.Minute)
		if err != nil && (!errors.Is(err, context.Canceled) || len(got.Records) > 0) {
			t.Fatalf("got %v", err)
		}
		must(t, <-written)
		if got := readAll(t, r, slot0, 0); len(got) != i+1 {
			t.Fatalf("got %d records, want %d", len(got), i+1)
		}
	}
}

func TestManySlotsAreReadAtOnce(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(8, slot0.Topic))
	client := newClient(t, c)
	r := client.NewReader()
	var all sync.WaitGroup
	for p := range int32(8) {
		slot := consumer.Slot{Topic: slot0.Topic, Partition: p}
		all.Go(func() {
			w := client.NewWriter()
			defer w.Close()
			for i := range 20 {
				if err := w.Produce(within(t), []consumer.Append{{Slot: slot, Records: numbered(i*10, 10)}}); err != nil {
					t.Error(err)
				}
			}
			got := values(readAll(t, r, slot, 0))
			if !cmp.Equal(got, values(numbered(0, 200))) {
				t.Errorf("partition %d: got %d records", p, len(got))
			}
		})
	}
	all.Wait()
}

func TestTheReaderFollowsTheLeader(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(1, slot0.Topic))
	client := newClient(t, c, func(c *Config) { c.MetadataTTL = time.Hour }) // the refusal alone must suffice
	r := client.NewReader()
	producer := franz(t, c)
	for i := range int64(6) {
		must(t, c.MoveTopicPartition(slot0.Topic, 0, int32(i%3)))
		write(t, producer, fmt.Sprint(i))
		if _, end, err := r.Bounds(within(t), slot0); err != nil || end != i+1 {
			t.Fatalf("after move %d: end %d, %v", i, end, err)
		}
		if got, err := r.Fetch(within(t), slot0, i, time.Second); err != nil || len(got.Records) != 1 {
			t.Fatalf("after move %d: %d records, %v", i, len(got.Records), err)
		}
		time.Sleep(refreshEvery) // or the link does not ask again so soon
	}
}

func TestTheEndIsNeverBelowWhatWasAcknowledged(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(1, slot0.Topic))
	client := newClient(t, c)
	w, r := client.NewWriter(), client.NewReader()
	last := int64(0)
	for i := range 1000 {
		if i%250 == 249 {
			c.ShufflePartitionLeaders()
		}
		must(t, w.Produce(within(t), []consumer.Append{{Slot: slot0, Records: numbered(i, 1)}}))
		_, end, err := r.Bounds(within(t), slot0)
		for err != nil { // the leader moved: transient, never a lower end
			time.Sleep(10 * time.Millisecond)
			_, end, err = r.Bounds(within(t), slot0)
		}
		if end < int64(i)+1 || end < last {
			t.Fatalf("%d records were acknowledged, the end is %d and was %d", i+1, end, last)
		}
		last = end
	}
}

func TestANewLeaderThatLagsHoldsTheBarrier(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: slot0.Topic, Err: kerr.OffsetNotAvailable, Count: 2})
	if _, _, err := r.Bounds(within(t), slot0); !errors.Is(err, kafka.OffsetNotAvailable) {
		t.Errorf("got %v", err)
	}
	if _, _, err := r.Bounds(within(t), slot0); err != nil {
		t.Errorf("after it caught up: %v", err)
	}
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(t, c).NewReader()
	for _, test := range []struct {
		fault *kerr.Error
		want  string
	}{
		{kerr.TopicAuthorizationFailed, "fetch t/0 from offset 7: [29] Topic Authorization Failed: the client is not authorized to access the requested topic; grant this principal the right on the topic"},
		{kerr.CorruptMessage, "fetch t/0 from offset 7: [2] Invalid Message"},
	} {
		h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: slot0.Topic, Err: test.fault, Count: -1})
		if _, err := r.Fetch(within(t), slot0, 7, 0); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
		h.Remove()
	}
	_, err := r.Fetch(within(t), consumer.Slot{Topic: "none", Partition: 3}, 7, 0)
	if err == nil || !strings.HasPrefix(err.Error(), "fetch none/3 from offset 7: topic not found; create it") {
		t.Errorf("got %v", err)
	}
}

func TestOldBrokersAreRefused(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic), kfake.MaxVersions(kversion.V2_1_0()))
	client := newClient(t, c)
	r := client.NewReader()
	if _, err := r.Fetch(within(t), slot0, 0, 0); !errors.Is(err, errOldBroker) {
		t.Errorf("fetch: %v", err)
	}
	if _, _, err := r.Bounds(within(t), slot0); !errors.Is(err, errOldBroker) {
		t.Errorf("bounds: %v", err)
	}
	err := client.NewWriter().Produce(within(t), []consumer.Append{{Slot: slot0, Records: numbered(0, 1)}})
	if !errors.Is(err, errOldBroker) {
		t.Errorf("produce: %v", err)
	}
}
