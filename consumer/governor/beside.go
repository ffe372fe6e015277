package governor

import "github.com/contactgovernor/governor/rules"

// beside fills in what is known of an intent beside the person, right before it is
// judged, for the first time or again.
func (g *Governor) beside(p *person, in *rules.Intent) {
	if len(in.Zones) == 0 && len(p.Zones) == 0 { // else nobody asks the number
		in.NumberZones = g.numbers.zones(in.Channel, in.Address, g.find)
	}
	in.Rates = g.rates(in)
	in.AddressNoes = g.refusedThere(p, in.Address)
	in.Registered = g.registered(in.Campaign)
}
