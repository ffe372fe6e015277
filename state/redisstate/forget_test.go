package redisstate

import (
	"errors"
	"fmt"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// What is forgotten is unknown to whoever acquires it next; what is beside it stays;
// and the owner of before is fenced.
func TestForget(t *testing.T) {
	onEach(t, func(t *testing.T, server server) {
		store := server.open(t, Options{})
		ctx := t.Context()
		fill := func(partition int32, owner string) {
			t.Helper()
			if _, err := store.Acquire(ctx, partition, owner); err != nil {
				t.Fatal(err)
			}
			b := state.Batch{Owner: owner, Mark: state.Mark{Batch: 1}, Outbox: []byte("out"), Waiting: []state.Waiting{{Person: "ada", Due: 5}}}
			for n := range 3 * forgetAtOnce {
				b.People = append(b.People, state.Change{
					Person: rules.PersonID(fmt.Sprint("p", n)), SetStanding: true, SetLog: true,
					Memory: state.Memory{Standing: []byte("no"), Log: []byte("log")},
				})
			}
			if err := store.Commit(ctx, partition, &b); err != nil {
				t.Fatal(err)
			}
		}
		fill(1, "ann")
		fill(11, "bob")
		if err := store.Forget(ctx, 1); err != nil {
			t.Fatal(err)
		}
		if err := store.Commit(ctx, 1, &state.Batch{Owner: "ann", Mark: state.Mark{Batch: 2}}); !errors.Is(err, state.ErrFenced) {
			t.Errorf("the owner of before is told %v", err)
		}
		held, err := store.Acquire(ctx, 1, "cat")
		if err != nil || held.Known || held.Outbox != nil || len(held.Waiting) > 0 {
			t.Errorf("it is found as %+v, %v", held, err)
		}
		for partition, want := range map[int32]string{1: "", 11: "no"} {
			got, err := store.Load(ctx, partition, []rules.PersonID{"p0", "p700", "p1499"})
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if string(got[i].Standing) != want {
					t.Errorf("partition %d still has %q", partition, got[i].Standing)
				}
			}
		}
	})
}

func TestGlobbed(t *testing.T) {
	if got, want := globbed(`a*b?c[d]e\f{p1}:`), `a\*b\?c\[d\]e\\f{p1}:`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
