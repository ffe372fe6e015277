package explain

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// strictest has a rule of every kind, some of them on trial or not in force at all times.
const strictest = `policy: strictest
vocabulary: no-means-no
default_zones: [Europe/Berlin, America/New_York]
answer_once: {}
consent_required: [{class: solicitation, channel: call, from: 2026-05-06}]
same_message: {within: 24h}
silence: {after: 3d}
streak: {at_most: 2, until: 2026-05-08}
quiet_hours: [{of: {channel: [sms, call]}, outside: [{days: mon-sat, from: 07:00, to: 23:00}, {days: sun, closed: true}], shadow: true}, {of: {channel: push}, outside: {days: mon-sun, from: 02:00, to: 23:30}}]
holidays: [{of: {channel: call}, closed: [2026-05-09]}]
caps:
  - {name: any, of: {class: solicitation}, counting: {class: [solicitation, service, collection]}, at_most: 4, within: 3 calendar days, reserve: {slots: 2, priority: 60}}
  - {name: period, of: {class: [solicitation, collection]}, at_most: 5, within: successive 2d, per: [brand, channel]}
  - {name: week, of: {class: collection}, at_most: 3, within: calendar week, per: subject, waived_by: {consent: 2 calendar days}}
  - {name: ever, of: {channel: mail}, at_most: 1, within: ever, per: campaign, shadow: true}
pauses: [{name: talk, of: {class: [collection, solicitation]}, after: conversation, none_for: 12h, per: channel}]
gaps: [{of: {channel: [call, email]}, at_least: 2h}]
one_channel: {within: 6h}
abandoned_calls: {no_predictive_for: 6h}
abandon_rates: [{name: day, at_most: 20%, per: calendar day}]
campaigns:
  c1: {ends: 2026-05-08, most_attempts: 3, way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}}
  c2: {ends: 2026-12-31, most_attempts: 9, way_in: {steps: 1, label: Sign up}, way_out: {steps: 2, label: Unsubscribe}}
notices: {wait: 15m, repeat: 4h}
`

// "For every intent explain's first objection = the decision's reason", and all the rest of it: over random histories, under
// a policy with a rule of every kind.
func TestAnExplanationOfARandomHistoryIsWhatTheReplaySays(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	spec, err := policyfile.Parse("strictest.yaml", []byte(strictest))
	if err != nil {
		t.Fatal(err)
	}
	policy, problems := rules.Compile(spec)
	if problems != nil {
		t.Fatal(problems)
	}
	seen := map[string]bool{}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			for _, reason := range agrees(t, policy, []byte(random(seed, 90))) {
				seen[reason] = true
			}
		})
	}
	if len(seen) < 15 {
		t.Errorf("only these reasons came up: %v", seen)
	}
}

// random is a history of so many lines, about few people who say and get a lot.
func random(seed uint64, lines int) string {
	type made struct{ id, person string }
	var (
		r      = rand.New(rand.NewPCG(seed, 11))
		b      strings.Builder
		at     = time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC)
		recent = []made{{"none", "nobody"}}
		pick   = func(list ...string) string { return list[r.IntN(len(list))] }
		line   = func(topic, value string, args ...any) {
			fmt.Fprintf(&b, `{"arrived":"%s","topic":"%s","value":{%s}}`+"\n", at.Format(time.RFC3339), topic, fmt.Sprintf(value, args...))
		}
		channel = func() string { return pick("email", "sms", "call", "push", "mail") }
		maybe   = func(field string, values ...string) string {
			if r.IntN(2) == 0 {
				return ""
			}
			return fmt.Sprintf(`,"%s":"%s"`, field, pick(values...))
		}
	)
	for i := range lines {
		at = at.Add(time.Duration(r.IntN(160)) * time.Minute)
		last, person := recent[max(0, len(recent)-1-r.IntN(5))], pick("anna.smith", "bert.smith", "cora.smith")
		signal := fmt.Sprintf(`"id":"s%d","person":"%s","at":"%s"`, i, person, at.Format(time.RFC3339))
		switch n := r.IntN(100); {
		case n < 18:
			line("redeem", `"intent":"%s","person":"%s"`, last.id, last.person)
		case n < 24:
			line("contact.signals", `"id":"s%d","person":"%s","at":"%s","type":"outcome","intent":"%s","result":"%s"`, i, last.person, at.Format(time.RFC3339), last.id,
				pick("delivered", "answered", "conversation", "busy", "not_sent", "abandoned", "wrong_number", "bounced", "opted_out"))
		case n < 28:
			line("contact.signals", `%s,"type":"refusal"%s%s%s`, signal, maybe("channel", channel()), maybe("subject", "a", "b"), maybe("address", "x", "y"))
		case n < 32:
			line("contact.signals", `%s,"type":"consent","source":"settings"%s%s`, signal, maybe("channel", channel()), maybe("subject", "a", "b"))
		case n < 34:
			line("contact.signals", `%s,"type":"%s"%s`, signal, pick("case_opened", "case_closed", "cancellation", "complaint"), maybe("brand", "acme"))
		case n < 36:
			line("contact.signals", `%s,"type":"preference","quiet":[{"days":["mon","fri"],"from":"10:00","to":"12:00"}],"budget":[{"max":%d,"per":"24h"}]`, signal, 1+r.IntN(3))
		case n < 38:
			line("contact.signals", `%s,"type":"%s","channel":"call"%s,"kind":"click","actor":"human"`, signal, pick("conversation", "engagement"), maybe("subject", "a", "b"))
		case n < 39:
			line("contact.signals", `%s,"type":"address","channel":"sms","value":"x","status":"reassigned"`, signal)
		case n < 40 && i > lines/2:
			line("contact.signals", `%s,"type":"%s","into":"dora.smith"`, signal, pick("merge", "erasure"))
		default:
			next := made{fmt.Sprint("i", i), person}
			if n > 97 {
				next = last
			}
			recent = append(recent, next)
			way := channel()
			mode := ""
			if way == "call" {
				mode = maybe("mode", "predictive", "prerecorded")
			}
			line("contact.intents", `"id":"%s","person":"%s","campaign":"c%d","channel":"%s","purpose":"%s","at":"%s","priority":%d%s%s%s%s%s`, next.id, next.person, r.IntN(4), way,
				pick("marketing", "survey", "winback", "service", "collection", "receipt", "confirmation", "consent_request"), at.Format(time.RFC3339), r.IntN(100),
				mode, maybe("subject", "a", "b"), maybe("brand", "acme"), maybe("address", "x", "y"), maybe("message", "m1", "m2"))
		}
	}
	return b.String()
}
