package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"os"
	"sync"
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

// NewLimits are those for answers that may take so long, and as long again until they
// are audited.
func NewLimits(answer time.Duration) Limits {
	return Limits{
		Header: 5 * time.Second, Request: 10 * time.Second, Answer: 2*answer + 10*time.Second, Idle: 2 * time.Minute,
		Bytes: 32 << 10, Clients: 1024, End: 2*answer + time.Second,
	}
}

// Certificate says where the server's certificate and its key are, in PEM. The zero
// value is none: then there is no TLS.
type Certificate struct{ Cert, Key string }

// Server serves until it is closed.
type Server struct {
	address string
	http    *http.Server
	end     time.Duration
	ended   chan error
}

// Listen begins to serve at host:port. It fails if nobody can listen there, or if the
// certificate cannot be used.
func Listen(address string, h http.Handler, certificate Certificate, l Limits, log *zap.Logger) (*Server, error) {
	s := &Server{end: l.End, ended: make(chan error, 1)}
	s.http = &http.Server{
		Handler: h, ReadHeaderTimeout: l.Header, ReadTimeout: l.Request, WriteTimeout: l.Answer, IdleTimeout: l.Idle,
		MaxHeaderBytes: l.Bytes, ErrorLog: quiet(log),
	}
	serve := s.http.Serve
	if certificate != (Certificate{}) {
		keeper := &keeper{Certificate: certificate, log: log}
		if _, err := keeper.get(nil); err != nil {
			return nil, fmt.Errorf("api.tls: %w: write the paths of a certificate and its key, in PEM", err)
		}
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: keeper.get}
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("api.listen: %w: give every governor of a machine an address of its own, or write off", err)
	}
	s.address = listener.Addr().String()
	go func() { s.ended <- serve(netutil.LimitListener(listener, l.Clients)) }()
	return s, nil
}

// quiet takes what net/http says of clients' mistakes to the log, where it is no
// more than debugging.
func quiet(log *zap.Logger) *stdlog.Logger {
	out, err := zap.NewStdLogAt(log.Named("api"), zap.DebugLevel)
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

// keeper has the certificate as it is in its files: it is read for each connection,
// and made anew where it changed. Files that do not fit one another, as while they are
// being replaced, leave the one before.
type keeper struct {
	Certificate
	log *zap.Logger

	mu        sync.Mutex
	cert, key []byte
	now       *tls.Certificate
}

func (k *keeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	cert, err := os.ReadFile(k.Cert)
	if err != nil {
		return k.before(err)
	}
	key, err := os.ReadFile(k.Key)
	if err != nil {
		return k.before(err)
	}
	if k.now != nil && bytes.Equal(cert, k.cert) && bytes.Equal(key, k.key) {
		return k.now, nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return k.before(err)
	}
	k.cert, k.key, k.now = cert, key, &pair
	return k.now, nil
}

// before is the certificate before, if there was one.
func (k *keeper) before(why error) (*tls.Certificate, error) {
	if k.now == nil {
		return nil, why
	}
	k.log.Warn("the certificate of the API cannot be read, and the one before is shown: mend api.tls", zap.Error(why))
	return k.now, nil
}
