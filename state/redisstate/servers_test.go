package redisstate

import (
	"context"
	"crypto/rand"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/statetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Redis to test on.
type server struct {
	name    string
	addr    func(t testing.TB) string
	cluster bool
}

// servers are miniredis and, where GOVERNOR_TEST_REDIS is the host:port of one, a
// real Redis. Nothing is flushed there: each test has a prefix of its own.
func servers() []server {
	all := []server{{name: "miniredis", addr: mini}}
	if addr := os.Getenv("GOVERNOR_TEST_REDIS"); addr != "" {
		all = append(all, server{name: "redis", addr: func(testing.TB) string { return addr }})
	}
	return all
}

// clusters are miniredis, which passes for a cluster of one, and, where
// GOVERNOR_TEST_REDIS_CLUSTER is the host:port of a node, a real one.
func clusters() []server {
	all := []server{{name: "miniredis", addr: mini, cluster: true}}
	if addr := os.Getenv("GOVERNOR_TEST_REDIS_CLUSTER"); addr != "" {
		all = append(all, server{name: "redis", addr: func(testing.TB) string { return addr }, cluster: true})
	}
	return all
}

func mini(t testing.TB) string { return miniredis.RunT(t).Addr() }

// onEach runs a test on each server.
func onEach(t *testing.T, body func(t *testing.T, server server)) {
	for _, server := range servers() {
		t.Run(server.name, func(t *testing.T) { body(t, server) })
	}
}

// client is a client of the server, closed at the end.
func (s server) client(t testing.TB) redis.UniversalClient {
	// The timeout is long since the race detector makes miniredis slow.
	c := NewClient(ClientOptions{Addrs: []string{s.addr(t)}, Cluster: s.cluster, Timeout: time.Minute})
	t.Cleanup(func() { c.Close() })
	return c
}

// open opens a store under a prefix that nobody else has, and removes what is
// under it at the end.
func (s server) open(t testing.TB, o Options) *Store {
	t.Helper()
	o.Prefix = "test-" + rand.Text() + ":"
	return open(t, s.client(t), o)
}

func open(t testing.TB, client redis.UniversalClient, o Options) *Store {
	t.Helper()
	store, err := New(client, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, store) })
	return store
}

func TestStore(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		statetest.Run(t, func(t *testing.T) state.Store { return &perishable{server.open(t, Options{})} })
	})
}

// Where batches are scripts they do the same.
func TestStoreByScripts(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		statetest.Run(t, func(t *testing.T) state.Store { return &perishable{server.open(t, Options{Embedded: true})} })
	})
}

func TestStoreOnACluster(t *testing.T) {
	for _, server := range clusters() {
		t.Run(server.name, func(t *testing.T) {
			must(t, server.open(t, Options{Embedded: server.name == "miniredis"}).Check(t.Context()))
			statetest.Run(t, func(t *testing.T) state.Store { return &perishable{server.open(t, Options{})} })
		})
	}
}

// perishable is a store whose Redis can lose everything, or go back.
type perishable struct{ *Store }

func (p *perishable) Lose(t testing.TB) { remove(t, p.Store) }

func (p *perishable) Keep(t testing.TB) (rollBack func()) {
	kept := everything(t, p.Store)
	return func() {
		remove(t, p.Store)
		for key, value := range kept {
			var err error
			switch value := value.(type) {
			case string:
				err = p.client.Set(t.Context(), key, value, 0).Err()
			case map[string]string:
				err = p.client.HSet(t.Context(), key, value).Err()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// names are the keys of the store.
func names(t testing.TB, s *Store) []string {
	t.Helper()
	ctx := withoutEnd(t)
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		all, err := scan(ctx, s.client, s.prefix+"*")
		must(t, err)
		return all
	}
	var mu sync.Mutex
	var all []string
	must(t, cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		some, err := scan(ctx, node, s.prefix+"*")
		mu.Lock()
		defer mu.Unlock()
		all = append(all, some...)
		return err
	}))
	return all
}

func scan(ctx context.Context, client redis.UniversalClient, pattern string) (all []string, err error) {
	for cursor := uint64(0); ; {
		some, next, err := client.Scan(ctx, cursor, pattern, 1000).Result()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if cursor = next; cursor == 0 {
			return all, nil
		}
	}
}

// everything is each key with its value, a string or a map.
func everything(t testing.TB, s *Store) map[string]any {
	t.Helper()
	all := map[string]any{}
	ctx := withoutEnd(t)
	for _, key := range names(t, s) {
		kind, err := s.client.Type(ctx, key).Result()
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case "string":
			all[key], err = s.client.Get(ctx, key).Result()
		case "hash":
			all[key], err = s.client.HGetAll(ctx, key).Result()
		default:
			t.Fatalf("a key is a %s", kind)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func remove(t testing.TB, s *Store) {
	t.Helper()
	_, err := s.client.Pipelined(withoutEnd(t), func(pipe redis.Pipeliner) error {
		for _, key := range names(t, s) {
			pipe.Del(withoutEnd(t), key)
		}
		return nil
	})
	must(t, err)
}

// withoutEnd is a context for cleaning up, when the test's own is over.
func withoutEnd(t testing.TB) context.Context { return context.WithoutCancel(t.Context()) }
