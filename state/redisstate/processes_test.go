package redisstate

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/state"
)

// process is a redis-server of this test's own.
type process struct {
	port int
	*redis.Client
	cmd    *exec.Cmd
	exited chan struct{}
}

// startRedis starts one with the arguments, and ends it with the test, which is
// skipped where there is no redis-server.
func startRedis(t *testing.T, args ...string) *process {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine")
	}
	for range 3 { // somebody may take the port before it does
		if p := tryRedis(t, program, args); p != nil {
			return p
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

func tryRedis(t *testing.T, program string, args []string) *process {
	t.Helper()
	p := &process{port: freePort(t), exited: make(chan struct{})}
	folder := t.TempDir()
	p.cmd = exec.Command(program, append(slices.Clone(args), "--port", strconv.Itoa(p.port), "--bind", "127.0.0.1", "--dir", folder,
		"--save", "", "--repl-diskless-sync-delay", "0", "--logfile", filepath.Join(folder, "redis.log"))...)
	must(t, p.cmd.Start())
	go func() {
		p.cmd.Wait()
		close(p.exited)
	}()
	p.Client = redis.NewClient(&redis.Options{Addr: p.addr()})
	t.Cleanup(func() {
		p.Client.Close()
		p.kill()
	})
	for {
		select {
		case <-p.exited:
			return nil
		case <-time.After(20 * time.Millisecond):
		}
		if p.info(t.Context(), "server", "process_id") == strconv.Itoa(p.cmd.Process.Pid) || redis.IsAuthError(p.Ping(t.Context()).Err()) {
			return p
		}
	}
}

func (p *process) addr() string { return "127.0.0.1:" + strconv.Itoa(p.port) }

// kill is as a power cut.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.exited
}

// do is a command that cannot fail unless the test is wrong.
func (p *process) do(t *testing.T, words ...any) any {
	t.Helper()
	reply, err := p.Do(t.Context(), words...).Result()
	if err != nil {
		t.Fatalf("%v at %s: %v", words, p.addr(), err)
	}
	return reply
}

// info is a field of what it tells of itself.
func (p *process) info(ctx context.Context, section, field string) string {
	for line := range strings.Lines(p.Info(ctx, section).Val()) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), field+":"); ok {
			return value
		}
	}
	return ""
}

// follow makes it a replica, and waits until it hears of all that happens. Until its
// first acknowledgement, which may take it a second, its primary tells it nothing.
func (p *process) follow(t *testing.T, primary *process) {
	t.Helper()
	p.do(t, "REPLICAOF", "127.0.0.1", primary.port)
	wait(t, "the replica has everything", func() bool {
		if p.info(t.Context(), "replication", "master_link_status") != "up" {
			return false
		}
		conn := primary.Conn()
		defer conn.Close()
		must(t, conn.Set(t.Context(), "heard", "1", time.Millisecond).Err()) // Wait is about what conn has written
		heard := conn.Wait(t.Context(), 100, 50*time.Millisecond).Val()
		return primary.info(t.Context(), "replication", "connected_slaves") == strconv.FormatInt(heard, 10)
	})
}

func freePort(t *testing.T) int {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		port := l.Addr().(*net.TCPAddr).Port
		must(t, l.Close())
		if port < 55_000 { // a node of a cluster talks to others 10000 higher
			return port
		}
	}
}

// wait is for what others do in their own time.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// sentinels start three that watch the primary.
func sentinels(t *testing.T, primary *process, more ...string) (all []*process) {
	t.Helper()
	for range 3 {
		file := filepath.Join(t.TempDir(), "sentinel.conf")
		must(t, os.WriteFile(file, fmt.Appendf(nil, "sentinel monitor main 127.0.0.1 %d 2\n"+
			"sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n%s\n", primary.port, strings.Join(more, "\n")), 0o600))
		all = append(all, startRedis(t, file, "--sentinel"))
	}
	return all
}

// patience is how long a node of a cluster may be silent: a machine with much to do is no fault that is meant here. Nobody
// dies in these tests, so nobody waits for it.
const patience = "60000"

// cluster starts three nodes that share the slots.
func cluster(t *testing.T, args ...string) (nodes []*process) {
	t.Helper()
	for range 3 {
		nodes = append(nodes, startRedis(t, append(args, "--cluster-enabled", "yes", "--cluster-node-timeout", patience)...))
	}
	for i, n := range nodes {
		n.do(t, "CLUSTER", "ADDSLOTSRANGE", i*16384/3, (i+1)*16384/3-1)
		n.do(t, "CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
	}
	for _, n := range nodes {
		wait(t, "the cluster is one", func() bool {
			text := n.ClusterInfo(t.Context()).Val()
			return strings.Contains(text, "cluster_state:ok") && strings.Contains(text, "cluster_known_nodes:3")
		})
	}
	return nodes
}

// storeAt is a store under the options.
func storeAt(t *testing.T, c ClientOptions, o Options) *Store {
	t.Helper()
	client := NewClient(c)
	t.Cleanup(func() { client.Close() })
	s, err := New(client, o)
	must(t, err)
	return s
}

// held acquires, and wants that batch.
func held(t *testing.T, s *Store, owner string, batch int64) state.Holding {
	t.Helper()
	h, err := s.Acquire(t.Context(), 3, owner)
	must(t, err)
	if h.Mark.Batch != batch {
		t.Fatalf("%s finds batch %d, want %d", owner, h.Mark.Batch, batch)
	}
	return h
}
