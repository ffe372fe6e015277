package redisstate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/state"
)

// Commit implements state.Store.
//
// It is a transaction under watch: a script's arguments are copied into Lua and back,
// which for a batch is most of what Redis would have to do. Where there is but one
// command (node.asked), or only scripts are kept (Options.Embedded), it is the script
// that does the same.
func (s *Store) Commit(ctx context.Context, partition int32, b *state.Batch) error {
	if err := s.commitNow(ctx, partition, b); err != nil {
		return fmt.Errorf("commit batch %d of partition %d to Redis: %w", b.Mark.Batch, partition, err)
	}
	return nil
}

func (s *Store) commitNow(ctx context.Context, partition int32, b *state.Batch) error {
	t, err := transactionOf(s.keys(partition), b)
	if err != nil {
		return err
	}
	var refused error
	err = s.writing(ctx, t.names.meta(), func(ctx context.Context, n node) (wrote bool, err error) {
		if s.embedded || n.asked {
			refused, err = t.script(ctx, n, s.commit)
		} else {
			refused, err = t.make(ctx, n)
		}
		return refused == nil, err
	})
	if err != nil {
		return explain(err)
	}
	return refused
}

// script is the transaction as commit.lua does it.
func (t *transaction) script(ctx context.Context, n node, commit *redis.Script) (refused, err error) {
	keys, args := t.arguments()
	reply, err := n.script(ctx, commit, keys, args...)
	if err != nil {
		return nil, err
	}
	switch reply {
	case "ok":
		return nil, nil
	case "fenced":
		return state.ErrFenced, nil
	case "moved":
		return state.ErrMoved, nil
	}
	return nil, fmt.Errorf("commit.lua answered %T, not one of its words: %w", reply, errReply)
}

// make moves the memory, or says why it refused to: state.ErrFenced, where the meta is
// missing or has another owner, or state.ErrMoved, where the last batch is not the one
// before. Who comes in between is seen by the watch, and then it looks anew.
//
// Redis does not take back what a transaction has done before a command of it fails. So
// what can fail is found out before: the types of the keys that are added to by looking
// (SET, MSET and DEL take any type), and memory, disk and replicas by Redis, which
// judges each command when it is queued and does none of them if one is refused.
func (t *transaction) make(ctx context.Context, n node) (refused, err error) {
	conn, release := n.conn()
	defer release()
	for {
		found, err := t.look(ctx, conn)
		if err == nil {
			refused = found.judge(t.owner, t.before)
		}
		if err != nil || refused != nil {
			unwatch(ctx, conn, err)
			return refused, err
		}
		if err = t.do(ctx, conn, &found); !errors.Is(err, redis.TxFailedErr) {
			return nil, err
		}
	}
}

// unwatch makes a connection that Redis still answers on one for others to use.
func unwatch(ctx context.Context, conn *redis.Conn, err error) {
	var answer redis.Error
	if err == nil || errors.As(err, &answer) {
		conn.Do(ctx, "UNWATCH") // if that fails, so does the next command on it, and is told
	}
}

// found is what was there before the batch.
type found struct {
	owner, batch any      // text, nil where there is none
	fields       []string // of the meta
}

// look watches the meta, with which everything moves, and looks at it.
func (t *transaction) look(ctx context.Context, conn *redis.Conn) (f found, err error) {
	meta := t.names.meta()
	p := conn.Pipeline()
	p.Do(ctx, "WATCH", meta)
	held := p.HMGet(ctx, meta, "owner", "batch")
	fields := p.HKeys(ctx, meta)
	p.HLen(ctx, t.names.waiting()) // whether they are what they should be
	p.HLen(ctx, t.names.campaigns())
	if _, err := p.Exec(ctx); err != nil {
		return found{}, err
	}
	return found{held.Val()[0], held.Val()[1], fields.Val()}, nil
}

func (f *found) judge(owner, before string) error {
	last := f.batch
	if last == nil {
		last = "0"
	}
	switch {
	case f.owner != owner:
		return state.ErrFenced
	case last != before:
		return state.ErrMoved
	}
	return nil
}

// do is the transaction.
func (t *transaction) do(ctx context.Context, conn *redis.Conn, f *found) error {
	k := t.names
	p := conn.TxPipeline()
	if f.batch == nil {
		p.Del(ctx, k.waiting(), k.campaigns(), k.rates()) // left over from a memory that was lost
	}
	if gone := t.unnamed(f.fields); len(gone) > 0 {
		p.HDel(ctx, k.meta(), gone...)
	}
	p.HSet(ctx, k.meta(), t.marks...)
	p.Set(ctx, k.outbox(), t.outbox, 0)
	if len(t.rates) > 0 {
		p.Set(ctx, k.rates(), t.rates, 0)
	}
	if len(t.due) > 0 {
		p.HSet(ctx, k.waiting(), t.due...)
	}
	if len(t.free) > 0 {
		p.HDel(ctx, k.waiting(), t.free...)
	}
	if len(t.tallies) > 0 {
		p.HSet(ctx, k.campaigns(), t.tallies...)
	}
	if len(t.idle) > 0 {
		p.HDel(ctx, k.campaigns(), t.idle...)
	}
	if len(t.set) > 0 {
		p.MSet(ctx, t.set...)
	}
	if len(t.gone) > 0 {
		p.Del(ctx, t.gone...)
	}
	done, err := p.Exec(ctx)
	return why(done, err)
}

// unnamed are the positions in outputs that the last batch had and this one has not.
func (t *transaction) unnamed(fields []string) []string {
	return slices.DeleteFunc(fields, func(field string) bool {
		return !strings.HasPrefix(field, tail) || slices.Contains(t.marks, any(field))
	})
}

// why is why a transaction was not done: what Redis said of the command that it refused,
// and not that it therefore refused the rest.
func why(done []redis.Cmder, err error) error {
	if err == nil || errors.Is(err, redis.TxFailedErr) {
		return err
	}
	for _, cmd := range done {
		if of := cmd.Err(); of != nil && !strings.HasPrefix(of.Error(), "EXECABORT") {
			return of
		}
	}
	return err
}
