package governor

import (
	"bytes"
	"fmt"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// Governor governs the people of one partition.
type Governor struct {
	policy *rules.Policy
	find   *zones.Finder

	people  map[rules.PersonID]*person
	touched []*person // since the last Take, each once
	waiting agenda
	out     []Output

	now   rules.Instant
	heard int64 // signal position: the next one to hear

	recalling bool // the log is read, and what it says was decided is not decided again
}

// person is one person's memory, and what of it the store already has.
type person struct {
	id rules.PersonID
	state.Person
	standing []byte // as last written
	touched  bool
	due      rules.Instant // as last told to the store; 0 is nothing
}

// New is a governor under the policy that remembers nobody yet.
func New(policy *rules.Policy, find *zones.Finder) *Governor {
	return &Governor{policy: policy, find: find, people: make(map[rules.PersonID]*person)}
}

// Now is the present: the latest instant that anything happened at.
func (g *Governor) Now() rules.Instant { return g.now }

// Missing lists those of the people whose memory has not been
// remembered yet, each once.
func (g *Governor) Missing(people ...rules.PersonID) []rules.PersonID {
	var missing []rules.PersonID
	seen := make(map[rules.PersonID]bool)
	for _, id := range people {
		if g.people[id] == nil && !seen[id] {
			seen[id] = true
			missing = append(missing, id)
		}
	}
	return missing
}

// Remember takes in what the store keeps of a person. Who is not remembered is
// taken for a person of whom nothing is known, so whoever drives the governor
// must have remembered everybody that an event or the agenda (DueBy) names.
func (g *Governor) Remember(id rules.PersonID, m state.Memory) error {
	p := &person{id: id, standing: m.Standing}
	if err := state.DecodeStanding(m.Standing, &p.Person, g.find); err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	if err := state.DecodeLog(m.Log, &p.Person, g.find); err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	p.due = g.waiting.due[id] // as the store has it; the policy may be another by now
	g.plan(p)
	g.people[id] = p
	return nil
}

// Forget drops the memory of everybody whose changes were taken, so that what is
// kept in the process stays bounded. The store still has it.
func (g *Governor) Forget() {
	for id, p := range g.people {
		if !p.touched {
			delete(g.people, id)
		}
	}
}

// Remembered is how many people are in memory.
func (g *Governor) Remembered() int { return len(g.people) }

// Await puts a person on the agenda, as the store had it.
func (g *Governor) Await(w state.Waiting) { g.waiting.put(w.Person, w.Due) }

// DueBy lists whose notices are due by then, the earliest first, no more than
// most: those whom Advance needs to remember.
func (g *Governor) DueBy(at rules.Instant, most int) []rules.PersonID { return g.waiting.by(at, most) }

// HeardTo says that the signals before the given position were heard. Decisions
// carry it.
func (g *Governor) HeardTo(position int64) { g.heard = position }

// Take returns what has happened since the last Take: the changes of memory for
// the store, the changes of the agenda, and the outputs in order, what stands
// for each changed person last. The governor forgets the lists, not the people.
func (g *Governor) Take() (changes []state.Change, waiting []state.Waiting, out []Output, err error) {
	for _, p := range g.touched {
		p.touched = false
		p.Prune(g.policy, g.now)
		change := state.Change{Person: p.id, SetLog: true, Memory: state.Memory{Log: state.EncodeLog(&p.Person)}}
		standing, err := p.stands()
		if err != nil {
			return nil, nil, nil, err
		}
		if !bytes.Equal(standing, p.standing) {
			p.standing = standing
			change.SetStanding, change.Memory.Standing = true, standing
			g.emit(Output{Topic: Standing, Person: p.id, At: g.now, Value: standing})
		}
		changes = append(changes, change)
		if due, _ := g.policy.NextDue(&p.Person.Person); due == rules.Never {
			if p.due != 0 {
				p.due = 0
				waiting = append(waiting, state.Waiting{Person: p.id})
			}
		} else if due != p.due {
			p.due = due
			waiting = append(waiting, state.Waiting{Person: p.id, Due: due})
		}
	}
	g.touched = g.touched[:0]
	out, g.out = g.out, nil
	return changes, waiting, out, nil
}

// person is the memory of a person, about to change.
func (g *Governor) person(id rules.PersonID) *person {
	p := g.people[id]
	if p == nil {
		p = &person{id: id}
		g.people[id] = p
	}
	if !p.touched {
		p.touched = true
		g.touched = append(g.touched, p)
	}
	return p
}

// stands is what stands for the person, as it is written. Who said more than can
// be kept is taken in the widest reading.
func (p *person) stands() ([]byte, error) {
	standing, err := state.EncodeStanding(p.id, &p.Person)
	if err == nil && len(standing) > state.MostStanding {
		p.Condense()
		standing, err = state.EncodeStanding(p.id, &p.Person)
	}
	return standing, err
}

// plan puts the person where they now belong on the agenda.
func (g *Governor) plan(p *person) {
	due, _ := g.policy.NextDue(&p.Person.Person)
	g.waiting.put(p.id, due)
}
