package redisstate

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contactgovernor/governor/state"
)

// "Sentinel: after failover the client must follow the new master", and whoever
// acquires there finds what the replica had.
func TestTheClientFollowsAFailover(t *testing.T) {
	t.Parallel()
	primary, replica := startRedis(t), startRedis(t)
	replica.follow(t, primary)
	o := ClientOptions{Addrs: addrs(sentinels(t, primary)), MasterName: "main"}
	s := storeAt(t, o, Options{Wait: Wait{1, time.Second}})
	must(t, s.Check(t.Context()))
	held(t, s, "ann", 0)
	must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))

	primary.kill()
	err := s.Commit(t.Context(), 3, step("ann", 2, "two"))
	if err == nil || errors.Is(err, state.ErrFenced) || errors.Is(err, state.ErrMoved) {
		t.Errorf("the primary is dead, and the commit says %v", err)
	}
	wait(t, "the replica is the primary", func() bool { return replica.info(t.Context(), "replication", "role") == "master" })

	// It has no replica now, so nothing is committed there; nobody is asked twice.
	wait(t, "the client is there", func() bool {
		err = acquireOnly(t, s, "bob")
		return err != nil && strings.Contains(err.Error(), "0 of 1 replicas")
	})
	again := startRedis(t) // another takes the place of the dead
	again.follow(t, replica)
	held(t, s, "cem", 1)
	must(t, s.Commit(t.Context(), 3, step("cem", 2, "two")))
	if got := replica.HGet(t.Context(), s.keys(3).meta(), "batch").Val(); got != "2" {
		t.Errorf("the new primary has batch %q", got)
	}
}

// A primary that the Sentinels have replaced while it lives: connections to it are
// given up. What is still written to it counts as nothing, since its replica does
// not have it: nobody goes on working for a memory that nobody will read.
func TestTheClientLeavesAPrimaryThatWasReplaced(t *testing.T) {
	t.Parallel()
	primary, replica := startRedis(t), startRedis(t)
	replica.follow(t, primary)
	at := sentinels(t, primary)
	s := storeAt(t, ClientOptions{Addrs: addrs(at), MasterName: "main"}, Options{Wait: Wait{1, time.Second}})
	held(t, s, "ann", 0)
	must(t, s.Commit(t.Context(), 3, step("ann", 1, "one")))
	wait(t, "the Sentinels know the replica", func() bool {
		return at[0].Do(t.Context(), "SENTINEL", "FAILOVER", "main").Err() == nil
	})
	wait(t, "the replica is the primary", func() bool { return replica.info(t.Context(), "replication", "role") == "master" })
	wait(t, "the next term is there", func() bool { // one that finds out by acquiring whether the batch is in
		h, err := s.Acquire(t.Context(), 3, "bob")
		return err == nil && (h.Mark.Batch == 2 || s.Commit(t.Context(), 3, step("bob", 2, "two")) == nil)
	})
	if got := replica.HGet(t.Context(), s.keys(3).meta(), "batch").Val(); got != "2" {
		t.Errorf("the new primary has batch %q", got)
	}
	wait(t, "the old primary follows", func() bool { return primary.info(t.Context(), "replication", "role") == "slave" })
}

// Sentinels have users and passwords of their own, and the rights that the example
// of a configuration names are enough for us.
func TestSentinelsAndTheirRedisHavePasswords(t *testing.T) {
	t.Parallel()
	primary := startRedis(t)
	var right atomic.Bool
	primary.do(t, "ACL", "SETUSER", "governor", "on", ">pw", "~*", "+@all")
	primary.do(t, "ACL", "SETUSER", "watcher", "on", ">watch", "&*", "+@all")
	watchers := sentinels(t, primary, "sentinel auth-user main watcher", "sentinel auth-pass main watch",
		"user default off", "user others on >others +@all &*",
		"user governor on >look +sentinel|get-master-addr-by-name +sentinel|sentinels +subscribe +ping &+switch-master")
	primary.do(t, "ACL", "SETUSER", "default", "off")
	o := ClientOptions{
		Addrs: addrs(watchers), MasterName: "main", Username: "governor", SentinelUsername: "governor", SentinelPassword: "look",
		Secret: func() (string, error) {
			if right.Load() {
				return "pw", nil
			}
			return "wrong", nil
		},
	}
	s := storeAt(t, o, Options{})
	if err := acquireOnly(t, s, "ann"); err == nil || !strings.Contains(err.Error(), "correct the user and the password") {
		t.Errorf("with a wrong password: %v", err)
	}
	right.Store(true)
	must(t, acquireOnly(t, s, "ann"))

	o.SentinelPassword = "wrong"
	if err := acquireOnly(t, storeAt(t, o, Options{}), "bob"); err == nil || !strings.Contains(err.Error(), "(WRONGPASS invalid username-password pair or user is disabled.): correct the user and the password that are for the Sentinels") {
		t.Errorf("with a wrong password of the Sentinels: %v", err)
	}
	o.SentinelPassword, o.MasterName, o.Addrs = "look", "main", []string{"127.0.0.1:1"}
	if err := storeAt(t, o, Options{}).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "see whether they are up and can be reached") {
		t.Errorf("at a wrong address: %v", err)
	}
	o.MasterName, o.Addrs = "other", addrs(watchers)
	if err := acquireOnly(t, storeAt(t, o, Options{}), "bob"); err == nil || !strings.Contains(err.Error(), "they know no primary of that name") {
		t.Errorf("with a name that they do not know: %v", err)
	}
}
