package policyfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// rule reads a rule: its own fields, and those that every rule may have.
func (r *reader) rule(e entry, what string, t *rules.Terms, fields ...strictyaml.Field) bool {
	return r.Mapping(e, what, append(fields, r.terms(t)...)...)
}

// terms are the keys that every rule may have beside its own.
func (r *reader) terms(t *rules.Terms) []strictyaml.Field {
	return append([]strictyaml.Field{
		strictyaml.May("from", "2026-08-11", r.date(&t.From)),
		strictyaml.May("until", "2027-01-30", func(e entry) {
			r.date(&t.Until)(e)
			if t.Until != (rules.Date{}) && before(t.Until, t.From) {
				r.Wrong(e.Value, "the rule ends before it begins: let until be no earlier than from, or leave one out")
			}
		}),
		strictyaml.May("shadow", "true", r.flag(&t.Shadow)),
	}, r.sources(t)...)
}

// enforced are the keys of what is there or is not there.
func (r *reader) enforced(t *rules.Terms, what string) []strictyaml.Field {
	const why = " is there or is not there: leave the key out"
	return append([]strictyaml.Field{
		strictyaml.Never("from", what+why),
		strictyaml.Never("until", what+why),
		strictyaml.Never("shadow", what+why),
	}, r.sources(t)...)
}

// sources say where a rule comes from.
func (r *reader) sources(t *rules.Terms) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.May("cites", "12 CFR 1006.14(b)(2)(i)(A)", func(e entry) { t.Cites, _ = r.Text(e) }),
		strictyaml.May("unverified", "true", r.flag(&t.Unverified)),
	}
}

// The core holds from the first day on, for everybody.
const noTrial = "a refusal cannot be tried out, nor can what else every policy has: it holds at once; leave the key out"

// untried are the keys of a rule that the core, but not a policy, can have.
func untried() []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Never("from", noTrial), strictyaml.Never("until", noTrial), strictyaml.Never("shadow", noTrial),
	}
}

// plainly reads a value of the core that is no mapping. Whoever makes one of it
// to try it out is told that this cannot be.
func (r *reader) plainly(read func(entry)) func(entry) {
	return func(e entry) {
		if e.Value.Kind == yaml.MappingNode {
			for _, have := range r.Entries(e.Value) {
				switch have.Key.Value {
				case "from", "until", "shadow":
					r.Wrong(have.Key, noTrial)
					return
				}
			}
		}
		read(e)
	}
}

func (r *reader) flag(into *bool) func(entry) {
	return func(e entry) { *into, _ = r.Bool(e) }
}
