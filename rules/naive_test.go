package rules_test

import (
	"slices"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// second is a second opinion: it reads a Spec sentence by sentence and says which
// rules object at one instant, with nothing of the package but the values. It knows
// no order, no earliest and no clever clock: days are looked up on the wall.
type second struct {
	spec *rules.Spec
	who  *rules.Person
	in   *rules.Intent
	now  rules.Instant
	seen map[sight]rules.Instant // clocks that were looked at
}

// sight is a time of day at a place: the day in UTC, and the time on the wall.
type sight struct {
	zone string
	wall time.Time
}

// shows is when the clocks of a place show a time of a day: the later of two
// instants, and where they skip it as long after the last time before it as if they
// had not.
func (s *second) shows(loc *time.Location, wall time.Time) rules.Instant {
	if s.seen == nil {
		s.seen = map[sight]rules.Instant{}
	}
	if known, ok := s.seen[sight{loc.String(), wall}]; ok {
		return known
	}
	var shown, skipped rules.Instant
	last := time.Duration(0) // how far the clock was ahead of the time looked for
	for t := wall.Add(-15 * hour); t.Before(wall.Add(15 * hour)); t = t.Add(15 * minute) {
		local := t.In(loc)
		y, m, d := local.Date()
		ahead := time.Date(y, m, d, local.Hour(), local.Minute(), 0, 0, time.UTC).Sub(wall)
		switch {
		case ahead == 0:
			shown = rules.At(t)
		case last < 0 && ahead > 0:
			skipped = rules.At(t.Add(-15*minute - last))
		}
		last = ahead
	}
	if shown == 0 {
		shown = skipped
	}
	s.seen[sight{loc.String(), wall}] = shown
	return shown
}

// begins is when a day begins at a place.
func (s *second) begins(loc *time.Location, day time.Time) rules.Instant { return s.shows(loc, day) }

// today is the day that the calendar on the wall shows, and before the second of
// two midnights the day before.
func (s *second) today(loc *time.Location, at rules.Instant) time.Time {
	y, m, d := at.Time().In(loc).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if at < s.begins(loc, day) {
		return day.AddDate(0, 0, -1)
	}
	return day
}

// places are all in which an instant must be allowed.
func (s *second) places() []*time.Location {
	switch {
	case len(s.in.Zones)+len(s.who.Zones) > 0:
		return slices.Concat(s.in.Zones, s.who.Zones)
	case len(s.in.NumberZones) > 0:
		return s.in.NumberZones
	}
	var zones []*time.Location
	for _, z := range s.spec.Zones {
		zones = append(zones, z.Zone)
	}
	return zones
}

func (s *second) class() rules.Class {
	class := classes[s.in.Purpose]
	if s.in.Promotes && class != rules.Legal && class != rules.Confirmation {
		return rules.Solicitation
	}
	return class
}

// selects: what sells is picked as a solicitation, and as what its purpose is too.
func selects(s *rules.Selector, judged rules.Class, promotes bool, channel rules.Channel, purpose rules.Purpose, mode rules.Mode) bool {
	if s.Except != nil && selects(s.Except, judged, false, channel, purpose, mode) {
		return false
	}
	class := s.Classes == nil || slices.Contains(s.Classes, judged) || promotes && slices.Contains(s.Classes, classes[purpose])
	return class && (s.Channels == nil || slices.Contains(s.Channels, channel)) &&
		(s.Purposes == nil || slices.Contains(s.Purposes, purpose)) && (s.Modes == nil || slices.Contains(s.Modes, mode))
}

func (s *second) binds(of *rules.Selector) bool {
	return selects(of, s.class(), s.in.Promotes, s.in.Channel, s.in.Purpose, s.in.Mode)
}

// stands says whether a contact counts now (semantics.md, "Counting").
func (s *second) stands(c *rules.Contact) bool {
	f := c.Fate
	switch {
	case f.Has(rules.WrongNumber):
		return false
	case f.Has(rules.Happened):
		return true
	case f.Has(rules.NotSent | rules.OptedOut | rules.Busy):
		return false
	case f.Has(rules.WasRedeemed):
		return true
	}
	return !f.Has(rules.WasRevoked) && s.now < c.NotAfter
}

// holds says whether what was at an instant is still in the window. First is when
// successive periods began.
func (s *second) holds(w rules.Window, was, first rules.Instant) bool {
	switch w.Kind {
	case rules.Ever:
		return true
	case rules.Rolling:
		return s.now.Sub(was) < w.Length
	case rules.Successive: // in the same period as now, or a later one
		end := first
		for end <= was {
			end = end.Add(w.Length)
		}
		return s.now < end
	}
	for _, loc := range s.places() {
		day := s.today(loc, was)
		next := day.AddDate(0, 0, w.Days)
		switch w.Kind {
		case rules.CalendarWeek:
			for next = day.AddDate(0, 0, 1); next.Weekday() != time.Monday; {
				next = next.AddDate(0, 0, 1)
			}
		case rules.CalendarMonth:
			for next = day; next.Month() == day.Month(); {
				next = next.AddDate(0, 0, 1)
			}
		}
		if s.now < s.begins(loc, next) {
			return true
		}
	}
	return false
}

// inForce says whether the day is one on which the rule holds, at any place.
func (s *second) inForce(t *rules.Terms) bool {
	begun, over := t.From == (rules.Date{}), t.Until != (rules.Date{})
	for _, loc := range s.places() {
		begun = begun || s.now >= s.begins(loc, utc(t.From))
		over = over && s.now >= s.begins(loc, utc(t.Until).AddDate(0, 0, 1))
	}
	return begun && !over
}

// agreed says whether a fresh consent sets a rule aside, which no talk followed and
// no refusal.
func (s *second) agreed(w *rules.WaiverSpec) bool {
	for _, c := range s.who.Consents {
		if w == nil || !c.Effective || c.At > s.now || !s.within(&c.Scope) || !s.holds(w.For, c.At, 0) {
			continue
		}
		talked := slices.ContainsFunc(s.who.Talks, func(t rules.Talk) bool { return t.At > c.At && s.about(t.Subject) })
		revoked := slices.ContainsFunc(s.who.Noes, func(no rules.No) bool { return no.At >= c.At && s.refuses(&no) })
		if !talked && !revoked {
			return true
		}
	}
	return false
}

// refuses says whether a no means the intent. The noes here refuse a medium, of one
// brand or of all.
func (s *second) refuses(no *rules.No) bool {
	return no.Scope.Channel == s.in.Channel && (no.Scope.Brand == "" || no.Scope.Brand == s.in.Brand)
}

// refused says whether a no stands against the intent: no later yes to it, and it
// is not the one answer to what the person asked through the refused medium.
func (s *second) refused() bool {
	return slices.ContainsFunc(s.who.Noes, func(no rules.No) bool {
		lifted := slices.ContainsFunc(s.who.Consents, func(c rules.Consent) bool { return c.Effective && c.At > no.At && s.within(&c.Scope) })
		asked := slices.ContainsFunc(s.who.Asked, func(r rules.Request) bool {
			return r.Signal == s.in.ReplyTo && r.Channel == s.in.Channel && r.At > no.At
		})
		answered := s.count(func(c *rules.Contact) bool { return c.ReplyTo == s.in.ReplyTo }) > 0
		return s.refuses(&no) && !lifted && !(s.spec.AnswerOnce != nil && asked && !answered)
	})
}

func (s *second) about(subject rules.Subject) bool {
	return subject == "" || s.in.Subject == "" || subject == s.in.Subject
}

// within says whether the intent has all that the scope names.
func (s *second) within(scope *rules.Scope) bool {
	return (scope.Channel == "" || scope.Channel == s.in.Channel) && (scope.Purpose == "" || scope.Purpose == s.in.Purpose) &&
		(scope.Subject == "" || scope.Subject == s.in.Subject) && (scope.Brand == "" || scope.Brand == s.in.Brand) &&
		(scope.Address == "" || scope.Address == s.in.Address)
}

// counted is how many contacts the cap counts now.
func (s *second) counted(c *rules.CapSpec) (n int) {
	first := rules.Instant(0)
	for i := range s.who.Contacts {
		o := &s.who.Contacts[i]
		alike := !slices.ContainsFunc(c.Per, func(k rules.Key) bool {
			return map[rules.Key]bool{
				rules.PerCampaign: o.Campaign != s.in.Campaign, rules.PerSubject: o.Subject != s.in.Subject, rules.PerBrand: o.Brand != s.in.Brand,
				rules.PerChannel: o.Channel != s.in.Channel, rules.PerAddress: o.Address != s.in.Address,
			}[k]
		})
		if !alike || !selects(&c.Counts, o.Class, o.Promotes, o.Channel, o.Purpose, o.Mode) || slices.Contains(o.Waived, "cap."+c.Name) {
			continue
		}
		if first == 0 {
			first = o.At
		}
		if s.stands(o) && s.holds(c.In, o.At, first) {
			n++
		}
	}
	return n
}

// objections are the names of the rules that object now, those on trial apart.
func (s *second) objections() (enforced, trial []string) {
	say := func(t *rules.Terms, name string, objects bool) {
		switch {
		case !objects || !s.inForce(t):
		case t.Shadow:
			trial = append(trial, name)
		default:
			enforced = append(enforced, name)
		}
	}
	core := new(rules.Terms)
	exempt, solicits := s.class().Exempt(), s.class() == rules.Solicitation
	switch no := !exempt && s.refused(); s.in.Purpose {
	case "consent_request":
		say(core, "refused.reask", no)
	case "permission_prompt":
		say(core, "refused.reprompt", no)
	default:
		say(core, "refused.state", no)
	}
	say(core, "not_yet", s.now < s.in.NotBefore)
	say(core, "confirm.late", s.class() == rules.Confirmation) // nobody opted out
	say(core, "confirm.once", s.class() == rules.Confirmation && s.count(func(c *rules.Contact) bool { return c.Class == rules.Confirmation }) > 0)
	say(core, "confirm.promo", s.class() == rules.Confirmation && s.in.Promotes)

	for i := range s.spec.Caps {
		c := &s.spec.Caps[i]
		used := s.counted(c)
		binds := s.binds(&c.Binds) && !s.agreed(c.Waiver)
		say(&c.Terms, "cap."+c.Name, binds && used >= c.Most)
		if c.Reserve != nil {
			say(&c.Terms, "cap."+c.Name+".reserved", binds && s.in.Priority < c.Reserve.Priority && used >= c.Most-c.Reserve.Slots)
		}
	}
	for i := range s.spec.Pauses {
		p := &s.spec.Pauses[i]
		talked := slices.ContainsFunc(s.who.Talks, func(t rules.Talk) bool {
			return s.holds(p.For, t.At, 0) && (!slices.Contains(p.Per, rules.PerSubject) || s.about(t.Subject)) &&
				(!slices.Contains(p.Per, rules.PerChannel) || t.Channel == s.in.Channel)
		})
		say(&p.Terms, "cap."+p.Name, s.binds(&p.Binds) && talked && !s.agreed(p.Waiver))
	}
	for i := range s.spec.Gaps {
		g := &s.spec.Gaps[i]
		close := slices.ContainsFunc(s.who.Contacts, func(c rules.Contact) bool {
			pauses := s.stands(&c) || (c.Fate.Has(rules.Busy) && !c.Fate.Has(rules.WrongNumber))
			return pauses && selects(&g.Counts, c.Class, c.Promotes, c.Channel, c.Purpose, c.Mode) && s.now.Sub(c.At) < g.Least
		})
		say(&g.Terms, "pace.min_gap", s.binds(&g.Binds) && close)
	}
	for i := range s.spec.Hours {
		h := &s.spec.Hours[i]
		say(&h.Terms, "quiet.hours", !exempt && s.binds(&h.Binds) && s.closed(h))
	}
	for i := range s.spec.Holidays {
		h := &s.spec.Holidays[i]
		say(&h.Terms, "quiet.holiday", !exempt && s.binds(&h.Binds) && s.holiday(h))
	}
	for i := range s.spec.ConsentRequired {
		c := &s.spec.ConsentRequired[i]
		yes := slices.ContainsFunc(s.who.Consents, func(y rules.Consent) bool { return y.Effective && s.within(&y.Scope) })
		say(&c.Terms, "consent.required", s.binds(&c.Binds) && !yes)
	}
	s.singles(say, solicits)
	s.campaign(say, exempt)
	for i := range s.spec.Custom {
		x := &s.spec.Custom[i]
		no, err := x.Vetoes(s.facts())
		say(&x.Terms, "custom."+x.Name, s.binds(&x.Binds) && (no || err != nil))
	}
	slices.Sort(enforced)
	slices.Sort(trial)
	return enforced, trial
}

// closed says whether it is outside the hours at any place.
func (s *second) closed(h *rules.HoursSpec) bool {
	return slices.ContainsFunc(s.places(), func(loc *time.Location) bool {
		return !slices.ContainsFunc(h.Open, func(o rules.OpenSpec) bool {
			return s.opened(loc, &o, s.today(loc, s.now)) || s.opened(loc, &o, s.today(loc, s.now).AddDate(0, 0, -1))
		})
	})
}

func (s *second) opened(loc *time.Location, o *rules.OpenSpec, day time.Time) bool {
	return o.Days[day.Weekday()] && s.shows(loc, day.Add(o.From)) <= s.now && s.now < s.shows(loc, day.Add(o.To))
}

// holiday says whether it is one at any place.
func (s *second) holiday(h *rules.HolidaySpec) bool {
	return slices.ContainsFunc(s.places(), func(loc *time.Location) bool {
		day := s.today(loc, s.now)
		return slices.ContainsFunc(h.Days, func(d rules.HolidayDay) bool {
			if d.Easter {
				return sundayOf(day.Year()).AddDate(0, 0, d.Offset).Equal(day)
			}
			return d.Date.Month == day.Month() && d.Date.Day == day.Day() && (d.Date.Year == 0 || d.Date.Year == day.Year())
		})
	})
}

// sundayOf is Easter of the few years around which things are drawn.
func sundayOf(year int) time.Time {
	return map[int]time.Time{
		2025: utc(rules.Date{Year: 2025, Month: 4, Day: 20}), 2026: utc(rules.Date{Year: 2026, Month: 4, Day: 5}),
		2027: utc(rules.Date{Year: 2027, Month: 3, Day: 28}), 2028: utc(rules.Date{Year: 2028, Month: 4, Day: 16}),
	}[year]
}
