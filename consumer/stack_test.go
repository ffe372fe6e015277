package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/state/redisstate"
)

// No test of this package leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 4

// machine is one process with a governor in it, over real adapters, on a network
// that can be cut.
type machine struct {
	*running
	watcher *watcher
	net     *network
	died    *fakeProcess // only to be started like one
}

// network is what connects one machine.
type network struct {
	mu    sync.Mutex
	conns []net.Conn
	cut   bool
}

func (n *network) dial(ctx context.Context, proto, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut {
		return nil, errors.New("the network is cut")
	}
	c, err := new(net.Dialer).DialContext(ctx, proto, address)
	if err == nil {
		n.conns = append(n.conns, c)
	}
	return c, err
}

// kill takes the machine off the network from one instant to the next, in the
// middle of whatever it does; nothing of it is heard any more.
func (m *machine) kill() {
	m.net.mu.Lock()
	m.net.cut = true
	for _, c := range m.net.conns {
		_ = c.Close()
	}
	m.net.mu.Unlock()
	m.stop()
}

func newMachine(t *testing.T, brokers []string, redisAt string) *machine {
	t.Helper()
	m := &machine{watcher: &watcher{}, net: &network{}, died: newFakeProcess(nil, nil)}
	client, err := kafkaio.New(kafkaio.Config{Brokers: brokers, Dial: m.net.dial, RequestTimeout: 2 * time.Second, MetadataTTL: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	memory := redis.NewClient(&redis.Options{
		Addr: redisAt, Dialer: m.net.dial, MaxRetries: -1, ContextTimeoutEnabled: true, DisableIdentity: true,
		DialTimeout: time.Second, ReadTimeout: 2 * time.Second, WriteTimeout: 2 * time.Second,
	})
	store, err := redisstate.New(memory, redisstate.Options{Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	group, err := client.Join(kafkaio.GroupConfig{
		ID: "governor", Topic: governor.Intents, Heartbeat: 100 * time.Millisecond, Session: time.Second, Rebalance: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); _ = memory.Close() })
	m.running = start(t, consumer.Config{
		Policy: consumer.Always(testPolicy()), Store: store, Log: client.NewReader(), Group: group, Partitions: partitions,
		NewWriter:   func(context.Context) (consumer.Writer, error) { return client.NewWriter(), nil },
		PartitionOf: home, Observer: m.watcher, Poll: 20 * time.Millisecond, Backoff: 10 * time.Millisecond, MostBackoff: 200 * time.Millisecond,
	}, m.died)
	return m
}

func home(key []byte) int32 { return kafkaio.Murmur2Partition(key, partitions) }

// publisher is the engines and the people: it produces, and remembers what it
// produced in the order of the acknowledgements.
type publisher struct {
	t      *testing.T
	client *kgo.Client
	order  map[string]int64 // position → place among the acknowledgements
	poison map[string]bool

	acknowledged int64
}

// send returns when all are acknowledged; among each other they have no order.
func (p *publisher) send(in ...input) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var records []*kgo.Record
	for _, r := range in {
		records = append(records, &kgo.Record{Topic: r.topic, Key: r.Key, Value: r.Value, Timestamp: r.Time, Partition: home(r.Key)})
	}
	if err := p.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		p.t.Fatal(err)
	}
	p.acknowledged++
	for i, rec := range records {
		where := position(consumer.Slot{Topic: rec.Topic, Partition: rec.Partition}, rec.Offset)
		p.order[where], p.poison[where] = p.acknowledged, in[i].poison
	}
}

// The whole: two governors in one group, over the real adapters, an in-process
// Kafka and an in-process Redis. Leaders move and acknowledgements get lost all
// the time; half way one governor is cut off, and another takes its place. In the
// end everything is decided and every invariant holds (I1, I3, I4, I5, I12, I14),
// and nothing is left running.
func TestTheWholeStack(t *testing.T) {
	topics := append([]string{governor.Intents, governor.Signals}, outputTopics...)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.SeedTopics(partitions, topics...), kfake.GroupMinSessionTimeout(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	memory := miniredis.RunT(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p := &publisher{t: t, client: client, order: make(map[string]int64), poison: make(map[string]bool)}
	began := time.Now()

	const people, callers, each = 100, 8, 20
	send := func(from, to int) {
		for n := from; n < to; n++ {
			now := time.Now()
			var noes, intents []input
			for i := range people {
				person := fmt.Sprintf("p%d", i)
				if (n*people+i)%37 == 0 { // says no, and is asked right after it
					noes = append(noes, signal(fmt.Sprintf("no%d", n), person, "refusal", now))
				}
				channel := []string{"email", "sms", "push"}[(n+i)%3]
				intents = append(intents, intent(fmt.Sprintf("i%d", n), person, channel, "marketing", now))
			}
			for i := range callers { // each is decided by what all partitions have counted
				person := fmt.Sprintf("c%d", i)
				intents = append(intents, intent(fmt.Sprintf("i%d", n), person, "call", "reminder", now, "mode:predictive"))
				if n > 0 {
					noes = append(noes, signal(fmt.Sprintf("o%d", n), person, "outcome", now, fmt.Sprintf("intent:i%d", n-1), "result:answered"))
				}
			}
			p.send(append(noes, poison(governor.Signals, "p2", `{"type":"engagement"`))...)
			p.send(append(intents, poison(governor.Intents, "p1", `{"id":`))...)
			time.Sleep(20 * time.Millisecond) // so that it takes many batches
		}
	}

	a := newMachine(t, cluster.ListenAddrs(), memory.Addr())
	b := newMachine(t, cluster.ListenAddrs(), memory.Addr())
	mischief, calm := context.WithCancel(context.Background())
	var mischiefs sync.WaitGroup
	mischiefs.Go(func() {
		for i := 0; mischief.Err() == nil; i++ {
			switch i % 3 {
			case 0:
				cluster.ShufflePartitionLeaders()
			case 1: // appended, and not acknowledged
				cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: outputTopics[i%len(outputTopics)], Err: kerr.RequestTimedOut, Count: 2})
			case 2:
				cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: outputTopics[i%len(outputTopics)], Err: kerr.NotEnoughReplicasAfterAppend, Count: 1})
			}
			select {
			case <-mischief.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	})

	send(0, each/2)
	until(t, "both govern", func() bool { return a.watcher.count("committed") > 0 && b.watcher.count("committed") > 0 })
	send(each/2, each/2+2)
	a.kill()
	c := newMachine(t, cluster.ListenAddrs(), memory.Addr())
	send(each/2+2, each-3)
	until(t, "the new one has its share", func() bool { return c.watcher.count("acquired") > 0 })
	send(each-3, each)
	calm()
	mischiefs.Wait()

	h := &history{}
	until(t, "everything is decided", func() bool {
		time.Sleep(50 * time.Millisecond)
		h = p.history(cluster.ListenAddrs())
		answered := make(map[string]bool)
		for _, topic := range []string{governor.Approved, governor.Vetoed, governor.DeadLetter} {
			for _, e := range h.topics[topic] {
				source, _ := e.header("governor_source")
				answered[source] = true
			}
		}
		return len(answered) >= (people+callers)*each+2*each
	})
	for _, m := range []*machine{b, c} {
		m.stop()
		m.wait()
		if m.err != nil {
			t.Errorf("Run: %v", m.err)
		}
	}
	a.wait()
	h = p.history(cluster.ListenAddrs())
	report(t, h.check())

	n := make(map[string]int)
	for _, topic := range outputTopics {
		n[topic] = len(h.topics[topic])
	}
	if n["contact.approved"] < people || n["contact.vetoed"] < people {
		t.Errorf("too little came to pass to show anything: %v", n)
	}
	if a.watcher.count("committed") == 0 || b.watcher.count("committed") == 0 || c.watcher.count("committed") == 0 {
		t.Errorf("batches: a %d, b %d, c %d; each should have had some",
			a.watcher.count("committed"), b.watcher.count("committed"), c.watcher.count("committed"))
	}
	t.Logf("%v of real time; %v; batches: a %d, b %d, c %d; holds: a %d, b %d, c %d", time.Since(began).Round(time.Millisecond), n,
		a.watcher.count("committed"), b.watcher.count("committed"), c.watcher.count("committed"),
		a.watcher.count("held"), b.watcher.count("held"), c.watcher.count("held"))
}

// history is all that is in the log now, read by a client that is not ours.
func (p *publisher) history(brokers []string) *history {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	own, err := kafkaio.New(kafkaio.Config{Brokers: brokers})
	if err != nil {
		p.t.Fatal(err)
	}
	defer own.Close()
	ends, left := own.NewReader(), 0
	from := make(map[string]map[int32]kgo.Offset)
	last := make(map[consumer.Slot]int64)
	for _, topic := range append([]string{governor.Intents, governor.Signals}, outputTopics...) {
		from[topic] = make(map[int32]kgo.Offset)
		for n := range int32(partitions) {
			s := consumer.Slot{Topic: topic, Partition: n}
			_, end, err := ends.Bounds(ctx, s)
			if err != nil {
				p.t.Fatal(err)
			}
			if end > 0 {
				from[topic][n], last[s] = kgo.NewOffset().At(0), end
				left++
			}
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumePartitions(from), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		p.t.Fatal(err)
	}
	defer client.Close()
	h := &history{topics: make(map[string][]entry), committed: make(map[string]int64), quiet: true}
	for left > 0 {
		fetched := client.PollFetches(ctx)
		if ctx.Err() != nil {
			p.t.Fatalf("%d partitions cannot be read to their ends", left)
		}
		fetched.EachRecord(func(r *kgo.Record) {
			s := consumer.Slot{Topic: r.Topic, Partition: r.Partition}
			if r.Offset >= last[s] {
				return
			}
			if r.Offset == last[s]-1 {
				left--
			}
			where := position(s, r.Offset)
			e := entry{topic: r.Topic, partition: r.Partition, offset: r.Offset, order: p.order[where], at: r.Timestamp, key: r.Key, value: r.Value, poison: p.poison[where]}
			for _, hd := range r.Headers {
				e.headers = append(e.headers, [2]string{hd.Key, string(hd.Value)})
			}
			e.ready()
			h.topics[r.Topic] = append(h.topics[r.Topic], e)
		})
	}
	return h
}
