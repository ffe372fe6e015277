package simulation_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// wire is all that connects one governor with Kafka, or with Redis. Its zero value
// is a good one, without any latency; it must have an opener.
//
// What a client has written is on its way and arrives, even if the client hangs up
// before: that is how a request of the dead lands.
type wire struct {
	open     func(ctx context.Context, address string) (net.Conn, error)
	emitting *atomic.Int64   // how many produces are on their way, of all wires; may be nil
	traffic  *sync.WaitGroup // what is on its way

	mu      sync.Mutex
	conns   map[*conn]bool
	dead    bool          // from one instant to the next, nothing gets through any more
	mute    time.Time     // until then what is sent is lost, and nobody can connect
	frozen  time.Time     // until then nothing moves; then it does
	latency time.Duration // of each direction
	lose    int           // so many answers to requests that change something get lost
	hangUp  bool          // who loses an answer finds the connection closed, and need not wait
	late    time.Duration // the next produce arrives so late
	sent    func()        // called when that was sent
}

var errUnreachable = errors.New("the network is unreachable")

// dial opens a connection over the wire.
func (w *wire) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if lost, _, _ := w.now(); lost {
		return nil, errUnreachable
	}
	end, err := w.open(ctx, address)
	if err != nil {
		return nil, err
	}
	c := &conn{server: end, wire: w, changed: make(chan struct{})}
	w.set(func(w *wire) {
		if w.conns == nil {
			w.conns = make(map[*conn]bool)
		}
		w.conns[c] = true
	})
	w.traffic.Go(c.send)
	w.traffic.Go(c.receive)
	if lost, _, _ := w.now(); lost { // meanwhile
		_ = c.Close()
		return nil, errUnreachable
	}
	return c, nil
}

// set changes the wire.
func (w *wire) set(change func(w *wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// cut ends every connection, in the middle of whatever it carries.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.server.Close()
	}
}

// die lets nothing through any more, but what is on its way.
func (w *wire) die() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
	for c := range w.conns {
		c.change(func() { c.closed = true })
	}
}

// heal ends every fault of the wire.
func (w *wire) heal() {
	w.set(func(w *wire) { w.mute, w.frozen, w.latency, w.lose, w.late = time.Time{}, time.Time{}, 0, 0, 0 })
}

// now is how the wire is at the moment.
func (w *wire) now() (lost, hangUp bool, arrives time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	arrives = now.Add(w.latency)
	if arrives.Before(w.frozen) {
		arrives = w.frozen
	}
	return w.dead || now.Before(w.mute), w.hangUp, arrives
}

// loses says whether the answer to a request gets lost that is sent now.
func (w *wire) loses(request []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lose == 0 || !changes(request) {
		return false
	}
	w.lose--
	return true
}

// lateness is how much later than everything else a request arrives.
func (w *wire) lateness(request []byte) (late time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.late > 0 && produces(request) {
		late, w.late = w.late, 0
		go w.sent()
	}
	return late
}

// count notes that a request is on its way, or is no more.
func (w *wire) count(request []byte, by int64) {
	if w.emitting != nil && produces(request) {
		w.emitting.Add(by)
	}
}

// changes says whether it is a request that changes something: a produce, or a
// script. Both protocols tell at the beginning.
func changes(b []byte) bool {
	return produces(b) || bytes.Contains(b[:min(len(b), 32)], []byte("eval"))
}

func produces(b []byte) bool {
	return len(b) >= 6 && int(binary.BigEndian.Uint32(b)) == len(b)-4 && binary.BigEndian.Uint16(b[4:]) == 0
}

// conn is one connection, as its client has it. It takes from the server whatever
// the client does, as a kernel would, so that a server never waits for a client.
type conn struct {
	server net.Conn
	wire   *wire

	mu      sync.Mutex
	changed chan struct{} // closed when anything here has
	out     []parcel
	in      []parcel
	ended   error // why nothing more comes in
	closed  bool
	readBy  time.Time
	deaf    bool // no answer arrives any more
}

// parcel is what was written at once.
type parcel struct {
	bytes   []byte
	arrives time.Time
}

// change changes the connection and lets everybody look.
func (c *conn) change(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	close(c.changed)
	c.changed = make(chan struct{})
}

// Write implements net.Conn: it never waits, as if there were room in the kernel.
func (c *conn) Write(b []byte) (n int, err error) {
	lost, _, arrives := c.wire.now()
	deaf := lost || c.wire.loses(b)
	arrives = arrives.Add(c.wire.lateness(b))
	c.change(func() {
		if c.closed || c.ended != nil {
			err = net.ErrClosed
			return
		}
		n, c.deaf = len(b), c.deaf || deaf
		if !lost {
			c.wire.count(b, 1)
			c.out = append(c.out, parcel{bytes.Clone(b), arrives})
		}
	})
	return n, err
}

// send brings what was written, each at its time, until there is nothing left of a
// connection that was closed.
func (c *conn) send() {
	for {
		c.mu.Lock()
		changed, left, done := c.changed, len(c.out), c.closed
		var p parcel
		if left > 0 {
			p, c.out = c.out[0], c.out[1:]
		}
		c.mu.Unlock()
		switch {
		case left > 0:
			time.Sleep(time.Until(p.arrives))
			_, _ = c.server.Write(p.bytes) // with nobody there it is lost
			c.wire.count(p.bytes, -1)
		case done:
			time.Sleep(time.Millisecond) // what has arrived is read to its end
			_ = c.server.Close()
			c.wire.set(func(w *wire) { delete(w.conns, c) })
			return
		default:
			<-changed
		}
	}
}

// receive takes what the server says.
func (c *conn) receive() {
	b := make([]byte, 32<<10)
	for {
		n, err := c.server.Read(b)
		lost, hangUp, arrives := c.wire.now()
		c.change(func() {
			switch c.deaf = c.deaf || lost; {
			case n > 0 && !c.deaf:
				c.in = append(c.in, parcel{bytes.Clone(b[:n]), arrives})
			case n > 0 && hangUp:
				c.ended = io.EOF
			}
			if err != nil && c.ended == nil {
				c.ended = io.EOF
			}
		})
		if err != nil {
			return
		}
	}
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	for {
		c.mu.Lock()
		now, changed, next := time.Now(), c.changed, c.readBy
		switch {
		case c.closed:
			c.mu.Unlock()
			return 0, net.ErrClosed
		case !c.readBy.IsZero() && !now.Before(c.readBy):
			c.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case len(c.in) == 0 && c.ended != nil:
			c.mu.Unlock()
			return 0, c.ended
		case len(c.in) > 0 && !now.Before(c.in[0].arrives):
			n := copy(b, c.in[0].bytes)
			if c.in[0].bytes = c.in[0].bytes[n:]; len(c.in[0].bytes) == 0 {
				c.in = c.in[1:]
			}
			c.mu.Unlock()
			return n, nil
		case len(c.in) > 0 && (next.IsZero() || c.in[0].arrives.Before(next)):
			next = c.in[0].arrives
		}
		c.mu.Unlock()
		if next.IsZero() {
			<-changed
			continue
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Close implements net.Conn. What is on its way arrives.
func (c *conn) Close() error {
	c.change(func() { c.closed = true })
	return nil
}

// SetDeadline implements net.Conn; who writes never waits.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.change(func() { c.readBy = t })
	return nil
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.server.LocalAddr() }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.server.RemoteAddr() }
