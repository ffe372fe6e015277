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

	"github.com/redis/go-redis/v9"
)

//go:embed lua/check.lua
var checkLua string

// oldest is the first major version of Redis that the scripts are tested on.
const oldest = 7

// rights are what the user of the governor must be allowed, and nothing more.
const rights = "+ping +info +mget +eval +evalsha +get +set +mset +del +hset +hdel +hmget +hgetall +hkeys +hlen +hincrby"

// Check says whether this Redis may be trusted with a no. Run it before anything
// else. Its one error names every problem that it found, each with the command
// that mends it. It leaves nothing behind, and judges what is set now: nobody
// hinders an operator from setting it otherwise later.
//
// It refuses a Redis that cannot be reached, that would evict keys when it is
// full (one that forgets a no, silently), that is older than 7.0, that does not
// say how it is set (but see Options.Embedded), or that denies the user a right.
func (s *Store) Check(ctx context.Context) error {
	c := checkup{embedded: s.embedded, prefix: s.prefix}
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
			c.node(ctx, node)
			return nil
		})
		if err != nil {
			c.found("the cluster at %s cannot be reached: %s", strings.Join(cluster.Options().Addrs, ", "), explain(err))
		}
	} else {
		c.node(ctx, s.client)
	}
	if len(c.problems) == 0 {
		s.checkRights(ctx, &c)
	}
	return c.error()
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
	slices.Sort(c.problems)
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
	probe := []string{s.prefix + "{check}:hash", s.prefix + "{check}:string"}
	mend := fmt.Sprintf("ACL SETUSER NAME %s ~%s*", rights, s.prefix)
	if err := s.client.MGet(ctx, probe...).Err(); err != nil {
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
}

// checkEval tries the right that is used only when Redis does not know a script.
func (s *Store) checkEval(ctx context.Context, script *redis.Script, probe []string) error {
	node, err := s.node(ctx, probe[0])
	if err != nil {
		return explain(err)
	}
	return explain(script.Eval(ctx, node, probe).Err())
}

// address is where a client goes, as far as it tells.
func address(client redis.UniversalClient) string {
	if c, ok := client.(*redis.Client); ok {
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
