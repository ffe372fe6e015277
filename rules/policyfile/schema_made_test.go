package policyfile

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// The schema is made here. Which keys there are, which of them are needed and
// what a good value looks like is asked of the reader, so that an editor and the
// governor cannot disagree; what a key says and what its value is stands below.
func TestSchemaIsMade(t *testing.T) {
	says := keywords()
	used := map[string]bool{}
	defs := definitions()
	var policy ordered
	for _, o := range objects() {
		made := o.made(t, says, used)
		if o.name == "policy" {
			policy = made
			continue
		}
		defs = append(defs, pair{o.name, made})
	}
	for key := range maps.Keys(says) {
		if !used[key] {
			t.Errorf("the schema has words for %s, which is no key", key)
		}
	}
	schema := slices.Concat(ordered{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "https://github.com/contactgovernor/governor/rules/policyfile/policy.schema.json"},
		{"title", "A policy of the contact governor"},
		{"description", "For editors. What rules/README.md describes. governor check sees more: names that are not declared, hours that overlap, and whatever needs two places at once."},
	}, policy, ordered{{"$defs", defs}})
	flat, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, flat, "", "  "); err != nil {
		t.Fatal(err)
	}
	want.WriteByte('\n')
	if *update {
		if err := os.WriteFile("policy.schema.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := read1(t, "policy.schema.json"); !bytes.Equal(got, want.Bytes()) {
		t.Error("policy.schema.json is not what the reader knows: go test ./rules/policyfile -run Schema -update, and look at the difference")
	}
}

// object is a mapping of the language.
type object struct {
	name   string
	fields []strictyaml.Field
	also   ordered // what its keys have to do with each other
}

func (o object) made(t *testing.T, says map[string]word, used map[string]bool) ordered {
	t.Helper()
	required, properties := []string{}, ordered{}
	for _, f := range o.fields {
		if f.Read == nil {
			continue
		}
		key := o.name + "." + f.Key
		w, ok := says[key]
		if !ok {
			key = f.Key // the same wherever it stands
			w, ok = says[key]
		}
		used[key] = true
		if !ok {
			t.Errorf("the schema has no words for %s.%s", o.name, f.Key)
			continue
		}
		if f.Needed {
			required = append(required, f.Key)
		}
		var example any
		if err := json.Unmarshal(asJSON(t, f.Write), &example); err != nil {
			t.Fatal(err)
		}
		properties = append(properties, pair{f.Key, slices.Concat(ordered{{"description", w.says}}, w.is, ordered{{"examples", []any{example}}})})
	}
	out := ordered{{"type", "object"}, {"additionalProperties", false}}
	if len(required) > 0 && o.also == nil {
		out = append(out, pair{"required", required})
	}
	return slices.Concat(out, o.also, ordered{{"properties", properties}})
}

// asJSON is the YAML as an editor reads it: days of the calendar are texts.
func asJSON(t *testing.T, text string) []byte {
	t.Helper()
	value, err := plainValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func plainValue(text []byte) (value any, err error) {
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		return nil, err
	}
	var texts func(*yaml.Node)
	texts = func(n *yaml.Node) {
		if n.ShortTag() == "!!timestamp" {
			n.Tag = "!!str"
		}
		for _, child := range n.Content {
			texts(child)
		}
	}
	texts(&n)
	err = n.Decode(&value)
	return value, err
}

// ordered is a JSON object whose keys stay in order.
type ordered []pair

type pair struct {
	key   string
	value any
}

func (o ordered) MarshalJSON() ([]byte, error) {
	parts := make([]string, len(o))
	for i, p := range o {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(p.value); err != nil {
			return nil, err
		}
		parts[i] = `"` + p.key + `":` + b.String()
	}
	return []byte("{" + strings.Join(parts, ",") + "}"), nil
}

func ref(name string) ordered { return ordered{{"$ref", "#/$defs/" + name}} }

// some is a value, or a list of values.
func some(name string) ordered {
	return ordered{{"oneOf", []any{ref(name), ordered{{"type", "array"}, {"minItems", 1}, {"items", ref(name)}}}}}
}

// different is a word, or a list of different ones.
func different(name string) ordered {
	return ordered{{"oneOf", []any{ref(name), ordered{{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}, {"items", ref(name)}}}}}
}

func whole(from, to int) ordered {
	return ordered{{"type", "integer"}, {"minimum", from}, {"maximum", to}}
}

func named(of string) ordered {
	return ordered{{"type", "object"}, {"minProperties", 1}, {"propertyNames", ref("name")}, {"additionalProperties", ref(of)}}
}

func text(pattern string) ordered { return ordered{{"type", "string"}, {"pattern", pattern}} }

func anyOf(names ...string) ordered {
	var of []any
	for _, name := range names {
		of = append(of, ref(name))
	}
	return ordered{{"oneOf", of}}
}

// objects are the mappings, with the keys that the reader knows.
func objects() []object {
	r := &reader{}
	nothing := func(entry) {}
	rule := func(fields ...strictyaml.Field) []strictyaml.Field { return append(fields, r.terms(&rules.Terms{})...) }
	vocabulary := ordered{
		{"required", []string{"policy"}},
		{"anyOf", []any{ordered{{"required", []string{"vocabulary"}}}, ordered{{"required", []string{"purposes", "channels"}}}}},
	}
	openOrClosed := ordered{
		{"required", []string{"days"}},
		{"oneOf", []any{ordered{{"required", []string{"from", "to"}}, {"properties", ordered{{"closed", false}}}}, ordered{{"required", []string{"closed"}}, {"properties", ordered{{"from", false}, {"to", false}}}}}},
	}
	picks := ordered{{"anyOf", []any{
		ordered{{"required", []string{"class"}}}, ordered{{"required", []string{"channel"}}},
		ordered{{"required", []string{"purpose"}}}, ordered{{"required", []string{"mode"}}},
	}}}
	return []object{
		{"policy", r.policyFields(false), vocabulary},
		{"purpose", r.purposeFields(&rules.PurposeSpec{}), nil},
		{"channel", r.channelFields(&rules.ChannelSpec{}), nil},
		{"approvals", r.onlyFields("live", "15m", &rules.Span{}), nil},
		{"confirmation", r.onlyFields("within", "5m", &rules.Span{}), nil},
		{"answer_once", r.answerFields(&rules.TermsRule{}), nil},
		{"selection", r.selectorFields(&rules.Selector{}), picks},
		{"exception", r.pickFields(&rules.Selector{}), picks},
		{"consent", rule(r.selectorFields(&rules.Selector{})...), picks},
		{"same_message", rule(strictyaml.Must("within", "24h", nothing)), nil},
		{"silence", rule(strictyaml.Must("after", "90d", nothing)), nil},
		{"streak", rule(r.streakFields(&rules.StreakSpec{})...), nil},
		{"hours", rule(r.hoursFields(&rules.HoursSpec{}, &week{})...), nil},
		{"span", r.spanFields(&span{}, false), openOrClosed},
		{"holidays", rule(r.holidayFields(&rules.HolidaySpec{})...), nil},
		{"cap", rule(r.capFields(&rules.CapSpec{})...), nil},
		{"waiver", r.waiverFields(&rules.WaiverSpec{}), nil},
		{"reserve", r.reserveFields(&rules.CapSpec{}, &rules.ReserveSpec{}), nil},
		{"pause", rule(r.pauseFields(&rules.PauseSpec{})...), nil},
		{"gap", rule(r.gapFields(&rules.GapSpec{})...), nil},
		{"one_channel", rule(strictyaml.Must("within", "24h", nothing)), nil},
		{"abandoned_calls", rule(strictyaml.Must("no_predictive_for", "72h", nothing)), nil},
		{"rate", rule(r.rateFields(&rules.RateSpec{})...), nil},
		{"campaign", r.campaignFields(&rules.CampaignSpec{}), nil},
		{"way", r.wayFields(&rules.WaySpec{}), nil},
		{"registered_only", rule(), nil},
		{"custom", rule(r.customFields(&rules.CustomSpec{})...), nil},
		{"notices", r.noticeFields(&rules.NoticeSpec{}), nil},
	}
}

// word is what the schema says about a key.
type word struct {
	says string
	is   ordered
}

// keywords has them by object.key, or by the key where it says the same everywhere.
func keywords() map[string]word {
	return map[string]word{
		"policy.policy":           {"The policy's name, as decisions tell it.", ref("name")},
		"policy.vocabulary":       {"The built-in policy whose purposes and channels this one uses. Own ones may stand beside them.", ordered{{"enum", vocabularies()}}},
		"policy.purposes":         {"What an intent may be for, and the class it is judged and counted as. Any other purpose is malformed.", ordered{{"type", "object"}, {"minProperties", 1}, {"propertyNames", ref("name")}, {"additionalProperties", anyOf("class", "purpose")}}},
		"policy.channels":         {"Where contacts may happen. Any other channel is malformed.", named("channel")},
		"policy.default_zones":    {"IANA names of where a person may be of whom nothing is known; all of them must allow. Default: UTC.", different("text")},
		"policy.clock":            {"Whose time decisions are made at. arrival: the governor's, when the intent comes. event: the intent's own, for a benchmark or a memory that is filled from a history; never before a dialer. Default: arrival.", ordered{{"enum", []string{byArrival, byEvent}}}},
		"policy.approvals":        {"How long an approval may be redeemed. Default: 15m.", ref("approvals")},
		"policy.max_age":          {"An intent of this age is stale. Default: 72h.", ref("duration")},
		"policy.confirmation":     {"How long after an opt-out its one confirmation may be sent. Default: 5m.", ref("confirmation")},
		"policy.opt_out_phrases":  {"Replies that are a refusal, beyond the words of the law: the whole text, letter case and punctuation aside.", different("phrase")},
		"policy.opt_out_of":       {"Replies that are a refusal of the channel that they name, and of the one they come by.", ordered{{"type", "object"}, {"minProperties", 1}, {"additionalProperties", different("phrase")}}},
		"policy.opt_in_phrases":   {"Replies that are a consent, beyond START and UNSTOP: the whole text, letter case and punctuation aside.", different("phrase")},
		"policy.answer_once":      {"Whoever asks through a refused medium is answered there, once.", ref("answer_once")},
		"policy.consent_required": {"What needs a consent that covers it: consent.required. Consent is presumed for everything else.", some("consent")},
		"policy.same_message":     {"The same message to one person at most once within: dedupe.content.", ref("same_message")},
		"policy.silence":          {"Unanswered for so long is an answer: silence, silence.winback.", ref("silence")},
		"policy.streak":           {"A campaign ends after so many unanswered contacts: silence.streak.", ref("streak")},
		"policy.quiet_hours":      {"When channels are closed, local to the person: quiet.hours.", some("hours")},
		"policy.holidays":         {"On which days channels are closed, from midnight to midnight where the person is: quiet.holiday.", some("holidays")},
		"policy.caps":             {"At most so many contacts within a window: cap.<name>. The first that objects gives the reason.", some("cap")},
		"policy.pauses":           {"Nobody contacts a person for so long after a conversation: cap.<name>.", some("pause")},
		"policy.gaps":             {"Contacts are at least so long apart: pace.min_gap.", some("gap")},
		"policy.one_channel":      {"A campaign keeps to one channel within: channel.blast.", ref("one_channel")},
		"policy.abandoned_calls":  {"After a call was abandoned, no predictive dialer calls the person for so long: abandon.cooldown.", ref("abandoned_calls")},
		"policy.abandon_rates":    {"How many of a campaign's answered calls may be abandoned before its predictive calls stop for the rest of the period: abandon.rate.", some("rate")},
		"policy.campaigns":        {"The registered campaigns, by the name that their intents carry: campaign.unfit, campaign.ended, campaign.killed.", ordered{{"type", "object"}, {"minProperties", 1}, {"propertyNames", ordered{{"pattern", `\S`}, {"maxLength", longestCampaign}}}, {"additionalProperties", ref("campaign")}}},
		"policy.registered_only":  {"A campaign that is not registered is campaign.unfit.", ref("registered_only")},
		"policy.custom":           {"The policy's own rules, in CEL: custom.<name>.", some("custom")},
		"policy.notices":          {"Notices about one subject wait for each other, and are repeated no sooner than so long after: coalesced.", ref("notices")},

		"from":       {"The first day on which the rule is in force, where the person is.", ref("date")},
		"until":      {"The last day on which the rule is in force, where the person is.", ref("date")},
		"shadow":     {"true: decided and reported, and not enforced.", ref("yes")},
		"cites":      {"The sentence or paragraph that the rule comes from.", ordered{{"type", []string{"string", "number"}}, {"minLength", 1}}},
		"unverified": {"true: nobody read the source itself.", ref("yes")},

		"class":   {"The classes that are meant. An ask is a solicitation.", different("selectable")},
		"channel": {"The channels that are meant.", different("text")},
		"purpose": {"The purposes that are meant.", different("text")},
		"mode":    {"How the calls are placed that are meant.", different("mode")},
		"except":  {"What is taken out of the selection again.", ref("exception")},

		"purpose.class":    {"What the purpose is to the person.", ref("class")},
		"purpose.role":     {"winback: refused by a cancellation of the brand. consent_request: refused together with the purpose it asks for.", ordered{{"enum", []rules.Role{rules.Winback, rules.ConsentRequest}}}},
		"channel.delivery": {"unreported: sending counts as reaching the person. Default: reported.", ordered{{"enum", []string{reported, unreported}}}},
		"approvals.live":   {"How long.", ref("duration")},
		"within":           {"How long.", ref("duration")},
		"silence.after":    {"How long, from the first solicitation that was not answered.", ref("duration")},
		"streak.at_most":   {"How many of a campaign.", whole(1, mostContact)},

		"hours.of":        {"What the hours are about.", ref("selection")},
		"hours.outside":   {"Closed outside of these hours. Every day of the week is named, with hours or as closed.", some("span")},
		"span.days":       {"A day, a range such as mon-fri, or a list of them.", different("days")},
		"span.closed":     {"true: closed on these days.", ordered{{"const", true}}},
		"span.from":       {"Opens.", ref("clock")},
		"span.to":         {"Closes. 24:00 is the end of the day.", ref("clock")},
		"holidays.of":     {"What the holidays are about.", ref("selection")},
		"holidays.closed": {"12-25 every year, 2026-12-24 once, easter+1 so many days after Easter Sunday.", different("holiday")},

		"cap.name":         {"The reason is cap.<name>.", ref("name")},
		"cap.of":           {"What the cap stops, and counts unless counting says otherwise.", ref("selection")},
		"cap.at_most":      {"0 is none at all.", whole(0, mostContact)},
		"cap.within":       {"24h (rolling), 7 calendar days (today is one of them), calendar day, calendar week, calendar month, successive 30d (one period after the other), or ever.", anyOf("duration", "calendar_days", "calendar_period", "successive", "ever")},
		"cap.per":          {"Count only contacts that are the same in this, or in all of these.", different("key")},
		"cap.counting":     {"What the cap counts, where that is not what it stops.", ref("selection")},
		"cap.waived_by":    {"A prior consent that sets the cap aside.", ref("waiver")},
		"cap.reserve":      {"The last slots are for what is urgent; others are outranked.", ref("reserve")},
		"cap.arbitrate":    {"For how long the last slot waits for whoever is more urgent, from 1s to 24h.", ref("duration")},
		"waiver.consent":   {"For how long, or until the next conversation.", anyOf("duration", "calendar_days", "calendar_day")},
		"reserve.slots":    {"How many of the cap's slots.", whole(1, mostContact)},
		"reserve.priority": {"From this priority on an intent may have them.", whole(1, highestPriority)},
		"pause.name":       {"The reason is cap.<name>.", ref("name")},
		"pause.of":         {"What has to wait.", ref("selection")},
		"pause.after":      {"After a conversation, whoever began it.", ordered{{"const", "conversation"}}},
		"pause.none_for":   {"For how long. The day of the conversation is day 1.", anyOf("duration", "calendar_days", "calendar_day")},
		"pause.per":        {"Only after conversations about the same subject, or on the same channel.", different("pause_key")},
		"pause.waived_by":  {"A prior consent that sets the pause aside.", ref("waiver")},
		"gap.of":           {"What has to wait.", ref("selection")},
		"gap.at_least":     {"How long.", ref("duration")},
		"gap.counting":     {"What it has to wait after, where that is not the same.", ref("selection")},

		"abandoned_calls.no_predictive_for": {"How long.", ref("duration")},

		"rate.name":              {"Tells the rates of several policies apart.", ref("name")},
		"rate.at_most":           {"The share in percent, with at most one decimal.", ref("share")},
		"rate.per":               {"successive 30d from the campaign's first approved call, or a calendar day, week or month in the first of the default zones.", anyOf("successive", "calendar_period")},
		"campaign.ends":          {"The last day.", ref("date")},
		"campaign.most_attempts": {"How often the campaign comes to one person at most.", whole(1, mostContact)},
		"campaign.way_in":        {"How one joins.", ref("way")},
		"campaign.way_out":       {"How one leaves: no longer than the way in, and without begging, mocking or stalling.", ref("way")},
		"campaign.killed":        {"true: stopped at once, for good.", ref("yes")},
		"way.steps":              {"How many presses, pages, or calls. The shortest way has one.", whole(1, mostContact)},
		"way.label":              {"What the person presses.", ordered{{"type", "string"}, {"pattern", `\S`}, {"maxLength", longestLabel}}},
		"custom.name":            {"The reason is custom.<name>.", ref("name")},
		"custom.of":              {"What the rule is about.", ref("selection")},
		"custom.veto_when":       {"An expression in CEL that is true or false. It can look at intent (channel, purpose, campaign, subject, brand, engine, mode, message, zones, priority, contains_promotion), class, counts by the names of the caps, contacts and silent. One that fails vetoes.", ref("text")},
		"notices.wait":           {"From the first notice about a subject until all are judged.", ref("duration")},
		"notices.repeat":         {"From the last notice about a subject until the next.", ref("duration")},
	}
}

// definitions are the values of the language that are no mappings.
func definitions() ordered {
	const day = "(sun|mon|tue|wed|thu|fri|sat)"
	return ordered{
		{"name", ordered{{"type", "string"}, {"pattern", "^[A-Za-z][A-Za-z0-9._-]*$"}, {"maxLength", longestName}}},
		{"text", ordered{{"type", "string"}, {"minLength", 1}}},
		{"yes", ordered{{"type", "boolean"}}},
		{"phrase", text(`[\p{L}\p{N}\p{M}]`)},
		{"class", ordered{{"enum", rules.Classes()}}},
		{"selectable", ordered{{"enum", selectableClasses()}}},
		{"mode", ordered{{"enum", rules.Modes()}}},
		{"key", ordered{{"enum", rules.Keys()}}},
		{"pause_key", ordered{{"enum", []rules.Key{rules.PerSubject, rules.PerChannel}}}},
		{"duration", ordered{
			{"description", "Longer than nothing, in whole milliseconds: 15m, 24h, 1h30m, 90d. One d is 24 hours."},
			{"type", "string"},
			{"pattern", `^([0-9]+d)?([0-9]+(\.[0-9]+)?(h|m|s|ms))*$`},
			{"allOf", []any{ordered{{"pattern", "[1-9]"}}}},
			{"not", ordered{{"pattern", "^[0-9]{5,}d|[0-9]{7,}h"}}},
		}},
		{"calendar_days", ordered{{"type", "string"}, {"pattern", "^(1 calendar day|([2-9]|[1-9][0-9]{1,2}|1000) calendar days)$"}}},
		{"calendar_day", ordered{{"const", "calendar day"}}},
		{"calendar_period", ordered{{"enum", []string{"calendar day", "calendar week", "calendar month"}}}},
		{"successive", ordered{{"type", "string"}, {"pattern", `^successive ([0-9]+d)?([0-9]+(\.[0-9]+)?(h|m|s|ms))*$`}, {"allOf", []any{ordered{{"pattern", "[1-9]"}}}}}},
		{"ever", ordered{{"const", "ever"}}},
		{"share", text(`^(0|[1-9][0-9]?)(\.[0-9])?%$`)},
		{"date", text("^2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")},
		{"holiday", text("^(easter([+-][1-9][0-9]{0,2})?|(2[0-9]{3}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))$")},
		{"days", text("^" + day + "(-" + day + ")?$")},
		{"clock", text("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")},
	}
}
