package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The defaults of what every policy has.
const (
	DefaultApprovalLife = 15 * time.Minute
	DefaultMaxAge       = 72 * time.Hour
	DefaultConfirmation = 5 * time.Minute
)

// Policy is a checked policy. It is immutable and may be used by any number of
// goroutines. Only Compile makes one; a nil Policy is a mistake.
type Policy struct {
	name     string
	hash     string
	purposes map[Purpose]PurposeSpec
	channels map[Channel]ChannelSpec
	zones    []*time.Location
	life     time.Duration
	notices  *notices
	rules    []rule // in the order in which the first reason is chosen
	optOuts  map[string]bool
	optIns   map[string]bool
	memory   time.Duration
}

// Name is the policy's name.
func (p *Policy) Name() string { return p.name }

// Hash identifies the bytes that the policy was read from. Decisions carry it.
func (p *Policy) Hash() string { return p.hash }

// Class is the class of a purpose and whether the policy declares it.
func (p *Policy) Class(purpose Purpose) (Class, bool) {
	spec, ok := p.purposes[purpose]
	return spec.Class, ok
}

// Judged is the class that an intent is judged and counted as.
func (p *Policy) Judged(in *Intent) Class {
	return judged(p.purpose(in.Purpose).Class, in.Promotes)
}

// purpose is what the policy declares, and of what it does not (any more) a
// solicitation: the strictest reading.
func (p *Policy) purpose(name Purpose) PurposeSpec {
	if spec, ok := p.purposes[name]; ok {
		return spec
	}
	return PurposeSpec{Name: name, Class: Solicitation}
}

// HasChannel says whether the policy declares the channel.
func (p *Policy) HasChannel(channel Channel) bool {
	_, ok := p.channels[channel]
	return ok
}

// ReportsDelivery says whether the channel tells when a contact reached the
// person. Where it does not, sending counts as reaching.
func (p *Policy) ReportsDelivery(channel Channel) bool { return !p.channels[channel].Silent }

// Purposes and Channels list what the policy declares, sorted.
func (p *Policy) Purposes() []Purpose { return slices.Sorted(maps.Keys(p.purposes)) }

// Channels lists the channels that the policy declares, sorted.
func (p *Policy) Channels() []Channel { return slices.Sorted(maps.Keys(p.channels)) }

// Memory is how long contacts must be remembered for the policy's sake, not
// counting what it counts for ever: the longest of its windows.
func (p *Policy) Memory() time.Duration { return p.memory }

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
		hash:     s.Hash,
		purposes: make(map[Purpose]PurposeSpec, len(s.Purposes)),
		channels: make(map[Channel]ChannelSpec, len(s.Channels)),
		memory:   MemoryOfApprovals,
	}}
	c.vocabulary()
	c.core()
	c.house()
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b Problem) int { return cmp.Compare(a.At.Line, b.At.Line) })
		return nil, c.problems
	}
	slices.SortStableFunc(c.policy.rules, func(a, b rule) int {
		return cmp.Compare(rank(a.about().reason), rank(b.about().reason))
	})
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

func (c *compiler) add(r rule) { c.policy.rules = append(c.policy.rules, r) }

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
	p.life = c.span(s.ApprovalLife, DefaultApprovalLife)
	maxAge := c.span(s.MaxAge, DefaultMaxAge)
	confirm := c.span(s.Confirmation, DefaultConfirmation)

	core := func(reason Reason) meta { return meta{reason: reason, name: string(reason)} }
	counting := func(reason Reason) meta { m := core(reason); m.counting = true; return m }
	for _, reason := range []Reason{
		RefusedTombstone, RefusedState, RefusedChannelHop, RefusedSubject,
		RefusedCancellation, RefusedReprompt, RefusedReask, RefusedAddress,
	} {
		c.add(&refused{core(reason)})
	}
	c.add(&consentVoid{core(ConsentVoid)})
	c.add(&inhibited{core(Inhibited)})
	c.add(&confirmOnce{counting(ConfirmOnce)})
	c.add(&confirmLate{counting(ConfirmLate), confirm})
	c.add(&confirmPromo{counting(ConfirmPromo)})
	c.add(&notYet{core(NotYet)})
	c.add(&personQuiet{core(QuietPerson)})
	c.add(&budget{counting(BudgetPerson)})
	old := core(Stale)
	old.momentary, old.line = true, s.MaxAge.Line
	c.add(&stale{old, maxAge})

	p.optOuts, p.optIns = map[string]bool{}, map[string]bool{}
	for _, phrase := range slices.Concat(perSe(), s.OptOutPhrases) {
		p.optOuts[plain(phrase)] = true
	}
	for _, phrase := range slices.Concat(perSeYes(), s.OptInPhrases) {
		p.optIns[plain(phrase)] = true
	}
}

// house adds the rules that this policy chose to have.
func (c *compiler) house() {
	s := c.spec
	for i := range s.ConsentRequired {
		r := &s.ConsentRequired[i]
		c.selector(r.Binds, r.Line)
		c.add(&consentRequired{meta{reason: ConsentRequired, name: string(ConsentRequired), line: r.Line}, r.Binds})
	}
	if r := s.SameMessage; r != nil {
		c.positive(r.Within, r.Line)
		c.add(&sameContent{meta{reason: SameContent, name: string(SameContent), line: r.Line, counting: true}, r.Within})
	}
	if r := s.Silence; r != nil {
		c.positive(r.Within, r.Line)
		c.add(&silence{meta{reason: Silence, name: string(Silence), line: r.Line}, r.Within, false})
		c.add(&silence{meta{reason: SilenceWinback, name: string(SilenceWinback), line: r.Line}, r.Within, true})
	}
	if r := s.Streak; r != nil {
		if r.Most < 1 {
			c.wrong(r.Line, "a streak of %d unanswered contacts would end every campaign before it begins: write 1 or more", r.Most)
		}
		c.add(&streak{meta{reason: SilenceStreak, name: string(SilenceStreak), line: r.Line, counting: true}, r.Most})
	}
	for i := range s.Hours {
		c.hours(&s.Hours[i])
	}
	c.caps()
	for i := range s.Gaps {
		r := &s.Gaps[i]
		c.positive(r.Least, r.Line)
		c.selector(r.Binds, r.Line)
		c.selector(r.Counts, r.Line)
		c.add(&gap{meta{reason: MinGap, name: string(MinGap), line: r.Line, counting: true}, r.Least, r.Binds, r.Counts})
	}
	if r := s.OneChannel; r != nil {
		c.positive(r.Within, r.Line)
		c.add(&blast{meta{reason: ChannelBlast, name: string(ChannelBlast), line: r.Line, counting: true}, r.Within})
	}
	if r := s.Abandoned; r != nil {
		c.positive(r.Within, r.Line)
		c.add(&cooldown{meta{reason: AbandonCooldown, name: string(AbandonCooldown), line: r.Line}, r.Within})
	}
	if r := s.Notices; r != nil {
		c.positive(r.Wait, r.Line)
		c.positive(r.Repeat, r.Line)
		c.policy.notices = &notices{r.Wait, r.Repeat}
	}
}

func (c *compiler) caps() {
	names := map[string]Position{}
	for i := range c.spec.Caps {
		r := &c.spec.Caps[i]
		if first, twice := names[r.Name]; twice {
			c.wrong(r.Line, "cap %q is there twice, first at line %d: give each a name of its own", r.Name, first.Line)
		}
		names[r.Name] = r.Line
		if r.Name == "" {
			c.wrong(r.Line, "a cap needs a name: vetoes say cap.<name>")
		}
		if r.Most < 0 {
			c.wrong(r.Line, "cap %q allows %d: write 0 for none at all, or a positive number", r.Name, r.Most)
		}
		c.selector(r.Binds, r.Line)
		c.selector(r.Counts, r.Line)
		var in window = ever{}
		switch {
		case !r.Ever:
			c.positive(r.In, r.Line)
			in = rolling(r.In)
		case r.In != 0:
			c.wrong(r.Line, "cap %q has both a window and ever: keep one", r.Name)
		}
		c.add(&limit{
			meta: meta{reason: capPrefix + Reason(r.Name), name: string(capPrefix) + r.Name, line: r.Line, counting: true},
			most: r.Most, in: in, binds: r.Binds, counts: r.Counts, perCampaign: r.PerCampaign,
		})
	}
}

func (c *compiler) hours(s *HoursSpec) {
	c.selector(s.Binds, s.Line)
	r := &hours{meta: meta{reason: QuietHours, name: string(QuietHours), line: s.Line}, binds: s.Binds}
	for _, o := range s.Open {
		if o.From < 0 || o.To > 24*time.Hour || o.From >= o.To {
			c.wrong(o.Line, "hours must open before they close, within one day: write 09:00-20:00, and two spans for a night")
			continue
		}
		for day, on := range o.Days {
			if !on {
				continue
			}
			next := weekSpan{time.Weekday(day), int(o.From / time.Minute), int(o.To / time.Minute)}
			for _, other := range r.open {
				if other.day == next.day && other.from < next.to && next.from < other.to {
					c.wrong(o.Line, "these hours overlap others on %s: join them", next.day)
				}
			}
			r.open = append(r.open, next)
		}
	}
	if len(r.open) == 0 {
		c.wrong(s.Line, "hours that never open forbid the channel for good: write at least one span")
	}
	c.add(r)
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

// Forgets says whether nothing under this policy will look at the contact
// again: it is older than every window and the memory of its id, no rule counts
// it for ever, and no silence or streak began with it.
func (p *Policy) Forgets(who *Person, c *Contact, now Instant) bool {
	if now < c.At.Add(p.memory) || (c.Class == Solicitation && (c.At > who.HumanAct || c.Delivered > who.HumanAct)) {
		return false
	}
	for i := range who.Budget {
		if now < c.At.Add(who.Budget[i].Per) {
			return false // the person's own windows may be longer than the policy's
		}
	}
	for _, r := range p.rules {
		if l, ok := r.(*limit); ok && l.in == (ever{}) && l.counts.matches(c.Class, c.Channel) {
			return false
		}
	}
	return true
}
