package memstate

import (
	"bytes"
	"maps"
	"testing"

	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/statetest"
)

func TestStore(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Store { return &perishable{New()} })
}

// perishable is a store that can lose what it holds, as a server can.
type perishable struct{ *Store }

func (p *perishable) Lose(testing.TB) { p.partitions = New().partitions }

func (p *perishable) Keep(testing.TB) (rollBack func()) {
	kept := New().partitions
	for number, from := range p.partitions {
		one := *from
		one.outbox, one.waiting = bytes.Clone(from.outbox), maps.Clone(from.waiting)
		one.people, one.totals = maps.Clone(from.people), maps.Clone(from.totals)
		kept[number] = &one
	}
	return func() { p.partitions = kept }
}
