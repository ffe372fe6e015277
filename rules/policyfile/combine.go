package policyfile

import (
	"fmt"
	"slices"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// combine makes one policy of several: the strictest of all. Every rule of any
// of them is a rule of it, so what one vetoes is vetoed.
//
//   - Caps, pauses, gaps, quiet hours, holidays, required consents, abandon rates
//     and custom rules stand side by side. One whose name is taken is called
//     <policy>.<name>, and its reason cap.<policy>.<name>. A custom rule looks at
//     the counts of its own policy, under the names that it knows; a rate goes by
//     its own policy's calendar.
//   - Of what there is one of, the stricter stays: the shorter life of approvals,
//     age and time to confirm and the longer waits of notices, where what a policy
//     does not say counts as its default; the shorter silence and streak; the longer
//     window of same_message, one_channel and abandoned_calls. Where the stricter
//     does not hold at every time at which the other does, or one of them is on
//     trial, both stay (Spec.Beside).
//   - Purposes and channels are those of any. One purpose with two meanings is
//     an error, and so are two clocks. A channel that one policy calls unreported is unreported: the
//     silence begins sooner.
//   - Default zones and opt-out phrases are those of any, and a policy without
//     zones is in UTC. Opt-in phrases are those of all, since a yes that one of
//     them does not hear, or hears as a no, is none; and an answer is let through
//     only if all let it through.
//   - A campaign that several register ends with the first, comes as often as the
//     fewest attempts say, is killed by any and unfit if it is under any. One that
//     registers its campaigns and lets no other through does not let through what
//     only another registers.
func combine(specs []*rules.Spec) (*rules.Spec, []rules.Problem) {
	if len(specs) == 1 {
		return specs[0], nil
	}
	c := combination{
		all: rules.Spec{
			Combined: true, ApprovalLife: specs[0].ApprovalLife, MaxAge: specs[0].MaxAge, Confirmation: specs[0].Confirmation,
			AnswerOnce: specs[0].AnswerOnce, OptInPhrases: specs[0].OptInPhrases,
		},
		purposes: map[rules.Purpose]rules.PurposeSpec{},
		limits:   map[string]rules.Position{}, rates: map[string]rules.Position{}, customs: map[string]rules.Position{},
	}
	for _, s := range specs {
		c.core(s)
		c.clock(s, specs[0])
		c.vocabulary(s)
		c.zones(s, specs)
		c.sideBySide(s)
		c.named(s)
		c.campaigns(s)
		c.singles(s)
	}
	c.all.OptInPhrases = slices.DeleteFunc(c.all.OptInPhrases, func(yes string) bool {
		return rules.ContradictsOptOut(yes, c.all.OptOuts())
	})
	c.beside()
	return &c.all, c.problems
}

type combination struct {
	all      rules.Spec
	purposes map[rules.Purpose]rules.PurposeSpec

	// The names that are taken: of caps and pauses, which share a room, of rates
	// and of custom rules.
	limits, rates, customs map[string]rules.Position

	// What there is one of in a policy: all that are the strictest at some time.
	same, silence, oneChannel, abandoned []*rules.SpanRule
	streak                               []*rules.StreakSpec
	registered                           []*rules.Spec

	problems []rules.Problem
}

func (c *combination) wrong(at rules.Position, format string, args ...any) {
	c.problems = append(c.problems, rules.Problem{At: at, What: fmt.Sprintf(format, args...)})
}

// core takes the stricter of what every policy has.
func (c *combination) core(s *rules.Spec) {
	all := &c.all
	if all.Name != "" {
		all.Name += "+"
	}
	all.Name += s.Name
	all.ApprovalLife = sooner(all.ApprovalLife, s.ApprovalLife, rules.DefaultApprovalLife)
	all.MaxAge = sooner(all.MaxAge, s.MaxAge, rules.DefaultMaxAge)
	all.Confirmation = sooner(all.Confirmation, s.Confirmation, rules.DefaultConfirmation)
	all.OptOutPhrases = slices.Concat(all.OptOutPhrases, s.OptOutPhrases)
	all.OptOutOf = slices.Concat(all.OptOutOf, s.OptOutOf)
	all.OptInPhrases = both(all.OptInPhrases, s.OptInPhrases)
	if s.AnswerOnce == nil {
		all.AnswerOnce = nil
	}
}

func (c *combination) vocabulary(s *rules.Spec) {
	for _, p := range s.Purposes {
		first, known := c.purposes[p.Name]
		switch {
		case !known:
			c.purposes[p.Name] = p
			c.all.Purposes = append(c.all.Purposes, p)
		case first.Class != p.Class || first.Role != p.Role:
			c.wrong(p.Line, "purpose %q is %s here, and %s at %s: let the policies agree, or do not combine them",
				p.Name, meaning(p), meaning(first), first.Line)
		}
	}
	for _, channel := range s.Channels {
		i := slices.IndexFunc(c.all.Channels, func(o rules.ChannelSpec) bool { return o.Name == channel.Name })
		switch {
		case i < 0:
			c.all.Channels = append(c.all.Channels, channel)
		case channel.Silent:
			c.all.Channels[i].Silent = true
		}
	}
}

func meaning(p rules.PurposeSpec) string {
	if p.Role == rules.NoRole {
		return string(p.Class)
	}
	return fmt.Sprintf("%s with the role %s", p.Class, p.Role)
}

// zones takes those of any. Where one names some, those that name none are in UTC.
func (c *combination) zones(s *rules.Spec, specs []*rules.Spec) {
	zones := s.Zones
	if len(zones) == 0 && slices.ContainsFunc(specs, func(o *rules.Spec) bool { return len(o.Zones) > 0 }) {
		zones = []rules.ZoneSpec{{Zone: time.UTC}}
	}
	for _, zone := range zones {
		if !slices.ContainsFunc(c.all.Zones, func(o rules.ZoneSpec) bool { return o.Zone.String() == zone.Zone.String() }) {
			c.all.Zones = append(c.all.Zones, zone)
		}
	}
}

// sideBySide takes the rules that have no names.
func (c *combination) sideBySide(s *rules.Spec) {
	all := &c.all
	all.ConsentRequired = slices.Concat(all.ConsentRequired, s.ConsentRequired)
	all.Hours = slices.Concat(all.Hours, s.Hours)
	all.Holidays = slices.Concat(all.Holidays, s.Holidays)
	all.Gaps = slices.Concat(all.Gaps, s.Gaps)
}

// named takes the rules that have names.
func (c *combination) named(s *rules.Spec) {
	caps := map[string]string{} // by the name that the policy gives it: what the combination calls it
	for _, limit := range s.Caps {
		caps[limit.Name] = c.name(c.limits, "cap", s.Name, limit.Name, limit.Line)
		limit.Name = caps[limit.Name]
		c.all.Caps = append(c.all.Caps, limit)
	}
	for _, pause := range s.Pauses {
		pause.Name = c.name(c.limits, "pause", s.Name, pause.Name, pause.Line)
		c.all.Pauses = append(c.all.Pauses, pause)
	}
	for _, rate := range s.AbandonRates {
		rate.Name = c.name(c.rates, "abandon rate", s.Name, rate.Name, rate.Line)
		if rate.Zone == nil {
			rate.Zone = home(s)
		}
		c.all.AbandonRates = append(c.all.AbandonRates, rate)
	}
	for _, custom := range s.Custom {
		custom.Name = c.name(c.customs, "custom rule", s.Name, custom.Name, custom.Line)
		custom.Vetoes = seeing(caps, custom.Vetoes)
		c.all.Custom = append(c.all.Custom, custom)
	}
}

// name is what a rule is called in the combination.
func (c *combination) name(taken map[string]rules.Position, what, policy, name string, at rules.Position) string {
	if _, twice := taken[name]; twice {
		name = policy + "." + name
	}
	if first, twice := taken[name]; twice {
		c.wrong(at, "%s %q is there already, at %s: give one of them another name", what, name, first)
	}
	taken[name] = at
	return name
}

// home is the zone whose calendar a policy goes by where it is nobody's.
func home(s *rules.Spec) *time.Location {
	if len(s.Zones) == 0 {
		return time.UTC
	}
	return s.Zones[0].Zone
}

// seeing is a custom rule that sees the counts of its own policy only, under the
// names that it knows.
func seeing(caps map[string]string, vetoes func(*rules.CustomFacts) (bool, error)) func(*rules.CustomFacts) (bool, error) {
	return func(f *rules.CustomFacts) (bool, error) {
		own := *f
		own.Counts = make(map[string]int, len(caps))
		for name, called := range caps {
			own.Counts[name] = f.Counts[called]
		}
		return vetoes(&own)
	}
}

// campaigns takes those that any policy registers.
func (c *combination) campaigns(s *rules.Spec) {
	for _, next := range s.Campaigns {
		i := slices.IndexFunc(c.all.Campaigns, func(o rules.CampaignSpec) bool { return o.Name == next.Name })
		if i < 0 {
			c.all.Campaigns = append(c.all.Campaigns, next)
			continue
		}
		all := &c.all.Campaigns[i]
		if before(next.Ends, all.Ends) {
			all.Ends = next.Ends
		}
		all.MostAttempts = min(all.MostAttempts, next.MostAttempts)
		all.Killed = all.Killed || next.Killed
		if len(rules.Fitness(all)) == 0 { // else it is unfit already
			all.WayIn, all.WayOut = next.WayIn, next.WayOut
		}
	}
	if s.Registered != nil {
		c.registered = append(c.registered, &rules.Spec{Registered: s.Registered, Campaigns: s.Campaigns})
	}
}

// singles takes what there is one of in a policy.
func (c *combination) singles(s *rules.Spec) {
	terms := func(r *rules.SpanRule) *rules.Terms { return &r.Terms }
	shorter := func(a, b *rules.SpanRule) bool { return a.Within <= b.Within }
	longer := func(a, b *rules.SpanRule) bool { return a.Within >= b.Within }
	c.silence = strictestOf(c.silence, s.Silence, terms, shorter)
	c.same = strictestOf(c.same, s.SameMessage, terms, longer)
	c.oneChannel = strictestOf(c.oneChannel, s.OneChannel, terms, longer)
	c.abandoned = strictestOf(c.abandoned, s.Abandoned, terms, longer)
	c.streak = strictestOf(c.streak, s.Streak,
		func(r *rules.StreakSpec) *rules.Terms { return &r.Terms },
		func(a, b *rules.StreakSpec) bool { return a.Most <= b.Most })
	switch {
	case c.all.Notices == nil:
		c.all.Notices = s.Notices
	case s.Notices != nil:
		c.all.Notices = &rules.NoticeSpec{
			Terms:  c.all.Notices.Terms,
			Wait:   max(c.all.Notices.Wait, s.Notices.Wait),
			Repeat: max(c.all.Notices.Repeat, s.Notices.Repeat),
		}
	}
}

// beside puts the first of each into the policy, and what is left of them beside
// it.
func (c *combination) beside() {
	all := &c.all
	for i := range max(len(c.silence), len(c.same), len(c.oneChannel), len(c.abandoned), len(c.streak)) {
		s := all
		if i > 0 {
			s = &rules.Spec{}
			all.Beside = append(all.Beside, s)
		}
		s.Silence, s.SameMessage, s.Streak = nth(c.silence, i), nth(c.same, i), nth(c.streak, i)
		s.OneChannel, s.Abandoned = nth(c.oneChannel, i), nth(c.abandoned, i)
	}
	all.Beside = append(all.Beside, c.registered...)
}

// strictestOf adds a rule to those of which each is the strictest at some time.
func strictestOf[R any](rest []*R, next *R, terms func(*R) *rules.Terms, strict func(a, b *R) bool) []*R {
	if next == nil {
		return rest
	}
	standsFor := func(a, b *R) bool { return strict(a, b) && always(terms(a), terms(b)) }
	if slices.ContainsFunc(rest, func(r *R) bool { return standsFor(r, next) }) {
		return rest
	}
	return append(slices.DeleteFunc(rest, func(r *R) bool { return standsFor(next, r) }), next)
}

// always says whether a rule under the first terms is in force whenever one under
// the second is, and no more or less on trial.
func always(a, b *rules.Terms) bool {
	none := rules.Date{}
	return a.Shadow == b.Shadow &&
		(a.From == none || b.From != none && !before(b.From, a.From)) &&
		(a.Until == none || b.Until != none && !before(a.Until, b.Until))
}

func nth[R any](list []*R, i int) *R {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// sooner is the shorter of two durations that have a default.
func sooner(a, b rules.Span, otherwise time.Duration) rules.Span {
	value := func(s rules.Span) time.Duration {
		if s == (rules.Span{}) {
			return otherwise
		}
		return s.Of
	}
	if value(b) < value(a) {
		return b
	}
	return a
}

// both are the phrases that are the same words in both lists.
func both(a, b []string) []string {
	var out []string
	for _, phrase := range a {
		if slices.ContainsFunc(b, func(o string) bool { return rules.Plain(o) == rules.Plain(phrase) }) {
			out = append(out, phrase)
		}
	}
	return out
}
