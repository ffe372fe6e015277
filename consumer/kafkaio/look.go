package kafkaio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/describegroups"

	"github.com/contactgovernor/governor/consumer"
)

// ClusterState is what a cluster tells of itself to whoever asks.
type ClusterState struct {
	ID         string
	Controller int // the broker that is, or passes for, the controller; -1: none
	Brokers    []BrokerState
}

// BrokerState is one broker under the address that it tells its clients.
type BrokerState struct {
	ID      int
	Address string

	// Err says why nothing else is known of the broker, or that it is too old.
	Err error

	// Release is the first release of Apache Kafka that speaks as this broker does,
	// such as "4.1"; empty: it is older than any that is known here.
	Release string

	// CertificateEnds is when the certificate ends that the broker showed; the zero
	// time without TLS.
	CertificateEnds time.Time
}

// Look asks the cluster who is in it, and each broker what it is. The error is that
// none of the addresses answers.
func (a *Admin) Look(ctx context.Context) (ClusterState, error) {
	m, err := a.metadata(ctx, []string{})
	if err != nil {
		return ClusterState{}, err
	}
	out := ClusterState{ID: m.ClusterID, Controller: m.Controller.ID, Brokers: make([]BrokerState, len(m.Brokers))}
	var asked sync.WaitGroup
	for i, b := range m.Brokers {
		out.Brokers[i] = BrokerState{ID: b.ID, Address: net.JoinHostPort(b.Host, strconv.Itoa(b.Port))}
		asked.Go(func() { a.ask(ctx, &out.Brokers[i]) })
	}
	asked.Wait()
	slices.SortFunc(out.Brokers, func(x, y BrokerState) int { return x.ID - y.ID })
	return out, nil
}

// ask asks one broker.
func (a *Admin) ask(ctx context.Context, b *BrokerState) {
	within, cancel := context.WithTimeout(ctx, a.config.DialTimeout)
	conn, err := a.config.Dial(within, "tcp", b.Address)
	cancel()
	if err != nil {
		b.Err = fmt.Errorf("cannot reach Kafka at %s: %w; the cluster answers at %s but says that broker %d is there: "+
			"correct that broker's advertised.listeners, or the network", b.Address, err, a.config.addresses(), b.ID)
		return
	}
	if under, ok := conn.(*tls.Conn); ok {
		if shown := under.ConnectionState().PeerCertificates; len(shown) > 0 {
			b.CertificateEnds = shown[0].NotAfter
		}
	}
	_ = conn.Close()
	client, done := a.client([]string{})
	defer done()
	res, err := client.ApiVersions(ctx, &kafka.ApiVersionsRequest{Addr: kafka.TCP(b.Address)})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		b.Err = fmt.Errorf("broker %d at %s does not say what it speaks: %w", b.ID, b.Address, err)
		return
	}
	knows := make(map[protocol.ApiKey]int16, len(res.ApiKeys))
	for _, k := range res.ApiKeys {
		knows[protocol.ApiKey(k.ApiKey)] = int16(k.MaxVersion)
	}
	b.Release = release(knows)
	b.Err = tooOld(knows)
}

// GroupState is how a group fares.
type GroupState struct {
	State   string // as Kafka names it: Stable, Empty, Dead, PreparingRebalance, CompletingRebalance
	Members []string
}

// Group tells how a group fares. One that nobody was ever in is Dead, and no error. It
// waits for a coordinator, as long as ctx lets it: a cluster in which there never was a
// group has none yet.
func (a *Admin) Group(ctx context.Context, id string) (GroupState, error) {
	const pause = 100 * time.Millisecond
	client, done := a.client([]string{})
	defer done()
	for {
		g, err := group(ctx, client, id)
		if !errors.Is(err, kafka.NotCoordinatorForGroup) && !errors.Is(err, kafka.GroupCoordinatorNotAvailable) && !errors.Is(err, kafka.GroupLoadInProgress) {
			return g, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return GroupState{}, err
		}
	}
}

// group asks once. It reads no more than it needs: what members say of themselves is
// theirs, and kafka-go fails at what it does not know there.
func group(ctx context.Context, client *kafka.Client, id string) (GroupState, error) {
	m, err := client.Transport.RoundTrip(ctx, client.Addr, &describegroups.Request{Groups: []string{id}})
	if err != nil {
		return GroupState{}, fmt.Errorf("group %s: %w", id, err)
	}
	res, ok := m.(*describegroups.Response)
	if !ok || len(res.Groups) != 1 {
		return GroupState{}, fmt.Errorf("group %s: %w: asked for one group, told of another number", id, errMalformed)
	}
	described := res.Groups[0]
	switch err := kafka.Error(described.ErrorCode); err {
	case 0:
	case kafka.GroupIdNotFound: // what Kafka 4 says of Dead
		return GroupState{State: "Dead"}, nil
	case kafka.GroupAuthorizationFailed:
		return GroupState{}, fmt.Errorf("group %s: %w; grant this principal READ on the group", id, err)
	default:
		return GroupState{}, fmt.Errorf("group %s: %w", id, err)
	}
	g := GroupState{State: described.GroupState}
	for _, m := range described.Members {
		g.Members = append(g.Members, m.ClientID)
	}
	return g, nil
}

// Newest is when the newest record of a topic was appended, or made, whichever the
// topic's message.timestamp.type says, over these many partitions; the zero time where
// there is no record. It needs the right to read the topic, and tells if there is none.
func (c *Client) Newest(ctx context.Context, topic string, partitions int) (newest time.Time, err error) {
	reader := c.NewReader()
	for p := range int32(partitions) {
		slot := consumer.Slot{Topic: topic, Partition: p}
		first, end, err := reader.Bounds(ctx, slot)
		if err != nil {
			return time.Time{}, err
		}
		// The last offset may be a marker of a transaction, or have been compacted away.
		for from := end - 1; from >= max(first, end-lastLooks); from-- {
			got, err := reader.Fetch(ctx, slot, from, 0)
			if err != nil {
				return time.Time{}, err
			}
			if n := len(got.Records); n > 0 {
				if at := got.Records[n-1].Time; at.After(newest) {
					newest = at
				}
				break
			}
		}
		if first == end { // nothing is there, but may it be read?
			if _, err := reader.Fetch(ctx, slot, end, 0); err != nil {
				return time.Time{}, err
			}
		}
	}
	return newest, nil
}

// lastLooks is how many offsets before the end are tried for a record.
const lastLooks = 4
