//go:build integration

package integration

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// emptyRedis kills a Redis that writes nothing down. It comes back empty, and the memory is rebuilt from the log.
func emptyRedis(r *trial) {
	for r.again() {
		r.place.redis.Kill(r.T)
		r.rest(2 * time.Second)
		r.place.redis.Start(r.T)
		r.decides("to be decided after Redis came back empty", 30)
		r.rest(time.Second)
	}
}

// redisAway freezes Redis: connections are there, nothing answers. Where the share allows, it is five minutes.
func redisAway(r *trial) {
	for r.again() {
		away := 5 * time.Second
		if left := time.Until(r.deadline) - 15*time.Second; !r.deadline.IsZero() {
			away = min(5*time.Minute, max(away, left))
		}
		r.place.redis.Pause(r.T)
		time.Sleep(away)
		r.place.redis.Resume(r.T)
		r.fault.name = "Redis is away for " + away.Round(time.Second).String()
		r.decides("to be decided once Redis is back", 50)
	}
}

// placeOnReplicatedRedis is a place whose governors reach the primary of two Redis by an address that moves.
func placeOnReplicatedRedis(t *testing.T) *place {
	p := placeWithOwnRedis(t)
	p.other = startRedis(t)
	p.switchboard = startSwitchboard(t, p.redis.Addr)
	return p
}

// failOver stops replication, has the governors go on for a while, kills the primary, and makes the replica the primary,
// which knows nothing of that while. The other comes back as its replica.
func failOver(r *trial) {
	for r.again() {
		primary, replica := r.place.redis, r.place.other
		follow(r.T, replica, primary)
		r.decides("to be decided with a replica", 10)
		unfollow(r.T, replica)
		r.decides("to be decided that the replica does not know of", 20)
		r.rest(time.Second)
		lost := written(r.T, primary) - written(r.T, replica)
		if lost <= 0 {
			r.Errorf("the replica lacks %d bytes of what the primary was told: there is nothing to lose", lost)
		}
		r.place.switchboard.cut()
		primary.Kill(r.T)
		promote(r.T, replica)
		r.place.switchboard.connect(replica.Addr)
		r.place.redis, r.place.other = replica, primary
		r.decides("to be decided after the failover", 20)
		primary.Start(r.T)
	}
}

// follow makes a Redis the replica of another, and waits until it has all that the other had.
func follow(t *testing.T, replica, primary *redisServer) {
	t.Helper()
	ip, err := primary.container.ContainerIP(patiently(t))
	must(t, err)
	db := replica.client(t, 0)
	must(t, db.Do(patiently(t), "REPLICAOF", ip, portOf(primary.Addr)).Err())
	waitFor(t, "the replica to be up to date", func() bool { return tells(t, replica, "replication", "master_link_status:up") })
}

// unfollow has a replica follow nobody that answers: it keeps what it has, and learns nothing more.
func unfollow(t *testing.T, replica *redisServer) {
	t.Helper()
	must(t, replica.client(t, 0).Do(patiently(t), "REPLICAOF", "127.0.0.1", "1").Err())
	waitFor(t, "the replica to be cut off", func() bool { return tells(t, replica, "replication", "master_link_status:down") })
}

// written is how much a Redis knows of the stream that goes to replicas, in bytes.
func written(t *testing.T, r *redisServer) int {
	t.Helper()
	text, err := r.client(t, 0).Info(patiently(t), "replication").Result()
	must(t, err)
	_, rest, _ := strings.Cut(text, "master_repl_offset:")
	line, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.Atoi(line)
	must(t, err)
	return n
}

func promote(t *testing.T, replica *redisServer) {
	t.Helper()
	must(t, replica.client(t, 0).Do(patiently(t), "REPLICAOF", "NO", "ONE").Err())
	waitFor(t, "the replica to be the primary", func() bool { return tells(t, replica, "replication", "role:master") })
}
