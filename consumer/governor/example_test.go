package governor_test

import (
	"fmt"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// A program of one's own governs: it brings the records, the time and the memory, and takes
// what is to be kept and what is to be told.
func Example() {
	policy, problems := rules.Compile(&rules.Spec{
		Name:     "example",
		Purposes: []rules.PurposeSpec{{Name: "offer", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}, {Name: "sms"}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	find := &zones.Finder{}
	read, g := governor.Reader{Policy: policy, Zones: find}, governor.New(policy, find)
	now := rules.At(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))
	g.Advance(now)

	no, _, err := read.Signal([]byte(`{"id":"s1","person":"ada","type":"refusal","at":"2026-05-04T09:00:00Z"}`), now)
	if err != nil {
		fmt.Println(err) // for the dead letters
		return
	}
	want, _, err := read.Intent([]byte(`{"id":"i1","person":"ada","channel":"email","purpose":"offer","campaign":"spring","at":"2026-05-04T10:00:00Z"}`), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range g.Missing(append(g.Concerns(&no), g.Involves(&want)...)...) {
		if err := g.Remember(id, state.Memory{}); err != nil { // whatever a store has of them: here nothing
			fmt.Println(err)
			return
		}
	}
	g.Signal(governor.Source{Topic: governor.Signals}, &no)
	g.Intent(governor.Source{Topic: governor.Intents}, &want)

	changes, _, outputs, err := g.Take()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("to keep:", changes[0].Person)
	for _, out := range outputs {
		if d, err := schemas.DecodeDecision(out.Value); err == nil {
			fmt.Println(out.Topic, d.Intent, d.Reason)
			continue
		}
		fmt.Println(out.Topic, out.Person)
	}
	// Output:
	// to keep: ada
	// contact.vetoed i1 refused.state
	// contact.standing ada
}
