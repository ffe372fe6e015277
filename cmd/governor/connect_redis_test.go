package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// startRedis starts a redis-server that ends with the test, which is skipped where
// there is none on this machine.
func startRedis(t *testing.T, args ...string) (at *redis.Client, kill func()) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine")
	}
	_, port, _ := net.SplitHostPort(lowAddress(t))
	cmd := exec.Command(program, append(args, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--repl-diskless-sync-delay", "0")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at = redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
	kill = func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	t.Cleanup(func() {
		at.Close()
		kill()
	})
	until(t, "redis-server answers", func() bool { return at.Ping(t.Context()).Err() == nil })
	return at, kill
}

// lowAddress is one where nobody listens, nor 10000 higher, where a node of a cluster
// talks to others.
func lowAddress(t *testing.T) string {
	t.Helper()
	for {
		address := nobody(t)
		if _, port, _ := net.SplitHostPort(address); len(port) < 5 || port < "55000" {
			return address
		}
	}
}

// until waits for what others do in their own time.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func do(t *testing.T, at *redis.Client, words ...any) string {
	t.Helper()
	reply, err := at.Do(t.Context(), words...).Result()
	if err != nil {
		t.Fatalf("%v: %v", words, err)
	}
	return fmt.Sprint(reply)
}

func says(t *testing.T, at *redis.Client, section, words string) bool {
	return strings.Contains(at.Info(t.Context(), section).Val(), words)
}

// engine publishes intents, and waits for their approvals.
type engine struct {
	*kgo.Client
	intents int
}

func newEngine(t *testing.T, kafka *kfake.Cluster, opts ...kgo.Opt) *engine {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(kafka.ListenAddrs()...),
		kgo.ConsumeTopics("contact.approved"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &engine{Client: client}
}

// isApproved publishes an intent, and wants it to be approved, once.
func (e *engine) isApproved(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience) // a failover takes its time
	defer cancel()
	e.intents++
	id := fmt.Sprint("order-", e.intents)
	value := fmt.Appendf(nil, `{"id":%q,"person":"p1","channel":"email","purpose":"receipt","campaign":%q,"at":%q}`, id, id, time.Now().UTC().Format(time.RFC3339))
	if err := e.ProduceSync(ctx, &kgo.Record{Topic: "contact.intents", Key: []byte("p1"), Value: value}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	fetched := e.PollFetches(ctx)
	if err := fetched.Err0(); err != nil {
		t.Fatal(err)
	}
	if records := fetched.Records(); len(records) != 1 || !bytes.Contains(records[0].Value, []byte(`"intent":"`+id+`"`)) {
		t.Errorf("got %d records, the first %s, want an approval of %s", len(records), records[0].Value, id)
	}
}

// "Redis: Sentinel": the primary is killed while it governs; what waits for replicas
// holds until another has taken over and has one itself, and goes on.
func TestRunFollowsAFailover(t *testing.T) {
	primary, kill := startRedis(t)
	_, port, _ := net.SplitHostPort(primary.Options().Addr)
	var replicas []*redis.Client
	for range 2 {
		r, _ := startRedis(t)
		do(t, r, "REPLICAOF", "127.0.0.1", port)
		until(t, "the replica has everything", func() bool { return says(t, r, "replication", "master_link_status:up") })
		replicas = append(replicas, r)
	}
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	write(t, conf, "sentinel monitor main 127.0.0.1 "+port+" 1\nsentinel down-after-milliseconds main 500\n")
	sentinel, _ := startRedis(t, conf, "--sentinel")
	until(t, "the Sentinel knows them", func() bool { return says(t, sentinel, "sentinel", "slaves=2") })

	kafka := fakeKafka(t)
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, fmt.Sprintf("kafka: {brokers: [%q], topics: {partitions: 2}}\nredis:\n  sentinel: {master: main, addresses: [%q]}\n  wait: {replicas: 1}\n",
		kafka.ListenAddrs()[0], sentinel.Options().Addr))
	p := startRunOf(t, file)
	p.waitFor(t, 1, `"governing"`, "main of the Sentinels "+sentinel.Options().Addr)
	e := newEngine(t, kafka)
	e.isApproved(t)
	kill()
	until(t, "another took over, and has a replica", func() bool {
		return says(t, replicas[0], "replication", "connected_slaves:1") || says(t, replicas[1], "replication", "connected_slaves:1")
	})
	e.isApproved(t)
	p.stop()
	p.ended(t)
}

// "Redis: Cluster": each partition where its slot is.
func TestRunOnACluster(t *testing.T) {
	var nodes []*redis.Client
	for i := range 3 {
		n, _ := startRedis(t, "--cluster-enabled", "yes")
		do(t, n, "CLUSTER", "ADDSLOTSRANGE", i*16384/3, (i+1)*16384/3-1)
		nodes = append(nodes, n)
		_, port, _ := net.SplitHostPort(nodes[0].Options().Addr)
		do(t, n, "CLUSTER", "MEET", "127.0.0.1", port)
	}
	for _, n := range nodes {
		until(t, "the cluster is one", func() bool {
			text := n.ClusterInfo(t.Context()).Val()
			return strings.Contains(text, "cluster_state:ok") && strings.Contains(text, "cluster_known_nodes:3")
		})
	}
	kafka := fakeKafka(t)
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, fmt.Sprintf("kafka: {brokers: [%q], topics: {partitions: 8}}\nredis: {cluster: [%q, %q]}\n",
		kafka.ListenAddrs()[0], nodes[1].Options().Addr, nodes[2].Options().Addr))
	p := startRunOf(t, file)
	p.waitFor(t, 1, `"governing"`, "the cluster of "+nodes[1].Options().Addr)
	e := newEngine(t, kafka)
	e.isApproved(t)
	for _, n := range nodes {
		until(t, "each node has partitions", func() bool { return n.DBSize(t.Context()).Val() > 0 })
	}
	p.stop()
	p.ended(t)
}
