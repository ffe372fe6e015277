package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/bench/peerwork"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// Policy is the policy of the peers' rules.
//
//go:embed peers.yaml
var peersPolicy []byte

// peers measures the governor over the peers' input, a copy of the same input beside it, and
// the peers themselves where their folder was named.
func peers(ctx context.Context, b *bench) (runs []Run, err error) {
	work := b.work()
	policy := filepath.Join(b.folder, "peers.yaml")
	if err := os.WriteFile(policy, peersPolicy, 0o600); err != nil {
		return nil, fmt.Errorf("write the policy: %w", err)
	}
	for i := range b.o.Runs {
		both, err := b.pair(ctx, work, policy, i%2 == 1)
		runs = append(runs, both...)
		if err != nil {
			return runs, err
		}
	}
	return runs, nil
}

// work is how much of the peers' work is done.
func (b *bench) work() peerwork.Work {
	w := peerwork.Work{Seed: peerwork.Seed, Intents: peerwork.Intents, People: peerwork.People}
	if b.o.Quick {
		w.Intents, w.People = 10_000, 2000
	}
	if b.o.Intents > 0 {
		w.Intents = b.o.Intents
	}
	if b.o.People > 0 {
		w.People = b.o.People
	}
	return w
}

// pair measures the governor and the copy over one input, one first or the other.
func (b *bench) pair(ctx context.Context, work peerwork.Work, policy string, copyFirst bool) (runs []Run, err error) {
	p, err := b.place(ctx, b.o.Partitions)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.remove(ctx)) }()
	if err := p.loadWork(ctx, work); err != nil {
		return nil, err
	}
	both := []func() (Run, error){
		func() (Run, error) { return p.governed(ctx, work, policy, 0) },
		func() (Run, error) { return p.copied(ctx, work.Intents) },
	}
	if copyFirst {
		both[0], both[1] = both[1], both[0]
	}
	for _, one := range both {
		run, err := one()
		if err != nil {
			return runs, fmt.Errorf("%s: %w", run.Subject, err)
		}
		runs = append(runs, run)
		b.tell("%s", run.line())
	}
	return runs, nil
}

// loadWork appends the refusals, and then the intents.
func (p *place) loadWork(ctx context.Context, work peerwork.Work) error {
	p.bench.tell("loading %d intents of %d people", work.Intents, work.People)
	signals := p.loader(governor.Signals, nil)
	var buf []byte
	for _, f := range work.Refusals() {
		buf = peerwork.AppendPerson(buf[:0], f.Person)
		key := signals.keep(buf)
		if err := signals.add(ctx, consumer.Record{Key: key, Value: signals.keep(f.AppendJSON(buf[:0])), Time: time.UnixMilli(f.AtMs)}); err != nil {
			return err
		}
	}
	if err := signals.flush(ctx); err != nil {
		return err
	}
	bar := p.bench.bar(work.Intents)
	defer bar.End()
	intents := p.loader(governor.Intents, bar.Add)
	var failed error
	work.Each(func(in peerwork.Intent) bool {
		buf = peerwork.AppendPerson(buf[:0], in.Person)
		key := intents.keep(buf)
		failed = intents.add(ctx, consumer.Record{Key: key, Value: intents.keep(in.AppendJSON(buf[:0])), Time: time.UnixMilli(in.AtMs)})
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return intents.flush(ctx)
}

// governed has one governor decide the work, and holds every decision against the oracle.
func (p *place) governed(ctx context.Context, work peerwork.Work, policy string, killAt int) (Run, error) {
	s, err := p.governor("governor", policy)
	if err != nil {
		return Run{Subject: s.name}, err
	}
	s.killAt = killAt
	began := time.Now()
	run, err := p.drain(ctx, s, work.Intents)
	if err != nil {
		return run, err
	}
	var times span
	if run.Verdict, times, err = p.judge(ctx, work); err != nil {
		return run, err
	}
	run.timed(times, began)
	return run, nil
}

// judge holds every decision against the oracle, and says from when to when they came.
func (p *place) judge(ctx context.Context, work peerwork.Work) (peerwork.Verdict, span, error) {
	judge, times := work.NewJudge(), span{}
	for i, topic := range p.outputs() {
		if err := p.read(ctx, topic, func(_ int32, r *consumer.Record) {
			times.add(r.Time)
			judge.Hear(r.Value, i == 0)
		}); err != nil {
			return peerwork.Verdict{}, times, err
		}
	}
	return judge.Sum(), times, nil
}

// governor is a subject: governor run, under the policy.
func (p *place) governor(name, policy string) (subject, error) {
	s := subject{name: name, log: p.bench.log(p.name + "-" + name), outputs: p.outputs()}
	file, err := p.configure(name, policy, p.group("governors"))
	if err != nil {
		return s, err
	}
	s.start = func() ([]Process, error) {
		process, err := p.bench.o.Starter.Start(s.log, "run", "--config", file)
		if err != nil {
			return nil, err
		}
		return []Process{process}, nil
	}
	return s, nil
}

// copied has the copy of this binary move the same bytes.
func (p *place) copied(ctx context.Context, n int) (Run, error) {
	name := "copy"
	to := p.topic(name)
	s := subject{name: name, log: p.bench.log(p.name + "-" + name), outputs: []string{to}}
	if err := p.bench.admin.make(ctx, p.partitions, true, to); err != nil {
		return Run{Subject: name}, err
	}
	group := p.group(name)
	file, err := p.configure(name, "no-means-no", group)
	if err != nil {
		return Run{Subject: name}, err
	}
	s.start = func() ([]Process, error) {
		process, err := p.bench.o.Starter.Start(s.log, "bench", CopyName, "--config", file, "--from", p.topic(governor.Intents), "--to", to, "--group", group)
		if err != nil {
			return nil, err
		}
		return []Process{process}, nil
	}
	began := time.Now()
	run, err := p.drain(ctx, s, n)
	if err != nil {
		return run, err
	}
	var times span
	if err := p.read(ctx, to, func(_ int32, r *consumer.Record) {
		times.add(r.Time)
		run.Approved++
	}); err != nil {
		return run, err
	}
	run.timed(times, began)
	return run, nil
}
