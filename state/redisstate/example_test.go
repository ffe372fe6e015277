package redisstate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/redisstate"
)

// A Redis is checked before it is trusted with a no; then what is kept there outlives the
// worker that kept it.
func Example() {
	server, err := miniredis.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := redisstate.NewClient(redisstate.ClientOptions{Addrs: []string{server.Addr()}, Timeout: time.Minute})
	defer func() { _ = client.Close() }()

	store, err := redisstate.New(client, redisstate.Options{Prefix: "gov:", Embedded: true}) // in earnest not Embedded
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if err := store.Check(ctx); err != nil {
		fmt.Println("do not begin:", err)
		return
	}
	if _, err := store.Acquire(ctx, 3, "worker 1"); err != nil {
		fmt.Println(err)
		return
	}
	err = store.Commit(ctx, 3, &state.Batch{Owner: "worker 1", Mark: state.Mark{Batch: 1, Signals: 1}, People: []state.Change{
		{Person: "ada", Memory: state.Memory{Standing: []byte(`{"person":"ada"}`)}, SetStanding: true},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}

	found, err := store.Acquire(ctx, 3, "worker 2")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("goes on from signal", found.Mark.Signals, "in epoch", found.Epoch)
	memory, err := store.Load(ctx, 3, []rules.PersonID{"ada"})
	fmt.Printf("%s %v\n", memory[0].Standing, err)
	fmt.Println(server.Keys())
	// Output:
	// goes on from signal 1 in epoch 2
	// {"person":"ada"} <nil>
	// [gov:{p3}:meta gov:{p3}:no:ada gov:{p3}:outbox]
}
