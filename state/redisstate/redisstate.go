// Package redisstate keeps the memory of partitions in Redis (7.0 or later) or
// Valkey. README.md of package state has the keys.
//
// A batch is one transaction over the keys of one hash tag: it moves all of it or
// nothing, and fences whoever lost the partition. What else looks at several keys, or
// changes them, is a Lua script. Neither holds any policy. The package never repeats a
// command whose fate is unknown; the exceptions are NOSCRIPT, MOVED and ASK, with which
// Redis says that it has done nothing.
//
// Redis is a view of the log here. What it loses as a whole is noticed, since the
// mark goes with it. That it does not lose single keys is a matter of its
// settings, and Store.Check refuses those that would.
package redisstate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

//go:embed lua/acquire.lua
var acquireLua string

//go:embed lua/totals.lua
var totalsLua string

//go:embed lua/commit.lua
var commitLua string

// Options say how a Store keeps things. The zero value is right for a Redis that
// one governor has for itself.
type Options struct {
	// Prefix comes before every key, so that several governors may share a Redis:
	// "gov:" makes gov:{p3}:meta. It has no braces.
	Prefix string

	// Embedded says that the Redis is one inside the process or a test, such as
	// miniredis, which never evicts and tells neither its version nor its policy.
	// Check takes what such a Redis does not tell as fine; what it does tell is
	// judged as ever. Batches are scripts there, of which such a Redis may keep a journal.
	Embedded bool

	// Wait says how many replicas must have a batch before it counts as committed.
	Wait Wait
}

// Store is a state.Store in Redis. Any number of goroutines may use it.
//
// Its errors name the operation, the partition and what to do; never a person.
type Store struct {
	client   redis.UniversalClient
	prefix   string
	embedded bool
	wait     Wait
	acquire  *redis.Script
	totals   *redis.Script
	commit   *redis.Script
}

var _ state.Store = (*Store)(nil)

// New makes a store on the client, which stays the caller's to close. The client
// must not repeat commands by itself; NewClient makes one that does not. New
// talks to nobody: Check does.
func New(client redis.UniversalClient, o Options) (*Store, error) {
	if err := checkPrefix(o.Prefix); err != nil {
		return nil, err
	}
	if err := o.Wait.check(client); err != nil {
		return nil, err
	}
	return &Store{
		client: client, prefix: o.Prefix, embedded: o.Embedded, wait: o.Wait,
		acquire: redis.NewScript(acquireLua), totals: redis.NewScript(totalsLua), commit: redis.NewScript(commitLua),
	}, nil
}

// Acquire implements state.Store.
func (s *Store) Acquire(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	h, err := s.acquireNow(ctx, partition, owner)
	if err != nil {
		return state.Holding{}, fmt.Errorf("acquire partition %d in Redis: %w", partition, err)
	}
	return h, nil
}

func (s *Store) acquireNow(ctx context.Context, partition int32, owner string) (state.Holding, error) {
	if owner == "" {
		return state.Holding{}, errors.New("the owner token is empty: make one that nobody used before")
	}
	k := s.keys(partition)
	reply, err := s.write(ctx, s.acquire, k.fixed(), owner)
	if err != nil {
		return state.Holding{}, err
	}
	parts, ok := reply.([]any)
	if !ok || len(parts) != 5 {
		return state.Holding{}, fmt.Errorf("acquire.lua answered %T, not its five parts: %w", reply, errReply)
	}
	outbox, ok := parts[1].(string)
	if !ok {
		return state.Holding{}, fmt.Errorf("acquire.lua answered %T for the outbox: %w", parts[1], errReply)
	}
	rates, ok := parts[4].(string)
	if !ok {
		return state.Holding{}, fmt.Errorf("acquire.lua answered %T for the rates: %w", parts[4], errReply)
	}
	var lists [3][]string
	for i, part := range []any{parts[0], parts[2], parts[3]} {
		if lists[i], err = texts(part); err != nil {
			return state.Holding{}, err
		}
	}
	h, err := readMeta(lists[0])
	if err != nil || !h.Known {
		return state.Holding{Epoch: h.Epoch}, err
	}
	if outbox != "" {
		h.Outbox = []byte(outbox)
	}
	if rates != "" {
		h.Rates = []byte(rates)
	}
	h.Totals = readTotals(lists[2])
	h.Waiting, err = readWaiting(lists[1])
	return h, err
}

// errReply says that something answered that is not our script on a Redis.
var errReply = errors.New("this is no Redis that runs our scripts unchanged: check the address, and any proxy before it")

// texts is a reply of strings only.
func texts(reply any) ([]string, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("a script answered %T in place of a list: %w", reply, errReply)
	}
	out := make([]string, len(list))
	for i := range list {
		if out[i], ok = list[i].(string); !ok {
			return nil, fmt.Errorf("a script answered %T in place of a string: %w", list[i], errReply)
		}
	}
	return out, nil
}

// loadAtOnce is how many people are asked for in one command, so that one large
// question does not keep Redis from everybody else.
const loadAtOnce = 1000

// Load implements state.Store.
func (s *Store) Load(ctx context.Context, partition int32, people []rules.PersonID) ([]state.Memory, error) {
	out := make([]state.Memory, 0, len(people))
	k := s.keys(partition)
	names := make([]string, 0, 2*min(len(people), loadAtOnce))
	for len(people) > 0 {
		some := people[:min(len(people), loadAtOnce)]
		people = people[len(some):]
		names = names[:0]
		for _, id := range some {
			names = append(names, k.standing(id))
			if !state.IsNobody(id) { // of whom there is no log
				names = append(names, k.log(id))
			}
		}
		values, err := s.mget(ctx, names)
		if err != nil {
			return nil, fmt.Errorf("load people of partition %d from Redis: %w", partition, err)
		}
		for _, id := range some {
			m := state.Memory{Standing: values[0]}
			if !state.IsNobody(id) {
				m.Log, values = values[1], values[1:]
			}
			out, values = append(out, m), values[1:]
		}
	}
	return out, nil
}

func (s *Store) mget(ctx context.Context, names []string) ([][]byte, error) {
	var reply []any
	err := s.at(ctx, names[0], func(ctx context.Context, n node) (err error) {
		reply, err = n.MGet(ctx, names...).Result()
		return err
	})
	if err != nil {
		return nil, explain(err)
	}
	if len(reply) != len(names) {
		return nil, fmt.Errorf("MGET of %d keys answered %d values: %w", len(names), len(reply), errReply)
	}
	out := make([][]byte, len(reply))
	for i, v := range reply {
		switch v := v.(type) {
		case nil:
		case string:
			out[i] = []byte(v)
		default:
			return nil, fmt.Errorf("MGET answered %T: %w", v, errReply)
		}
	}
	return out, nil
}

// Totals implements state.Store.
func (s *Store) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	names := make([]any, len(campaigns))
	for i, campaign := range campaigns {
		names[i] = string(campaign)
	}
	out := make([]state.Totals, len(partitions))
	for i, partition := range partitions {
		var err error
		if out[i], err = s.totalsOf(ctx, partition, names); err != nil {
			return nil, fmt.Errorf("read the totals of partition %d from Redis: %w", partition, err)
		}
	}
	return out, nil
}

func (s *Store) totalsOf(ctx context.Context, partition int32, campaigns []any) (state.Totals, error) {
	k := s.keys(partition)
	reply, err := s.run(ctx, s.totals, []string{k.meta(), k.campaigns()}, campaigns...)
	if err != nil {
		return state.Totals{}, err
	}
	parts, ok := reply.([]any)
	if !ok || len(parts) != 2 {
		return state.Totals{}, fmt.Errorf("totals.lua answered %T, not its two parts: %w", reply, errReply)
	}
	meta, err := texts(parts[0])
	if err != nil {
		return state.Totals{}, err
	}
	tallies, err := texts(parts[1])
	if err != nil {
		return state.Totals{}, err
	}
	if len(tallies) != len(campaigns) {
		return state.Totals{}, fmt.Errorf("totals.lua answered %d tallies of %d campaigns: %w", len(tallies), len(campaigns), errReply)
	}
	h, err := readMeta(meta)
	if err != nil || !h.Known {
		return state.Totals{}, err
	}
	t := state.Totals{Known: true, Mark: h.Mark, Tallies: make([][]byte, len(tallies))}
	for i, tally := range tallies {
		if tally != "" {
			t.Tallies[i] = []byte(tally)
		}
	}
	return t, nil
}

// run runs a script on the node that has the keys.
func (s *Store) run(ctx context.Context, script *redis.Script, keys []string, args ...any) (reply any, err error) {
	err = s.at(ctx, keys[0], func(ctx context.Context, n node) (err error) {
		reply, err = n.script(ctx, script, keys, args...)
		return err
	})
	return reply, explain(err)
}

// Time implements state.Clock: the time of the Redis that has partition 0. The
// nodes of a cluster are taken to agree.
func (s *Store) Time(ctx context.Context) (now rules.Instant, err error) {
	err = s.at(ctx, s.keys(0).meta(), func(ctx context.Context, n node) error {
		t, err := n.Time(ctx).Result()
		now = rules.At(t)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("ask Redis for its time: %w", explain(err))
	}
	return now, nil
}
