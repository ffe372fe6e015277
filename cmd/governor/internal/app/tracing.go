package app

import (
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/tlsdial"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing"
)

// Tracing is what the configuration says of it: nil, without an error, where that names
// no collector. It is to be closed when the app and what is served are.
func Tracing(c *config.Config, version string, log *zap.Logger) (*tracing.Tracing, error) {
	t := &c.Tracing
	return tracing.New(tracing.Options{
		Endpoint: t.Endpoint, HeadersFile: t.HeadersFile, Ratio: t.Ratio,
		TLS:     tlsdial.Files{CA: t.TLS.CAFile, ServerName: t.TLS.ServerName, Cert: t.TLS.CertFile, Key: t.TLS.KeyFile},
		Version: version, Group: c.Kafka.Group, Prefix: c.Kafka.Topics.Prefix, Log: log.Named("tracing"),
	})
}
