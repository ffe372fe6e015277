package sizing

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/redisstate"
)

// BenchmarkGovern lets one governor work off intents that wait in a real Kafka, on a
// real Redis that nobody else uses, and measures what measured.go quotes: the
// processor's time of the governor and of Redis for an intent, how many intents it
// decides a second on so many partitions, and what a record costs on the disk of the
// broker.
//
//	GOVERNOR_TEST_KAFKA=127.0.0.1:9092 GOVERNOR_TEST_REDIS=127.0.0.1:6379 go test -run - -bench Govern -benchtime 1x ./cmd/governor/internal/sizing
func BenchmarkGovern(b *testing.B) {
	kafka, redis := os.Getenv("GOVERNOR_TEST_KAFKA"), os.Getenv("GOVERNOR_TEST_REDIS")
	if kafka == "" || redis == "" {
		b.Skip("it needs a Kafka and a Redis: set GOVERNOR_TEST_KAFKA and GOVERNOR_TEST_REDIS")
	}
	for _, partitions := range []int{1, 8} {
		b.Run(fmt.Sprintf("partitions=%d", partitions), func(b *testing.B) {
			govern(b, kafka, redis, partitions)
		})
	}
}

const (
	benchIntents = 60_000
	benchPeople  = 20_000
)

func govern(b *testing.B, kafka, redis string, partitions int) {
	policy, err := policyfile.Load("no-means-no")
	must(b, err)
	c := config.Default()
	prefix := fmt.Sprintf("bench-%d-%d.", partitions, time.Now().UnixMilli())
	c.Kafka.Brokers, c.Kafka.Group, c.Kafka.Topics.Prefix, c.Kafka.Topics.Partitions = []string{kafka}, prefix+"g", prefix, partitions
	c.Redis.Address, c.Redis.Prefix, c.Redis.Timeout = redis, prefix, 5*time.Second
	topics, err := app.TopicsOf(&c.Kafka, policy)
	must(b, err)
	must(b, topics.Make(b.Context()))
	topics.Close()
	engine, err := kgo.NewClient(kgo.SeedBrokers(kafka), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	must(b, err)
	defer engine.Close()
	publish(b, engine, prefix)

	store := redisstate.NewClient(redisstate.ClientOptions{Addrs: []string{redis}, Timeout: 5 * time.Second})
	defer store.Close()
	told := func(section, field string) float64 {
		text, err := store.Info(b.Context(), section).Result()
		must(b, err)
		n, err := strconv.ParseFloat(regexp.MustCompile(`(?m)^` + field + `:([0-9.]+)`).FindStringSubmatch(text)[1], 64)
		must(b, err)
		return n
	}
	ctx, stop := context.WithCancel(b.Context())
	done := &done{stop: stop, all: benchIntents}
	a, err := app.New(app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(b, zaptest.Level(zapcore.ErrorLevel), zaptest.WrapOptions(zap.AddStacktrace(zapcore.FatalLevel))), Observer: done})
	must(b, err)
	memory, spent, ours := told("memory", "used_memory"), told("cpu", "used_cpu_user")+told("cpu", "used_cpu_sys"), processor(b)
	b.ResetTimer()
	began := time.Now()
	err = a.Run(ctx)
	took := time.Since(began)
	b.StopTimer()
	must(b, err)
	b.ReportMetric(float64(benchIntents)/took.Seconds(), "intents/s")
	b.ReportMetric(1e6*(processor(b)-ours).Seconds()/benchIntents, "governor-µs/intent")
	b.ReportMetric(1e6*(told("cpu", "used_cpu_user")+told("cpu", "used_cpu_sys")-spent)/benchIntents, "redis-µs/intent")
	b.ReportMetric((told("memory", "used_memory")-memory)/benchPeople, "redis-B/person")
	must(b, a.Close())
	for _, topic := range []string{"contact.intents", "contact.approved", "contact.vetoed", "contact.veto-rates"} {
		records, bytes := onDisk(b, engine, prefix+topic)
		if records > 0 {
			b.ReportMetric(bytes/records, topic+"-B/record")
			b.ReportMetric(records, topic+"-records")
		}
	}
}

// publish has the engine want three mails for each person.
func publish(b *testing.B, engine *kgo.Client, prefix string) {
	at := schemas.TimeOf(time.Now())
	for i := range benchIntents {
		person := fmt.Sprintf("person-%06d@example.org", i%benchPeople)
		in := benchIntent(i, person, at)
		engine.Produce(b.Context(), &kgo.Record{Topic: prefix + "contact.intents", Key: []byte(person), Value: in.AppendJSON(nil)}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	must(b, engine.Flush(b.Context()))
}

// onDisk is how many records a topic has, and how many bytes these take.
func onDisk(b *testing.B, engine *kgo.Client, topic string) (records, bytes float64) {
	admin := kadm.NewClient(engine)
	ends, err := admin.ListEndOffsets(b.Context(), topic)
	must(b, err)
	ends.Each(func(o kadm.ListedOffset) { records += float64(o.Offset) })
	dirs, err := admin.DescribeAllLogDirs(b.Context(), nil)
	must(b, err)
	dirs.Each(func(d kadm.DescribedLogDir) {
		for _, p := range d.Topics[topic] {
			bytes += float64(p.Size)
		}
	})
	return records, bytes
}

// processor is the processor's time that this process has taken.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
