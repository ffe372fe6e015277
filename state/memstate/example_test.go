package memstate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// Whoever acquires a partition last owns it. A worker that lost it without knowing can
// change nothing any more.
func Example() {
	ctx, store := context.Background(), memstate.New()
	batch := func(owner string) *state.Batch {
		return &state.Batch{Owner: owner, Mark: state.Mark{Batch: 1, Signals: 1}, People: []state.Change{
			{Person: "ada", Memory: state.Memory{Standing: []byte(`{"person":"ada"}`)}, SetStanding: true},
		}}
	}
	for _, owner := range []string{"worker 1", "worker 2"} {
		if _, err := store.Acquire(ctx, 0, owner); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("worker 1 is fenced:", errors.Is(store.Commit(ctx, 0, batch("worker 1")), state.ErrFenced))
	fmt.Println("worker 2:", store.Commit(ctx, 0, batch("worker 2")))

	memory, err := store.Load(ctx, 0, []rules.PersonID{"ada"})
	fmt.Printf("%s %v\n", memory[0].Standing, err)
	// Output:
	// worker 1 is fenced: true
	// worker 2: <nil>
	// {"person":"ada"} <nil>
}
