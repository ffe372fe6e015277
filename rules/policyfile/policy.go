package policyfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// policy reads the whole document.
func (r *reader) policy(n *yaml.Node) {
	r.Mapping(strictyaml.Root(n, "policy: no-means-no"), "a policy", r.policyFields(has(n, "vocabulary"))...)
}

// has says whether a mapping has the key.
func has(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// policyFields are the keys of a policy. The vocabulary comes first, wherever
// it stands in the text, because the rules speak its words; where it is another
// policy's there need be no own.
func (r *reader) policyFields(borrowed bool) []strictyaml.Field {
	s := &r.spec
	return []strictyaml.Field{
		strictyaml.Must("policy", "no-means-no", r.name(&s.Name)),
		strictyaml.May("vocabulary", "no-means-no", r.vocabulary),
		{Key: "purposes", Write: "{marketing: solicitation}", Needed: !borrowed, Read: r.declarePurposes},
		{Key: "channels", Write: "{email: {}}", Needed: !borrowed, Read: r.declareChannels},
		strictyaml.May("default_zones", "[Europe/Berlin, Europe/Lisbon]", r.defaultZones),
		strictyaml.May("clock", byArrival, r.whoseClock),
		strictyaml.May("approvals", "{live: 15m}", r.only("live", "15m", &s.ApprovalLife)),
		strictyaml.May("max_age", "72h", r.plainly(r.spanAt(&s.MaxAge))),
		strictyaml.May("confirmation", "{within: 5m}", r.only("within", "5m", &s.Confirmation)),
		strictyaml.May("opt_out_phrases", "[please stop texting me]", r.plainly(r.phrases(&s.OptOutPhrases))),
		strictyaml.May("opt_out_of", "{call: [stop calling me]}", r.plainly(r.optOutOf)),
		strictyaml.May("opt_in_phrases", "[text me again]", r.plainly(r.optIns)),
		strictyaml.Never("refusals", "refusals hold under every policy: leave the key out"),
		strictyaml.Never("shadow", "a policy is not tried out as a whole, because a refusal cannot be tried out: write shadow: true into each rule that is on trial"),
		strictyaml.May("answer_once", "{}", r.answerOnce),
		strictyaml.May("consent_required", "{class: solicitation, channel: sms}", r.consents),
		strictyaml.May("same_message", "{within: 24h}", r.spanRule("within", "24h", &s.SameMessage)),
		strictyaml.May("silence", "{after: 90d}", r.spanRule("after", "90d", &s.Silence)),
		strictyaml.May("streak", "{at_most: 3}", r.streak),
		strictyaml.May("quiet_hours", exampleHours, r.quietHours),
		strictyaml.May("holidays", exampleHolidays, r.holidays),
		strictyaml.May("caps", exampleCap, r.caps),
		strictyaml.May("pauses", examplePause, r.pauses),
		strictyaml.May("gaps", exampleGap, r.gaps),
		strictyaml.May("one_channel", "{within: 24h}", r.spanRule("within", "24h", &s.OneChannel)),
		strictyaml.May("abandoned_calls", "{no_predictive_for: 72h}", r.spanRule("no_predictive_for", "72h", &s.Abandoned)),
		strictyaml.May("abandon_rates", exampleRate, r.rates),
		strictyaml.May("campaigns", "{spring-sale: "+exampleCampaign+"}", r.campaigns),
		strictyaml.May("registered_only", "{}", r.registeredOnly),
		strictyaml.May("custom", exampleCustom, r.custom),
		strictyaml.May("notices", "{wait: 15m, repeat: 24h}", r.notices),
	}
}

// spanAt reads a duration that is remembered with the place of its key.
func (r *reader) spanAt(into *rules.Span) func(entry) {
	return func(e entry) {
		r.duration(&into.Of)(e)
		into.Line = r.At(e.Key)
		if into.Of == 0 { // wrong, and said so
			*into = rules.Span{}
		}
	}
}

// only reads a mapping with nothing but a duration.
func (r *reader) only(key, write string, into *rules.Span) func(entry) {
	return func(e entry) {
		r.Mapping(e, e.Key.Value, r.onlyFields(key, write, into)...)
	}
}

func (r *reader) onlyFields(key, write string, into *rules.Span) []strictyaml.Field {
	return append(untried(), strictyaml.Must(key, write, r.spanAt(into)))
}

// spanRule reads a rule that has no setting but a duration.
func (r *reader) spanRule(key, write string, into **rules.SpanRule) func(entry) {
	return func(e entry) {
		rule := rules.SpanRule{Terms: rules.Terms{Line: r.At(e.Key)}}
		if r.rule(e, e.Key.Value, &rule.Terms, strictyaml.Must(key, write, r.duration(&rule.Within))) {
			*into = &rule
		}
	}
}

func (r *reader) registeredOnly(e entry) {
	rule := rules.TermsRule{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.rule(e, e.Key.Value, &rule.Terms) {
		r.spec.Registered = &rule
	}
}

func (r *reader) answerOnce(e entry) {
	rule := rules.TermsRule{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.Mapping(e, e.Key.Value, r.answerFields(&rule)...) {
		r.spec.AnswerOnce = &rule
	}
}

func (r *reader) answerFields(a *rules.TermsRule) []strictyaml.Field {
	return r.enforced(&a.Terms, "an answer that is let through")
}

func (r *reader) streak(e entry) {
	rule := rules.StreakSpec{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.rule(e, "streak", &rule.Terms, r.streakFields(&rule)...) {
		r.spec.Streak = &rule
	}
}

func (r *reader) streakFields(s *rules.StreakSpec) []strictyaml.Field {
	return []strictyaml.Field{strictyaml.Must("at_most", "3", r.count(1, &s.Most))}
}

func (r *reader) notices(e entry) {
	rule := rules.NoticeSpec{Terms: rules.Terms{Line: r.At(e.Key)}}
	if r.Mapping(e, "notices", r.noticeFields(&rule)...) {
		r.spec.Notices = &rule
	}
}

func (r *reader) noticeFields(n *rules.NoticeSpec) []strictyaml.Field {
	return append([]strictyaml.Field{
		strictyaml.Must("wait", "15m", r.duration(&n.Wait)),
		strictyaml.Must("repeat", "24h", r.duration(&n.Repeat)),
		strictyaml.Never("group_wait", "notices about one subject wait for each other: write wait"),
	}, r.enforced(&n.Terms, "what holds notices back")...)
}
