package redisstate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/check.lua
var checkLua string

// oldest is the first major version of Redis that the scripts are tested on.
const oldest = 7

// The rights that the user of the governor must have, and no more: everywhere, in
// a cluster, and with Options.Wait.
const (
	rightsAlways  = "+ping +info +time +mget +eval +evalsha +get +set +mset +del +hset +hdel +hmget +hgetall +hkeys +hlen +hincrby +watch +unwatch +multi +exec"
	rightsCluster = " +cluster|slots +asking"
	rightsWait    = " +wait"
)

func (s *Store) rights() string {
	all := rightsAlways
	if _, ok := s.client.(*redis.ClusterClient); ok {
		all += rightsCluster
	}
	if s.wait.Replicas > 0 {
		all += rightsWait
	}
	return all
}

// Check says whether this Redis may be trusted with a no. Run it before anything
// else. Its one error names every problem that it found, each with the command
// that mends it. It leaves nothing behind, and judges what is set now: nobody
// hinders an operator from setting it otherwise later.
//
// It refuses a Redis that cannot be reached, that would evict keys when it is
// full (one that forgets a no, silently), that is older than 7.0, that does not
// say how it is set (but see Options.Embedded), or that denies the user a right.
func (s *Store) Check(ctx context.Context) error { return s.examine(ctx).error() }

// examine collects every problem.
func (s *Store) examine(ctx context.Context) *checkup {
	c := &checkup{embedded: s.embedded, prefix: s.prefix}
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
			c.node(ctx, node)
			return nil
		})
		if err != nil {
			c.found("the cluster at %s cannot be reached: %s (the user needs %s)", strings.Join(cluster.Options().Addrs, ", "), explain(err), s.rights())
		}
	} else {
		c.node(ctx, s.client)
	}
	if len(c.problems) == 0 {
		s.checkRights(ctx, c)
	}
	slices.Sort(c.problems)
	return c
}

// checkup collects problems; nodes of a cluster are asked at the same time.
type checkup struct {
	embedded bool
	prefix   string

	mu       sync.Mutex
	problems []string
}

func (c *checkup) found(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if problem := fmt.Sprintf(format, args...); !slices.Contains(c.problems, problem) {
		c.problems = append(c.problems, problem)
	}
}

func (c *checkup) error() error {
	switch len(c.problems) {
	case 0:
		return nil
	case 1:
		return errors.New("this Redis cannot be trusted with the memory: " + c.problems[0])
	}
	return fmt.Errorf("this Redis cannot be trusted with the memory, for %d reasons:\n- %s",
		len(c.problems), strings.Join(c.problems, "\n- "))
}

// node asks one server.
func (c *checkup) node(ctx context.Context, client redis.UniversalClient) {
	addr := address(client)
	if err := client.Ping(ctx).Err(); err != nil {
		if redis.IsAuthError(err) {
			c.found("%s refuses the user or the password: correct them (redis-cli%s --user NAME --askpass PING must answer PONG)", addr, at(addr))
		} else {
			c.found("%s cannot be reached: %s (redis-cli%s PING must answer PONG)", addr, explain(err), at(addr))
		}
		return
	}
	if version, ok := c.info(ctx, client, "server", "redis_version"); ok {
		if major, err := strconv.Atoi(strings.Split(version, ".")[0]); err != nil || major < oldest {
			c.found("%s is version %q: run Redis %d.0 or later, or Valkey", addr, version, oldest)
		}
	}
	if policy, ok := c.info(ctx, client, "memory", "maxmemory_policy"); ok && policy != "noeviction" {
		c.found("%s has the maxmemory-policy %s, so that it would forget refusals when it is full, silently: "+
			"redis-cli%s CONFIG SET maxmemory-policy noeviction, and the same in redis.conf", addr, policy, at(addr))
	}
}

// info is one field of what a server tells of itself. ok is false if it tells
// nothing, which is a problem unless the server is an embedded one.
func (c *checkup) info(ctx context.Context, client redis.UniversalClient, section, field string) (value string, ok bool) {
	text, err := client.Info(ctx, section).Result()
	if err == nil {
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), field+":"); ok {
				return value, true
			}
		}
		err = errors.New("the field is not there")
	}
	if !c.embedded {
		c.found("%s does not tell its %s (INFO %s: %s), so that it is unknown whether it forgets: "+
			"allow the user INFO (ACL SETUSER NAME +info), or run Redis %d.0 or later, or Valkey", address(client), field, section, err, oldest)
	}
	return "", false
}

// checkRights tries every command where the governor's keys are.
func (s *Store) checkRights(ctx context.Context, c *checkup) {
	if err := s.checkTime(ctx); err != nil {
		c.found("the user may not run TIME: %s; ACL SETUSER NAME %s", err, s.rights())
	}
	tags, err := s.probes(ctx)
	if err != nil {
		c.found("the cluster does not tell where its slots are: %s", explain(err))
	}
	for _, tag := range tags {
		s.checkKeys(ctx, c, []string{s.prefix + tag + ":hash", s.prefix + tag + ":string"})
	}
}

func (s *Store) checkTime(ctx context.Context) error {
	_, err := s.Time(ctx)
	return err
}

// mostProbes is how many hash tags are tried before every primary of a cluster has
// had one.
const mostProbes = 1000

// probes are hash tags that belong to nobody, one for each primary: nodes of a
// cluster know their users each for itself.
func (s *Store) probes(ctx context.Context) ([]string, error) {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return []string{"{check}"}, nil
	}
	var tags []string
	seen := map[string]bool{}
	for i := range mostProbes {
		tag := "{check" + strconv.Itoa(i) + "}"
		home, err := cluster.MasterForKey(ctx, s.prefix+tag)
		if err != nil {
			return nil, err
		}
		if addr := home.Options().Addr; !seen[addr] {
			seen[addr], tags = true, append(tags, tag)
		}
	}
	return tags, nil
}

// checkKeys tries every command on two keys that belong to nobody.
func (s *Store) checkKeys(ctx context.Context, c *checkup, probe []string) {
	mend := fmt.Sprintf("ACL SETUSER NAME %s ~%s*", s.rights(), s.prefix)
	if _, err := s.mget(ctx, probe); err != nil {
		c.found("the user may not run MGET on %s*: %s; %s", s.prefix, err, mend)
	}
	script := redis.NewScript(checkLua)
	reply, err := s.run(ctx, script, probe)
	if err == nil {
		err = s.checkEval(ctx, script, probe)
	}
	if err != nil {
		c.found("the user may not run scripts on %s*: %s; %s", s.prefix, err, mend)
		return
	}
	failed, err := texts(reply)
	if err != nil {
		c.found("scripts do not run: %s", err)
	}
	for i := 0; i+1 < len(failed); i += 2 {
		c.found("a script may not run %s: %s; %s", failed[i], failed[i+1], mend)
	}
	if err := s.checkTransaction(ctx, probe[0]); err != nil {
		c.found("the user may not make transactions: %s; %s", err, mend)
	}
	if err := s.checkWait(ctx, probe[0]); err != nil {
		c.found("the user may not run WAIT: %s; %s", err, mend)
	}
}

// checkEval tries the right that is used only when Redis does not know a script.
func (s *Store) checkEval(ctx context.Context, script *redis.Script, probe []string) error {
	return explain(s.at(ctx, probe[0], func(ctx context.Context, n node) error {
		return script.Eval(ctx, n, probe).Err()
	}))
}

// checkTransaction tries what surrounds a transaction.
func (s *Store) checkTransaction(ctx context.Context, key string) error {
	return explain(s.at(ctx, key, func(ctx context.Context, n node) error {
		conn, release := n.conn()
		defer release()
		for _, command := range [][]any{{"WATCH", key}, {"UNWATCH"}} {
			if err := conn.Do(ctx, command...).Err(); err != nil {
				return err
			}
		}
		p := conn.TxPipeline()
		p.Del(ctx, key)
		done, err := p.Exec(ctx)
		return why(done, err)
	}))
}

// checkWait tries to wait for no replica at all: there may be too few of them now,
// which holds partitions and mends itself.
func (s *Store) checkWait(ctx context.Context, key string) error {
	if s.wait.Replicas == 0 {
		return nil
	}
	return explain(s.at(ctx, key, func(ctx context.Context, n node) error {
		conn, release := n.conn()
		defer release()
		return conn.Wait(ctx, 0, time.Millisecond).Err()
	}))
}

// viaSentinel is what a client that asks Sentinels for its address says it is.
const viaSentinel = "FailoverClient"

// address is where a client goes, as far as it tells.
func address(client redis.UniversalClient) string {
	if c, ok := client.(*redis.Client); ok && c.Options().Addr != viaSentinel {
		return "Redis at " + c.Options().Addr
	}
	return "Redis"
}

// at are the arguments that take redis-cli to the address.
func at(addr string) string {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(addr, "Redis at "))
	if err != nil {
		return ""
	}
	return " -h " + host + " -p " + port
}
