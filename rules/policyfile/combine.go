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
//   - Caps, gaps, quiet hours and required consents stand side by side. A cap
//     whose name is taken is called <policy>.<name>, and its reason
//     cap.<policy>.<name>.
//   - Of what there is one of, the stricter stays: the shorter life of
//     approvals, age, time to confirm, silence and streak; the longer window of
//     same_message, one_channel and abandoned_calls and the longer waits of
//     notices. What a policy does not say counts as its default.
//   - Purposes and channels are those of any. One purpose with two meanings is
//     an error. A channel that one policy calls unreported is unreported: the
//     silence begins sooner.
//   - Default zones and opt-out phrases are those of any; opt-in phrases are
//     those of all, since a yes that one of them does not hear is none.
func combine(specs []*rules.Spec) (*rules.Spec, []rules.Problem) {
	if len(specs) == 1 {
		return specs[0], nil
	}
	c := combination{purposes: map[rules.Purpose]rules.PurposeSpec{}, names: map[string]rules.Position{}}
	c.all = *specs[0]
	c.all.Combined = true
	c.all.Purposes, c.all.Channels, c.all.Zones, c.all.Caps = nil, nil, nil, nil
	for i, s := range specs {
		c.vocabulary(s)
		c.caps(s)
		if i > 0 {
			c.add(s)
		}
	}
	return &c.all, c.problems
}

type combination struct {
	all      rules.Spec
	purposes map[rules.Purpose]rules.PurposeSpec
	names    map[string]rules.Position // of caps
	problems []rules.Problem
}

func (c *combination) wrong(at rules.Position, format string, args ...any) {
	c.problems = append(c.problems, rules.Problem{At: at, What: fmt.Sprintf(format, args...)})
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
	for _, zone := range s.Zones {
		if !slices.ContainsFunc(c.all.Zones, func(o rules.ZoneSpec) bool { return o.Zone.String() == zone.Zone.String() }) {
			c.all.Zones = append(c.all.Zones, zone)
		}
	}
}

func meaning(p rules.PurposeSpec) string {
	if p.Role == rules.NoRole {
		return string(p.Class)
	}
	return fmt.Sprintf("%s with the role %s", p.Class, p.Role)
}

func (c *combination) caps(s *rules.Spec) {
	for _, limit := range s.Caps {
		if _, taken := c.names[limit.Name]; taken {
			limit.Name = s.Name + "." + limit.Name
		}
		if first, taken := c.names[limit.Name]; taken {
			c.wrong(limit.Line, "cap %q is there already, at %s: give one of them another name", limit.Name, first)
		}
		c.names[limit.Name] = limit.Line
		c.all.Caps = append(c.all.Caps, limit)
	}
}

// add brings in what the next policy has besides its vocabulary and its caps.
func (c *combination) add(s *rules.Spec) {
	all := &c.all
	all.Name += "+" + s.Name
	all.ApprovalLife = sooner(all.ApprovalLife, s.ApprovalLife, rules.DefaultApprovalLife)
	all.MaxAge = sooner(all.MaxAge, s.MaxAge, rules.DefaultMaxAge)
	all.Confirmation = sooner(all.Confirmation, s.Confirmation, rules.DefaultConfirmation)

	all.OptOutPhrases = slices.Concat(all.OptOutPhrases, s.OptOutPhrases)
	all.OptInPhrases = both(all.OptInPhrases, s.OptInPhrases)
	all.ConsentRequired = slices.Concat(all.ConsentRequired, s.ConsentRequired)
	all.Hours = slices.Concat(all.Hours, s.Hours)
	all.Gaps = slices.Concat(all.Gaps, s.Gaps)

	within := func(r *rules.SpanRule) time.Duration { return r.Within }
	all.Silence = least(all.Silence, s.Silence, within)
	all.Streak = least(all.Streak, s.Streak, func(r *rules.StreakSpec) int { return r.Most })
	longer := func(r *rules.SpanRule) time.Duration { return -r.Within }
	all.SameMessage = least(all.SameMessage, s.SameMessage, longer)
	all.OneChannel = least(all.OneChannel, s.OneChannel, longer)
	all.Abandoned = least(all.Abandoned, s.Abandoned, longer)
	switch {
	case all.Notices == nil:
		all.Notices = s.Notices
	case s.Notices != nil:
		all.Notices = &rules.NoticeSpec{
			Wait:   max(all.Notices.Wait, s.Notices.Wait),
			Repeat: max(all.Notices.Repeat, s.Notices.Repeat),
			Terms:  all.Notices.Terms,
		}
	}
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

// least is the rule with the smaller measure; one that there is goes before one
// that there is not.
func least[R any, N time.Duration | int](a, b *R, measure func(*R) N) *R {
	if a == nil || (b != nil && measure(b) < measure(a)) {
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
