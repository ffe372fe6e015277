package consumer

import (
	"context"
	"fmt"

	"github.com/contactgovernor/governor/rules/zones"
)

// Rebuild makes the memory of a partition that the store does not know anew, from
// the log, and leaves it to whoever acquires it next. It takes the partition over
// for that, and decides nothing. Of the Config, the Group is not needed.
//
// After an error it may be called again, and so may Run do it: what is there by
// then counts once. Where a consumer that runs takes the partition meanwhile, it is
// told as state.ErrFenced, and that one rebuilds.
func (c *Consumer) Rebuild(ctx context.Context, partition int32) error {
	t, held, err := acquire(ctx, newWorker(&c.cfg, partition, &zones.Finder{}))
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.recover(ctx, held); err != nil {
		return fmt.Errorf("rebuild partition %d: %w", partition, err)
	}
	return nil
}
