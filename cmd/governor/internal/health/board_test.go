package health

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/state"
)

// No test of this package leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// process is a governor that does what a test says, by a clock of the test's.
type process struct {
	*Board
	at time.Time
}

func newProcess() *process {
	p := &process{at: noon}
	p.Board = NewBoard(func() time.Time { return p.at })
	return p
}

func (p *process) pass(d time.Duration) { p.at = p.at.Add(d) }

// governs has joined, and decides in these partitions.
func (p *process) governs(partitions ...int32) {
	p.joining()
	p.joined(partitions)
	for _, n := range partitions {
		p.Acquired(n, 7)
	}
}

// tells is all that is told of readiness, in one line.
func (p *process) tells() string {
	s := p.Status()
	var words []string
	for _, of := range s.Partitions {
		words = append(words, fmt.Sprintf("%d %s", of.Number, of.State))
	}
	for _, h := range s.Holds {
		words = append(words, fmt.Sprintf("%s held by %s for %s: %s", h.What, h.Class, h.For, h.Why))
	}
	return fmt.Sprintf("%s ready=%v started=%v [%s]", s.Stage, s.Ready, s.Started, strings.Join(words, "; "))
}

func (p *process) wants(t *testing.T, want string) {
	t.Helper()
	if got := p.tells(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

var (
	errBrokers = Blame(Kafka, errors.New("no broker answers"))
	errMemory  = Blame(Redis, errors.New("connection refused"))
)

// "/readyz … 200 when all assigned partitions decide and the group is joined."
func TestAProcessFromItsStartToItsEnd(t *testing.T) {
	p := newProcess()
	p.wants(t, "starting ready=false started=false []")
	p.Wait(Kafka, errors.New("no broker answers"))
	p.pass(3 * time.Second)
	p.Wait(Kafka, errors.New("still none"))
	p.wants(t, "starting ready=false started=false [the start held by kafka for 3s: still none]")
	p.Wait(Kafka, nil)
	p.Wait(Redis, nil)
	p.wants(t, "starting ready=false started=false []")

	p.joining()
	p.wants(t, "joining ready=false started=false []")
	p.joined([]int32{0, 1})
	p.wants(t, "governing ready=false started=false [0 recovering; 1 recovering]")
	p.joining() // the consumer asks for the next generation while this one works
	p.Acquired(1, 3)
	p.wants(t, "governing ready=false started=false [0 recovering; 1 deciding]")
	p.Acquired(0, 4)
	p.wants(t, "governing ready=true started=true [0 deciding; 1 deciding]")

	p.Released(0)
	p.wants(t, "joining ready=false started=true [1 deciding]")
	p.Released(1)
	p.joined([]int32{1})
	p.wants(t, "governing ready=false started=true [1 recovering]")
	p.Acquired(1, 5)
	p.wants(t, "governing ready=true started=true [1 deciding]")

	p.Stop()
	p.wants(t, "stopping ready=false started=true [1 deciding]")
	p.Released(1)
	p.joining()
	p.wants(t, "stopping ready=false started=true []")
}

// Where there are more governors than partitions, one without any waits for its
// turn, and all is well with it.
func TestAMemberWithoutPartitionsIsReady(t *testing.T) {
	p := newProcess()
	p.governs()
	p.wants(t, "governing ready=true started=true []")
}

// "Holds are visible: what, why, since when … and end by themselves when the cause
// ends."
func TestAHoldIsToldAsLongAsItLastsAndNoLonger(t *testing.T) {
	p := newProcess()
	p.governs(0, 1)
	began := p.at
	p.Held(1, fmt.Errorf("load people: %w", errMemory), began)
	p.pass(90 * time.Second)
	p.wants(t, "governing ready=false started=true [0 deciding; 1 held; partition 1 held by redis for 1m30s: load people: connection refused]")

	// It was acquired again, and that is no decision yet; then something else fails.
	p.Acquired(1, 8)
	p.Held(1, fmt.Errorf("emit batch 4: %w", errBrokers), began)
	p.pass(30 * time.Second)
	p.wants(t, "governing ready=false started=true [0 deciding; 1 held; partition 1 held by kafka for 2m0s: emit batch 4: no broker answers]")

	p.Resumed(1, 2*time.Minute)
	p.wants(t, "governing ready=true started=true [0 deciding; 1 deciding]")
	s := p.Status()
	if s.Held[Redis] != 90*time.Second || s.Held[Kafka] != 30*time.Second || s.Begun[Redis] != 1 || s.Begun[Kafka] != 0 {
		t.Errorf("held for %v, begun %v", s.Held, s.Begun)
	}
}

// Whoever loses a held partition holds it no longer: it is somebody else's to tell.
func TestAHoldEndsWithThePartition(t *testing.T) {
	p := newProcess()
	p.governs(0, 1)
	p.Held(0, state.ErrFenced, p.at)
	p.Released(0)
	p.Released(1)
	p.governs(1)
	p.wants(t, "governing ready=true started=true [1 deciding]")
}

// The group that cannot be joined is a hold, too.
func TestAGroupThatCannotBeJoined(t *testing.T) {
	p := newProcess()
	p.governs(0)
	p.Released(0)
	p.Held(consumer.NoPartition, fmt.Errorf("join the group: %w", errBrokers), p.at)
	p.pass(time.Second)
	p.wants(t, "joining ready=false started=true [the group held by kafka for 1s: join the group: no broker answers]")
	p.joined([]int32{0})
	p.Acquired(0, 9)
	p.wants(t, "governing ready=false started=true [0 deciding; the group held by kafka for 1s: join the group: no broker answers]")
	p.Resumed(consumer.NoPartition, time.Second)
	p.wants(t, "governing ready=true started=true [0 deciding]")
}

// Seconds of holds never become fewer, whatever the clock does: a counter that goes
// back is taken for a restart.
func TestAClockThatIsSetBackTakesNoSecondsAway(t *testing.T) {
	p := newProcess()
	p.governs(0)
	p.Held(0, errMemory, p.at)
	last := time.Duration(0)
	for _, step := range []time.Duration{time.Minute, -time.Hour, time.Minute, 0, time.Second} {
		p.pass(step)
		now := p.Status()
		if now.Held[Redis] < last || now.Holds[0].For < 0 {
			t.Fatalf("after %s: %s in all, this one for %s", step, now.Held[Redis], now.Holds[0].For)
		}
		last = now.Held[Redis]
	}
	if last != 2*time.Minute+time.Second {
		t.Errorf("held for %s", last)
	}
}

// The class is what was wrong, not only who said so.
func TestClassOf(t *testing.T) {
	for _, c := range []struct {
		why  error
		want Class
	}{
		{fmt.Errorf("fetch intents: %w", errBrokers), Kafka},
		{Blame(Kafka, consumer.ErrOutOfRange), Kafka},
		{fmt.Errorf("acquire: %w", errMemory), Redis},
		{Blame(Redis, context.DeadlineExceeded), Redis},
		{fmt.Errorf("commit: %w", Blame(Redis, state.ErrFenced)), Fenced},
		{fmt.Errorf("commit: %w", Blame(Redis, state.ErrMoved)), Memory},
		{consumer.ErrMemoryLost, Memory},
		{state.ErrLogVersion, Memory},
		{fmt.Errorf("ours is at 1, theirs at 2: %w", consumer.ErrClocks), Clocks},
		{consumer.ErrBehind, Other},
		{errors.New("whatever"), Other},
	} {
		if got := ClassOf(c.why); got != c.want {
			t.Errorf("%v is %s, not %s", c.why, got, c.want)
		}
	}
	if Blame(Kafka, nil) != nil {
		t.Error("no error became one")
	}
	if err := Blame(Redis, state.ErrMoved); err.Error() != state.ErrMoved.Error() {
		t.Errorf("the words became %q", err)
	}
}

// A batch takes from when its records are there until all of it is emitted; how
// long nobody came before is nothing to it.
func TestHowLongABatchTook(t *testing.T) {
	p := newProcess()
	p.governs(0)
	if p.Took(0) != 0 || p.Took(5) != 0 {
		t.Error("a batch took time before there was any")
	}
	p.pass(time.Minute)
	p.fetchedIntents(0, 0, p.at)
	p.pass(20 * time.Millisecond)
	p.Committed(0, consumer.BatchReport{})
	if got := p.Took(0); got != 20*time.Millisecond {
		t.Errorf("it took %s", got)
	}
	p.pass(5 * time.Millisecond) // the next piece of what came at once
	p.Committed(0, consumer.BatchReport{})
	if got := p.Took(0); got != 5*time.Millisecond {
		t.Errorf("the second piece took %s", got)
	}
	if got := p.Status().Partitions[0].LastBatch; !got.Equal(p.at) {
		t.Errorf("the last batch was at %s", got)
	}
}

// stream is a consumer.Reader that has one answer.
type stream struct {
	consumer.Reader
	fetched consumer.Fetched
	err     error
}

func (s *stream) Fetch(context.Context, consumer.Slot, int64, time.Duration) (consumer.Fetched, error) {
	return s.fetched, s.err
}

func (s *stream) Bounds(context.Context, consumer.Slot) (int64, int64, error) { return 0, 0, s.err }

// Lag is what is there and was not fetched, and how old the oldest is that is not
// answered: it goes on growing while nobody can fetch.
func TestLag(t *testing.T) {
	p, s := newProcess(), &stream{}
	p.governs(3)
	r := p.Log(s, "test.")
	fetch := func(topic string, f consumer.Fetched) {
		t.Helper()
		s.fetched = f
		if _, err := r.Fetch(t.Context(), consumer.Slot{Topic: topic, Partition: 3}, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	lag := func() [3]int64 {
		of := p.Status().Partitions[0]
		return [3]int64{of.Intents, of.Signals, int64(of.Lag / time.Second)}
	}
	fetch("test.contact.signals", consumer.Fetched{Next: 10, Stable: 12})
	fetch("test.contact.intents", consumer.Fetched{Next: 100, Stable: 150, Records: []consumer.Record{{Time: noon.Add(-time.Minute)}}})
	fetch("test.contact.approved", consumer.Fetched{Next: 1, Stable: 1000})
	if got, want := lag(), [3]int64{50, 2, 60}; got != want {
		t.Errorf("behind by %v, want %v", got, want)
	}
	s.err = errors.New("no broker answers")
	if _, err := r.Fetch(t.Context(), consumer.Slot{Topic: "test.contact.intents", Partition: 3}, 0, 0); ClassOf(err) != Kafka {
		t.Errorf("got %v", err)
	}
	if _, _, err := r.Bounds(t.Context(), consumer.Slot{}); ClassOf(err) != Kafka {
		t.Errorf("got %v", err)
	}
	s.err = nil
	p.pass(time.Minute)
	if got, want := lag(), [3]int64{50, 2, 120}; got != want {
		t.Errorf("behind by %v, want %v", got, want)
	}
	fetch("test.contact.intents", consumer.Fetched{Next: 150, Stable: 150})
	fetch("test.contact.signals", consumer.Fetched{Next: 12, Stable: 12})
	if got, want := lag(), [3]int64{0, 0, 0}; got != want {
		t.Errorf("behind by %v, want %v", got, want)
	}
}

// membership gives what is in it.
type membership struct {
	consumer.Membership
	next consumer.Generation
	err  error
}

func (m *membership) Next(context.Context) (consumer.Generation, error) { return m.next, m.err }

type generation struct {
	consumer.Generation
	partitions []int32
}

func (g generation) Partitions() []int32 { return g.partitions }

// broken is a writer that has its day.
type broken struct{ consumer.Writer }

func (broken) Produce(context.Context, []consumer.Append) error {
	return errors.New("not enough replicas")
}

func TestThePortsLetTheBoardKnow(t *testing.T) {
	p, m := newProcess(), &membership{err: errors.New("no coordinator")}
	g := p.Group(m)
	if _, err := g.Next(t.Context()); ClassOf(err) != Kafka {
		t.Errorf("got %v", err)
	}
	p.wants(t, "joining ready=false started=false []")
	m.next, m.err = generation{partitions: []int32{2}}, nil
	if gen, err := g.Next(t.Context()); err != nil || !reflect.DeepEqual(gen.Partitions(), []int32{2}) {
		t.Errorf("got %v, %v", gen, err)
	}
	p.wants(t, "governing ready=false started=false [2 recovering]")
	if err := Writer(broken{}).Produce(t.Context(), nil); ClassOf(err) != Kafka {
		t.Errorf("got %v", err)
	}
}

// ear writes down what it hears.
type ear struct {
	name  string
	heard *[]string
}

func (e ear) Acquired(p int32, epoch int64)             { e.note("acquired", p, epoch) }
func (e ear) Committed(p int32, b consumer.BatchReport) { e.note("committed", p, b.Intents) }
func (e ear) Held(p int32, why error, since time.Time)  { e.note("held", p, why, since.Second()) }
func (e ear) Resumed(p int32, after time.Duration)      { e.note("resumed", p, after) }
func (e ear) Rebuilding(p int32, r consumer.Progress)   { e.note("rebuilding", p, r.Done) }
func (e ear) Released(p int32)                          { e.note("released", p) }
func (e ear) note(words ...any)                         { *e.heard = append(*e.heard, e.name+" "+fmt.Sprintln(words...)) }

func TestAllHearTheSameInTheirOrder(t *testing.T) {
	var heard []string
	o := All(ear{"a", &heard}, nil, ear{"b", &heard})
	o.Acquired(1, 2)
	o.Committed(1, consumer.BatchReport{Intents: 3})
	o.Rebuilding(1, consumer.Progress{Done: 4})
	o.Held(1, errors.New("why"), noon)
	o.Resumed(1, time.Second)
	o.Released(1)
	want := []string{
		"a acquired 1 2\n", "b acquired 1 2\n", "a committed 1 3\n", "b committed 1 3\n", "a rebuilding 1 4\n", "b rebuilding 1 4\n", "a held 1 why 0\n", "b held 1 why 0\n",
		"a resumed 1 1s\n", "b resumed 1 1s\n", "a released 1\n", "b released 1\n",
	}
	if !reflect.DeepEqual(heard, want) {
		t.Errorf("heard %q", heard)
	}
}
