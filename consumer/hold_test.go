package consumer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/contactgovernor/governor/consumer/governor"
)

// newPublisher is somebody who publishes here.
func newPublisher(t *testing.T, cluster *kfake.Cluster) *publisher {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &publisher{t: t, client: client, order: make(map[string]int64), poison: make(map[string]bool)}
}

// answers are the decisions so far, as "intent reason".
func (p *publisher) answers(cluster *kfake.Cluster) (out []string) {
	h := p.history(cluster.ListenAddrs())
	for _, topic := range []string{governor.Approved, governor.Vetoed} {
		for _, e := range distinct(h.topics[topic]) {
			e.decode()
			out = append(out, fmt.Sprintf("%s %s", e.message().Intent, e.message().Reason))
		}
	}
	slices.Sort(out)
	return out
}

// "Holds are visible: what, why, since when … and end by themselves when the cause
// ends. A deadline passed while held is a veto" (issue 5), over the real adapters.
// While the cause lasts nothing is decided; then nobody has to do anything.
func TestADeadlineThatPassedDuringAHold(t *testing.T) {
	type cause struct {
		begin func(*kfake.Cluster, *miniredis.Miniredis) (end func())
		blind bool // nobody else can read the log meanwhile either
	}
	for what, cause := range map[string]cause{
		"Redis is away": {begin: func(_ *kfake.Cluster, r *miniredis.Miniredis) func() {
			r.Close()
			return func() {
				if err := r.Restart(); err != nil {
					t.Error(err)
				}
			}
		}},
		"Redis refuses": {begin: func(_ *kfake.Cluster, r *miniredis.Miniredis) func() {
			r.SetError("OOM command not allowed when used memory > 'maxmemory'.")
			return func() { r.SetError("") }
		}},
		"Kafka cannot say where the signals end": {blind: true, begin: func(c *kfake.Cluster, _ *miniredis.Miniredis) func() {
			return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: governor.Signals, Err: kerr.UnknownServerError, Count: -1}).Remove
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			topics := append([]string{governor.Intents, governor.Signals}, outputTopics...)
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topics...), kfake.GroupMinSessionTimeout(500*time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cluster.Close)
			memory := miniredis.RunT(t)
			p, m := newPublisher(t, cluster), newMachine(t, cluster.ListenAddrs(), memory.Addr())
			p.send(intent("i0", "ana", "email", "marketing", time.Now()))
			until(t, "the first is decided", func() bool { return m.watcher.count("committed") > 0 && len(p.answers(cluster)) == 1 })

			end := cause.begin(cluster, memory)
			began := time.Now()
			deadline := began.Add(500 * time.Millisecond)
			p.send(
				intent("i1", "ana", "email", "marketing", began, "not_after:"+stamp(deadline)),
				intent("i2", "ana", "email", "marketing", began, "not_after:"+stamp(deadline.Add(time.Hour))),
				intent("i3", "ben", "email", "marketing", began),
			)
			until(t, "it is held, and tried again after the deadline", func() bool {
				return time.Now().After(deadline) && m.watcher.count("held") > 2
			})
			tried := m.watcher.count("held")
			until(t, "it is tried once more", func() bool { return m.watcher.count("held") > tried })
			if !cause.blind {
				if got := p.answers(cluster); len(got) != 1 {
					t.Errorf("decided while held: %v", got)
				}
			}
			if m.watcher.count("resumed") > 0 {
				t.Errorf("said to decide while nothing could be decided: %v", m.watcher.events)
			}

			end()
			until(t, "all is decided", func() bool { time.Sleep(10 * time.Millisecond); return len(p.answers(cluster)) == 4 })
			if got, want := fmt.Sprint(p.answers(cluster)), "[i0  i1 stale i2  i3 ]"; got != want {
				t.Errorf("decided %s, not %s", got, want)
			}
			until(t, "the last hold ended by itself", func() bool { return m.watcher.last("held", "resumed") == "resumed" })
			m.stop()
			m.wait()
			report(t, p.history(cluster.ListenAddrs()).check())
		})
	}
}
