package policyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/packs"
)

// "Several policies: the strictest of all." (semantics.md) Of packs as they are
// shipped and of random policies, in any number and order: what one of them vetoes
// the combination vetoes, for as long and as finally; what it approves can be
// redeemed no longer than under any of them.
func TestWhatOneVetoesAllVeto(t *testing.T) {
	packed := map[string]*rules.Spec{}
	for _, name := range packs.Names() {
		text, _ := packs.Find(name)
		packed[name] = mustParse(t, packs.File(name), string(text))
	}
	rapid.Check(t, func(t *rapid.T) {
		now := rules.At(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)).Add(time.Duration(rapid.IntRange(0, 120*48).Draw(t, "half hours")) * 30 * time.Minute)
		var specs []*rules.Spec
		for i := range rapid.IntRange(2, 3).Draw(t, "policies") {
			if name := rapid.SampledFrom(append(packs.Names(), "drawn", "drawn", "drawn", "drawn", "drawn", "drawn")).Draw(t, "policy"); name != "drawn" && !slices.Contains(specs, packed[name]) {
				specs = append(specs, packed[name])
				continue
			}
			name := fmt.Sprint("p", i)
			text := drawPolicy(t, name)
			spec, err := Parse(name+".yaml", []byte(text))
			if err != nil {
				t.Fatalf("%v\nin\n%s", err, text)
			}
			specs = append(specs, spec)
		}
		spec, problems := combine(specs)
		if problems != nil {
			t.Fatal(problems)
		}
		all, who, in := compiled(t, spec), drawPerson(t, now), drawIntent(t, now)
		for _, spec := range specs {
			if one := compiled(t, spec); declares(one, &in) {
				noLaxer(t, all, one, who, in, now)
			}
		}
	})
}

func declares(p *rules.Policy, in *rules.Intent) bool {
	_, ok := p.Class(in.Purpose)
	return ok && p.HasChannel(in.Channel)
}

func compiled(t *rapid.T, s *rules.Spec) *rules.Policy {
	p, problems := rules.Compile(s)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// noLaxer checks that all is at least as strict as one.
func noLaxer(t *rapid.T, all, one *rules.Policy, who *rules.Person, in rules.Intent, now rules.Instant) {
	alone, together := asked(one, who, in, now), asked(all, who, in, now)
	switch {
	case alone.Verdict == rules.Approved && together.Verdict == rules.Approved:
		if alone.NotAfter < together.NotAfter {
			t.Fatalf("under %s it lives until %s, and under %s until %s", one.Name(), alone.NotAfter, all.Name(), together.NotAfter)
		}
	case alone.Verdict == rules.Approved:
	case together.Verdict == rules.Approved:
		t.Fatalf("%s vetoes for %s (%s), and %s approves", one.Name(), alone.Reason(), alone.Objections[0].Line, all.Name())
	case alone.Final() && !together.Final():
		t.Fatalf("%s vetoes for good, and %s until %s", one.Name(), all.Name(), together.Earliest)
	case !together.Final() && together.Earliest < alone.Earliest:
		t.Fatalf("%s vetoes until %s, and %s until %s", one.Name(), alone.Earliest, all.Name(), together.Earliest)
	}
}

// asked is the decision, about a campaign that fares the same under every rate.
func asked(p *rules.Policy, who *rules.Person, in rules.Intent, now rules.Instant) rules.Decision {
	for _, r := range p.Rates() {
		in.Rates = append(in.Rates, rules.Rate{Rule: r.Rule, Until: now.Add(24 * time.Hour), Answered: 100, Abandoned: in.Priority % 5})
	}
	return rules.Decide(p, who, &in, now)
}

// drawPolicy is the text of a random policy, with rules of every kind.
func drawPolicy(t *rapid.T, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "policy: %s\nvocabulary: no-means-no\n", name)
	one := func(key string, values ...string) {
		if v := rapid.SampledFrom(append(values, "", "")).Draw(t, key); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, strings.ReplaceAll(v, "TERMS", terms(t)))
		}
	}
	list := func(key string, items ...string) {
		var chosen []string
		for i, item := range items {
			if rapid.IntRange(0, 2).Draw(t, fmt.Sprint(key, i)) == 0 {
				chosen = append(chosen, "  - "+strings.ReplaceAll(item, "TERMS", terms(t))+"\n")
			}
		}
		if chosen != nil {
			fmt.Fprintf(&b, "%s:\n%s", key, strings.Join(chosen, ""))
		}
	}
	one("default_zones", "Europe/Berlin", "[Pacific/Honolulu, Asia/Kolkata]")
	one("approvals", "{live: 5m}", "{live: 30m}")
	one("max_age", "24h", "100h")
	one("answer_once", "{}")
	one("same_message", "{within: 24hTERMS}", "{within: 48hTERMS}")
	one("silence", "{after: 90dTERMS}", "{after: 10dTERMS}", "{after: 3dTERMS}")
	one("streak", "{at_most: 1TERMS}", "{at_most: 3TERMS}")
	one("one_channel", "{within: 24hTERMS}", "{within: 72hTERMS}")
	one("abandoned_calls", "{no_predictive_for: 24hTERMS}", "{no_predictive_for: 72hTERMS}")
	list("consent_required", "{class: solicitation, channel: smsTERMS}", "{purpose: marketing, except: {channel: email}TERMS}")
	list("quiet_hours",
		"{of: {channel: [call, sms]}, outside: [{days: mon-fri, from: 08:00, to: 20:00}, {days: sat-sun, closed: true}]TERMS}",
		"{of: {class: [solicitation, service]}, outside: {days: mon-sun, from: 10:00, to: 18:30}TERMS}")
	list("holidays", "{of: {channel: [call, email]}, closed: [05-01, 05-08, easter+39, 2026-07-14]TERMS}")
	list("caps",
		"{name: any, of: {class: solicitation}, at_most: 1, within: 7d, reserve: {slots: 1, priority: 80}TERMS}",
		"{name: week, of: {channel: [email, call]}, at_most: 2, within: calendar week, per: campaignTERMS}",
		"{name: debt, of: {class: collection}, at_most: 1, within: 7 calendar days, per: [subject, brand], waived_by: {consent: 7 calendar days}TERMS}",
		"{name: period, of: {class: [solicitation, collection]}, at_most: 2, within: successive 10dTERMS}",
		"{name: life, of: {purpose: winback}, at_most: 1, within: everTERMS}")
	list("pauses", "{name: talk, of: {class: [collection, solicitation]}, after: conversation, none_for: 5 calendar days, per: subjectTERMS}")
	list("gaps", "{of: {channel: call}, counting: {channel: [call, sms]}, at_least: 12hTERMS}")
	list("abandon_rates", "{name: tsr, at_most: 2%, per: successive 30dTERMS}", "{name: utr, at_most: 3.5%, per: calendar monthTERMS}")
	ways := []string{"way_in: {steps: 1, label: Sign up}, way_out: {steps: 1, label: Unsubscribe}", "way_in: {steps: 1, label: Sign up}, way_out: {steps: 2, label: Unsubscribe}"}
	if rapid.Bool().Draw(t, "campaigns") {
		fmt.Fprintf(&b, "campaigns:\n  spring: {ends: 2026-0%d-15, most_attempts: %d, %s, killed: %v}\n",
			rapid.IntRange(5, 9).Draw(t, "ends"), rapid.IntRange(1, 3).Draw(t, "attempts"),
			rapid.SampledFrom(ways).Draw(t, "ways"), rapid.IntRange(0, 9).Draw(t, "killed") == 0)
		one("registered_only", "{TERMS}")
	}
	if strings.Contains(b.String(), "name: any") {
		list("custom", `{name: few, of: {class: solicitation}, veto_when: 'counts["any"] > 0 && intent.priority < 70'TERMS}`,
			`{name: all, of: {channel: [email, call]}, veto_when: 'counts.exists(n, counts[n] > 2) || size(counts) > 5'TERMS}`)
	}
	one("notices", "{wait: 15m, repeat: 24h}")
	return strings.ReplaceAll(b.String(), "{, ", "{")
}

func terms(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"", "", "", "", ", shadow: true", ", from: 2026-06-10", ", until: 2026-06-10", ", from: 2026-05-20, until: 2026-07-20", ", cites: a law, unverified: true",
	}).Draw(t, "terms")
}

func drawZones(t *rapid.T) []*time.Location {
	name := rapid.SampledFrom([]string{"", "Europe/Berlin", "Europe/Paris", "America/New_York", "Asia/Tokyo"}).Draw(t, "zone")
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return []*time.Location{zone}
}

func drawIntent(t *rapid.T, now rules.Instant) rules.Intent {
	return rules.Intent{
		ID: "i", Person: "p", At: now, Zones: drawZones(t),
		Channel:  rapid.SampledFrom([]rules.Channel{"email", "sms", "call"}).Draw(t, "channel"),
		Purpose:  rapid.SampledFrom([]rules.Purpose{"marketing", "winback", "consent_request", "collection", "service", "receipt", "legal"}).Draw(t, "purpose"),
		Campaign: rapid.SampledFrom([]rules.Campaign{"spring", "summer"}).Draw(t, "campaign"),
		Subject:  rapid.SampledFrom([]rules.Subject{"", "debt1", "debt2"}).Draw(t, "subject"),
		Brand:    rapid.SampledFrom([]rules.Brand{"", "b"}).Draw(t, "brand"),
		Mode:     rapid.SampledFrom(rules.Modes()).Draw(t, "mode"),
		Message:  rapid.SampledFrom([]string{"", "m"}).Draw(t, "message"),
		ReplyTo:  rapid.SampledFrom([]rules.SignalID{"", "asked"}).Draw(t, "reply to"),
		Priority: rapid.IntRange(0, 100).Draw(t, "priority"),
		Promotes: rapid.IntRange(0, 5).Draw(t, "promotes") == 0,
	}
}

// drawPerson is somebody with contacts in the last weeks, who may have consented,
// talked, refused and asked.
func drawPerson(t *rapid.T, now rules.Instant) *rules.Person {
	ago := func(what string, days int) rules.Instant {
		return now.Add(-time.Duration(rapid.IntRange(0, days*24).Draw(t, what)) * time.Hour)
	}
	who := &rules.Person{Zones: drawZones(t)}
	for i := range rapid.IntRange(0, 6).Draw(t, "contacts") {
		in := drawIntent(t, now)
		c := rules.Contact{
			Intent: rules.IntentID(fmt.Sprint("c", i)), Channel: in.Channel, Purpose: in.Purpose, Campaign: in.Campaign, Subject: in.Subject,
			Brand: in.Brand, Mode: in.Mode, Message: in.Message, At: ago("sent", 20), Fate: rules.Happened,
			Class: rapid.SampledFrom([]rules.Class{rules.Solicitation, rules.Collection, rules.Service}).Draw(t, "class"),
		}
		if rapid.Bool().Draw(t, "delivered") {
			c.Delivered = c.At
		}
		who.Contacts = append(who.Contacts, c)
	}
	slices.SortStableFunc(who.Contacts, func(a, b rules.Contact) int { return int(a.At - b.At) })
	if rapid.IntRange(0, 2).Draw(t, "consented") == 0 {
		who.Consents = []rules.Consent{{At: ago("consent", 10), Effective: true, Scope: rules.Scope{Channel: rapid.SampledFrom([]rules.Channel{"", "call"}).Draw(t, "to")}}}
	}
	if rapid.IntRange(0, 3).Draw(t, "refused") == 0 {
		who.Noes = []rules.No{{Kind: rules.Refused, At: ago("no", 10), Scope: rules.Scope{Channel: rapid.SampledFrom([]rules.Channel{"sms", "call"}).Draw(t, "by")}}}
		who.Asked = []rules.Request{{Signal: "asked", Channel: "sms", At: ago("asked", 10)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "talked") == 0 {
		who.Talks = []rules.Talk{{Channel: "call", Subject: rapid.SampledFrom([]rules.Subject{"", "debt1"}).Draw(t, "about"), At: ago("talk", 8)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "acted") == 0 {
		who.HumanAct = ago("act", 20)
	}
	if rapid.IntRange(0, 5).Draw(t, "hung up") == 0 {
		who.Abandoned = ago("abandoned", 4)
	}
	return who
}
