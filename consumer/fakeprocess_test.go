package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// The I/O steps of a worker, by what they are for.
const (
	opOpenWriter   = "open a writer"
	opAcquire      = "acquire"
	opOutputBounds = "bounds of outputs"
	opReadBack     = "read back"
	opFetchIntents = "fetch intents"
	opSignalBounds = "bounds of signals"
	opFetchSignals = "fetch signals"
	opLoad         = "load"
	opTotals       = "totals"
	opCommit       = "commit"
	opProduce      = "produce"
	opGroupCommit  = "group commit"
)

// fate is what becomes of one I/O step.
type fate int

const (
	goesWell    fate = iota
	fails            // before it took effect
	failsLate        // after it took effect
	landsInPart      // of every slot the first half was appended, then it failed; of other steps: failsLate
	landsLast        // the last slot was appended as a whole, the others not; of other steps: failsLate
	hangs            // until its context ends; the generation ends meanwhile
	stalls           // until its context ends
	dies             // the process, before the step took effect
	diesLate         // the process, after the step took effect
	diesInPart       // the process, with produced records landed in part
)

var errInjected = errors.New("injected fault")

// fakeProcess is one process with a governor in it: every I/O step that its
// worker does passes here and meets its fate. A process that died does nothing
// any more; what it had in memory is gone with it.
//
// It implements Reader, Membership and state.Store; its writers come from
// newWriter. Everything goes to the one log and the one store that all
// processes of a test share.
type fakeProcess struct {
	log        *fakeLog
	store      state.Store
	partitions []int32

	// decide is asked before each step: what it is, the how-manieth of its kind,
	// and of all. nil: all goes well.
	decide func(op string, nth, n int) fate

	// before and after are called around each step, where they are set; idle when
	// the worker asks for intents and there are none. None holds a lock.
	before, after func(op string)
	idle          func()
	opened        func() // a term begins
	once          bool   // the group gives it its partitions only once

	mu     sync.Mutex
	steps  int
	nth    map[string]int
	dead   bool
	died   chan struct{}
	views  map[consumer.Slot][]consumer.Record
	gen    *fakeGeneration
	misuse []string // of the ports' contracts
}

var (
	_ consumer.Reader     = (*fakeProcess)(nil)
	_ consumer.Membership = (*fakeProcess)(nil)
	_ state.Store         = (*fakeProcess)(nil)
)

func newFakeProcess(log *fakeLog, store state.Store, partitions ...int32) *fakeProcess {
	if len(partitions) == 0 {
		partitions = []int32{0}
	}
	return &fakeProcess{
		log: log, store: store, partitions: partitions,
		nth: make(map[string]int), died: make(chan struct{}), views: make(map[consumer.Slot][]consumer.Record),
	}
}

// step lets one I/O step meet its fate. effect is the step itself, partly is
// what of it landed if only a part did; nil where a step has no parts.
func (p *fakeProcess) step(ctx context.Context, op string, effect func() error, partly func(fate)) error {
	if p.before != nil {
		p.before(op)
	}
	if p.after != nil {
		defer p.after(op)
	}
	p.mu.Lock()
	if p.dead {
		p.mu.Unlock()
		return fmt.Errorf("%s: the process is dead", op)
	}
	p.steps++
	p.nth[op]++
	f := goesWell
	if p.decide != nil {
		f = p.decide(op, p.nth[op], p.steps)
	}
	if f == dies {
		p.die()
	}
	p.mu.Unlock()

	failed := fmt.Errorf("%s: %w", op, errInjected)
	late := func(do func()) error {
		do()
		if f == diesLate || f == diesInPart {
			p.mu.Lock()
			p.die()
			p.mu.Unlock()
		}
		return failed
	}
	switch f {
	case fails, dies:
		return failed
	case failsLate, diesLate:
		return late(func() { _ = effect() })
	case landsInPart, landsLast, diesInPart:
		if partly == nil {
			return late(func() { _ = effect() })
		}
		return late(func() { partly(f) })
	case hangs, stalls:
		if f == hangs {
			p.endGeneration()
		}
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return effect()
}

// die ends the process. p.mu is held.
func (p *fakeProcess) die() {
	if !p.dead {
		p.dead = true
		close(p.died)
		if p.gen != nil {
			p.gen.end()
		}
	}
}

// kill ends the process from outside.
func (p *fakeProcess) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.die()
}

func (p *fakeProcess) endGeneration() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gen != nil {
		p.gen.end()
	}
}

// Fetch implements consumer.Reader.
func (p *fakeProcess) Fetch(ctx context.Context, slot consumer.Slot, from int64, maxWait time.Duration) (consumer.Fetched, error) {
	op := opReadBack
	switch slot.Topic {
	case governor.Intents:
		op = opFetchIntents
	case governor.Signals:
		op = opFetchSignals
	}
	var out consumer.Fetched
	err := p.step(ctx, op, func() error {
		if _, end := p.log.bounds(slot); op == opFetchIntents && from == end {
			if p.idle != nil {
				p.idle()
			} else {
				p.log.wait(ctx, maxWait)
			}
		}
		records, end, err := p.log.read(slot, from)
		if err != nil {
			return err
		}
		p.mu.Lock()
		scribble(p.views[slot])
		p.views[slot] = records
		p.mu.Unlock()
		out = consumer.Fetched{Records: records, Next: from + int64(len(records)), Stable: end}
		return nil
	}, nil)
	if err != nil {
		return consumer.Fetched{}, err
	}
	return out, nil
}

// Bounds implements consumer.Reader.
func (p *fakeProcess) Bounds(ctx context.Context, slot consumer.Slot) (first, stable int64, err error) {
	op := opOutputBounds
	if slot.Topic == governor.Signals {
		op = opSignalBounds
	}
	err = p.step(ctx, op, func() error {
		first, stable = p.log.bounds(slot)
		return nil
	}, nil)
	return first, stable, err
}

// Acquire implements state.Store.
func (p *fakeProcess) Acquire(ctx context.Context, partition int32, owner string) (h state.Holding, err error) {
	err = p.step(ctx, opAcquire, func() (err error) { h, err = p.store.Acquire(ctx, partition, owner); return err }, nil)
	if err != nil {
		return state.Holding{}, err
	}
	return h, nil
}

// Load implements state.Store.
func (p *fakeProcess) Load(ctx context.Context, partition int32, people []rules.PersonID) (m []state.Memory, err error) {
	err = p.step(ctx, opLoad, func() (err error) { m, err = p.store.Load(ctx, partition, people); return err }, nil)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Totals implements state.Store.
func (p *fakeProcess) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) (t []state.Totals, err error) {
	err = p.step(ctx, opTotals, func() (err error) { t, err = p.store.Totals(ctx, partitions, campaigns); return err }, nil)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Commit implements state.Store.
func (p *fakeProcess) Commit(ctx context.Context, partition int32, batch *state.Batch) error {
	return p.step(ctx, opCommit, func() error { return p.store.Commit(ctx, partition, batch) }, nil)
}

// newWriter is Config.NewWriter.
func (p *fakeProcess) newWriter(ctx context.Context) (consumer.Writer, error) {
	if err := p.step(ctx, opOpenWriter, func() error { return nil }, nil); err != nil {
		return nil, err
	}
	if p.opened != nil {
		p.opened()
	}
	return &fakeWriter{process: p}, nil
}

// fakeWriter is of no use any more after its first error, as the port says.
type fakeWriter struct {
	process *fakeProcess
	failed  bool
	closed  bool
}

// Produce implements consumer.Writer.
func (w *fakeWriter) Produce(ctx context.Context, batch []consumer.Append) error {
	log := w.process.log
	if w.failed || w.closed {
		w.process.complain("a writer was used after its first error, or after it was closed")
	}
	err := w.process.step(ctx, opProduce, func() error {
		for _, a := range batch {
			for _, r := range a.Records {
				if log.largest > 0 && sizeOf(r) > log.largest {
					return fmt.Errorf("a record of %d bytes is too large for %s", sizeOf(r), a.Topic)
				}
			}
		}
		for _, a := range batch {
			log.append(a.Slot, a.Records...)
		}
		return nil
	}, func(f fate) {
		for i, a := range batch {
			n := len(a.Records) / 2
			if f == landsLast {
				n = 0
				if i == len(batch)-1 {
					n = len(a.Records)
				}
			}
			log.append(a.Slot, a.Records[:n]...)
		}
	})
	w.failed = w.failed || err != nil
	return err
}

// Close implements consumer.Writer.
func (w *fakeWriter) Close() { w.closed = true }

func sizeOf(r consumer.Record) int {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

func (p *fakeProcess) complain(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.misuse = append(p.misuse, what)
}

// Next implements consumer.Membership: the process is alone in its group, and
// gets its partitions again and again.
func (p *fakeProcess) Next(ctx context.Context) (consumer.Generation, error) {
	p.mu.Lock()
	last := p.gen
	p.mu.Unlock()
	if last != nil {
		select {
		case <-last.ctx.Done():
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		last.running.Wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead || p.once && last != nil {
		p.mu.Unlock()
		<-ctx.Done()
		p.mu.Lock()
		return nil, ctx.Err()
	}
	g := &fakeGeneration{process: p}
	g.ctx, g.end = context.WithCancel(context.Background())
	p.gen = g
	return g, nil
}

// Close implements consumer.Membership. Like kafka-go's, it ends the generation
// at once and waits for its functions.
func (p *fakeProcess) Close() error {
	p.endGeneration()
	p.mu.Lock()
	last := p.gen
	p.mu.Unlock()
	if last != nil {
		last.running.Wait()
	}
	return nil
}

// fakeGeneration is one term of a process in its group.
type fakeGeneration struct {
	process *fakeProcess
	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup
}

// Partitions implements consumer.Generation.
func (g *fakeGeneration) Partitions() []int32 { return g.process.partitions }

// Start implements consumer.Generation.
func (g *fakeGeneration) Start(fn func(ctx context.Context)) {
	g.running.Add(1)
	go func() {
		defer g.running.Done()
		defer g.end()
		fn(g.ctx)
	}()
}

// Commit implements consumer.Generation.
func (g *fakeGeneration) Commit(ctx context.Context, next map[consumer.Slot]int64) error {
	return g.process.step(ctx, opGroupCommit, func() error { g.process.log.commit(next); return nil }, nil)
}
