package redisstate

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Wait says how many replicas must have what was written before a call counts as
// done. The zero value waits for none.
//
// A replica that has it may still not be the one that a failover makes the primary,
// so this makes a loss rarer and smaller. What makes it no loss is the log.
type Wait struct {
	Replicas int
	Timeout  time.Duration // how long they may take, in whole milliseconds; at least one
}

// check refuses what makes no sense, and clients that have no connections to give.
func (w Wait) check(client redis.UniversalClient) error {
	switch client.(type) {
	case *redis.Client, *redis.ClusterClient:
	default:
		return fmt.Errorf("a %T gives no connection for a transaction, nor to wait for replicas on: take a client of one Redis, of Sentinels or of a cluster", client)
	}
	if w.Replicas < 0 || w.Replicas > 0 && w.Timeout < time.Millisecond {
		return fmt.Errorf("waiting %s for %d replicas makes no sense: let both be positive, or wait for none", w.Timeout, w.Replicas)
	}
	return nil
}

// write runs a script that changes something.
func (s *Store) write(ctx context.Context, script *redis.Script, keys []string, args ...any) (reply any, err error) {
	err = s.writing(ctx, keys[0], func(ctx context.Context, n node) (wrote bool, err error) {
		reply, err = n.script(ctx, script, keys, args...)
		return true, err
	})
	return reply, explain(err)
}

// writing makes a call that changes something on the node that has the key, and then
// waits for the replicas, if it did. Redis counts what was written on the connection
// that asks, so it is the same one.
//
// An error of too few leaves the change where it is, and its fate open, as that of
// an answer that never came. Acquire waits too, and what it writes comes after all
// that was written before: whoever acquires knows that the replicas have what it
// found.
func (s *Store) writing(ctx context.Context, key string, call func(context.Context, node) (wrote bool, err error)) error {
	return s.at(ctx, key, func(ctx context.Context, n node) error {
		if s.wait.Replicas == 0 {
			_, err := call(ctx, n)
			return err
		}
		conn, release := n.conn()
		defer release()
		if wrote, err := call(ctx, n.on(conn)); err != nil || !wrote {
			return err
		}
		return s.await(ctx, conn)
	})
}

// await waits on the connection. Redis answers after the timeout with as many as
// there are then; that it answers at all is waited for a little longer.
func (s *Store) await(ctx context.Context, conn *redis.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, s.wait.Timeout+DefaultTimeout)
	defer cancel()
	have, err := conn.Wait(ctx, s.wait.Replicas, s.wait.Timeout).Result()
	if err != nil {
		return err
	}
	if have < int64(s.wait.Replicas) {
		return &tooFew{have: have, want: s.wait.Replicas, after: s.wait.Timeout}
	}
	return nil
}

// tooFew says that replicas are missing, or late.
type tooFew struct {
	have  int64
	want  int
	after time.Duration
}

// Error says what to do.
func (e *tooFew) Error() string {
	return fmt.Sprintf("%d of %d replicas have it after %s, so that a failover could lose it: see whether they are up and keep pace (INFO replication), or wait for fewer",
		e.have, e.want, e.after)
}
