package policyfile

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// purposes reads what intents may be for: a class, or a class and a role.
func (r *reader) purposes(e entry) {
	r.each(e, "purposes", func(p entry) {
		spec := rules.PurposeSpec{Name: rules.Purpose(p.key.Value), Line: r.at(p.key)}
		p.write = "solicitation"
		before := r.failures
		if p.value.Kind == yaml.MappingNode {
			r.mapping(p, "a purpose",
				field{"class", "solicitation", must, r.class(&spec.Class)},
				field{"role", "winback", may, r.role(&spec.Role)},
			)
		} else {
			r.class(&spec.Class)(p)
		}
		if r.failures == before {
			r.spec.Purposes = append(r.spec.Purposes, spec)
		}
	})
}

func (r *reader) class(into *rules.Class) func(entry) {
	return func(e entry) { *into, _ = oneOf(r, e, "class", rules.Classes()...) }
}

func (r *reader) role(into *rules.Role) func(entry) {
	return func(e entry) { *into, _ = oneOf(r, e, "role", rules.Winback, rules.ConsentRequest) }
}

// The two things that a channel can do about deliveries.
const (
	reported   = "reported"
	unreported = "unreported"
)

// declared reads the channels. One that has something wrong is declared all the
// same, or every rule that names it would be complained about.
func (r *reader) declared(e entry) {
	r.channels = map[string]bool{}
	r.each(e, "channels", func(c entry) {
		spec := rules.ChannelSpec{Name: rules.Channel(c.key.Value), Line: r.at(c.key)}
		r.channels[c.key.Value] = true
		c.write = "{}, or {delivery: unreported} if it does not report what was delivered"
		r.mapping(c, "a channel", field{"delivery", unreported, may, func(d entry) {
			said, _ := oneOf(r, d, "delivery", reported, unreported)
			spec.Silent = said == unreported
		}})
		r.spec.Channels = append(r.spec.Channels, spec)
	})
}

// each reads a mapping whose keys are names that the policy gives.
func (r *reader) each(e entry, what string, read func(entry)) {
	if !r.kind(e, what, yaml.MappingNode) {
		return
	}
	entries := r.entries(e.value)
	if len(entries) == 0 && len(e.value.Content) == 0 {
		r.wrong(e.value, "%s are empty, so every intent would be malformed: write for example %s", what, e.write)
	}
	for _, have := range entries {
		switch {
		case !r.named(have.key, have.key.Value):
		case isNull(have.value):
			r.wrong(have.key, "%q has no value: write for example %s", have.key.Value, e.write)
		default:
			read(have)
		}
	}
}

// defaultZones reads where a person may be of whom nothing is known.
func (r *reader) defaultZones(e entry) {
	for _, z := range r.items(e) {
		name, ok := r.scalar(z)
		if !ok {
			continue
		}
		zone, err := r.zones.Find(name)
		if err != nil {
			r.wrong(z.value, "%s", err)
			continue
		}
		r.spec.Zones = append(r.spec.Zones, rules.ZoneSpec{Zone: zone, Line: r.at(z.value)})
	}
}

// phrases reads replies that have a meaning beyond that of the words of the law.
func (r *reader) phrases(into *[]string) func(entry) {
	return func(e entry) {
		for _, p := range r.items(e) {
			phrase, ok := r.scalar(p)
			if !ok {
				continue
			}
			said := strings.Join(words(phrase), " ")
			first, twice := r.heard[said]
			switch {
			case said == "":
				r.wrong(p.value, "the phrase %q has no words, so it would mean every reply without any: write for example %s", phrase, e.write)
			case twice:
				r.wrong(p.value, "the phrase %q is there twice, first at line %d under %s: keep one", phrase, first.value.Line, first.key.Value)
			default:
				r.heard[said] = p
				*into = append(*into, phrase)
			}
		}
	}
}

// words are the words of a phrase, letter case and punctuation aside, as package
// rules reads replies.
func words(phrase string) []string {
	return strings.FieldsFunc(strings.ToLower(phrase), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
	})
}
