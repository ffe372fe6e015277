package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Problem is one mistake in a policy, told so that its owner can mend it.
type Problem struct {
	At   Position
	What string
}

// String is position: what.
func (p Problem) String() string { return p.At.String() + ": " + p.What }

// Compile checks a policy and makes it ready for use. It reports every mistake
// it finds, not only the first; with any mistake there is no policy.
func Compile(s *Spec) (*Policy, []Problem) {
	c := compiler{spec: s, policy: &Policy{
		name:     s.Name,
		hash:     s.Clock.mark(s.Hash),
		clock:    s.Clock,
		purposes: make(map[Purpose]PurposeSpec, len(s.Purposes)),
		channels: make(map[Channel]ChannelSpec, len(s.Channels)),
		memory:   MemoryOfApprovals,
	}}
	c.vocabulary()
	c.core()
	c.house()
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
		})
		return nil, c.problems
	}
	for _, entries := range [][]entry{c.policy.rules, c.policy.shadows} {
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(rank(a.reason), rank(b.reason)) })
	}
	return c.policy, nil
}

type compiler struct {
	spec     *Spec
	policy   *Policy
	problems []Problem
}

func (c *compiler) wrong(at Position, format string, args ...any) {
	c.problems = append(c.problems, Problem{at, fmt.Sprintf(format, args...)})
}

// add takes in a rule under its terms.
func (c *compiler) add(t *Terms, r rule) {
	if k, ok := r.(keeper); ok {
		c.policy.keepers = append(c.policy.keepers, k)
	}
	e := newEntry(t.in(r))
	if e.shadow = t.Shadow; e.shadow {
		c.policy.shadows = append(c.policy.shadows, e)
		return
	}
	c.policy.rules = append(c.policy.rules, e)
}

// meta is what a rule under the terms has, and checks these.
func (c *compiler) meta(reason Reason, name string, t *Terms) meta {
	for _, d := range []Date{t.From, t.Until} {
		if d != (Date{}) && (d.Year == 0 || !d.exists()) {
			c.wrong(t.Line, "there is no day %04d-%02d-%02d", d.Year, d.Month, d.Day)
		}
	}
	if t.From != (Date{}) && t.Until != (Date{}) && t.Until.days() < t.From.days() {
		c.wrong(t.Line, "the rule ends before it begins: let until be no earlier than from")
	}
	return meta{reason: reason, name: name, line: t.Line, cites: t.Cites, unverified: t.Unverified}
}

// vocabulary takes in what the policy declares.
func (c *compiler) vocabulary() {
	for _, s := range c.spec.Purposes {
		if first, twice := c.policy.purposes[s.Name]; twice {
			c.wrong(s.Line, "purpose %q is declared twice, first at line %d: keep one", s.Name, first.Line.Line)
			continue
		}
		if !slices.Contains(Classes(), s.Class) {
			c.wrong(s.Line, "purpose %q has the class %q: write one of %v", s.Name, s.Class, Classes())
		}
		if s.Role == Winback && s.Class.Exempt() {
			c.wrong(s.Line, "purpose %q wins back under the class %s, which no refusal holds: write solicitation", s.Name, s.Class)
		}
		c.policy.purposes[s.Name] = s
	}
	if len(c.spec.Purposes) == 0 {
		c.wrong(Position{}, "the policy declares no purpose, so every intent would be malformed: declare at least one")
	}
	for _, s := range c.spec.Channels {
		if first, twice := c.policy.channels[s.Name]; twice {
			c.wrong(s.Line, "channel %q is declared twice, first at line %d: keep one", s.Name, first.Line.Line)
			continue
		}
		c.policy.channels[s.Name] = s
	}
	if len(c.spec.Channels) == 0 {
		c.wrong(Position{}, "the policy declares no channel, so every intent would be malformed: declare at least one")
	}
	for _, s := range c.spec.Zones {
		c.policy.zones = append(c.policy.zones, s.Zone)
	}
	if len(c.policy.zones) == 0 {
		c.policy.zones = []*time.Location{time.UTC}
	}
}

// core adds the rules that every policy has.
func (c *compiler) core() {
	s, p := c.spec, c.policy
	if s.Clock > ByEvent {
		c.wrong(s.ClockLine, "there is no clock %d: decide by arrival (%d) or by event (%d)", s.Clock, ByArrival, ByEvent)
	}
	p.life = c.span(s.ApprovalLife, DefaultApprovalLife)
	p.maxAge = c.span(s.MaxAge, DefaultMaxAge)
	confirm := c.span(s.Confirmation, DefaultConfirmation)

	core := func(reason Reason) meta { return meta{reason: reason, name: string(reason)} }
	counting := func(reason Reason) meta { m := core(reason); m.counting = true; return m }
	add := func(r rule) { c.add(&Terms{}, r) }
	for _, reason := range []Reason{
		RefusedTombstone, RefusedState, RefusedChannelHop, RefusedSubject,
		RefusedCancellation, RefusedReprompt, RefusedReask, RefusedAddress,
	} {
		add(&refused{core(reason)})
	}
	add(&consentVoid{core(ConsentVoid)})
	add(&inhibited{core(Inhibited)})
	add(&confirmOnce{counting(ConfirmOnce)})
	add(&confirmLate{counting(ConfirmLate), confirm})
	add(&confirmPromo{counting(ConfirmPromo)})
	add(&notYet{core(NotYet)})
	add(&personQuiet{core(QuietPerson)})
	add(&budget{counting(BudgetPerson)})
	old := core(Stale)
	old.momentary, old.line = true, s.MaxAge.Line
	add(&stale{old, p.maxAge})

	phrases := s.OptOuts()
	p.named = map[string]Channel{}
	for _, of := range s.OptOutOf {
		c.selector(Selector{Channels: []Channel{of.Channel}}, of.Line)
		for _, phrase := range of.Phrases {
			p.named[Plain(phrase)] = of.Channel
		}
	}
	p.optOuts, p.optIns = optOuts(phrases), map[string]bool{}
	for _, phrase := range slices.Concat(perSeYes(), s.OptInPhrases) {
		switch {
		case Plain(phrase) == "":
			c.wrong(Position{}, "the phrase %q has no word in it, so nobody can say it: leave it out", phrase)
		case ContradictsOptOut(phrase, phrases):
			c.wrong(Position{}, "the phrase %q is heard as a no, so it can be no yes: leave it out", phrase)
		}
		p.optIns[Plain(phrase)] = true
	}
	if s.AnswerOnce != nil {
		c.enforced(&s.AnswerOnce.Terms, "an answer that is let through")
		p.answers = true
	}
}

// enforced refuses the terms of what cannot be tried out, or put off.
func (c *compiler) enforced(t *Terms, what string) {
	if t.Shadow || t.From != (Date{}) || t.Until != (Date{}) {
		c.wrong(t.Line, "%s is there or is not there: leave out shadow, from and until", what)
	}
}

// house adds the rules that this policy chose to have.
func (c *compiler) house() {
	s := c.spec
	for i := range s.ConsentRequired {
		r := &s.ConsentRequired[i]
		c.selector(r.Binds, r.Line)
		c.add(&r.Terms, &consentRequired{c.meta(ConsentRequired, string(ConsentRequired), &r.Terms), r.Binds})
	}
	c.single(s)
	for _, other := range s.Beside {
		c.single(other)
	}
	for i := range s.Hours {
		c.hours(&s.Hours[i])
	}
	for i := range s.Holidays {
		c.holiday(&s.Holidays[i])
	}
	c.caps()
	for i := range s.Gaps {
		c.gap(&s.Gaps[i])
	}
	c.rates()
	c.campaigns()
	c.custom()
	if r := s.Notices; r != nil {
		c.enforced(&r.Terms, "what holds notices back")
		c.positive(r.Wait, r.Line)
		c.positive(r.Repeat, r.Line)
		c.policy.notices = &notices{r.Wait, r.Repeat}
	}
}

// single adds the rules of which a policy has one.
func (c *compiler) single(s *Spec) {
	if r := s.SameMessage; r != nil {
		c.add(&r.Terms, &sameContent{c.spanRule(SameContent, r, true), r.Within})
	}
	if r := s.Silence; r != nil {
		m := c.spanRule(Silence, r, false)
		c.add(&r.Terms, &silence{m, r.Within, false})
		m.reason, m.name = SilenceWinback, string(SilenceWinback)
		c.add(&r.Terms, &silence{m, r.Within, true})
	}
	if r := s.Streak; r != nil {
		if r.Most < 1 {
			c.wrong(r.Line, "a streak of %d unanswered contacts would end every campaign before it begins: write 1 or more", r.Most)
		}
		m := c.meta(SilenceStreak, string(SilenceStreak), &r.Terms)
		m.counting = true
		c.add(&r.Terms, &streak{m, r.Most})
	}
	if r := s.OneChannel; r != nil {
		c.add(&r.Terms, &blast{c.spanRule(ChannelBlast, r, true), r.Within})
	}
	if r := s.Abandoned; r != nil {
		c.add(&r.Terms, &cooldown{c.spanRule(AbandonCooldown, r, false), Window{Length: r.Within}})
	}
	if s.Registered != nil {
		c.registered(s)
	}
}

// spanRule is what a rule has that has no setting but a duration.
func (c *compiler) spanRule(reason Reason, r *SpanRule, counting bool) meta {
	c.positive(r.Within, r.Line)
	m := c.meta(reason, string(reason), &r.Terms)
	m.counting = counting
	return m
}

func (c *compiler) selector(s Selector, line Position) {
	for _, class := range s.Classes {
		if !slices.Contains(Classes(), class) || class == Ask {
			c.wrong(line, "no class %q can be selected: write one of solicitation (it includes ask), collection, service, person, confirmation, legal", class)
		}
	}
	for _, channel := range s.Channels {
		if _, ok := c.policy.channels[channel]; !ok {
			c.wrong(line, "channel %q is not declared: write one of %v, or declare it", channel, c.policy.Channels())
		}
	}
	for _, purpose := range s.Purposes {
		if _, ok := c.policy.purposes[purpose]; !ok {
			c.wrong(line, "purpose %q is not declared: write one of %v, or declare it", purpose, c.policy.Purposes())
		}
	}
	for _, mode := range s.Modes {
		if !slices.Contains(Modes(), mode) {
			c.wrong(line, "there is no mode %q: write one of %v", mode, Modes())
		}
	}
	if s.Except != nil {
		c.selector(*s.Except, line)
	}
}

// keys checks what a rule tells contacts apart by.
func (c *compiler) keys(keys []Key, line Position, known ...Key) {
	for i, k := range keys {
		if !slices.Contains(known, k) {
			c.wrong(line, "this rule cannot count per %q: write one or more of %v", k, known)
		}
		if slices.Contains(keys[:i], k) {
			c.wrong(line, "%q is there twice: keep one", k)
		}
	}
}

// positive checks a duration that a rule cannot do without, and remembers how
// far back the rule looks.
func (c *compiler) positive(d time.Duration, line Position) {
	switch {
	case d <= 0:
		c.wrong(line, "a duration must be longer than nothing: write for example 24h")
	case d%time.Millisecond != 0:
		c.wrong(line, "%s is finer than the millisecond that everything is counted in", d)
	}
	c.policy.memory = max(c.policy.memory, d)
}

// span is an optional duration.
func (c *compiler) span(s Span, otherwise time.Duration) time.Duration {
	if s.Line == (Position{}) && s.Of == 0 {
		return otherwise
	}
	c.positive(s.Of, s.Line)
	return s.Of
}
