package policyfile

import (
	"maps"
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const exampleOf = "{class: solicitation, channel: email}"

// selector reads which contacts are meant.
func (r *reader) selector(into *rules.Selector) func(entry) {
	return func(e entry) {
		var s rules.Selector
		if r.Mapping(e, "a selection", r.selectorFields(&s)...) {
			r.selects(e, &s)
		}
		*into = s
	}
}

// selects checks that a selection names something: that a rule means everything
// has to be said, not left out.
func (r *reader) selects(e entry, s *rules.Selector) bool {
	switch {
	case len(s.Classes)+len(s.Channels)+len(s.Purposes)+len(s.Modes) == 0:
		r.Wrong(e.Value, "a selection must name classes, channels, purposes or modes: write for example %s", exampleOf)
	case len(s.Modes) > 0 && len(s.Channels) > 0 && !slices.Contains(s.Channels, rules.ChannelCall):
		r.Wrong(e.Value, "a mode is how a call is placed, and this selection has no calls: write channel: call, or leave mode out")
	default:
		return true
	}
	return false
}

func (r *reader) selectorFields(s *rules.Selector) []strictyaml.Field {
	return append(r.pickFields(s), strictyaml.May("except", "{purpose: current_contract}", func(e entry) {
		var out rules.Selector
		if r.Mapping(e, "an exception", r.pickFields(&out)...) && r.selects(e, &out) {
			r.excepts(e, s, &out)
		}
		s.Except = &out
	}))
}

func (r *reader) pickFields(s *rules.Selector) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.May("class", "[solicitation, service]", func(c entry) {
			for _, item := range r.Items(c) {
				s.Classes = append(s.Classes, r.selectable(item))
			}
		}),
		strictyaml.May("channel", "[sms, call]", func(c entry) {
			for _, item := range r.Items(c) {
				s.Channels = append(s.Channels, rules.Channel(r.declaredName(item, "channel", r.channels)))
			}
		}),
		strictyaml.May("purpose", "[marketing, survey]", func(p entry) {
			for _, item := range r.Items(p) {
				s.Purposes = append(s.Purposes, rules.Purpose(r.declaredName(item, "purpose", r.purposes)))
			}
		}),
		strictyaml.May("mode", "[predictive, prerecorded]", func(m entry) {
			for _, item := range r.Items(m) {
				mode, _ := strictyaml.OneOf(r.Reader, item, "mode", rules.Modes()...)
				s.Modes = append(s.Modes, mode)
			}
		}),
	}
}

// excepts checks that an exception takes something away from a selection, and
// leaves something.
func (r *reader) excepts(e entry, s, out *rules.Selector) {
	all := covers(out.Classes, s.Classes) && covers(out.Channels, s.Channels) && covers(out.Purposes, s.Purposes) && covers(out.Modes, s.Modes)
	none := apart(out.Classes, s.Classes) || apart(out.Channels, s.Channels) || apart(out.Purposes, s.Purposes) || apart(out.Modes, s.Modes)
	switch {
	case all:
		r.Wrong(e.Value, "the exception leaves nothing of the selection: name less in it, or leave the rule out")
	case none:
		r.Wrong(e.Value, "the selection has nothing of what the exception takes out: leave the exception out")
	}
}

// covers says whether a list of which an empty one means everything has all of
// the other.
func covers[T comparable](list, of []T) bool {
	if len(list) == 0 {
		return true
	}
	return len(of) > 0 && !slices.ContainsFunc(of, func(v T) bool { return !slices.Contains(list, v) })
}

// apart says whether two such lists have nothing in common.
func apart[T comparable](a, b []T) bool {
	return len(a) > 0 && len(b) > 0 && !slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}

// selectable is a class that can be counted. An ask never is: it is judged and
// counted as a solicitation.
func (r *reader) selectable(e entry) rules.Class {
	if e.Value.Value == string(rules.Ask) {
		r.Wrong(e.Value, "an ask is judged and counted as a solicitation: write solicitation, which includes it")
		return ""
	}
	class, _ := strictyaml.OneOf(r.Reader, e, "class", selectableClasses()...)
	return class
}

func selectableClasses() []rules.Class {
	return slices.DeleteFunc(rules.Classes(), func(c rules.Class) bool { return c == rules.Ask })
}

// declaredName is the name of something that the policy declares. Where the
// declaration could not be read, any is taken for declared.
func (r *reader) declaredName(e entry, what string, declared map[string]bool) string {
	name, ok := r.Text(e)
	if ok && declared != nil && !declared[name] {
		r.Wrong(e.Value, "%s %q is not declared under %ss: %s", what, name, what, strictyaml.Suggest(name, slices.Sorted(maps.Keys(declared))))
	}
	return name
}
