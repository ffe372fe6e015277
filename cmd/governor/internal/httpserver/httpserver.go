// Package httpserver is an HTTP server that no client can keep: everything takes its time
// and no more, there are so many clients and no more, and it ends when it is told to.
package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/net/netutil"
)

// Limits are how long a client may take, and how much there may be of one. The zero
// value is none of it: whoever serves has limits of its own.
type Limits struct {
	Header  time.Duration // until a request's header is there
	Request time.Duration // until all of it is
	Answer  time.Duration // from then until the answer is taken
	Idle    time.Duration // between two requests
	Bytes   int           // of a header
	Clients int           // connections at a time; who comes then waits
	End     time.Duration // how long answers that are under way may take when the process ends
}

// Server serves until it is closed.
type Server struct {
	address string
	http    *http.Server
	end     time.Duration
	ended   chan error
}

// Listen begins to serve at host:port, under TLS where there is a configuration of it.
// It fails if nobody can listen there. What net/http says of clients' mistakes goes to
// the log, where it is no more than debugging.
func Listen(address string, h http.Handler, secure *tls.Config, l Limits, log *zap.Logger) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{
		address: listener.Addr().String(), end: l.End, ended: make(chan error, 1),
		http: &http.Server{
			Handler: h, ReadHeaderTimeout: l.Header, ReadTimeout: l.Request, WriteTimeout: l.Answer, IdleTimeout: l.Idle,
			MaxHeaderBytes: l.Bytes, ErrorLog: quiet(log), TLSConfig: secure,
		},
	}
	clients := netutil.LimitListener(listener, l.Clients)
	go func() {
		defer close(s.ended)
		if secure != nil {
			s.ended <- s.http.ServeTLS(clients, "", "")
		} else {
			s.ended <- s.http.Serve(clients)
		}
	}()
	return s, nil
}

func quiet(log *zap.Logger) *stdlog.Logger {
	out, err := zap.NewStdLogAt(log, zap.DebugLevel)
	if err != nil {
		return stdlog.New(io.Discard, "", 0)
	}
	return out
}

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// Close lets the answers that are under way be taken, for a while, and ends. To close
// what is closed is nothing.
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
