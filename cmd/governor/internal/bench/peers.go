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

// peersPolicy has the peers' rules.
//
//go:embed peers.yaml
var peersPolicy []byte

// peers measures the governor over the peers' input, a copy of the same input beside it, and
// the peers themselves where their folder was named.
func peers(ctx context.Context, b *bench) (runs []Run, err error) {
	return b.beside(ctx, b.o.work(), func(p *place, policy string) (Run, error) { return p.governed(ctx, b.o.work(), policy, 1, 0) })
}

// beside measures the governor, a copy of the same input and the peers by turns, so that
// whoever comes first is another each time.
func (b *bench) beside(ctx context.Context, work peerwork.Work, govern func(*place, string) (Run, error)) (runs []Run, err error) {
	turns := []func() ([]Run, error){func() ([]Run, error) { return b.pair(ctx, work, govern) }}
	if b.o.Peers != "" {
		for _, name := range b.o.Only {
			turns = append(turns, func() ([]Run, error) { return b.peer(ctx, name, work) })
		}
	}
	for i := range b.o.Runs {
		for j := range turns {
			some, err := turns[(i+j)%len(turns)]()
			runs = append(runs, some...)
			if err != nil {
				return runs, err
			}
		}
	}
	return runs, nil
}

// policy writes the policy of the peers' rules, and returns its path.
func (b *bench) policy() (string, error) { return b.file("peers.yaml", peersPolicy) }

func (b *bench) file(name string, text []byte) (string, error) {
	path := filepath.Join(b.folder, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write a policy: %w", err)
	}
	return path, nil
}

// work is how much of the peers' work is done.
func (o *Options) work() peerwork.Work {
	w := peerwork.Work{Seed: peerwork.Seed, Intents: peerwork.Intents, People: peerwork.People}
	if o.Quick {
		w.Intents, w.People = 10_000, 2000
	}
	w.Intents, w.People = orElse(o.Intents, w.Intents), orElse(o.People, w.People)
	return w
}

// pair measures the governor and the copy over one input.
func (b *bench) pair(ctx context.Context, work peerwork.Work, govern func(*place, string) (Run, error)) (runs []Run, err error) {
	b.pairs++
	err = b.loaded(ctx, b.o.Partitions, work, func(p *place, policy string) error {
		both := []func() (Run, error){
			func() (Run, error) { return govern(p, policy) },
			func() (Run, error) { return p.copied(ctx, work.Intents) },
		}
		if b.pairs%2 == 0 {
			both[0], both[1] = both[1], both[0]
		}
		for _, one := range both {
			run, err := one()
			if err != nil {
				return fmt.Errorf("%s: %w", run.Subject, err)
			}
			runs = append(runs, run)
			b.tell("%s", run.line())
		}
		return nil
	})
	return runs, err
}

// loaded has do work at a place that has the work, and takes the place away.
func (b *bench) loaded(ctx context.Context, partitions int, work peerwork.Work, do func(p *place, policy string) error) (err error) {
	policy, err := b.policy()
	if err != nil {
		return err
	}
	p, err := b.place(ctx, partitions, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove(ctx)) }()
	if err := p.loadWork(ctx, work); err != nil {
		return err
	}
	return do(p, policy)
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

// governed has some governors decide the work, and holds every decision against the oracle.
func (p *place) governed(ctx context.Context, work peerwork.Work, policy string, governors, killAt int) (Run, error) {
	s, err := p.governors(governors, policy)
	if err != nil {
		return Run{Subject: s.name}, err
	}
	s.killAt = killAt
	run, err := p.drain(ctx, s, work.Intents)
	if err != nil {
		return run, err
	}
	run.People, run.Governors = work.People, governors
	var times span
	if run.Verdict, times, err = p.judge(ctx, work); err != nil {
		return run, err
	}
	run.timed(times)
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

// governors is a subject: governor run, under the policy, once or several times.
func (p *place) governors(count int, policy string) (subject, error) {
	s := subject{name: "governor", log: p.bench.log(p.name + "-governor"), outputs: p.outputs()}
	file, err := p.configure("governor", policy, p.group("governors"))
	if err != nil {
		return s, err
	}
	s.start = func() (all []Process, err error) {
		for range count {
			process, err := p.bench.o.Starter.Start(s.log, "run", "--config", file)
			if err != nil {
				return all, err
			}
			all = append(all, process)
		}
		return all, nil
	}
	return s, nil
}

// copied has the copy of this binary move the same bytes.
func (p *place) copied(ctx context.Context, n int) (Run, error) {
	name := builtIn
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
	run.timed(times)
	return run, nil
}
