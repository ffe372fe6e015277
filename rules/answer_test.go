package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// answers is a policy that lets one answer through a refused medium.
func answers(t *testing.T) *rules.Policy {
	return bare(t, func(s *rules.Spec) { s.AnswerOnce = new(rules.TermsRule) })
}

// asking is a person who refused texts at noon, and sent one an hour later.
func asking() *rules.Person {
	return &rules.Person{
		Noes:  []rules.No{refusal(noon, rules.Scope{Channel: "sms"})},
		Asked: []rules.Request{{Signal: "p", Channel: "call", At: noon.Add(hour)}, {Signal: "q", Channel: "sms", At: noon.Add(hour)}},
	}
}

// "A reply_to naming the person's own reply or conversation lets one answer through
// a refusal of that medium", which it came after.
func TestWhoAsksThroughARefusedMediumIsAnswered(t *testing.T) {
	in, when := to("sms", "service", replyTo("q")), noon.Add(2*hour)
	approved(t, ask(answers(t), asking(), in, when))
	final(t, ask(bare(t, func(*rules.Spec) {}), asking(), in, when), rules.RefusedState)

	for what, change := range map[string]func(*rules.Person, *rules.Intent){
		"it names nothing":                 func(_ *rules.Person, in *rules.Intent) { in.ReplyTo = "" },
		"it names nothing, and so did it":  func(who *rules.Person, in *rules.Intent) { in.ReplyTo, who.Asked[1].Signal = "", "" },
		"it names what nobody said":        func(_ *rules.Person, in *rules.Intent) { in.ReplyTo = "r" },
		"it names what was said elsewhere": func(_ *rules.Person, in *rules.Intent) { in.ReplyTo = "p" },
		"it was said before the refusal":   func(who *rules.Person, _ *rules.Intent) { who.Asked[1].At = noon - 1 },
		"it was said with the refusal":     func(who *rules.Person, _ *rules.Intent) { who.Asked[1].At = noon },
		"it was forgotten": func(who *rules.Person, _ *rules.Intent) {
			who.Noes[0].At, who.Asked[1].At = noon.Add(-500*day), when.Add(-400*day)
		},
		"a subject was refused":            func(who *rules.Person, in *rules.Intent) { who.Noes[0].Scope.Subject, in.Subject = "rent", "rent" },
		"a purpose was refused":            func(who *rules.Person, _ *rules.Intent) { who.Noes[0].Scope.Purpose = "service" },
		"an address was refused":           func(who *rules.Person, _ *rules.Intent) { who.Noes[0].Scope.Address = "a" },
		"everything was refused":           func(who *rules.Person, _ *rules.Intent) { who.Noes[0].Scope.Channel = "" },
		"the person asked to be forgotten": func(who *rules.Person, _ *rules.Intent) { who.Noes[0].Erased = true },
		"everything was refused as well":   func(who *rules.Person, _ *rules.Intent) { who.Noes = append(who.Noes, refusal(noon, rules.Scope{})) },
		"the medium was refused again since": func(who *rules.Person, _ *rules.Intent) {
			who.Noes = append(who.Noes, refusal(noon.Add(hour), rules.Scope{Channel: "sms"}))
		},
		"somebody else refused it there": func(_ *rules.Person, in *rules.Intent) {
			in.Address, in.AddressNoes = "a", []rules.AddressNo{{No: refusal(noon, rules.Scope{Channel: "sms", Address: "a"})}}
		},
	} {
		who, in := asking(), in
		change(who, &in)
		if d := ask(answers(t), who, in, when); d.Verdict != rules.Vetoed || !d.Final() {
			t.Errorf("%s: %s, earliest %s", what, d.Verdict, d.Earliest)
		}
	}
	for what, change := range map[string]func(*rules.Person, *rules.Intent){
		"the medium of one brand was refused": func(who *rules.Person, in *rules.Intent) { who.Noes[0].Scope.Brand, in.Brand = "acme", "acme" },
		"it was said a millisecond after":     func(who *rules.Person, _ *rules.Intent) { who.Asked[1].At = noon + 1 },
		"it was nearly forgotten": func(who *rules.Person, _ *rules.Intent) {
			who.Noes[0].At, who.Asked[1].At = noon.Add(-500*day), when.Add(-400*day)+1
		},
		"it is about a subject": func(_ *rules.Person, in *rules.Intent) { in.Subject = "rent" },
	} {
		who, in := asking(), in
		change(who, &in)
		if d := ask(answers(t), who, in, when); d.Verdict != rules.Approved {
			t.Errorf("%s: %v", what, d.Objections)
		}
	}
}

// Once: what answered it before was the answer, on whatever medium, unless it was
// given back. An approval that is out may expire.
func TestWhoAsksIsAnsweredOnce(t *testing.T) {
	answer := to("sms", "service", replyTo("q"))
	who := asking()
	who.Contacts = []rules.Contact{sent(noon.Add(2*hour), rules.WasRedeemed, answer)}
	final(t, ask(answers(t), who, answer, noon.Add(3*hour)), rules.RefusedState)
	who.Contacts = []rules.Contact{sent(noon.Add(2*hour), rules.WasRedeemed, to("email", "receipt", replyTo("q")))}
	final(t, ask(answers(t), who, answer, noon.Add(3*hour)), rules.RefusedState)
	who.Contacts = []rules.Contact{sent(noon.Add(2*hour), rules.WasRedeemed, to("sms", "service", replyTo("p")))}
	approved(t, ask(answers(t), who, answer, noon.Add(3*hour)))
	who.Contacts = []rules.Contact{sent(noon.Add(2*hour), rules.NotSent, answer)}
	approved(t, ask(answers(t), who, answer, noon.Add(3*hour)))
	who.Contacts = []rules.Contact{sent(noon.Add(2*hour), 0, answer)}
	opens(t, answers(t), who, answer, rules.RefusedState, noon.Add(2*hour+15*minute))

	t.Run("the answer itself is not taken back for being one", func(t *testing.T) {
		if reason, objects := rejudged(answers(t), who, noon.Add(2*hour)); objects {
			t.Errorf("taken back for %s", reason)
		}
	})
	t.Run("a later refusal takes it back", func(t *testing.T) {
		who := asking()
		who.Contacts = []rules.Contact{sent(noon.Add(2*hour), 0, answer)}
		who.Noes = append(who.Noes, refusal(noon.Add(2*hour), rules.Scope{Channel: "sms"}))
		if reason, _ := rejudged(answers(t), who, noon.Add(2*hour)); reason != rules.RefusedState {
			t.Errorf("judged again: %q", reason)
		}
	})
	t.Run("the refusal is told that stands, not the one that is answered", func(t *testing.T) {
		who := asking()
		who.Noes = append(who.Noes, refusal(noon.Add(day), rules.Scope{Channel: "sms", Brand: "acme"}))
		d := ask(answers(t), who, to("sms", "service", brand("acme"), replyTo("q")), noon.Add(2*day))
		final(t, d, rules.RefusedState)
		if got, want := d.Objections[0].Detail, "the person said no on 2026-05-05 (channel sms, brand acme)"; got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	})
}
