package consumer_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// noon is when the stories begin.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// testPolicy is small enough to know by heart: marketing is asked for, at most 1
// sms a day, 2 e-mails and 3 contacts of any kind a week; notices about one
// subject wait 15 minutes for each other; a campaign of whose calls more than 3 %
// were abandoned has no predictive ones. What is older than 72 h is stale.
var testPolicy = sync.OnceValue(func() *rules.Policy { return compiled(testSpec()) })

func testSpec() *rules.Spec {
	week := 7 * 24 * time.Hour
	asked := []rules.Class{rules.Solicitation}
	pressure := []rules.Class{rules.Solicitation, rules.Service, rules.Collection}
	return &rules.Spec{
		Name: "test", Hash: "testhash",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation},
			{Name: "reminder", Class: rules.Service},
			{Name: "receipt", Class: rules.ByPerson},
		},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms", Silent: true}, {Name: "call"}, {Name: "push"}},
		Caps: []rules.CapSpec{
			{Name: "any", Most: 3, In: rules.Window{Length: week}, Binds: rules.Selector{Classes: asked}, Counts: rules.Selector{Classes: pressure}},
			{Name: "email", Most: 2, In: rules.Window{Length: week}, Binds: rules.Selector{Classes: asked, Channels: []rules.Channel{"email"}},
				Counts: rules.Selector{Classes: asked, Channels: []rules.Channel{"email"}}},
			{Name: "sms", Most: 1, In: rules.Window{Length: 24 * time.Hour}, Binds: rules.Selector{Classes: asked, Channels: []rules.Channel{"sms"}},
				Counts: rules.Selector{Classes: asked, Channels: []rules.Channel{"sms"}}},
		},
		Notices: &rules.NoticeSpec{Wait: 15 * time.Minute, Repeat: 24 * time.Hour},
		AbandonRates: []rules.RateSpec{
			{Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 30 * 24 * time.Hour}},
		},
	}
}

func compiled(s *rules.Spec) *rules.Policy {
	p, problems := rules.Compile(s)
	if len(problems) > 0 {
		panic(fmt.Sprint(problems))
	}
	return p
}

// clock is a clock that stands still until it is set.
type clock struct{ ms atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.set(at)
	return c
}
func (c *clock) set(at time.Time)     { c.ms.Store(at.UnixMilli()) }
func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// input is a record on its way in.
type input struct {
	topic  string
	poison bool // nobody can read it: it belongs to the dead letters
	consumer.Record
}

// intent is one that a campaign engine means well. More are fields, "name:value".
func intent(id, person, channel, purpose string, at time.Time, more ...string) input {
	value := fmt.Sprintf(`{"id":%q,"person":%q,"channel":%q,"purpose":%q,"campaign":"spring","at":%q%s}`,
		id, person, channel, purpose, stamp(at), fields(more))
	return input{topic: governor.Intents, Record: consumer.Record{Time: at, Key: []byte(person), Value: []byte(value)}}
}

// signal is one word of a person, or about one.
func signal(id, person, kind string, at time.Time, more ...string) input {
	value := fmt.Sprintf(`{"id":%q,"person":%q,"type":%q,"at":%q%s}`, id, person, kind, stamp(at), fields(more))
	return input{topic: governor.Signals, Record: consumer.Record{Time: at, Key: []byte(person), Value: []byte(value)}}
}

func fields(more []string) string {
	var b strings.Builder
	for _, m := range more {
		name, value, _ := strings.Cut(m, ":")
		fmt.Fprintf(&b, ",%q:%q", name, value)
	}
	return b.String()
}

// poison is a record that nobody can read.
func poison(topic, key, value string) input {
	return input{topic: topic, poison: true, Record: consumer.Record{Time: noon, Key: []byte(key), Value: []byte(value)}}
}

// publish appends records to partition 0.
func (l *fakeLog) publish(in ...input) {
	for _, r := range in {
		offset := l.append(slot(r.topic), r.Record)
		if r.poison {
			l.mu.Lock()
			l.poison[position(slot(r.topic), offset)] = true
			l.mu.Unlock()
		}
	}
}

func slot(topic string) consumer.Slot { return consumer.Slot{Topic: topic} }

func position(s consumer.Slot, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", s.Topic, s.Partition, offset)
}

// config is a Consumer's in the given process: quick to try again, since the
// clock of the tests is not the one that it waits by.
func config(p *fakeProcess, c *clock, o consumer.Observer) consumer.Config {
	return consumer.Config{
		Policy: consumer.Always(testPolicy()), Store: p, Log: p, Group: p, NewWriter: p.newWriter, Partitions: 1,
		Clock: c.now, Observer: o, Poll: 5 * time.Millisecond, Backoff: time.Microsecond, MostBackoff: time.Millisecond,
	}
}

// running is a Consumer that runs in the background.
type running struct {
	t    testing.TB
	stop context.CancelFunc
	done chan struct{}
	err  error
}

// start runs a Consumer until stop, or until its process dies, or the test ends.
func start(t testing.TB, cfg consumer.Config, p *fakeProcess) *running {
	t.Helper()
	c, err := consumer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, stop: cancel, done: make(chan struct{})}
	go func() {
		select {
		case <-p.died:
			cancel()
		case <-ctx.Done():
		}
	}()
	go func() {
		defer close(r.done)
		r.err = c.Run(ctx)
	}()
	t.Cleanup(func() { r.stop(); r.wait() })
	return r
}

// patience is far more than anything here takes; it never decides what is right.
const patience = 20 * time.Second

// wait waits for the consumer's end.
func (r *running) wait() {
	r.t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		r.t.Fatal("the consumer does not stop")
	}
}

// until waits for something to become true.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// watcher is an Observer that remembers.
type watcher struct {
	mu     sync.Mutex
	events []string // acquired, committed, held, resumed, released
	whys   []error
	since  []time.Time
}

func (w *watcher) note(event string) { w.events = append(w.events, event) }

func (w *watcher) Acquired(int32, int64) { w.mu.Lock(); defer w.mu.Unlock(); w.note("acquired") }
func (w *watcher) Released(int32)        { w.mu.Lock(); defer w.mu.Unlock(); w.note("released") }
func (w *watcher) Rebuilding(_ int32, _ consumer.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("rebuilding")
}
func (w *watcher) Committed(_ int32, _ consumer.BatchReport) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("committed")
}

func (w *watcher) Held(_ int32, why error, since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("held")
	w.whys = append(w.whys, why)
	w.since = append(w.since, since)
}

func (w *watcher) Resumed(int32, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("resumed")
}

// count says how often an event was heard.
func (w *watcher) count(event string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.events {
		if e == event {
			n++
		}
	}
	return n
}

// last is the latest event of those given.
func (w *watcher) last(events ...string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.events) - 1; i >= 0; i-- {
		for _, e := range events {
			if w.events[i] == e {
				return e
			}
		}
	}
	return ""
}

func (w *watcher) why() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.whys) == 0 {
		return nil
	}
	return w.whys[len(w.whys)-1]
}

var _ consumer.Observer = (*watcher)(nil)
var _ state.Store = (*fakeProcess)(nil)

// story is a stream with a clock: phases follow one another, each only when all
// of the one before is done. So whatever fails in between, the same is decided
// at the same time.
type story []phase

// phase is what happens at one time.
type phase struct {
	at time.Time
	in []input
}

// stage plays a story to one process after another.
type stage struct {
	log    *fakeLog
	store  state.Store
	clock  *clock
	story  story
	next   int  // phase to begin
	asked  int  // for intents, in this phase and this term
	over   bool // the story is at its end
	ending func()
}

func newStage(s story, store state.Store) *stage {
	return &stage{log: newFakeLog(), store: store, clock: newClock(s[0].at), story: s}
}

// enter makes a process that plays on where the last one stopped.
func (s *stage) enter(decide func(op string, nth, n int) fate) *fakeProcess {
	p := newFakeProcess(s.log, s.store)
	p.decide = decide
	p.opened = func() { s.asked = 0 }
	p.before = func(op string) {
		if op == opFetchIntents {
			s.asked++
		}
	}
	p.idle = func() {
		// The first time that a term asks it may still have to hear, or to wait
		// for what is due; when it asks again all of the phase is done.
		if s.next > 0 && s.asked < 2 {
			return
		}
		if s.next == len(s.story) {
			s.over = true
			s.ending()
			return
		}
		ph := s.story[s.next]
		s.next++
		s.asked = 1
		s.clock.set(ph.at)
		for _, in := range ph.in {
			if in.poison {
				in.Time = ph.at
			}
			s.log.publish(in)
		}
	}
	return p
}

// play runs one process until the story is over or the process is dead, and says
// whether the story is over.
func (s *stage) play(t testing.TB, p *fakeProcess, o consumer.Observer, change ...func(*consumer.Config)) bool {
	t.Helper()
	cfg := config(p, s.clock, o)
	for _, f := range change {
		f(&cfg)
	}
	c, err := consumer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	s.ending = stop
	go func() {
		select {
		case <-p.died:
			stop()
		case <-ctx.Done():
		}
	}()
	if err := c.Run(ctx); err != nil {
		t.Errorf("the consumer ended with: %v", err)
	}
	if ctx.Err() == context.DeadlineExceeded {
		t.Fatalf("the story came to a stop at phase %d of %d", s.next, len(s.story))
	}
	for _, m := range p.misuse {
		t.Errorf("misuse: %s", m)
	}
	return s.over
}
