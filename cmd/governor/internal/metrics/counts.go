package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// counts are what batches add up to. It is a consumer.Observer of the batches; of
// holds the board knows more.
type counts struct {
	took func(partition int32) time.Duration

	batches     prometheus.Counter
	seconds     prometheus.Histogram
	records     *prometheus.CounterVec
	decisions   *prometheus.CounterVec
	revocations prometheus.Counter
	quieted     prometheus.Histogram
	answers     *prometheus.CounterVec
	leaks       prometheus.Counter
	contrary    prometheus.Counter
	dead        prometheus.Counter
	ignored     prometheus.Counter
}

func newCounts(took func(partition int32) time.Duration) *counts {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	c := &counts{
		took:    took,
		batches: counter("governor_batches_total", "Batches that were remembered and emitted."),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "governor_batch_seconds", Help: "How long a batch took, from having its records until everything was emitted.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "governor_records_total", Help: "Records that were read and settled.",
		}, []string{"topic"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "governor_decisions_total", Help: "Decisions that this process made and emitted.",
		}, []string{"verdict"}),
		revocations: counter("governor_revocations_total", "Approvals that were taken back."),
		quieted: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "governor_revocation_seconds", Help: "From the append of a signal to that of the revocation it brought about.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "governor_redemptions_total", Help: "Answers to workers that asked, just before a contact, whether it still may begin.",
		}, []string{"answer"}),
		leaks:    counter("governor_leaks_total", "Approvals that a worker had taken, and not told of, when the person said no."),
		contrary: counter("governor_contradicting_outcomes_total", "Contacts of which it was said that they happened, and that they did not."),
		dead:     counter("governor_dead_letters_total", "Records that could not be read and went to contact.deadletter."),
		ignored:  counter("governor_ignored_fields_total", "Fields of messages that no message has."),
	}
	for _, topic := range []string{"intents", "signals"} { // so that they are there, as 0, from the beginning
		c.records.WithLabelValues(topic)
	}
	for _, verdict := range []string{"approved", "vetoed"} {
		c.decisions.WithLabelValues(verdict)
	}
	for _, answer := range []string{"yes", "other"} {
		c.answers.WithLabelValues(answer)
	}
	return c
}

func (c *counts) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.batches, c.seconds, c.records, c.decisions, c.revocations, c.quieted, c.answers, c.leaks, c.contrary, c.dead, c.ignored}
}

// Committed implements consumer.Observer.
func (c *counts) Committed(partition int32, b consumer.BatchReport) {
	c.batches.Inc()
	c.seconds.Observe(c.took(partition).Seconds())
	c.records.WithLabelValues("intents").Add(float64(b.Intents))
	c.records.WithLabelValues("signals").Add(float64(b.Signals))
	c.decisions.WithLabelValues("approved").Add(float64(b.Emitted[governor.Approved]))
	c.decisions.WithLabelValues("vetoed").Add(float64(b.Emitted[governor.Vetoed]))
	c.revocations.Add(float64(b.Emitted[governor.Revoked]))
	for _, took := range b.Quieted {
		c.quieted.Observe(took.Seconds())
	}
	c.answers.WithLabelValues("yes").Add(float64(b.Redeemed))
	c.answers.WithLabelValues("other").Add(float64(b.Emitted[governor.Redemption] - b.Redeemed))
	c.leaks.Add(float64(b.Emitted[governor.Leaked]))
	c.contrary.Add(float64(b.Contradicted))
	c.dead.Add(float64(b.DeadLetters))
	c.ignored.Add(float64(b.Ignored))
}

// Acquired implements consumer.Observer.
func (c *counts) Acquired(int32, int64) {}

// Held implements consumer.Observer.
func (c *counts) Held(int32, error, time.Time) {}

// Rebuilding implements consumer.Observer.
func (c *counts) Rebuilding(int32, consumer.Progress) {}

// Resumed implements consumer.Observer.
func (c *counts) Resumed(int32, time.Duration) {}

// Released implements consumer.Observer.
func (c *counts) Released(int32) {}
