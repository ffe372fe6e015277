package governor

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// person is one person's memory, under every record that the person has, and what
// of it the store already has.
type person struct {
	state.Person
	records []record // the first is the one that is on the agenda
	touched bool
	used    int64            // how many Takes there had been when it was touched last
	due     rules.Instant    // as last told to the store; 0 is nothing
	freed   []rules.PersonID // who is not on the agenda any more, as the store does not know yet

	others []rules.PersonID // the person's records in other partitions
	away   bool             // the home is one of them
	told   []byte           // what these were told last of what stands, if this is the home

	replayed []rules.SignalID // in a rebuild
}

// record is one record of a person.
type record struct {
	id       rules.PersonID
	standing []byte         // as last written
	buried   rules.PersonID // the name under which it is kept since it was erased; empty: its id
}

// name is the record under which the person is on the agenda.
func (p *person) name() rules.PersonID { return p.records[0].id }

// whose is the record that a contact is on.
func (p *person) whose(c *rules.Contact) rules.PersonID { return cmp.Or(c.Record, p.name()) }

// Remember takes in what the store keeps of a person. Who is not remembered is
// taken for a person of whom nothing is known, so whoever drives the governor
// must have remembered everybody that an event (Concerns) or the agenda (DueBy)
// names. Of a person with several records any one brings them all.
func (g *Governor) Remember(id rules.PersonID, m state.Memory) error {
	if a, is := state.IsAddress(id); is {
		return g.rememberAddress(a, m)
	}
	if c, is := state.IsCampaign(id); is {
		return g.rememberCampaign(c, m)
	}
	if g.people[id] != nil {
		return nil // as another record of the same person
	}
	p := &person{used: g.takes}
	if err := state.DecodeStanding(m.Standing, &p.Person, g.find); err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	if err := state.DecodeLog(m.Log, &p.Person, g.find); err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	var records []record
	for _, other := range p.Records(id) {
		if other != id && !g.here(other) {
			continue
		}
		r := record{other, m.Standing, m.Under}
		if other != id {
			var err error
			if r.buried = ""; m.Under != "" && g.graves.keys != nil {
				r.buried = g.graves.keys.Beside(m.Under, other)
			}
			if r.standing, err = state.EncodeStanding(cmp.Or(r.buried, other), &p.Person); err != nil {
				return fmt.Errorf("remember a person: %w", err)
			}
		}
		records = append(records, r)
	}
	g.reunite(p, records)
	if len(p.others) > 0 {
		var err error
		if p.told, err = state.EncodeShared("", &p.Person); err != nil {
			return fmt.Errorf("remember a person: %w", err)
		}
	}
	p.due = g.waiting.due[p.name()] // as the store has it; the policy may be another by now
	g.plan(p)
	g.want(p)
	return nil
}

// reunite takes in what is remembered of the person's other records by itself. There is
// such only where a memory was saved in pieces, and somebody died between two: what
// the one piece has more the other will hear again.
func (g *Governor) reunite(p *person, records []record) {
	for _, r := range records {
		if other := g.people[r.id]; other != nil && other != p {
			p.Absorb(records[0].id, &other.Person, r.id)
			g.touched = slices.DeleteFunc(g.touched, func(x *person) bool { return x == other })
			g.touchPerson(p)
		}
	}
	g.register(p, records)
}

// person is the memory of a person, about to change.
func (g *Governor) person(id rules.PersonID) *person {
	p := g.people[id]
	if p == nil {
		p = &person{records: []record{{id: id}}}
		g.people[id] = p
	}
	g.touchPerson(p)
	return p
}

// touchPerson notes that the person is about to change.
func (g *Governor) touchPerson(p *person) {
	if !p.touched {
		p.touched, p.used = true, g.takes
		g.touched = append(g.touched, p)
	}
}

// save is the change of each of the person's records. What stands is told to the
// world where it changed.
func (g *Governor) save(p *person) ([]state.Change, error) {
	p.Prune(g.policy, g.now)
	changes := make([]state.Change, 0, len(p.records))
	for i := range p.records {
		r := &p.records[i]
		name := g.bury(p, r)
		standing, err := p.stands(name)
		if err != nil {
			return nil, err
		}
		change := state.Change{Person: name, SetLog: true}
		if !bytes.Equal(standing, r.standing) {
			r.standing = standing
			if standing, err = g.graves.close(p.Erased, name, standing); err != nil {
				return nil, err
			}
			change.SetStanding, change.Memory.Standing = true, standing
			g.emit(Output{Topic: Standing, Person: name, At: g.now, Value: standing})
		}
		changes = append(changes, change)
	}
	if err := g.tellShared(p); err != nil {
		return nil, err
	}
	from := len(g.writing.text)
	g.writing.text = state.AppendLog(g.writing.text, &p.Person)
	log := g.writing.text[from:len(g.writing.text):len(g.writing.text)]
	for i := range changes {
		changes[i].Memory.Log = log
	}
	return append(changes, g.graves.leave(p)...), nil
}

// stands is what stands for a record of the person, as it is written. Who said
// more than can be kept is taken in the widest reading.
func (p *person) stands(record rules.PersonID) ([]byte, error) {
	standing, err := state.EncodeStanding(record, &p.Person)
	if err == nil && len(standing) > state.MostStanding {
		p.Condense()
		standing, err = state.EncodeStanding(record, &p.Person)
	}
	return standing, err
}

// appoint tells the store when the person is due, where that changed.
func (g *Governor) appoint(p *person) []state.Waiting {
	var waiting []state.Waiting
	for _, id := range p.freed {
		if id == p.name() {
			p.due = -1 // as it was under the same name before
			continue
		}
		waiting = append(waiting, state.Waiting{Person: id})
	}
	p.freed = nil
	due, _ := g.policy.NextDue(&p.Person.Person)
	if due == rules.Never {
		due = 0
	}
	if due != p.due {
		p.due = due
		waiting = append(waiting, state.Waiting{Person: p.name(), Due: due})
	}
	return waiting
}

// plan puts the person where they now belong on the agenda.
func (g *Governor) plan(p *person) {
	due, _ := g.policy.NextDue(&p.Person.Person)
	g.waiting.put(p.name(), due)
}

// join makes one person of two records, and says whose memory it is from then on.
func (g *Governor) join(p *person, src Source, s *state.Signal) *person {
	records := p.Records(s.Person)
	if slices.Contains(records, s.Into) {
		return p // they are one already
	}
	theirs := 1
	if g.here(s.Into) {
		theirs = len(g.person(s.Into).Records(s.Into))
	}
	if len(records)+theirs > state.MostRecords {
		g.tooMany(p, src, s)
		return p
	}
	p.Know(s.Person, rules.Merge{Record: s.Person, Into: s.Into, At: g.now})
	return g.regroup(p, src, s.ID)
}

// tooMany is a person with more records than can be kept together. Nobody knows then
// what stands for all of them, so it is everything, on either side.
func (g *Governor) tooMany(p *person, src Source, s *state.Signal) {
	state.RefuseEverything(&p.Person, s.Person, g.now)
	if g.here(s.Into) {
		into := g.person(s.Into)
		state.RefuseEverything(&into.Person, s.Into, g.now)
		g.rejudge(into, src, s.ID)
		return
	}
	var no state.Person
	state.RefuseEverything(&no, s.Into, g.now)
	standing, err := state.EncodeShared(s.Into, &no)
	g.tellRecord(p, src, s.Into, schemas.Told{Standing: standing}, err)
}

// free takes the person off the agenda, under the name of now.
func (g *Governor) free(p *person) {
	g.waiting.put(p.name(), rules.Never)
	if p.due != 0 {
		p.freed = append(p.freed, p.name())
		p.due = 0
	}
}

// register makes the records the person's, in an order that follows from the
// memory alone.
func (g *Governor) register(p *person, records []record) {
	order := p.Records(records[0].id)
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Compare(slices.Index(order, a.id), slices.Index(order, b.id))
	})
	if len(p.records) > 0 && p.name() != records[0].id {
		g.free(p)
	}
	p.records, p.others = records, nil
	for i := range records {
		g.people[records[i].id] = p
	}
	for _, id := range order {
		if !g.here(id) {
			p.others = append(p.others, id)
		}
	}
	if p.away = !g.here(order[0]); p.away {
		p.told = nil
	}
}
