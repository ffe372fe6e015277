//go:build unix

package redisstate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func TestAWaitThatMakesNoSense(t *testing.T) {
	client := NewClient(ClientOptions{})
	defer client.Close()
	for _, w := range []Wait{{Replicas: 1}, {Replicas: 1, Timeout: time.Microsecond}, {Replicas: -1, Timeout: time.Second}} {
		if _, err := New(client, Options{Wait: w}); err == nil || !strings.Contains(err.Error(), "makes no sense") {
			t.Errorf("%+v: %v", w, err)
		}
	}
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	if _, err := New(ring, Options{}); err == nil || !strings.Contains(err.Error(), "gives no connection for a transaction") {
		t.Errorf("a ring: %v", err)
	}
}

// "WAIT on the same connection/node; fewer replicas than asked = an error, so that
// the partition holds": what the replica does not have is told to nobody, and to
// acquire means to know that it has what was found.
func TestABatchIsCommittedWhenTheReplicasHaveIt(t *testing.T) {
	primary, replica := startRedis(t), startRedis(t)
	replica.follow(t, primary)
	s := storeAt(t, ClientOptions{Addrs: []string{primary.addr()}}, Options{Wait: Wait{1, 300 * time.Millisecond}})
	must(t, s.Check(t.Context()))
	held(t, s, "ann", 0)
	must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
	if got := replica.HGet(t.Context(), s.keys(3).meta(), "batch").Val(); got != "1" {
		t.Errorf("the replica has batch %q when the commit is done", got)
	}

	// The replica stalls.
	must(t, replica.cmd.Process.Signal(syscall.SIGSTOP))
	begun := time.Now()
	err := s.Commit(t.Context(), 3, step("ann", 2, "two"))
	if err == nil || !strings.Contains(err.Error(), "0 of 1 replicas have it after 300ms") || errors.Is(err, state.ErrFenced) || errors.Is(err, state.ErrMoved) {
		t.Errorf("with a replica that stalls: %v", err)
	}
	if took := time.Since(begun); took < 300*time.Millisecond || took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := acquireOnly(t, s, "bob"); err == nil || !strings.Contains(err.Error(), "0 of 1 replicas") {
		t.Errorf("what the replica has not is found: %v", err)
	}
	// Whoever is fenced learns that, whatever the replicas do, and at once.
	begun = time.Now()
	if err := s.Commit(t.Context(), 3, step("ann", 3, "three")); !errors.Is(err, state.ErrFenced) || time.Since(begun) > 250*time.Millisecond {
		t.Errorf("fenced: %v, after %s", err, time.Since(begun))
	}

	// It goes on by itself.
	must(t, replica.cmd.Process.Signal(syscall.SIGCONT))
	wait(t, "the replica is back", func() bool { return acquireOnly(t, s, "cem") == nil })
	h := held(t, s, "dan", 2)
	if string(h.Outbox) != "two" {
		t.Errorf("found %q", h.Outbox)
	}
	if got := replica.HGet(t.Context(), s.keys(3).meta(), "batch").Val(); got != "2" {
		t.Errorf("the replica has batch %q when it is found", got)
	}
	must(t, s.Commit(t.Context(), 3, step("dan", 3, "three")))
	people, err := s.Load(t.Context(), 3, []rules.PersonID{"ada"})
	must(t, err)
	if string(people[0].Log) != "three" {
		t.Errorf("found %q", people)
	}
}

// Without it Redis answers before the replica has anything; the failover then takes
// it away, and the mark says so.
func TestWhatNobodyWaitedForIsLostInAFailover(t *testing.T) {
	for _, replicas := range []int{0, 1} {
		t.Run(fmt.Sprintf("%d", replicas), func(t *testing.T) {
			primary, replica := startRedis(t), startRedis(t)
			replica.follow(t, primary)
			s := storeAt(t, ClientOptions{Addrs: []string{primary.addr()}}, Options{Wait: Wait{replicas, 300 * time.Millisecond}})
			held(t, s, "ann", 0)
			must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
			wait(t, "the replica has it", func() bool { return replica.HGet(t.Context(), s.keys(3).meta(), "batch").Val() == "1" })
			replica.do(t, "REPLICAOF", "127.0.0.1", freePort(t)) // the primary cannot be reached any more
			err := s.Commit(t.Context(), 3, step("ann", 2, "two"))
			if told := err == nil; told != (replicas == 0) {
				t.Errorf("the commit says %v", err)
			}
			primary.kill()
			replica.do(t, "REPLICAOF", "NO", "ONE")
			after := storeAt(t, ClientOptions{Addrs: []string{replica.addr()}}, Options{})
			held(t, after, "bob", 1)
		})
	}
}

// Many goroutines, one pool: each waits for its own.
func TestWaitingSideBySide(t *testing.T) {
	primary, replica := startRedis(t), startRedis(t)
	replica.follow(t, primary)
	s := storeAt(t, ClientOptions{Addrs: []string{primary.addr()}}, Options{Wait: Wait{1, time.Second}})
	done := make(chan error)
	const workers, batches = 8, 20
	for w := range int32(workers) {
		go func() {
			owner := fmt.Sprint("owner ", w)
			_, err := s.Acquire(t.Context(), w, owner)
			for n := int64(1); n <= batches && err == nil; n++ {
				if err = s.Commit(t.Context(), w, step(owner, n, "value")); err != nil {
					break
				}
				if have := replica.HGet(t.Context(), s.keys(w).meta(), "batch").Val(); have != fmt.Sprint(n) {
					err = fmt.Errorf("partition %d: the replica has %s when batch %d is done", w, have, n)
				}
			}
			done <- err
		}()
	}
	for range workers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// A connection that was waited on goes back: there is no end to them otherwise.
func TestWaitingLeavesNoConnectionBehind(t *testing.T) {
	s := storeAt(t, ClientOptions{Addrs: []string{mini(t)}, Timeout: time.Minute}, Options{Wait: Wait{1, time.Millisecond}})
	for range 100 {
		_ = s.Commit(context.Background(), 3, step("ann", 1, "one"))
	}
	if open := s.client.PoolStats().TotalConns; open > 1 {
		t.Errorf("%d connections", open)
	}
}
