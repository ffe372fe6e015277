package bench

import (
	"context"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
)

// kill measures a governor that is killed in the middle of the peers' work, and started again.
func kill(ctx context.Context, b *bench) (runs []Run, err error) {
	work := b.o.work()
	if b.o.Quick && b.o.Intents == Unsaid {
		work.Intents = 50_000 // with fewer all is decided before anybody looks
	}
	return b.each(ctx, b.o.Partitions, work, []int{1}, func(p *place, policy string, governors int) (Run, error) {
		run, err := p.governed(ctx, work, policy, governors, max(1, int(b.o.Kill*float64(work.Intents))))
		if err == nil {
			err = p.verified(ctx, &run, nil)
		}
		return run, err
	})
}

// hot measures a person who has half of all traffic, and so a partition that has more.
func hot(ctx context.Context, b *bench) (runs []Run, err error) {
	work := b.o.work()
	work.Hot = true
	return b.beside(ctx, work, func(p *place, policy string) (Run, error) { return p.governed(ctx, work, policy, 1, 0) })
}

// fleetPartitions are shared by the governors of a fleet.
const fleetPartitions = 16

// fleet measures several governors of one group. That they join one after the other is part
// of it.
func fleet(ctx context.Context, b *bench) ([]Run, error) {
	return b.each(ctx, fleetPartitions, b.o.work(), []int{1, 2, 4}, func(p *place, policy string, governors int) (Run, error) {
		return p.governed(ctx, b.o.work(), policy, governors, 0)
	})
}

// each measures so many governors, each time over the work loaded anew.
func (b *bench) each(ctx context.Context, partitions int, work peerwork.Work, counts []int, govern func(p *place, policy string, governors int) (Run, error)) (runs []Run, err error) {
	for range b.o.Runs {
		for _, count := range counts {
			err := b.loaded(ctx, partitions, work, func(p *place, policy string) error {
				run, err := govern(p, policy, count)
				if err != nil {
					return err
				}
				runs = append(runs, run)
				b.tell("%s", run.line())
				return nil
			})
			if err != nil {
				return runs, err
			}
		}
	}
	return runs, nil
}
