package backtest

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
)

// merger brings together what the two sides made of each intent.
type merger struct {
	q    *Question
	open map[rules.DecisionID]*intent // by the ids that its decision may carry
	all  Report
	only [2]*tally // what A, and what B alone approved
}

// intent is a record of the recording that not both sides have decided yet.
type intent struct {
	id       string
	campaign string
	arrived  rules.Instant
	keys     [2]rules.DecisionID
	sides    [2]result
}

func newMerger(q *Question) *merger {
	m := &merger{q: q, open: make(map[rules.DecisionID]*intent), only: [2]*tally{newTally(), newTally()}}
	m.all.A.name(q.A)
	m.all.B.name(q.B)
	return m
}

// take brings together what the sides made of a batch.
func (m *merger) take(events []replay.Event, a, b []result) {
	batch := make(map[int]*intent, len(events))
	for i := range events {
		if events[i].Topic == governor.Intents {
			batch[i] = m.add(&events[i])
		}
	}
	for side, results := range [...][]result{a, b} {
		for i := range results {
			r := &results[i]
			in := m.open[r.decision]
			switch r.verdict {
			case revoked:
				m.side(side).Revoked++
				continue
			case unreadable:
				in = batch[r.event]
			}
			if in == nil {
				continue // the decision of nobody's intent: there is none
			}
			in.sides[side] = *r
			if in.sides[0].verdict != waiting && in.sides[1].verdict != waiting {
				m.settle(in)
			}
		}
	}
}

// add notes an intent. Its decision carries one of two ids: that of the first on the
// intent, or, where there was one before, one of its own.
func (m *merger) add(e *replay.Event) *intent {
	var name struct {
		ID       rules.IntentID `json:"id"`
		Person   rules.PersonID `json:"person"`
		Campaign string         `json:"campaign"`
	}
	// What cannot be read is a dead letter on both sides.
	_ = json.Unmarshal(e.Value, &name, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	src := governor.Source{Topic: e.Topic, Offset: int64(e.Line)}
	in := &intent{id: string(name.ID), campaign: name.Campaign, arrived: e.Arrived}
	in.keys[0] = rules.RepeatedDecisionFor(name.Person, name.ID, src.String())
	m.open[in.keys[0]] = in
	if id := rules.DecisionFor(name.Person, name.ID); m.open[id] == nil {
		in.keys[1] = id
		m.open[id] = in
	}
	m.all.Intents++
	return in
}

// settle counts an intent on which both sides have had their say.
func (m *merger) settle(in *intent) {
	for _, key := range in.keys {
		if m.open[key] == in {
			delete(m.open, key)
		}
	}
	for side := range in.sides {
		m.side(side).count(in.sides[side].verdict)
	}
	a, b := &in.sides[0], &in.sides[1]
	switch {
	case a.verdict == b.verdict:
		if a.rule.Reason != b.rule.Reason {
			m.all.OtherReason++
		}
	case a.verdict == approved:
		m.only[0].add(in, b)
	case b.verdict == approved:
		m.only[1].add(in, a)
	}
}

func (m *merger) side(n int) *Side {
	if n == 0 {
		return &m.all.A
	}
	return &m.all.B
}

// report counts what still waits, and sums up.
func (m *merger) report() *Report {
	left := make(map[*intent]bool)
	for _, in := range m.open {
		left[in] = true
	}
	for in := range left {
		for side := range in.sides {
			if in.sides[side].verdict == waiting {
				in.sides[side].rule = Rule{Reason: "waiting"}
				in.sides[side].reasons = []string{"it still waits for others when the recording ends"}
			}
		}
		m.settle(in)
	}
	m.all.A.rate()
	m.all.B.rate()
	m.all.OnlyA, m.all.OnlyB = m.only[0].sum(), m.only[1].sum()
	m.all.CarriedOut = m.q.CarryOut
	return &m.all
}

func day(at rules.Instant) string { return at.Time().Format("2006-01-02") }

func (s *Side) name(p *rules.Policy) { s.Policy, s.Hash = p.Name(), p.Hash() }

func (s *Side) count(v verdict) {
	switch v {
	case approved:
		s.Approved++
	case vetoed:
		s.Vetoed++
	case unreadable:
		s.DeadLetters++
	default:
		s.Waiting++
	}
}

func (s *Side) rate() {
	if n := s.Approved + s.Vetoed; n > 0 {
		s.VetoRate = float64(s.Vetoed) / float64(n)
	}
}

// String names the side for a message.
func (s *Side) String() string { return fmt.Sprintf("%s, hash %s", s.Policy, s.Hash) }
