package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(asGovernor) != "" { // a test of bench, which starts the program that it is part of
		main()
	}
	goleak.VerifyTestMain(m)
}

// patience is more than any of these tests should need.
const patience = 10 * time.Second

// fakeKafka is a Kafka that ends with the test.
func fakeKafka(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// nobody is an address of this machine where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// process is a `governor run` in this process.
type process struct {
	stop context.CancelFunc
	done chan int // the exit status, once

	mu   sync.Mutex
	talk bytes.Buffer
}

// Write takes what is said on standard error.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.talk.Write(b)
}

// said is what was said so far, line by line.
func (p *process) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Split(strings.TrimSpace(p.talk.String()), "\n")
}

// startRun starts `governor run` with a Kafka and a Redis, and what else is to be in
// its configuration.
func startRun(t *testing.T, kafka, redis string, more ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "governor.yaml")
	lines := append([]string{fmt.Sprintf("kafka: {brokers: [%q]}\nredis: {address: %q}", kafka, redis)}, more...)
	write(t, file, strings.Join(lines, "\n")+"\n")
	return startRunOf(t, file)
}

// startRunOf starts `governor run` with a configuration.
func startRunOf(t *testing.T, file string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{stop: cancel, done: make(chan int, 1)}
	go func() {
		p.done <- status(execute(ctx, []string{"run", "--config", file}, strings.NewReader(""), p, p))
	}()
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			t.Logf("it said:\n%s", strings.Join(p.said(), "\n"))
		}
	})
	return p
}

// waitFor waits until so many lines have all these words.
func (p *process) waitFor(t *testing.T, lines int, words ...string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		n := 0
		for _, line := range p.said() {
			if hasAll(line, words) {
				n++
			}
		}
		if n >= lines {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d lines with %q, want %d", n, words, lines)
		}
	}
}

func hasAll(line string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// ended is the exit status.
func (p *process) ended(t *testing.T) int {
	t.Helper()
	select {
	case status := <-p.done:
		return status
	case <-time.After(patience):
		t.Fatal("it does not end")
		return 0
	}
}

// "While Kafka or Redis is away it waits, says so, and approves nothing", and
// "until it is told to stop".
func TestRunWaitsForKafka(t *testing.T) {
	away := nobody(t)
	p := startRun(t, away, miniredis.RunT(t).Addr())
	p.waitFor(t, 2, `"level":"warn"`, "waiting, nothing is approved meanwhile", `"for":"kafka"`, "cannot reach Kafka at "+away, `"again_in"`)
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
	p.waitFor(t, 1, `"stopped"`)
}

func TestRunWaitsForRedis(t *testing.T) {
	away := nobody(t)
	p := startRun(t, fakeKafka(t).ListenAddrs()[0], away)
	p.waitFor(t, 2, `"level":"warn"`, "waiting, nothing is approved meanwhile", `"for":"redis"`, away, `"again_in"`)
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
	p.waitFor(t, 1, `"stopped"`)
}

// A Kafka that comes back is noticed without anybody's help. What follows is a
// Redis that does not say whether it forgets, which no waiting mends.
func TestRunGoesOnWhenKafkaComesBack(t *testing.T) {
	address := nobody(t)
	redis := miniredis.RunT(t).Addr()
	p := startRun(t, address, redis)
	p.waitFor(t, 1, `"for":"kafka"`)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	fakeKafka(t, kfake.Ports(number))
	if got := p.ended(t); got != 1 {
		t.Errorf("exit status %d", got)
	}
	p.waitFor(t, 1, "governor: this Redis cannot be trusted with the memory")
	p.waitFor(t, 1, "Redis at "+redis+" does not tell its maxmemory_policy", "ACL SETUSER NAME +info")
}

// Told to stop before it could begin, it has nothing to do but stop.
func TestRunThatIsStoppedAtOnce(t *testing.T) {
	p := startRun(t, nobody(t), nobody(t))
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
}

// A stop in the middle of a check is no failure of what is checked.
func TestRunThatIsStoppedWhileItChecks(t *testing.T) {
	redis, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, release := make(chan struct{}), make(chan struct{})
	t.Cleanup(redis.Close)
	t.Cleanup(func() { close(release) })
	answers := map[string]server.Cmd{
		"PING": func(c *server.Peer, _ string, _ []string) { c.WriteInline("PONG") },
		"INFO": func(*server.Peer, string, []string) {
			close(asked)
			<-release
		},
	}
	for name, answer := range answers {
		if err := redis.Register(name, answer); err != nil {
			t.Fatal(err)
		}
	}
	p := startRun(t, fakeKafka(t).ListenAddrs()[0], redis.Addr().String())
	<-asked
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
	p.waitFor(t, 1, `"stopped"`)
}

// Standard error is one log, whatever the libraries would like to add to it.
func TestRunTalksInLinesOfJSON(t *testing.T) {
	p := startRun(t, fakeKafka(t).ListenAddrs()[0], nobody(t))
	p.waitFor(t, 1, `"for":"redis"`)
	p.stop()
	p.ended(t)
	for _, line := range p.said() {
		if !json.Valid([]byte(line)) {
			t.Errorf("this is no JSON: %s", line)
		}
	}
}
