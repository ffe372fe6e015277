package governor

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Governor governs the people of one partition.
type Governor struct {
	policy *rules.Policy
	find   *zones.Finder

	people  map[rules.PersonID]*person // by every record that a person has
	touched []*person                  // since the last Take, each once
	takes   int64
	waiting agenda

	unplanned []rules.PersonID // those on the agenda as it was made under another policy, and whom else it is too many to judge again at once

	calls   campaigns
	numbers numbers
	out     []Output
	writing writing

	addresses addresses
	registry  registry
	graves    graves
	belongs   func(rules.PersonID) bool // whose place this partition is; nil: everybody's
	failed    error                     // why not all could be told

	vetoRates vetoRates
	counts    Counts // since they were asked for last
	revoked   int

	leaving func(*rules.Intent, rules.DecisionID) *schemas.Leave

	now   rules.Instant
	heard int64 // signal position: the next one to hear

	recalling  bool // the log is read, and what it says was decided is not decided again
	rebuilding bool // and what stands is there from the first
}

// New is a governor under the policy that remembers nobody yet.
func New(policy *rules.Policy, find *zones.Finder) *Governor {
	return &Governor{policy: policy, find: find, people: make(map[rules.PersonID]*person)}
}

// Now is the present: the latest instant that anything happened at.
func (g *Governor) Now() rules.Instant { return g.now }

// Resume makes the present that of the last batch of somebody before, without anything
// becoming due by it: what was due by then was decided then.
func (g *Governor) Resume(at rules.Instant) { g.now = max(g.now, at) }

// Missing lists those of the people whose memory has not been remembered yet, each
// once, and what else belongs to the memory of those who have. Remembering them may
// show that more is missing, so whoever drives the governor asks until nothing is.
func (g *Governor) Missing(people ...rules.PersonID) []rules.PersonID {
	g.addresses.wanted = slices.DeleteFunc(g.addresses.wanted, g.remembers)
	g.registry.wanted = slices.DeleteFunc(g.registry.wanted, g.remembers)
	var missing []rules.PersonID
	seen := make(map[rules.PersonID]bool)
	for _, list := range [...][]rules.PersonID{people, g.addresses.wanted, g.registry.wanted} {
		for _, id := range list {
			if !g.remembers(id) && !seen[id] {
				seen[id] = true
				missing = append(missing, id)
			}
		}
	}
	return missing
}

func (g *Governor) remembers(id rules.PersonID) bool {
	if a, is := state.IsAddress(id); is {
		return g.addresses.known[a] != nil
	}
	if c, is := state.IsCampaign(id); is {
		return g.registry.known[c] != nil
	}
	return g.people[id] != nil
}

// Forget drops the memory of people until no more than most are left, those first who
// were touched longest ago, and that of addresses and of campaigns if either are more;
// so what is kept in the process stays bounded. The store still has it. Whose changes
// were not taken stay.
func (g *Governor) Forget(most int) {
	if len(g.people) > most {
		since := g.beyond(most)
		for id, p := range g.people {
			if !p.touched && p.used <= since {
				delete(g.people, id)
			}
		}
	}
	if len(g.registry.known) <= most && len(g.addresses.known) <= most {
		return
	}
	g.forgetCampaigns()
	g.forgetAddresses()
}

// beyond is the last Take by which somebody must have been touched who is one too many.
func (g *Governor) beyond(most int) int64 {
	touched := make(map[int64]int)
	for _, p := range g.people {
		touched[p.used]++
	}
	for _, take := range slices.Backward(slices.Sorted(maps.Keys(touched))) {
		if most -= touched[take]; most < 0 {
			return take
		}
	}
	return -1
}

// Remembered is how many people, addresses and campaigns are in memory.
func (g *Governor) Remembered() int {
	return len(g.people) + len(g.addresses.known) + len(g.registry.known)
}

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
	clear(g.graves.of)
	for _, p := range g.touched {
		p.touched = false
		saved, err := g.save(p)
		if err != nil {
			return nil, nil, nil, err
		}
		changes = append(changes, saved...)
		waiting = append(waiting, g.appoint(p)...)
	}
	clear(g.touched)
	g.touched = g.touched[:0]
	g.takes++
	there, err := g.saveAddresses()
	if err != nil {
		return nil, nil, nil, err
	}
	said, err := g.saveCampaigns()
	if err != nil {
		return nil, nil, nil, err
	}
	changes = append(append(changes, there...), said...)
	return changes, waiting, g.hand(), g.failed
}
