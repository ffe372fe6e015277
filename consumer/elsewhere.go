package consumer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// ErrBehind says that another partition has not counted yet what a decision goes by:
// how a campaign's calls fare, in all partitions. It is not decided without.
var ErrBehind = errors.New("how the campaign's calls fare there is not known yet: see whether that partition is held, and why (nothing is decided here meanwhile)")

// errStopped ends a wait when the consumer is told to stop.
var errStopped = errors.New("told to stop")

// rate makes sure that the governor knows how the campaigns fare by which the
// intents are decided. What was acknowledged anywhere before the intents were
// fetched is counted: it waits until every partition has heard that.
//
// Meanwhile it goes on hearing its own signals, and commits what it heard, so that
// whoever waits for this partition gets on. Package governor says why no race is
// left (campaigns).
func (t *term) rate(ctx, stop context.Context, intents []readIntent) error {
	campaigns := t.rated(intents)
	others := t.others()
	if len(campaigns) == 0 || len(others) == 0 {
		return nil
	}
	ends, err := t.ends(ctx, others)
	if err != nil {
		return err
	}
	for waited, pause := time.Duration(0), t.cfg.Poll/8; ; waited, pause = waited+pause, min(2*pause, t.cfg.Poll) {
		if _, err := t.commit(ctx); err != nil {
			return err
		}
		behind, err := t.ask(ctx, campaigns, others, ends)
		if err != nil || behind == nil {
			return err
		}
		if waited >= t.cfg.Patience {
			return behind
		}
		select {
		case <-time.After(pause):
		case <-stop.Done():
			return errStopped
		case <-ctx.Done():
			return ctx.Err()
		}
		t.laps.over(StageWait)
		_, barrier, err := t.cfg.Log.Bounds(ctx, t.slot(governor.Signals))
		if err != nil {
			return fmt.Errorf("find the end of the signals: %w", err)
		}
		if err := t.hear(ctx, barrier); err != nil {
			return err
		}
	}
}

// rated lists the campaigns by which intents are decided, each once.
func (t *term) rated(intents []readIntent) (campaigns []rules.Campaign) {
	for i := range intents {
		in := &intents[i]
		if in.err == nil && !t.recalled.answered[in.src.Offset] && t.governor.Rated(&in.intent) && !slices.Contains(campaigns, in.intent.Campaign) {
			campaigns = append(campaigns, in.intent.Campaign)
		}
	}
	return campaigns
}

// others lists the other partitions.
func (t *term) others() []int32 {
	others := make([]int32, 0, t.cfg.Partitions-1)
	for p := range t.cfg.Partitions {
		if p != t.partition {
			others = append(others, p)
		}
	}
	return others
}

// ends are where the signals of partitions end now.
func (t *term) ends(ctx context.Context, partitions []int32) ([]int64, error) {
	ends, errs := make([]int64, len(partitions)), make([]error, len(partitions))
	var all sync.WaitGroup
	for i, p := range partitions {
		all.Go(func() { _, ends[i], errs[i] = t.cfg.Log.Bounds(ctx, t.cfg.slot(governor.Signals, p)) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("find the ends of the signals of all partitions: %w", err)
	}
	return ends, nil
}

// ask asks the others how campaigns fare there, and tells the governor. Behind is
// not nil where one of them has not heard its signals up to the end given, or is
// being repaired; what is known is told all the same.
func (t *term) ask(ctx context.Context, campaigns []rules.Campaign, others []int32, ends []int64) (behind, err error) {
	t.laps.over(StageDecide)
	told, err := t.cfg.Store.Totals(ctx, others, campaigns)
	t.laps.over(StageLoad)
	if err != nil {
		return nil, fmt.Errorf("ask how campaigns fare elsewhere: %w", err)
	}
	for i, p := range others {
		mark := &told[i].Mark
		switch {
		case !told[i].Known:
			behind = fmt.Errorf("partition %d has no memory: %w", p, ErrBehind)
		case mark.Restoring, mark.Batch < t.seen[p]:
			behind = fmt.Errorf("partition %d is being repaired: %w", p, ErrBehind)
		case mark.Signals < ends[i]:
			behind = fmt.Errorf("partition %d has heard its signals up to offset %d of %d: %w", p, mark.Signals, ends[i], ErrBehind)
		}
		t.seen[p] = max(t.seen[p], mark.Batch)
	}
	for i, campaign := range campaigns {
		tallies := make([]state.Tally, 0, len(others))
		for j := range told {
			if !told[j].Known {
				continue
			}
			tally, err := state.DecodeTally(told[j].Tallies[i])
			if err != nil {
				return nil, fmt.Errorf("partition %d: %w", others[j], err)
			}
			tallies = append(tallies, tally)
		}
		t.governor.Elsewhere(campaign, tallies, behind == nil)
	}
	return behind, nil
}

// settle finds out about campaigns whose first period is half over whether their
// first call was approved elsewhere. Where a partition cannot tell now it is asked
// again with the next batch.
func (t *term) settle(ctx context.Context) error {
	return t.hearsay(ctx, t.governor.Unsettled(t.present()))
}

// hearsay asks how campaigns fare elsewhere, without waiting for anybody.
func (t *term) hearsay(ctx context.Context, campaigns []rules.Campaign) error {
	if len(campaigns) == 0 || t.recalled.going {
		return nil
	}
	others := t.others()
	_, err := t.ask(ctx, campaigns, others, make([]int64, len(others)))
	return err
}
