package bench

import (
	"context"
	"fmt"
	"math"
	"time"
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

// drain starts the subject, waits until it has answered n records, and ends it. What was
// used is as of when the last was seen.
func (p *place) drain(ctx context.Context, s subject, n int) (run Run, err error) {
	b := p.bench
	run = Run{Subject: s.name, N: n}
	before, err := b.rested(ctx)
	if err != nil {
		return run, err
	}
	processes, err := s.start()
	defer func() {
		for _, process := range processes {
			process.Stop()
		}
		for _, process := range processes {
			end(process)
		}
	}()
	if err != nil {
		return run, err
	}
	bar := b.bar(n)
	defer bar.End()
	var first, last used
	var had int64
	var killed float64 // the processor time of those that are no more
	last = before
	for over := false; !over; {
		select {
		case <-ctx.Done():
			return run, errInterrupted
		case <-time.After(s.look()):
		}
		for _, process := range processes {
			select {
			case <-process.Ended():
				return run, ended(s.log)
			default:
			}
		}
		now, err := p.answered(ctx, s.outputs)
		if err != nil {
			return run, err
		}
		now -= s.already
		u, err := b.use(ctx, processes...)
		if err != nil {
			return run, err
		}
		u.own += killed
		if now != had {
			if had == 0 {
				first = u
			}
			bar.Add(now - had)
			if s.progress != nil {
				if err := s.progress(ctx, now-had); err != nil {
					return run, err
				}
			}
			had, last = now, u
		}
		if s.killAt > 0 && now >= int64(n) {
			return run, fmt.Errorf("all %d were decided before it could be killed: write more --intents", n)
		}
		if s.killAt > 0 && now >= int64(s.killAt) {
			s.killAt = 0
			killed = u.own
			for _, process := range processes {
				process.Kill()
				<-process.Ended()
			}
			run.Note = fmt.Sprintf("killed after %d decisions", now)
			if processes, err = s.start(); err != nil {
				return run, err
			}
		}
		still := u.at.Sub(last.at)
		over = now >= int64(n) && still > b.quiet()
		if still > stalled {
			return run, fmt.Errorf("%s made no progress for %v: %d of %d were answered; it says:\n%s", s.name, stalled, now, n, lastWords(s.log))
		}
	}
	run.OwnCPU, run.StartCPU, run.RSS = last.own, first.own, last.resident
	run.BrokerCPU, run.RedisCPU = last.broker-before.broker, last.redis-before.redis
	run.RedisCommands, run.RedisOutside = max(0, int64(last.commands-before.commands)), max(0, int64(last.outside-before.outside))
	run.RedisMiB = (last.memory - before.memory) / (1 << 20)
	run.AllCPUPerM = perMillion(run.OwnCPU+run.BrokerCPU+run.RedisCPU, n)
	return run, nil
}

// look is how often it is looked how far the subject is: one that is to be killed in the
// middle is watched closely.
func (s *subject) look() time.Duration {
	if s.killAt > 0 {
		return lookEvery / 20
	}
	return lookEvery
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
