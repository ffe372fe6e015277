package redisstate

import (
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	miniserver "github.com/alicebob/miniredis/v2/server"
)

// telling is a Redis that tells these lines of itself.
func telling(t *testing.T, lines ...string) *Store {
	t.Helper()
	m := miniredis.RunT(t)
	m.Server().SetPreHook(func(p *miniserver.Peer, command string, _ ...string) bool {
		if command == "INFO" {
			p.WriteBulk("# Section\r\n" + strings.Join(lines, "\r\n") + "\r\n")
			return true
		}
		return false
	})
	c := NewClient(ClientOptions{Addrs: []string{m.Addr()}, Timeout: time.Minute})
	t.Cleanup(func() { c.Close() })
	return open(t, c, Options{})
}

func TestLookTellsWhatARedisTells(t *testing.T) {
	s := telling(t, "redis_version:7.4.0", "role:slave", "maxmemory_policy:noeviction", "used_memory:10", "maxmemory:20", "total_system_memory:30", "evicted_keys:4",
		"aof_enabled:1", "aof_last_write_status:err", "rdb_last_save_time:1800000000",
		"slave0:ip=10.0.0.1,port=1,state=online,offset=5,lag=0", "slave1:ip=10.0.0.2,port=1,state=wait_bgsave,offset=0,lag=0")
	all := s.Look(t.Context())
	if len(all) != 1 {
		t.Fatalf("got %+v", all)
	}
	got := all[0]
	want := ServerState{
		Address: got.Address, Software: "redis", Version: "7.4.0", Role: "replica", Replicas: 1, Policy: "noeviction", Used: 10, Most: 20, Machine: 30, Evicted: 4,
		Persistence: true, AppendOnly: true, Failing: true, SavedAt: time.Unix(1_800_000_000, 0),
	}
	if got != want || !strings.HasPrefix(got.Address, "Redis at 127.0.0.1:") {
		t.Errorf("got %+v", got)
	}
}

func TestLookTellsAValkey(t *testing.T) {
	if got := telling(t, "redis_version:7.2.4", "valkey_version:8.1.0", "role:master").Look(t.Context())[0]; got.Software != "valkey" || got.Version != "8.1.0" || got.Role != "master" || got.Persistence {
		t.Errorf("got %+v", got)
	}
}

func TestLookTellsThatRedisIsAway(t *testing.T) {
	c := NewClient(ClientOptions{Addrs: []string{"127.0.0.1:1"}, Timeout: time.Minute})
	defer c.Close()
	s, err := New(c, Options{})
	must(t, err)
	got := s.Look(t.Context())
	if len(got) != 1 || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), "127.0.0.1:1") {
		t.Errorf("got %+v", got)
	}
	if problems := s.Problems(t.Context()); len(problems) != 1 || !strings.Contains(problems[0], "cannot be reached") {
		t.Errorf("got %q", problems)
	}
}

// Problems are what Check says, one by one.
func TestProblemsAreThoseOfCheck(t *testing.T) {
	s := telling(t, "redis_version:6.2.0", "maxmemory_policy:allkeys-lru")
	problems, err := s.Problems(t.Context()), s.Check(t.Context())
	if err == nil || len(problems) != 2 || !strings.HasSuffix(err.Error(), "- "+strings.Join(problems, "\n- ")) {
		t.Errorf("got %q, and %v", problems, err)
	}
	well := telling(t, "redis_version:7.2.0", "maxmemory_policy:noeviction")
	if problems, err := well.Problems(t.Context()), well.Check(t.Context()); len(problems) > 0 || err != nil {
		t.Errorf("got %q, and %v", problems, err)
	}
}
