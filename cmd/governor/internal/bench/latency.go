package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/crowd"
	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// shares are those of the highest rate at which it is measured how long a decision takes.
func shares() []float64 { return []float64{0.1, 0.5, 0.9} }

// latency measures the time from the append of an intent to that of its decision, both by
// the broker's clock: while intents come at a steady pace, by shares of the highest rate that
// a governor keeps up with.
func latency(ctx context.Context, b *bench) (runs []Run, err error) {
	intents, people, lasting := 300_000, 300_000, 20*time.Second
	if b.o.Quick {
		intents, people, lasting = 3000, 3000, time.Second
	}
	c := crowd.Crowd{Seed: 1, People: orElse(b.o.People, people)}
	err = b.remembering(ctx, c, true, func(p *place) error {
		pacer := &pacer{place: p, crowd: c, lasting: lasting}
		highest, err := pacer.highest(ctx, orElse(b.o.Intents, intents))
		if err != nil {
			return err
		}
		for _, share := range shares() {
			run, err := pacer.run(ctx, share*highest)
			if err != nil {
				return err
			}
			run.Share = share
			runs = append(runs, run)
			b.tell("%.0f %%: %s a second, p50 %.0f ms, p99 %.0f ms", share*100, count(run.Offered), run.P50, run.P99)
		}
		return nil
	})
	return runs, err
}

// pacer measures at one rate after the other.
type pacer struct {
	place   *place
	crowd   crowd.Crowd
	lasting time.Duration
	done    int // intents of the present so far
}

// What it is to keep up: the last decision comes so soon after the last intent was due. A rate
// that is too high is lowered, so often at most.
const (
	soon    = time.Second
	lowered = 0.85
	lower   = 10
)

// highest is the highest rate that the governor keeps up with, while it shares the machine
// with whoever makes the intents. It begins with the rate at which what waits is decided.
func (p *pacer) highest(ctx context.Context, intents int) (float64, error) {
	if err := p.place.loadCrowd(ctx, p.crowd, intents); err != nil {
		return 0, err
	}
	run, err := p.place.governedHouse(ctx, p.crowd, intents)
	if err != nil {
		return 0, err
	}
	p.done = intents
	rate := run.Rate
	if rate == 0 {
		return 0, fmt.Errorf("%d intents are decided too fast to tell at what rate: write more --intents", intents)
	}
	for range lower {
		run, err := p.run(ctx, rate)
		if err != nil {
			return 0, err
		}
		p.place.bench.tell("%s a second: the last decision came %.1f s after the last intent was due", count(rate), run.Behind)
		if run.Behind <= soon.Seconds() {
			return rate, nil
		}
		rate = slower(rate, p.lasting, run.Behind)
	}
	return 0, fmt.Errorf("the governor does not keep up with %.0f intents a second, though it decided %.0f of those that waited: something else is busy on this machine", rate, run.Rate)
}

// slower is the rate to try after one that lasted so long, at the end of which it was so many
// seconds behind: no more than it decided meanwhile.
func slower(rate float64, lasting time.Duration, behind float64) float64 {
	return rate * min(lowered, lasting.Seconds()/(lasting.Seconds()+behind))
}

// run measures at one rate.
func (p *pacer) run(ctx context.Context, rate float64) (Run, error) {
	n := max(1, int(rate*p.lasting.Seconds()))
	run, err := p.place.paced(ctx, p.crowd, p.done, n, rate)
	p.done += n + few
	return run, err
}

// paced has a governor decide n intents as they come, after a few that do not count.
func (p *place) paced(ctx context.Context, c crowd.Crowd, from, n int, rate float64) (Run, error) {
	s, err := p.governors(1, housePolicy)
	if err != nil {
		return Run{}, err
	}
	s.already = int64(remembered(c) + from)
	// Some are decided before it begins: the governor is in its group then.
	if err := p.loadWave(ctx, c, present, from, from+few, time.Now(), now(c)); err != nil {
		return Run{}, err
	}
	from += few
	producer := &producer{place: p, crowd: c, from: from, till: from + n, rate: rate, ready: make(chan struct{}), end: make(chan struct{})}
	over, stop := context.WithCancelCause(ctx)
	go func() {
		defer close(producer.end)
		if err := producer.run(over); err != nil {
			stop(err) // what is not there will never be decided
		}
	}()
	s.progress = func(_ context.Context, more int64) error {
		if producer.warm += more; producer.warm >= few && producer.warm-more < few {
			close(producer.ready)
		}
		return nil
	}
	run, err := p.drain(over, s, few+n)
	stop(nil)
	<-producer.end
	if failed := context.Cause(over); !errors.Is(failed, context.Canceled) && ctx.Err() == nil {
		err = failed
	}
	if err != nil {
		return run, err
	}
	run.N, run.Offered, run.People, run.Governors = n, rate, c.People, 1
	return run, p.waits(ctx, producer.before, &run)
}

// producer appends intents at a steady pace.
type producer struct {
	place      *place
	crowd      crowd.Crowd
	from, till int
	rate       float64

	warm   int64              // decisions before it begins
	ready  chan struct{}      // closed when there were enough
	before map[string][]int64 // where each partition of each topic ended when it began
	end    chan struct{}      // closed when it is through
}

func (p *producer) run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.ready:
	}
	var err error
	if p.before, err = p.place.bench.admin.ends(ctx, p.place.partitions, append(p.place.outputs(), p.place.topic(governor.Intents))...); err != nil {
		return err
	}
	l := p.place.loader(governor.Intents, nil)
	began := time.Now()
	for n := p.from; n < p.till; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tick):
		}
		at := time.Now()
		for due := min(p.till, p.from+int(at.Sub(began).Seconds()*p.rate)); n < due; n++ {
			in := p.crowd.Intent(present, n, p.crowd.Anybody(present, n), at)
			if err := l.add(ctx, consumer.Record{Key: []byte(in.Person), Value: in.AppendJSON(nil), Time: at}); err != nil {
				return err
			}
		}
		if err := l.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// tick is how often a producer sends what is due.
const tick = 5 * time.Millisecond

// waits reads how long each intent waited that was appended later than that.
func (p *place) waits(ctx context.Context, before map[string][]int64, run *Run) error {
	intents := p.topic(governor.Intents)
	asked := make([][]time.Time, p.partitions)
	if err := p.readFrom(ctx, intents, before[intents], func(partition int32, r *consumer.Record) {
		asked[partition] = append(asked[partition], r.Time)
	}); err != nil {
		return err
	}
	run.Verdict = peerwork.Verdict{Reasons: make(map[string]int)}
	var waits []float64
	var came, went span
	for i, topic := range p.outputs() {
		if err := p.readFrom(ctx, topic, before[topic], func(partition int32, r *consumer.Record) {
			at := sourceOf(r) - before[intents][partition]
			if at >= 0 && at < int64(len(asked[partition])) {
				waits = append(waits, float64(r.Time.Sub(asked[partition][at]).Milliseconds()))
				came.add(asked[partition][at])
				went.add(r.Time)
				run.count(r.Value, i == 0)
			}
		}); err != nil {
			return err
		}
	}
	if len(waits) == 0 {
		return errors.New("no decision names the record that it came of")
	}
	run.Behind = behind(came, went, run.N, run.Offered)
	slices.Sort(waits)
	run.P50, run.P99, run.Most = waits[len(waits)/2], waits[len(waits)*99/100], waits[len(waits)-1]
	return nil
}

// behind is how many seconds later the last of n decisions came than the last intent was due,
// at that rate: who makes the intents may not keep up either.
func behind(came, went span, n int, rate float64) float64 {
	return max(0, went.last.Sub(came.first).Seconds()-float64(n)/rate)
}

// sourceOf is the offset of the intent that a decision came of; -1: it names none.
func sourceOf(r *consumer.Record) int64 {
	for _, h := range r.Headers {
		if h.Key == consumer.HeaderSource {
			if s, ok := governor.ParseSource(string(h.Value)); ok && s.Topic == governor.Intents {
				return s.Offset
			}
		}
	}
	return -1
}
