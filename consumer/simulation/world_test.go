package simulation_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/redisstate"
)

const (
	partitions = 3
	machines   = 3
	firstPort  = 9092
	maxSkew    = 20 * time.Second

	// everyNotice is how long a notice may wait: for others, and for the last one.
	noticeWait   = 30 * time.Second
	noticeRepeat = 2 * time.Minute
)

// inputs are the topics that the governors read, outputs those that they write.
func inputs() []string { return []string{governor.Intents, governor.Signals} }

func outputs() []string {
	return []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.Standing, governor.VetoRates, governor.DeadLetter}
}

// policy is small enough for the checker to say it again (caps), and its windows
// are so short that they open and close within minutes.
func policy() *rules.Policy {
	asked := []rules.Class{rules.Solicitation}
	by := func(channel rules.Channel) rules.Selector {
		return rules.Selector{Classes: asked, Channels: []rules.Channel{channel}}
	}
	p, problems := rules.Compile(&rules.Spec{
		Name: "simulation", Hash: "simulation",
		Purposes: []rules.PurposeSpec{
			{Name: "marketing", Class: rules.Solicitation}, {Name: "reminder", Class: rules.Service}, {Name: "receipt", Class: rules.ByPerson},
		},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms", Silent: true}, {Name: "call"}, {Name: "push"}},
		Caps: []rules.CapSpec{
			{Name: "any", Most: 3, In: rules.Window{Length: 4 * time.Minute}, Binds: rules.Selector{Classes: asked},
				Counts: rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Service, rules.Collection}}},
			{Name: "email", Most: 2, In: rules.Window{Length: 4 * time.Minute}, Binds: by("email"), Counts: by("email")},
			{Name: "sms", Most: 1, In: rules.Window{Length: time.Minute}, Binds: by("sms"), Counts: by("sms")},
		},
		Notices:      &rules.NoticeSpec{Wait: noticeWait, Repeat: noticeRepeat},
		AbandonRates: []rules.RateSpec{{Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 5 * time.Minute}}},
	})
	if len(problems) > 0 {
		panic(fmt.Sprint(problems))
	}
	return p
}

func home(key []byte) int32 { return kafkaio.Murmur2Partition(key, partitions) }

// world is everything that there is in one bubble.
type world struct {
	t        testing.TB
	network  kfake.VirtualNetwork
	kafka    *kfake.Cluster
	memory   *memory
	dumpsMu  sync.Mutex
	dumps    []dump // of earlier instants, the latest last
	policy   *rules.Policy
	machines [machines]*machine
	plant    plant
	emitting atomic.Int64   // produces of governors that are on their way
	traffic  sync.WaitGroup // on the wires
	errands  sync.WaitGroup // faults that end by themselves
	faults   []*kfake.FaultHandle
	over     context.Context
	end      context.CancelFunc
}

// plant is what is wrong with the governors' parts on purpose. The zero value is
// nothing.
type plant struct {
	store  func(*redisstate.Store, *redis.Client) state.Store
	log    func(consumer.Reader) consumer.Reader
	writer func(consumer.Writer) consumer.Writer
	memory func(*world) // something that happens to Redis, until the world is over
	only   []string     // the faults that there are besides; none: all
	beyond bool         // also what is not promised
}

func newWorld(t testing.TB, p plant) *world {
	w := &world{t: t, memory: newMemory(), policy: policy(), plant: p}
	w.over, w.end = context.WithCancel(t.Context())
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.Ports(firstPort, firstPort+1, firstPort+2), kfake.ListenFn(w.network.Listen),
		kfake.SeedTopics(partitions, append(inputs(), outputs()...)...), kfake.GroupMinSessionTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	w.kafka = cluster
	for i := range w.machines {
		w.machines[i] = &machine{world: w, number: i}
	}
	if p.memory != nil {
		w.errand(func() { p.memory(w) })
	}
	return w
}

// errand does something beside everything else; it must watch over.
func (w *world) errand(do func()) {
	w.errands.Add(1)
	go func() {
		defer w.errands.Done()
		do()
	}()
}

// sleep is false when the world ended meanwhile.
func (w *world) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return w.over.Err() == nil
	case <-w.over.Done():
		return false
	}
}

// destroy ends the world. Nothing of it may be left: the bubble would not burst.
func (w *world) destroy() {
	w.end()
	w.errands.Wait()
	for _, m := range w.machines {
		m.heal()
		m.stop()
	}
	for _, m := range w.machines {
		m.buried.Wait()
	}
	w.kafka.Close()
	w.memory.close()
	w.traffic.Wait()
}

// machine is a place where a governor runs, or does not.
type machine struct {
	world  *world
	number int
	skew   atomic.Int64 // its clock is ahead by so many milliseconds
	lag    atomic.Int64 // it learns so late that a generation has ended, like who was asleep
	seen   counters

	mu     sync.Mutex
	now    *process // nil: none
	buried sync.WaitGroup
}

// process is a governor that runs.
//
// Membership has a wire of its own, and on that nothing is slow or gets lost: it is
// there, or it is cut. kafka-go lets the heartbeat and the commit of offsets share a
// connection under a mutex, and who waits for a mutex keeps virtual time from passing.
type process struct {
	kafka, redis, group *wire
	stop                context.CancelFunc
	done                chan struct{}
}

// wires of a process are numbered.
const (
	toKafka = iota
	toRedis
	toGroup
)

func (m *machine) clock() time.Time {
	return time.Now().Add(time.Duration(m.skew.Load()) * time.Millisecond)
}

// wires are those of the governor that runs, if one does.
func (m *machine) wires() []*wire {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == nil {
		return nil
	}
	return []*wire{toKafka: m.now.kafka, toRedis: m.now.redis, toGroup: m.now.group}
}

func (m *machine) heal() {
	m.skew.Store(0)
	m.lag.Store(0)
	for _, w := range m.wires() {
		w.heal()
	}
}

// start starts a governor, unless one runs.
func (m *machine) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now != nil {
		return
	}
	w := m.world
	p := &process{done: make(chan struct{})}
	network := func(ctx context.Context, address string) (net.Conn, error) {
		return w.network.DialContext(ctx, "tcp", address)
	}
	p.kafka, p.group = &wire{open: network, traffic: &w.traffic, emitting: &w.emitting}, &wire{open: network, traffic: &w.traffic}
	p.redis = &wire{open: w.memory.open, traffic: &w.traffic}
	client, err := m.connect(p.kafka)
	if err != nil {
		w.t.Error(err)
		return
	}
	member, err := m.connect(p.group)
	if err != nil {
		w.t.Error(err)
		return
	}
	rdb := redis.NewClient(&redis.Options{ // as redisstate.NewClient has it, but for the dialer
		Dialer: p.redis.dial, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true, PipelinePoolSize: -1,
		DialTimeout: time.Second, ReadTimeout: time.Second, WriteTimeout: time.Second,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	store, err := redisstate.New(rdb, redisstate.Options{Embedded: true})
	if err != nil {
		w.t.Error(err)
		return
	}
	group, err := member.Join(kafkaio.GroupConfig{
		ID: "governor", Topic: governor.Intents, Heartbeat: 2 * time.Second, Session: 8 * time.Second, Rebalance: 6 * time.Second, Watch: time.Minute,
	})
	if err != nil {
		w.t.Error(err)
		return
	}
	cfg := consumer.Config{
		Policy: consumer.Always(w.policy), Store: store, Log: client.NewReader(), Group: &sleepyGroup{group, &m.lag},
		NewWriter:  func(context.Context) (consumer.Writer, error) { return client.NewWriter(), nil },
		Partitions: partitions, PartitionOf: home, Clock: m.clock, Observer: &m.seen,
		Poll: 400 * time.Millisecond, MaxSkew: maxSkew, MaxPeople: 3, // few, so that memory is really asked
	}
	if w.plant.store != nil {
		cfg.Store = w.plant.store(store, rdb)
	}
	if w.plant.log != nil {
		cfg.Log = w.plant.log(cfg.Log)
	}
	if w.plant.writer != nil {
		cfg.NewWriter = func(context.Context) (consumer.Writer, error) { return w.plant.writer(client.NewWriter()), nil }
	}
	c, err := consumer.New(cfg)
	if err != nil {
		w.t.Error(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	m.buried.Add(1)
	go func() {
		defer m.buried.Done()
		defer close(p.done)
		_ = c.Run(ctx) // that the group cannot be left is no news on a network that is cut
		client.Close()
		member.Close()
		_ = rdb.Close()
	}()
	m.now = p
}

func (m *machine) connect(over *wire) (*kafkaio.Client, error) {
	return kafkaio.New(kafkaio.Config{
		Brokers: []string{"localhost:9092", "localhost:9093", "localhost:9094"}, ClientID: fmt.Sprint("machine-", m.number), Dial: over.dial,
		RequestTimeout: 4 * time.Second, MetadataTTL: 2 * time.Second,
	})
}

// stop lets the governor finish its batch and leave the group.
func (m *machine) stop() {
	m.mu.Lock()
	p := m.now
	m.now = nil
	m.mu.Unlock()
	if p != nil {
		p.stop()
		<-p.done
	}
}

// kill takes it off the network from one instant to the next, in the middle of
// whatever it does. Only what it has sent before arrives.
func (m *machine) kill() {
	m.mu.Lock()
	p := m.now
	m.now = nil
	m.mu.Unlock()
	if p == nil {
		return
	}
	for _, w := range []*wire{p.kafka, p.redis, p.group} {
		w.die()
	}
	p.stop()
}

// sleepyGroup is a membership of somebody who may learn too late that a generation
// is over: a zombie.
type sleepyGroup struct {
	consumer.Membership
	lag *atomic.Int64 // in milliseconds
}

func (g *sleepyGroup) Next(ctx context.Context) (consumer.Generation, error) {
	next, err := g.Membership.Next(ctx)
	if err != nil {
		return nil, err
	}
	return &sleepyGeneration{next, g.lag}, nil
}

type sleepyGeneration struct {
	consumer.Generation
	lag *atomic.Int64
}

func (g *sleepyGeneration) Start(fn func(ctx context.Context)) {
	g.Generation.Start(func(ctx context.Context) {
		late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		defer cancel(nil)
		stop := context.AfterFunc(ctx, func() {
			timer := time.NewTimer(time.Duration(g.lag.Load()) * time.Millisecond)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-late.Done():
			}
			cancel(context.Cause(ctx))
		})
		defer stop()
		fn(late)
	})
}

// counters is an Observer that counts.
type counters struct{ acquired, committed, held atomic.Int64 }

// Acquired implements consumer.Observer.
func (c *counters) Acquired(int32, int64) { c.acquired.Add(1) }

// Committed implements consumer.Observer.
func (c *counters) Committed(int32, consumer.BatchReport) { c.committed.Add(1) }

// Held implements consumer.Observer.
func (c *counters) Held(int32, error, time.Time) { c.held.Add(1) }

// Rebuilding implements consumer.Observer.
func (c *counters) Rebuilding(int32, consumer.Progress) {}

// Resumed implements consumer.Observer.
func (c *counters) Resumed(int32, time.Duration) {}

// Released implements consumer.Observer.
func (c *counters) Released(int32) {}
