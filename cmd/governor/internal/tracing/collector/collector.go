package collector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
)

// Options say where the collector is.
type Options struct {
	Endpoint    *url.URL      // to which spans are posted, http or https
	TLS         tlsdial.Files // of https; read for each connection
	HeadersFile string        // what is sent with them, read each time; empty: nothing
}

// Client is the way to one collector.
type Client struct {
	o    Options
	http http.Client
	life context.Context
	end  context.CancelFunc
}

var _ otlptrace.Client = (*Client)(nil)

// The bounds of one attempt to send spans, and of all of them.
const (
	attempts    = 4
	firstPause  = 200 * time.Millisecond
	mostPause   = 5 * time.Second
	mostAnswer  = 64 << 10
	oneAttempt  = 5 * time.Second
	idleTimeout = 30 * time.Second
)

// New is a client. Nothing is connected before there is something to send.
func New(o Options) *Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1, IdleConnTimeout: idleTimeout, ForceAttemptHTTP2: false,
		DialContext:    (&net.Dialer{Timeout: oneAttempt}).DialContext,
		DialTLSContext: o.TLS.Dial,
	}
	if o.Endpoint.Scheme == "https" {
		transport.Proxy = nil // it would end the connection that only the collector may end
	}
	life, end := context.WithCancel(context.Background())
	return &Client{o: o, life: life, end: end, http: http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a secret in a header is for nobody else
	}}
}

// Start implements otlptrace.Client: there is nothing to begin.
func (c *Client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *Client) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// End ends sending at once, and for good: what is under way fails, and so does what comes.
func (c *Client) End() { c.end() }

// UploadTraces implements otlptrace.Client. What a collector that is busy or away may
// take in a moment is sent again, until ctx ends or that was tried a few times.
func (c *Client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// On the wire this is an ExportTraceServiceRequest, whose package brings gRPC.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return fmt.Errorf("write spans: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	pause := firstPause
	for attempt := 1; ; attempt++ {
		again, err := c.post(ctx, body)
		if again < 0 || attempt == attempts {
			return err
		}
		timer := time.NewTimer(min(max(again, pause), mostPause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
		pause *= 2
	}
}

// never says that to send it again is no use.
const never = time.Duration(-1)

// post sends spans once. It says how long to wait before they may be sent again, at
// least.
func (c *Client) post(ctx context.Context, body []byte) (again time.Duration, err error) {
	headers, err := readHeaders(c.o.HeadersFile)
	if err != nil {
		return never, err
	}
	attempt, cancel := context.WithTimeout(ctx, oneAttempt)
	defer cancel()
	req, err := http.NewRequestWithContext(attempt, http.MethodPost, c.o.Endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return never, err
	}
	req.Header = headers
	req.Header.Set("Content-Type", "application/x-protobuf")
	res, err := c.http.Do(req)
	if err != nil {
		var said *url.Error
		if errors.As(err, &said) {
			err = said.Err // its words repeat the address, with what may be a secret in it
		}
		return 0, fmt.Errorf("the collector at %s: %w", c.o.Endpoint.Host, err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch res.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		if n := rejected(answer); n > 0 {
			return never, fmt.Errorf("the collector at %s refused %d spans", c.o.Endpoint.Host, n)
		}
		return never, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return time.Duration(max(0, min(seconds, 3600))) * time.Second, c.refused(res.StatusCode)
	}
	return never, c.refused(res.StatusCode)
}

// refused tells what a status means, and what to do.
func (c *Client) refused(status int) error {
	advice := ""
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		advice = "; let tracing.headers_file have what it asks for"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		advice = "; let tracing.endpoint have the whole path, which mostly ends in /v1/traces"
	}
	return fmt.Errorf("the collector at %s answers %d %s%s", c.o.Endpoint.Host, status, http.StatusText(status), advice)
}
