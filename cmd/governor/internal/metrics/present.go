package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
)

// present is how the process fares at the instant of being asked: what holds and
// how long, how far behind, and under which policy. What is not the case any more
// is not there any more.
type present struct {
	board  *health.Board
	policy func() (name, hash string)

	ready, partitions, hold, holds, held, lagRecords, lagSeconds, inForce *prometheus.Desc
}

func newPresent(board *health.Board, policy func() (name, hash string)) *present {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &present{
		board: board, policy: policy,
		ready:      desc("governor_ready", "1 if the process is in its group and all its partitions decide, else 0."),
		partitions: desc("governor_partitions", "Partitions that are this process's, by what they do.", "state"),
		hold:       desc("governor_hold_seconds", "How long the hold lasts that goes on now; absent where nothing is held.", "partition", "class"),
		holds:      desc("governor_holds_total", "Holds that began, by their first cause.", "class"),
		held:       desc("governor_held_seconds_total", "Seconds of holds, those that go on included; two partitions held for a second are two.", "class"),
		lagRecords: desc("governor_lag_records", "Records that are there and were not fetched yet, as of the last fetch.", "topic", "partition"),
		lagSeconds: desc("governor_lag_seconds", "For how long the oldest intent that was fetched and is not known to be answered has been in the log.", "partition"),
		inForce:    desc("governor_policy_info", "1, for the policy in force.", "name", "hash"),
	}
}

// Describe implements prometheus.Collector.
func (p *present) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.ready, p.partitions, p.hold, p.holds, p.held, p.lagRecords, p.lagSeconds, p.inForce} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (p *present) Collect(out chan<- prometheus.Metric) {
	s := p.board.Status()
	put := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	put(p.ready, prometheus.GaugeValue, one(s.Ready))
	states := make(map[health.State]int)
	for _, of := range s.Partitions {
		states[of.State]++
		number := strconv.Itoa(int(of.Number))
		put(p.lagRecords, prometheus.GaugeValue, float64(of.Intents), "intents", number)
		put(p.lagRecords, prometheus.GaugeValue, float64(of.Signals), "signals", number)
		put(p.lagSeconds, prometheus.GaugeValue, of.Lag.Seconds(), number)
	}
	for _, state := range health.States() {
		put(p.partitions, prometheus.GaugeValue, float64(states[state]), string(state))
	}
	longest := make(map[[2]string]float64) // the start may wait for one thing only, but a scrape must never fail
	for _, h := range s.Holds {
		at := [2]string{h.Place, string(h.Class)}
		longest[at] = max(longest[at], h.For.Seconds())
	}
	for at, seconds := range longest {
		put(p.hold, prometheus.GaugeValue, seconds, at[0], at[1])
	}
	for _, class := range health.Classes() {
		put(p.holds, prometheus.CounterValue, float64(s.Begun[class]), string(class))
		put(p.held, prometheus.CounterValue, s.Held[class].Seconds(), string(class))
	}
	name, hash := p.policy()
	put(p.inForce, prometheus.GaugeValue, 1, name, hash)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
