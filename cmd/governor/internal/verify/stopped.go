package verify

// takeStop keeps that a campaign was stopped, which the HTTP API tells every partition.
func (p *part) takeStop(r *Record, e *entry, told string) {
	var m struct {
		Campaign struct {
			Campaign string `json:"campaign"`
			Killed   string `json:"killed"`
		} `json:"campaign"`
	}
	if told != "governor.campaign" || decode(r.Value, &m) != nil || m.Campaign.Killed == "" {
		return
	}
	p.stops = append(p.stops, &signal{entry: *e, readable: true, kind: stopped, campaign: m.Campaign.Campaign, at: e.time})
}

// stopped are the noes to campaigns. They hold for everybody, and nobody lifts them.
// When they take back what is out is not looked at: whoever is not in the governor's
// memory is reached when a worker asks.
func (p *part) stopped() (all []refusal) {
	for _, s := range p.stops {
		if p.buried[s.Place] == nil {
			all = append(all, refusal{no: no{kind: stopped, campaign: s.campaign, at: s.at}, by: s})
		}
	}
	return all
}
