package policyfile

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// vocabulary reads whose purposes and channels the policy uses: those of a
// built-in policy that declares its own.
func (r *reader) vocabulary(e entry) {
	r.adrift = true
	name, ok := r.Text(e)
	if !ok {
		return
	}
	text, ok := packs.Find(name)
	if !ok {
		r.Wrong(e.Value, "no built-in policy %q: %s", name, strictyaml.Suggest(name, vocabularies()))
		return
	}
	doc, root := strictyaml.Read(strictyaml.Source{File: packs.File(name), Text: text, Noun: "policy"})
	if has(root, e.Key.Value) {
		r.Wrong(e.Value, "policy %q has the vocabulary of another: %s", name, strictyaml.Suggest("", vocabularies()))
		return
	}
	lender := reader{Reader: doc}
	for _, have := range doc.Entries(root) {
		switch have.Key.Value {
		case "purposes":
			lender.declarePurposes(have)
		case "channels":
			lender.declareChannels(have)
		}
	}
	r.spec.Purposes, r.purposes = lender.spec.Purposes, lender.purposes
	r.spec.Channels, r.channels = lender.spec.Channels, lender.channels
	r.lender, r.lent, r.adrift = name, text, false
}

// vocabularies are the built-in policies that declare their own.
func vocabularies() []string {
	return slices.DeleteFunc(packs.Names(), func(name string) bool {
		text, _ := packs.Find(name)
		_, root := strictyaml.Read(strictyaml.Source{File: packs.File(name), Text: text, Noun: "policy"})
		return root == nil || has(root, "vocabulary")
	})
}

// lends says whether the vocabulary that is used has the word already.
func (r *reader) lends(e entry, what string, declared map[string]bool) bool {
	if declared[e.Key.Value] {
		r.Wrong(e.Key, "%s %q is in the vocabulary of %s: leave it out, or give it another name", what, e.Key.Value, r.lender)
	}
	return declared[e.Key.Value]
}

// declarePurposes reads what intents may be for: a class, or a class and a role.
// One that has something wrong is declared all the same, or every rule that names
// it would be complained about.
func (r *reader) declarePurposes(e entry) {
	lent := r.purposes
	r.purposes = maps.Clone(lent)
	if r.purposes == nil {
		r.purposes = map[string]bool{}
	}
	r.each(e, "purposes", func(p entry) {
		r.purposes[p.Key.Value] = true
		if r.lends(p, "purpose", lent) {
			return
		}
		spec := rules.PurposeSpec{Name: rules.Purpose(p.Key.Value), Line: r.At(p.Key)}
		p.Write = "solicitation"
		before := r.Failures()
		if p.Value.Kind == yaml.MappingNode {
			r.Mapping(p, "a purpose", r.purposeFields(&spec)...)
		} else {
			r.class(&spec.Class)(p)
		}
		if r.Failures() == before {
			r.spec.Purposes = append(r.spec.Purposes, spec)
		}
	})
	if r.adrift {
		r.purposes = nil
	}
}

func (r *reader) purposeFields(p *rules.PurposeSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("class", "solicitation", r.class(&p.Class)),
		strictyaml.May("role", "winback", r.role(&p.Role)),
	}
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

// declareChannels reads the channels, as declarePurposes the purposes.
func (r *reader) declareChannels(e entry) {
	lent := r.channels
	r.channels = maps.Clone(lent)
	if r.channels == nil {
		r.channels = map[string]bool{}
	}
	r.each(e, "channels", func(c entry) {
		r.channels[c.Key.Value] = true
		if r.lends(c, "channel", lent) {
			return
		}
		spec := rules.ChannelSpec{Name: rules.Channel(c.Key.Value), Line: r.At(c.Key)}
		c.Write = "{}, or {delivery: unreported} if it does not report what was delivered"
		r.Mapping(c, "a channel", r.channelFields(&spec)...)
		r.spec.Channels = append(r.spec.Channels, spec)
	})
	if r.adrift {
		r.channels = nil
	}
}

func (r *reader) channelFields(c *rules.ChannelSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.May("delivery", unreported, func(d entry) {
			said, _ := strictyaml.OneOf(r.Reader, d, "delivery", reported, unreported)
			c.Silent = said == unreported
		}),
	}
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
			said := rules.Plain(phrase)
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

// optOutOf reads phrases for a no that name the channel they are about.
func (r *reader) optOutOf(e entry) {
	if !r.Is(e, e.Key.Value, yaml.MappingNode) {
		return
	}
	entries := r.Entries(e.Value)
	if len(entries) == 0 && len(e.Value.Content) == 0 {
		r.Wrong(e.Value, "no phrase is here: write for example %s, or leave the key out", e.Write)
	}
	for _, have := range entries {
		have.Write = "[stop calling me]"
		if r.channels != nil && !r.channels[have.Key.Value] {
			r.Wrong(have.Key, "channel %q is not declared under channels: %s", have.Key.Value, strictyaml.Suggest(have.Key.Value, slices.Sorted(maps.Keys(r.channels))))
			continue
		}
		of := rules.OptOutOfSpec{Channel: rules.Channel(have.Key.Value), Line: r.At(have.Key)}
		r.phrases(&of.Phrases)(have)
		if len(of.Phrases) > 0 {
			r.spec.OptOutOf = append(r.spec.OptOutOf, of)
		}
	}
}

// optIns reads phrases for a yes, which come after those for a no.
func (r *reader) optIns(e entry) {
	r.phrases(&r.spec.OptInPhrases)(e)
	for _, phrase := range r.spec.OptInPhrases {
		if rules.ContradictsOptOut(phrase, r.spec.OptOuts()) {
			r.Wrong(r.heard[rules.Plain(phrase)].Value, "the phrase %q is heard as a no, and a no goes before a yes: leave it out", phrase)
		}
	}
}
