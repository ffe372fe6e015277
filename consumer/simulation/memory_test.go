package simulation_test

import (
	"context"
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// memory is the Redis of a simulation, and what an accident does to it.
type memory struct {
	server *miniredis.Miniredis
	client *redis.Client // of the accidents: over no wire
}

func newMemory() *memory {
	m := &memory{server: miniredis.NewMiniRedis()}
	m.client = redis.NewClient(&redis.Options{
		Dialer:     func(ctx context.Context, _, _ string) (net.Conn, error) { return m.open(ctx, "") },
		MaxRetries: -1, DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	return m
}

func (m *memory) open(context.Context, string) (net.Conn, error) { return m.server.Dial() }

func (m *memory) close() {
	_ = m.client.Close()
	m.server.Close()
}

// refuse lets Redis answer every command of a governor with an error, and do
// nothing; "" ends it. A script that runs is not disturbed.
func (m *memory) refuse(message string) {
	var hook server.Hook
	if message != "" {
		hook = func(c *server.Peer, cmd string, _ ...string) bool {
			switch cmd {
			case "EVALSHA", "MGET", "TIME": // within scripts nobody uses them
				c.WriteError(message)
				return true
			}
			return false
		}
	}
	m.server.Server().SetPreHook(hook)
}

// dump is all that Redis knew at an instant.
type dump []any

const dumpLua = `
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local what = redis.call('TYPE', key).ok
  if what == 'hash' then
    all[#all + 1] = {key, redis.call('HGETALL', key)}
  else
    all[#all + 1] = {key, redis.call('GET', key)}
  end
end
return all`

const restoreLua = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('DEL', key)
end
local at = 1
while at <= #ARGV do
  local key, fields = ARGV[at], tonumber(ARGV[at + 1])
  if fields < 0 then
    redis.call('SET', key, ARGV[at + 2])
    at = at + 3
  else
    for i = at + 2, at + 1 + fields, 2 do
      redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    end
    at = at + 2 + fields
  end
end
return 'ok'`

// save is the state that a replica, or a file, would have of now.
func (m *memory) save() (dump, error) {
	reply, err := m.client.Eval(context.Background(), dumpLua, nil).Result()
	if err != nil {
		return nil, fmt.Errorf("dump: %w", err)
	}
	return reply.([]any), nil
}

// restore makes Redis know what it knew then, and nothing since; of no dump, nothing.
func (m *memory) restore(d dump) error {
	var args []any
	for _, each := range d {
		pair := each.([]any)
		args = append(args, pair[0])
		if fields, ok := pair[1].([]any); ok {
			args = append(append(args, len(fields)), fields...)
		} else {
			args = append(args, -1, pair[1])
		}
	}
	if err := m.client.Eval(context.Background(), restoreLua, nil, args...).Err(); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
