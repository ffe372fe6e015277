package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/state/redisstate"
)

// bench is one run of the command.
type bench struct {
	o      Options
	admin  *admin
	kafka  *kafkaio.Client
	redis  redis.UniversalClient
	store  redisstate.ClientOptions
	folder string // of configurations and of what the processes say
	broker int    // its process, 0: unknown
	asked  float64
	places int
	pairs  int
	tag    string // in every name, so that nobody else has it
}

// scenario is one thing that is measured.
type scenario struct {
	name  string
	about string // in a few words
	run   func(context.Context, *bench) ([]Run, error)
}

func scenarios() []scenario {
	return []scenario{
		{"peers", "the work of the peers, each decision held against the oracle", peers},
		{"kill", "the same, killed in the middle and started again", kill},
		{"hot", "the same, half of it for one person", hot},
		{"fleet", "the same on 16 partitions, by 1, 2 and 4 governors", fleet},
		{"house", "no-means-no, the clock on the wall, and a crowd most of whom were not contacted for days", house},
		{"latency", "the same crowd, at 10, 50 and 90 % of the highest rate that is kept up with", latency},
		{"backlog", "the same crowd: what came in 10 minutes, drained", backlog},
		{"growth", "from 10,000 to 10,000,000 people, windows of 7, 30 and 365 days", growth},
	}
}

// Scenarios are the names of all, in the order in which they run.
func Scenarios() (names []string) {
	for _, s := range scenarios() {
		names = append(names, s.name)
	}
	return names
}

// About tells of each scenario what it is, a line each.
func About() string {
	var lines []string
	for _, s := range scenarios() {
		lines = append(lines, fmt.Sprintf("  %-8s %s", s.name, s.about))
	}
	return strings.Join(lines, "\n")
}

// Measure runs the scenarios, and gives what was seen of those that came to their end. What
// it made in Kafka and Redis it takes away, whatever happens.
func Measure(ctx context.Context, o Options) (*Results, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	b, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer b.close()
	results := &Results{Machine: b.machine(ctx), Sections: make(map[string]Section)}
	for _, s := range scenarios() {
		if len(o.Scenarios) > 0 && !slices.Contains(o.Scenarios, s.name) {
			continue
		}
		fmt.Fprintf(o.Talk, "%s: %s\n", s.name, s.about)
		began := time.Now()
		runs, err := s.run(ctx, b)
		if len(runs) > 0 && err == nil {
			results.Sections[s.name] = Section{When: began.UTC().Truncate(time.Second), Command: o.Command, Quick: o.Quick, Machine: results.Machine, Runs: runs}
		}
		if err != nil {
			return results, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return results, nil
}

// open connects, and tells what is not there.
func open(ctx context.Context, o Options) (_ *bench, err error) {
	b := &bench{o: o, tag: "bench-" + strings.ToLower(rand.Text()[:8]), broker: o.BrokerPID}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.folder, err = os.MkdirTemp("", "governor-bench-"); err != nil {
		return nil, fmt.Errorf("make a folder for configurations: %w", err)
	}
	way := app.Kafka(&o.Config.Kafka)
	way.Compression = "none" // as the peers' input is
	if b.kafka, err = kafkaio.New(way); err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	if err := b.kafka.Admin().Ping(ctx); err != nil {
		return nil, fmt.Errorf("%w; name it with --brokers HOST:PORT or --config FILE", err)
	}
	b.admin = newAdmin(way, o.Config.Kafka.Topics.Replication)
	if b.store, err = app.Redis(&o.Config.Redis); err != nil {
		return nil, err
	}
	b.redis = redisstate.NewClient(b.store)
	if err := b.redis.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("cannot reach Redis at %s: %w; name it with --redis HOST:PORT or --config FILE", strings.Join(b.store.Addrs, ", "), err)
	}
	if b.broker == 0 && local(o.Config.Kafka.Brokers) {
		b.broker = broker(o.Config.Kafka.Brokers[0])
	}
	if b.broker == 0 {
		fmt.Fprintln(o.Talk, "the broker's process is not on this machine, or not found: its processor time stays empty (--broker-pid names it)")
	}
	return b, nil
}

// local says whether all addresses are this machine's own.
func local(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(a string) bool {
		host, _, err := net.SplitHostPort(a)
		ip := net.ParseIP(host)
		return err != nil || host != "localhost" && !ip.IsLoopback()
	})
}

func (b *bench) close() {
	if b.redis != nil {
		_ = b.redis.Close() // nothing is under way
	}
	if b.admin != nil {
		b.admin.close()
	}
	if b.kafka != nil {
		b.kafka.Close()
	}
	if b.folder != "" {
		_ = os.RemoveAll(b.folder) // it is in the folder of temporary things
	}
}

// log is the file for what a process says.
func (b *bench) log(name string) string { return filepath.Join(b.folder, name+".log") }

// tell tells whoever waits.
func (b *bench) tell(format string, args ...any) { fmt.Fprintf(b.o.Talk, "  "+format+"\n", args...) }

// patience is how long cleaning up may take, when nobody waits for it any more.
const patience = time.Minute

// after gives a context for what must be done even when ctx is over.
func after(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// errInterrupted is the end of what somebody ended.
var errInterrupted = errors.New("it was interrupted")
