package api

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Campaign is a campaign that is registered: it has said how it begins, how it is left
// and when it ends.
type Campaign struct {
	Name         string `json:"name"`
	Ends         string `json:"ends"`          // the last day, like 2026-06-30
	MostAttempts int    `json:"most_attempts"` // for each person
	WayIn        Way    `json:"way_in"`
	WayOut       Way    `json:"way_out"`
	Killed       bool   `json:"killed,omitzero"` // stopped for good
}

// Way is how one joins, or leaves.
type Way struct {
	Steps int    `json:"steps"`
	Label string `json:"label"` // what the person presses
}

// registered tells of a campaign whether it is fit to run.
type registered struct {
	Campaign
	Fit bool     `json:"fit"`
	Why []string `json:"why,omitempty"` // it is not
}

const (
	mostCampaign = 128 // characters of its name
	mostLabel    = 200
	mostSteps    = 1000
	mostTimes    = 1_000_000
)

// registry is who knows the campaigns.
func (c *call) registry() (Campaigns, error) {
	if c.Campaigns == nil {
		return nil, unavailable("campaigns are not kept here: register them in the policy, where killed: true stops one", nil)
	}
	return c.Campaigns, nil
}

func campaigns(c *call) (any, error) {
	known, err := c.registry()
	if err != nil {
		return nil, err
	}
	all, err := known.List(c.ctx)
	if err != nil {
		return nil, unavailable("which campaigns are registered is not known now: try again", err)
	}
	out := struct {
		Campaigns []registered `json:"campaigns"`
	}{[]registered{}}
	for _, one := range all {
		out.Campaigns = append(out.Campaigns, judged(one))
	}
	return out, nil
}

// register registers a campaign, be it fit or not: one that is not is vetoed from then
// on, and its owner hears why.
func register(c *call) (any, error) {
	in, err := decode[Campaign](c)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	known, err := c.registry()
	if err != nil {
		return nil, err
	}
	c.begin(change{action: "register campaign", campaign: in.Name})
	if err := known.Register(c.ctx, in); err != nil {
		return nil, unknownFate(err)
	}
	return judged(in), nil
}

// stopped answers that a campaign was killed.
type stopped struct {
	Campaign string `json:"campaign"`
	Killed   bool   `json:"killed"`
}

// kill stops a campaign, whether it is registered or not.
func kill(c *call) (any, error) {
	if _, err := maybe[struct{}](c); err != nil {
		return nil, err
	}
	name := c.r.PathValue("name")
	if !isName(name, mostCampaign) {
		return nil, wrong("name", "is no name of a campaign: write 1 to 128 characters on one line")
	}
	known, err := c.registry()
	if err != nil {
		return nil, err
	}
	c.begin(change{action: "kill campaign", campaign: name})
	if err := known.Kill(c.ctx, rules.Campaign(name)); err != nil {
		return nil, unknownFate(err)
	}
	return stopped{name, true}, nil
}

// check says everything that is wrong with a campaign.
func (in *Campaign) check() error {
	var all []schemas.Malformed
	add := func(bad bool, field, reason string) {
		if bad {
			all = append(all, schemas.Malformed{Field: field, Reason: reason})
		}
	}
	add(!isName(in.Name, mostCampaign), "name", "is no name of a campaign: write what its intents carry, 1 to 128 characters on one line")
	_, exists := day(in.Ends)
	add(!exists, "ends", "is no day: write the last one, like 2026-06-30")
	add(in.MostAttempts < 1 || in.MostAttempts > mostTimes, "most_attempts", "is not from 1 to 1000000: write how often it comes to one person at most")
	for _, way := range []struct {
		field string
		Way
	}{{"way_in", in.WayIn}, {"way_out", in.WayOut}} {
		add(way.Steps < 1 || way.Steps > mostSteps, way.field+".steps", "is not from 1 to 1000: the shortest way has one, the press of a button")
		add(!isName(way.Label, mostLabel), way.field+".label", "is no label: write what the person presses, 1 to 200 characters on one line")
	}
	add(in.Killed, "killed", "is not for registering: use /v1/campaigns/{name}/kill")
	if len(all) == 0 {
		return nil
	}
	first := all[0]
	first.More = all[1:]
	return malformed(&first)
}

// judged says whether a campaign is fit.
func judged(one Campaign) registered {
	spec := rules.CampaignSpec{
		Name: rules.Campaign(one.Name), MostAttempts: one.MostAttempts, Killed: one.Killed,
		WayIn: rules.WaySpec{Steps: one.WayIn.Steps, Label: one.WayIn.Label}, WayOut: rules.WaySpec{Steps: one.WayOut.Steps, Label: one.WayOut.Label},
	}
	spec.Ends, _ = day(one.Ends)
	why := rules.Fitness(&spec)
	return registered{one, len(why) == 0, why}
}

// isName says whether a text is one line of so many characters at most.
func isName(s string, most int) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// day is the day that a text names, like 2026-06-30.
func day(s string) (rules.Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 2000 {
		return rules.Date{}, false
	}
	return rules.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}, true
}
