package redisstate

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/contactgovernor/governor/state"
)

//go:embed lua/forget.lua
var forgetLua string

// forgetAtOnce is how many keys are forgotten in one step.
const forgetAtOnce = 500

// Forget removes all that is kept of the partition, so that it is made anew from
// the log by whoever acquires it next. It fences the owner of now. If somebody
// acquires the partition meanwhile it ends with state.ErrFenced; that one takes the
// memory for lost all the same, and what Forget had not come to is overwritten.
//
// It finds the keys by SCAN, for which the user needs the right beside those that
// Check names.
func (s *Store) Forget(ctx context.Context, partition int32) error {
	if err := s.forgetNow(ctx, partition); err != nil {
		return fmt.Errorf("forget partition %d in Redis: %w", partition, err)
	}
	return nil
}

func (s *Store) forgetNow(ctx context.Context, partition int32) error {
	owner, k := rand.Text(), s.keys(partition)
	if _, err := s.acquireNow(ctx, partition, owner); err != nil {
		return err
	}
	if err := s.forgetKeys(ctx, owner, k.fixed()); err != nil {
		return err
	}
	for cursor := uint64(0); ; {
		var found []string
		err := s.at(ctx, k.meta(), func(ctx context.Context, n node) (err error) {
			found, cursor, err = n.Scan(ctx, cursor, globbed(k.base)+"*", forgetAtOnce).Result()
			return err
		})
		if err != nil {
			return fmt.Errorf("find its keys: %w (the user needs the right +scan for it)", explain(err))
		}
		found = slices.DeleteFunc(found, func(key string) bool { return key == k.meta() })
		if err := s.forgetKeys(ctx, owner, append([]string{k.meta()}, found...)); err != nil {
			return err
		}
		if cursor == 0 {
			return nil
		}
	}
}

// forgetKeys forgets all of the keys but the first, which is the meta.
func (s *Store) forgetKeys(ctx context.Context, owner string, keys []string) error {
	reply, err := s.run(ctx, redis.NewScript(forgetLua), keys, owner)
	switch {
	case err != nil:
		return err
	case reply == "fenced":
		return state.ErrFenced
	case reply != "ok":
		return errors.New("forget.lua answered something else than its words")
	}
	return nil
}

// globbed is a text in which a glob finds nothing but itself.
func globbed(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
