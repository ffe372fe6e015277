package statetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// model is a partition's memory as a child would keep it. It shares no code with
// any store.
type model struct {
	t         *rapid.T
	store     state.Store
	partition int32

	owners  []string // the last one owns
	batch   int64
	mark    state.Mark
	outbox  []byte
	rates   []byte
	waiting map[rules.PersonID]rules.Instant
	nos     map[rules.PersonID][]byte
	logs    map[rules.PersonID][]byte
	totals  map[rules.Campaign][]byte
}

func testModel(t *testing.T, s state.Store) {
	var partitions atomic.Int32 // each history has a partition of its own
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			t: rt, store: s, partition: partitions.Add(1),
			waiting: map[rules.PersonID]rules.Instant{}, nos: map[rules.PersonID][]byte{}, logs: map[rules.PersonID][]byte{}, totals: map[rules.Campaign][]byte{},
		}
		rt.Repeat(map[string]func(*rapid.T){
			"acquire": m.acquire,
			"commit":  m.commit,
			"":        m.check,
		})
	})
}

func crowd() []rules.PersonID { return []rules.PersonID{"ada", "bea {p1}", "", "cem\n"} }

func (m *model) same(what string, got, want any) {
	if diff := difference(got, want); diff != "" {
		m.t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// check compares everybody after every step.
func (m *model) check(*rapid.T) {
	got, err := m.store.Load(m.t.Context(), m.partition, crowd())
	if err != nil {
		m.t.Fatalf("load: %v", err)
	}
	var want []state.Memory
	for _, id := range crowd() {
		want = append(want, state.Memory{Standing: m.nos[id], Log: m.logs[id]})
	}
	m.same("people", got, want)

	tallies := state.Totals{}
	if m.batch > 0 {
		tallies = state.Totals{Known: true, Mark: m.mark}
		for _, c := range campaigns() {
			tallies.Tallies = append(tallies.Tallies, m.totals[c])
		}
	}
	told, err := m.store.Totals(m.t.Context(), []int32{m.partition}, campaigns())
	if err != nil {
		m.t.Fatalf("totals: %v", err)
	}
	m.same("totals", told, []state.Totals{tallies})
}

func campaigns() []rules.Campaign { return []rules.Campaign{"spring", "", "{p1}"} }

func (m *model) acquire(*rapid.T) {
	owner := fmt.Sprintf("owner %d", len(m.owners))
	m.owners = append(m.owners, owner)
	got, err := m.store.Acquire(m.t.Context(), m.partition, owner)
	if err != nil {
		m.t.Fatalf("acquire: %v", err)
	}
	want := state.Holding{Known: m.batch > 0, Epoch: int64(len(m.owners)), Mark: m.mark, Outbox: m.outbox, Rates: m.rates}
	for id, due := range m.waiting {
		want.Waiting = append(want.Waiting, state.Waiting{Person: id, Due: due})
	}
	for campaign, tally := range m.totals {
		want.Totals = append(want.Totals, state.Total{Campaign: campaign, Tally: tally})
	}
	m.same("holding", got, want)
}

func (m *model) commit(t *rapid.T) {
	b := &state.Batch{Owner: "a stranger", Mark: state.Mark{
		Batch:   m.batch + rapid.SampledFrom([]int64{1, 1, 1, 1, 0, 2, -1}).Draw(t, "step"),
		Intents: rapid.Int64().Draw(t, "intents"),
		Signals: rapid.Int64().Draw(t, "signals"),
		Now:     rules.Instant(rapid.Int64().Draw(t, "now")),
		Policy:  rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "policy"),
		Tails:   rapid.MapOfN(rapid.SampledFrom([]string{"approved", "vetoed", ""}), rapid.Int64(), 0, 3).Draw(t, "tails"),
	}}
	if n := len(m.owners); n > 0 {
		back := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "owners back")
		b.Owner = m.owners[max(0, n-1-back)]
	}
	b.Outbox, b.Rates = bytes(t, "outbox"), bytes(t, "rates")
	for _, id := range crowd() {
		if rapid.Bool().Draw(t, "changes") {
			b.People = append(b.People, state.Change{
				Person: id, Memory: state.Memory{Standing: bytes(t, "standing"), Log: bytes(t, "log")},
				SetStanding: rapid.Bool().Draw(t, "set standing"), SetLog: rapid.Bool().Draw(t, "set log"),
			})
		}
		if rapid.Bool().Draw(t, "waits") {
			due := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64()).Draw(t, "due")
			b.Waiting = append(b.Waiting, state.Waiting{Person: id, Due: rules.Instant(due)})
		}
	}
	for _, campaign := range campaigns() {
		if rapid.Bool().Draw(t, "counts") {
			b.Totals = append(b.Totals, state.Total{Campaign: campaign, Tally: bytes(t, "tally")})
		}
	}

	err := m.store.Commit(m.t.Context(), m.partition, b)
	var want error
	switch {
	case len(m.owners) == 0 || b.Owner != m.owners[len(m.owners)-1]:
		want = state.ErrFenced
	case b.Mark.Batch != m.batch+1:
		want = state.ErrMoved
	}
	if !errors.Is(err, want) {
		t.Fatalf("commit: %v, want %v", err, want)
	}
	if want == nil {
		m.take(b)
	}
}

func (m *model) take(b *state.Batch) {
	m.batch, m.mark, m.outbox = b.Mark.Batch, b.Mark, slices.Clone(b.Outbox)
	m.mark.Tails = maps.Clone(b.Mark.Tails)
	if len(b.Rates) > 0 {
		m.rates = slices.Clone(b.Rates)
	}
	for _, c := range b.People {
		if c.SetStanding {
			m.nos[c.Person] = c.Memory.Standing
		}
		if c.SetLog {
			m.logs[c.Person] = c.Memory.Log
		}
	}
	for _, w := range b.Waiting {
		m.waiting[w.Person] = w.Due
		if w.Due == 0 {
			delete(m.waiting, w.Person)
		}
	}
	for _, total := range b.Totals {
		m.totals[total.Campaign] = total.Tally
		if len(total.Tally) == 0 {
			delete(m.totals, total.Campaign)
		}
	}
}

func bytes(t *rapid.T, label string) []byte {
	return rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, label)
}
