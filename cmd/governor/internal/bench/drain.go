package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/progress"
)

// subject is what is measured: a governor, several, or a copy.
type subject struct {
	name  string
	log   string // what it says
	start func() ([]Process, error)

	outputs []string // what it writes, one record for each that it reads
	already int64    // records were there before

	progress func(ctx context.Context, answered int64) error // is told of more that were answered; may be nil

	killAt int // after so many it is killed and started again, once; 0: never
}

const (
	lookEvery = 200 * time.Millisecond
	quiet     = 3 * time.Second // after the last decision nothing more may come for so long
	stalled   = 2 * time.Minute // without a decision it is taken for one that will never end
)

// look is how often it is looked how far the subject is: one that is to be killed in the
// middle is watched closely.
func (s *subject) look() time.Duration {
	if s.killAt > 0 {
		return lookEvery / 20
	}
	return lookEvery
}

// draining is a subject at work.
type draining struct {
	place     *place
	s         subject
	n         int // records that it is to answer
	processes []Process
	run       Run
	bar       *progress.Reading // begins with the first decision: before, nothing tells how long it will take

	before, first, last used
	had                 int64   // records that were answered when it was looked last
	killed              float64 // the processor time of those that are no more
}

// drain starts the subject, waits until it has answered n records, and ends it. What was
// used is as of when the last was seen.
func (p *place) drain(ctx context.Context, s subject, n int) (Run, error) {
	d := &draining{place: p, s: s, n: n, run: Run{Subject: s.name, N: n}, bar: new(progress.Reading)}
	var err error
	if d.before, err = p.bench.rested(ctx); err != nil {
		return d.run, err
	}
	d.last = d.before
	d.run.began = time.Now()
	d.processes, err = s.start()
	defer func() {
		for _, process := range d.processes {
			process.Stop()
		}
		for _, process := range d.processes {
			end(process)
		}
	}()
	defer func() { d.bar.End() }()
	for over := false; err == nil && !over; {
		select {
		case <-ctx.Done():
			return d.run, errInterrupted
		case <-time.After(d.s.look()):
		}
		over, err = d.look(ctx)
	}
	if err != nil {
		return d.run, err
	}
	d.sum()
	return d.run, nil
}

// look looks how far the subject is, and says whether it is through.
func (d *draining) look(ctx context.Context) (over bool, err error) {
	for _, process := range d.processes {
		select {
		case <-process.Ended():
			return false, ended(d.s.log)
		default:
		}
	}
	now, err := d.place.answered(ctx, d.s.outputs)
	if err != nil {
		return false, err
	}
	now -= d.s.already
	b := d.place.bench
	u, err := b.use(ctx, d.processes...)
	if err != nil {
		return false, err
	}
	u.own += d.killed
	if more := now - d.had; more != 0 {
		if d.had == 0 {
			d.first, d.bar = u, b.bar(d.n)
		}
		d.bar.Add(more)
		d.had, d.last = now, u
		if d.s.progress != nil {
			if err := d.s.progress(ctx, more); err != nil {
				return false, err
			}
		}
	}
	if d.s.killAt > 0 && now >= int64(d.s.killAt) {
		return false, d.kill(u.own)
	}
	still := u.at.Sub(d.last.at)
	if still > stalled {
		return false, fmt.Errorf("%s made no progress for %v: %d of %d were answered; it says:\n%s", d.s.name, stalled, now, d.n, lastWords(d.s.log))
	}
	return now >= int64(d.n) && still > b.quiet(), nil
}

// kill kills the subject, which has used so much, and starts it again.
func (d *draining) kill(own float64) (err error) {
	if d.had >= int64(d.n) {
		return fmt.Errorf("all %d were decided before it could be killed: write more --intents", d.n)
	}
	d.s.killAt, d.killed = 0, own
	for _, process := range d.processes {
		process.Kill()
		<-process.Ended()
	}
	d.run.Note = fmt.Sprintf("killed after %d decisions", d.had)
	d.processes, err = d.s.start()
	return err
}

// sum puts into the run what was used.
func (d *draining) sum() {
	run, before, last := &d.run, &d.before, &d.last
	run.OwnCPU, run.StartCPU, run.RSS = last.own, d.first.own, last.resident
	run.BrokerCPU, run.RedisCPU = last.broker-before.broker, last.redis-before.redis
	run.RedisCommands = max(0, int64(last.commands-before.commands))
	run.RedisOutside = run.RedisCommands
	run.RedisMiB = (last.memory - before.memory) / (1 << 20)
	run.AllCPUPerM = perMillion(run.OwnCPU+run.BrokerCPU+run.RedisCPU, d.n)
}

// quiet is how long nothing more may come after the last decision.
func (b *bench) quiet() time.Duration {
	if b.o.Quick {
		return quiet / 6
	}
	return quiet
}

// answered is how many records the outputs have.
func (p *place) answered(ctx context.Context, outputs []string) (n int64, err error) {
	ends, err := p.bench.admin.ends(ctx, p.partitions, outputs...)
	for _, all := range ends {
		for _, end := range all {
			n += end
		}
	}
	return n, err
}

// rested waits until Redis has freed what was taken away before, and says what had been used
// by then.
func (b *bench) rested(ctx context.Context) (used, error) {
	const steady = 64 << 10 // bytes
	before, err := b.use(ctx)
	for range 50 {
		select {
		case <-ctx.Done():
			return before, errInterrupted
		case <-time.After(lookEvery):
		}
		now, failed := b.use(ctx)
		if err = failed; err != nil || math.Abs(now.memory-before.memory) < steady {
			return now, err
		}
		before = now
	}
	return before, err
}
