package governor

import (
	"bytes"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// A person may have records in several partitions. One of them, into which the
// others were merged, is the home: all that is known comes together there, and there
// alone is counted and decided. A record elsewhere says no: what was out under it is
// taken back, intents are vetoed until they are published under the home (but those
// that are exempt, which are answered as ever), and what is heard goes on to the
// home. The home tells the others what stands.
//
// Everybody learns of every merge, and makes the same of it in whatever order: the
// memories are unions, and who is the home follows from the merges alone. What is
// told may come twice, and late. Until it has come, a record elsewhere has already
// stopped, and the home does not know yet what the other refused: that much is late.

// Here says whose place this partition is. Without it everybody's is.
func (g *Governor) Here(belongs func(rules.PersonID) bool) { g.belongs = belongs }

func (g *Governor) here(id rules.PersonID) bool { return g.belongs == nil || g.belongs(id) }

// home is the record into which the others were merged.
func (p *person) home() rules.PersonID { return p.Records(p.name())[0] }

// regroup follows from what was learned of the person's records: those in this
// partition are one memory, and the others are told.
func (g *Governor) regroup(p *person, src Source, signal rules.SignalID) *person {
	for again := true; again; {
		again = false
		for _, id := range p.Records(p.name()) {
			if other := g.people[id]; g.here(id) && other != p {
				p, again = g.unite(p, g.person(id), src, signal), true
				break
			}
		}
	}
	g.register(p, p.records)
	if p.away {
		g.leave(p, src, signal)
	}
	g.plan(p)
	return p
}

// unite makes one memory of two. What is from before the person asked, on the other
// record, to be forgotten ends.
func (g *Governor) unite(p, other *person, src Source, signal rules.SignalID) *person {
	erased := max(p.Erased, other.Erased)
	for _, who := range [...]*person{p, other} {
		if who.Erased < erased {
			g.takeBackAll(who, src, signal, erased)
		}
	}
	g.free(other)
	p.Absorb(p.name(), &other.Person, other.name())
	p.freed = append(p.freed, other.freed...)
	g.touched = slices.DeleteFunc(g.touched, func(x *person) bool { return x == other })
	g.register(p, append(p.records, other.records...))
	return p
}

// leave stops what is under way of a person whose home is elsewhere now, and tells
// that everything that is remembered here.
func (g *Governor) leave(p *person, src Source, signal rules.SignalID) {
	for i := range p.Contacts {
		if c := &p.Contacts[i]; g.isOut(c) && !c.Class.Exempt() {
			state.Revoke(c)
			g.revocation(src, p.whose(c), c, rules.Unavailable, signal)
		}
	}
	g.tellHome(p, src) // but not that notices were vetoed, which may be published there under the same id
	held := p.Held
	p.Held = nil
	for i := range held {
		g.veto(p, sourceOf(&held[i]), &held[i], rules.Unavailable, detailAway)
	}
}

const detailAway = "the person's records were merged, and what is known of the person is kept with another: publish it under the record that this one was merged into"

// vetoAway is the answer to an intent to a record that is not the home.
func vetoAway(d *rules.Decision) {
	if d.Original != "" {
		return // it is known, here too
	}
	d.Verdict, d.NotAfter, d.Earliest = rules.Vetoed, 0, 0
	d.Objections = append(d.Objections, rules.Objection{Reason: rules.Unavailable, Rule: string(rules.Unavailable), Detail: detailAway})
}

// tellHome tells everything that is remembered of the person to the home, and to the
// rest that there is another now.
func (g *Governor) tellHome(p *person, src Source) {
	home := p.home()
	standing, err := state.EncodeStanding(p.name(), &p.Person)
	g.tellRecord(p, src, home, schemas.Told{Standing: standing}, err)
	merges, err := state.EncodeMerges(p.name(), &p.Person)
	for _, log := range state.EncodePieces(&p.Person) {
		g.tellRecord(p, src, home, schemas.Told{Standing: merges, Log: log}, err)
	}
	for _, id := range p.others {
		if id != home {
			shared, err := state.EncodeShared(p.name(), &p.Person)
			g.tellRecord(p, src, id, schemas.Told{Standing: shared}, err)
		}
	}
}

// tellContact tells the home of one contact, as it is now.
func (g *Governor) tellContact(p *person, src Source, c *rules.Contact) {
	merges, err := state.EncodeMerges(p.name(), &p.Person)
	g.tellRecord(p, src, p.home(), schemas.Told{Standing: merges, Log: state.EncodeContact(c)}, err)
}

// tellSignal tells the home what was heard of a record that is not the home; all of
// the memory that it left, if nobody has it as it came.
func (g *Governor) tellSignal(p *person, src Source, raw []byte) {
	if raw == nil {
		g.tellHome(p, src)
		return
	}
	merges, err := state.EncodeMerges(p.name(), &p.Person)
	g.tellRecord(p, src, p.home(), schemas.Told{Standing: merges, Signal: raw}, err)
}

// tellShared tells what stands, where it changed, from the home to all others.
func (g *Governor) tellShared(p *person) error {
	if p.away || len(p.others) == 0 {
		return nil
	}
	shared, err := state.EncodeShared("", &p.Person)
	if err != nil || bytes.Equal(shared, p.told) {
		return err
	}
	p.told = shared
	for _, id := range p.others {
		g.tellRecord(p, Source{}, id, schemas.Told{Standing: shared}, nil)
	}
	return nil
}

func (g *Governor) tellRecord(p *person, src Source, to rules.PersonID, t schemas.Told, err error) {
	t.Type, t.Person, t.Record = schemas.ToldRecord, string(to), string(p.name())
	g.tell(src, t, err)
}

// hearRecord hears what another partition tells of a record of the same person.
func (g *Governor) hearRecord(src Source, s *state.Signal) {
	p := g.person(s.Person)
	if p.Erased < s.Memory.Erased {
		g.takeBackAll(p, src, s.ID, s.Memory.Erased)
	}
	merges, before := slices.Clone(p.Merges), content(p)
	p.Absorb(p.name(), s.Memory, s.Record)
	switch {
	case !slices.Equal(merges, p.Merges):
		p = g.regroup(p, src, s.ID)
	case p.away && s.Record != p.home() && before != content(p):
		g.tellHome(p, src) // whoever told it took this one for the home
	}
	g.plan(p)
	if s.Said != nil {
		g.signal(p, src, s.Said, true)
		return
	}
	g.rejudge(p, src, s.ID)
	g.author(p, src, s.ID)
}

// content is what of a person concerns their other records too.
func content(p *person) string {
	shared, _ := state.EncodeShared("", &p.Person) // what cannot be written is found out when it is saved
	return string(shared) + string(state.EncodeLog(&p.Person))
}

// hearAddress hears what was refused of an address in another partition.
func (g *Governor) hearAddress(src Source, s *state.Signal) {
	if g.address(s.Scope.Address).Absorb(s.There) {
		g.refused(s.Scope.Address, nil, src, s.ID)
	}
}

// here leaves out the calls that were approved elsewhere: what was said there of them is
// counted there.
func (f fares) here(p *person) fares {
	for i := range p.Contacts {
		if c := &p.Contacts[i]; c.Fate.Has(rules.Elsewhere) {
			delete(f, c.Decision)
		}
	}
	return f
}
