package kafkaio

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/consumer"
)

// GroupConfig says which group to join. ID and Topic are required.
type GroupConfig struct {
	// ID is the group's name; all governors of one deployment share it.
	ID string

	// Topic is the one whose partitions the group shares: the intents.
	Topic string

	// Heartbeat is how often this member shows that it lives, and so how soon it
	// learns of a rebalance. Default 1 s.
	Heartbeat time.Duration

	// Session is how long a member may be silent before it loses its partitions.
	// Brokers refuse less than their group.min.session.timeout.ms. Default 10 s.
	Session time.Duration

	// Rebalance is how long the others wait for this member's functions to return
	// when the partitions are shared anew. Default 10 s.
	Rebalance time.Duration

	// Watch is how often new partitions of the topic are looked for. Default 5 s.
	Watch time.Duration
}

// The defaults of GroupConfig.
const (
	DefaultHeartbeat = time.Second
	DefaultSession   = 10 * time.Second
	DefaultRebalance = 10 * time.Second
	DefaultWatch     = 5 * time.Second
)

// joinBackoff is the pause after a failed attempt to join.
const joinBackoff = 250 * time.Millisecond

// Membership is this process's part in a group; it implements
// consumer.Membership. Only one goroutine may call Next.
type Membership struct {
	config Config
	topic  string
	id     string
	group  *kafka.ConsumerGroup

	mu   sync.Mutex
	last *Generation
}

var (
	_ consumer.Membership = (*Membership)(nil)
	_ consumer.Generation = (*Generation)(nil)
)

// Join begins to join a group, and goes on trying in the background until Close.
// What goes wrong meanwhile is Next's to report.
func (c *Client) Join(group GroupConfig) (*Membership, error) {
	for _, d := range []struct {
		is        *time.Duration
		otherwise time.Duration
	}{
		{&group.Heartbeat, DefaultHeartbeat}, {&group.Session, DefaultSession},
		{&group.Rebalance, DefaultRebalance}, {&group.Watch, DefaultWatch},
	} {
		if *d.is == 0 {
			*d.is = d.otherwise
		}
	}
	if group.ID == "" || group.Topic == "" {
		return nil, fmt.Errorf("group %q on topic %q: both must be named", group.ID, group.Topic)
	}
	if group.Heartbeat >= group.Session {
		return nil, fmt.Errorf("group %q: the heartbeat of %v must be well below the session timeout of %v",
			group.ID, group.Heartbeat, group.Session)
	}
	g, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID:                     group.ID,
		Brokers:                c.config.Brokers,
		Topics:                 []string{group.Topic},
		Dialer:                 c.config.dialer(),
		GroupBalancers:         []kafka.GroupBalancer{kafka.RangeGroupBalancer{}},
		HeartbeatInterval:      group.Heartbeat,
		SessionTimeout:         group.Session,
		RebalanceTimeout:       group.Rebalance,
		JoinGroupBackoff:       joinBackoff,
		PartitionWatchInterval: group.Watch,
		WatchPartitionChanges:  true,
		StartOffset:            kafka.FirstOffset,
		Timeout:                c.config.RequestTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("group %q: %w", group.ID, err)
	}
	return &Membership{config: c.config, topic: group.Topic, id: group.ID, group: g}, nil
}

func (c Config) dialer() *kafka.Dialer {
	return &kafka.Dialer{
		ClientID:      c.ClientID,
		DialFunc:      c.dialBounded,
		Timeout:       c.DialTimeout,
		TLS:           c.TLS,
		SASLMechanism: c.SASL,
	}
}

// Next implements consumer.Membership.
func (m *Membership) Next(ctx context.Context) (consumer.Generation, error) {
	g, err := m.group.Next(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("join group %q: %w", m.id, err)
	}
	m.mu.Lock()
	last := m.last
	m.mu.Unlock()
	// kafka-go waited for all functions but those started too late to count.
	if last != nil {
		last.running.Wait()
	}
	next := newGeneration(g, m.topic)
	m.mu.Lock()
	m.last = next
	m.mu.Unlock()
	return next, nil
}

// Close implements consumer.Membership. It waits for the generation's functions.
func (m *Membership) Close() error {
	err := m.group.Close()
	m.mu.Lock()
	last := m.last
	m.mu.Unlock()
	if last == nil {
		return err
	}
	last.running.Wait()
	// kafka-go does not leave where it is closed in the middle of a rebalance.
	// Where it did, this is refused, and that is all right.
	t := m.config.transport(nil)
	defer t.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(m.config.Brokers...), Timeout: m.config.RequestTimeout, Transport: t}
	_, _ = client.LeaveGroup(context.Background(), &kafka.LeaveGroupRequest{
		GroupID: m.id,
		Members: []kafka.LeaveGroupRequestMember{{ID: last.group.MemberID}},
	})
	return err
}

// Generation is one term of a Membership; it implements consumer.Generation.
type Generation struct {
	group      *kafka.Generation
	partitions []int32
	ctx        context.Context // ends when the generation does
	running    sync.WaitGroup  // the functions that Start began
}

func newGeneration(g *kafka.Generation, topic string) *Generation {
	ctx, cancel := context.WithCancelCause(context.Background())
	// kafka-go's own context is of a kind that costs a goroutine for every
	// context derived from it.
	g.Start(func(ended context.Context) {
		<-ended.Done()
		cancel(kafka.ErrGenerationEnded)
	})
	next := &Generation{group: g, ctx: ctx}
	for _, a := range g.Assignments[topic] {
		next.partitions = append(next.partitions, int32(a.ID))
	}
	slices.Sort(next.partitions)
	return next
}

// Partitions implements consumer.Generation. They are in rising order.
func (g *Generation) Partitions() []int32 { return slices.Clone(g.partitions) }

// Start implements consumer.Generation. The cause of the context's end is
// kafka.ErrGenerationEnded.
func (g *Generation) Start(fn func(ctx context.Context)) {
	g.running.Add(1)
	g.group.Start(func(context.Context) {
		defer g.running.Done()
		fn(g.ctx)
	})
}

// Commit implements consumer.Generation. Slots of any topic may be committed.
// After an error the generation is best ended: its coordinator has moved or is
// gone.
func (g *Generation) Commit(ctx context.Context, next map[consumer.Slot]int64) error {
	if len(next) == 0 {
		return nil
	}
	offsets := make(map[string]map[int]int64)
	for slot, offset := range next {
		if offsets[slot.Topic] == nil {
			offsets[slot.Topic] = make(map[int]int64)
		}
		offsets[slot.Topic][int(slot.Partition)] = offset
	}
	// kafka-go takes no context here; its request is bounded by the request
	// timeout, and by the end of the generation, which closes its connection.
	done := make(chan error, 1)
	go func() { done <- g.group.CommitOffsets(offsets) }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("commit offsets of group %q: %w", g.group.GroupID, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("commit offsets of group %q: %w", g.group.GroupID, ctx.Err())
	}
}
