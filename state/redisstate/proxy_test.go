package redisstate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// proxy is a TCP proxy that can swallow what the server answers to scripts and
// transactions. It
// lets the rest through, so that a client that tries again gets a connection on
// which to do so.
type proxy struct {
	addr    string
	swallow atomic.Bool
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{addr: listener.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(func() { listener.Close(); all.Wait() })
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			script := &atomic.Bool{} // was the last thing that the client sent
			all.Go(func() { io.Copy(asked(server, script), client); server.Close() })
			all.Go(func() { io.Copy(p.answers(client, script), server); client.Close() })
		}
	})
	return p
}

func asked(to io.Writer, script *atomic.Bool) io.Writer {
	return writer(func(b []byte) (int, error) {
		low := bytes.ToLower(b)
		script.Store(bytes.Contains(low, []byte("evalsha")) || bytes.Contains(low, []byte("exec")))
		return to.Write(b)
	})
}

func (p *proxy) answers(to io.Writer, script *atomic.Bool) io.Writer {
	return writer(func(b []byte) (int, error) {
		if p.swallow.Load() && script.Load() {
			return len(b), nil
		}
		return to.Write(b)
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// The answer never comes. The call ends in time, the command ran once, and the
// next owner finds that it did.
func TestAnAnswerThatNeverComes(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		addr := server.addr(t)
		p := newProxy(t, addr)
		slow := NewClient(ClientOptions{Addrs: []string{p.addr}, Timeout: 2 * time.Second})
		t.Cleanup(func() { slow.Close() })
		direct := NewClient(ClientOptions{Addrs: []string{addr}, Timeout: time.Minute})
		t.Cleanup(func() { direct.Close() })
		s := server.open(t, Options{})
		through, beside := *s, *s
		through.client, beside.client = slow, direct
		s.client = direct // for cleaning up

		// Warm: a connection is there, so that what is swallowed is the answer to
		// the command itself.
		warm := func() {
			t.Helper()
			_, err := through.Load(t.Context(), 3, []rules.PersonID{"ada"})
			must(t, err)
		}
		unanswered := func(atMost time.Duration, call func(ctx context.Context) error) {
			t.Helper()
			warm()
			p.swallow.Store(true)
			defer p.swallow.Store(false)
			begun := time.Now()
			if err := call(t.Context()); err == nil || errors.Is(err, state.ErrFenced) || errors.Is(err, state.ErrMoved) {
				t.Errorf("no answer is told as %v", err)
			}
			if took := time.Since(begun); took > atMost {
				t.Errorf("it took %s to give up", took)
			}
		}
		must(t, acquireOnly(t, &through, "ann"))
		must(t, through.Commit(t.Context(), 3, step("ann", 1, "one")))

		unanswered(5*time.Second, func(ctx context.Context) error { return through.Commit(ctx, 3, step("ann", 2, "two")) })
		h, err := beside.Acquire(t.Context(), 3, "bob")
		must(t, err)
		if h.Mark.Batch != 2 || string(h.Outbox) != "two" {
			t.Errorf("the commit that took effect is not found: %+v", h)
		}

		unanswered(5*time.Second, func(ctx context.Context) error {
			_, err := through.Acquire(ctx, 3, "cem")
			return err
		})
		unanswered(1500*time.Millisecond, func(ctx context.Context) error { // sooner than the client's own timeout
			ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, err := through.Acquire(ctx, 3, "dan")
			return err
		})
		h, err = beside.Acquire(t.Context(), 3, "eve")
		must(t, err)
		if h.Epoch != 5 { // ann, bob, cem, dan, eve
			t.Errorf("the epoch is %d: something was sent twice", h.Epoch)
		}
	})
}
