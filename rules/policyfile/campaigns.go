package policyfile

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const (
	exampleWay      = "{steps: 1, label: Unsubscribe}"
	exampleCampaign = "{ends: 2026-06-30, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: " + exampleWay + "}"
)

// The longest name of a campaign and the longest label.
const (
	longestCampaign = 128 // the wire's
	longestLabel    = 200 // no button has room for more
)

// campaigns reads the registered campaigns, by their names as the engines give
// them.
func (r *reader) campaigns(e entry) {
	if !r.Is(e, "campaigns", yaml.MappingNode) {
		return
	}
	entries := r.Entries(e.Value)
	if len(entries) == 0 {
		r.Wrong(e.Value, "no campaign is registered here: write for example %s, or leave the key out", e.Write)
	}
	for _, have := range entries {
		name := have.Key.Value
		switch {
		case strings.TrimSpace(name) == "":
			r.Wrong(have.Key, "a campaign without a name: write the name that its intents carry")
		case len(name) > longestCampaign:
			r.Wrong(have.Key, "the name is %d letters long: write at most %d, as an intent can carry", len(name), longestCampaign)
		case strictyaml.IsNull(have.Value):
			r.Wrong(have.Key, "%q has no value: write for example %s", name, exampleCampaign)
		default:
			c := rules.CampaignSpec{Name: rules.Campaign(name), Line: r.At(have.Key)}
			have.Write = exampleCampaign
			if r.Mapping(have, "a campaign", r.campaignFields(&c)...) {
				r.spec.Campaigns = append(r.spec.Campaigns, c)
			}
		}
	}
}

func (r *reader) campaignFields(c *rules.CampaignSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("ends", "2026-06-30", r.date(&c.Ends)),
		strictyaml.Must("most_attempts", "3", r.number(1, "to stop the campaign, write killed: true", &c.MostAttempts)),
		strictyaml.Must("way_in", "{steps: 1, label: Sign up}", r.way(&c.WayIn)),
		strictyaml.Must("way_out", exampleWay, r.way(&c.WayOut)),
		strictyaml.May("killed", "true", r.flag(&c.Killed)),
	}
}

func (r *reader) way(into *rules.WaySpec) func(entry) {
	return func(e entry) {
		into.Line = r.At(e.Value)
		r.Mapping(e, e.Key.Value, r.wayFields(into)...)
	}
}

func (r *reader) wayFields(w *rules.WaySpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("steps", "1", r.number(1, "the shortest way has one, the press of a button", &w.Steps)),
		strictyaml.Must("label", "Unsubscribe", func(e entry) {
			s, ok := r.Text(e)
			switch {
			case !ok:
			case strings.TrimSpace(s) == "":
				r.Wrong(e.Value, "%q is empty: write what the person presses", e.Key.Value)
			case len(s) > longestLabel:
				r.Wrong(e.Value, "%q is %d letters long, and no button has room for that: write what the person presses", e.Key.Value, len(s))
			default:
				w.Label = s
			}
		}),
	}
}
