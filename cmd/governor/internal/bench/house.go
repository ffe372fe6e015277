package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/crowd"
	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules/packs"
)

// housePolicy is what the house scenario is decided under.
const housePolicy = "no-means-no"

// waves are the days before today on which the people of the crowd were contacted last,
// an equal part of them on each.
func waves() []int { return []int{9, 6, 3} }

// told is how many signals come for ten intents.
const told = 2

// house measures no-means-no, by the clock on the wall.
func house(ctx context.Context, b *bench) (runs []Run, err error) {
	intents, people := 1_000_000, 1_000_000
	if b.o.Quick {
		intents, people = 5000, 5000
	}
	return b.crowded(ctx, orElse(b.o.Intents, intents), orElse(b.o.People, people), true)
}

// backlogMinutes and backlogRate are how much comes while nobody governs.
const (
	backlogMinutes = 10
	backlogRate    = 1000 // intents a second
)

// backlog measures how long it takes to decide what came while nobody governed.
func backlog(ctx context.Context, b *bench) (runs []Run, err error) {
	intents, people := backlogMinutes*60*backlogRate, 200_000
	if b.o.Quick {
		intents, people = 6000, 2000
	}
	runs, err = b.crowded(ctx, orElse(b.o.Intents, intents), orElse(b.o.People, people), false)
	for i := range runs {
		runs[i].Waited, runs[i].Offered = backlogMinutes, float64(runs[i].N)/(backlogMinutes*60)
	}
	return runs, err
}

func orElse(n, otherwise int) int {
	if n == Unsaid {
		return otherwise
	}
	return n
}

// crowded has a governor decide what is wanted of a crowd, after a history of nine days.
func (b *bench) crowded(ctx context.Context, intents, people int, copied bool) (runs []Run, err error) {
	c := crowd.Crowd{Seed: 1, People: people}
	for range b.o.Runs {
		err := b.remembering(ctx, c, false, func(p *place) error {
			if err := p.loadCrowd(ctx, c, intents); err != nil {
				return err
			}
			run, err := p.governedHouse(ctx, c, intents)
			if err != nil {
				return err
			}
			limits := verify.NoMeansNo()
			if err := p.verified(ctx, &run, &limits); err != nil {
				return err
			}
			runs = append(runs, run)
			b.tell("%s", run.line())
			if !copied {
				return nil
			}
			run, err = p.copied(ctx, remembered(c)+intents)
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
	return runs, nil
}

// remembering has do work at a place whose memory has the crowd's history.
func (b *bench) remembering(ctx context.Context, c crowd.Crowd, stamped bool, do func(*place) error) (err error) {
	p, err := b.place(ctx, b.o.Partitions, stamped)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove(ctx)) }()
	if err := p.fill(ctx, c); err != nil {
		return fmt.Errorf("fill the memory: %w", err)
	}
	return do(p)
}

// fill has a governor decide the crowd's history, by the clock of the events: first what was
// wanted nine days ago, and what people said to it, and then on.
func (p *place) fill(ctx context.Context, c crowd.Crowd) error {
	text, found := packs.Find(housePolicy)
	if !found {
		return errors.New("no-means-no is not built in")
	}
	past, err := p.bench.file("past.yaml", append([]byte("clock: event\n"), bytes.TrimSpace(text)...))
	if err != nil {
		return err
	}
	s, err := p.governors(1, past)
	if err != nil {
		return err
	}
	today, from := time.Now().Truncate(time.Hour), 0
	waves := waves()
	if p.bench.o.Quick {
		waves = waves[:1]
	}
	for i, days := range waves {
		till, at := c.People*(i+1)/len(waves), today.AddDate(0, 0, -days)
		if err := p.remember(ctx, c, s, from, till, at); err != nil {
			return err
		}
		from = till
	}
	// Whatever was said last is heard before the first intent after it.
	return p.remember(ctx, c, s, c.People, c.People+few, today)
}

// few is enough for every partition to have one, and nothing among the others.
const few = 500

// soonAfter is when people say what they have to say: while the approval is good.
const soonAfter = 10 * time.Minute

// remembered is how many intents the history has.
func remembered(c crowd.Crowd) int { return c.People + few }

// remember has the governor decide some of the history, and then people say what they have
// to say about it.
func (p *place) remember(ctx context.Context, c crowd.Crowd, s subject, from, till int, at time.Time) error {
	p.bench.tell("history: %d intents of %s", till-from, at.Format(time.DateOnly))
	if err := p.loadWave(ctx, c, history, from, till, at, c.Once); err != nil {
		return err
	}
	s.already = int64(from)
	if _, err := p.drain(ctx, s, till-from); err != nil || till > c.People {
		return err
	}
	return p.loadTold(ctx, c, history, from, till, at.Add(soonAfter), c.Once)
}

// The waves of intents.
const (
	history = "h"
	present = "i"
)

// loadWave appends the intents of a wave.
func (p *place) loadWave(ctx context.Context, c crowd.Crowd, wave string, from, till int, at time.Time, who func(int) int) error {
	bar := p.bench.bar(till - from)
	defer bar.End()
	l := p.loader(governor.Intents, bar.Add)
	var buf []byte
	for n := from; n < till; n++ {
		in := c.Intent(wave, n, who(n), at)
		buf = in.AppendJSON(buf[:0])
		if err := l.add(ctx, consumer.Record{Key: l.keep([]byte(in.Person)), Value: l.keep(buf), Time: at}); err != nil {
			return err
		}
	}
	return l.flush(ctx)
}

// loadTold appends what is heard of the intents of a wave.
func (p *place) loadTold(ctx context.Context, c crowd.Crowd, wave string, from, till int, at time.Time, who func(int) int) error {
	l := p.loader(governor.Signals, nil)
	for n := from; n < till; n++ {
		if signal, is := c.Told(wave, n, who(n), at); is {
			if err := l.add(ctx, consumer.Record{Key: signal.Key, Value: signal.Value, Time: at}); err != nil {
				return err
			}
		}
	}
	return l.flush(ctx)
}

// loadCrowd appends what engines want now.
func (p *place) loadCrowd(ctx context.Context, c crowd.Crowd, intents int) error {
	p.bench.tell("loading %d intents for %d people", intents, c.People)
	return p.loadWave(ctx, c, present, 0, intents, time.Now(), now(c))
}

// governedHouse has a governor decide what was loaded. Meanwhile people say something, two
// signals for ten decisions.
func (p *place) governedHouse(ctx context.Context, c crowd.Crowd, intents int) (Run, error) {
	s, err := p.governors(1, housePolicy)
	if err != nil {
		return Run{}, err
	}
	s.already = int64(remembered(c))
	answered, heard := 0, 0
	s.progress = func(ctx context.Context, more int64) error {
		from := heard
		answered += int(more)
		heard = min(answered*told/10, intents)
		return p.loadTold(ctx, c, present, from, heard, time.Now(), now(c))
	}
	run, err := p.drain(ctx, s, intents)
	if err != nil {
		return run, err
	}
	run.People, run.Governors, run.Reasons = c.People, 1, make(map[string]int)
	var times span
	for i, topic := range p.outputs() {
		if err := p.read(ctx, topic, func(_ int32, r *consumer.Record) {
			if !strings.HasPrefix(peerwork.Field(r.Value, "intent"), present) {
				return
			}
			times.add(r.Time)
			run.count(r.Value, i == 0)
		}); err != nil {
			return run, err
		}
	}
	if missing := int64(intents) - run.Approved - run.Vetoed; missing > 0 {
		run.Missing = int(missing)
	}
	run.timed(times)
	return run, nil
}

// now says whom the n-th intent of the present is for: anybody.
func now(c crowd.Crowd) func(int) int {
	return func(n int) int { return c.Anybody(present, n) }
}

// count counts one decision.
func (run *Run) count(value []byte, approvals bool) {
	if approvals {
		run.Approved++
	} else {
		run.Vetoed++
	}
	run.Reasons[peerwork.Field(value, "reason")]++
}
