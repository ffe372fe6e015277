package policyfile

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// purposes reads what intents may be for: a class, or a class and a role.
func (r *reader) purposes(e entry) {
	r.each(e, "purposes", func(p entry) {
		spec := rules.PurposeSpec{Name: rules.Purpose(p.Key.Value), Line: r.At(p.Key)}
		p.Write = "solicitation"
		before := r.Failures()
		if p.Value.Kind == yaml.MappingNode {
			r.Mapping(p, "a purpose",
				strictyaml.Must("class", "solicitation", r.class(&spec.Class)),
				strictyaml.May("role", "winback", r.role(&spec.Role)),
			)
		} else {
			r.class(&spec.Class)(p)
		}
		if r.Failures() == before {
			r.spec.Purposes = append(r.spec.Purposes, spec)
		}
	})
}

func (r *reader) class(into *rules.Class) func(entry) {
	return func(e entry) { *into, _ = strictyaml.OneOf(r.Reader, e, "class", rules.Classes()...) }
}

func (r *reader) role(into *rules.Role) func(entry) {
	return func(e entry) { *into, _ = strictyaml.OneOf(r.Reader, e, "role", rules.Winback, rules.ConsentRequest) }
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
		spec := rules.ChannelSpec{Name: rules.Channel(c.Key.Value), Line: r.At(c.Key)}
		r.channels[c.Key.Value] = true
		c.Write = "{}, or {delivery: unreported} if it does not report what was delivered"
		r.Mapping(c, "a channel", strictyaml.May("delivery", unreported, func(d entry) {
			said, _ := strictyaml.OneOf(r.Reader, d, "delivery", reported, unreported)
			spec.Silent = said == unreported
		}))
		r.spec.Channels = append(r.spec.Channels, spec)
	})
}

// each reads a mapping whose keys are names that the policy gives.
func (r *reader) each(e entry, what string, read func(entry)) {
	if !r.Is(e, what, yaml.MappingNode) {
		return
	}
	entries := r.Entries(e.Value)
	if len(entries) == 0 && len(e.Value.Content) == 0 {
		r.Wrong(e.Value, "%s are empty, so every intent would be malformed: write for example %s", what, e.Write)
	}
	for _, have := range entries {
		switch {
		case !r.named(have.Key, have.Key.Value):
		case strictyaml.IsNull(have.Value):
			r.Wrong(have.Key, "%q has no value: write for example %s", have.Key.Value, e.Write)
		default:
			read(have)
		}
	}
}

// defaultZones reads where a person may be of whom nothing is known.
func (r *reader) defaultZones(e entry) {
	for _, z := range r.Items(e) {
		name, ok := r.Text(z)
		if !ok {
			continue
		}
		zone, err := r.zones.Find(name)
		if err != nil {
			r.Wrong(z.Value, "%s", err)
			continue
		}
		r.spec.Zones = append(r.spec.Zones, rules.ZoneSpec{Zone: zone, Line: r.At(z.Value)})
	}
}

// phrases reads replies that have a meaning beyond that of the words of the law.
func (r *reader) phrases(into *[]string) func(entry) {
	return func(e entry) {
		for _, p := range r.Items(e) {
			phrase, ok := r.Text(p)
			if !ok {
				continue
			}
			said := strings.Join(words(phrase), " ")
			first, twice := r.heard[said]
			switch {
			case said == "":
				r.Wrong(p.Value, "the phrase %q has no words, so it would mean every reply without any: write for example %s", phrase, e.Write)
			case twice:
				r.Wrong(p.Value, "the phrase %q is there twice, first at line %d under %s: keep one", phrase, first.Value.Line, first.Key.Value)
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
