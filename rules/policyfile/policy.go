package policyfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
)

// policy reads the whole document. The vocabulary comes first, wherever it
// stands in the text, because the rules speak its words.
func (r *reader) policy(n *yaml.Node) {
	s := &r.spec
	r.mapping(entry{key: n, value: n, write: "policy: no-means-no"}, "a policy",
		field{"policy", "no-means-no", must, r.name(&s.Name)},
		field{"purposes", "{marketing: solicitation}", must, r.purposes},
		field{"channels", "{email: {}}", must, r.declared},
		field{"default_zones", "[Europe/Berlin, Europe/Lisbon]", may, r.defaultZones},
		field{"approvals", "{live: 15m}", may, r.only("live", "15m", &s.ApprovalLife)},
		field{"max_age", "72h", may, r.spanAt(&s.MaxAge)},
		field{"confirmation", "{within: 5m}", may, r.only("within", "5m", &s.Confirmation)},
		field{"opt_out_phrases", "[please stop texting me]", may, r.phrases(&s.OptOutPhrases)},
		field{"opt_in_phrases", "[text me again]", may, r.phrases(&s.OptInPhrases)},
		field{"consent_required", "{class: solicitation, channel: sms}", may, r.consents},
		field{"same_message", "{within: 24h}", may, r.rule("within", "24h", &s.SameMessage)},
		field{"silence", "{after: 90d}", may, r.rule("after", "90d", &s.Silence)},
		field{"streak", "{at_most: 3}", may, r.streak},
		field{"quiet_hours", exampleHours, may, r.quietHours},
		field{"caps", exampleCap, may, r.caps},
		field{"gaps", exampleGap, may, r.gaps},
		field{"one_channel", "{within: 24h}", may, r.rule("within", "24h", &s.OneChannel)},
		field{"abandoned_calls", "{no_predictive_for: 72h}", may, r.rule("no_predictive_for", "72h", &s.Abandoned)},
		field{"notices", "{wait: 15m, repeat: 24h}", may, r.notices},
	)
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
