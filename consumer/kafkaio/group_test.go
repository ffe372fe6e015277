package kafkaio

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/contactgovernor/governor/consumer"
)

// quick is a group whose rebalances a test can wait for.
func quick(id, topic string) GroupConfig {
	return GroupConfig{ID: id, Topic: topic, Heartbeat: 50 * time.Millisecond, Session: 2 * time.Second, Watch: 100 * time.Millisecond}
}

func join(t *testing.T, client *Client, group GroupConfig) *Membership {
	t.Helper()
	m, err := client.Join(group)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	return m
}

// next waits for a generation that has as many partitions.
func next(t *testing.T, m *Membership, partitions int) consumer.Generation {
	t.Helper()
	ctx := within(t)
	for {
		g, err := m.Next(ctx)
		if ctx.Err() != nil {
			t.Fatal("the awaited generation did not come")
		}
		if err == nil && len(g.Partitions()) == partitions {
			return g
		}
	}
}

func TestTwoMembersShareThePartitionsAndOneLeaves(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(4, "intents"))
	client := newClient(t, c)
	one := join(t, client, quick("g", "intents"))
	alone := next(t, one, 4)
	ended := make(chan error, 1)
	alone.Start(func(ctx context.Context) {
		<-ctx.Done()
		ended <- context.Cause(ctx)
	})

	two, err := client.Join(quick("g", "intents"))
	must(t, err)
	second := make(chan consumer.Generation, 1)
	go func() {
		g, err := two.Next(within(t))
		if err == nil {
			second <- g
		}
	}()
	first := next(t, one, 2)
	if err := <-ended; !errors.Is(err, kafka.ErrGenerationEnded) {
		t.Errorf("the first generation ended by %v", err)
	}
	both := slices.Concat(first.Partitions(), (<-second).Partitions())
	slices.Sort(both)
	if !slices.Equal(both, []int32{0, 1, 2, 3}) {
		t.Errorf("the members share %v", both)
	}

	before := time.Now()
	must(t, two.Close())
	next(t, one, 4)
	if waited := time.Since(before); waited > time.Second {
		t.Errorf("the member that left was missed only after %v", waited)
	}
}

func TestTheNextGenerationWaitsForEveryFunction(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents"))
	m := join(t, newClient(t, c), quick("g", "intents"))
	g := next(t, m, 1)
	var running atomic.Int32
	for range 3 {
		running.Add(1)
		g.Start(func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(100 * time.Millisecond)
			running.Add(-1)
		})
	}
	g.Start(func(context.Context) {}) // the first that returns ends the generation
	next(t, m, 1)
	if n := running.Load(); n != 0 {
		t.Errorf("%d functions of the last generation still ran", n)
	}

	// One that is started too late sees a context that has ended, and is waited
	// for all the same.
	late := make(chan struct{})
	g.Start(func(ctx context.Context) {
		<-ctx.Done()
		close(late)
	})
	<-late
}

func TestCommittedOffsetsAreSeenByOthers(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(2, "intents", "signals"))
	m := join(t, newClient(t, c), quick("g", "intents"))
	g := next(t, m, 2)
	must(t, g.Commit(within(t), map[consumer.Slot]int64{
		{Topic: "intents", Partition: 1}: 7,
		{Topic: "signals", Partition: 1}: 11,
	}))
	offsets, err := kadm.NewClient(franz(t, c)).FetchOffsets(within(t), "g")
	must(t, err)
	for topic, want := range map[string]int64{"intents": 7, "signals": 11} {
		if o, ok := offsets.Lookup(topic, 1); !ok || o.At != want {
			t.Errorf("%s/1: committed %v, want %d", topic, o.At, want)
		}
	}
}

func TestACommitOfAnEndedGenerationFails(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents"))
	m := join(t, newClient(t, c), quick("g", "intents"))
	g := next(t, m, 1)
	g.Start(func(context.Context) {})
	next(t, m, 1)
	if err := g.Commit(within(t), map[consumer.Slot]int64{{Topic: "intents"}: 1}); err == nil {
		t.Error("a generation that had ended could commit")
	}
}

func TestNewPartitionsEndTheGeneration(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(2, "intents"))
	m := join(t, newClient(t, c), quick("g", "intents"))
	next(t, m, 2)
	// What is new before the generation looked for the first time is not new to it; what
	// comes next is.
	noticed := make(chan struct{})
	go func() {
		defer close(noticed)
		for t.Context().Err() == nil {
			if g, err := m.Next(t.Context()); err == nil && len(g.Partitions()) > 2 {
				return
			}
		}
	}()
	for n := 3; ; n++ {
		_, err := kadm.NewClient(franz(t, c)).UpdatePartitions(within(t), n, "intents")
		must(t, err)
		select {
		case <-noticed:
			return
		case <-time.After(time.Second):
		}
	}
}

func TestCloseLeavesTheGroupInTheMiddleOfARebalance(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "intents"))
	m, err := newClient(t, c).Join(quick("g", "intents"))
	must(t, err)
	g := next(t, m, 1)
	h := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SyncGroup}, Err: kerr.RebalanceInProgress, Count: -1})
	g.Start(func(context.Context) {})
	must(t, h.Wait(within(t), 1))
	time.Sleep(50 * time.Millisecond) // the error waits to be told, and nobody asks
	must(t, m.Close())
	if info := c.GroupInfo("g"); info != nil && len(info.Members) > 0 {
		t.Errorf("%d members are left", len(info.Members))
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	client, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer client.Close()
	m := join(t, client, quick("g", "intents"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for {
		_, err := m.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		if err == nil {
			t.Fatal("joined a group of nobody")
		}
	}
}

func TestAnUnusableGroupIsRefused(t *testing.T) {
	client, err := New(Config{Brokers: []string{"127.0.0.1:1"}})
	must(t, err)
	defer client.Close()
	for name, group := range map[string]GroupConfig{
		"no id":                {Topic: "intents"},
		"no topic":             {ID: "g"},
		"a heartbeat too rare": {ID: "g", Topic: "intents", Heartbeat: time.Minute},
	} {
		if _, err := client.Join(group); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
