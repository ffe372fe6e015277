package policyfile

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const (
	exampleOf  = "{class: solicitation, channel: email}"
	exampleCap = "[{name: email, of: " + exampleOf + ", at_most: 2, within: 7d}]"
	exampleGap = "[{of: {class: solicitation, channel: call}, at_least: 4h}]"
)

// forever is the window that no contact leaves.
const forever = "ever"

func (r *reader) caps(e entry) {
	for _, item := range r.Items(e) {
		c := rules.CapSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		ok := r.Mapping(item, "a cap",
			strictyaml.Must("name", "email", r.name(&c.Name)),
			strictyaml.Must("of", exampleOf, func(of entry) {
				r.selector(&c.Binds)(of)
				c.Counts = c.Binds
			}),
			strictyaml.Must("at_most", "3", r.count(0, &c.Most)),
			strictyaml.Must("within", "24h", func(w entry) {
				if w.Value.Value == forever {
					c.In.Kind = rules.Ever
					return
				}
				w.Write += " or " + forever
				r.span(&c.In.Length)(w)
			}),
			strictyaml.May("per", "campaign", func(p entry) {
				if word, ok := strictyaml.OneOf(r.Reader, p, "division", rules.PerCampaign); ok {
					c.Per = []rules.Key{word}
				}
			}),
			strictyaml.May("counting", exampleOf, r.selector(&c.Counts)),
		)
		if ok {
			r.spec.Caps = append(r.spec.Caps, c)
		}
	}
}

func (r *reader) gaps(e entry) {
	for _, item := range r.Items(e) {
		g := rules.GapSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		ok := r.Mapping(item, "a gap",
			strictyaml.Must("of", exampleOf, func(of entry) {
				r.selector(&g.Binds)(of)
				g.Counts = g.Binds
			}),
			strictyaml.Must("at_least", "4h", r.span(&g.Least)),
			strictyaml.May("counting", exampleOf, r.selector(&g.Counts)),
		)
		if ok {
			r.spec.Gaps = append(r.spec.Gaps, g)
		}
	}
}

func (r *reader) consents(e entry) {
	for _, item := range r.Items(e) {
		c := rules.ConsentSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		before := r.Failures()
		r.selector(&c.Binds)(item)
		if r.Failures() == before {
			r.spec.ConsentRequired = append(r.spec.ConsentRequired, c)
		}
	}
}

// selector reads which contacts are meant. It must name something: that a rule
// means everything has to be said, not left out.
func (r *reader) selector(into *rules.Selector) func(entry) {
	return func(e entry) {
		var s rules.Selector
		ok := r.Mapping(e, "a selection",
			strictyaml.May("class", "[solicitation, service]", func(c entry) {
				for _, item := range r.Items(c) {
					s.Classes = append(s.Classes, r.selectable(item))
				}
			}),
			strictyaml.May("channel", "[sms, call]", func(c entry) {
				for _, item := range r.Items(c) {
					s.Channels = append(s.Channels, r.channel(item))
				}
			}),
		)
		if ok && len(s.Classes)+len(s.Channels) == 0 {
			r.Wrong(e.Value, "a selection must name classes, channels or both: write for example %s", exampleOf)
		}
		*into = s
	}
}

// selectable is a class that can be counted. An ask never is: it is judged and
// counted as a solicitation.
func (r *reader) selectable(e entry) rules.Class {
	if e.Value.Value == string(rules.Ask) {
		r.Wrong(e.Value, "an ask is judged and counted as a solicitation: write solicitation, which includes it")
		return ""
	}
	var known []rules.Class
	for _, c := range rules.Classes() {
		if c != rules.Ask {
			known = append(known, c)
		}
	}
	class, _ := strictyaml.OneOf(r.Reader, e, "class", known...)
	return class
}

// channel is a channel that the policy declares. Where the declaration could
// not be read, any is taken for declared.
func (r *reader) channel(e entry) rules.Channel {
	name, ok := r.Text(e)
	if ok && r.channels != nil && !r.channels[name] {
		r.Wrong(e.Value, "channel %q is not declared under channels: %s", name, strictyaml.Suggest(name, slices.Sorted(maps.Keys(r.channels))))
	}
	return rules.Channel(name)
}
