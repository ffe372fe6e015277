package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	schemaregistry "github.com/contactgovernor/governor/consumer/registry"
)

// Framing is the schema registry of a configuration, between the log and whoever reads
// or writes it. The zero value is that of a configuration without one: what passes stays
// as it is.
type Framing struct{ registry *schemaregistry.Registry }

// NewFraming connects nothing yet.
func NewFraming(c *config.Config) (Framing, error) {
	s := &c.Registry
	if len(s.URLs) == 0 {
		return Framing{}, nil
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 4, IdleConnTimeout: longRest, TLSHandshakeTimeout: s.Timeout,
		DialTLSContext: files(&config.TLS{CAFile: s.TLS.CAFile, ServerName: s.TLS.ServerName, CertFile: s.TLS.CertFile, KeyFile: s.TLS.KeyFile}).Dial,
	}
	r, err := schemaregistry.New(schemaregistry.Options{
		URLs: s.URLs, HTTP: &http.Client{Transport: transport, Timeout: s.Timeout}, Authorize: authorize(s),
		Prefix: c.Kafka.Topics.Prefix, Outputs: schemaregistry.Format(s.Outputs), Register: s.Register,
	})
	return Framing{r}, err
}

// authorize says on a request who asks. The files are read each time.
func authorize(c *config.Registry) func(*http.Request) error {
	switch {
	case c.TokenFile != "":
		return func(r *http.Request) error {
			token, err := secretIn(c.TokenFile)()
			if err != nil {
				return fmt.Errorf("registry.token_file: %w", err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
	case c.PasswordFile != "":
		return func(r *http.Request) error {
			password, err := secretIn(c.PasswordFile)()
			if err != nil {
				return fmt.Errorf("registry.password_file: %w", err)
			}
			r.SetBasicAuth(c.Username, password)
			return nil
		}
	}
	return nil
}

// Reader reads through the registry what log reads.
func (f Framing) Reader(log consumer.Reader) consumer.Reader {
	if f.registry == nil {
		return log
	}
	return f.registry.Reader(log)
}

// Plain makes of a record what a Reader makes of it, for whoever reads the log by other
// means.
func (f Framing) Plain(ctx context.Context, topic string, r *consumer.Record) error {
	if f.registry == nil {
		return nil
	}
	return f.registry.Plain(ctx, topic, r)
}

// writer writes through the registry what the workers write. Without the ids of the
// schemas there is none.
func (f Framing) writer(ctx context.Context, open func() consumer.Writer) (consumer.Writer, error) {
	if f.registry == nil {
		return health.Writer(open()), nil
	}
	if err := f.registry.Pin(ctx); err != nil {
		return nil, err
	}
	return f.registry.Writer(ctx, health.Writer(open()))
}
