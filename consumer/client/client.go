package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Client asks one governor, or several behind one address. Any number of goroutines
// may use it.
type Client struct {
	base    string
	http    *http.Client
	bearer  func(context.Context) (string, error) // nil: none is sent
	attempt time.Duration
}

// Option changes what New makes.
type Option func(*Client)

// Bearer has every request carry the token that the function returns just then.
func Bearer(token func(context.Context) (string, error)) Option {
	return func(c *Client) { c.bearer = token }
}

// BearerFile has every request carry the token that is in the file just then; so a new
// one holds without a restart.
func BearerFile(path string) Option {
	return Bearer(func(context.Context) (string, error) {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(b))
		if token == "" {
			return "", fmt.Errorf("%s is empty: write the token into it", path)
		}
		return token, nil
	})
}

// TLS says which authorities are believed, and which certificate is shown. Without it
// they are those of the system, and none.
func TLS(config *tls.Config) Option {
	return func(c *Client) {
		c.http.Transport = transport(config)
	}
}

// Attempt is how long one request may take before its answer counts as lost; 10 seconds
// without it. How long there are attempts is up to the context of each call.
func Attempt(d time.Duration) Option {
	return func(c *Client) { c.attempt = d }
}

// New is a client of the governor at base, like https://governor.internal:8471. It
// connects nothing yet. A token is not sent without TLS, but to this machine itself:
// whoever is on the way could use it to say yes in the governor's place.
func New(base string, options ...Option) (*Client, error) {
	c := &Client{attempt: 10 * time.Second}
	c.http = &http.Client{
		Transport: transport(nil),
		// Who is sent elsewhere with a question has no answer, and must not take the
		// token there.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, o := range options {
		o(c)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("where is the governor? Write an address like https://governor.internal:8471")
	case u.User != nil:
		return nil, errors.New("the governor takes no user and password: use client.BearerFile")
	case c.attempt <= 0:
		return nil, fmt.Errorf("an attempt of %v is none: write for example 10s", c.attempt)
	case u.Scheme == "http" && c.bearer != nil && !thisMachine(u.Hostname()):
		return nil, fmt.Errorf("a token to %s would go over the network for everybody to read: write https", u.Host)
	}
	c.base = strings.TrimSuffix(u.String(), "/")
	return c, nil
}

// Close ends connections that are idle.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// transport uses no proxy of the environment: what a proxy says is not the governor's word.
func transport(config *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
	}
}

// thisMachine says whether what goes there leaves no machine.
func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
