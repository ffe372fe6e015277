package health

import (
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
)

// NewLimits are enough for a probe and for Prometheus, and little for anybody else.
func NewLimits() httpserver.Limits {
	return httpserver.Limits{
		Header: 2 * time.Second, Request: 5 * time.Second, Answer: 10 * time.Second, Idle: 30 * time.Second,
		Bytes: 8 << 10, Clients: 64, End: 2 * time.Second,
	}
}

// Listen begins to serve at host:port. It fails if nobody can listen there.
func Listen(address string, h http.Handler, l httpserver.Limits, log *zap.Logger) (*httpserver.Server, error) {
	s, err := httpserver.Listen(address, h, nil, l, log.Named("http"))
	if err != nil {
		return nil, fmt.Errorf("http.listen: %w: give every governor of a machine an address of its own, or write off", err)
	}
	return s, nil
}
