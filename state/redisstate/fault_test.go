package redisstate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// wire stands between a client and its Redis.
type wire struct {
	mu       sync.Mutex
	sent     []string // the names of the commands that were sent
	fail     error    // of the next command of the name in failOn
	failOn   string
	executed bool // and whether it took effect before it failed
}

func (w *wire) DialHook(next redis.DialHook) redis.DialHook { return next }

func (w *wire) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err, executed := w.pass(cmds...)
		if err == nil {
			return next(ctx, cmds)
		}
		if executed {
			_ = next(ctx, cmds)
		}
		for _, cmd := range cmds {
			cmd.SetErr(err)
		}
		return err
	}
}

// pass notes that the commands are sent, and says whether they are to fail.
func (w *wire) pass(cmds ...redis.Cmder) (fail error, executed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cmd := range cmds {
		w.sent = append(w.sent, cmd.Name())
		if cmd.Name() == w.failOn && w.fail != nil {
			fail, executed, w.fail = w.fail, w.executed, nil
		}
	}
	return fail, executed
}

func (w *wire) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err, executed := w.pass(cmd)
		if err == nil {
			return next(ctx, cmd)
		}
		if executed {
			_ = next(ctx, cmd) // the answer gets lost
		}
		cmd.SetErr(err)
		return err
	}
}

func (w *wire) cut(command string, executed bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failOn, w.executed, w.fail = command, executed, err
}

func (w *wire) count(command string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range w.sent {
		if name == command {
			n++
		}
	}
	return n
}

// wired is a store with a wire.
func (s server) wired(t testing.TB) (*Store, *wire) {
	w := &wire{}
	store := s.open(t, Options{})
	store.client.AddHook(w)
	return store, w
}

func lost() error { return &net.OpError{Op: "read", Err: errors.New("connection reset by peer")} }

func step(owner string, number int64, value string) *state.Batch {
	return &state.Batch{
		Owner: owner, Mark: state.Mark{Batch: number, Intents: 100 * number}, Outbox: []byte(value),
		People: []state.Change{{Person: "ada", Memory: state.Memory{Standing: []byte(value), Log: []byte(value)}, SetStanding: true, SetLog: true}},
	}
}

// Each step of a worker fails, before it took effect and after it did. Whoever
// acquires then sees by the mark whether the batch is in, and goes on from there
// to the same end.
func TestEachStepFailsBeforeAndAfterItTookEffect(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		for _, executed := range []bool{false, true} {
			for _, failing := range []string{"acquire", "load", "totals", "commit"} {
				t.Run(fmt.Sprintf("%s, executed: %t", failing, executed), func(t *testing.T) {
					s, w := server.wired(t)
					must(t, acquireOnly(t, s, "first"))
					must(t, s.Commit(t.Context(), 3, step("first", 1, "one")))

					command := map[string]string{"acquire": "evalsha", "load": "mget", "totals": "evalsha", "commit": "exec"}[failing]
					w.cut(command, executed, lost())
					var err error
					switch failing {
					case "acquire":
						err = acquireOnly(t, s, "second")
					case "load":
						_, err = s.Load(t.Context(), 3, []rules.PersonID{"ada"})
					case "totals":
						_, err = s.Totals(t.Context(), []int32{3}, []rules.Campaign{"spring"})
					case "commit":
						err = s.Commit(t.Context(), 3, step("first", 2, "two"))
					}
					if err == nil || errors.Is(err, state.ErrFenced) || errors.Is(err, state.ErrMoved) {
						t.Fatalf("a lost answer is told as %v", err)
					}

					h, err := s.Acquire(t.Context(), 3, "third")
					must(t, err)
					landed := int64(1)
					if failing == "commit" && executed {
						landed = 2
					}
					if !h.Known || h.Mark.Batch != landed || h.Mark.Intents != 100*landed {
						t.Fatalf("the mark is %+v, want batch %d", h.Mark, landed)
					}
					for n := landed + 1; n <= 2; n++ {
						must(t, s.Commit(t.Context(), 3, step("third", n, "two")))
					}
					people, err := s.Load(t.Context(), 3, []rules.PersonID{"ada"})
					must(t, err)
					h, err = s.Acquire(t.Context(), 3, "fourth")
					must(t, err)
					if h.Mark.Batch != 2 || string(h.Outbox) != "two" || string(people[0].Standing) != "two" || string(people[0].Log) != "two" {
						t.Errorf("ended at %+v with %q", h, people)
					}
				})
			}
		}
	})
}

// The client sends nothing twice. A script that Redis has forgotten is the one
// exception, and then once.
func TestACommandIsSentOnce(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s, w := server.wired(t)
		must(t, acquireOnly(t, s, "ann"))
		once := func(command string, call func() error) {
			t.Helper()
			w.cut(command, true, lost())
			before := w.count(command)
			if err := call(); err == nil {
				t.Error("the answer was lost, and nobody says so")
			}
			if sent := w.count(command) - before; sent != 1 || w.count("eval") > 1 {
				t.Errorf("%s is sent %d times", command, sent)
			}
		}
		once("exec", func() error { return s.Commit(t.Context(), 3, step("ann", 1, "one")) })
		once("evalsha", func() error { return acquireOnly(t, s, "bob") })
	})
}

func TestAForgottenScriptIsSentAgain(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s, w := server.wired(t)
		for range 3 {
			must(t, s.client.ScriptFlush(t.Context()).Err()) // as a restart does
			evals := w.count("eval")
			must(t, acquireOnly(t, s, "ann"))
			must(t, acquireOnly(t, s, "ann"))
			if sent := w.count("eval") - evals; sent != 1 {
				t.Errorf("the source was sent %d times in two calls", sent)
			}
			_, err := s.Totals(t.Context(), []int32{3}, nil) // is another script
			must(t, err)
			if sent := w.count("eval") - evals; sent != 2 {
				t.Errorf("the sources were sent %d times", sent)
			}
		}
	})
}

// between does something before the next transaction.
type between struct {
	wire
	do func()
}

func (b *between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if do := b.do; do != nil && cmds[0].Name() == "multi" {
			b.do = nil
			do()
		}
		return next(ctx, cmds)
	}
}

// "Fences whoever lost the partition": also where it is lost between the look at the
// owner and the transaction. What changed nothing of that is no reason to fail.
func TestWhoComesInBetweenIsSeen(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s, beside := server.open(t, Options{}), server.open(t, Options{})
		beside.prefix, beside.client = s.prefix, s.client
		b := &between{}
		through := NewClient(ClientOptions{Addrs: []string{address(s.client)[len("Redis at "):]}, Timeout: time.Minute})
		t.Cleanup(func() { through.Close() })
		through.AddHook(b)
		s = &Store{client: through, prefix: s.prefix, acquire: s.acquire, totals: s.totals}

		must(t, acquireOnly(t, s, "ann"))
		must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
		b.do = func() { must(t, beside.client.HIncrBy(t.Context(), s.keys(3).meta(), "epoch", 1).Err()) }
		must(t, s.Commit(t.Context(), 3, step("ann", 2, "two")))
		for what, c := range map[string]struct {
			do   func(next int64)
			want error
		}{
			"another owner": {func(int64) { must(t, acquireOnly(t, beside, "bob")) }, state.ErrFenced},
			"another batch": {func(next int64) { must(t, beside.Commit(t.Context(), 3, step("ann", next, "in time"))) }, state.ErrMoved},
			"nothing left":  {func(int64) { must(t, beside.client.Del(t.Context(), s.keys(3).meta()).Err()) }, state.ErrFenced},
		} {
			h, err := beside.Acquire(t.Context(), 3, "ann")
			must(t, err)
			next := h.Mark.Batch + 1
			b.do = func() { c.do(next) }
			if err := s.Commit(t.Context(), 3, step("ann", next, "late")); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", what, err)
			}
			people, err := beside.Load(t.Context(), 3, []rules.PersonID{"ada"})
			must(t, err)
			if string(people[0].Standing) == "late" {
				t.Errorf("%s, and ada is moved", what)
			}
		}
	})
}

// refusal is an error that Redis answered.
type refusal string

func (r refusal) Error() string { return string(r) }
func (refusal) RedisError()     {}

// An error names the operation, the partition and what to do, and nobody.
func TestErrorsSayWhatToDoAndNameNobody(t *testing.T) {
	const canary = "canary@example.org"
	for _, c := range []struct {
		err  error
		says string
	}{
		{lost(), "it is unknown whether it took effect"},
		{context.DeadlineExceeded, "context deadline exceeded"},
		{redis.ErrPoolTimeout, "every connection was busy"},
		{refusal("OOM command not allowed when used memory > 'maxmemory'."), "CONFIG SET maxmemory"},
		{refusal("NOPERM this user has no permissions to run the 'exec' command"), "ACL SETUSER"},
		{refusal("NOAUTH Authentication required."), "correct the user and the password"},
		{refusal("READONLY You can't write against a read only replica."), "this is a replica"},
		{refusal("LOADING Redis is loading the dataset in memory"), "wait"},
		{refusal("MISCONF Redis is configured to save RDB snapshots"), "see its disk"},
		{refusal("WRONGTYPE Operation against a key"), "a prefix or a database of its own"},
		{refusal("ERR unknown command 'mset', with args beginning with: '{p3}:no:" + canary + "' "), "unknown command 'mset': this Redis lacks the command"},
		{refusal("TRYAGAIN Multiple keys request during rehashing of slot"), "its slot is moving"},
		{refusal("CLUSTERDOWN Hash slot not served"), "the cluster has lost a node"},
		{refusal("MOVED 1234 10.0.0.1:6379"), "a Redis that is in a cluster must be named as one"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, "what Redis says of our certificate"},
		{unconnected{errors.New("open /run/secrets/redis: no such file or directory")}, "there is no connection: open /run/secrets/redis"},
		{refusal("BUSY Redis is busy running a script."), "see the log of Redis"},
		{fmt.Errorf("redis: can't parse %q", "{\"person\":\""+canary+"\"}"), "see whether this is a Redis"},
	} {
		s, w := servers()[0].wired(t)
		must(t, acquireOnly(t, s, "ann"))
		for _, command := range []string{"exec", "mget"} {
			w.cut(command, false, c.err)
			var err error
			if command == "mget" {
				_, err = s.Load(t.Context(), 3, []rules.PersonID{canary})
			} else {
				b := step("ann", 1, canary)
				b.People[0].Person, b.Waiting = canary, []state.Waiting{{Person: canary, Due: 1}}
				err = s.Commit(t.Context(), 3, b)
			}
			switch {
			case err == nil:
				t.Errorf("%v was swallowed", c.err)
			case strings.Contains(err.Error(), "canary"):
				t.Errorf("a person is in the error %q", err)
			case !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "partition 3"):
				t.Errorf("the error is %q, want in it %q and the partition", err, c.says)
			}
		}
	}
}

// A key of a wrong type ends a script, or a batch, before it has changed anything.
func TestAKeyOfAWrongTypeChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		for _, spoil := range []func(ctx context.Context, s *Store) error{
			func(ctx context.Context, s *Store) error { return s.client.Set(ctx, s.keys(3).meta(), "x", 0).Err() },
			func(ctx context.Context, s *Store) error {
				return s.client.Set(ctx, s.keys(3).waiting(), "x", 0).Err()
			},
			func(ctx context.Context, s *Store) error {
				return s.client.Set(ctx, s.keys(3).campaigns(), "x", 0).Err()
			},
		} {
			s := server.open(t, Options{})
			must(t, acquireOnly(t, s, "ann"))
			must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
			must(t, spoil(t.Context(), s))
			before := fmt.Sprint(everything(t, s))
			byScripts := *s
			byScripts.embedded = true
			for _, err := range []error{s.Commit(t.Context(), 3, step("ann", 2, "two")), byScripts.Commit(t.Context(), 3, step("ann", 2, "two")), acquireOnly(t, s, "bob")} {
				if err == nil || !strings.Contains(err.Error(), "another program writes to our keys") {
					t.Errorf("a key of a wrong type: %v", err)
				}
			}
			if after := fmt.Sprint(everything(t, s)); after != before {
				t.Errorf("something changed:\n%s\n%s", before, after)
			}
		}
		s := server.open(t, Options{})
		must(t, acquireOnly(t, s, "ann"))
		must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
		must(t, s.client.HSet(t.Context(), s.keys(3).meta(), "signals", "many").Err())
		if err := acquireOnly(t, s, "bob"); err == nil || !strings.Contains(err.Error(), "field signals of its meta is no number") {
			t.Errorf("a mark that is no number: %v", err)
		}
	})
}

// Arguments that do not add up end the script before it has looked at anything.
func TestArgumentsThatDoNotAddUpChangeNothing(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s := server.open(t, Options{})
		must(t, acquireOnly(t, s, "ann"))
		before := fmt.Sprint(everything(t, s))
		moves, err := transactionOf(s.keys(3), step("ann", 1, "one"))
		must(t, err)
		keys, args := moves.arguments()
		for i := 4; i < 10; i++ {
			for _, wrong := range []any{"many", 1, 7, -2} {
				bad := append([]any(nil), args...)
				bad[i] = wrong
				if fmt.Sprint(bad) == fmt.Sprint(args) {
					continue
				}
				if reply, err := s.run(t.Context(), s.commit, keys, bad...); err == nil {
					t.Errorf("count %d of %v is taken: %v", i, wrong, reply)
				}
			}
		}
		if _, err := s.run(t.Context(), s.commit, keys[:6], args...); err == nil {
			t.Error("a key is missing, and that is taken")
		}
		if after := fmt.Sprint(everything(t, s)); after != before {
			t.Errorf("something changed:\n%s\n%s", before, after)
		}
	})
}

// A meta that is lost alone takes the rest with it: what others waited for then
// is not what they wait for now.
func TestWhatALostMetaLeavesBehindIsNotFound(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		s := server.open(t, Options{})
		must(t, acquireOnly(t, s, "ann"))
		b := step("ann", 1, "one")
		b.Waiting = []state.Waiting{{Person: "ada", Due: 1}, {Person: "bea", Due: 2}}
		b.Totals = []state.Total{{Campaign: "spring", Tally: []byte("old")}, {Campaign: "summer", Tally: []byte("old")}}
		must(t, s.Commit(t.Context(), 3, b))
		must(t, s.client.Del(t.Context(), s.keys(3).meta()).Err())

		h, err := s.Acquire(t.Context(), 3, "bob")
		must(t, err)
		if h.Known || h.Outbox != nil || h.Waiting != nil || h.Totals != nil {
			t.Errorf("found %+v", h)
		}
		b = step("bob", 1, "new")
		b.Waiting = []state.Waiting{{Person: "bea", Due: 3}}
		b.Totals = []state.Total{{Campaign: "summer", Tally: []byte("new")}}
		must(t, s.Commit(t.Context(), 3, b))
		h, err = s.Acquire(t.Context(), 3, "cem")
		must(t, err)
		if len(h.Waiting) != 1 || h.Waiting[0] != b.Waiting[0] || string(h.Outbox) != "new" ||
			len(h.Totals) != 1 || string(h.Totals[0].Tally) != "new" {
			t.Errorf("found %+v", h)
		}
	})
}

func acquireOnly(t testing.TB, s *Store, owner string) error {
	_, err := s.Acquire(t.Context(), 3, owner)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
