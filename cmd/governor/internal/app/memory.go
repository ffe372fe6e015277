package app

import (
	"context"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/redisstate"
)

// memory is the store; on what goes wrong with it it notes that it was Redis, so
// that whoever is told of a hold knows where to look.
type memory struct{ *redisstate.Store }

var (
	_ state.Store = memory{}
	_ state.Clock = memory{}
)

func (m memory) Acquire(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	h, err := m.Store.Acquire(ctx, partition, owner)
	return h, health.Blame(health.Redis, err)
}

func (m memory) Load(ctx context.Context, partition int32, people []rules.PersonID) ([]state.Memory, error) {
	all, err := m.Store.Load(ctx, partition, people)
	return all, health.Blame(health.Redis, err)
}

func (m memory) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	all, err := m.Store.Totals(ctx, partitions, campaigns)
	return all, health.Blame(health.Redis, err)
}

func (m memory) Commit(ctx context.Context, partition int32, batch *state.Batch) error {
	return health.Blame(health.Redis, m.Store.Commit(ctx, partition, batch))
}

func (m memory) Time(ctx context.Context) (rules.Instant, error) {
	now, err := m.Store.Time(ctx)
	return now, health.Blame(health.Redis, err)
}
