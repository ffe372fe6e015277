package state_test

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// A person's memory is a fold of what they said. What has no end can be read as it is kept,
// and is what goes to contact.standing.
func ExampleApplySignal() {
	policy, problems := rules.Compile(&rules.Spec{
		Name:     "example",
		Purposes: []rules.PurposeSpec{{Name: "offer", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "sms"}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	now := rules.At(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	no := state.Signal{ID: "s1", Person: "ada", Type: state.Refusal, At: now, Scope: rules.Scope{Channel: "sms"}}

	var ada state.Person
	fmt.Println("new:", state.ApplySignal(policy, &ada, &no, now))
	fmt.Println("new:", state.ApplySignal(policy, &ada, &no, now.Add(time.Minute)))
	stands, err := state.EncodeStanding("ada", &ada)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", stands)
	// Output:
	// new: true
	// new: false
	// {"person":"ada","refusals":[{"kind":"refusal","channel":"sms","at":"2026-05-04T12:00:00.000Z","signal":"s1"}],"opt_out":"2026-05-04T12:00:00.000Z","heard":[{"signal":"e8bc163c82eee18733288c7d4ac636db","at":"2026-05-04T12:00:00.000Z"}]}
}
