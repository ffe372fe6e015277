package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

// figures are what the essays ask for, as the desk has them when it is asked: of the
// whole cluster and of the time that the desk keeps, so every process says the same. Names
// of campaigns and engines are not among the labels; they are on the page.
type figures struct {
	view func() *desk.View

	caughtUp, since, oneIn, exits, clean, quiet, honour, intents, afterNo, silent, revoked, leaked *prometheus.Desc
}

// Figures lets the figures be told, too. It is called once, by a process that runs a
// desk.
func (m *Meter) Figures(view func() *desk.View) error { return m.registry.Register(newFigures(view)) }

func newFigures(view func() *desk.View) *figures {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &figures{
		view:     view,
		caughtUp: desc("governor_figures_caught_up", "1 if the figures are of everything that was in the topics a moment before, else 0."),
		since:    desc("governor_figures_since_seconds", "From when on the figures are, in seconds since 1970."),
		oneIn:    desc("governor_figures_one_in", "Figures about people are of one in so many, multiplied; 1: of all."),
		exits:    desc("governor_figures_exits", "Refusals, cancellations and complaints that became known, each once."),
		clean:    desc("governor_figures_clean_exits", "Exits after which nobody tried again."),
		quiet:    desc("governor_figures_quiet_seconds", "Of exits that were not clean: from when the no was known to the last attempt of any kind.", "percent"),
		honour:   desc("governor_figures_honour_seconds", "From when a no was known to the last contact that was blocked for it.", "percent"),
		intents:  desc("governor_figures_intents", "Intents that were decided."),
		afterNo:  desc("governor_figures_intents_after_no", "Intents for people who had said no to them; by them and all intents goes the pester index."),
		silent:   desc("governor_figures_silent_people", "People who did not answer for as long as the policy takes for an answer, and are left in silence."),
		revoked:  desc("governor_figures_revoked", "Approvals that were taken back before they were redeemed."),
		leaked:   desc("governor_figures_leaked", "Approvals that a worker had when the no came."),
	}
}

// Describe implements prometheus.Collector.
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		f.caughtUp, f.since, f.oneIn, f.exits, f.clean, f.quiet, f.honour, f.intents, f.afterNo, f.silent, f.revoked, f.leaked,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	put := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	v := f.view()
	put(f.caughtUp, one(v.CaughtUp))
	if v.At.IsZero() {
		return // nothing was read yet, and 0 would be a figure
	}
	is := &v.Figures
	var intents, afterNo int64
	for _, p := range is.Pester {
		intents += p.Intents
		afterNo += p.AfterNo
	}
	put(f.since, float64(v.Since.UnixMilli())/1000)
	for _, n := range []struct {
		desc *prometheus.Desc
		n    int64
	}{
		{f.oneIn, is.OneIn}, {f.exits, is.Exits}, {f.clean, is.CleanExits}, {f.intents, intents}, {f.afterNo, afterNo},
		{f.silent, is.InSilence}, {f.revoked, is.Revoked}, {f.leaked, is.Leaked},
	} {
		put(n.desc, float64(n.n))
	}
	for _, q := range []struct {
		desc *prometheus.Desc
		desk.Quantiles
	}{{f.quiet, is.ToQuiet}, {f.honour, is.ToHonour}} {
		if q.N == 0 {
			continue
		}
		for name, took := range map[string]time.Duration{"50": q.P50, "99": q.P99} {
			put(q.desc, took.Seconds(), name)
		}
	}
}
