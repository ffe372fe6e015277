package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/state"
)

// ErrTaken says that a governor that runs took a partition which was to be rebuilt.
var ErrTaken = errors.New("a governor that runs took the partition meanwhile, and rebuilds it by itself: watch its log, or stop the governors and try again")

// Rebuild forgets what Redis has of the partitions, all of them if none is named,
// and makes it anew from Kafka. It returns how many partitions it rebuilt. A
// partition that failed is as if it was lost: whoever governs it next rebuilds it.
func (a *App) Rebuild(ctx context.Context, only []int) (rebuilt int, err error) {
	all, err := a.prepare(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	var partitions []int32
	for _, p := range only {
		if p < 0 || p >= all {
			return 0, fmt.Errorf("there is no partition %d: they are 0 to %d", p, all-1)
		}
		partitions = append(partitions, int32(p))
	}
	if len(only) == 0 {
		for p := range int32(all) {
			partitions = append(partitions, p)
		}
	}
	c, err := consumer.New(a.workers(all))
	if err != nil {
		return 0, err
	}
	errs := make([]error, len(partitions))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i, p := range partitions {
		workers.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			errs[i] = a.rebuild(ctx, c, p)
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err == nil {
			rebuilt++
		}
	}
	return rebuilt, errors.Join(errs...)
}

func (a *App) rebuild(ctx context.Context, c *consumer.Consumer, partition int32) error {
	err := a.store.Forget(ctx, partition)
	if err == nil {
		err = c.Rebuild(ctx, partition)
	}
	if errors.Is(err, state.ErrFenced) {
		return fmt.Errorf("partition %d: %w", partition, ErrTaken)
	}
	return err
}
