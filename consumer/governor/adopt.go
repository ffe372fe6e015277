package governor

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

// Policy is what the governor decides under.
func (g *Governor) Policy() *rules.Policy { return g.policy }

// Adopt makes the governor decide under another policy from now on. What was decided
// stays decided; but what is out and would be vetoed under it is taken back.
func (g *Governor) Adopt(policy *rules.Policy) {
	g.policy, g.writing.lines = policy, nil
	g.PlanAnew()
}

// PlanAnew says that those who wait may be due at another time than the agenda has
// it, since that was made under another policy, and that others may have something out
// that it forbids. Before time passes they are to be planned (Unplanned, Plan).
func (g *Governor) PlanAnew() {
	g.unplanned = append(g.registry.out.everybody(g.now), slices.Collect(maps.Keys(g.waiting.due))...)
	slices.Sort(g.unplanned)
	g.unplanned = slices.Compact(g.unplanned)
}

// Unplanned lists those who wait, or have something out, and are not planned under the
// policy yet, or by what was said of a campaign, no more than most: those whom Plan needs to remember.
func (g *Governor) Unplanned(most int) []rules.PersonID {
	return g.unplanned[:min(most, len(g.unplanned))]
}

// Plan puts the first so many of those who are unplanned where they belong on the
// agenda under the policy, and takes back what it forbids.
func (g *Governor) Plan(first int) {
	for _, id := range g.unplanned[:first] {
		p := g.person(id)
		g.unlist(p, id)
		g.plan(p)
		g.rejudge(p, Source{}, "")
	}
	g.unplanned = g.unplanned[first:]
}

// unlist takes a record off the agenda under which the person is not there any more:
// it was merged since.
func (g *Governor) unlist(p *person, id rules.PersonID) {
	if id != p.name() {
		g.waiting.put(id, rules.Never)
		p.freed = append(p.freed, id)
	}
}
