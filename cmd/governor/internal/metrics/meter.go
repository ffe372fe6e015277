package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
)

// Meter has all the metrics of one process. It is a consumer.Observer, and must
// hear of a batch after the board has (health.All).
type Meter struct {
	*counts
	registry *prometheus.Registry
}

// New makes a meter of what the board knows, and what the meter will be told.
// Policy says which one is in force.
func New(version string, policy func() (name, hash string), board *health.Board) (*Meter, error) {
	m := &Meter{counts: newCounts(board.Took), registry: prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "governor_build_info", Help: "1, for the version that runs.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	all := append(m.collectors(), build, newPresent(board, policy),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range all {
		if err := m.registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// What a scrape may cost.
const (
	scrapes    = 4 // at a time
	scrapeTime = 5 * time.Second
)

// Handler answers to Prometheus.
func (m *Meter) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: scrapes, Timeout: scrapeTime,
	})
}
