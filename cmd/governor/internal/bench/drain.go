package bench

import (
	"context"
	"fmt"
	"time"
)

// subject is what is measured: a governor, several, or a copy.
type subject struct {
	name  string
	log   string // what it says
	start func() ([]Process, error)

	outputs []string // what it writes, one record for each that it reads
	killAt  int      // after so many it is killed and started again, once; 0: never
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
	before, err := b.use(ctx)
	if err != nil {
		return run, err
	}
	processes, err := s.start()
	if err != nil {
		return run, err
	}
	defer func() {
		for _, process := range processes {
			end(process)
		}
	}()
	bar := b.bar(n)
	defer bar.End()
	var first, last used
	var had int64
	last = before
	for over := false; !over; {
		select {
		case <-ctx.Done():
			return run, errInterrupted
		case <-time.After(lookEvery):
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
		u, err := b.use(ctx, processes...)
		if err != nil {
			return run, err
		}
		if now != had {
			if had == 0 {
				first = u
			}
			bar.Add(now - had)
			had, last = now, u
		}
		if s.killAt > 0 && now >= int64(s.killAt) {
			s.killAt = 0
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
	run.RedisCommands, run.RedisOutside = int64(last.commands-before.commands), int64(last.outside-before.outside)
	run.RedisMiB = (last.memory - before.memory) / (1 << 20)
	run.AllCPUPerM = perMillion(run.OwnCPU+run.BrokerCPU+run.RedisCPU, n)
	return run, nil
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
