package policyfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// policy reads the whole document.
func (r *reader) policy(n *yaml.Node) {
	r.Mapping(strictyaml.Root(n, "policy: no-means-no"), "a policy", r.policyFields()...)
}

// policyFields are the keys of a policy. The vocabulary comes first, wherever
// it stands in the text, because the rules speak its words.
func (r *reader) policyFields() []strictyaml.Field {
	s := &r.spec
	return []strictyaml.Field{
		strictyaml.Must("policy", "no-means-no", r.name(&s.Name)),
		strictyaml.Must("purposes", "{marketing: solicitation}", r.purposes),
		strictyaml.Must("channels", "{email: {}}", r.declared),
		strictyaml.May("default_zones", "[Europe/Berlin, Europe/Lisbon]", r.defaultZones),
		strictyaml.May("approvals", "{live: 15m}", r.only("live", "15m", &s.ApprovalLife)),
		strictyaml.May("max_age", "72h", r.spanAt(&s.MaxAge)),
		strictyaml.May("confirmation", "{within: 5m}", r.only("within", "5m", &s.Confirmation)),
		strictyaml.May("opt_out_phrases", "[please stop texting me]", r.phrases(&s.OptOutPhrases)),
		strictyaml.May("opt_in_phrases", "[text me again]", r.phrases(&s.OptInPhrases)),
		strictyaml.May("consent_required", "{class: solicitation, channel: sms}", r.consents),
		strictyaml.May("same_message", "{within: 24h}", r.rule("within", "24h", &s.SameMessage)),
		strictyaml.May("silence", "{after: 90d}", r.rule("after", "90d", &s.Silence)),
		strictyaml.May("streak", "{at_most: 3}", r.streak),
		strictyaml.May("quiet_hours", exampleHours, r.quietHours),
		strictyaml.May("caps", exampleCap, r.caps),
		strictyaml.May("gaps", exampleGap, r.gaps),
		strictyaml.May("one_channel", "{within: 24h}", r.rule("within", "24h", &s.OneChannel)),
		strictyaml.May("abandoned_calls", "{no_predictive_for: 72h}", r.rule("no_predictive_for", "72h", &s.Abandoned)),
		strictyaml.May("notices", "{wait: 15m, repeat: 24h}", r.notices),
	}
}

// spanAt reads a duration that is remembered with the place of its key.
func (r *reader) spanAt(into *rules.Span) func(entry) {
	return func(e entry) {
		r.span(&into.Of)(e)
		into.Line = r.At(e.Key)
		if into.Of == 0 { // wrong, and said so
			*into = rules.Span{}
		}
	}
}

// only reads a mapping with nothing but a duration.
func (r *reader) only(key, write string, into *rules.Span) func(entry) {
	return func(e entry) {
		r.Mapping(e, e.Key.Value, strictyaml.Must(key, write, r.spanAt(into)))
	}
}

// rule reads a rule that has no setting but a duration.
func (r *reader) rule(key, write string, into **rules.SpanRule) func(entry) {
	return func(e entry) {
		rule := rules.SpanRule{Terms: rules.Terms{Line: r.At(e.Key)}}
		if r.Mapping(e, e.Key.Value, strictyaml.Must(key, write, r.span(&rule.Within))) {
			*into = &rule
		}
	}
}

func (r *reader) streak(e entry) {
	rule := rules.StreakSpec{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.Mapping(e, "streak", strictyaml.Must("at_most", "3", r.count(1, &rule.Most))) {
		r.spec.Streak = &rule
	}
}

func (r *reader) notices(e entry) {
	rule := rules.NoticeSpec{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.Mapping(e, "notices",
		strictyaml.Must("wait", "15m", r.span(&rule.Wait)),
		strictyaml.Must("repeat", "24h", r.span(&rule.Repeat)),
	) {
		r.spec.Notices = &rule
	}
}
