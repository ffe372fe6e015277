package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// refreshEvery is how often a link forgets who leads what, at most: a moved
// broker is noticed by all its slots at once.
const refreshEvery = 200 * time.Millisecond

// link is a pool of connections to a cluster.
type link struct {
	addr      net.Addr
	brokers   string
	transport *kafka.Transport

	mu        sync.Mutex
	refreshed time.Time
}

func newLink(c Config) *link {
	return &link{addr: kafka.TCP(c.Brokers...), brokers: c.addresses(), transport: c.transport(c.Topics)}
}

func (l *link) close() { l.transport.CloseIdleConnections() }

// refresh makes the next request ask anew who leads what. kafka-go cannot be
// told to do so; but a pool that is dropped is made anew, and a new one asks.
// Requests in flight finish on the old one.
func (l *link) refresh() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.refreshed) >= refreshEvery {
		l.refreshed = now
		l.transport.CloseIdleConnections()
	}
}

// roundTrip sends a request and waits for the answer until timeout is over or
// ctx ends, whichever is first. The connection is always given a deadline, so
// that nothing lingers on it. An error after ctx has ended is also that of ctx:
// a connection that is interrupted tells of a timeout.
func (l *link) roundTrip(ctx context.Context, timeout time.Duration, req protocol.Message) (protocol.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r, ok := req.(interface{ bind(context.Context) }); ok {
		r.bind(ctx)
	}
	res, err := l.transport.RoundTrip(ctx, l.addr, req)
	if errors.Is(err, errNoCluster) {
		err = l.unreachable(ctx)
	}
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return res, err
}

// errNoCluster says that no broker has answered yet.
var errNoCluster = errors.New("no broker has answered yet")

// unreachable tells why no broker has answered.
func (l *link) unreachable(ctx context.Context) error {
	_, err := l.transport.RoundTrip(ctx, l.addr, &metadata.Request{TopicNames: []string{}})
	if err == nil {
		err = errNoCluster
	}
	return cannotReach(l.brokers, err)
}

func cannotReach(brokers string, err error) error {
	return fmt.Errorf("cannot reach Kafka at %s: %w; check the addresses, the network, and TLS and SASL where they are used", brokers, err)
}
