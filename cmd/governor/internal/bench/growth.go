package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// contactsApart is how far two contacts of one person are apart: so many more are remembered by a
// longer window.
const contactsApart = 14 * 24 * time.Hour

// growth measures how the number of people, and how long is remembered, tell on speed and on
// the memory of Redis.
func growth(ctx context.Context, b *bench) (runs []Run, err error) {
	sizes, most := []int{10_000, 100_000, 1_000_000, 10_000_000}, 1_000_000
	if b.o.Quick {
		sizes, most = []int{1000, 10_000}, 2000
	}
	if b.o.People != Unsaid {
		sizes = []int{b.o.People}
	}
	for _, days := range []int{7, 30, 365} {
		for _, people := range sizes {
			run, err := b.grown(ctx, people, days, orElse(b.o.Intents, most))
			if err != nil {
				return runs, fmt.Errorf("%d people, %d days: %w", people, days, err)
			}
			runs = append(runs, run)
			b.tell("%d people (%d of them), %d days: %s; %.0f bytes a person", people, run.Touched, days, run.line(), run.PerPerson)
		}
	}
	return runs, nil
}

// grown has a governor approve what is wanted of people, as often as the window covers; of
// as many of them as come to no more intents than most.
func (b *bench) grown(ctx context.Context, people, days, most int) (run Run, err error) {
	window := time.Duration(days) * 24 * time.Hour
	times := max(1, int(window/contactsApart))
	touched := min(people, max(1, most/times))
	n := touched * times
	policy, err := b.file("growth.yaml", fmt.Appendf(nil, "policy: growth\nclock: event\ndefault_zones: UTC\npurposes: {marketing: solicitation}\nchannels: {email: {}}\n"+
		"approvals: {live: %dd}\ncaps:\n  - {name: any, of: {class: solicitation}, at_most: %d, within: %dd}\n", days, times+1, days))
	if err != nil {
		return run, err
	}
	p, err := b.place(ctx, b.o.Partitions, false)
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, p.remove(ctx)) }()
	if err := p.loadGrowth(ctx, people, touched, n, window); err != nil {
		return run, err
	}
	s, err := p.governors(1, policy)
	if err != nil {
		return run, err
	}
	if run, err = p.drain(ctx, s, n); err != nil {
		return run, err
	}
	run.People, run.Touched, run.Window, run.Governors = people, touched, strconv.Itoa(days)+"d", 1
	run.PerPerson = run.RedisMiB * (1 << 20) / float64(touched)
	var stamps span
	run.Reasons = make(map[string]int)
	for i, topic := range p.outputs() {
		if err := p.read(ctx, topic, func(_ int32, r *consumer.Record) {
			stamps.add(r.Time)
			run.count(r.Value, i == 0)
		}); err != nil {
			return run, err
		}
	}
	run.Wrong = int(run.Vetoed) // nobody comes to the cap
	run.timed(stamps)
	return run, nil
}

// loadGrowth appends n intents over the time of a window, for each of those who are touched
// as often as for any other, in an order that has nothing to do with who they are.
func (p *place) loadGrowth(ctx context.Context, people, touched, n int, window time.Duration) error {
	bar := p.bench.bar(n)
	defer bar.End()
	l := p.loader(governor.Intents, bar.Add)
	begins := time.Now().Add(-window).UnixMilli()
	step := float64(window.Milliseconds()) / float64(n)
	const email = 1
	var buf []byte
	for i := range n {
		in := peerwork.Intent{Seq: i, Person: spread(i%touched, people), Channel: email, AtMs: begins + int64(step*float64(i))}
		buf = peerwork.AppendPerson(buf[:0], in.Person)
		key := l.keep(buf)
		if err := l.add(ctx, consumer.Record{Key: key, Value: l.keep(in.AppendJSON(buf[:0])), Time: time.UnixMilli(in.AtMs)}); err != nil {
			return err
		}
	}
	return l.flush(ctx)
}

// spread is the n-th of so many people, in an order that has nothing to do with who they are.
func spread(n, people int) int {
	const stride = 7_368_787 // a prime that divides no number of people that anybody asks for
	return int(uint64(n) * stride % uint64(people))
}
