// Package app puts the parts of a running governor together: the log in Kafka,
// the memory in Redis, the policy, and the workers between them. The demo runs
// the same app over an embedded Kafka and an embedded Redis.
package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/cmd/governor/internal/tracing"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/redisstate"
	"github.com/contactgovernor/governor/state/sealed"
)

// Options are what an app is made of.
type Options struct {
	Config   config.Config
	Policy   *rules.Policy // in force at first
	Log      *zap.Logger
	Observer consumer.Observer

	// Tracing makes spans of batches and of requests. It may be nil: then there are none.
	Tracing *tracing.Tracing

	// Health learns how the governor fares, and hears of everything before Observer
	// does. It may be nil.
	Health *health.Board

	// Embedded says that Redis is inside this process and cannot be asked about
	// its settings.
	Embedded bool

	// Clock is where decisions take their time from. It may be nil, which is
	// time.Now; the demo moves its own.
	Clock func() time.Time

	// Source is where the policy is from, in order to follow what changes there. It
	// may be nil; then the policy never changes.
	Source *Source

	// Ready is called once, when topics and memory are found to be in order and
	// the group is about to be joined. It may be nil.
	Ready func()
}

// App is a governor that is ready to run. It holds connections until it is
// closed.
type App struct {
	o      Options
	policy atomic.Pointer[rules.Policy] // in force
	since  adoptions                    // what was
	kafka  *kafkaio.Client
	redis  redis.UniversalClient
	store  *redisstate.Store
	memory state.Store  // the store, hiding what is to be hidden
	keys   *sealed.Keys // what the erased are hidden with; nil: nothing

	leaving func(*rules.Intent, rules.DecisionID) *schemas.Leave
	framing Framing // of what comes framed by a schema registry, and goes so
}

// New connects nothing yet; what is wrong with the options is told at once.
//
// It silences what the Redis client would write to standard error by itself, in
// a format of its own and at every attempt: the same comes back as an error.
func New(o Options) (*App, error) {
	logging.Disable()
	if o.Health == nil {
		o.Health = health.NewBoard(o.Clock)
	}
	where, err := redisClient(&o.Config.Redis)
	if err != nil {
		return nil, err
	}
	way := Kafka(&o.Config.Kafka)
	way.Topics, way.FetchBytes = names(&o), o.Config.Limits.FetchBytes
	log, err := kafkaio.New(way)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	client := redisstate.NewClient(where)
	store, err := redisstate.New(client, redisstate.Options{
		Prefix: o.Config.Redis.Prefix, Embedded: o.Embedded, Wait: redisstate.Wait(o.Config.Redis.Wait),
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("redis: %w", err), client.Close())
	}
	hidden, err := identity(&o.Config.Identity)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	memory, err := sealed.New(memory{store}, hidden)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	leaving, err := leaving(&o.Config.Leave)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	a := &App{o: o, kafka: log, redis: client, store: store, memory: memory, keys: hidden.Keys, leaving: leaving}
	if a.framing, err = NewFraming(&o.Config); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	a.adopt(o.Policy)
	return a, nil
}

func (a *App) newWriter() consumer.Writer { return a.kafka.NewWriter() }

// names are the topics that the governor reads and writes.
func names(o *Options) []string {
	var out []string
	for _, spec := range topics(&o.Config.Kafka, o.Policy, 0) {
		out = append(out, spec.Name)
	}
	return out
}

// InForce is the policy under which intents are decided now.
func (a *App) InForce() *rules.Policy { return a.policy.Load() }

// Close ends the connections.
func (a *App) Close() error {
	a.kafka.Close()
	return a.redis.Close()
}

// Run governs until ctx ends, then lets the batches that are under way finish
// and leaves the group.
//
// Kafka or Redis away at the start is no error but a wait: it is told, tried
// again, and nothing is approved meanwhile. What waiting does not mend (a topic
// with the wrong settings, a Redis that evicts) is an error.
func (a *App) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, a.o.Health.Stop)()
	partitions, err := a.prepare(ctx)
	if ctx.Err() != nil {
		return nil // told to stop before it could begin; whatever failed, failed of that
	}
	if err != nil {
		return err
	}
	intents := a.o.Config.Kafka.Topics.Prefix + governor.Intents
	group, err := a.kafka.Join(kafkaio.GroupConfig{ID: a.o.Config.Kafka.Group, Topic: intents})
	if err != nil {
		return err
	}
	cfg := a.workers(partitions)
	cfg.Group = a.o.Health.Group(group)
	c, err := consumer.New(cfg)
	if err != nil {
		return err
	}
	a.warnOfThePast()
	a.o.Log.Info("governing", zap.String("policy", a.o.Policy.Name()), zap.String("hash", a.o.Policy.Hash()),
		zap.Strings("brokers", a.o.Config.Kafka.Brokers), zap.String("redis", redisAt(&a.o.Config.Redis)),
		zap.String("group", a.o.Config.Kafka.Group), zap.Int("partitions", partitions))
	if a.o.Ready != nil {
		a.o.Ready()
	}
	following, stop := context.WithCancel(ctx)
	var follower sync.WaitGroup
	defer follower.Wait()
	defer stop()
	if a.o.Source != nil {
		follower.Go(func() { a.follow(following, a.o.Source) })
	}
	return c.Run(ctx)
}

// workers is the configuration of the partition workers, but for the group.
func (a *App) workers(partitions int) consumer.Config {
	return consumer.Config{
		Policy: a.policy.Load, Store: a.memory, Keys: a.keys,
		Log:         a.framing.Reader(a.o.Health.Log(a.kafka.NewReader(), a.o.Config.Kafka.Topics.Prefix)),
		NewWriter:   func(ctx context.Context) (consumer.Writer, error) { return a.framing.writer(ctx, a.newWriter) },
		Partitions:  int32(partitions),
		PartitionOf: func(key []byte) int32 { return kafkaio.Murmur2Partition(key, int32(partitions)) },
		Prefix:      a.o.Config.Kafka.Topics.Prefix,
		Source:      "/" + a.o.Config.Kafka.Group,
		MaxSkew:     a.maxSkew(),
		MaxPeople:   a.o.Config.Limits.People,
		Observer:    health.All(a.o.Health, a.o.Observer),
		Tracer:      a.o.Tracing.Tracer(),
		Clock:       a.o.Clock,
		Leave:       a.leaving,
	}
}

// prepare waits for Kafka and Redis, checks both, and says how many partitions
// there are.
func (a *App) prepare(ctx context.Context) (partitions int, err error) {
	admin := a.kafka.Admin()
	if err := a.await(ctx, health.Kafka, admin.Ping); err != nil {
		return 0, err
	}
	if err := a.await(ctx, health.Redis, func(ctx context.Context) error { return a.redis.Ping(ctx).Err() }); err != nil {
		return 0, err
	}
	if err := a.store.Check(ctx); err != nil {
		return 0, err
	}
	if err := a.settle(ctx, admin); err != nil {
		return 0, err
	}
	return admin.Partitions(ctx, a.o.Config.Kafka.Topics.Prefix+governor.Intents)
}

// maxSkew is by how much this machine's clock and Redis's may differ. A clock of
// somebody's own making is not compared.
func (a *App) maxSkew() time.Duration {
	if a.o.Clock != nil {
		return 0
	}
	return time.Minute
}

// looks is how often the topics are looked at before what is wrong with them is
// believed, and lookAgain the pause in between: a broker learns late of a topic
// that was just made.
const (
	looks     = 3
	lookAgain = 500 * time.Millisecond
)

// settle makes sure of the topics.
func (a *App) settle(ctx context.Context, admin *kafkaio.Admin) (err error) {
	for look := range looks {
		if look > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(lookAgain):
			}
		}
		if err = a.ensure(ctx, admin); err == nil {
			return nil
		}
	}
	return err
}

// ensure checks the topics, and makes those that are missing if it may. The
// intents that are there say how many partitions everything has.
func (a *App) ensure(ctx context.Context, admin *kafkaio.Admin) error {
	c := &a.o.Config.Kafka
	partitions := c.Topics.Partitions
	for i, spec := range topics(c, a.o.Policy, partitions) {
		_, err := admin.Partitions(ctx, spec.Name)
		missing := errors.Is(err, kafka.UnknownTopicOrPartition)
		switch {
		case missing && !c.Topics.Create:
			return fmt.Errorf("%w; make it, or set kafka.topics.create", err)
		case err != nil && !missing:
			return err
		case i == 0 && !missing:
			partitions = 0 // as many as there are
		}
	}
	return admin.Ensure(ctx, topics(c, a.o.Policy, partitions))
}

// The pauses between attempts to reach what is away.
const (
	firstPause = 250 * time.Millisecond
	mostPause  = 5 * time.Second
)

// await tries until what is needed answers, telling each time that it does not.
// It returns an error only if ctx ends first.
func (a *App) await(ctx context.Context, what health.Class, try func(context.Context) error) error {
	defer a.o.Health.Wait(what, nil)
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		attempt, cancel := context.WithTimeout(ctx, mostPause)
		err := try(attempt)
		cancel()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		a.o.Health.Wait(what, err)
		a.o.Log.Warn("waiting, nothing is approved meanwhile", zap.String("for", string(what)), zap.Error(err), zap.Duration("again_in", pause))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
