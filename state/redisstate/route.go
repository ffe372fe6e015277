package redisstate

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"
)

// node is a Redis that has a partition's keys, or one connection to it.
type node struct {
	redis.Cmdable
	asked bool // it has the keys only for a connection that said ASKING, and for its next command
}

// script runs a script. It sends the source only if Redis does not know the script,
// which is the one answer after which a repeat is safe; and where there is but one
// command, at once.
func (n node) script(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	if n.asked {
		return script.Eval(ctx, n, keys, args...).Result()
	}
	return script.Run(ctx, n, keys, args...).Result()
}

// conn is one connection, to be released.
func (n node) conn() (conn *redis.Conn, release func()) {
	switch of := n.Cmdable.(type) {
	case *redis.Conn:
		return of, func() {}
	case interface{ Conn() *redis.Conn }:
		conn := of.Conn()
		return conn, func() { conn.Close() } // back to where it came from
	}
	return nil, nil // New refuses such clients
}

// on is the same node, by that connection alone.
func (n node) on(conn *redis.Conn) node { return node{conn, n.asked} }

// redirections is how often a node may say that another has the keys.
const redirections = 3

// at makes one call to the node that has the key. A ClusterClient repeats by itself
// what timed out, whatever it is told about retries, so it is only asked for the
// node. Where that one says that another has the keys, it has done nothing, and the
// call is made to the other.
func (s *Store) at(ctx context.Context, key string, call func(context.Context, node) error) error {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return call(ctx, node{Cmdable: s.client})
	}
	home, err := cluster.MasterForKey(ctx, key)
	if err != nil {
		return err
	}
	err = call(ctx, node{Cmdable: home})
	if err != nil {
		cluster.ReloadState(ctx) // beside us: the keys may have moved on, and whoever calls next should know
	}
	for range redirections {
		addr, moved := redis.IsMovedError(err)
		asked := false
		if !moved {
			addr, asked = redis.IsAskError(err)
		}
		if !moved && !asked {
			break
		}
		err = elsewhere(ctx, home, addr, asked, call)
	}
	return err
}

// elsewhere makes the call to another node of the cluster, of which the client need
// not know yet.
func elsewhere(ctx context.Context, home *redis.Client, addr string, asked bool, call func(context.Context, node) error) error {
	if host, port, err := net.SplitHostPort(addr); err == nil && host == "" { // a node that does not know its own
		host, _, _ = net.SplitHostPort(home.Options().Addr)
		addr = net.JoinHostPort(host, port)
	}
	options := *home.Options()
	options.Addr, options.MaxRetries, options.PipelinePoolSize = addr, -1, -1 // what -1 says, the home's options have as 0 by now, which would say otherwise
	client := redis.NewClient(&options)
	defer client.Close()
	conn := client.Conn()
	defer conn.Close()
	if asked {
		if err := conn.Do(ctx, "ASKING").Err(); err != nil {
			return err
		}
	}
	return call(ctx, node{conn, asked})
}
