package sealed

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
	"github.com/contactgovernor/governor/state/redisstate"
	"github.com/contactgovernor/governor/state/statetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is a line of a key file, the nth of those that the tests know.
func line(n int) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fmt.Sprintf("secret %d ", n), 4)))
}

// keys are those of a file with these lines.
func keys(t testing.TB, numbers ...int) *Keys {
	t.Helper()
	var text strings.Builder
	for _, n := range numbers {
		text.WriteString(line(n) + "\n")
	}
	k, err := ParseKeys([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func hashed(t testing.TB, numbers ...int) Options {
	return Options{Hashed: true, Keys: keys(t, numbers...)}
}

func store(t testing.TB, inner state.Store, o Options) state.Store {
	t.Helper()
	s, err := New(inner, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// perishable is a store on a miniredis that loses and goes back, as those of package
// redisstate are tested.
type perishable struct {
	state.Store
	server *miniredis.Miniredis
}

func (p *perishable) Lose(testing.TB) { p.server.FlushAll() }

func (p *perishable) Keep(t testing.TB) (rollBack func()) {
	client := redis.NewClient(&redis.Options{Addr: p.server.Addr()})
	t.Cleanup(func() { client.Close() })
	kept := everything(t, client)
	return func() {
		p.server.FlushAll()
		for key, value := range kept {
			var err error
			switch value := value.(type) {
			case string:
				err = client.Set(t.Context(), key, value, 0).Err()
			case map[string]string:
				err = client.HSet(t.Context(), key, value).Err()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// everything is what a Redis has, by key: a string, or the fields of a hash.
func everything(t testing.TB, client redis.UniversalClient) map[string]any {
	t.Helper()
	all := make(map[string]any)
	names, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if fields, err := client.HGetAll(t.Context(), name).Result(); err == nil {
			all[name] = fields
			continue
		}
		value, err := client.Get(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = value
	}
	return all
}

// onRedis is a store on a miniredis of its own.
func onRedis(t *testing.T) (*redisstate.Store, *miniredis.Miniredis, redis.UniversalClient) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redisstate.NewClient(redisstate.ClientOptions{Addrs: []string{server.Addr()}, Timeout: time.Minute})
	t.Cleanup(func() { client.Close() })
	s, err := redisstate.New(client, redisstate.Options{Prefix: "gov:", Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	return s, server, client
}

// "Whoever writes a store runs the one conformance suite." A store that hides is a
// store like any other, in whatever way and over whatever store it hides.
func TestConformance(t *testing.T) {
	for name, o := range map[string]Options{
		"nobody is hidden":         {},
		"the erased are hidden":    {Keys: keys(t, 1)},
		"everybody is hidden":      hashed(t, 1),
		"everybody, and two keys":  hashed(t, 2, 1),
		"the erased, and two keys": {Keys: keys(t, 2, 1)},
	} {
		t.Run(name+"/in memory", func(t *testing.T) {
			statetest.Run(t, func(t *testing.T) state.Store { return store(t, memstate.New(), o) })
		})
		if len(o.Keys.prints()) != 1 || testing.Short() {
			continue // it is slow, and differs in nothing
		}
		t.Run(name+"/in Redis", func(t *testing.T) {
			statetest.Run(t, func(t *testing.T) state.Store {
				inner, server, _ := onRedis(t)
				return &perishable{store(t, inner, o), server}
			})
		})
	}
}

// A store that has a clock keeps it; one that has none gets none.
func TestTheClockStays(t *testing.T) {
	inner, _, _ := onRedis(t)
	clock, has := store(t, inner, hashed(t, 1)).(state.Clock)
	if !has {
		t.Fatal("the clock of Redis is gone")
	}
	if now, err := clock.Time(t.Context()); err != nil || now == 0 {
		t.Errorf("it is %s, %v", now, err)
	}
	if _, has := store(t, memstate.New(), hashed(t, 1)).(state.Clock); has {
		t.Error("a store in memory has a clock now")
	}
}

const at = 3

func acquire(t testing.TB, s state.Store) state.Holding {
	t.Helper()
	h, err := s.Acquire(t.Context(), at, rand.Text())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// write commits one batch as a new owner.
func write(t testing.TB, s state.Store, b state.Batch) {
	t.Helper()
	owner := rand.Text()
	h, err := s.Acquire(t.Context(), at, owner)
	if err != nil {
		t.Fatal(err)
	}
	b.Owner, b.Mark.Batch = owner, h.Mark.Batch+1
	if err := s.Commit(t.Context(), at, &b); err != nil {
		t.Fatal(err)
	}
}

func both(id rules.PersonID, standing, log string) state.Change {
	return state.Change{Person: id, Memory: state.Memory{Standing: []byte(standing), Log: []byte(log)}, SetStanding: true, SetLog: true}
}

func load(t testing.TB, s state.Store, id rules.PersonID) (standing, log string) {
	t.Helper()
	m, err := s.Load(t.Context(), at, []rules.PersonID{id})
	if err != nil {
		t.Fatal(err)
	}
	return string(m[0].Standing), string(m[0].Log)
}

func stands(t testing.TB, s state.Store, id rules.PersonID, standing, log string) {
	t.Helper()
	if no, l := load(t, s, id); no != standing || l != log {
		t.Errorf("%q has %q and %q, want %q and %q", id, no, l, standing, log)
	}
}
