package policyfile

import (
	"slices"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const (
	exampleCap   = "[{name: email, of: " + exampleOf + ", at_most: 2, within: 7d}]"
	exampleGap   = "[{of: {class: solicitation, channel: call}, at_least: 4h}]"
	examplePause = "[{name: talk, of: {class: collection, channel: call}, after: conversation, none_for: 7 calendar days}]"
)

func (r *reader) caps(e entry) {
	for _, item := range r.Items(e) {
		c := rules.CapSpec{Terms: rules.Terms{Line: r.At(item.Value)}, Most: unread}
		if r.rule(item, "a cap", &c.Terms, r.capFields(&c)...) {
			r.spec.Caps = append(r.spec.Caps, c)
		}
		r.counted = append(r.counted, c.Name)
	}
}

// unread is the number of a cap where none could be read.
const unread = -1

func (r *reader) capFields(c *rules.CapSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("name", "email", r.name(&c.Name)),
		strictyaml.Must("of", exampleOf, func(of entry) {
			r.selector(&c.Binds)(of)
			c.Counts = c.Binds
		}),
		strictyaml.Must("at_most", "3", r.count(0, &c.Most)),
		strictyaml.Must("within", "24h", r.window(&c.In, anyWindow,
			rules.Rolling, rules.Ever, rules.CalendarDays, rules.CalendarWeek, rules.CalendarMonth, rules.Successive)),
		strictyaml.May("per", "campaign", r.keys(&c.Per, rules.Keys()...)),
		strictyaml.May("counting", exampleOf, r.selector(&c.Counts)),
		strictyaml.May("waived_by", "{consent: 7 calendar days}", r.waiver(&c.Waiver)),
		strictyaml.May("reserve", "{slots: 1, priority: 80}", func(e entry) {
			var s rules.ReserveSpec
			if r.Mapping(e, "reserve", r.reserveFields(c, &s)...) {
				c.Reserve = &s
			}
		}),
		strictyaml.May("arbitrate", "5m", func(e entry) { r.arbitrate(e, c) }),
	}
}

// How long the last slot of a cap may wait.
const (
	leastArbitration = time.Second
	mostArbitration  = 24 * time.Hour
)

// arbitrate reads for how long the last slot of a cap waits. The keys that it has to
// fit are read before it.
func (r *reader) arbitrate(e entry, c *rules.CapSpec) {
	d, ok := r.Duration(e)
	switch {
	case !ok:
	case d < leastArbitration || d > mostArbitration:
		r.Wrong(e.Value, "the last slot waits from 1s to 24h, not %s: write for example %s", e.Value.Value, e.Write)
	case c.Most == 0:
		r.Wrong(e.Value, "the cap allows none, so there is no last slot to wait for: leave arbitrate out")
	case c.In.Kind == rules.Rolling && c.In.Length != 0 && d >= c.In.Length:
		r.Wrong(e.Value, "after %s all slots of the cap are free again: write less than its window", e.Value.Value)
	case !slices.ContainsFunc(c.Binds.Classes, mayWait) && len(c.Binds.Classes) > 0:
		r.Wrong(e.Value, "the cap stops only what never waits for anybody (legal, confirmation): leave arbitrate out")
	default:
		c.Arbitrate = d
	}
}

// mayWait says whether what the class picks may wait for the last slot: what is
// exempt does not, but what sells is exempt only in these two.
func mayWait(class rules.Class) bool { return class != rules.Legal && class != rules.Confirmation }

func (r *reader) reserveFields(c *rules.CapSpec, s *rules.ReserveSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("slots", "1", func(e entry) {
			r.number(1, "to reserve nothing, leave reserve out", &s.Slots)(e)
			switch {
			case c.Most == unread || s.Slots <= c.Most:
			case c.Most == 0:
				r.Wrong(e.Value, "the cap allows none, so there is no slot to reserve: leave reserve out")
			default:
				r.Wrong(e.Value, "the cap has %d slots, of which %d cannot be reserved: write from 1 to %d", c.Most, s.Slots, c.Most)
			}
		}),
		strictyaml.Must("priority", "80", func(e entry) {
			r.number(1, "everybody has that; write for example 80", &s.Priority)(e)
			if s.Priority > highestPriority {
				r.Wrong(e.Value, "a priority is 0 to %d, not %d: write for example %s", highestPriority, s.Priority, e.Write)
			}
		}),
	}
}

// highestPriority is the wire's.
const highestPriority = 100

func (r *reader) pauses(e entry) {
	for _, item := range r.Items(e) {
		p := rules.PauseSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "a pause", &p.Terms, r.pauseFields(&p)...) {
			r.spec.Pauses = append(r.spec.Pauses, p)
		}
	}
}

func (r *reader) pauseFields(p *rules.PauseSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("name", "talk", r.name(&p.Name)),
		strictyaml.Must("of", exampleOf, r.selector(&p.Binds)),
		strictyaml.Must("after", "conversation", func(e entry) { strictyaml.OneOf(r.Reader, e, "occasion", "conversation") }),
		strictyaml.Must("none_for", "7 calendar days", r.window(&p.For, slidingOnly, rules.Rolling, rules.CalendarDays)),
		strictyaml.May("per", "subject", r.keys(&p.Per, rules.PerSubject, rules.PerChannel)),
		strictyaml.May("waived_by", "{consent: 7 calendar days}", r.waiver(&p.Waiver)),
	}
}

func (r *reader) gaps(e entry) {
	for _, item := range r.Items(e) {
		g := rules.GapSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "a gap", &g.Terms, r.gapFields(&g)...) {
			r.spec.Gaps = append(r.spec.Gaps, g)
		}
	}
}

func (r *reader) gapFields(g *rules.GapSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("of", exampleOf, func(of entry) {
			r.selector(&g.Binds)(of)
			g.Counts = g.Binds
		}),
		strictyaml.Must("at_least", "4h", r.duration(&g.Least)),
		strictyaml.May("counting", exampleOf, r.selector(&g.Counts)),
	}
}

// consents reads what needs a consent: each item is a selection, and a rule.
func (r *reader) consents(e entry) {
	for _, item := range r.Items(e) {
		c := rules.ConsentSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "a selection", &c.Terms, r.selectorFields(&c.Binds)...) && r.selects(item, &c.Binds) {
			r.spec.ConsentRequired = append(r.spec.ConsentRequired, c)
		}
	}
}
