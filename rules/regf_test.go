package rules_test

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Regulation F (12 CFR part 1006), by its own examples: the commentary's, in
// supplement I. What the rules of such a policy can do besides is told beside each.

// regF is debt collection in the United States: the debt is the subject.
func regF(t *testing.T) *rules.Policy {
	return bare(t, func(s *rules.Spec) {
		calls := rules.Selector{Classes: []rules.Class{rules.Collection}, Channels: []rules.Channel{"call"}}
		week := rules.Window{Kind: rules.CalendarDays, Days: 7}
		perDebt := []rules.Key{rules.PerSubject}
		s.Caps = []rules.CapSpec{{Name: "debt.week", Most: 7, In: week, Binds: calls, Counts: calls, Per: perDebt, Waiver: &rules.WaiverSpec{For: week}}}
		s.Pauses = []rules.PauseSpec{{Name: "debt.talk", For: week, Binds: calls, Per: perDebt, Waiver: &rules.WaiverSpec{For: week}}}
		s.Hours = []rules.HoursSpec{{Binds: rules.Selector{Classes: []rules.Class{rules.Collection}}, Open: []rules.OpenSpec{daily(8*hour, 21*hour)}}}
		s.AnswerOnce = new(rules.TermsRule)
	})
}

// newYork is an instant there, in the summer of 2026.
func newYork(s string) rules.Instant { return at("2026-" + s + ":00-04:00") }

// debt is a call about a debt, to somebody in New York.
func debt(options ...func(*rules.Intent)) rules.Intent {
	return to("call", "collection", append([]func(*rules.Intent){subject("visa"), zones("America/New_York")}, options...)...)
}

// sevenCalls were placed from 1 to 7 April, one a day, later and later.
func sevenCalls(fate rules.Fate) *rules.Person {
	var all []rules.Contact
	for i := range 7 {
		all = append(all, sent(newYork("04-01T08:00").Add(time.Duration(i)*(day+2*hour)), fate, debt()))
	}
	return with(all...)
}

// "A debt collector who has placed seven telephone calls … on April 1 through April
// 7 … may place the next on April 8" (comment 14(b)(2)(i)-1.i): the day of the first
// call is day 1, whatever the hour.
func TestRegFSevenCallsInSevenDays(t *testing.T) {
	p := regF(t)
	who := sevenCalls(rules.WasRedeemed | rules.Happened)
	d := ask(p, who, debt(), newYork("04-07T20:30"))
	vetoed(t, d, "cap.debt.week")
	if d.Objections[0].Earliest != newYork("04-08T00:00") || d.Earliest != newYork("04-08T08:00") {
		t.Errorf("the cap opens %s, and the first call is at %s", d.Objections[0].Earliest, d.Earliest)
	}
	approved(t, ask(p, who, debt(), newYork("04-08T08:00")))
	who = with(append(who.Contacts, sent(newYork("04-08T08:00"), rules.WasRedeemed, debt()))...)
	vetoed(t, ask(p, who, debt(), newYork("04-08T12:00")), "cap.debt.week")

	t.Run("an eighth on the seventh day", func(t *testing.T) {
		who := sevenCalls(rules.WasRedeemed)
		approved(t, ask(p, with(who.Contacts[1:]...), debt(), newYork("04-07T20:30")))
		vetoed(t, ask(p, who, debt(), newYork("04-07T20:59")), "cap.debt.week")
	})
	t.Run("about another debt, or by another medium", func(t *testing.T) {
		who := sevenCalls(rules.WasRedeemed)
		approved(t, ask(p, who, debt(subject("mastercard")), newYork("04-07T20:30")))
		approved(t, ask(p, who, to("email", "collection", subject("visa")), newYork("04-07T16:30")))
		approved(t, ask(p, who, to("sms", "collection", subject("visa")), newYork("04-07T16:30")))
		for i := range who.Contacts {
			who.Contacts[i].Channel = "sms" // "texts and e-mails are not calls"
		}
		approved(t, ask(p, who, debt(), newYork("04-07T20:30")))
	})
	t.Run("busy and not in service do not count, voicemail and wrong numbers as they should", func(t *testing.T) {
		for fate, counts := range map[rules.Fate]bool{
			rules.WasRedeemed: true, rules.WasRedeemed | rules.Happened: true, rules.WasRedeemed | rules.Busy: false,
			rules.WasRedeemed | rules.NotSent: false, rules.WasRedeemed | rules.Happened | rules.WrongNumber: false,
		} {
			if d := ask(p, sevenCalls(fate), debt(), newYork("04-07T20:30")); counts == (d.Verdict == rules.Approved) {
				t.Errorf("of fate %b: %s", fate, d.Verdict)
			}
		}
	})
}

// "The date of the telephone conversation is the first day": a talk on 13 August, a
// call on 20 August, "regardless of which party initiated" it (comments
// 14(b)(2)(i)-1.ii, 14(b)(4)-1.ii). It is about the debts that were discussed.
func TestRegFAfterATalk(t *testing.T) {
	p := regF(t)
	for _, hour := range []string{"08-13T00:00", "08-13T09:00", "08-13T23:59"} {
		who := &rules.Person{Talks: []rules.Talk{{Channel: "call", Subject: "visa", At: newYork(hour)}}}
		d := ask(p, who, debt(), newYork("08-19T20:30"))
		vetoed(t, d, "cap.debt.talk")
		if d.Objections[0].Earliest != newYork("08-20T00:00") || d.Earliest != newYork("08-20T08:00") {
			t.Errorf("after a talk at %s: free at %s, and the first call at %s", hour, d.Objections[0].Earliest, d.Earliest)
		}
		approved(t, ask(p, who, debt(), newYork("08-20T08:00")))
		approved(t, ask(p, who, debt(subject("mastercard")), newYork("08-14T10:00")))
		vetoed(t, ask(p, who, debt(subject("")), newYork("08-14T10:00")), "cap.debt.talk") // it may be about this one
		approved(t, ask(p, who, to("email", "collection", subject("visa")), newYork("08-14T16:00")))
	}
	unsaid := &rules.Person{Talks: []rules.Talk{{Channel: "call", At: newYork("08-13T09:00")}}}
	vetoed(t, ask(p, unsaid, debt(subject("mastercard")), newYork("08-19T20:30")), "cap.debt.talk")
}

// "Prior consent given directly to the debt collector and within a period no longer
// than seven consecutive days after receiving [it], with the date [of receipt]
// counting as the first day" (14(b)(3)(i)): what is called under it "does not count",
// then or later.
func TestRegFPriorConsent(t *testing.T) {
	p := regF(t)
	who := sevenCalls(rules.WasRedeemed)
	approval := func(when rules.Instant) {
		t.Helper()
		d := ask(p, who, debt(), when)
		approved(t, d)
		c := sent(when, rules.WasRedeemed, debt())
		c.Waived = d.Waived()
		who.Contacts = append(who.Contacts, c)
	}
	vetoed(t, ask(p, who, debt(), newYork("04-07T20:30")), "cap.debt.week")
	who.Consents = []rules.Consent{consent(newYork("04-07T20:40"), rules.Scope{Channel: "call", Subject: "visa"})}
	approval(newYork("04-07T20:50"))
	for i := range 12 {
		approval(newYork("04-13T08:00").Add(time.Duration(i) * hour))
	}
	// On the eighth day the consent is spent. None of the thirteen counts, nor do the seven of the week before.
	for i := range 7 {
		approval(newYork("04-14T08:00").Add(time.Duration(i) * hour))
	}
	vetoed(t, ask(p, who, debt(), newYork("04-14T20:00")), "cap.debt.week")
	if got := evidence(ask(p, who, debt(), newYork("04-14T20:00")))[0]; got != (rules.Evidence{Rule: "cap.debt.week", Used: 7, Limit: 7}) {
		t.Errorf("evidence %+v", got)
	}
}

// It "expires when … the person revokes such prior consent; or the debt collector has
// a telephone conversation with the person regarding the particular debt" (comment
// 14(b)(3)(i)-2).
func TestRegFPriorConsentEnds(t *testing.T) {
	p := regF(t)
	who := sevenCalls(rules.WasRedeemed)
	yes, when := newYork("04-06T12:00"), newYork("04-07T20:50")
	who.Consents = []rules.Consent{consent(yes, rules.Scope{Subject: "visa"})}
	approved(t, ask(p, who, debt(), when))

	who.Talks = []rules.Talk{{Channel: "call", Subject: "mastercard", At: yes.Add(hour)}}
	approved(t, ask(p, who, debt(), when))
	who.Talks = []rules.Talk{{Channel: "call", Subject: "visa", At: yes.Add(hour)}}
	vetoed(t, ask(p, who, debt(), when), "cap.debt.week", "cap.debt.talk")
	who.Consents = append(who.Consents, consent(yes.Add(2*hour), rules.Scope{Subject: "visa"})) // given anew, after it
	approved(t, ask(p, who, debt(), when))

	who.Noes = []rules.No{refusal(yes.Add(3*hour), rules.Scope{Subject: "visa", Channel: "call"})}
	d := ask(p, who, debt(), when)
	final(t, d, rules.RefusedSubject, "cap.debt.week", "cap.debt.talk")
}

// "A time that would be convenient in all of the locations at which … the consumer
// might be located" (comment 6(b)(1)(i)-2): Eastern and Pacific time together leave
// 11:00 to 21:00 Eastern. An e-mail "occurs when the debt collector sends it".
func TestRegFTwoTimeZones(t *testing.T) {
	p := regF(t)
	for _, channel := range []rules.Channel{"call", "email", "sms"} {
		in := to(channel, "collection", zones("America/New_York", "America/Los_Angeles"))
		opens(t, p, nobody(), in, rules.QuietHours, newYork("08-13T11:00"))
		closes(t, p, nobody(), in, rules.QuietHours, newYork("08-13T21:00"), newYork("08-14T11:00"))
		in = to(channel, "collection", zones("America/New_York"))
		opens(t, p, nobody(), in, rules.QuietHours, newYork("08-13T08:00"))
		closes(t, p, nobody(), in, rules.QuietHours, newYork("08-13T21:00"), newYork("08-14T08:00"))
	}
}

// "If a person initiates contact … using a medium of communication that the person
// previously requested the debt collector not use, the debt collector may respond
// once through the same medium" (14(h)(2)(ii)).
func TestRegFAnswersOnce(t *testing.T) {
	p := regF(t)
	who := &rules.Person{Noes: []rules.No{refusal(newYork("08-10T12:00"), rules.Scope{Channel: "sms"})}}
	in := to("sms", "collection", subject("visa"), zones("America/New_York"), replyTo("q"))
	final(t, ask(p, who, in, newYork("08-13T12:00")), rules.RefusedState)
	who.Asked = []rules.Request{{Signal: "q", Channel: "sms", At: newYork("08-13T11:00")}}
	approved(t, ask(p, who, in, newYork("08-13T12:00")))
	vetoed(t, ask(p, who, in, newYork("08-13T22:00")), rules.QuietHours) // what else the rules say still holds
	who.Contacts = []rules.Contact{sent(newYork("08-13T12:00"), rules.WasRedeemed, in)}
	final(t, ask(p, who, in, newYork("08-13T13:00")), rules.RefusedState)
}
