package redisstate

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ServerState is what one Redis tells of itself, as far as it tells: what it does not
// is empty.
type ServerState struct {
	Address string
	Err     error // why nothing else is known

	Software, Version string // redis or valkey
	Role              string // master or replica
	Replicas          int    // that are in line with it

	Policy     string // maxmemory-policy
	Used, Most int64  // bytes; Most is 0 where nothing bounds it but the machine
	Machine    int64  // bytes of memory of the machine
	Evicted    int64  // keys that it forgot because it was full, since it started

	Persistence bool // it told of what follows
	AppendOnly  bool // every write is written down
	Failing     bool // the last attempt to write down failed
	SavedAt     time.Time
}

// Look asks every server that holds a part of the memory what it is. It judges
// nothing: Problems does.
func (s *Store) Look(ctx context.Context) []ServerState {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return []ServerState{lookAt(ctx, s.client)}
	}
	var mu sync.Mutex
	var all []ServerState
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		one := lookAt(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, one)
		return nil
	})
	if err != nil {
		all = append(all, ServerState{Address: "the cluster at " + strings.Join(cluster.Options().Addrs, ", "), Err: explain(err)})
	}
	return all
}

// lookAt asks one server.
func lookAt(ctx context.Context, client redis.UniversalClient) ServerState {
	out := ServerState{Address: address(client)}
	told := make(map[string]string)
	for _, section := range []string{"server", "memory", "persistence", "replication", "stats"} {
		text, err := client.Info(ctx, section).Result()
		if err != nil && len(told) == 0 {
			out.Err = fmt.Errorf("%s: %w", out.Address, explain(err))
			return out
		}
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				told[name] = value
			}
		}
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(told[name], 10, 64)
		if err != nil {
			return 0 // not told
		}
		return n
	}
	out.Software, out.Version = "redis", told["redis_version"]
	if v := told["valkey_version"]; v != "" {
		out.Software, out.Version = "valkey", v
	}
	out.Role = map[string]string{"slave": "replica"}[told["role"]]
	if out.Role == "" {
		out.Role = told["role"]
	}
	out.Replicas = inLine(told)
	out.Policy, out.Used, out.Most = told["maxmemory_policy"], number("used_memory"), number("maxmemory")
	out.Machine, out.Evicted = number("total_system_memory"), number("evicted_keys")
	_, out.Persistence = told["aof_enabled"]
	out.AppendOnly = told["aof_enabled"] == "1"
	out.Failing = told["rdb_last_bgsave_status"] == "err" || out.AppendOnly && (told["aof_last_write_status"] == "err" || told["aof_last_bgrewrite_status"] == "err")
	if at := number("rdb_last_save_time"); at > 0 {
		out.SavedAt = time.Unix(at, 0)
	}
	return out
}

// inLine is how many replicas have the state online: slave0:ip=…,port=…,state=online,…
func inLine(told map[string]string) (n int) {
	for i := 0; ; i++ {
		replica, ok := told["slave"+strconv.Itoa(i)]
		if !ok {
			return n
		}
		if strings.Contains(replica, "state=online") {
			n++
		}
	}
}

// Problems are what Check finds, each on its own: nothing where this Redis may be
// trusted with a no.
func (s *Store) Problems(ctx context.Context) []string {
	c := s.examine(ctx)
	return c.problems
}
