package policyfile

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
)

const (
	exampleOf  = "{class: solicitation, channel: email}"
	exampleCap = "[{name: email, of: " + exampleOf + ", at_most: 2, within: 7d}]"
	exampleGap = "[{of: {class: solicitation, channel: call}, at_least: 4h}]"
)

// forever is the window that no contact leaves.
const forever = "ever"

func (r *reader) caps(e entry) {
	for _, item := range r.items(e) {
		c := rules.CapSpec{Line: r.at(item.value)}
		ok := r.mapping(item, "a cap",
			field{"name", "email", must, r.name(&c.Name)},
			field{"of", exampleOf, must, func(of entry) {
				r.selector(&c.Binds)(of)
				c.Counts = c.Binds
			}},
			field{"at_most", "3", must, r.count(0, &c.Most)},
			field{"within", "24h", must, func(w entry) {
				if w.value.Value == forever {
					c.Ever = true
					return
				}
				w.write += " or " + forever
				r.span(&c.In)(w)
			}},
			field{"per", "campaign", may, func(p entry) {
				word, _ := oneOf(r, p, "division", "campaign")
				c.PerCampaign = word != ""
			}},
			field{"counting", exampleOf, may, r.selector(&c.Counts)},
		)
		if ok {
			r.spec.Caps = append(r.spec.Caps, c)
		}
	}
}

func (r *reader) gaps(e entry) {
	for _, item := range r.items(e) {
		g := rules.GapSpec{Line: r.at(item.value)}
		ok := r.mapping(item, "a gap",
			field{"of", exampleOf, must, func(of entry) {
				r.selector(&g.Binds)(of)
				g.Counts = g.Binds
			}},
			field{"at_least", "4h", must, r.span(&g.Least)},
			field{"counting", exampleOf, may, r.selector(&g.Counts)},
		)
		if ok {
			r.spec.Gaps = append(r.spec.Gaps, g)
		}
	}
}

func (r *reader) consents(e entry) {
	for _, item := range r.items(e) {
		c := rules.ConsentSpec{Line: r.at(item.value)}
		before := r.failures
		r.selector(&c.Binds)(item)
		if r.failures == before {
			r.spec.ConsentRequired = append(r.spec.ConsentRequired, c)
		}
	}
}

// selector reads which contacts are meant. It must name something: that a rule
// means everything has to be said, not left out.
func (r *reader) selector(into *rules.Selector) func(entry) {
	return func(e entry) {
		var s rules.Selector
		ok := r.mapping(e, "a selection",
			field{"class", "[solicitation, service]", may, func(c entry) {
				for _, item := range r.items(c) {
					s.Classes = append(s.Classes, r.selectable(item))
				}
			}},
			field{"channel", "[sms, call]", may, func(c entry) {
				for _, item := range r.items(c) {
					s.Channels = append(s.Channels, r.channel(item))
				}
			}},
		)
		if ok && len(s.Classes)+len(s.Channels) == 0 {
			r.wrong(e.value, "a selection must name classes, channels or both: write for example %s", exampleOf)
		}
		*into = s
	}
}

// selectable is a class that can be counted. An ask never is: it is judged and
// counted as a solicitation.
func (r *reader) selectable(e entry) rules.Class {
	if e.value.Value == string(rules.Ask) {
		r.wrong(e.value, "an ask is judged and counted as a solicitation: write solicitation, which includes it")
		return ""
	}
	var known []rules.Class
	for _, c := range rules.Classes() {
		if c != rules.Ask {
			known = append(known, c)
		}
	}
	class, _ := oneOf(r, e, "class", known...)
	return class
}

// channel is a channel that the policy declares. Where the declaration could
// not be read, any is taken for declared.
func (r *reader) channel(e entry) rules.Channel {
	name, ok := r.scalar(e)
	if ok && r.channels != nil && !r.channels[name] {
		r.wrong(e.value, "channel %q is not declared under channels: %s", name, suggest(name, slices.Sorted(maps.Keys(r.channels))))
	}
	return rules.Channel(name)
}
