package kafkaio

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/contactgovernor/governor/consumer"
)

func TestProducedRecordsComeBackAsTheyWere(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(4, "a", "b"))
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			client := newClient(t, c, func(c *Config) { c.Compression = codec })
			w := client.NewWriter()
			defer w.Close()
			r := client.NewReader()
			want := numbered(0, 50)
			want[1].Key = nil
			want[2].Key = []byte{}
			want[3].Value = nil
			want[4].Headers = []consumer.Header{{Key: "n", Value: nil}, {Key: "", Value: []byte{}}, {Key: "n", Value: []byte("again")}}
			want[5].Time = want[5].Time.Add(-1e9)
			slots := []consumer.Slot{{Topic: "a", Partition: 0}, {Topic: "a", Partition: 1}, {Topic: "b", Partition: 1}, {Topic: "b", Partition: 3}}
			var appends []consumer.Append
			starts := make(map[consumer.Slot]int64)
			for _, s := range slots {
				_, end, err := r.Bounds(within(t), s)
				must(t, err)
				starts[s] = end
				appends = append(appends, consumer.Append{Slot: s, Records: want})
			}
			must(t, w.Produce(within(t), appends))
			for _, s := range slots {
				got := readAll(t, r, s, starts[s])
				for i := range want {
					want[i].Offset = starts[s] + int64(i)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%v (-want +got):\n%s", s, diff)
				}
			}
		})
	}
}

// one appends records to slot0.
func one(records []consumer.Record) []consumer.Append {
	return []consumer.Append{{Slot: slot0, Records: records}}
}

// TestALostAnswerLeavesOneCopy breaks the first produce request in every way in
// which the broker may or may not have done its work.
func TestALostAnswerLeavesOneCopy(t *testing.T) {
	for name, breakIt := range map[string]func(*kfake.Cluster, *scissors){
		"timed out, done": func(c *kfake.Cluster, _ *scissors) {
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut, Count: 3})
		},
		"not enough replicas, done": func(c *kfake.Cluster, _ *scissors) {
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicasAfterAppend, Count: 3})
		},
		"not enough replicas, not done": func(c *kfake.Cluster, _ *scissors) {
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: 3})
		},
		"connection cut before": func(c *kfake.Cluster, _ *scissors) {
			c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
				return nil, errors.New("cut"), true
			})
		},
		"connection cut after": func(_ *kfake.Cluster, s *scissors) { s.cuts.Store(2) },
		"an answer that never comes": func(c *kfake.Cluster, _ *scissors) {
			c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) { return nil, nil, true })
		},
		"no producer id yet": func(c *kfake.Cluster, _ *scissors) {
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: kerr.CoordinatorLoadInProgress, Count: 2})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
			s := new(scissors)
			client := newClient(t, c, func(c *Config) { c.Dial = s.dial; c.RequestTimeout = time.Second })
			breakIt(c, s)
			w := client.NewWriter()
			must(t, w.Produce(within(t), one(numbered(0, 10))))
			must(t, w.Produce(within(t), one(numbered(10, 10))))
			got := values(readAll(t, newClient(t, c).NewReader(), slot0, 0))
			if diff := cmp.Diff(values(numbered(0, 20)), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// scissors cut connections when an answer to a produce request comes in.
type scissors struct{ cuts atomic.Int32 }

func (s *scissors) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &cuttable{Conn: c, s: s}, nil
}

type cuttable struct {
	net.Conn
	s         *scissors
	producing atomic.Bool
}

func (c *cuttable) Write(b []byte) (int, error) {
	c.producing.Store(len(b) > 6 && b[4] == 0 && b[5] == 0) // the request's key
	return c.Conn.Write(b)
}

func (c *cuttable) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.producing.Load() && c.s.cuts.Add(-1) >= 0 {
		_ = c.Close()
		return 0, errors.New("connection cut")
	}
	return n, err
}

func TestTheWriterFollowsTheLeaders(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(6, slot0.Topic))
	client := newClient(t, c, func(c *Config) { c.MetadataTTL = time.Hour }) // the refusal alone must suffice
	w := client.NewWriter()
	for i := range 6 {
		c.ShufflePartitionLeaders()
		var appends []consumer.Append
		for p := range int32(6) {
			appends = append(appends, consumer.Append{Slot: consumer.Slot{Topic: slot0.Topic, Partition: p}, Records: numbered(i*3, 3)})
		}
		must(t, w.Produce(within(t), appends))
	}
	r := newClient(t, c).NewReader()
	for p := range int32(6) {
		got := values(readAll(t, r, consumer.Slot{Topic: slot0.Topic, Partition: p}, 0))
		if diff := cmp.Diff(values(numbered(0, 18)), got); diff != "" {
			t.Errorf("partition %d (-want +got):\n%s", p, diff)
		}
	}
}

func TestARecordTooLargeIsTold(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(2, "ok"))
	must(t, c.CreateTopic(slot0.Topic, 1, map[string]string{"max.message.bytes": "1000"}))
	for n, remedy := range map[int]string{1: "raise the topic's max.message.bytes or send less", 20: "lower the client's batch bytes"} {
		records := numbered(0, n)
		records[0].Value = bytes.Repeat([]byte("secret"), 400)
		w := newClient(t, c, func(c *Config) { c.Compression = "none" }).NewWriter()
		err := w.Produce(within(t), append(one(records), consumer.Append{Slot: consumer.Slot{Topic: "ok"}, Records: numbered(0, 1)}))
		var tooLarge *TooLarge
		if !errors.As(err, &tooLarge) || tooLarge.Slot != slot0 || tooLarge.Records != n || !errors.Is(err, kafka.MessageSizeTooLarge) {
			t.Fatalf("got %v", err)
		}
		if text := err.Error(); !strings.Contains(text, remedy) || strings.Contains(text, "secret") || strings.Contains(text, "person") {
			t.Errorf("got %v", err)
		}
	}
}

func TestAfterAnErrorAWriterIsDoneFor(t *testing.T) {
	for _, code := range []*kerr.Error{kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerEpoch,
		kerr.ProducerFenced, kerr.TopicAuthorizationFailed, kerr.InvalidRecord} {
		t.Run(code.Message, func(t *testing.T) {
			c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
			client := newClient(t, c)
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: code})
			w := client.NewWriter()
			err := w.Produce(within(t), one(numbered(0, 1)))
			if !errors.Is(err, kafka.Error(code.Code)) || !strings.HasPrefix(err.Error(), "produce to t/0: ") || strings.Contains(err.Error(), "person") {
				t.Errorf("got %v", err)
			}
			again := w.Produce(within(t), one(numbered(0, 1)))
			if !errors.Is(again, kafka.Error(code.Code)) || !strings.Contains(again.Error(), "make a new one") {
				t.Errorf("then %v", again)
			}
			must(t, client.NewWriter().Produce(within(t), one(numbered(0, 1))))
		})
	}
	w := newClient(t, fakeCluster(t)).NewWriter()
	w.Close()
	if err := w.Produce(within(t), one(numbered(0, 1))); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestADuplicateIsASuccess(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.DuplicateSequenceNumber})
	must(t, newClient(t, c).NewWriter().Produce(within(t), one(numbered(0, 1))))
}

func TestTheWriterTriesUntilItsContextEnds(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	ctx, cancel := context.WithTimeout(within(t), 200*time.Millisecond)
	defer cancel()
	err := newClient(t, c).NewWriter().Produce(ctx, one(numbered(0, 1)))
	if !errors.Is(err, kafka.NotEnoughReplicas) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if n := h.Hits(); n < 3 || n > 20 {
		t.Errorf("tried %d times", n)
	}
}

func TestNothingIsNotSent(t *testing.T) {
	client, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer client.Close()
	must(t, client.NewWriter().Produce(within(t), nil))
	must(t, client.NewWriter().Produce(within(t), one(nil)))
}

func TestManyRecordsGoOutInSeveralBatchesInOrder(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(2, slot0.Topic))
	client := newClient(t, c, func(c *Config) { c.BatchBytes = 2000; c.Compression = "none" })
	largest, batches := 0, 0
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Observe: true, Count: -1, When: func(r kmsg.Request) bool {
		for _, topic := range r.(*kmsg.ProduceRequest).Topics {
			for _, p := range topic.Partitions {
				largest, batches = max(largest, len(p.Records)), batches+1
			}
		}
		return true
	}})
	other := consumer.Slot{Topic: slot0.Topic, Partition: 1}
	must(t, client.NewWriter().Produce(within(t), []consumer.Append{
		{Slot: slot0, Records: numbered(0, 500)},
		{Slot: other, Records: numbered(0, 3)},
		{Slot: slot0, Records: numbered(500, 500)}, // once more the same slot
	}))
	r := client.NewReader()
	if diff := cmp.Diff(values(numbered(0, 1000)), values(readAll(t, r, slot0, 0))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := values(readAll(t, r, other, 0)); len(got) != 3 {
		t.Errorf("the other slot has %v", got)
	}
	if largest > 2000 || batches < 20 {
		t.Errorf("%d batches, the largest of %d bytes", batches, largest)
	}
}

func TestSequenceNumbersBeginAgainAfterTheLargest(t *testing.T) {
	const largest = 1<<31 - 1
	for _, test := range []struct {
		from int32
		n    int
		want int32
	}{{0, 1, 1}, {largest, 1, 0}, {largest - 1, 1, largest}, {largest - 4, 10, 5}} {
		if got := advance(test.from, test.n); got != test.want {
			t.Errorf("%d behind %d is %d, want %d", test.n, test.from, got, test.want)
		}
	}
}

// What we write is read by an independent client.
func TestOthersReadWhatWeWrite(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, slot0.Topic))
	want := numbered(0, 200)
	want[7].Headers = []consumer.Header{{Key: "ce_id", Value: []byte("x")}}
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		client := newClient(t, c, func(c *Config) { c.Compression = codec })
		must(t, client.NewWriter().Produce(within(t), one(want)))
	}
	reader := franz(t, c, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{slot0.Topic: {0: kgo.NewOffset().AtStart()}}))
	for i := 0; i < 5*len(want); {
		fetches := reader.PollFetches(within(t))
		must(t, fetches.Err())
		for _, r := range fetches.Records() {
			w := want[i%len(want)]
			if !bytes.Equal(r.Key, w.Key) || !bytes.Equal(r.Value, w.Value) || !r.Timestamp.Equal(w.Time) || len(r.Headers) != len(w.Headers) {
				t.Fatalf("record %d came as %+v", i, r)
			}
			i++
		}
	}
}
