//go:build integration

package integration

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/testcontainers/testcontainers-go"
)

// redisDatabases is how many databases a Redis of ours has: one for each test, and no test ever flushes.
const redisDatabases = 4096

// redisServer is a Redis that keeps everything in memory unless its options say otherwise.
type redisServer struct {
	*server
	used atomic.Int32 // databases
}

// startRedis starts a Redis for this test alone. Options are those of redis-server, e.g. "--appendonly", "yes"; a later
// one wins over an earlier one of the same name.
func startRedis(t *testing.T, options ...string) *redisServer {
	t.Helper()
	r, err := runRedis(patiently(t), options...)
	must(t, err)
	r.ownedBy(t)
	return r
}

func runRedis(ctx context.Context, options ...string) (*redisServer, error) {
	return runRedisWith(ctx, options)
}

func runRedisWith(ctx context.Context, options []string, with ...testcontainers.ContainerCustomizer) (*redisServer, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	ping := func(ctx context.Context) error {
		db := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + strconv.Itoa(port)})
		defer db.Close()
		return db.Ping(ctx).Err()
	}
	args := []string{"--port", strconv.Itoa(port), "--bind", "0.0.0.0", "--protected-mode", "no",
		"--databases", strconv.Itoa(redisDatabases),
		"--maxmemory-policy", "noeviction", "--appendonly", "no", "--save", ""}
	image := redisImage()
	if !strings.HasPrefix(image, "local/") {
		args = append([]string{"redis-server"}, args...) // the official image's command is the whole line
	}
	s, err := runServer(ctx, image, port, ping, append(with, testcontainers.WithCmd(append(args, options...)...))...)
	return &redisServer{server: s}, err
}

// newDatabase returns the number of a database that no test has used.
func (r *redisServer) newDatabase(t *testing.T) int {
	t.Helper()
	n := int(r.used.Add(1))
	if n >= redisDatabases {
		t.Fatalf("all %d databases of Redis are in use", redisDatabases)
	}
	return n
}

// client returns a client of one database, closed at the end of the test.
func (r *redisServer) client(t *testing.T, database int) *redis.Client {
	db := redis.NewClient(&redis.Options{Addr: r.Addr, DB: database})
	t.Cleanup(func() { db.Close() })
	return db
}

// tells says whether a section of INFO has the line.
func tells(t *testing.T, r *redisServer, section, line string) bool {
	t.Helper()
	text, err := r.client(t, 0).Info(patiently(t), section).Result()
	return err == nil && strings.Contains(text, line)
}
