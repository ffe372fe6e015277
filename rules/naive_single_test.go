package rules_test

import (
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// The second opinion goes on: what there is one of in a policy.

// singles are the rules of which there is one.
func (s *second) singles(say func(*rules.Terms, string, bool), solicits bool) {
	any := func(of func(*rules.Contact) bool) bool { return s.count(of) > 0 }
	if r := s.spec.SameMessage; r != nil {
		say(&r.Terms, "dedupe.content", s.in.Message != "" && any(func(c *rules.Contact) bool { return c.Message == s.in.Message && s.now.Sub(c.At) < r.Within }))
	}
	if r := s.spec.OneChannel; r != nil {
		say(&r.Terms, "channel.blast", solicits && any(func(c *rules.Contact) bool {
			return c.Class == rules.Solicitation && c.Campaign == s.in.Campaign && c.Channel != s.in.Channel && s.now.Sub(c.At) < r.Within
		}))
	}
	if r := s.spec.Streak; r != nil {
		say(&r.Terms, "silence.streak", solicits && s.count(func(c *rules.Contact) bool {
			return c.Class == rules.Solicitation && c.Campaign == s.in.Campaign && c.At > s.who.HumanAct
		}) >= r.Most)
	}
	if r := s.spec.Silence; r != nil {
		name := map[bool]string{false: "silence", true: "silence.winback"}[s.in.Purpose == "winback"]
		say(&r.Terms, name, solicits && any(func(c *rules.Contact) bool {
			return c.Class == rules.Solicitation && c.Delivered > s.who.HumanAct && s.now.Sub(c.Delivered) >= r.Within
		}))
	}
	predictive := s.in.Mode == rules.ModePredictive
	if r := s.spec.Abandoned; r != nil {
		say(&r.Terms, "abandon.cooldown", predictive && s.who.Abandoned != 0 && s.now.Sub(s.who.Abandoned) < r.Within)
	}
	for i := range s.spec.AbandonRates {
		r := &s.spec.AbandonRates[i]
		say(&r.Terms, "abandon.rate.tsr", predictive && slices.ContainsFunc(s.in.Rates, func(rate rules.Rate) bool {
			return s.now < rate.Until && float64(rate.Abandoned)/float64(rate.Answered) > float64(r.Most)/1000
		}))
	}
}

func (s *second) count(of func(*rules.Contact) bool) (n int) {
	for i := range s.who.Contacts {
		if c := &s.who.Contacts[i]; s.stands(c) && of(c) {
			n++
		}
	}
	return n
}

func (s *second) campaign(say func(*rules.Terms, string, bool), exempt bool) {
	registered := false
	for _, c := range s.spec.Campaigns {
		if c.Name != s.in.Campaign {
			continue
		}
		registered = true
		core := new(rules.Terms)
		say(core, "campaign.unfit", !exempt && c.WayOut.Steps > c.WayIn.Steps)
		say(core, "campaign.killed", !exempt && c.Killed)
		say(core, "campaign.ended", !exempt && slices.ContainsFunc(s.places(), func(loc *time.Location) bool {
			return s.now >= s.begins(loc, utc(c.Ends).AddDate(0, 0, 1))
		}))
		say(core, "campaign.ended.attempts", !exempt && s.count(func(o *rules.Contact) bool { return o.Campaign == c.Name && !o.Class.Exempt() }) >= c.MostAttempts)
	}
	if r := s.spec.Registered; r != nil {
		say(&r.Terms, "registered_only", !exempt && !registered)
	}
}

func (s *second) facts() *rules.CustomFacts {
	f := &rules.CustomFacts{Intent: s.in, Class: s.class(), Counts: map[string]int{}, Contacts: s.count(func(*rules.Contact) bool { return true })}
	for i := range s.spec.Caps {
		f.Counts[s.spec.Caps[i].Name] = s.counted(&s.spec.Caps[i])
	}
	f.Silent = s.count(func(c *rules.Contact) bool {
		return c.Class == rules.Solicitation && c.Fate.Has(rules.Happened|rules.WasRedeemed) && c.Delivered > s.who.HumanAct
	}) > 0
	return f
}

// names are the rules that object, sorted.
func names(objections []rules.Objection) []string {
	var all []string
	for _, o := range objections {
		all = append(all, o.Rule)
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
