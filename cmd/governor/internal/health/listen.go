package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/net/netutil"
)

// Limits are how long a client may take, and how much there may be of one. The zero
// value is none of it: NewLimits.
type Limits struct {
	Header  time.Duration // until a request's header is there
	Request time.Duration // until all of it is
	Answer  time.Duration // from then until the answer is taken
	Idle    time.Duration // between two requests
	Bytes   int           // of a header
	Clients int           // connections at a time; who comes then waits
	End     time.Duration // how long answers that are under way may take when the process ends
}

// NewLimits are enough for a probe and for Prometheus, and little for anybody else.
func NewLimits() Limits {
	return Limits{
		Header: 2 * time.Second, Request: 5 * time.Second, Answer: 10 * time.Second, Idle: 30 * time.Second,
		Bytes: 8 << 10, Clients: 64, End: 2 * time.Second,
	}
}

// Server serves until it is closed.
type Server struct {
	address string
	http    *http.Server
	end     time.Duration
	ended   chan error
}

// Listen begins to serve at host:port. It fails if nobody can listen there.
func Listen(address string, h http.Handler, l Limits, log *zap.Logger) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("http.listen: %w: give every governor of a machine an address of its own, or write off", err)
	}
	s := &Server{
		address: listener.Addr().String(), end: l.End, ended: make(chan error, 1),
		http: &http.Server{
			Handler: h, ReadHeaderTimeout: l.Header, ReadTimeout: l.Request, WriteTimeout: l.Answer, IdleTimeout: l.Idle,
			MaxHeaderBytes: l.Bytes, ErrorLog: quiet(log),
		},
	}
	go func() { s.ended <- s.http.Serve(netutil.LimitListener(listener, l.Clients)) }()
	return s, nil
}

// quiet takes what net/http says of clients' mistakes to the log, where it is no
// more than debugging.
func quiet(log *zap.Logger) *stdlog.Logger {
	out, err := zap.NewStdLogAt(log.Named("http"), zap.DebugLevel)
	if err != nil {
		return stdlog.New(io.Discard, "", 0)
	}
	return out
}

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// Close lets the answers that are under way be taken, for a while, and ends.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.end)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // whoever does not take his answer does not keep the process
	}
	if served := <-s.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
