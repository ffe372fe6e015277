package kafkaio

import (
	"context"
	"net"
	"time"
)

// dialBounded dials connections on which nothing takes for ever. kafka-go gives no
// deadline to its conversation over SASL: a broker that falls silent in it would hold
// up the group until somebody restarts the governor.
func (c Config) dialBounded(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	b := &bounded{Conn: conn, limit: c.DialTimeout + c.RequestTimeout}
	return b, b.SetDeadline(time.Time{})
}

// bounded is a connection where no deadline means the limit from now on. One that
// passes while nothing is under way hurts nobody: whoever sends the next request sets
// another.
type bounded struct {
	net.Conn
	limit time.Duration
}

func (b *bounded) from(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now().Add(b.limit)
	}
	return t
}

// SetDeadline implements net.Conn.
func (b *bounded) SetDeadline(t time.Time) error { return b.Conn.SetDeadline(b.from(t)) }

// SetReadDeadline implements net.Conn.
func (b *bounded) SetReadDeadline(t time.Time) error { return b.Conn.SetReadDeadline(b.from(t)) }

// SetWriteDeadline implements net.Conn.
func (b *bounded) SetWriteDeadline(t time.Time) error { return b.Conn.SetWriteDeadline(b.from(t)) }
