package rules_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// Random policies, with rules of every kind, and random people to ask them about:
// around ordinary days, and around those on which the clocks of some place change,
// a month or a year ends, or a leap day is.

// drawnZones are places with every habit of clocks: half an hour of summer time,
// midnights that are skipped (Santiago, Havana) or come twice (Havana, Azores),
// nights whose last hour comes twice (Santiago), quarters of an hour.
func drawnZones() []string {
	return []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "America/Havana",
		"Atlantic/Azores", "Asia/Kathmandu",
	}
}

// anchors are the instants around which everything is drawn.
func anchors() []rules.Instant {
	return []rules.Instant{
		noon, at("2026-03-08T06:00:00Z"), at("2026-03-29T01:00:00Z"), at("2026-04-05T04:00:00Z"), at("2026-09-06T04:00:00Z"),
		at("2026-10-03T15:30:00Z"), at("2026-10-25T01:00:00Z"), at("2026-11-01T05:00:00Z"), at("2027-01-01T00:00:00Z"), at("2028-02-29T12:00:00Z"),
	}
}

func drawNow(t *rapid.T) rules.Instant {
	anchor := rapid.SampledFrom(anchors()).Draw(t, "anchor")
	return anchor.Add(time.Duration(rapid.IntRange(-96, 96).Draw(t, "half hours"))*30*minute) + rules.Instant(rapid.IntRange(-1, 1).Draw(t, "ms"))
}

// ago is an instant up to so many days before now.
func ago(t *rapid.T, label string, now rules.Instant, days int) rules.Instant {
	return now.Add(-time.Duration(rapid.IntRange(0, days*48).Draw(t, label))*30*minute) + rules.Instant(rapid.IntRange(-1, 0).Draw(t, label+" ms"))
}

func sometimes(t *rapid.T, label string, in int) bool {
	return rapid.IntRange(1, in).Draw(t, label) == 1
}

func drawDate(t *rapid.T, now rules.Instant) rules.Date {
	y, m, d := now.Add(time.Duration(rapid.IntRange(-3, 4).Draw(t, "day")) * day).Time().Date()
	return rules.Date{Year: y, Month: m, Day: d}
}

func drawTerms(t *rapid.T, now rules.Instant) rules.Terms {
	var terms rules.Terms
	if sometimes(t, "from", 5) {
		terms.From = drawDate(t, now)
	}
	if sometimes(t, "until", 5) {
		terms.Until = drawDate(t, now)
	}
	if terms.From != (rules.Date{}) && terms.Until != (rules.Date{}) && utc(terms.Until).Before(utc(terms.From)) {
		terms.From, terms.Until = terms.Until, terms.From
	}
	terms.Shadow = sometimes(t, "shadow", 6)
	return terms
}

func utc(d rules.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func drawSelector(t *rapid.T) rules.Selector {
	s := rules.Selector{
		Classes:  rapid.SampledFrom([][]rules.Class{nil, nil, {rules.Solicitation}, {rules.Collection, rules.Service}, {rules.Solicitation, rules.Collection, rules.Service}}).Draw(t, "classes"),
		Channels: rapid.SampledFrom([][]rules.Channel{nil, nil, {"call"}, {"email", "sms"}}).Draw(t, "channels"),
		Purposes: rapid.SampledFrom([][]rules.Purpose{nil, nil, nil, {"marketing", "collection"}}).Draw(t, "purposes"),
		Modes:    rapid.SampledFrom([][]rules.Mode{nil, nil, nil, {rules.ModePredictive}}).Draw(t, "modes"),
	}
	if sometimes(t, "except", 5) {
		s.Except = &rules.Selector{Channels: []rules.Channel{"sms"}}
	}
	return s
}

func drawWindow(t *rapid.T) rules.Window {
	length := func(label string) time.Duration {
		return time.Duration(rapid.IntRange(1, 200).Draw(t, label)) * 30 * minute
	}
	switch kind := rapid.SampledFrom([]rules.WindowKind{
		rules.Rolling, rules.Rolling, rules.Ever, rules.CalendarDays, rules.CalendarDays, rules.CalendarWeek, rules.CalendarMonth, rules.Successive,
	}).Draw(t, "kind"); kind {
	case rules.Rolling, rules.Successive:
		return rules.Window{Kind: kind, Length: length("length")}
	case rules.CalendarDays:
		return rules.Window{Kind: kind, Days: rapid.IntRange(1, 8).Draw(t, "calendar days")}
	default:
		return rules.Window{Kind: kind}
	}
}

func drawWaiver(t *rapid.T) *rules.WaiverSpec {
	if !sometimes(t, "waiver", 4) {
		return nil
	}
	return &rules.WaiverSpec{For: drawStretch(t)}
}

func drawStretch(t *rapid.T) rules.Window {
	if rapid.Bool().Draw(t, "calendar") {
		return rules.Window{Kind: rules.CalendarDays, Days: rapid.IntRange(1, 8).Draw(t, "stretch of days")}
	}
	return rules.Window{Length: time.Duration(rapid.IntRange(1, 200).Draw(t, "stretch")) * 30 * minute}
}

// drawSpec is a random policy. It is marked as put together of several, so that
// its caps may be as idle as chance has it.
func drawSpec(t *rapid.T, now rules.Instant) *rules.Spec {
	s := bareSpec()
	s.Combined = true
	for range rapid.IntRange(1, 2).Draw(t, "default zones") {
		s.Zones = append(s.Zones, rules.ZoneSpec{Zone: zone(rapid.SampledFrom(drawnZones()).Draw(t, "default zone"))})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "caps") {
		c := rules.CapSpec{
			Terms: drawTerms(t, now), Name: fmt.Sprint("c", i), Most: rapid.IntRange(0, 3).Draw(t, "most"), In: drawWindow(t),
			Binds: drawSelector(t), Counts: drawSelector(t), Waiver: drawWaiver(t),
			Per: rapid.SampledFrom([][]rules.Key{
				nil, nil, {rules.PerCampaign}, {rules.PerSubject}, {rules.PerBrand, rules.PerChannel}, {rules.PerAddress}, {rules.PerCampaign, rules.PerSubject},
			}).Draw(t, "per"),
		}
		if rapid.Bool().Draw(t, "counts what it binds") {
			c.Counts = c.Binds
		}
		if c.Most > 0 && sometimes(t, "reserve", 3) {
			c.Reserve = &rules.ReserveSpec{Slots: rapid.IntRange(1, c.Most).Draw(t, "slots"), Priority: rapid.IntRange(1, 100).Draw(t, "reserved for")}
		}
		s.Caps = append(s.Caps, c)
	}
	for i := range rapid.IntRange(0, 1).Draw(t, "pauses") {
		s.Pauses = append(s.Pauses, rules.PauseSpec{
			Terms: drawTerms(t, now), Name: fmt.Sprint("p", i), Binds: drawSelector(t), For: drawStretch(t), Waiver: drawWaiver(t),
			Per: rapid.SampledFrom([][]rules.Key{nil, {rules.PerSubject}, {rules.PerChannel}, {rules.PerSubject, rules.PerChannel}}).Draw(t, "pause per"),
		})
	}
	for range rapid.IntRange(0, 1).Draw(t, "gaps") {
		s.Gaps = append(s.Gaps, rules.GapSpec{
			Terms: drawTerms(t, now), Least: time.Duration(rapid.IntRange(1, 30).Draw(t, "least")) * 30 * minute, Binds: drawSelector(t), Counts: drawSelector(t),
		})
	}
	drawTimes(t, s, now)
	drawSingles(t, s, now)
	drawCampaigns(t, s, now)
	for i := range rapid.IntRange(0, 2).Draw(t, "custom rules") {
		s.Custom = append(s.Custom, rules.CustomSpec{Terms: drawTerms(t, now), Name: fmt.Sprint("x", i), Binds: drawSelector(t), Vetoes: drawCustom(t)})
	}
	return s
}

// drawTimes draws hours and holidays.
func drawTimes(t *rapid.T, s *rules.Spec, now rules.Instant) {
	for range rapid.IntRange(0, 1).Draw(t, "hours") {
		h := rules.HoursSpec{Terms: drawTerms(t, now), Binds: drawSelector(t)}
		from := rapid.IntRange(0, 40).Draw(t, "from")
		to := rapid.IntRange(from+1, 48).Draw(t, "to")
		o := rules.OpenSpec{From: time.Duration(from) * 30 * minute, To: time.Duration(to) * 30 * minute}
		for d := range o.Days {
			o.Days[d] = d == 3 || !sometimes(t, "closed", 4)
		}
		h.Open = []rules.OpenSpec{o}
		s.Hours = append(s.Hours, h)
	}
	for range rapid.IntRange(0, 1).Draw(t, "holidays") {
		h := rules.HolidaySpec{Terms: drawTerms(t, now), Binds: drawSelector(t)}
		for range rapid.IntRange(1, 3).Draw(t, "holiday days") {
			d := rules.HolidayDay{Date: drawDate(t, now)}
			switch rapid.IntRange(0, 2).Draw(t, "kind of day") {
			case 0:
				d.Date.Year = 0
			case 1:
				d = rules.HolidayDay{Easter: true, Offset: rapid.IntRange(-30, 60).Draw(t, "after Easter")}
			}
			if !slices.Contains(h.Days, d) {
				h.Days = append(h.Days, d)
			}
		}
		s.Holidays = append(s.Holidays, h)
	}
}

// drawSingles draws the rules of which there is one.
func drawSingles(t *rapid.T, s *rules.Spec, now rules.Instant) {
	span := func(label string, in int, longest time.Duration) *rules.SpanRule {
		if !sometimes(t, label, in) {
			return nil
		}
		return &rules.SpanRule{Terms: drawTerms(t, now), Within: time.Duration(rapid.IntRange(1, int(longest/hour)).Draw(t, label+" within")) * hour}
	}
	s.SameMessage = span("same message", 3, 48*hour)
	s.Silence = span("silence", 4, 300*hour)
	s.OneChannel = span("one channel", 4, 48*hour)
	s.Abandoned = span("abandoned", 3, 100*hour)
	if sometimes(t, "streak", 4) {
		s.Streak = &rules.StreakSpec{Terms: drawTerms(t, now), Most: rapid.IntRange(1, 4).Draw(t, "streak of")}
	}
	if sometimes(t, "answer once", 2) {
		s.AnswerOnce = new(rules.TermsRule)
	}
	if sometimes(t, "consent required", 4) {
		s.ConsentRequired = []rules.ConsentSpec{{Terms: drawTerms(t, now), Binds: drawSelector(t)}}
	}
	if sometimes(t, "rates", 3) {
		s.AbandonRates = []rules.RateSpec{{Terms: drawTerms(t, now), Name: "tsr", Most: 30, Period: rules.Window{Kind: rules.Successive, Length: 30 * day}}}
	}
}

func drawCampaigns(t *rapid.T, s *rules.Spec, now rules.Instant) {
	if sometimes(t, "registered", 3) {
		s.Campaigns = []rules.CampaignSpec{{
			Name: "spring", Ends: drawDate(t, now), MostAttempts: rapid.IntRange(1, 4).Draw(t, "attempts"), Killed: sometimes(t, "killed", 6),
			WayIn: rules.WaySpec{Steps: 2, Label: "Sign up"}, WayOut: rules.WaySpec{Steps: rapid.IntRange(1, 3).Draw(t, "steps"), Label: "Unsubscribe"},
		}}
	}
	if sometimes(t, "registered only", 6) {
		s.Registered = &rules.TermsRule{Terms: drawTerms(t, now)}
	}
}

// drawCustom is a rule of the policy's own making, of one of several tempers.
func drawCustom(t *rapid.T) func(*rules.CustomFacts) (bool, error) {
	n := rapid.IntRange(0, 3).Draw(t, "n")
	switch rapid.IntRange(0, 4).Draw(t, "temper") {
	case 0:
		return func(f *rules.CustomFacts) (bool, error) { return f.Counts["c0"] > n, nil }
	case 1:
		return func(f *rules.CustomFacts) (bool, error) { return f.Contacts > 2*n && f.Intent.Priority < 50, nil }
	case 2:
		return func(f *rules.CustomFacts) (bool, error) { return f.Counts["c0"]+f.Counts["c1"] == n, nil }
	case 3:
		return func(f *rules.CustomFacts) (bool, error) { return f.Silent && f.Class == rules.Solicitation, nil }
	}
	return func(f *rules.CustomFacts) (bool, error) {
		if f.Counts["c0"] > n {
			return false, errors.New("too much to think about")
		}
		return false, nil
	}
}

// drawAsked is an intent to ask a random policy about.
func drawAsked(t *rapid.T, now rules.Instant) rules.Intent {
	in := drawIntent(t)
	in.At, in.Zones = now, nil
	in.ReplyTo = rapid.SampledFrom([]rules.SignalID{"", "q"}).Draw(t, "in reply to")
	in.Priority = rapid.IntRange(0, 100).Draw(t, "priority")
	for range rapid.IntRange(0, 2).Draw(t, "places") {
		in.Zones = append(in.Zones, zone(rapid.SampledFrom(drawnZones()).Draw(t, "place")))
	}
	if sometimes(t, "not before", 6) {
		in.NotBefore = now.Add(time.Duration(rapid.IntRange(-4, 60).Draw(t, "half hours ahead")) * 30 * minute)
	}
	for range rapid.IntRange(0, 1).Draw(t, "rated") {
		answered := rapid.IntRange(1, 100).Draw(t, "answered")
		in.Rates = []rules.Rate{{
			Rule: "abandon.rate.tsr", Until: now.Add(time.Duration(rapid.IntRange(-10, 100).Draw(t, "period ends")) * hour),
			Answered: answered, Abandoned: rapid.IntRange(0, min(answered, 5)).Draw(t, "abandoned"),
		}}
	}
	return in
}

// drawHistory is a person with contacts, consents and talks in the fortnight
// before now. No no speaks against anything but perhaps that of a medium, through
// which the person may have asked since: the others have tests of their own.
func drawHistory(t *rapid.T, now rules.Instant) *rules.Person {
	var contacts []rules.Contact
	for i := range rapid.IntRange(0, 8).Draw(t, "contacts") {
		in := drawIntent(t)
		in.ID, in.Zones = rules.IntentID(fmt.Sprint("before", i)), nil
		c := sent(ago(t, "sent", now, 14), rapid.SampledFrom([]rules.Fate{
			0, 0, rules.WasRedeemed, rules.WasRedeemed, rules.WasRedeemed | rules.Happened, rules.NotSent, rules.Busy, rules.WasRevoked, rules.WrongNumber,
		}).Draw(t, "fate"), in)
		if c.Fate.Has(rules.Happened) {
			c.Delivered = c.At
		}
		if sometimes(t, "waived", 5) {
			c.Waived = []string{"cap.c0"}
		}
		if sometimes(t, "answers", 5) {
			c.ReplyTo = "q"
		}
		contacts = append(contacts, c)
	}
	who := with(contacts...)
	for range rapid.IntRange(0, 2).Draw(t, "yeses") {
		who.Consents = append(who.Consents, rules.Consent{Scope: drawScope(t), At: ago(t, "said yes", now, 9), Effective: !sometimes(t, "ineffective", 4)})
	}
	for range rapid.IntRange(0, 2).Draw(t, "talks") {
		who.Talks = append(who.Talks, rules.Talk{
			Channel: rapid.SampledFrom([]rules.Channel{"call", "sms"}).Draw(t, "talked by"),
			Subject: rapid.SampledFrom([]rules.Subject{"", "s"}).Draw(t, "talked about"), At: ago(t, "talked", now, 9),
		})
	}
	for range rapid.IntRange(0, 1).Draw(t, "refused media") {
		who.Noes = append(who.Noes, refusal(ago(t, "refused", now, 9), rules.Scope{
			Channel: rapid.SampledFrom([]rules.Channel{"sms", "call"}).Draw(t, "refused medium"), Brand: rapid.SampledFrom([]rules.Brand{"", "b"}).Draw(t, "refused brand"),
		}))
	}
	for range rapid.IntRange(0, 1).Draw(t, "asked") {
		who.Asked = append(who.Asked, rules.Request{
			Signal: "q", Channel: rapid.SampledFrom([]rules.Channel{"sms", "call"}).Draw(t, "asked by"), At: ago(t, "asked at", now, 9),
		})
	}
	if sometimes(t, "acted", 4) {
		who.HumanAct = ago(t, "act", now, 9)
	}
	if sometimes(t, "hung up on", 4) {
		who.Abandoned = ago(t, "hung up on at", now, 4)
	}
	return who
}
