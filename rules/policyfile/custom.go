package policyfile

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/celrule"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const (
	exampleVeto   = `intent.priority < 10 && counts["any"] > 1`
	exampleCustom = "[{name: nightly, of: {channel: push}, veto_when: '" + exampleVeto + "'}]"
)

// custom reads the policy's own rules, which may look at what its caps count.
func (r *reader) custom(e entry) {
	for _, item := range r.Items(e) {
		c := rules.CustomSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "a custom rule", &c.Terms, r.customFields(&c)...) {
			r.spec.Custom = append(r.spec.Custom, c)
		}
	}
}

func (r *reader) customFields(c *rules.CustomSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("name", "nightly", r.name(&c.Name)),
		strictyaml.Must("of", "{channel: push}", r.selector(&c.Binds)),
		strictyaml.Must("veto_when", "'"+exampleVeto+"'", r.expression(&c.Vetoes)),
	}
}

func (r *reader) expression(into *celrule.Rule) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		if r.compiler == nil {
			compiler, err := celrule.New()
			if err != nil {
				r.Wrong(e.Value, "custom rules cannot be read by this build: %s", err)
				return
			}
			r.compiler = compiler
		}
		rule, mistakes := r.compiler.Compile(s, r.counts())
		*into = rule
		for _, m := range mistakes {
			r.WrongWithin(e.Value, m.At, "%s", m.What)
		}
	}
}

// counts are the names of the caps; nil where one of them could not be read.
func (r *reader) counts() []string {
	if slices.Contains(r.counted, "") {
		return nil
	}
	return append([]string{}, r.counted...)
}
