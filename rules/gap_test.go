package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// widely is the house's gap and nothing of its caps, so that the gap can be seen
// alone.
func widely(t *testing.T) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		calls := rules.Selector{Classes: []rules.Class{rules.Solicitation, rules.Collection, rules.Service, rules.Confirmation}, Channels: []rules.Channel{"call"}}
		s.Gaps = []rules.GapSpec{{Least: 4 * hour, Binds: calls, Counts: calls}}
	})
}

// "≥4 h apart": at 3:59:59.999 not yet, at 4:00:00.000 again.
func TestGap(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed|rules.Happened, to("call", "service")))
	opens(t, widely(t), who, to("call", "service"), rules.MinGap, noon.Add(4*hour))

	t.Run("other channels and exempt classes are not bound", func(t *testing.T) {
		approved(t, ask(widely(t), who, to("sms", "service"), noon+1))
		approved(t, ask(widely(t), who, to("call", "legal"), noon+1))
		approved(t, ask(widely(t), who, to("call", "receipt"), noon+1))
	})
	t.Run("nor do they count", func(t *testing.T) {
		for _, in := range []rules.Intent{to("sms", "service"), to("call", "legal"), to("call", "receipt")} {
			approved(t, ask(widely(t), with(sent(noon, rules.WasRedeemed, in)), to("call", "service"), noon+1))
		}
	})
	t.Run("the younger of two counts", func(t *testing.T) {
		who := with(sent(noon, rules.WasRedeemed, to("call", "service")), sent(noon.Add(hour), rules.WasRedeemed, to("call", "service")))
		opens(t, widely(t), who, to("call", "service"), rules.MinGap, noon.Add(5*hour))
	})
	t.Run("an approval that expires gives back", func(t *testing.T) {
		opens(t, widely(t), with(sent(noon, 0, to("call", "service"))), to("call", "service"), rules.MinGap, noon.Add(15*minute))
	})
}

// "busy counts toward the gap and nothing else": the next call waits four hours,
// but no cap has counted it.
func TestBusyCountsTowardTheGapOnly(t *testing.T) {
	who := with(sent(noon.Add(-2*hour), rules.WasRedeemed|rules.Busy, to("call", "service")))
	opens(t, house(t), who, to("call", "service"), rules.MinGap, noon.Add(2*hour))
	d := ask(house(t), who, to("call", "service"), noon)
	for _, e := range d.Evidence() {
		if e.Used != 0 {
			t.Errorf("%s counted a busy line", e.Rule)
		}
	}
}

// "channel.blast: a counted solicitation of the same campaign within 24 h on
// another channel; binds solicitations."
func TestBlast(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed|rules.Happened, to("email", "marketing")))
	opens(t, house(t), who, to("sms", "marketing"), rules.ChannelBlast, noon.Add(24*hour))

	next := noon.Add(hour)
	approved(t, ask(house(t), who, to("email", "marketing"), next))                   // the same channel
	approved(t, ask(house(t), who, to("sms", "marketing", campaign("summer")), next)) // another campaign
	approved(t, ask(house(t), who, to("sms", "service"), next))                       // no solicitation
	vetoed(t, ask(house(t), who, to("sms", "service", promotes), next), rules.ChannelBlast)

	t.Run("only solicitations count", func(t *testing.T) {
		approved(t, ask(house(t), with(sent(noon, rules.WasRedeemed, to("email", "service"))), to("sms", "marketing"), next))
	})
	t.Run("what was given back does not count", func(t *testing.T) {
		approved(t, ask(house(t), with(sent(noon, rules.WasRedeemed|rules.NotSent, to("email", "marketing"))), to("sms", "marketing"), next))
	})
	t.Run("an approval that expires gives back", func(t *testing.T) {
		opens(t, house(t), with(sent(noon, 0, to("email", "marketing"))), to("sms", "marketing"), rules.ChannelBlast, noon.Add(15*minute))
	})
}
