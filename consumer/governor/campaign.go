package governor

import (
	"bytes"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// registry is what was said of campaigns beside the policy: that they are registered,
// or killed. Every partition is told all of it, in the order of its own signals. Whoever
// is remembered has the campaigns remembered of what is held or out; whoever asks for
// more brings the campaign (Involves). The zero value knows of none.
type registry struct {
	known   map[rules.Campaign]*campaign
	touched []rules.Campaign // since the last Take, each once
	wanted  []rules.PersonID // the ids of those that are still to be remembered
	out     outs[rules.Campaign]
}

// campaign is the memory of one campaign, and what of it the store already has.
type campaign struct {
	state.Campaign
	says    *rules.Registration // to the rules; nil is nothing
	written []byte
	touched bool
}

// rememberCampaign takes in what the store keeps of a campaign.
func (g *Governor) rememberCampaign(name rules.Campaign, m state.Memory) error {
	if g.registry.known[name] != nil {
		return nil
	}
	there, err := state.DecodeCampaign(name, m.Standing)
	if err != nil {
		return err
	}
	*g.campaign(name) = campaign{Campaign: there, says: there.Registration(), written: m.Standing}
	return nil
}

// campaign is the memory of a campaign.
func (g *Governor) campaign(name rules.Campaign) *campaign {
	there := g.registry.known[name]
	if there == nil {
		there = &campaign{}
		if g.registry.known == nil {
			g.registry.known = make(map[rules.Campaign]*campaign)
		}
		g.registry.known[name] = there
	}
	return there
}

// wantCampaign notes that somebody has to do with the campaign.
func (g *Governor) wantCampaign(name rules.Campaign) {
	if g.registry.known[name] == nil {
		g.registry.wanted = append(g.registry.wanted, state.CampaignID(name))
	}
}

// forgetCampaigns drops the memory of campaigns. Those that somebody who is still
// remembered has to do with are wanted again (want).
func (g *Governor) forgetCampaigns() {
	for name, there := range g.registry.known {
		if !there.touched {
			delete(g.registry.known, name)
		}
	}
	g.registry.wanted = nil
}

// saveCampaigns are the changes of campaigns since the last Take. They are told to the
// world like what stands for people, so that they can be rebuilt from there.
func (g *Governor) saveCampaigns() ([]state.Change, error) {
	var changes []state.Change
	for _, name := range g.registry.touched {
		there := g.campaign(name)
		there.touched = false
		b, err := state.EncodeCampaign(name, &there.Campaign)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(b, there.written) {
			continue
		}
		there.written = b
		id := state.CampaignID(name)
		changes = append(changes, state.Change{Person: id, SetStanding: true, Memory: state.Memory{Standing: b}})
		g.emit(Output{Topic: Standing, Person: id, At: g.now, Value: b})
	}
	g.registry.touched = g.registry.touched[:0]
	return changes, nil
}

// registered is what was said of the campaign beside the policy.
func (g *Governor) registered(name rules.Campaign) *rules.Registration {
	if there := g.registry.known[name]; there != nil {
		return there.says
	}
	return nil
}

// mostTakenBack bounds how many people the word on a campaign is brought to memory for
// at once. The others are planned anew, in pieces, before anything else is decided.
const mostTakenBack = 1000

// hearCampaign hears what was said of a campaign, and takes back what is out of it and
// would be vetoed now. Who of them is not known is reached when the approval is
// redeemed, or when anything is heard of the person. In a rebuild nothing is taken
// back: what was then the log says.
func (g *Governor) hearCampaign(src Source, s *state.Signal) {
	name, _ := state.IsCampaign(s.Person)
	there := g.campaign(name)
	if !there.Absorb(s.Campaign) {
		return
	}
	there.says = there.Registration()
	if !there.touched {
		there.touched = true
		g.registry.touched = append(g.registry.touched, name)
	}
	if g.rebuilding {
		return
	}
	for i, id := range g.registry.out.people(name, g.now) {
		if p := g.people[id]; p != nil && i < mostTakenBack {
			g.rejudgeThose(p, src, s.ID, func(c *rules.Contact) bool { return c.Campaign == name })
		} else {
			g.unplanned = append(g.unplanned, id)
		}
	}
}

// ofCampaign lists a campaign, and to whom something of it may be out, but for those
// who are beyond what is brought at once.
func (g *Governor) ofCampaign(id rules.PersonID) []rules.PersonID {
	name, _ := state.IsCampaign(id)
	people := g.registry.out.people(name, g.now)
	return append([]rules.PersonID{id}, people[:min(mostTakenBack, len(people))]...)
}
