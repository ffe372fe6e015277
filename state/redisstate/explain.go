package redisstate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// explain adds to an error of the client what to do about it, and takes out of it
// what could name a person. nil stays nil.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var refused redis.Error
	var network net.Error
	var before unconnected
	var few *tooFew
	switch {
	case errors.Is(err, errReply):
		return err
	case strings.HasPrefix(err.Error(), noSentinel):
		return explainSentinels(err)
	case errors.As(err, &before):
		return fmt.Errorf("there is no connection: %w", before.error)
	case errors.As(err, &few):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrClosed):
		return err
	case errors.Is(err, redis.ErrPoolTimeout):
		return fmt.Errorf("%w: every connection was busy for too long: see whether Redis is slow, or allow more of them", err)
	case errors.As(err, &refused):
		return explainRefusal(err, refused)
	case errors.As(err, &network) && strings.HasPrefix(network.Error(), "remote error: tls: "):
		return fmt.Errorf("%w: this is what Redis says of our certificate, or of none: give one that it trusts and that holds now", err)
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it is unknown whether it took effect; see whether Redis is up and can be reached", err)
	}
	// The client quotes what it cannot read, and there may be people in it.
	text, _, _ := strings.Cut(err.Error(), `"`)
	return fmt.Errorf("%s: see whether this is a Redis, and what stands between it and us", text)
}

// explainRefusal is about an answer of Redis itself. Redis quotes the arguments
// of a command that it does not know, and there may be people among them.
func explainRefusal(err error, refused redis.Error) error {
	text, _, quotes := strings.Cut(refused.Error(), ", with args beginning with")
	if quotes {
		return fmt.Errorf("%s: this Redis lacks the command or has it renamed, and the governor cannot do without", text)
	}
	todo := "see the log of Redis"
	switch {
	case redis.IsOOMError(err):
		todo = "Redis is full and rightly refuses to evict: give it more memory (CONFIG SET maxmemory)"
	case redis.IsAuthError(err):
		todo = "correct the user and the password"
	case redis.IsPermissionError(err):
		todo = "give the user the rights that the start-up check names (ACL SETUSER)"
	case redis.IsReadOnlyError(err):
		todo = "this is a replica: give the address of the primary, or let Sentinel tell it"
	case redis.IsLoadingError(err):
		todo = "Redis is reading its file: wait"
	case strings.Contains(text, "WRONGTYPE"): // miniredis puts words before it
		todo = "another program writes to our keys: give the governor a prefix or a database of its own"
	case redis.IsTryAgainError(err):
		todo = "its slot is moving to another node of the cluster: it goes on when that has all of it"
	case redis.IsClusterDownError(err):
		todo = "the cluster has lost a node, and what it had: bring it back, or let a replica take over (CLUSTER FAILOVER)"
	case strings.HasPrefix(text, "MOVED"), strings.HasPrefix(text, "ASK "):
		todo = "the nodes of the cluster send us round in circles: see CLUSTER NODES of each; and a Redis that is in a cluster must be named as one"
	case strings.HasPrefix(text, "MISCONF"):
		todo = "Redis cannot write its file: see its disk"
	}
	return fmt.Errorf("%w: %s", err, todo)
}

// noSentinel is how the client begins where no Sentinel told it anything.
const noSentinel = "redis: all sentinels specified in configuration are unreachable: "

// silence is what they said, in one line, and what to do.
type silence struct {
	text string
	error
}

// Error is in our words.
func (s *silence) Error() string { return s.text }

// Unwrap lets the causes be found.
func (s *silence) Unwrap() error { return s.error }

// explainSentinels is about what all of them said, each in a line of its own.
func explainSentinels(err error) error {
	todo := "see whether they are up and can be reached"
	switch {
	case errors.Is(err, redis.Nil):
		todo = "they know no primary of that name: give the one of their \"sentinel monitor\""
	case redis.IsAuthError(err):
		todo = "correct the user and the password that are for the Sentinels"
	case redis.IsPermissionError(err):
		todo = "give the user on the Sentinels +sentinel|get-master-addr-by-name +sentinel|sentinels +subscribe +ping &+switch-master"
	}
	said := slices.Compact(slices.Sorted(strings.Lines(strings.TrimPrefix(err.Error(), noSentinel) + "\n")))
	return &silence{"no Sentinel tells where the primary is (" + strings.ReplaceAll(strings.TrimSpace(strings.Join(said, "")), "\n", "; ") + "): " + todo, err}
}
