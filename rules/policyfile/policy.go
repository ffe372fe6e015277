package policyfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// policy reads the whole document.
func (r *reader) policy(n *yaml.Node) {
	r.mapping(entry{key: n, value: n, write: "policy: no-means-no"}, "a policy", r.policyFields()...)
}

// policyFields are the keys of a policy. The vocabulary comes first, wherever
// it stands in the text, because the rules speak its words.
func (r *reader) policyFields() []field {
	s := &r.spec
	return []field{
		{"policy", "no-means-no", must, r.name(&s.Name)},
		{"purposes", "{marketing: solicitation}", must, r.purposes},
		{"channels", "{email: {}}", must, r.declared},
		{"default_zones", "[Europe/Berlin, Europe/Lisbon]", may, r.defaultZones},
		{"approvals", "{live: 15m}", may, r.only("live", "15m", &s.ApprovalLife)},
		{"max_age", "72h", may, r.spanAt(&s.MaxAge)},
		{"confirmation", "{within: 5m}", may, r.only("within", "5m", &s.Confirmation)},
		{"opt_out_phrases", "[please stop texting me]", may, r.phrases(&s.OptOutPhrases)},
		{"opt_in_phrases", "[text me again]", may, r.phrases(&s.OptInPhrases)},
		{"consent_required", "{class: solicitation, channel: sms}", may, r.consents},
		{"same_message", "{within: 24h}", may, r.rule("within", "24h", &s.SameMessage)},
		{"silence", "{after: 90d}", may, r.rule("after", "90d", &s.Silence)},
		{"streak", "{at_most: 3}", may, r.streak},
		{"quiet_hours", exampleHours, may, r.quietHours},
		{"caps", exampleCap, may, r.caps},
		{"gaps", exampleGap, may, r.gaps},
		{"one_channel", "{within: 24h}", may, r.rule("within", "24h", &s.OneChannel)},
		{"abandoned_calls", "{no_predictive_for: 72h}", may, r.rule("no_predictive_for", "72h", &s.Abandoned)},
		{"notices", "{wait: 15m, repeat: 24h}", may, r.notices},
	}
}

// spanAt reads a duration that is remembered with the place of its key.
func (r *reader) spanAt(into *rules.Span) func(entry) {
	return func(e entry) {
		r.span(&into.Of)(e)
		into.Line = r.at(e.key)
		if into.Of == 0 { // wrong, and said so
			*into = rules.Span{}
		}
	}
}

// only reads a mapping with nothing but a duration.
func (r *reader) only(key, write string, into *rules.Span) func(entry) {
	return func(e entry) {
		r.mapping(e, e.key.Value, field{key, write, must, r.spanAt(into)})
	}
}

// rule reads a rule that has no setting but a duration.
func (r *reader) rule(key, write string, into **rules.SpanRule) func(entry) {
	return func(e entry) {
		rule := rules.SpanRule{Line: r.at(e.key)}
		if r.mapping(e, e.key.Value, field{key, write, must, r.span(&rule.Within)}) {
			*into = &rule
		}
	}
}

func (r *reader) streak(e entry) {
	rule := rules.StreakSpec{Line: r.at(e.key)}
	if r.mapping(e, "streak", field{"at_most", "3", must, r.count(1, &rule.Most)}) {
		r.spec.Streak = &rule
	}
}

func (r *reader) notices(e entry) {
	rule := rules.NoticeSpec{Line: r.at(e.key)}
	if r.mapping(e, "notices",
		field{"wait", "15m", must, r.span(&rule.Wait)},
		field{"repeat", "24h", must, r.span(&rule.Repeat)},
	) {
		r.spec.Notices = &rule
	}
}
