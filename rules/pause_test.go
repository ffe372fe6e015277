package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// paused keeps calls away for so long after a conversation.
func paused(t *testing.T, lasts rules.Window, w *rules.WaiverSpec, per ...rules.Key) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		s.Pauses = []rules.PauseSpec{{
			Terms: rules.Terms{Line: line(6)}, Name: "talk", For: lasts, Per: per, Waiver: w, Binds: rules.Selector{Channels: []rules.Channel{"call"}},
		}}
	})
}

func talked(talks ...rules.Talk) *rules.Person { return &rules.Person{Talks: talks} }

// Whoever has been reached has been reached: a pause lasts from the conversation on,
// by the clock or by the calendar, to the millisecond; of several talks the latest
// counts, whatever order they are kept in.
func TestAPauseAfterATalk(t *testing.T) {
	call, clock := to("call", "service"), rules.Window{Length: 36 * hour}
	first, second := rules.Talk{Channel: "call", At: noon}, rules.Talk{Channel: "sms", At: noon.Add(hour)}
	opens(t, paused(t, clock, nil), talked(first), call, "cap.talk", noon.Add(36*hour))
	opens(t, paused(t, clock, nil), talked(first, second), call, "cap.talk", noon.Add(37*hour))
	opens(t, paused(t, clock, nil), talked(second, first), call, "cap.talk", noon.Add(37*hour))
	vetoed(t, ask(paused(t, clock, nil), talked(first), call, noon), "cap.talk") // at the instant itself
	approved(t, ask(paused(t, clock, nil), nobody(), call, noon))
	approved(t, ask(paused(t, clock, nil), talked(first), to("email", "service"), noon.Add(hour)))

	t.Run("days of the calendar, where the person may be", func(t *testing.T) {
		days := paused(t, rules.Window{Kind: rules.CalendarDays, Days: 2}, nil)
		for zone, midnight := range map[string]string{
			"UTC": "2026-05-06T00:00:00Z", "America/New_York": "2026-05-06T00:00:00-04:00", "Pacific/Kiritimati": "2026-05-07T00:00:00+14:00",
		} {
			opens(t, days, talked(first), to("call", "service", zones(zone)), "cap.talk", at(midnight))
		}
		opens(t, days, talked(first), to("call", "service", zones("UTC", "America/New_York")), "cap.talk", at("2026-05-06T00:00:00-04:00"))
		change := talked(rules.Talk{At: at("2026-10-31T23:59:59-04:00")})
		opens(t, days, change, to("call", "service", zones("America/New_York")), "cap.talk", at("2026-11-02T00:00:00-05:00"))
	})
	t.Run("it says when that was", func(t *testing.T) {
		d := ask(paused(t, clock, nil), talked(second, first, rules.Talk{Channel: "call", At: noon.Add(-9 * day)}), call, noon.Add(2*hour))
		const want = "somebody talked with the person on 2026-05-04, and then nobody does for 36h"
		if o := d.Objections[0]; o.Detail != want || o.Line != line(6) || o.Rule != "cap.talk" {
			t.Errorf("the objection is %+v", o)
		}
	})
	t.Run("it counts nothing, and takes back what is out", func(t *testing.T) {
		p := paused(t, clock, nil)
		if got := evidence(ask(p, talked(first), call, noon)); len(got) > 0 {
			t.Errorf("evidence %v", got)
		}
		who := with(sent(noon, 0, call))
		who.Talks = []rules.Talk{{Channel: "call", At: noon.Add(minute)}}
		if reason, _ := rejudged(p, who, noon.Add(minute)); reason != "cap.talk" {
			t.Errorf("judged again: %q", reason)
		}
	})
}

// "Per subject": only what was talked about pauses, and what nobody knows the
// subject of pauses all; per channel only where it was talked.
func TestAPausePerSubjectAndChannel(t *testing.T) {
	rent, unsaid := rules.Talk{Channel: "call", Subject: "rent", At: noon}, rules.Talk{Channel: "chat", At: noon}
	for _, c := range []struct {
		per     []rules.Key
		talk    rules.Talk
		subject rules.Subject
		paused  bool
	}{
		{nil, rent, "rent", true}, {nil, rent, "water", true}, {nil, unsaid, "", true},
		{[]rules.Key{rules.PerSubject}, rent, "rent", true}, {[]rules.Key{rules.PerSubject}, rent, "water", false},
		{[]rules.Key{rules.PerSubject}, rent, "", true}, {[]rules.Key{rules.PerSubject}, unsaid, "water", true},
		{[]rules.Key{rules.PerChannel}, rent, "water", true}, {[]rules.Key{rules.PerChannel}, unsaid, "water", false},
		{[]rules.Key{rules.PerSubject, rules.PerChannel}, rent, "rent", true}, {[]rules.Key{rules.PerSubject, rules.PerChannel}, rent, "water", false},
		{[]rules.Key{rules.PerSubject, rules.PerChannel}, unsaid, "rent", false},
	} {
		p := paused(t, rules.Window{Length: hour}, nil, c.per...)
		in := to("call", "service", subject(c.subject))
		if c.paused {
			opens(t, p, talked(c.talk), in, "cap.talk", noon.Add(hour))
		} else {
			approved(t, ask(p, talked(c.talk), in, noon))
		}
		if t.Failed() {
			t.Fatalf("per %v, %+v, about %q", c.per, c.talk, c.subject)
		}
	}
}

// A fresh consent sets a pause aside, given in the conversation or after it; an
// approval does not outlive the consent if the pause does.
func TestAPauseSetAside(t *testing.T) {
	p := paused(t, rules.Window{Length: 48 * hour}, &rules.WaiverSpec{For: rules.Window{Length: 10 * hour}})
	call := to("call", "service")
	who := talked(rules.Talk{Channel: "call", At: noon})
	who.Consents = []rules.Consent{consent(noon, rules.Scope{Channel: "call"})}
	over := noon.Add(10 * hour)
	closes(t, p, who, call, "cap.talk", over, noon.Add(48*hour))
	opens(t, p, who, call, "cap.talk", noon.Add(48*hour))
	for back, life := range map[time.Duration]time.Duration{15*minute + ms: 15 * minute, 15 * minute: 15 * minute, 15*minute - ms: 15*minute - ms, ms: ms} {
		if d := ask(p, who, call, over.Add(-back)); d.NotAfter != over.Add(life-back) {
			t.Errorf("%s before the consent is spent the approval lives until %s", back, d.NotAfter)
		}
	}

	t.Run("the pause is over before the consent", func(t *testing.T) {
		p := paused(t, rules.Window{Length: 10 * hour}, &rules.WaiverSpec{For: rules.Window{Length: 10 * hour}})
		who := talked(rules.Talk{Channel: "call", At: noon})
		who.Consents = []rules.Consent{consent(noon, rules.Scope{})}
		d := ask(p, who, call, over-1)
		approved(t, d)
		if d.NotAfter != over.Add(15*minute)-1 {
			t.Errorf("it lives until %s", d.NotAfter)
		}
	})
	t.Run("another talk ends it", func(t *testing.T) {
		who := talked(rules.Talk{Channel: "call", At: noon + 1})
		who.Consents = []rules.Consent{consent(noon, rules.Scope{})}
		opens(t, p, who, call, "cap.talk", noon.Add(48*hour+ms))
	})
	t.Run("none is set aside where the policy says nothing of it", func(t *testing.T) {
		opens(t, paused(t, rules.Window{Length: 48 * hour}, nil), who, call, "cap.talk", noon.Add(48*hour))
	})
}
