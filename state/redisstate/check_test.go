package redisstate

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// tells makes a Redis tell of itself what the test wants: section to text.
type tells map[string]string

func (tells) DialHook(next redis.DialHook) redis.DialHook { return next }

func (tells) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (w tells) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if info, ok := cmd.(*redis.StringCmd); ok && cmd.Name() == "info" {
			if text, told := w[cmd.Args()[1].(string)]; told {
				info.SetVal(text)
				return nil
			}
		}
		return next(ctx, cmd)
	}
}

func TestCheck(t *testing.T) {
	const good, evicting = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n", "# Memory\r\nmaxmemory_policy:allkeys-lru\r\n"
	version := func(v string) string { return "# Server\r\nredis_version:" + v + "\r\nredis_git_sha1:0\r\n" }
	for _, c := range []struct {
		name     string
		embedded bool
		tells    tells
		says     []string // nothing: it is fine
	}{
		{"a good Redis", false, tells{"server": version("7.0.15"), "memory": good}, nil},
		{"Valkey", false, tells{"server": version("7.2.4") + "valkey_version:8.0.1\r\n", "memory": good}, nil},
		{"a later Redis", false, tells{"server": version("10.1.0"), "memory": good}, nil},
		{"one that evicts", false, tells{"server": version("7.0.15"), "memory": evicting},
			[]string{"has the maxmemory-policy allkeys-lru", "CONFIG SET maxmemory-policy noeviction"}},
		{"an old one", false, tells{"server": version("6.2.14"), "memory": good}, []string{`is version "6.2.14": run Redis 7.0 or later`}},
		{"one of no version", false, tells{"server": version("unstable"), "memory": good}, []string{`is version "unstable"`}},
		{"both at once", false, tells{"server": version("6.2.14"), "memory": evicting},
			[]string{"for 2 reasons:", "6.2.14", "allkeys-lru"}},
		{"one that tells nothing", false, nil, []string{"for 2 reasons:", "does not tell its maxmemory_policy (INFO memory: ", "does not tell its redis_version"}},
		{"one that leaves fields out", false, tells{"server": "# Server\r\n", "memory": "# Memory\r\nmaxmemory:0\r\n"},
			[]string{"the field is not there"}},
		{"an embedded one that tells nothing", true, nil, nil},
		{"an embedded one that evicts", true, tells{"memory": evicting}, []string{"allkeys-lru"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := servers()[0].open(t, Options{Embedded: c.embedded})
			if c.tells != nil {
				s.client.AddHook(c.tells)
			}
			judge(t, s, c.says)
			if left := names(t, s); len(left) > 0 {
				t.Errorf("the check left %q", left)
			}
		})
	}
}

func TestCheckOfAServerThatIsNotThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := listener.Addr().String()
	must(t, listener.Close())
	client := NewClient(ClientOptions{Addrs: []string{addr}})
	defer client.Close()
	s, err := New(client, Options{})
	must(t, err)
	host, port, _ := net.SplitHostPort(addr)
	judge(t, s, []string{"Redis at " + addr + " cannot be reached: ", "connection refused", "redis-cli -h " + host + " -p " + port + " PING"})
}

func TestCheckOfAServerThatAsksForAPassword(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("secret")
	for _, password := range []string{"", "wrong"} {
		client := NewClient(ClientOptions{Addrs: []string{m.Addr()}, Password: password})
		defer client.Close()
		s, err := New(client, Options{Embedded: true})
		must(t, err)
		judge(t, s, []string{"refuses the user or the password"})
	}
	client := NewClient(ClientOptions{Addrs: []string{m.Addr()}, Password: "secret"})
	defer client.Close()
	s, err := New(client, Options{Embedded: true})
	must(t, err)
	judge(t, s, nil)
}

// The rights that the check names are enough for everything, and each of them is
// needed. Only a real Redis knows rights, and nodes of a cluster each their own.
func TestCheckOfRights(t *testing.T) {
	t.Run("one Redis", func(t *testing.T) {
		testRights(t, []*process{startRedis(t)}, ClientOptions{}, Options{})
	})
	t.Run("with a replica", func(t *testing.T) {
		primary, replica := startRedis(t), startRedis(t)
		replica.follow(t, primary)
		testRights(t, []*process{primary}, ClientOptions{}, Options{Wait: Wait{1, time.Second}})
	})
	t.Run("a cluster", func(t *testing.T) {
		testRights(t, cluster(t), ClientOptions{Cluster: true}, Options{})
	})
}

// "These rights are enough", says the example of a configuration.
func TestTheExampleNamesTheRights(t *testing.T) {
	b, err := os.ReadFile("../../deploy/governor.example.yaml")
	must(t, err)
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(b), "\n  # ", " ")), " ")
	for _, rights := range []string{rightsAlways, rightsCluster, rightsWait} {
		if !strings.Contains(text, strings.TrimSpace(rights)) {
			t.Errorf("deploy/governor.example.yaml does not name %s", rights)
		}
	}
}

func testRights(t *testing.T, nodes []*process, c ClientOptions, o Options) {
	o.Prefix = "gov:"
	c.Addrs, c.Username, c.Password, c.Timeout = addrs(nodes), "governor", "pw", time.Minute
	set := func(n *process, words ...any) {
		t.Helper()
		n.do(t, append([]any{"ACL", "SETUSER", c.Username}, words...)...)
	}
	as := func() *Store { return storeAt(t, c, o) }
	all := strings.Fields(as().rights())
	exactly := []any{"reset", "on", ">pw", "~gov:*"}
	for _, right := range all {
		exactly = append(exactly, right)
	}
	for _, n := range nodes {
		set(n, exactly...)
	}

	s := as()
	must(t, s.client.Ping(t.Context()).Err()) // as whoever waits for Redis does
	judge(t, s, nil)
	for partition := range int32(8) {
		_, err := s.Acquire(t.Context(), partition, "ann")
		must(t, err)
		b := step("ann", 1, "one")
		b.Waiting = []state.Waiting{{Person: "ada", Due: 1}}
		b.Totals = []state.Total{{Campaign: "spring", Tally: []byte("1")}}
		b.Rates = []byte("rates")
		must(t, s.Commit(t.Context(), partition, b))
		_, err = s.Load(t.Context(), partition, []rules.PersonID{"ada"})
		must(t, err)
		_, err = s.Totals(t.Context(), []int32{partition}, []rules.Campaign{"spring"})
		must(t, err)
	}
	_, err := s.Time(t.Context())
	must(t, err)
	if c.Cluster {
		m := move(t, s, nodes)
		m.keys(t, append(s.keys(3).fixed(), s.keys(3).standing("ada"), s.keys(3).log("ada"))...)
		must(t, s.Commit(t.Context(), 3, step("ann", 2, "two")))
		m.end(t, nodes)
		must(t, s.Commit(t.Context(), 3, step("ann", 3, "three")))
	}
	for _, n := range nodes {
		denied, err := n.ACLLog(t.Context(), 10).Result()
		must(t, err)
		for _, d := range denied {
			t.Errorf("%s was denied %s %s", d.Username, d.Reason, d.Object)
		}
	}

	for i, right := range all {
		if right == "+asking" {
			continue // is not tried: that needs a slot on its way
		}
		n := nodes[i%len(nodes)]
		if right == "+cluster|slots" {
			for _, n := range nodes { // any of them will do
				set(n, "-cluster|slots")
			}
		} else {
			set(n, "-"+right[1:])
		}
		judge(t, as(), []string{right[1:]})
		for _, n := range nodes {
			set(n, exactly...)
		}
	}
	set(nodes[len(nodes)-1], "resetkeys", "~elsewhere:*")
	judge(t, as(), []string{"the user may not run scripts on gov:*", "ACL SETUSER NAME", "~gov:*"})
}

// judge checks the store and wants each of the words in the error.
func judge(t *testing.T, s *Store, says []string) {
	t.Helper()
	err := s.Check(t.Context())
	if len(says) == 0 {
		if err != nil {
			t.Errorf("the check says: %v", err)
		}
		return
	}
	if err == nil {
		t.Errorf("the check says nothing, want %q", says)
		return
	}
	for _, want := range says {
		if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("the check says %q, want in it %q", err, want)
		}
	}
}
